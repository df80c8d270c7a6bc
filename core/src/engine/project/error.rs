//! What can go wrong with a projection.

use thiserror::Error;

use super::record::ProjectionFailure;
use crate::domain::{InvalidName, InvalidQuery, Position};
use crate::engine::ReadError;
use crate::storage::StorageError;

/// Why a call on a projection failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The name cannot be one.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// The query makes no sense.
    #[error(transparent)]
    InvalidQuery(#[from] InvalidQuery),
    /// The projection has stopped at an event. Mend it and give it a new version, retry it, or skip the event.
    #[error("the projection {name} failed at position {}: {}", .failure.position, .failure.message)]
    Failed {
        /// The projection.
        name: String,
        /// Where and why.
        failure: ProjectionFailure,
    },
    /// Another version of the application has built a newer version of the projection.
    #[error("the projection {name} was built by version {stored}; this is version {own}: reload to use the newer one")]
    Superseded {
        /// The projection.
        name: String,
        /// The version that is stored.
        stored: u32,
        /// The version asked for.
        own: u32,
    },
    /// The read model is being built anew and cannot be read yet.
    #[error("the projection {name} is being rebuilt: it stands at {checkpoint} of {head}")]
    Rebuilding {
        /// The projection.
        name: String,
        /// How far the new read model is.
        checkpoint: Position,
        /// How far it must get.
        head: Position,
    },
    /// The code of the projection cannot be run here at present: the worker of one that is made of text did not start.
    #[error("the projection {name} cannot be run: {reason}")]
    Unavailable {
        /// The projection.
        name: String,
        /// Why.
        reason: String,
    },
    /// The projection was stopped here.
    #[error("the projection {name} was stopped")]
    Stopped {
        /// The projection.
        name: String,
    },
    /// The rebuild was given up. The read model from before it is kept.
    #[error("the rebuild of the projection {name} was cancelled")]
    Cancelled {
        /// The projection.
        name: String,
    },
    /// Only the event at which a projection has failed can be skipped.
    #[error("the projection {name} has not failed at position {position}: there is nothing to skip")]
    NothingToSkip {
        /// The projection.
        name: String,
        /// The position given.
        position: Position,
    },
    /// The storage failed. The projection goes on once it works again.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ReadError> for ProjectionError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::InvalidQuery(error) => Self::InvalidQuery(error),
            ReadError::Storage(error) => Self::Storage(error),
        }
    }
}

impl ProjectionError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidName(_) | Self::NothingToSkip { .. } => "invalid-input",
            Self::InvalidQuery(_) => "invalid-query",
            Self::Failed { .. } | Self::Superseded { .. } | Self::Rebuilding { .. } | Self::Unavailable { .. } => {
                "projection-failed"
            }
            Self::Stopped { .. } | Self::Cancelled { .. } => "aborted",
            Self::Storage(error) => error.code(),
        }
    }
}
