//! The engine: one log, many writers, exact version checks.

mod append;
mod bulk;
mod cache;
mod error;
mod extents;
mod head_signal;
mod index;
mod judge;
mod pace;
mod read;
mod seal;
mod state;
mod stats;
mod store;
mod subscribe;
mod verify;

pub use bulk::{Bulk, BulkReport};
pub use error::{AppendError, ReadError};
pub use index::{CategoryCount, LogView, Row, StreamFilter, StreamInfo, TagCount, TypeCount};
pub(crate) use pace::Pace;
pub use read::{Direction, Events, ReadOptions, StreamReadOptions};
pub use stats::StoreStats;
pub use store::{EventStore, OpenOptions};
pub use subscribe::{From, Subscription};
pub use verify::{Problem, Verification};
