//! What can go wrong with an operation on a store.

use thiserror::Error;

use crate::domain::{
    EventId, ExpectedVersion, InvalidCommit, InvalidEvent, InvalidQuery, Position, StreamName, StreamVersion,
};
use crate::storage::StorageError;

/// Why a commit was not stored. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AppendError {
    /// A stream is not where the writer believed. Read it, decide again, append again.
    #[error("stream {stream} is at version {actual}; {expected} was expected")]
    WrongExpectedVersion {
        /// The stream.
        stream: StreamName,
        /// What the writer believed.
        expected: ExpectedVersion,
        /// What is.
        actual: StreamVersion,
    },
    /// An event that matches a condition's query lies after its position.
    #[error("condition {condition} failed: the event at position {position} matches its query")]
    ConditionFailed {
        /// Which condition of the commit, counted from 0.
        condition: usize,
        /// The last event that matches.
        position: Position,
    },
    /// An event id is taken, and the commit is not a repeat of the one that took it.
    #[error("the event id {id} is taken by the event at position {position}")]
    DuplicateEventId {
        /// The id.
        id: EventId,
        /// Where it stands.
        position: Position,
    },
    /// An event cannot be stored.
    #[error(transparent)]
    InvalidEvent(#[from] InvalidEvent),
    /// The commit makes no sense.
    #[error(transparent)]
    InvalidCommit(#[from] InvalidCommit),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AppendError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongExpectedVersion { .. } => "wrong-expected-version",
            Self::ConditionFailed { .. } => "condition-failed",
            Self::DuplicateEventId { .. } => "duplicate-event-id",
            Self::InvalidEvent(_) => "invalid-event",
            Self::InvalidCommit(InvalidCommit::Query { .. }) => "invalid-query",
            Self::InvalidCommit(_) => "invalid-commit",
            Self::Storage(error) => error.code(),
        }
    }
}

/// Why a read failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The query makes no sense.
    #[error(transparent)]
    InvalidQuery(#[from] InvalidQuery),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl ReadError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidQuery(_) => "invalid-query",
            Self::Storage(error) => error.code(),
        }
    }
}
