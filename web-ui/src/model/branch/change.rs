//! The changes that a branch is made of.

use std::fmt;
use std::str::FromStr;

use leftfold_core::{EventType, Position, StreamName};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::text::JsonText;

/// An event of a branch: one of the log, by its position, or one that is new. As text `490` or `new-3`; position 0 is the
/// beginning, which is no event and has something behind it all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EventRef {
    /// An event of the log.
    Stored(Position),
    /// An inserted event, by a number that no other event of its branch has had.
    New(u32),
}

impl EventRef {
    /// The event of the log at a position.
    #[must_use]
    pub fn at(position: u64) -> Self {
        Self::Stored(Position::new(position))
    }
}

impl fmt::Display for EventRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored(position) => write!(f, "{position}"),
            Self::New(number) => write!(f, "new-{number}"),
        }
    }
}

impl FromStr for EventRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} names no event");
        match text.strip_prefix("new-") {
            Some(number) => number.parse().map(Self::New).map_err(|_| wrong()),
            None => text.parse().map(|at| Self::Stored(Position::new(at))).map_err(|_| wrong()),
        }
    }
}

impl TryFrom<String> for EventRef {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<EventRef> for String {
    fn from(event: EventRef) -> Self {
        event.to_string()
    }
}

/// An event that is not in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inserted {
    /// Its number.
    pub number: u32,
    /// The event that it was put behind.
    pub after: EventRef,
    /// Its stream.
    pub stream: String,
    /// Its type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The schema version of its data.
    pub schema_version: u32,
    /// Its data.
    pub data: JsonText,
    /// The command that it was decided by, as the decider reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<JsonText>,
}

/// One change. Later ones are made to what the earlier ones left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// An event is left out. What was inserted is taken back instead.
    Skip(EventRef),
    /// An event of the log has other data, in its newest shape.
    Edit {
        /// The event.
        event: EventRef,
        /// Its data.
        data: JsonText,
    },
    /// There is another event.
    Insert(Inserted),
    /// An event stands directly behind another one, wherever that is by then.
    Move {
        /// The event.
        event: EventRef,
        /// What it stands behind.
        after: EventRef,
    },
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidChange {
    /// The event lies before the fork.
    #[error("event {event} lies before the fork at {fork}: that history is shared")]
    BeforeFork {
        /// The event.
        event: EventRef,
        /// The fork.
        fork: Position,
    },
    /// There is no such event.
    #[error("the branch has no event {event}")]
    NoEvent {
        /// What was named.
        event: EventRef,
    },
    /// An event cannot stand after itself.
    #[error("event {event} cannot stand after itself")]
    BehindItself {
        /// The event.
        event: EventRef,
    },
    /// The name of a stream is none.
    #[error("{reason}")]
    Stream {
        /// What is wrong.
        reason: String,
    },
    /// The name of a type is none.
    #[error("{reason}")]
    Type {
        /// What is wrong.
        reason: String,
    },
    /// A number was given twice.
    #[error("there is a new event of number {number} already")]
    Taken {
        /// The number.
        number: u32,
    },
    /// There are too many.
    #[error("a branch has at most {most} changes")]
    TooMany {
        /// The limit.
        most: usize,
    },
}

impl Inserted {
    /// Whether its names are names.
    ///
    /// # Errors
    /// [`InvalidChange::Stream`], [`InvalidChange::Type`].
    pub fn check(&self) -> Result<(), InvalidChange> {
        StreamName::new(&self.stream).map_err(|error| InvalidChange::Stream { reason: error.to_string() })?;
        EventType::new(&self.event_type).map_err(|error| InvalidChange::Type { reason: error.to_string() })?;
        Ok(())
    }
}
