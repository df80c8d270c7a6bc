//! One atomic append.

use super::limits::{MAX_COMMIT_BYTES, MAX_EVENTS_PER_COMMIT, MAX_STREAMS_PER_COMMIT};
use super::{Condition, EventId, ExpectedVersion, InvalidCommit, NewEvent, Position, StreamName, StreamVersion};

/// Events for one stream, with what the writer believes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamWrite {
    /// The stream.
    pub stream: StreamName,
    /// What the writer believes.
    pub expected: ExpectedVersion,
    /// The events, at least one.
    pub events: Vec<NewEvent>,
}

/// A stream that must be as the writer believes, and is not written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamCheck {
    /// The stream.
    pub stream: StreamName,
    /// What the writer believes.
    pub expected: ExpectedVersion,
}

/// Events for one or more streams: all of it is stored, at consecutive positions in the order given, or none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// The streams written to, each named once.
    pub writes: Vec<StreamWrite>,
    /// Streams only checked.
    pub checks: Vec<StreamCheck>,
    /// Conditions over the log.
    pub conditions: Vec<Condition>,
}

impl Commit {
    /// A commit of `events` to one stream.
    #[must_use]
    pub fn to_stream(stream: StreamName, expected: ExpectedVersion, events: Vec<NewEvent>) -> Self {
        Self { writes: vec![StreamWrite { stream, expected, events }], ..Self::default() }
    }

    /// The number of events.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.writes.iter().map(|write| write.events.len()).sum()
    }

    /// Checks everything that can be checked without the log.
    ///
    /// # Errors
    /// [`InvalidCommit`] when there are no events, a write has none, a stream is written to twice, an event id stands
    /// in it twice, or a limit is passed.
    pub fn check(&self) -> Result<(), InvalidCommit> {
        if self.writes.is_empty() {
            return Err(InvalidCommit::NoEvents);
        }
        if let Some(write) = self.writes.iter().find(|write| write.events.is_empty()) {
            return Err(InvalidCommit::EmptyWrite { stream: write.stream.clone() });
        }
        let limit = |what, limit, actual| {
            if actual > limit { Err(InvalidCommit::LimitExceeded { what, limit, actual }) } else { Ok(()) }
        };
        limit("events", MAX_EVENTS_PER_COMMIT, self.event_count())?;
        limit("streams", MAX_STREAMS_PER_COMMIT, self.writes.len() + self.checks.len())?;
        let bytes = self.writes.iter().flat_map(|write| &write.events).map(NewEvent::byte_len).sum();
        limit("bytes", MAX_COMMIT_BYTES, bytes)?;
        let streams: Vec<_> = self.writes.iter().map(|write| write.stream.as_str().as_bytes()).collect();
        if let Some(at) = repeated(&streams) {
            return Err(InvalidCommit::StreamTwice { stream: self.writes[at].stream.clone() });
        }
        let ids: Vec<_> = self.writes.iter().flat_map(|write| &write.events).filter_map(NewEvent::id).collect();
        let names: Vec<_> = ids.iter().map(EventId::as_bytes).collect();
        if let Some(at) = repeated(&names) {
            return Err(InvalidCommit::IdTwice { id: ids[at] });
        }
        for condition in &self.conditions {
            condition.query.check().map_err(|source| InvalidCommit::Query { source })?;
        }
        Ok(())
    }
}

/// The place of a name that stands there twice. Of one type: every other that is sorted is four kilobytes of code.
fn repeated(names: &[&[u8]]) -> Option<usize> {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    let pair = sorted.windows(2).find(|pair| pair[0] == pair[1])?;
    names.iter().position(|name| *name == pair[0])
}

/// Where a commit stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitResult {
    /// The position of its first event.
    pub first_position: Position,
    /// The position of its last event.
    pub last_position: Position,
    /// The versions it took in each stream, in the order of the writes.
    pub streams: Vec<StreamRange>,
    /// True when these very events were stored before: an idempotent retry, which wrote nothing.
    pub duplicate: bool,
}

/// The versions that a commit took in one stream, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRange {
    /// The stream.
    pub stream: StreamName,
    /// The version of the first event.
    pub first_version: StreamVersion,
    /// The version of the last event.
    pub last_version: StreamVersion,
}
