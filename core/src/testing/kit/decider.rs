//! Given events, when a command, then events.

use std::fmt::Debug;

use super::recorded::recorded;
use super::tense::warn;
use crate::domain::{Decider, DomainEvent, NewEvent, StreamName, Upcasters};

/// What has happened to one stream of a decider, so far.
///
/// Events go through the form in which they are stored, and through the upcasters: what serde loses is lost here as well.
/// A type that is not in the past tense is warned of.
#[derive(Debug)]
#[must_use = "nothing is tested before a command"]
pub struct DeciderScenario<D> {
    decider: D,
    upcasters: Upcasters,
    given: Vec<NewEvent>,
}

/// What came of the command.
#[derive(Debug)]
pub struct Decided<D: Decider> {
    decider: D,
    state: D::State,
    outcome: Result<Vec<D::Event>, D::Rejection>,
    warnings: Vec<String>,
}

impl<D: Decider> DeciderScenario<D> {
    /// Nothing has happened.
    pub fn new(decider: D) -> Self {
        Self { decider, upcasters: Upcasters::new(), given: Vec::new() }
    }

    /// The same, with upcasters for events that are given in an older shape.
    pub fn with_upcasters(mut self, upcasters: Upcasters) -> Self {
        self.upcasters = upcasters;
        self
    }

    /// Further events have happened.
    ///
    /// # Panics
    /// When one cannot be stored.
    pub fn given(mut self, events: impl IntoIterator<Item = D::Event>) -> Self {
        let stored =
            |event: D::Event| event.to_new_event().unwrap_or_else(|error| panic!("it cannot be stored: {error}"));
        self.given.extend(events.into_iter().map(stored));
        self
    }

    /// Further events have happened, as they are stored: in an older schema version, for example.
    pub fn given_stored(mut self, events: impl IntoIterator<Item = NewEvent>) -> Self {
        self.given.extend(events);
        self
    }

    /// The command is decided on.
    ///
    /// # Panics
    /// When the events that were given cannot be read.
    #[must_use = "what came of it is not tested yet"]
    pub fn when(self, command: D::Command) -> Decided<D> {
        let stream = StreamName::new("given-1").unwrap_or_else(|error| panic!("{error}"));
        let mut state = self.decider.initial_state();
        let mut types = Vec::new();
        for event in recorded(self.given.into_iter().map(|event| (stream.clone(), event))) {
            let lifted = self.upcasters.lift(event).unwrap_or_else(|error| panic!("{error}"));
            for event in lifted {
                types.push(event.event_type().clone());
                let typed = D::Event::from_recorded(&event).unwrap_or_else(|error| panic!("{error}"));
                state = self.decider.evolve(state, typed);
            }
        }
        let outcome = self.decider.decide(&state, &command);
        let stored = outcome.iter().flatten().filter_map(|event| event.to_new_event().ok());
        types.extend(stored.map(|event| event.event_type().clone()));
        let warnings = warn(types.iter().map(|name| name.as_str()));
        Decided { decider: self.decider, state, outcome, warnings }
    }
}

impl<D: Decider> Decided<D> {
    /// What is wrong with the names of the event types.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What was decided.
    ///
    /// # Errors
    /// Why it was refused.
    pub fn outcome(&self) -> Result<&[D::Event], &D::Rejection> {
        self.outcome.as_deref()
    }

    /// Nothing was decided: there was nothing to do.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then_nothing(self) -> Self
    where
        D::Event: Debug,
    {
        match &self.outcome {
            Ok(events) if events.is_empty() => self,
            Ok(events) => panic!("nothing was expected; decided was {events:#?}"),
            Err(rejection) => panic!("nothing was expected; the command was refused: {rejection}"),
        }
    }

    /// These events were decided, in this order.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) -> Self
    where
        D::Event: PartialEq + Debug,
    {
        let expected: Vec<_> = expected.into_iter().collect();
        match &self.outcome {
            Ok(events) => assert_eq!(*events, expected, "decided was what stands left; expected, what stands right"),
            Err(rejection) => panic!("{expected:#?} was expected; the command was refused: {rejection}"),
        }
        self
    }

    /// The command was refused for this reason.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then_error(self, expected: D::Rejection) -> Self
    where
        D::Rejection: PartialEq,
        D::Event: Debug,
    {
        self.then_error_where(|rejection| *rejection == expected)
    }

    /// The command was refused for a reason such as this.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then_error_where(self, is_expected: impl FnOnce(&D::Rejection) -> bool) -> Self
    where
        D::Event: Debug,
    {
        match &self.outcome {
            Ok(events) => panic!("a refusal was expected; decided was {events:#?}"),
            Err(rejection) => {
                assert!(is_expected(rejection), "the command was refused for another reason: {rejection:?}")
            }
        }
        self
    }

    /// This is the state afterwards: unchanged, where the command was refused.
    ///
    /// # Panics
    /// Otherwise.
    pub fn then_state(self, expected: D::State)
    where
        D::State: PartialEq + Debug,
    {
        let decider = &self.decider;
        let read_back = |event: D::Event| {
            let stored = event.to_new_event().unwrap_or_else(|error| panic!("it cannot be stored: {error}"));
            D::Event::from_new(&stored).unwrap_or_else(|error| panic!("{error}"))
        };
        let events = self.outcome.into_iter().flatten().map(read_back);
        assert_eq!(events.fold(self.state, |state, event| decider.evolve(state, event)), expected);
    }
}
