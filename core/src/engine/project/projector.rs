//! One projection on one handle: its stored head record, and the steps that carry it on.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use bytes::Bytes;
use futures_util::lock::Mutex;

use super::batch::{BatchOutline, BatchProjection};
use super::error::ProjectionError;
use super::fold::{Broken, Care, Source, Working};
use super::inline::Pending;
use super::options::ProjectionOptions;
use super::record::{Generation, Head, Keys, ProjectionFailure};
use crate::domain::{Position, Query};
use crate::engine::EventStore;
use crate::storage::{Derived, DerivedWrite, KeyRange, Lead, Nudge, StorageError};

/// A projection on a handle.
pub(super) struct Projector<P: BatchProjection> {
    pub(super) store: EventStore,
    pub(super) projection: P,
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) query: Query,
    pub(super) keys: Keys,
    pub(super) options: ProjectionOptions,
    /// Held by whoever carries the read model on.
    pub(super) gate: Mutex<()>,
    /// What is known to be stored, and the working copy that goes with it.
    pub(super) known: RefCell<Option<Known<P::State>>>,
    pub(super) pending: RefCell<Option<Pending<P::State>>>,
    pub(super) lead: RefCell<Option<Box<dyn Lead>>>,
    /// The head record that another handle left unchanged, and since when, while there was work.
    stuck: RefCell<Option<(Option<Bytes>, f64)>>,
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

/// A stretch that was folded, and what must be written for it.
struct Folded<S> {
    working: Working<S>,
    changes: Vec<(Bytes, Option<Bytes>)>,
    /// Why it ends where it does, if not because there is no more.
    failure: Option<ProjectionFailure>,
}

/// What a step may work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    /// The read model that answers, and not the one that is being built.
    Active,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There was something to do, and there may be more.
    Worked,
    /// There is nothing to do: the read model is where the log is, has failed, or is another version's.
    Idle,
}

impl<P: BatchProjection> Projector<P> {
    pub(super) fn new(store: &EventStore, projection: P, options: ProjectionOptions) -> Self {
        let BatchOutline { name, version, query } = projection.outline();
        Self {
            store: store.clone(),
            projection,
            keys: Keys::new(&name),
            name,
            version,
            query,
            options,
            gate: Mutex::new(()),
            known: RefCell::new(None),
            pending: RefCell::new(None),
            lead: RefCell::new(None),
            stuck: RefCell::new(None),
            is_stopped: Cell::new(false),
            events_per_second: Cell::new(0.0),
        }
    }

    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    /// The head record as it is stored now; a new one where there is none or it is damaged.
    pub(super) async fn look(&self) -> Result<(Option<Bytes>, Head), ProjectionError> {
        let found = self.store.inner.storage.derived(Derived::Projections, &[self.keys.head()]).await?;
        let stored = found.into_iter().next().flatten();
        let head = stored.as_ref().and_then(Head::decode).unwrap_or_else(|| Head::new(self.version));
        Ok((stored, head))
    }

    /// Forgets what is known, so that the next step reads it anew.
    pub(super) fn forget(&self) {
        self.known.borrow_mut().take();
    }

    /// The newest version that has a read model, or is building one.
    pub(super) fn newest(head: &Head) -> u32 {
        head.building.as_ref().map_or(0, |building| building.version).max(head.active.version)
    }

    fn building<'a>(&self, head: &'a Head) -> Option<&'a Generation> {
        let version = self.version;
        head.building.as_ref().filter(|building| building.version == version && head.active.version <= version)
    }

    /// Whether a read model of this version is being built.
    pub(super) fn is_building(&self, head: &Head) -> bool {
        self.building(head).is_some()
    }

    /// What is this version's own: the read model that answers, or the one that will; `None` when another version has both.
    pub(super) fn own<'a>(&self, head: &'a Head) -> Option<&'a Generation> {
        let active = Some(&head.active).filter(|active| active.version == self.version);
        active.or_else(|| self.building(head))
    }

    /// What is to be worked on: what answers before what is being built.
    fn target<'a>(&self, head: &'a Head, scope: Scope) -> Option<&'a Generation> {
        let active = Some(&head.active).filter(|active| {
            let is_own = active.version == self.version;
            is_own && active.failure.is_none() && active.checkpoint < self.store.head()
        });
        let building = self.building(head).filter(|building| building.failure.is_none() && scope == Scope::All);
        active.or(building)
    }

    /// Whether there is work for this version of the projection.
    pub(super) fn has_work(&self, head: &Head) -> bool {
        self.target(head, Scope::All).is_some() || Self::newest(head) < self.version
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
            if self.step(&stored).await? == Step::Idle {
                return Ok(());
            }
        }
    }

    /// Takes a step if this handle has the lead or can take it; `false` if not.
    pub(super) async fn step_if_leading(&self) -> Result<bool, ProjectionError> {
        let (stored, _) = self.look().await?;
        let leads = self.take_lead(&stored).await;
        if leads {
            self.step(&stored).await?;
        }
        Ok(leads)
    }

    /// Takes the lead if it is free, or if whoever has it has long made no progress.
    async fn take_lead(&self, stored: &Option<Bytes>) -> bool {
        if self.leads() {
            return true;
        }
        let storage = &self.store.inner.storage;
        let now = storage.host().micros();
        let is_stuck = {
            let mut stuck = self.stuck.borrow_mut();
            match &*stuck {
                Some((seen, since)) if seen == stored => now - since >= self.options.patience.as_micros() as f64,
                _ => {
                    *stuck = Some((stored.clone(), now));
                    false
                }
            }
        };
        // Another version of the application has work of its own, which this one cannot do.
        let lead = format!("{} {}", self.name, self.version);
        let lead = storage.lead(&lead, is_stuck).await;
        if self.is_stopped.get() {
            return false;
        }
        // Another task of this handle may have taken it meanwhile.
        if !self.leads() {
            *self.lead.borrow_mut() = lead;
        }
        let leads = self.leads();
        if leads {
            self.stuck.borrow_mut().take();
        }
        leads
    }

    /// Whether this handle has the lead.
    pub(super) fn leads(&self) -> bool {
        self.lead.borrow().as_ref().is_some_and(|lead| !lead.is_lost())
    }

    /// Lets another handle have the lead.
    pub(super) fn release_lead(&self) {
        self.lead.borrow_mut().take();
    }

    /// Carries the read model on by one write, given the head record as it was seen before the gate.
    pub(super) async fn step(&self, stored: &Option<Bytes>) -> Result<Step, ProjectionError> {
        let gate = self.gate.lock().await;
        if self.known.borrow().as_ref().is_some_and(|known| known.stored != *stored) {
            // What is known may be newer than what was seen: another task of this handle has worked meanwhile.
            let (stored, head) = self.look().await?;
            let is_outdated = self.known.borrow().as_ref().is_none_or(|known| known.stored != stored);
            if is_outdated {
                *self.known.borrow_mut() = Some(Known { stored, head, working: None });
            }
        }
        let step = self.step_inside(Scope::All).await;
        drop(gate);
        step
    }

    /// The same with what is known already; whoever calls it holds the gate.
    pub(super) async fn step_inside(&self, scope: Scope) -> Result<Step, ProjectionError> {
        // Taken out for as long as it is worked on: work that is given up half way leaves nothing that is half true.
        let known = self.known.borrow_mut().take();
        let mut known = match known {
            Some(known) => known,
            None => {
                let (stored, head) = self.look().await?;
                Known { stored, head, working: None }
            }
        };
        let version = self.version;
        if known.stored.as_ref().is_some_and(|record| Head::decode(record).is_none()) {
            // Nobody knows what the read models are of that stand there: the projection begins anew.
            return self.store_head(known, Head::new(version), vec![self.keys.generations()]).await;
        }
        let mut next = known.head.clone();
        let mut clear = Vec::new();
        if next.building.as_ref().is_some_and(|building| building.version < version) {
            // Nobody waits any more for the read model of an older version.
            clear.extend(next.building.take().map(|building| self.keys.generation(building.number)));
        }
        if Self::newest(&next) < version {
            next.begin_building(version);
        }
        if next != known.head {
            return self.store_head(known, next, clear).await;
        }
        let Some(target) = self.target(&known.head, scope).cloned() else {
            // What has failed may be tried again by another handle: it is looked at anew.
            if known.head.active.failure.is_none() {
                *self.known.borrow_mut() = Some(known);
            }
            return Ok(Step::Idle);
        };
        if target.checkpoint >= self.store.head() {
            // It is to be swapped, and must not lack what other handles have stored.
            self.store.refresh().await?;
        }
        let until = self.store.head();
        let working = known.working.take();
        let outcome = self.fold(working, &target, until).await;
        if self.is_stopped.get() {
            // The code may have been taken away in the midst of it: what came of that is neither a state nor a failure.
            return Ok(Step::Idle);
        }
        match outcome {
            Ok(folded) => self.store_folded(known, &target, folded).await,
            Err(Broken::AtEvent(failure)) => {
                let folded = Folded { working: Working::new(&target), changes: Vec::new(), failure: Some(failure) };
                self.store_folded(known, &target, folded).await
            }
            Err(Broken::Damaged) => {
                // What was kept cannot be read: it is made anew from the log.
                if let Some(generation) = next.generation_mut(target.number) {
                    generation.checkpoint = Position::ZERO;
                }
                self.store_head(known, next, vec![self.keys.generation(target.number)]).await
            }
            Err(Broken::Error(error)) => Err(error),
        }
    }

    /// Stores another head record, and no read model.
    async fn store_head(
        &self,
        known: Known<P::State>,
        next: Head,
        clear: Vec<KeyRange>,
    ) -> Result<Step, ProjectionError> {
        let write = self.write(&known.stored, &next, clear, Vec::new());
        if self.store_write(write).await? {
            *self.known.borrow_mut() = Some(Known { stored: Some(next.encode()), head: next, working: None });
        }
        Ok(Step::Worked)
    }

    /// Stores what was folded of a generation, and swaps it in if it has caught up.
    ///
    /// The head record holds two generations, and another version may carry the other one on at the same time: that is no
    /// reason to fold again.
    async fn store_folded(
        &self,
        mut known: Known<P::State>,
        target: &Generation,
        folded: Folded<P::State>,
    ) -> Result<Step, ProjectionError> {
        let Folded { mut working, changes, failure } = folded;
        loop {
            let mut next = known.head.clone();
            let mut clear = Vec::new();
            let is_caught_up = failure.is_none() && working.at >= self.store.head().max(next.active.checkpoint);
            let Some(generation) = next.generation_mut(target.number).filter(|generation| **generation == *target)
            else {
                // Another handle has carried it on, or has given it up.
                return Ok(Step::Worked);
            };
            generation.checkpoint = working.at;
            generation.failure.clone_from(&failure);
            if is_caught_up && let Some(building) = next.building.take_if(|building| building.number == target.number) {
                // The swap: from this write on the new read model answers.
                clear.push(self.keys.generation(next.active.number));
                next.active = building;
            }
            let write = self.write(&known.stored, &next, clear, changes.clone());
            if self.store_write(write).await? {
                working.stored();
                *self.known.borrow_mut() =
                    Some(Known { stored: Some(next.encode()), head: next, working: Some(working) });
                return Ok(Step::Worked);
            }
            let (stored, head) = self.look().await?;
            known = Known { stored, head, working: None };
        }
    }

    /// Where working copies take their events from.
    pub(super) fn source<'a>(&'a self, skipped: &'a HashSet<Position>) -> Source<'a, P> {
        let (store, projection) = (&self.store, &self.projection);
        Source { store, projection, query: &self.query, keys: &self.keys, skipped, name: &self.name }
    }

    /// Folds on; when an event fails, folds again up to the event before it.
    async fn fold(
        &self,
        working: Option<Working<P::State>>,
        own: &Generation,
        until: Position,
    ) -> Result<Folded<P::State>, Broken> {
        let host = self.store.inner.storage.host();
        let skipped: HashSet<Position> = own.skipped.iter().map(|skipped| skipped.position).collect();
        let source = self.source(&skipped);
        let mut working = working.filter(|working| working.is_of(own)).unwrap_or_else(|| Working::new(own));
        let began = host.micros();
        let is_enough =
            || self.is_stopped.get() || host.micros() - began >= self.options.write_interval.as_micros() as f64;
        let mut failed = match working.fold(&source, until, Care::Once, &is_enough).await {
            Ok(()) => match working.changes(&self.keys) {
                Ok(changes) => {
                    if working.folded > 0 {
                        let took = (host.micros() - began).max(1.0);
                        self.events_per_second.set(working.folded as f64 * 1e6 / took);
                    }
                    return Ok(Folded { working, changes, failure: None });
                }
                // Which event made the state so that it cannot be written is found by trying after each.
                Err(error) => {
                    let message = error.to_string();
                    ProjectionFailure {
                        position: working.at.next(),
                        event_type: String::new(),
                        message,
                        line: None,
                        column: None,
                    }
                }
            },
            Err(Broken::AtEvent(failure)) => failure,
            Err(other) => return Err(other),
        };
        loop {
            let mut working = Working::new(own);
            let before = Position::new(failed.position.get().saturating_sub(1));
            let refolded = working.fold(&source, before, Care::EachEvent, &|| self.is_stopped.get()).await;
            let earlier = match refolded.map(|()| working.changes(&self.keys)) {
                Ok(Ok(changes)) => return Ok(Folded { working, changes, failure: Some(failed) }),
                Ok(Err(_)) => break,
                Err(Broken::AtEvent(earlier)) => earlier,
                Err(other) => return Err(other),
            };
            if earlier.position >= failed.position {
                break;
            }
            failed = earlier;
        }
        // The fold does not depend on its events alone, and cannot be relied on.
        Err(Broken::AtEvent(failed))
    }

    /// The write that makes `next` the head record, if `stored` still is.
    pub(super) fn write(
        &self,
        stored: &Option<Bytes>,
        next: &Head,
        clear: Vec<KeyRange>,
        mut changes: Vec<(Bytes, Option<Bytes>)>,
    ) -> DerivedWrite {
        let key = self.keys.head();
        changes.push((key.clone(), Some(next.encode())));
        DerivedWrite { table: Derived::Projections, guard: Some((key, stored.clone())), clear, changes }
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
        mut change: impl FnMut(&mut Head, &mut Vec<KeyRange>) -> Result<T, ProjectionError>,
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
            if stored.as_ref().is_some_and(|record| Head::decode(record).is_none()) {
                // Numbers are given anew, and what stands under them is of the past.
                clear.push(self.keys.generations());
            }
            let write = self.write(&stored, &next, clear, Vec::new());
            if self.store_write(write).await? {
                drop(gate);
                return Ok(answer);
            }
        }
    }
}
