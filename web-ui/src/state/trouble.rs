//! Errors and notes as a person reads them.

use std::sync::Arc;

use leftfold_core::{AppendError, InvalidEvent, ProjectionError, ReadError, StorageError, TimelineError};

use crate::sample::LiveError;

/// An error: what went wrong, in a sentence, and its stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) message: String,
    pub(crate) code: String,
}

impl Trouble {
    pub(crate) fn new(message: impl Into<String>, code: &str) -> Self {
        Self { message: message.into(), code: code.to_owned() }
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        Self::new(error.to_string(), error.code())
    }
}

impl From<AppendError> for Trouble {
    fn from(error: AppendError) -> Self {
        Self::new(error.to_string(), error.code())
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::new(error.to_string(), error.code())
    }
}

impl From<TimelineError> for Trouble {
    fn from(error: TimelineError) -> Self {
        Self::new(error.to_string(), error.code())
    }
}

impl From<ProjectionError> for Trouble {
    fn from(error: ProjectionError) -> Self {
        Self::new(error.to_string(), error.code())
    }
}

impl From<LiveError> for Trouble {
    fn from(error: LiveError) -> Self {
        Self::new(error.to_string(), error.code())
    }
}

impl From<InvalidEvent> for Trouble {
    fn from(error: InvalidEvent) -> Self {
        Self::new(error.to_string(), "invalid-event")
    }
}

/// What a toast is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToastKind {
    Done,
    Error,
}

/// What the button of a toast says and does. The toast closes. It may outlive what showed it, so it owns what it runs.
#[derive(Clone)]
pub(crate) struct ToastAction {
    pub(crate) label: String,
    pub(crate) run: Arc<dyn Fn() + Send + Sync>,
}

/// A note that stays until it is closed, or for some seconds when nothing is wrong.
#[derive(Clone)]
pub(crate) struct Toast {
    pub(crate) id: u64,
    pub(crate) kind: ToastKind,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) code: Option<String>,
    pub(crate) action: Option<ToastAction>,
}
