//! Why a timeline has no answer.

use thiserror::Error;

use crate::domain::{EventType, InvalidQuery, Position, UpcastError};
use crate::engine::ReadError;
use crate::storage::StorageError;

/// Why a timeline has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// The projection failed at an event. The timeline answers for every position before it.
    #[error("the projection failed at position {position}, an event of type {event_type}: {reason}")]
    Fold {
        /// Where the event stands.
        position: Position,
        /// Its type, as far as it was lifted.
        event_type: EventType,
        /// What the projection says.
        reason: String,
    },
    /// An event could not be lifted. The timeline answers for every position before it.
    #[error(transparent)]
    Upcast(#[from] UpcastError),
    /// The log could not be read. The same question may be asked again.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The text is no JSON Pointer.
    #[error("{pointer:?} is no JSON Pointer: {reason}")]
    InvalidPointer {
        /// The text.
        pointer: String,
        /// What does not hold.
        reason: &'static str,
    },
    /// A state cannot be written as JSON.
    #[error("the state after position {position} cannot be written as JSON: {reason}")]
    NotJson {
        /// The position that the state belongs to.
        position: Position,
        /// What serde says.
        reason: String,
    },
    /// The projection is a text that cannot be run, or not here.
    #[error("the projection cannot be run: {reason}")]
    NotRunnable {
        /// What is wrong, with the line of the text where it is known.
        reason: String,
    },
    /// The work was cancelled. What was built so far is kept.
    #[error("the work was cancelled")]
    Aborted,
}

impl TimelineError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fold { .. } | Self::NotJson { .. } | Self::NotRunnable { .. } => "projection-failed",
            Self::Upcast(_) => "upcast-failed",
            Self::Read(error) => error.code(),
            Self::InvalidPointer { .. } => "invalid-input",
            Self::Aborted => "aborted",
        }
    }
}

impl From<StorageError> for TimelineError {
    fn from(error: StorageError) -> Self {
        Self::Read(error.into())
    }
}

impl From<InvalidQuery> for TimelineError {
    fn from(error: InvalidQuery) -> Self {
        Self::Read(error.into())
    }
}
