//! What can go wrong beneath the log.

use thiserror::Error;

use crate::domain::Position;

/// Why a handle on a store is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClosedBecause {
    /// This handle was closed by its owner.
    #[error("it was closed here")]
    ClosedHere,
    /// Another tab upgrades the database to a newer version of Leftfold.
    #[error("another tab upgrades it; reload this page to use the newer version")]
    Upgraded,
    /// Another tab, or the user, deleted the store.
    #[error("it was deleted")]
    Deleted,
    /// The browser closed the connection, for example because site data were cleared.
    #[error("the browser closed the connection; open the store again")]
    ConnectionLost,
}

/// A failure of the storage. Whatever was acknowledged before it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StorageError {
    /// There is no room. Nothing of the call was written, and the store is usable.
    #[error("the storage is full ({reason}); free some space or delete a store, then try again")]
    QuotaExceeded {
        /// What the browser said.
        reason: String,
    },
    /// There is no storage here, as in some private windows.
    #[error("there is no storage here ({reason}); a private window or a blocked site setting may forbid it")]
    Unavailable {
        /// What the browser said.
        reason: String,
    },
    /// Another tab holds on to an older version of the database.
    #[error("the store {store} is in use by another tab that must be closed or reloaded first")]
    Blocked {
        /// The store.
        store: String,
    },
    /// The handle is closed.
    #[error("the store is closed: {because}")]
    Closed {
        /// Why.
        because: ClosedBecause,
    },
    /// The transaction was given up. Nothing of the call was written, and the store is usable.
    #[error("the transaction was aborted: {reason}")]
    Aborted {
        /// What the browser said.
        reason: String,
    },
    /// The store was written by a newer version. It was not touched.
    #[error("the store has format {found}, and this version reads up to {supported}; use a newer Leftfold")]
    NewerFormat {
        /// The format of the store.
        found: u32,
        /// The newest format read here.
        supported: u32,
    },
    /// Bytes of the store are damaged.
    #[error("the store is damaged at position {position}: {reason}")]
    Corrupt {
        /// The first position that the damaged record holds.
        position: Position,
        /// What does not hold.
        reason: String,
    },
}

impl StorageError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::QuotaExceeded { .. } => "quota-exceeded",
            Self::Unavailable { .. } => "storage-unavailable",
            Self::Blocked { .. } => "storage-blocked",
            Self::Closed { .. } => "storage-closed",
            Self::Aborted { .. } => "storage-aborted",
            Self::NewerFormat { .. } => "newer-format",
            Self::Corrupt { .. } => "corrupt",
        }
    }

    pub(crate) fn corrupt(position: Position, reason: impl ToString) -> Self {
        Self::Corrupt { position, reason: reason.to_string() }
    }

    pub(crate) fn closed(because: ClosedBecause) -> Self {
        Self::Closed { because }
    }
}
