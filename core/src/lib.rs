//! Leftfold keeps an append-only log of events and answers for every moment of its history.

pub mod domain;
mod engine;
pub mod formats;
#[cfg(all(feature = "js", target_arch = "wasm32"))]
pub mod js;
mod storage;
#[cfg(feature = "testing")]
pub mod testing;
mod timeline;

pub use domain::*;
pub use engine::*;
#[cfg(target_arch = "wasm32")]
pub use storage::indexed_db;
#[cfg(not(target_arch = "wasm32"))]
pub use storage::memory::NativeHost;
pub use storage::memory::{MemoryDatabase, MemoryStorage};
pub use storage::{
    AppendPlan, Appended, ClosedBecause, Covered, Derived, DerivedWrite, Durability, EVENTS_ENTRY, Host, KeyRange,
    Lead, Learned, LogEntry, Nudge, Seal, SegmentBytes, SegmentKey, Signal, SignalListener, Storage, StorageError,
    StorageFuture, Usage,
};
pub use timeline::*;
