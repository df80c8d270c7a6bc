//! Given events, then a read model.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::recorded::recorded;
use super::tense::warn;
use crate::domain::{DomainEvent, NewEvent, Projection, StreamName, Upcasters};

/// What a projection makes of a log.
///
/// The log is folded as a store does it: what matches the query, lifted, partition by partition, each state through the
/// form in which it is stored.
#[derive(Debug)]
#[must_use = "nothing is tested yet"]
pub struct ProjectionScenario<P> {
    projection: P,
    upcasters: Upcasters,
    /// Partitions and their read models, as they are stored.
    states: Vec<(String, Vec<u8>)>,
    given: Vec<(StreamName, NewEvent)>,
}

impl<P: Projection> ProjectionScenario<P> {
    /// Nothing has happened.
    pub fn new(projection: P) -> Self {
        Self { projection, upcasters: Upcasters::new(), states: Vec::new(), given: Vec::new() }
    }

    /// The same, with upcasters for events that are given in an older shape.
    pub fn with_upcasters(mut self, upcasters: Upcasters) -> Self {
        self.upcasters = upcasters;
        self
    }

    /// A partition has this read model before the first of the events: so that a test begins in the middle of a log.
    ///
    /// # Panics
    /// When it cannot be stored.
    pub fn given_state(mut self, partition: &str, state: &P::State) -> Self {
        let stored = serde_json::to_vec(state).unwrap_or_else(|error| panic!("it cannot be stored: {error}"));
        self.states.push((partition.to_owned(), stored));
        self
    }

    /// Further events have happened in a stream.
    ///
    /// # Panics
    /// When the stream has no name, or an event cannot be stored.
    pub fn given<E: DomainEvent>(self, stream: &str, events: impl IntoIterator<Item = E>) -> Self {
        let stored = |event: E| event.to_new_event().unwrap_or_else(|error| panic!("it cannot be stored: {error}"));
        self.given_stored(stream, events.into_iter().map(stored))
    }

    /// Further events have happened in a stream, as they are stored.
    ///
    /// # Panics
    /// When the stream has no name.
    pub fn given_stored(mut self, stream: &str, events: impl IntoIterator<Item = NewEvent>) -> Self {
        let stream = StreamName::new(stream).unwrap_or_else(|error| panic!("{error}"));
        self.given.extend(events.into_iter().map(|event| (stream.clone(), event)));
        self
    }

    /// The read model of each partition.
    fn fold(self) -> Result<(P, BTreeMap<String, P::State>), String> {
        let query = self.projection.query();
        let mut states: BTreeMap<String, P::State> = BTreeMap::new();
        for (partition, stored) in self.states {
            let state = serde_json::from_slice(&stored).map_err(|error| error.to_string())?;
            states.insert(partition, state);
        }
        warn(self.given.iter().map(|(_, event)| event.event_type().as_str()));
        for event in recorded(self.given).into_iter().filter(|event| query.matches(event)) {
            let place = format!("at position {} ({})", event.position(), event.event_type());
            let lifted = self.upcasters.lift(event).map_err(|error| error.to_string())?;
            self.projection.prepare(&lifted);
            for event in lifted {
                let failed = |error: crate::domain::BoxError| format!("{place}: {error}");
                let Some(partition) = self.projection.partition(&event).map_err(failed)? else { continue };
                let state = states.entry(partition.into_owned()).or_insert_with(|| self.projection.initial());
                self.projection.apply(state, &event).map_err(failed)?;
                let json = serde_json::to_vec(state).map_err(|error| format!("{place}: {error}"))?;
                *state = serde_json::from_slice(&json).map_err(|error| format!("{place}: {error}"))?;
            }
        }
        Ok((self.projection, states))
    }

    /// This is the read model of the one partition of a projection without partitions.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then(self, expected: P::State)
    where
        P::State: PartialEq + Debug,
    {
        let (projection, mut states) = self.fold().unwrap_or_else(|error| panic!("{error}"));
        let state = states.remove("").unwrap_or_else(|| projection.initial());
        assert_eq!(state, expected);
        assert_eq!(states.into_keys().collect::<Vec<_>>(), [""; 0], "partitions that were not expected");
    }

    /// This is the read model of a partition; the others are not looked at.
    ///
    /// # Panics
    /// Otherwise, and when there is no such partition.
    pub fn then_partition(self, partition: &str, expected: P::State)
    where
        P::State: PartialEq + Debug,
    {
        let (projection, mut states) = self.fold().unwrap_or_else(|error| panic!("{error}"));
        // The unnamed partition is always there.
        let initial = || partition.is_empty().then(|| projection.initial());
        assert_eq!(states.remove(partition).or_else(initial), Some(expected), "partition {partition:?}");
    }

    /// These are the partitions and their read models, all of them.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then_partitions<'a>(self, expected: impl IntoIterator<Item = (&'a str, P::State)>)
    where
        P::State: PartialEq + Debug,
    {
        let (_, states) = self.fold().unwrap_or_else(|error| panic!("{error}"));
        let expected: BTreeMap<_, _> = expected.into_iter().map(|(name, state)| (name.to_owned(), state)).collect();
        assert_eq!(states, expected);
    }

    /// The projection fails, and says this.
    ///
    /// # Panics
    /// When it does not fail, or its message does not hold `part`.
    pub fn then_error(self, part: &str) {
        match self.fold() {
            Ok(_) => panic!("a failure was expected: {part}"),
            Err(message) => assert!(message.contains(part), "it failed for another reason: {message}"),
        }
    }
}
