//! How a projection is run.

use std::time::Duration;

/// When a projection folds an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProjectionMode {
    /// Behind the append, soon after it was acknowledged.
    #[default]
    Async,
    /// In the transaction of the append, where this handle appends: once the append is acknowledged, the read model has
    /// it. Every append is then as slow as the read model is large. Events that others append, and those of an import, are
    /// caught up with before the next append.
    ///
    /// An append never fails because of a projection. It goes on alone, and the projection follows behind it, while the
    /// projection has failed, or only an older version's read model is there, or when other handles write to it so often
    /// that eight attempts were lost.
    Inline,
}

/// How a projection is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectionOptions {
    /// When events are folded. Default async.
    pub mode: ProjectionMode,
    /// How long a projection that catches up folds before it writes. Default 100 ms.
    pub write_interval: Duration,
    /// How long a handle that runs the projection may make no progress, while there is work, before another takes it
    /// over. Default 4 s.
    pub patience: Duration,
}

impl Default for ProjectionOptions {
    fn default() -> Self {
        Self {
            mode: ProjectionMode::Async,
            write_interval: Duration::from_millis(100),
            patience: Duration::from_secs(4),
        }
    }
}

impl ProjectionOptions {
    /// The same options with another mode.
    #[must_use]
    pub fn mode(mut self, mode: ProjectionMode) -> Self {
        self.mode = mode;
        self
    }

    /// The same options with another time between writes.
    #[must_use]
    pub fn write_interval(mut self, interval: Duration) -> Self {
        self.write_interval = interval;
        self
    }

    /// The same options with another patience.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}
