//! Given an event of an older shape, then one of the newest.

use serde_json::Value;

use super::recorded::recorded;
use super::tense::warn;
use crate::domain::{NewEvent, RecordedEvent, StreamName, UpcastError, Upcasters};

/// What upcasters make of events.
#[derive(Debug)]
#[must_use = "nothing is tested before an event"]
pub struct UpcasterScenario {
    upcasters: Upcasters,
}

/// What came of an event. Ids, times and whatever else no upcaster changes is not compared.
#[derive(Debug)]
#[must_use = "nothing is tested yet"]
pub struct Lifted {
    outcome: Result<Vec<RecordedEvent>, UpcastError>,
}

impl UpcasterScenario {
    /// These upcasters.
    pub fn new(upcasters: Upcasters) -> Self {
        Self { upcasters }
    }

    /// This event is read.
    ///
    /// # Panics
    /// Never: the stream's name is one.
    pub fn given(&self, event: NewEvent) -> Lifted {
        let stream = StreamName::new("given-1").unwrap_or_else(|error| panic!("{error}"));
        let outcome = recorded([(stream, event)]).into_iter().map(|event| self.upcasters.lift(event)).collect();
        let outcome = Result::map(outcome, |events: Vec<Vec<RecordedEvent>>| events.concat());
        warn(outcome.iter().flatten().map(|event| event.event_type().as_str()));
        Lifted { outcome }
    }
}

impl Lifted {
    /// It becomes these events: type, schema version and data of each, in order.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then<'a>(self, expected: impl IntoIterator<Item = (&'a str, u32, Value)>) {
        let events = self.outcome.unwrap_or_else(|error| panic!("{error}"));
        let found: Vec<(&str, u32, Value)> = events
            .iter()
            .map(|event| {
                let data = event.json().unwrap_or_else(|error| panic!("{error}"));
                (event.event_type().as_str(), event.schema_version().0, data)
            })
            .collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }

    /// It is dropped.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then_nothing(self) {
        self.then([]);
    }

    /// It cannot be lifted, and the reason holds `part`.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then_error(self, part: &str) {
        match self.outcome {
            Ok(events) => panic!("a failure was expected; it became {events:#?}"),
            Err(error) => assert!(error.reason.contains(part), "it failed for another reason: {error}"),
        }
    }
}
