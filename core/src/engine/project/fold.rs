//! Folding a stretch of the log into the working copy of a read model.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::batch::{BatchError, BatchFailure, BatchProjection};
use super::error::ProjectionError;
use super::record::{Generation, Keys, ProjectionFailure};
use crate::domain::{BoxError, Position, Projection, Query, RecordedEvent};
use crate::engine::{EventStore, Pace};
use crate::storage::Derived;
use crate::storage::codec::{unwrap, wrap};

/// Partitions kept in memory from one write to the next.
const KEPT_PARTITIONS: usize = 4_096;

/// Events read at once.
const PAGE: usize = 4_096;

/// The working copy of one generation: its read model at a position, as far as it was needed, ahead of what is stored.
#[derive(Clone, Debug)]
pub(super) struct Working<S> {
    pub(super) generation: u32,
    /// Everything up to here was folded.
    pub(super) at: Position,
    pub(super) states: HashMap<Rc<str>, S>,
    dirty: HashSet<Rc<str>>,
    /// Events folded since the last write.
    pub(super) folded: u64,
}

/// How closely a fold is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Each state is written once, at the end.
    Once,
    /// Each state must be fit to be written after every run.
    EachEvent,
}

/// Why a stretch was not folded to its end.
pub(super) enum Broken {
    /// At an event. The working copy is spoilt.
    AtEvent(ProjectionFailure),
    /// A partition that was stored cannot be read any more.
    Damaged,
    Error(ProjectionError),
}

impl From<ProjectionError> for Broken {
    fn from(error: ProjectionError) -> Self {
        Self::Error(error)
    }
}

pub(super) fn failure(event: &RecordedEvent, message: impl ToString) -> ProjectionFailure {
    let (position, event_type) = (event.position(), event.event_type().to_string());
    ProjectionFailure { position, event_type, message: message.to_string(), line: None, column: None }
}

/// What is kept of a failure at one of the events.
pub(super) fn failure_among(events: &[RecordedEvent], failed: BatchFailure) -> Option<ProjectionFailure> {
    let place = failed.place;
    let failure = failure(events.get(failed.index)?, failed.message);
    Some(ProjectionFailure { line: place.map(|(line, _)| line), column: place.map(|(_, column)| column), ..failure })
}

/// The end of a run of events behind `begun`: an event that was split is folded whole or not at all.
fn end_of_run(events: &[RecordedEvent], begun: usize, length: usize) -> usize {
    let mut end = (begun + length.max(1)).min(events.len());
    while end < events.len() && events[end].position() == events[end - 1].position() {
        end += 1;
    }
    end
}

/// The events of a page, lifted, up to the first that cannot be.
pub(super) fn lift(store: &EventStore, page: Vec<RecordedEvent>) -> (Vec<RecordedEvent>, Option<ProjectionFailure>) {
    let upcasters = store.upcasters();
    if upcasters.is_empty() {
        return (page, None);
    }
    let mut lifted = Vec::with_capacity(page.len());
    for event in page {
        match upcasters.lift(event.clone()) {
            Ok(events) => lifted.extend(events),
            Err(error) => return (lifted, Some(failure(&event, error))),
        }
    }
    (lifted, None)
}

impl<S: Clone + Serialize + DeserializeOwned> Working<S> {
    pub(super) fn new(generation: &Generation) -> Self {
        let (states, dirty) = (HashMap::new(), HashSet::new());
        Self { generation: generation.number, at: generation.checkpoint, states, dirty, folded: 0 }
    }

    /// Whether it is what is stored of the generation.
    pub(super) fn is_of(&self, generation: &Generation) -> bool {
        self.generation == generation.number && self.at == generation.checkpoint
    }

    /// Folds the events behind the working copy up to `until`, or less when `is_enough` says so.
    pub(super) async fn fold<P: BatchProjection<State = S>>(
        &mut self,
        source: &Source<'_, P>,
        until: Position,
        care: Care,
        is_enough: &dyn Fn() -> bool,
    ) -> Result<(), Broken> {
        let mut pace = Pace::new(source.store);
        let run_length = source.projection.run_length(care == Care::EachEvent);
        while self.at < until {
            let (page, read_to) =
                source.store.page_after(self.at, until, source.query, PAGE).await.map_err(ProjectionError::from)?;
            // The log is read from where the working copy stands: an event before that would be a repeat.
            let is_new =
                |event: &RecordedEvent| event.position() > self.at && !source.skipped.contains(&event.position());
            let (events, unlifted) = lift(source.store, page.into_iter().filter(is_new).collect());
            let placed = source.projection.place(&events, &self.states).await;
            let placed = placed.map_err(|error| source.broken(&events, error))?;
            let unplaced = placed.failure.and_then(|failed| failure_among(&events, failed));
            let failure = unplaced.or(unlifted);
            let (events, partitions) = (&events[..placed.partitions.len().min(events.len())], placed.partitions);
            self.load(source, &partitions).await?;
            let mut done = 0;
            while done < events.len() {
                let run = done..end_of_run(events, done, run_length);
                done = run.end;
                self.fold_run(source, events, &partitions, run, care, &mut pace).await?;
                pace.step().await;
                // Behind the last of them may lie the part of a split event that failed: the working copy is not at that event.
                if (done < events.len() || failure.is_none()) && is_enough() {
                    self.at = events[done - 1].position();
                    return Ok(());
                }
            }
            if let Some(failure) = failure {
                return Err(Broken::AtEvent(failure));
            }
            self.at = read_to;
            if is_enough() {
                break;
            }
            pace.step().await;
        }
        Ok(())
    }

    /// Folds a run of events, whose partitions are in memory.
    async fn fold_run<P: BatchProjection<State = S>>(
        &mut self,
        source: &Source<'_, P>,
        events: &[RecordedEvent],
        partitions: &[Option<Rc<str>>],
        run: Range<usize>,
        care: Care,
        pace: &mut Pace,
    ) -> Result<(), Broken> {
        let folded = source.projection.fold(events, partitions, run.clone(), &mut self.states).await;
        folded.map_err(|error| source.broken(events, error))?;
        let before = self.folded;
        for partition in partitions[run.clone()].iter().flatten() {
            self.touch(partition);
            self.folded += 1;
        }
        let shared = source.projection.shared_partition().filter(|_| self.folded > before);
        if let Some(shared) = &shared {
            self.touch(shared);
        }
        if care == Care::EachEvent {
            // A run may be long, of few partitions with large states: each is written once.
            let changed: HashSet<_> = partitions[run.clone()].iter().flatten().chain(&shared).collect();
            for partition in changed {
                let unfit = |error: BoxError| Broken::AtEvent(failure(&events[run.end - 1], error));
                self.states.get(partition).map_or(Ok(Bytes::new()), encode_state).map_err(unfit)?;
                pace.step().await;
            }
        }
        Ok(())
    }

    fn touch(&mut self, partition: &Rc<str>) {
        if !self.dirty.contains(partition) {
            self.dirty.insert(Rc::clone(partition));
        }
    }

    /// Brings the partitions into memory that are not there.
    pub(super) async fn load<P: BatchProjection<State = S>>(
        &mut self,
        source: &Source<'_, P>,
        partitions: &[Option<Rc<str>>],
    ) -> Result<(), Broken> {
        let shared = source.projection.shared_partition();
        let needed = partitions.iter().flatten().chain(&shared);
        let mut missing: Vec<Rc<str>> = needed.filter(|name| !self.states.contains_key(*name)).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        missing.dedup();
        let keys: Vec<_> = missing.iter().map(|name| source.keys.partition(self.generation, name)).collect();
        let storage = &source.store.inner.storage;
        let found = storage.derived(Derived::Projections, &keys).await.map_err(ProjectionError::from)?;
        for (name, record) in missing.into_iter().zip(found) {
            let state = match record {
                Some(record) => Some(decode_state(&record).ok_or(Broken::Damaged)?),
                None => source.projection.new_partition(),
            };
            self.states.extend(state.map(|state| (name, state)));
        }
        Ok(())
    }

    /// Folds one event into a partition that is in memory. After an error the partition is spoilt.
    pub(super) fn apply<P: Projection<State = S>>(
        &mut self,
        projection: &P,
        event: &RecordedEvent,
        partition: &Rc<str>,
    ) -> Result<(), BoxError> {
        let state = self.states.entry(Rc::clone(partition)).or_insert_with(|| projection.initial());
        projection.apply(state, event)?;
        self.touch(partition);
        self.folded += 1;
        Ok(())
    }

    /// A copy with these partitions alone; `None` when one of them is not in memory.
    pub(super) fn part<'a>(&self, names: impl Iterator<Item = &'a Rc<str>>) -> Option<Self> {
        let states =
            names.map(|name| Some((Rc::clone(name), self.states.get(name)?.clone()))).collect::<Option<_>>()?;
        Some(Self { generation: self.generation, at: self.at, states, dirty: HashSet::new(), folded: 0 })
    }

    /// This working copy, carried on by a part of it that was stored.
    pub(super) fn overlaid(mut self, part: Self) -> Self {
        self.at = part.at;
        self.states.extend(part.states);
        self.stored();
        self
    }

    /// What must be written for the stored read model to be the working copy.
    pub(super) fn changes(&self, keys: &Keys) -> Result<Vec<(Bytes, Option<Bytes>)>, BoxError> {
        let change = |name: &Rc<str>| {
            let state = self.states.get(name).ok_or("a read model that was folded is not there")?;
            Ok((keys.partition(self.generation, name), Some(encode_state(state)?)))
        };
        self.dirty.iter().map(change).collect()
    }

    /// To be called once the working copy was stored.
    pub(super) fn stored(&mut self) {
        self.dirty.clear();
        self.folded = 0;
        if self.states.len() > KEPT_PARTITIONS {
            self.states.clear();
        }
    }
}

/// Where a working copy takes its events from.
pub(super) struct Source<'a, P> {
    pub(super) store: &'a EventStore,
    pub(super) projection: &'a P,
    pub(super) query: &'a Query,
    pub(super) keys: &'a Keys,
    pub(super) skipped: &'a HashSet<Position>,
    pub(super) name: &'a str,
}

impl<P> Source<'_, P> {
    fn broken(&self, events: &[RecordedEvent], error: BatchError) -> Broken {
        let unavailable = |reason| ProjectionError::Unavailable { name: self.name.to_owned(), reason };
        match error {
            BatchError::AtEvent(failed) => {
                let message = failed.message.clone();
                failure_among(events, failed).map_or_else(|| unavailable(message).into(), Broken::AtEvent)
            }
            BatchError::Unavailable(reason) => unavailable(reason).into(),
        }
    }
}

/// The record of a state. One that could not be read back is not written.
fn encode_state<S: Serialize + DeserializeOwned>(state: &S) -> Result<Bytes, BoxError> {
    let json =
        serde_json::to_vec(state).map_err(|error| format!("the read model cannot be written as JSON: {error}"))?;
    if let Err(error) = serde_json::from_slice::<S>(&json) {
        return Err(format!("the read model cannot be read back from JSON: {error}").into());
    }
    Ok(wrap(&json))
}

/// The state that a record holds; `None` when it is damaged or has another shape.
pub(super) fn decode_state<S: DeserializeOwned>(record: &Bytes) -> Option<S> {
    serde_json::from_slice(&unwrap(record)?).ok()
}
