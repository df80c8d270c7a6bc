//! Every error on its way to JavaScript: a stable code, a message, details.

use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::glue::{LeftfoldError, parse};
use crate::domain::{ExpectedVersion, InvalidCommit, InvalidEvent, InvalidName, InvalidQuery};
use crate::engine::{AppendError, ReadError};
use crate::storage::{ClosedBecause, StorageError};

/// What becomes a `LeftfoldError`, or an error that JavaScript code has made already.
#[derive(Debug)]
pub(super) enum Failure {
    /// The details are members of a JSON object, with a comma behind each.
    New {
        code: &'static str,
        message: String,
        details: String,
        cause: JsValue,
    },
    Made(JsValue),
}

impl Failure {
    pub(super) fn new(code: &'static str, message: impl ToString) -> Self {
        Self::New { code, message: message.to_string(), details: String::new(), cause: JsValue::UNDEFINED }
    }

    /// An argument or one of its members that cannot be used.
    pub(super) fn member(code: &'static str, member: impl ToString, problem: impl std::fmt::Display) -> Self {
        let member = member.to_string();
        Self::new(code, format!("{member}: {problem}")).with("member", member)
    }

    /// What a projection's own functions are to blame for, or the state that they make.
    pub(super) fn of_projection(message: impl ToString) -> Self {
        Self::new("projection-failed", message).with("reason", Unanswered::Failed)
    }

    /// The same with one more detail.
    pub(super) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Self::New { details, .. } = &mut self {
            // What is told is numbers, texts and lists of them, which have a text.
            if let Ok(value) = serde_json::to_string(&value) {
                details.extend(["\"", name, "\":", &value, ","]);
            }
        }
        self
    }

    /// The same, caused by an error of JavaScript's.
    pub(super) fn caused_by(mut self, error: JsValue) -> Self {
        if let Self::New { cause, .. } = &mut self {
            *cause = error;
        }
        self
    }
}

/// Why a projection does not answer: the detail `reason` of what has the code `projection-failed`.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unanswered {
    Failed,
    Rebuilding,
    Superseded,
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::New { code, message, details, cause } => {
                let details = format!("{{{}}}", details.trim_end_matches(','));
                let details = parse(&details.into()).unwrap_or_else(|_| js_sys::Object::new().into());
                LeftfoldError::new(code, &message, details, cause).into()
            }
            Failure::Made(error) => error,
        }
    }
}

/// What something that was thrown says.
pub(super) fn reason(thrown: &JsValue) -> String {
    if !thrown.is_instance_of::<js_sys::Error>() {
        return thrown.as_string().unwrap_or_else(|| format!("{thrown:?}"));
    }
    // Whoever throws may have put anything in its place.
    let message = Reflect::get(thrown, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| "an error whose message is no text".to_owned())
}

/// With the expected version as JavaScript writes it.
fn expecting(failure: Failure, version: ExpectedVersion) -> Failure {
    match version {
        ExpectedVersion::Any => failure.with("expected", "any"),
        ExpectedVersion::NoStream => failure.with("expected", "no-stream"),
        ExpectedVersion::StreamExists => failure.with("expected", "stream-exists"),
        ExpectedVersion::Exact(version) => failure.with("expected", version),
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        let failure = Self::new(error.code(), &error);
        match error {
            AppendError::WrongExpectedVersion { stream, expected: believed, actual } => {
                expecting(failure.with("stream", stream), believed).with("actual", actual)
            }
            AppendError::ConditionFailed { condition, position } => {
                failure.with("condition", condition).with("position", position)
            }
            AppendError::DuplicateEventId { id, position } => {
                failure.with("id", id.to_string()).with("position", position)
            }
            AppendError::InvalidEvent(error) => error.describe(failure),
            AppendError::InvalidCommit(error) => error.describe(failure),
            AppendError::Storage(error) => error.describe(failure),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        let failure = Self::new(error.code(), &error);
        match error {
            ReadError::InvalidQuery(error) => error.describe(failure),
            ReadError::Storage(error) => error.describe(failure),
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        error.describe(Self::new(error.code(), &error))
    }
}

/// Errors that have numbers and names to tell besides their message.
pub(super) trait Describe {
    fn describe(&self, failure: Failure) -> Failure;
}

fn beyond(failure: Failure, what: &str, limit: usize, actual: usize) -> Failure {
    failure.with("what", what).with("limit", limit).with("actual", actual)
}

impl Describe for InvalidName {
    fn describe(&self, failure: Failure) -> Failure {
        match self {
            Self::Empty { what } => failure.with("what", what),
            Self::TooLong { what, limit, actual } => beyond(failure, what, *limit, *actual),
            Self::ControlCharacter { what, found } => failure.with("what", what).with("found", found),
        }
    }
}

impl Describe for InvalidEvent {
    fn describe(&self, failure: Failure) -> Failure {
        match self {
            Self::Name(error) => error.describe(failure),
            Self::LimitExceeded { what, limit, actual } => beyond(failure, what, *limit, *actual),
            _ => failure,
        }
    }
}

impl Describe for InvalidCommit {
    fn describe(&self, failure: Failure) -> Failure {
        match self {
            Self::EmptyWrite { stream } | Self::StreamTwice { stream } => failure.with("stream", stream),
            Self::IdTwice { id } => failure.with("id", id.to_string()),
            Self::LimitExceeded { what, limit, actual } => beyond(failure, what, *limit, *actual),
            Self::Query { source } => source.describe(failure),
            _ => failure,
        }
    }
}

impl Describe for InvalidQuery {
    fn describe(&self, failure: Failure) -> Failure {
        match self {
            Self::TooManyItems { limit, actual } => beyond(failure, "items", *limit, *actual),
            Self::Name(error) => error.describe(failure),
            _ => failure,
        }
    }
}

impl Describe for StorageError {
    fn describe(&self, failure: Failure) -> Failure {
        match self {
            Self::QuotaExceeded { reason } | Self::Unavailable { reason } | Self::Aborted { reason } => {
                failure.with("reason", reason)
            }
            Self::Blocked { store } => failure.with("store", store),
            Self::Closed { because } => failure.with(
                "because",
                match because {
                    ClosedBecause::ClosedHere => "closed-here",
                    ClosedBecause::Upgraded => "upgraded",
                    ClosedBecause::Deleted => "deleted",
                    ClosedBecause::ConnectionLost => "connection-lost",
                },
            ),
            Self::NewerFormat { found, supported } => failure.with("found", found).with("supported", supported),
            Self::Corrupt { position, .. } => failure.with("position", position),
        }
    }
}
