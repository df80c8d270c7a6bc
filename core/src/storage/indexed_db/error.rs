//! What the browser says, in our words.

use indexed_db_futures::error::{Error, OpenDbError};
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

use crate::storage::{ClosedBecause, StorageError};

/// The name of an exception, such as `QuotaExceededError`, and its message.
fn name_and_message(value: &JsValue) -> (String, String) {
    if let Some(exception) = value.dyn_ref::<web_sys::DomException>() {
        return (exception.name(), exception.message());
    }
    // An error that is none of the browser's may have anything in their places.
    let text = |member: &str| Reflect::get(value, &member.into()).ok()?.as_string();
    if value.is_instance_of::<js_sys::Error>() {
        return (text("name").unwrap_or_default(), text("message").unwrap_or_default());
    }
    (String::new(), format!("{value:?}"))
}

pub(super) fn from_js(value: &JsValue) -> StorageError {
    let (name, message) = name_and_message(value);
    let reason = if message.is_empty() { name.clone() } else { format!("{name}: {message}") };
    match name.as_str() {
        "QuotaExceededError" => StorageError::QuotaExceeded { reason },
        "SecurityError" | "NotSupportedError" => StorageError::Unavailable { reason },
        // The connection was closed beneath a call: by this handle, by an upgrade, or by the browser.
        "InvalidStateError" => StorageError::closed(ClosedBecause::ConnectionLost),
        _ => StorageError::Aborted { reason },
    }
}

pub(super) fn from_error(error: Error) -> StorageError {
    match error {
        Error::DomException(exception) => from_js(exception.as_ref()),
        other => StorageError::Aborted { reason: other.to_string() },
    }
}

pub(super) fn is_constraint(error: &JsValue) -> bool {
    name_and_message(error).0 == "ConstraintError"
}

pub(super) fn from_open_error(error: OpenDbError) -> StorageError {
    match error {
        OpenDbError::Base(Error::DomException(exception)) => match from_js(exception.as_ref()) {
            // A database that cannot be opened at all is not closed but out of reach, as in some private windows.
            StorageError::Closed { .. } => StorageError::Unavailable { reason: exception.message() },
            other => other,
        },
        other => StorageError::Unavailable { reason: other.to_string() },
    }
}

/// Whether a database could not be opened because it has a newer layout.
pub(super) fn newer_layout(error: &OpenDbError) -> bool {
    let OpenDbError::Base(Error::DomException(exception)) = error else { return false };
    name_and_message(exception.as_ref()).0 == "VersionError"
}
