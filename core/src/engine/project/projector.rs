//! One projection on one handle: its stored head record, and the steps that carry it on.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use bytes::Bytes;
use futures_util::lock::Mutex;

use super::error::ProjectionError;
use super::fold::{Broken, Source, Working};
use super::inline::Pending;
use super::options::ProjectionOptions;
use super::record::{Generation, Head, Keys, ProjectionFailure};
use crate::domain::{Position, Projection, Query, Timestamp};
use crate::engine::EventStore;
use crate::storage::{Derived, DerivedWrite, Lead, Nudge, StorageError};

/// A projection on a handle.
pub(super) struct Projector<P: Projection> {
    pub(super) store: EventStore,
    pub(super) projection: P,
    pub(super) query: Query,
    pub(super) keys: Keys,
    pub(super) options: ProjectionOptions,
    /// Held by whoever carries the read model on.
    pub(super) gate: Mutex<()>,
    /// What is known to be stored, and the working copy that goes with it.
    pub(super) known: RefCell<Option<Known<P::State>>>,
    pub(super) pending: RefCell<Option<Pending<P::State>>>,
    /// Appends in a row that could not take the projection along at once.
    pub(super) refusals: Cell<u32>,
    pub(super) lead: RefCell<Option<Box<dyn Lead>>>,
    /// The head record that another handle left unchanged, and since when, while there was work.
    stuck: RefCell<Option<(Option<Bytes>, Timestamp)>>,
    pub(super) is_stopped: Cell<bool>,
    pub(super) events_per_second: Cell<f64>,
}

/// A head record as it was last seen or written here.
pub(super) struct Known<S> {
    /// Its bytes, the guard of the next write; `None` when nothing is stored yet.
    pub(super) stored: Option<Bytes>,
    pub(super) head: Head,
    pub(super) working: Option<Working<S>>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There was something to do, and there may be more.
    Worked,
    /// There is nothing to do: the read model is where the log is, has failed, or is another version's.
    Idle,
}

impl<P: Projection> Projector<P> {
    pub(super) fn new(store: &EventStore, projection: P, options: ProjectionOptions) -> Self {
        let (query, keys) = (projection.query(), Keys::new(projection.name()));
        Self {
            store: store.clone(),
            projection,
            query,
            keys,
            options,
            gate: Mutex::new(()),
            known: RefCell::new(None),
            pending: RefCell::new(None),
            refusals: Cell::new(0),
            lead: RefCell::new(None),
            stuck: RefCell::new(None),
            is_stopped: Cell::new(false),
            events_per_second: Cell::new(0.0),
        }
    }

    pub(super) fn name(&self) -> String {
        self.projection.name().to_owned()
    }

    /// The head record as it is stored now; a new one where there is none or it is damaged.
    pub(super) async fn look(&self) -> Result<(Option<Bytes>, Head), ProjectionError> {
        let found = self.store.inner.storage.derived(Derived::Projections, &[self.keys.head()]).await?;
        let stored = found.into_iter().next().flatten();
        let head = stored.as_ref().and_then(Head::decode).unwrap_or_else(|| Head::new(self.projection.version()));
        Ok((stored, head))
    }

    /// Forgets what is known, so that the next step reads it anew.
    pub(super) fn forget(&self) {
        self.known.borrow_mut().take();
    }

    /// What this version of the projection works on next; `None` when it has no part in what is stored.
    pub(super) fn own<'a>(&self, head: &'a Head) -> Option<&'a Generation> {
        let version = self.projection.version();
        let building = head.building.as_ref().filter(|building| building.version == version);
        let active = Some(&head.active).filter(|active| active.version == version);
        building.or(active)
    }

    /// Whether there is work for this version of the projection.
    pub(super) fn has_work(&self, head: &Head) -> bool {
        let version = self.projection.version();
        match self.own(head) {
            Some(own) => own.failure.is_none() && (own.checkpoint < self.store.head() || head.building.is_some()),
            None => head.active.version < version,
        }
    }

    /// Works until there is nothing more to do, or another handle has the lead.
    pub(super) async fn work(&self) -> Result<(), ProjectionError> {
        loop {
            if self.is_stopped.get() {
                return Ok(());
            }
            let (stored, head) = self.look().await?;
            if !self.has_work(&head) {
                self.stuck.borrow_mut().take();
                return Ok(());
            }
            if !self.take_lead(&stored).await {
                return Ok(());
            }
            if self.step().await? == Step::Idle {
                return Ok(());
            }
        }
    }

    /// Whether this handle may work now.
    pub(super) async fn has_lead_or_takes_it(&self) -> Result<bool, ProjectionError> {
        let (stored, _) = self.look().await?;
        Ok(self.take_lead(&stored).await)
    }

    /// Takes the lead if it is free, or if whoever has it has long made no progress.
    async fn take_lead(&self, stored: &Option<Bytes>) -> bool {
        if self.leads() {
            return true;
        }
        let storage = &self.store.inner.storage;
        let now = storage.host().now();
        let is_stuck = {
            let mut stuck = self.stuck.borrow_mut();
            match &*stuck {
                Some((seen, since)) if seen == stored => {
                    let waited = now.as_micros().abs_diff(since.as_micros());
                    u128::from(waited) >= self.options.patience.as_micros()
                }
                _ => {
                    *stuck = Some((stored.clone(), now));
                    false
                }
            }
        };
        // Another version of the application has work of its own, which this one cannot do.
        let lead = format!("{} {}", self.projection.name(), self.projection.version());
        let lead = storage.lead(&lead, is_stuck).await;
        let is_taken = lead.is_some();
        if is_taken {
            self.stuck.borrow_mut().take();
        }
        *self.lead.borrow_mut() = lead;
        is_taken
    }

    /// Whether this handle has the lead.
    pub(super) fn leads(&self) -> bool {
        self.lead.borrow().as_ref().is_some_and(|lead| !lead.is_lost())
    }

    /// Lets another handle have the lead.
    pub(super) fn release_lead(&self) {
        self.lead.borrow_mut().take();
    }

    /// Carries the read model on by one write.
    pub(super) async fn step(&self) -> Result<Step, ProjectionError> {
        let gate = self.gate.lock().await;
        let step = self.step_inside().await;
        drop(gate);
        step
    }

    pub(super) async fn step_inside(&self) -> Result<Step, ProjectionError> {
        // Taken out for as long as it is worked on: work that is given up half way leaves nothing that is half true.
        let known = self.known.borrow_mut().take();
        let mut known = match known {
            Some(known) => known,
            None => {
                let (stored, head) = self.look().await?;
                Known { stored, head, working: None }
            }
        };
        let mut clear = Vec::new();
        if known.stored.as_ref().is_some_and(|record| Head::decode(record).is_none()) {
            // Nobody knows what the read models are of that stand there: the projection begins anew.
            let next = Head::new(self.projection.version());
            let write = self.write(&known, &next, vec![self.keys.generations()], Vec::new());
            return self.store_and_keep(next, None, write).await;
        }
        let version = self.projection.version();
        let mut next = known.head.clone();
        if next.active.version < version && self.own(&next).is_none() {
            next.building.take().into_iter().for_each(|other| clear.push(self.keys.generation(other.number)));
            next.begin_building(version);
        }
        let Some(own) = self.own(&next).cloned() else {
            *self.known.borrow_mut() = Some(known);
            return Ok(Step::Idle);
        };
        let until = self.store.head();
        let is_building = next.building.as_ref().is_some_and(|building| building.number == own.number);
        if own.failure.is_some() || (own.checkpoint >= until && !is_building) {
            *self.known.borrow_mut() = Some(known);
            return Ok(Step::Idle);
        }
        let folded = self.fold(known.working.take(), &own, until).await;
        let (mut working, failure) = match folded {
            Ok(folded) => folded,
            Err(Broken::Damaged) => {
                // What was kept cannot be read: it is made anew from the log.
                clear.push(self.keys.generation(own.number));
                next.building = None;
                next.begin_building(version);
                if !is_building {
                    next.active.checkpoint = Position::ZERO;
                }
                let write = self.write(&known, &next, clear, Vec::new());
                return self.store_and_keep(next, None, write).await;
            }
            Err(Broken::AtEvent(failure)) => (Working::new(&own), Some(failure)),
            Err(Broken::Error(error)) => return Err(error),
        };
        let changes = match working.changes(&self.keys) {
            Ok(changes) => changes,
            Err(error) => {
                let failure = self.unwritable(&own, &error);
                working = Working::new(&own);
                if let Some(generation) = next.generation_mut(own.number) {
                    generation.failure = Some(failure);
                }
                let write = self.write(&known, &next, clear, Vec::new());
                return self.store_and_keep(next, Some(working), write).await;
            }
        };
        let has_failed = failure.is_some();
        if let Some(generation) = next.generation_mut(own.number) {
            generation.checkpoint = working.at;
            generation.failure = failure;
        }
        if is_building && !has_failed && working.at >= self.store.head() {
            // The swap: from this write on the new read model answers.
            if let Some(building) = next.building.take() {
                clear.push(self.keys.generation(next.active.number));
                next.active = building;
            }
        }
        let write = self.write(&known, &next, clear, changes);
        self.store_and_keep(next, Some(working), write).await
    }

    /// Folds on; when an event fails, folds again up to the event before it.
    async fn fold(
        &self,
        working: Option<Working<P::State>>,
        own: &Generation,
        until: Position,
    ) -> Result<(Working<P::State>, Option<ProjectionFailure>), Broken> {
        let host = self.store.inner.storage.host();
        let skipped: HashSet<Position> = own.skipped.iter().map(|skipped| skipped.position).collect();
        let (store, projection) = (&self.store, &self.projection);
        let source = Source { store, projection, query: &self.query, keys: &self.keys, skipped: &skipped };
        let fits = |working: &Working<P::State>| working.generation == own.number && working.at == own.checkpoint;
        let mut working = working.filter(fits).unwrap_or_else(|| Working::new(own));
        let began = host.now();
        let took = || host.now().as_micros().abs_diff(began.as_micros());
        let interval = self.options.write_interval.as_micros();
        let mut failed = match working.fold(&source, until, &|| u128::from(took()) >= interval).await {
            Ok(()) => {
                if working.folded > 0 {
                    self.events_per_second.set(working.folded as f64 * 1e6 / took().max(1) as f64);
                }
                return Ok((working, None));
            }
            Err(Broken::AtEvent(failure)) => failure,
            Err(other) => return Err(other),
        };
        loop {
            let mut working = Working::new(own);
            let before = Position::new(failed.position.get().saturating_sub(1));
            match working.fold(&source, before, &|| false).await {
                Ok(()) => return Ok((working, Some(failed))),
                // It failed earlier this time. Folds that depend on more than their events do.
                Err(Broken::AtEvent(earlier)) if earlier.position < failed.position => failed = earlier,
                Err(Broken::AtEvent(failure)) => return Ok((Working::new(own), Some(failure))),
                Err(other) => return Err(other),
            }
        }
    }

    fn unwritable(&self, own: &Generation, error: &serde_json::Error) -> ProjectionFailure {
        let message = format!("the read model cannot be written as JSON: {error}");
        ProjectionFailure { position: own.checkpoint.next(), event_type: String::new(), message }
    }

    /// The write that makes `next` the head record, if `known` still is.
    pub(super) fn write(
        &self,
        known: &Known<P::State>,
        next: &Head,
        clear: Vec<crate::storage::KeyRange>,
        mut changes: Vec<(Bytes, Option<Bytes>)>,
    ) -> DerivedWrite {
        let key = self.keys.head();
        changes.push((key.clone(), Some(next.encode())));
        DerivedWrite { table: Derived::Projections, guard: Some((key, known.stored.clone())), clear, changes }
    }

    async fn store_and_keep(
        &self,
        next: Head,
        mut working: Option<Working<P::State>>,
        write: DerivedWrite,
    ) -> Result<Step, ProjectionError> {
        if self.store_write(write).await? {
            if let Some(working) = &mut working {
                working.stored();
            }
            *self.known.borrow_mut() = Some(Known { stored: Some(next.encode()), head: next, working });
        }
        // Otherwise another handle was first: what is known here is out of date, and was dropped.
        Ok(Step::Worked)
    }

    /// Writes, and lets everyone know.
    pub(super) async fn store_write(&self, write: DerivedWrite) -> Result<bool, StorageError> {
        let inner = &self.store.inner;
        let is_written = inner.storage.write_derived(write).await?;
        if is_written {
            inner.storage.announce(Nudge::Derived);
            inner.derived_changed();
        }
        Ok(is_written)
    }

    /// Changes the head record, again and again until nobody else does at the same time.
    pub(super) async fn change<T>(
        &self,
        mut change: impl FnMut(&mut Head, &mut Vec<crate::storage::KeyRange>) -> Result<T, ProjectionError>,
    ) -> Result<T, ProjectionError> {
        let gate = self.gate.lock().await;
        loop {
            self.forget();
            let (stored, head) = self.look().await?;
            let (mut next, mut clear) = (head.clone(), Vec::new());
            let answer = change(&mut next, &mut clear)?;
            if next == head && clear.is_empty() {
                return Ok(answer);
            }
            let known = Known { stored, head, working: None };
            let write = self.write(&known, &next, clear, Vec::new());
            if self.store_write(write).await? {
                drop(gate);
                return Ok(answer);
            }
        }
    }
}
