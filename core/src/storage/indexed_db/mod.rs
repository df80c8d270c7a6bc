//! The adapter on IndexedDB: the page, dedicated workers and service workers of one origin share its stores.
//!
//! Appends are a compare-and-swap: `add` under the position behind the known head fails if another handle was first.
//! A key that was freed would break that, so entries are removed only when a lock of every open handle says that it
//! has seen past them, and a handle that holds no such lock looks past its head in the same transaction.

mod catalog;
mod channel;
mod ear;
mod error;
mod host;
mod lock;
mod quiet;
mod schema;
mod seen;
mod storage;
mod transaction;

pub use catalog::{StoreSummary, delete, exists, list};
pub use host::BrowserHost;
pub use storage::{IndexedDbStorage, open};
