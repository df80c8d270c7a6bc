//! What can be wrong with values, before a log is asked.

use thiserror::Error;

use super::{EventId, StreamName};

/// A name that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// Nothing in it.
    #[error("the {what} is empty")]
    Empty {
        /// Which kind of name.
        what: &'static str,
    },
    /// More bytes than allowed.
    #[error("the {what} has {actual} bytes; at most {limit} are allowed")]
    TooLong {
        /// Which kind of name.
        what: &'static str,
        /// The most bytes allowed.
        limit: usize,
        /// The bytes it has.
        actual: usize,
    },
    /// A character below U+0020, or U+007F to U+009F.
    #[error("the {what} holds the control character U+{found:04X}")]
    ControlCharacter {
        /// Which kind of name.
        what: &'static str,
        /// The first such code point.
        found: u32,
    },
}

/// A text or number that is no moment in time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidTime {
    /// Not a form of time that is read here.
    #[error("\u{201c}{text}\u{201d} is not a time; RFC 3339 such as 2026-03-14T09:41:07.331Z is expected")]
    Unreadable {
        /// The text, its first 64 characters.
        text: String,
    },
    /// Outside of the years 0 to 9999.
    #[error("the time lies outside of the years 0 to 9999")]
    OutOfRange,
}

/// An event that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidEvent {
    /// Its type, a tag or its content type is no name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// Its time is none.
    #[error(transparent)]
    Time(#[from] InvalidTime),
    /// Its data is not JSON.
    #[error("the data is not JSON: {reason}")]
    DataNotJson {
        /// What the parser said, with line and column.
        reason: String,
    },
    /// Its metadata is not a JSON object.
    #[error("the metadata is not a JSON object: {reason}")]
    MetadataNotObject {
        /// What was found instead.
        reason: String,
    },
    /// Its id is not a UUID.
    #[error("\u{201c}{text}\u{201d} is not a UUID")]
    Id {
        /// The text, its first 64 characters.
        text: String,
    },
    /// More than is allowed.
    #[error("the event has {actual} {what}; at most {limit} are allowed")]
    LimitExceeded {
        /// What there is too much of.
        what: &'static str,
        /// The most allowed.
        limit: usize,
        /// What it has.
        actual: usize,
    },
}

/// A commit that cannot be judged at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidCommit {
    /// It writes nothing.
    #[error("the commit has no events")]
    NoEvents,
    /// A write without events.
    #[error("the write to stream {stream} has no events; use a check to only look at a stream")]
    EmptyWrite {
        /// The stream.
        stream: StreamName,
    },
    /// Two writes to one stream.
    #[error("the stream {stream} is written to twice; put its events into one write")]
    StreamTwice {
        /// The stream.
        stream: StreamName,
    },
    /// Two events with one id.
    #[error("the event id {id} stands twice in the commit")]
    IdTwice {
        /// The id.
        id: EventId,
    },
    /// More than is allowed.
    #[error("the commit has {actual} {what}; at most {limit} are allowed")]
    LimitExceeded {
        /// What there is too much of.
        what: &'static str,
        /// The most allowed.
        limit: usize,
        /// What it has.
        actual: usize,
    },
    /// A condition's query is wrong.
    #[error(transparent)]
    Query {
        /// What is wrong with it.
        source: InvalidQuery,
    },
}

/// A query or a range that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidQuery {
    /// More items than allowed.
    #[error("the query has {actual} items; at most {limit} are allowed")]
    TooManyItems {
        /// The most allowed.
        limit: usize,
        /// The items it has.
        actual: usize,
    },
    /// A name in it is none.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A time in it is none.
    #[error(transparent)]
    Time(#[from] InvalidTime),
}
