//! Folding a stretch of the log into the working copy of a read model.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

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
    /// Each state must be fit to be written after every event.
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
    ProjectionFailure { position, event_type, message: message.to_string() }
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
    pub(super) async fn fold<P: Projection<State = S>>(
        &mut self,
        source: &Source<'_, P>,
        until: Position,
        care: Care,
        is_enough: &dyn Fn() -> bool,
    ) -> Result<(), Broken> {
        let mut pace = Pace::new(source.store);
        while self.at < until {
            let (page, read_to) =
                source.store.page_after(self.at, until, source.query, PAGE).await.map_err(ProjectionError::from)?;
            // The log is read from where the working copy stands: an event before that would be a repeat.
            let is_new =
                |event: &RecordedEvent| event.position() > self.at && !source.skipped.contains(&event.position());
            let (events, unlifted) = lift(source.store, page.into_iter().filter(is_new).collect());
            source.projection.prepare(&events);
            let (events, partitions, unplaced) = self.place(source, events);
            self.load(source, &partitions).await?;
            for (number, (event, partition)) in events.iter().zip(&partitions).enumerate() {
                if let Some(partition) = partition {
                    let failed = |error: BoxError| Broken::AtEvent(failure(event, error));
                    self.apply(source.projection, event, partition).map_err(failed)?;
                    if care == Care::EachEvent {
                        encode_state(&self.states[partition]).map_err(failed)?;
                    }
                }
                // An event that was split is folded whole or not at all.
                let is_whole = events.get(number + 1).is_none_or(|next| next.position() != event.position());
                if number % 16 == 15 && is_whole {
                    pace.step().await;
                    if is_enough() {
                        self.at = event.position();
                        return Ok(());
                    }
                }
            }
            if let Some(failure) = unplaced.or(unlifted) {
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

    /// The partition of each event, up to the first that cannot be told.
    pub(super) fn place<P: Projection<State = S>>(
        &self,
        source: &Source<'_, P>,
        events: Vec<RecordedEvent>,
    ) -> (Vec<RecordedEvent>, Vec<Option<Rc<str>>>, Option<ProjectionFailure>) {
        let mut partitions = Vec::with_capacity(events.len());
        let mut last: Option<Rc<str>> = None;
        for event in &events {
            match source.projection.partition(event) {
                Ok(None) => partitions.push(None),
                Ok(Some(name)) => {
                    let name = match &last {
                        Some(last) if **last == *name => Rc::clone(last),
                        _ => {
                            self.states.get_key_value(&*name).map_or_else(|| name.into(), |(known, _)| Rc::clone(known))
                        }
                    };
                    last = Some(Rc::clone(&name));
                    partitions.push(Some(name));
                }
                Err(error) => {
                    let failure = failure(event, error);
                    let placed = partitions.len();
                    return (events.into_iter().take(placed).collect(), partitions, Some(failure));
                }
            }
        }
        (events, partitions, None)
    }

    /// Brings the partitions into memory that are not there.
    pub(super) async fn load<P: Projection<State = S>>(
        &mut self,
        source: &Source<'_, P>,
        partitions: &[Option<Rc<str>>],
    ) -> Result<(), Broken> {
        let mut missing: Vec<Rc<str>> =
            partitions.iter().flatten().filter(|name| !self.states.contains_key(*name)).cloned().collect();
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
                Some(record) => decode_state(&record).ok_or(Broken::Damaged)?,
                None => source.projection.initial(),
            };
            self.states.insert(name, state);
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
        if !self.dirty.contains(partition) {
            self.dirty.insert(Rc::clone(partition));
        }
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
            let record = encode_state(&self.states[name])?;
            Ok((keys.partition(self.generation, name), Some(record)))
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
