//! A log that is nothing but a list: slow, plain, and right.

use crate::domain::{
    Commit, CommitResult, Condition, EventId, NewEvent, Position, Query, QueryItem, RecordedEvent, StreamName,
    StreamRange, StreamVersion, Timestamp,
};
use crate::engine::{AppendError, Direction, ReadOptions};

/// What the model knows of a stored event.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) stream: StreamName,
    pub(super) version: u64,
    pub(super) event: NewEvent,
}

impl Stored {
    fn matches(&self, query: &Query) -> bool {
        query.items.iter().any(|item| self.matches_item(item))
    }

    fn matches_item(&self, item: &QueryItem) -> bool {
        let category = self.stream.as_str().split('-').next().unwrap_or_default();
        (item.types.is_empty() || item.types.contains(self.event.event_type()))
            && (item.streams.is_empty() || item.streams.contains(&self.stream))
            && (item.categories.is_empty() || item.categories.iter().any(|name| name == category))
            && item.tags.iter().all(|tag| self.event.tags().contains(tag))
    }

    pub(super) fn time(&self) -> Timestamp {
        self.event.time().expect("the model's events have times")
    }

    /// Whether `recorded`, at `position`, is this event to the last byte.
    pub(super) fn is(&self, position: u64, recorded: &RecordedEvent) -> bool {
        let metadata: &[u8] = if self.event.metadata().is_empty() { b"{}" } else { self.event.metadata() };
        recorded.position().get() == position
            && recorded.version().get() == self.version
            && recorded.stream() == &self.stream
            && Some(recorded.id()) == self.event.id()
            && recorded.event_type() == self.event.event_type()
            && recorded.schema_version() == self.event.schema_version()
            && recorded.time() == self.time()
            && recorded.content() == self.event.content()
            && recorded.data() == &self.event.data()[..]
            && recorded.metadata() == metadata
            && recorded.tags() == self.event.tags()
    }
}

/// The list. Every event in it has an id and a time.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) log: Vec<Stored>,
}

impl Model {
    pub(super) fn head(&self) -> u64 {
        self.log.len() as u64
    }

    pub(super) fn version(&self, stream: &StreamName) -> u64 {
        self.log.iter().filter(|stored| stored.stream == *stream).count() as u64
    }

    pub(super) fn push(&mut self, stream: &StreamName, event: &NewEvent) {
        let version = self.version(stream) + 1;
        self.log.push(Stored { stream: stream.clone(), version, event: event.clone() });
    }

    pub(super) fn find(&self, id: EventId) -> Option<usize> {
        self.log.iter().position(|stored| stored.event.id() == Some(id))
    }

    /// What the store must answer to `commit`; the list grows when that is yes.
    pub(super) fn commit(&mut self, commit: &Commit) -> Result<CommitResult, AppendError> {
        commit.check()?;
        if let Some(result) = self.repeat(commit)? {
            return Ok(result);
        }
        let writes = commit.writes.iter().map(|write| (&write.stream, write.expected));
        let checks = commit.checks.iter().map(|check| (&check.stream, check.expected));
        for (stream, expected) in writes.chain(checks) {
            let actual = StreamVersion::new(self.version(stream));
            if !expected.admits(actual) {
                return Err(AppendError::WrongExpectedVersion { stream: stream.clone(), expected, actual });
            }
        }
        for (condition, Condition { query, after }) in commit.conditions.iter().enumerate() {
            let breach = self.log.iter().rposition(|stored| stored.matches(query));
            let position = breach.map_or(Position::ZERO, |row| Position::new(row as u64 + 1));
            if position > *after {
                return Err(AppendError::ConditionFailed { condition, position });
            }
        }
        let first_position = Position::new(self.head() + 1);
        let mut streams = Vec::new();
        for write in &commit.writes {
            let before = self.version(&write.stream);
            write.events.iter().for_each(|event| self.push(&write.stream, event));
            streams.push(StreamRange {
                stream: write.stream.clone(),
                first_version: StreamVersion::new(before + 1),
                last_version: StreamVersion::new(self.version(&write.stream)),
            });
        }
        Ok(CommitResult { first_position, last_position: Position::new(self.head()), streams, duplicate: false })
    }

    /// The original answer, if every event of the commit is stored, in the same streams and order.
    fn repeat(&self, commit: &Commit) -> Result<Option<CommitResult>, AppendError> {
        let events = || commit.writes.iter().flat_map(|write| write.events.iter().map(|event| (&write.stream, event)));
        let row_of = |event: &NewEvent| event.id().and_then(|id| self.find(id));
        let rows: Vec<Option<usize>> = events().map(|(_, event)| row_of(event)).collect();
        let taken = events().find_map(|(_, event)| Some((event.id()?, row_of(event)?)));
        let Some((id, row)) = taken else { return Ok(None) };
        let is_repeat = rows.iter().all(Option::is_some)
            && rows.is_sorted()
            && events().zip(&rows).all(|((stream, _), row)| row.is_some_and(|row| self.log[row].stream == *stream));
        if !is_repeat {
            return Err(AppendError::DuplicateEventId { id, position: Position::new(row as u64 + 1) });
        }
        let rows: Vec<usize> = rows.into_iter().flatten().collect();
        let mut at = 0;
        let mut streams = Vec::new();
        for write in &commit.writes {
            let of_write = &rows[at..at + write.events.len()];
            at += write.events.len();
            let version = |row: Option<&usize>| StreamVersion::new(row.map_or(0, |row| self.log[*row].version));
            streams.push(StreamRange {
                stream: write.stream.clone(),
                first_version: version(of_write.first()),
                last_version: version(of_write.last()),
            });
        }
        let position = |row: Option<&usize>| Position::new(row.map_or(0, |row| *row as u64 + 1));
        let (first_position, last_position) = (position(rows.first()), position(rows.last()));
        Ok(Some(CommitResult { first_position, last_position, streams, duplicate: true }))
    }

    /// The positions that a read must give, in its order.
    pub(super) fn read(&self, options: &ReadOptions) -> Vec<u64> {
        let in_order = |from: Option<u64>, to: Option<u64>| match (from, to) {
            (Some(from), Some(to)) if from > to => (to, from),
            (from, to) => (from.unwrap_or(0), to.unwrap_or(u64::MAX)),
        };
        let (from, to) = in_order(options.from.map(Position::get), options.to.map(Position::get));
        let (from_time, to_time) = match (options.from_time, options.to_time) {
            (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
            times => times,
        };
        let mut running = None;
        let mut found = Vec::new();
        for (row, stored) in self.log.iter().enumerate() {
            let position = row as u64 + 1;
            running = running.max(Some(stored.time()));
            let is_in = (from..=to).contains(&position)
                && from_time.is_none_or(|time| running >= Some(time))
                && to_time.is_none_or(|time| running <= Some(time))
                && options.query.as_ref().is_none_or(|query| stored.matches(query));
            if is_in {
                found.push(position);
            }
        }
        if options.direction == Direction::Backwards {
            found.reverse();
        }
        found.truncate(options.limit.unwrap_or(usize::MAX));
        found
    }

    /// The last position whose running time is at or before `time`.
    pub(super) fn position_at(&self, time: Timestamp) -> u64 {
        self.log.iter().take_while(|stored| stored.time() <= time).count() as u64
    }
}
