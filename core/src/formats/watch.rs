//! Looking on while an import runs: progress and cancelling.

use std::fmt;

use super::report::Progress;
use crate::engine::CancelToken;

/// What accompanies an import. The default does nothing.
#[derive(Default)]
pub struct ImportWatch<'a> {
    on_progress: Option<Box<dyn FnMut(Progress) + 'a>>,
    cancel: CancelToken,
    total_bytes: u64,
}

impl<'a> ImportWatch<'a> {
    /// Nobody looks on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `on_progress` after every small piece of work, many times a second.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl FnMut(Progress) + 'a) -> Self {
        self.on_progress = Some(Box::new(on_progress));
        self
    }

    /// How many bytes the source will give in all, for [`Progress::total_bytes`].
    #[must_use]
    pub fn total_bytes(mut self, total_bytes: u64) -> Self {
        self.total_bytes = total_bytes;
        self
    }

    /// Stops when `cancel` is thrown: at the next piece of work, or while it waits for its source.
    #[must_use]
    pub fn cancel(mut self, cancel: CancelToken) -> Self {
        self.cancel = cancel;
        self
    }

    pub(super) fn token(&self) -> &CancelToken {
        &self.cancel
    }

    pub(super) fn tell(&mut self, progress: Progress) {
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(Progress { total_bytes: self.total_bytes, ..progress });
        }
    }
}

impl fmt::Debug for ImportWatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportWatch").field("total_bytes", &self.total_bytes).finish_non_exhaustive()
    }
}
