//! Where the bytes are kept: the port, its adapters, and the codec of what they keep.

pub(crate) mod codec;
mod error;
#[cfg(target_arch = "wasm32")]
pub mod indexed_db;
pub(crate) mod memory;
mod port;

pub use error::{ClosedBecause, StorageError};
pub use port::{
    AppendPlan, Appended, Covered, Derived, DerivedWrite, Durability, EVENTS_ENTRY, Host, KeyRange, Lead, Learned,
    LogEntry, Nudge, Seal, SegmentBytes, SegmentKey, Signal, SignalListener, Storage, StorageFuture, Usage,
};
