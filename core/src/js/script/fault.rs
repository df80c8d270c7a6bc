//! What is wrong with a projection's text, or with what it does.

use thiserror::Error;

use crate::domain::Position;
use crate::timeline::TimelineError;

/// What is wrong with a projection's text, or with what it did at an event.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct ScriptFault {
    /// What is wrong.
    pub message: String,
    /// The event at which it failed; none where the text itself cannot be run.
    pub position: Option<Position>,
    /// The line of the text, from 1, as far as it is known.
    pub line: Option<u64>,
    /// The column, from 1.
    pub column: Option<u64>,
    /// Whether the text did not come to an end, and was stopped.
    pub is_endless: bool,
    /// The partition whose state cannot be kept; which of its last events made it so is still to be found.
    pub(super) unkept: Option<String>,
}

impl ScriptFault {
    /// A fault of no event and no line.
    pub(super) fn of(message: &str) -> Self {
        Self { message: message.to_owned(), position: None, line: None, column: None, is_endless: false, unkept: None }
    }

    /// What is wrong, and in which line.
    pub(super) fn in_words(&self) -> String {
        match self.line {
            Some(line) => format!("{} (line {line} of the text)", self.message),
            None => self.message.clone(),
        }
    }
}

impl From<ScriptFault> for TimelineError {
    fn from(fault: ScriptFault) -> Self {
        Self::NotRunnable { reason: fault.in_words() }
    }
}
