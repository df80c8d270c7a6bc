//! Projections: read models kept beside the log, each with the position that it stands at.
//!
//! A read model and its checkpoint are written in one transaction, on condition that the checkpoint is still the one that
//! the writer knows: an event has its effect exactly once, whoever runs the projection and however often. One handle of a
//! store runs a projection at a time, so that work is not done twice; all of them see the result.

mod batch;
mod error;
mod fold;
mod follow;
mod handle;
mod inline;
mod options;
mod projector;
mod record;

pub use batch::{BatchError, BatchFailure, BatchOutline, BatchProjection, Placed};
pub use error::ProjectionError;
pub use handle::{ProjectionProgress, RunningProjection};
pub(super) use inline::Inline;
pub use options::{ProjectionMode, ProjectionOptions};
pub use record::{ProjectionFailure, ProjectionState, ProjectionStatus, SkippedEvent};
