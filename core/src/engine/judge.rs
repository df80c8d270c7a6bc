//! Judging commits: in memory, against the log and the commits accepted before in the same transaction.

use hashbrown::HashMap;

use super::error::AppendError;
use super::index::{LogView, Search};
use crate::domain::{
    Commit, CommitResult, Condition, EventId, Position, QueryItem, RecordedEvent, StreamName, StreamRange,
    StreamVersion, StreamWrite, Timestamp,
};

/// A commit with the ids and times that its events will have.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) commit: Commit,
    /// An id and a time for each event, in the order of the writes.
    pub(crate) stamps: Vec<(EventId, Timestamp)>,
    /// Whether the producer gave any id: if not, the commit cannot be a repeat.
    pub(crate) has_given_ids: bool,
}

impl Prepared {
    fn events(&self) -> impl Iterator<Item = (&StreamWrite, usize, EventId)> {
        let places = self.commit.writes.iter().flat_map(|write| (0..write.events.len()).map(move |i| (write, i)));
        places.zip(&self.stamps).map(|((write, i), (id, _))| (write, i, *id))
    }
}

impl Prepared {
    /// The events as they will be read once they are stored where `result` says.
    pub(crate) fn recorded(&self, result: &CommitResult, recorded_at: Timestamp) -> Vec<RecordedEvent> {
        let mut position = result.first_position;
        let mut events = Vec::new();
        let mut stamps = self.stamps.iter();
        for (write, range) in self.commit.writes.iter().zip(&result.streams) {
            let mut version = range.first_version;
            for (event, (id, time)) in write.events.iter().zip(stamps.by_ref()) {
                events.push(RecordedEvent {
                    position,
                    version,
                    id: *id,
                    stream: write.stream.clone(),
                    event_type: event.event_type().clone(),
                    schema_version: event.schema_version(),
                    time: *time,
                    recorded_at,
                    content: event.content().clone(),
                    data: event.data().clone(),
                    metadata: event.metadata().clone(),
                    tags: event.tags().into(),
                });
                (position, version) = (position.next(), version.next());
            }
        }
        events
    }
}

/// The judgement on a commit.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    Accepted(CommitResult),
    Duplicate(CommitResult),
    Rejected(AppendError),
}

#[derive(Debug)]
struct Added<'a> {
    stream: &'a StreamName,
    version: StreamVersion,
    position: Position,
}

/// Judges commits one after the other, as if those accepted were stored already.
pub(crate) struct Judge<'a> {
    log: &'a LogView,
    /// The first position behind the log.
    next: Position,
    /// The first position behind what was accepted.
    end: Position,
    accepted: Vec<&'a Prepared>,
    versions: HashMap<&'a StreamName, StreamVersion>,
    added: HashMap<EventId, Added<'a>>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(log: &'a LogView) -> Self {
        let next = log.head().next();
        Self { log, next, end: next, accepted: Vec::new(), versions: HashMap::new(), added: HashMap::new() }
    }

    fn version(&self, stream: &StreamName) -> StreamVersion {
        self.versions.get(stream).copied().unwrap_or_else(|| self.log.stream_version(stream))
    }

    /// Where an id stands: stream, version, position.
    fn place_of(&self, id: EventId) -> Option<(StreamName, StreamVersion, Position)> {
        if let Some(added) = self.added.get(&id) {
            return Some((added.stream.clone(), added.version, added.position));
        }
        let row = self.log.row(self.log.find_id(id)?)?;
        Some((row.stream, row.version, row.position))
    }

    pub(crate) fn judge(&mut self, prepared: &'a Prepared) -> Verdict {
        match self.duplicate(prepared) {
            Ok(Some(result)) => return Verdict::Duplicate(result),
            Err(error) => return Verdict::Rejected(error),
            Ok(None) => {}
        }
        match self.check(&prepared.commit) {
            Ok(()) => Verdict::Accepted(self.accept(prepared)),
            Err(error) => Verdict::Rejected(error),
        }
    }

    /// A repeat has every id stored, in the same streams and the same order. It outranks the version checks.
    fn duplicate(&self, prepared: &Prepared) -> Result<Option<CommitResult>, AppendError> {
        if !prepared.has_given_ids {
            return Ok(None);
        }
        let mut taken = None;
        let mut is_repeat = true;
        let mut previous = Position::ZERO;
        let mut first = Position::ZERO;
        let mut streams: Vec<StreamRange> = Vec::new();
        for (write, i, id) in prepared.events() {
            let Some((stream, version, position)) = self.place_of(id) else {
                is_repeat = false;
                continue;
            };
            taken.get_or_insert((id, position));
            is_repeat &= stream == write.stream && position > previous;
            previous = position;
            if first == Position::ZERO {
                first = position;
            }
            if i == 0 {
                streams.push(StreamRange { stream, first_version: version, last_version: version });
            } else if let Some(range) = streams.last_mut() {
                range.last_version = version;
            }
        }
        match taken {
            None => Ok(None),
            Some(_) if is_repeat => {
                Ok(Some(CommitResult { first_position: first, last_position: previous, streams, duplicate: true }))
            }
            Some((id, position)) => Err(AppendError::DuplicateEventId { id, position }),
        }
    }

    /// Whether the log is as the commit needs it: its expected versions, and its conditions.
    pub(crate) fn check(&self, commit: &Commit) -> Result<(), AppendError> {
        let writes = commit.writes.iter().map(|write| (&write.stream, write.expected));
        let checks = commit.checks.iter().map(|check| (&check.stream, check.expected));
        for (stream, expected) in writes.chain(checks) {
            let actual = self.version(stream);
            if !expected.admits(actual) {
                return Err(AppendError::WrongExpectedVersion { stream: stream.clone(), expected, actual });
            }
        }
        for (number, condition) in commit.conditions.iter().enumerate() {
            if let Some(position) = self.breach(condition) {
                return Err(AppendError::ConditionFailed { condition: number, position });
            }
        }
        Ok(())
    }

    /// The last event that breaks a condition.
    fn breach(&self, condition: &Condition) -> Option<Position> {
        let mut position = self.next;
        let mut last = None;
        for prepared in &self.accepted {
            for write in &prepared.commit.writes {
                for event in &write.events {
                    let matches = |item: &QueryItem| {
                        let category = write.stream.category();
                        (item.types.is_empty() || item.types.contains(event.event_type()))
                            && item.tags.iter().all(|tag| event.tags().contains(tag))
                            && (item.streams.is_empty() || item.streams.contains(&write.stream))
                            && (item.categories.is_empty() || item.categories.iter().any(|name| name == category))
                    };
                    if position > condition.after && condition.query.items.iter().any(matches) {
                        last = Some(position);
                    }
                    position = position.next();
                }
            }
        }
        last.or_else(|| Search::new(self.log, &condition.query).last_after(condition.after))
    }

    fn accept(&mut self, prepared: &'a Prepared) -> CommitResult {
        let first_position = self.end;
        let mut position = first_position;
        let mut stamps = prepared.stamps.iter();
        let mut streams = Vec::with_capacity(prepared.commit.writes.len());
        for write in &prepared.commit.writes {
            let before = self.version(&write.stream);
            let mut version = before;
            for (id, _) in stamps.by_ref().take(write.events.len()) {
                version = version.next();
                self.added.insert(*id, Added { stream: &write.stream, version, position });
                position = position.next();
            }
            self.versions.insert(&write.stream, version);
            let range =
                StreamRange { stream: write.stream.clone(), first_version: before.next(), last_version: version };
            streams.push(range);
        }
        self.accepted.push(prepared);
        self.end = position;
        let last_position = Position::new(position.get() - 1);
        CommitResult { first_position, last_position, streams, duplicate: false }
    }
}
