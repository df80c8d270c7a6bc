//! The engine: one log, many writers, exact version checks.

mod append;
mod bulk;
mod cache;
mod cancel;
mod change_signal;
mod command;
mod error;
mod extents;
mod index;
mod judge;
mod pace;
mod project;
mod read;
mod seal;
mod state;
mod stats;
mod store;
#[cfg(all(target_arch = "wasm32", feature = "script"))]
mod stretch;
mod subscribe;
mod upcast;
mod verify;
mod wide_map;

pub use bulk::{Bulk, BulkReport};
pub use cancel::CancelToken;
pub use command::{
    Boundary, BoundaryHandler, Bounded, CommandContext, CommandError, Decisions, Executed, LoadError, Loaded,
    Repository, SnapshotInfo, SnapshotPolicy,
};
pub use error::{AppendError, ReadError};
pub use index::{CategoryCount, LogView, Row, StreamFilter, StreamInfo, TagCount, TypeCount};
pub(crate) use pace::Pace;
pub use project::{
    BatchError, BatchFailure, BatchOutline, BatchProjection, Placed, ProjectionError, ProjectionFailure,
    ProjectionMode, ProjectionOptions, ProjectionProgress, ProjectionState, ProjectionStatus, RunningProjection,
    SkippedEvent,
};
pub use read::{Direction, Events, ReadOptions, StreamReadOptions};
#[cfg(all(feature = "js", target_arch = "wasm32"))]
pub(crate) use seal::{Due, Sealer};
pub use stats::StoreStats;
pub use store::{EventStore, OpenOptions};
#[cfg(all(target_arch = "wasm32", feature = "script"))]
pub(crate) use stretch::{LastVersions, Stretch, Stretches};
pub use subscribe::{From, Subscription};
pub use verify::{Problem, Verification};
pub(crate) use wide_map::WideMap;
