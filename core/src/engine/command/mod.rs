//! From commands to events: load, decide, append.

mod boundary;
mod context;
mod decisions;
mod error;
mod load;
mod repository;
mod snapshot;

pub use boundary::{Boundary, BoundaryHandler, Bounded};
pub use context::CommandContext;
pub use decisions::Decisions;
pub use error::{CommandError, LoadError};
pub use load::Loaded;
pub use repository::{Executed, Repository};
pub use snapshot::{SnapshotInfo, SnapshotPolicy};
