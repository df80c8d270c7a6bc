//! Leftfold keeps an append-only log of events and answers for every moment of its history.
//!
//! The [`guide`] begins with a first event and ends with several tabs. Where to look things up:
//!
//! | what | where |
//! | --- | --- |
//! | append, read, subscribe | [`EventStore`] |
//! | decide on commands | [`Decider`], [`Repository`], [`Boundary`] |
//! | read models that follow the log | [`Projection`], [`RunningProjection`] |
//! | payloads that change shape | [`Upcaster`] |
//! | the state at any moment | [`Timeline`] |
//! | projections as text, in a page | the module `js::script`, with the feature `script` |
//! | other people's logs | [`formats`] |
//! | tests of a domain, and of a storage adapter | the module `testing`, with the feature of that name |

pub mod domain;
mod engine;
pub mod formats;
pub mod guide;
#[cfg(all(any(feature = "js", feature = "js-formats", feature = "script"), target_arch = "wasm32"))]
// The second module alone has use for a part of what the two share.
#[cfg_attr(not(feature = "js"), allow(dead_code))]
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
