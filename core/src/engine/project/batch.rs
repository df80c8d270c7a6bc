//! The port of projections whose code may answer later.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::{Projection, Query, RecordedEvent};

/// Events that the code of a page's own program folds before it is asked whether others shall have their turn.
const NEAR: usize = 16;

/// The name, version and query of a projection: those of [`Projection`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchOutline {
    /// The name, unique in its store.
    pub name: String,
    /// The version of the fold.
    pub version: u32,
    /// Which events are folded.
    pub query: Query,
}

/// Where the events of a batch go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// The partition of each event; `None` leaves it out. It ends before the first event whose partition cannot be told.
    pub partitions: Vec<Option<Rc<str>>>,
    /// Why it ends there.
    pub failure: Option<BatchFailure>,
}

/// Why an event cannot be folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchFailure {
    /// Which of the events it is.
    pub index: usize,
    /// What is wrong.
    pub message: String,
    /// The line and the column of the projection's text, from 1, where it is made of text.
    pub place: Option<(u64, u64)>,
}

/// Why a batch was not folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// At an event. The states are thrown away, half changed or not.
    AtEvent(BatchFailure),
    /// The code cannot be run at present, whatever the events.
    Unavailable(String),
}

/// A projection that is folded a batch of events at a time, by code that may answer later: code that runs in a worker. Every
/// [`Projection`] is one, which answers at once.
///
/// What is said of `Projection` holds here too. The same events, from the same states, must give the same states, however the
/// log is cut into batches: a state that is kept and a state that was stored and read again are the same.
pub trait BatchProjection {
    /// The read model, or one partition of it.
    type State: Clone + Serialize + DeserializeOwned;

    /// What it is called, and what it folds.
    fn outline(&self) -> BatchOutline;

    /// The state of the unnamed partition while there is no partition.
    fn unnamed(&self) -> Option<Self::State>;

    /// The state that a new partition begins with; `None` where the first event makes it.
    fn new_partition(&self) -> Option<Self::State>;

    /// A partition that every event changes besides its own.
    fn shared_partition(&self) -> Option<Rc<str>> {
        None
    }

    /// How many events are folded in one call, as a rule; `is_careful` when each is to be looked at on its own.
    fn run_length(&self, is_careful: bool) -> usize;

    /// Tells the partitions of events. `known` has those that are in memory.
    ///
    /// # Errors
    /// [`BatchError::Unavailable`]; an event that fails is part of the answer.
    fn place(
        &self,
        events: &[RecordedEvent],
        known: &HashMap<Rc<str>, Self::State>,
    ) -> impl Future<Output = Result<Placed, BatchError>>;

    /// Folds a run of the events that were placed last. `states` has the state of every partition that they go to, but for
    /// those that an event brings into being.
    ///
    /// # Errors
    /// [`BatchError`].
    fn fold(
        &self,
        events: &[RecordedEvent],
        partitions: &[Option<Rc<str>>],
        run: Range<usize>,
        states: &mut HashMap<Rc<str>, Self::State>,
    ) -> impl Future<Output = Result<(), BatchError>>;
}

impl BatchFailure {
    fn new(index: usize, message: impl ToString) -> Self {
        Self { index, message: message.to_string(), place: None }
    }
}

/// The partitions of events, at once.
pub(super) fn place<P: Projection>(
    projection: &P,
    events: &[RecordedEvent],
    known: &HashMap<Rc<str>, P::State>,
) -> Placed {
    let mut partitions = Vec::with_capacity(events.len());
    let mut last: Option<Rc<str>> = None;
    for (index, event) in events.iter().enumerate() {
        match projection.partition(event) {
            Ok(None) => partitions.push(None),
            Ok(Some(name)) => {
                let name = match &last {
                    Some(last) if **last == *name => Rc::clone(last),
                    _ => known.get_key_value(&*name).map_or_else(|| name.into(), |(known, _)| Rc::clone(known)),
                };
                last = Some(Rc::clone(&name));
                partitions.push(Some(name));
            }
            Err(error) => return Placed { partitions, failure: Some(BatchFailure::new(index, error)) },
        }
    }
    Placed { partitions, failure: None }
}

impl<P: Projection> BatchProjection for P {
    type State = P::State;

    fn outline(&self) -> BatchOutline {
        BatchOutline { name: self.name().to_owned(), version: self.version(), query: self.query() }
    }

    fn unnamed(&self) -> Option<P::State> {
        Some(self.initial())
    }

    fn new_partition(&self) -> Option<P::State> {
        Some(self.initial())
    }

    fn run_length(&self, is_careful: bool) -> usize {
        if is_careful { 1 } else { NEAR }
    }

    async fn place(&self, events: &[RecordedEvent], known: &HashMap<Rc<str>, P::State>) -> Result<Placed, BatchError> {
        self.prepare(events);
        Ok(place(self, events, known))
    }

    async fn fold(
        &self,
        events: &[RecordedEvent],
        partitions: &[Option<Rc<str>>],
        run: Range<usize>,
        states: &mut HashMap<Rc<str>, P::State>,
    ) -> Result<(), BatchError> {
        for index in run {
            let Some(partition) = &partitions[index] else { continue };
            let state = states.entry(Rc::clone(partition)).or_insert_with(|| self.initial());
            let failed = |error| BatchError::AtEvent(BatchFailure::new(index, error));
            self.apply(state, &events[index]).map_err(failed)?;
        }
        Ok(())
    }
}
