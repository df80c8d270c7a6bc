//! Deciders: what a domain decides, and how its state follows from its events.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::DomainEvent;

/// A domain as three pure functions: `decide(state, command) -> events`, `evolve(state, event) -> state`, and the
/// `initial_state`.
///
/// `decide` may refuse and decides nothing else than events; `evolve` may not refuse, for its event has happened. Neither
/// reads a clock or a random source: what they need is in the command.
///
/// ```
/// use leftfold_core::{Decider, DomainEvent};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum SeatEvent {
///     SeatReserved { guest: String },
///     SeatReleased {},
/// }
/// impl DomainEvent for SeatEvent {}
///
/// enum SeatCommand { Reserve { guest: String }, Release }
///
/// #[derive(Debug, PartialEq, thiserror::Error)]
/// #[error("the seat is taken by {by}")]
/// struct Taken { by: String }
///
/// struct Seat;
/// impl Decider for Seat {
///     type State = Option<String>;
///     type Command = SeatCommand;
///     type Event = SeatEvent;
///     type Rejection = Taken;
///
///     fn name(&self) -> &str { "seat" }
///     fn initial_state(&self) -> Option<String> { None }
///     fn decide(&self, guest: &Option<String>, command: &SeatCommand) -> Result<Vec<SeatEvent>, Taken> {
///         match (command, guest) {
///             (SeatCommand::Reserve { .. }, Some(by)) => Err(Taken { by: by.clone() }),
///             (SeatCommand::Reserve { guest }, None) => Ok(vec![SeatEvent::SeatReserved { guest: guest.clone() }]),
///             (SeatCommand::Release, Some(_)) => Ok(vec![SeatEvent::SeatReleased {}]),
///             (SeatCommand::Release, None) => Ok(vec![]),
///         }
///     }
///     fn evolve(&self, _: Option<String>, event: SeatEvent) -> Option<String> {
///         match event {
///             SeatEvent::SeatReserved { guest } => Some(guest),
///             SeatEvent::SeatReleased {} => None,
///         }
///     }
/// }
/// ```
pub trait Decider {
    /// What decisions rest on.
    type State: Clone + Serialize + DeserializeOwned;
    /// What is asked.
    type Command;
    /// What is decided.
    type Event: DomainEvent;
    /// Why a command is refused.
    type Rejection: std::error::Error + 'static;

    /// The name, which its snapshots carry.
    fn name(&self) -> &str;

    /// The version of what makes the state what it is: of its shape, of `evolve`, and of what upcasters make of its events.
    /// Raise it when any of them changes: snapshots of another version are not used.
    fn schema_version(&self) -> u32 {
        1
    }

    /// The state of a stream without events.
    fn initial_state(&self) -> Self::State;

    /// Decides on a command. No events: there is nothing to do.
    ///
    /// # Errors
    /// The domain's own reason why the command is refused.
    fn decide(&self, state: &Self::State, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after an event.
    fn evolve(&self, state: Self::State, event: Self::Event) -> Self::State;
}

/// A domain in the style of an aggregate: an object that handles commands and applies events to itself.
pub trait Aggregate: Default + Clone + Serialize + DeserializeOwned {
    /// What is asked.
    type Command;
    /// What is decided.
    type Event: DomainEvent;
    /// Why a command is refused.
    type Rejection: std::error::Error + 'static;

    /// The name, which its snapshots carry.
    const NAME: &'static str;
    /// The version of its shape, of `apply`, and of what upcasters make of its events. Raise it when any of them changes.
    const SCHEMA_VERSION: u32 = 1;

    /// Decides on a command. No events: there is nothing to do.
    ///
    /// # Errors
    /// The domain's own reason why the command is refused.
    fn handle(&self, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Takes in an event.
    fn apply(&mut self, event: Self::Event);
}

/// The decider that an [`Aggregate`] is.
#[derive(Clone, Copy, Debug)]
pub struct AggregateDecider<A>(PhantomData<A>);

impl<A> Default for AggregateDecider<A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<A> AggregateDecider<A> {
    /// The decider.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<A: Aggregate> Decider for AggregateDecider<A> {
    type State = A;
    type Command = A::Command;
    type Event = A::Event;
    type Rejection = A::Rejection;

    fn name(&self) -> &str {
        A::NAME
    }

    fn schema_version(&self) -> u32 {
        A::SCHEMA_VERSION
    }

    fn initial_state(&self) -> A {
        A::default()
    }

    fn decide(&self, state: &A, command: &A::Command) -> Result<Vec<A::Event>, A::Rejection> {
        state.handle(command)
    }

    fn evolve(&self, mut state: A, event: A::Event) -> A {
        state.apply(event);
        state
    }
}
