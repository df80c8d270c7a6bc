//! What can go wrong between a command and its events.

use thiserror::Error;

use crate::domain::{DecodeError, EventType, InvalidEvent, Position, SchemaVersion, UpcastError};
use crate::engine::{AppendError, ReadError};
use crate::storage::StorageError;

/// Why a state could not be folded from the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event could not be lifted.
    #[error(transparent)]
    Upcast(#[from] UpcastError),
    /// An event is none that the decider knows.
    #[error("the event at position {position} cannot be folded: {source}")]
    Decode {
        /// Where it stands.
        position: Position,
        /// What is wrong.
        source: DecodeError,
    },
}

impl From<StorageError> for LoadError {
    fn from(error: StorageError) -> Self {
        Self::Read(error.into())
    }
}

impl LoadError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read(error) => error.code(),
            Self::Upcast(_) => "upcast-failed",
            Self::Decode { .. } => "invalid-event",
        }
    }
}

/// Why a command stored nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError<R> {
    /// The decider refused it. Nothing is wrong with the store.
    #[error("{0}")]
    Rejected(R),
    /// The state that it would be decided on could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What was decided cannot be an event.
    #[error(transparent)]
    InvalidEvent(#[from] InvalidEvent),
    /// What was decided has a schema version that an upcaster lifts: once stored, it would be lifted although it has the
    /// newest shape, and could not be read any more.
    #[error(
        "an event of type {event_type} was decided in schema version {schema_version}, which an upcaster lifts; \
         raise DomainEvent::schema_version"
    )]
    OutdatedSchema {
        /// The type.
        event_type: EventType,
        /// The schema version.
        schema_version: SchemaVersion,
    },
    /// What was decided could not be appended.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl<R> From<StorageError> for CommandError<R> {
    fn from(error: StorageError) -> Self {
        Self::Load(error.into())
    }
}

impl<R> CommandError<R> {
    /// The stable code of this error; `rejected` where the domain said no.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "rejected",
            Self::Load(error) => error.code(),
            Self::InvalidEvent(_) | Self::OutdatedSchema { .. } => "invalid-event",
            Self::Append(error) => error.code(),
        }
    }

    /// Whether another writer was first, so that deciding anew may succeed.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Append(AppendError::WrongExpectedVersion { .. } | AppendError::ConditionFailed { .. }))
    }
}
