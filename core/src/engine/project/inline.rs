//! Projections that are carried on in the transaction of an append.

use std::collections::HashSet;
use std::rc::{Rc, Weak};

use bytes::Bytes;
use futures_util::future::{FutureExt, LocalBoxFuture};

use super::batch::place;
use super::fold::{Working, failure, failure_among, lift};
use super::projector::{Known, Projector, Scope, Step};
use super::record::{Head, ProjectionFailure};
use crate::domain::{Position, Projection, RecordedEvent};
use crate::engine::store::Inner;
use crate::storage::{Derived, DerivedWrite};

/// A projection as the append sees it.
pub(in crate::engine) trait Inline {
    /// Catches up with the log as it is known here, and brings into memory what `events` will need. A read model that is
    /// being built is not waited for.
    fn prepare<'a>(&'a self, events: &'a [RecordedEvent]) -> LocalBoxFuture<'a, ()>;

    /// The write that folds `events`, which come directly behind `head`; `None` when the projection takes no part.
    fn write(&self, head: Position, events: &[RecordedEvent]) -> Option<DerivedWrite>;

    /// Told after each attempt whether the last write was stored.
    fn settle(&self, is_stored: bool);
}

/// What a write that is under way makes of the projection.
pub(super) struct Pending<S> {
    stored: Bytes,
    head: Head,
    working: Working<S>,
}

impl Inner {
    pub(super) fn register_inline<P: Projection + 'static>(&self, projector: &Rc<Projector<P>>) {
        let weak: Weak<Projector<P>> = Rc::downgrade(projector);
        let inline: Weak<dyn Inline> = weak;
        self.inline.borrow_mut().push(inline);
    }

    /// The projections that take part in appends, those dropped left out.
    pub(in crate::engine) fn inline_projections(&self) -> Vec<Rc<dyn Inline>> {
        let mut inline = self.inline.borrow_mut();
        inline.retain(|projection| projection.strong_count() > 0);
        inline.iter().filter_map(Weak::upgrade).collect()
    }
}

impl<P: Projection> Projector<P> {
    /// Whether what answers is of this version, and alive.
    fn takes_part(&self, head: &Head) -> bool {
        let is_own = head.active.version == self.version;
        is_own && head.active.failure.is_none() && !self.is_stopped.get()
    }

    /// What to answer when what is known here does not suffice: a write that cannot be stored, so that the append is tried
    /// again behind another [`prepare`](Inline::prepare). When that does not help either, the append goes on alone, and the
    /// projection catches up behind it.
    fn refusal(&self) -> DerivedWrite {
        let guard = Some((self.keys.head(), Some(Bytes::from_static(b"never"))));
        DerivedWrite { table: Derived::Projections, guard, clear: Vec::new(), changes: Vec::new() }
    }

    /// Folds events into a copy of what they touch. `None` when not all of that is in memory.
    fn fold_beside(
        &self,
        working: &Working<P::State>,
        events: Vec<RecordedEvent>,
    ) -> Option<(Working<P::State>, Option<ProjectionFailure>)> {
        let (lifted, unlifted) = lift(&self.store, events);
        self.projection.prepare(&lifted);
        let placed = place(&self.projection, &lifted, &working.states);
        let partitions = placed.partitions;
        let mut part = working.part(partitions.iter().flatten())?;
        // An event that was split is folded whole or not at all.
        let mut sound: Option<(Position, Working<P::State>)> = None;
        let mut failed = placed.failure.and_then(|failed| failure_among(&lifted, failed)).or(unlifted);
        for (event, partition) in lifted.iter().zip(&partitions) {
            let Some(partition) = partition else { continue };
            if sound.as_ref().is_none_or(|(position, _)| *position != event.position()) {
                sound = Some((event.position(), part.clone()));
            }
            if let Err(error) = part.apply(&self.projection, event, partition) {
                failed = Some(failure(event, error));
                break;
            }
        }
        if let Some(failed) = &failed
            && let Some((_, sound)) = sound.filter(|(position, _)| *position == failed.position)
        {
            part = sound;
        }
        Some((part, failed))
    }
}

impl<P: Projection> Inline for Projector<P> {
    fn prepare<'a>(&'a self, events: &'a [RecordedEvent]) -> LocalBoxFuture<'a, ()> {
        async move {
            // Whatever fails here fails the append's own transaction as well, or leaves the projection behind, which then
            // catches up.
            let _gate = self.gate.lock().await;
            while !self.is_stopped.get() && matches!(self.step_inside(Scope::Active).await, Ok(Step::Worked)) {}
            let Some(mut known) = self.known.borrow_mut().take() else { return };
            if self.takes_part(&known.head) {
                let working = known.working.take().filter(|working| working.is_of(&known.head.active));
                let mut working = working.unwrap_or_else(|| Working::new(&known.head.active));
                let skipped = HashSet::new();
                let source = self.source(&skipped);
                let matching = events.iter().filter(|event| self.query.matches(event)).cloned().collect();
                let (events, _) = lift(&self.store, matching);
                self.projection.prepare(&events);
                let placed = place(&self.projection, &events, &working.states);
                if working.load(&source, &placed.partitions).await.is_ok() {
                    known.working = Some(working);
                }
            }
            *self.known.borrow_mut() = Some(known);
        }
        .boxed_local()
    }

    fn write(&self, head: Position, events: &[RecordedEvent]) -> Option<DerivedWrite> {
        self.pending.borrow_mut().take();
        if self.is_stopped.get() {
            return None;
        }
        // Whoever holds the gate changes what is known.
        let Some(_gate) = self.gate.try_lock() else { return Some(self.refusal()) };
        let known = self.known.borrow();
        let Some(known) = &*known else { return Some(self.refusal()) };
        if !self.takes_part(&known.head) {
            return None;
        }
        // What is being built has a working copy too.
        let is_ready = |working: &&Working<P::State>| working.at == head && working.is_of(&known.head.active);
        let Some(working) = known.working.as_ref().filter(is_ready) else {
            return Some(self.refusal());
        };
        let matching = events.iter().filter(|event| self.query.matches(event)).cloned().collect();
        let Some((mut working, failed)) = self.fold_beside(working, matching) else {
            return Some(self.refusal());
        };
        let last = events.last().map_or(head, RecordedEvent::position);
        working.at = failed.as_ref().map_or(last, |failed| Position::new(failed.position.get().saturating_sub(1)));
        let mut next = known.head.clone();
        next.active.checkpoint = working.at;
        next.active.failure = failed;
        // What cannot be written fails the projection, not the append: it meets the same when it catches up.
        let changes = working.changes(&self.keys).ok()?;
        let write = Projector::write(self, &known.stored, &next, Vec::new(), changes);
        *self.pending.borrow_mut() = Some(Pending { stored: next.encode(), head: next, working });
        Some(write)
    }

    fn settle(&self, is_stored: bool) {
        let pending = self.pending.borrow_mut().take();
        if !is_stored {
            // Another handle may have written to the projection: nothing that is known here can be relied on.
            self.forget();
            return;
        }
        if let Some(Pending { stored, head, working }) = pending {
            let before = self.known.borrow_mut().take().and_then(|known| known.working);
            let working = before.map(|before| before.overlaid(working));
            *self.known.borrow_mut() = Some(Known { stored: Some(stored), head, working });
            self.store.inner.derived_changed();
        }
    }
}
