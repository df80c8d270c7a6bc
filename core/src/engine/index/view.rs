//! The index of the whole log in memory: every event but its payload.

use std::sync::Arc;

use super::chunk::{RowData, Rows};
use super::ids::Ids;
use super::names::{Named, Names};
use crate::domain::{
    EventId, EventType, InvalidName, Position, SchemaVersion, StreamName, StreamVersion, Tag, Timestamp, category_of,
};
use crate::storage::codec::{Columns, Kind};

/// How long streams are taken to be when room is made for them: shorter than most, and a table that is too large costs little.
const EVENTS_A_STREAM: usize = 4;
/// Streams and tags let go of at once.
const SHED_NAMES: usize = 1_024;

/// What the index knows of one stream.
#[derive(Debug)]
pub(crate) struct StreamEntry {
    pub(crate) name: StreamName,
    pub(crate) category: u32,
    /// The positions of its events: the event of version *n* stands at *n* − 1.
    pub(crate) positions: Vec<u32>,
}

impl Named for StreamEntry {
    type Key = str;

    fn key(&self) -> &str {
        self.name.as_str()
    }
}

/// A name with the number of its events and the positions of the first and the last of them.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) name: Arc<str>,
    pub(crate) count: u64,
    first: u32,
    pub(crate) last: u32,
    /// Of a category: the number of its streams.
    streams: u64,
}

impl Counted {
    fn new(name: &str) -> Self {
        Self { name: name.into(), count: 0, first: 0, last: 0, streams: 0 }
    }

    fn note(&mut self, position: u32) {
        if self.count == 0 {
            self.first = position;
        }
        self.count += 1;
        self.last = position;
    }
}

impl Named for Counted {
    type Key = str;

    fn key(&self) -> &str {
        &self.name
    }
}

#[derive(Debug)]
pub(crate) struct KindEntry {
    kind: Kind,
    pub(crate) type_index: u32,
    event_type: EventType,
}

impl Named for KindEntry {
    type Key = Kind;

    fn key(&self) -> &Kind {
        &self.kind
    }
}

#[derive(Debug)]
pub(crate) struct TagEntry {
    pub(crate) tag: Tag,
    pub(crate) positions: Vec<u32>,
}

impl Named for TagEntry {
    type Key = str;

    fn key(&self) -> &str {
        self.tag.as_str()
    }
}

#[derive(Debug)]
pub(crate) struct TagSet {
    pub(crate) numbers: Box<[u32]>,
    tags: Arc<[Tag]>,
}

impl Named for TagSet {
    type Key = [u32];

    fn key(&self) -> &[u32] {
        &self.numbers
    }
}

/// The log as it is known here: everything about its events but their payloads, in memory and without waiting.
///
/// Reading a row, a name or a count takes constant time unless a method says otherwise.
#[derive(Debug)]
pub struct LogView {
    pub(super) rows: Rows,
    pub(super) ids: Ids,
    pub(super) streams: Names<StreamEntry>,
    pub(super) categories: Names<Counted>,
    pub(super) kinds: Names<KindEntry>,
    pub(super) types: Names<Counted>,
    pub(super) tags: Names<TagEntry>,
    pub(super) tag_sets: Names<TagSet>,
}

impl Default for LogView {
    fn default() -> Self {
        let mut tag_sets = Names::<TagSet>::default();
        tag_sets.intern([].as_slice(), || TagSet { numbers: Box::default(), tags: Arc::new([]) });
        Self {
            rows: Rows::default(),
            ids: Ids::default(),
            streams: Names::default(),
            categories: Names::default(),
            kinds: Names::default(),
            types: Names::default(),
            tags: Names::default(),
            tag_sets,
        }
    }
}

/// Why a stretch cannot be added to the index.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("a stored name is not one: {0}")]
    Name(#[from] InvalidName),
    #[error("the event id {0} is stored twice")]
    IdTwice(EventId),
    #[error("the log has more events than the 4,294,967,294 that this version can index")]
    TooMany,
}

impl LogView {
    /// Adds the rows of a stretch behind the head. A store whose stretch does not fit is damaged, and its handle is of
    /// no further use.
    pub(crate) fn extend(&mut self, columns: &Columns) -> Result<(), Unfit> {
        if self.rows.len() + columns.len() >= u32::MAX as usize {
            return Err(Unfit::TooMany);
        }
        let dictionary = &columns.dictionary;
        for name in &dictionary.streams {
            StreamName::new(name)?;
        }
        for kind in &dictionary.kinds {
            EventType::new(&kind.event_type)?;
        }
        for tag in &dictionary.tags {
            Tag::new(tag)?;
        }
        let stream_of: Vec<u32> = dictionary.streams.iter().map(|name| self.intern_stream(name)).collect();
        let kind_of: Vec<u32> = dictionary.kinds.iter().map(|kind| self.intern_kind(kind)).collect();
        let tags = &mut self.tags;
        let tag_of: Vec<u32> = dictionary
            .tags
            .iter()
            .map(|tag| tags.intern(tag, || TagEntry { tag: Tag::trusted(Arc::clone(tag)), positions: Vec::new() }))
            .collect();
        let set_of: Vec<u32> = columns.tag_sets.iter().map(|set| self.intern_tag_set(set, &tag_of)).collect();
        if columns.len() > 1 {
            self.ids.reserve(&self.rows, columns.len());
        }
        for row in 0..columns.len() {
            self.push(RowData {
                id: columns.ids[row],
                time: columns.times[row],
                stream: stream_of[columns.streams[row] as usize],
                kind: kind_of[columns.kinds[row] as usize],
                tag_set: set_of[columns.tag_set[row] as usize],
            })?;
        }
        Ok(())
    }

    /// Makes room for so many events behind the head: tables that grow by themselves move all they hold, in one go.
    pub(crate) fn reserve(&mut self, events: usize) {
        self.ids.reserve(&self.rows, events);
        self.streams.reserve(events / EVENTS_A_STREAM);
    }

    /// Lets go of a piece of an index that is no longer needed; `false` when little is left. All names at once would take a
    /// while: each is a piece of memory of its own.
    pub(crate) fn shed(&mut self) -> bool {
        let has_streams = self.streams.shed(SHED_NAMES);
        self.tags.shed(SHED_NAMES) || has_streams
    }

    fn push(&mut self, data: RowData) -> Result<(), Unfit> {
        let row = self.rows.len() as u32;
        let position = row + 1;
        self.rows.push(data);
        if !self.ids.insert(&self.rows, row) {
            return Err(Unfit::IdTwice(EventId::from_bytes(data.id)));
        }
        let stream = self.streams.get_mut(data.stream);
        stream.positions.push(position);
        let category = stream.category;
        self.categories.get_mut(category).note(position);
        let type_index = self.kinds.get(data.kind).type_index;
        self.types.get_mut(type_index).note(position);
        for tag in &self.tag_sets.get(data.tag_set).numbers {
            self.tags.get_mut(*tag).positions.push(position);
        }
        Ok(())
    }

    fn intern_stream(&mut self, name: &Arc<str>) -> u32 {
        let categories = &mut self.categories;
        self.streams.intern(name, || {
            let category = category_of(name);
            let number = categories.intern(category, || Counted::new(category));
            categories.get_mut(number).streams += 1;
            StreamEntry { name: StreamName::trusted(Arc::clone(name)), category: number, positions: Vec::new() }
        })
    }

    fn intern_kind(&mut self, kind: &Kind) -> u32 {
        let types = &mut self.types;
        self.kinds.intern(kind, || {
            let type_index = types.intern(&kind.event_type, || Counted::new(&kind.event_type));
            let event_type = EventType::trusted(Arc::clone(&types.get(type_index).name));
            KindEntry { kind: kind.clone(), type_index, event_type }
        })
    }

    fn intern_tag_set(&mut self, set: &[u32], tag_of: &[u32]) -> u32 {
        let numbers: Box<[u32]> = set.iter().map(|tag| tag_of[*tag as usize]).collect();
        let tags = &self.tags;
        self.tag_sets.intern(&numbers.clone(), || TagSet {
            tags: numbers.iter().map(|number| tags.get(*number).tag.clone()).collect(),
            numbers,
        })
    }

    pub(crate) fn find_id(&self, id: EventId) -> Option<Position> {
        self.ids.find(&self.rows, &id.to_bytes()).map(|row| Position::from(row + 1))
    }

    pub(crate) fn data(&self, position: Position) -> Option<RowData> {
        let row = self.row_number(position)?;
        Some(self.rows.get(row))
    }

    pub(super) fn row_number(&self, position: Position) -> Option<usize> {
        let row = usize::try_from(position.get()).ok()?.checked_sub(1)?;
        (row < self.rows.len()).then_some(row)
    }

    /// The last position; zero when the log is empty.
    #[must_use]
    pub fn head(&self) -> Position {
        Position::new(self.rows.len() as u64)
    }

    /// The event at `position`, without its payload.
    #[must_use]
    pub fn row(&self, position: Position) -> Option<Row> {
        let data = self.data(position)?;
        let kind = self.kinds.get(data.kind);
        Some(Row {
            position,
            stream: self.streams.get(data.stream).name.clone(),
            version: self.version_at(data.stream, position),
            event_type: kind.event_type.clone(),
            schema_version: SchemaVersion(kind.kind.schema_version),
            time: Timestamp::trusted(data.time),
            id: EventId::from_bytes(data.id),
            tags: Arc::clone(&self.tag_sets.get(data.tag_set).tags),
        })
    }

    #[cfg(all(target_arch = "wasm32", feature = "script"))]
    /// The name and the schema version of the kind with this number.
    pub(crate) fn kind(&self, number: u32) -> (&str, u32) {
        let Kind { event_type, schema_version } = &self.kinds.get(number).kind;
        (event_type, *schema_version)
    }

    #[cfg(all(target_arch = "wasm32", feature = "script"))]
    /// The version of an event of a stream; `before` is that of an earlier one, best the one before, or zero.
    pub(crate) fn version_behind(&self, stream: u32, before: u32, position: Position) -> u32 {
        let positions = &self.streams.get(stream).positions;
        match positions.get(before as usize) {
            Some(next) if u64::from(*next) == position.get() => before + 1,
            _ => self.version_at(stream, position).get() as u32,
        }
    }

    fn version_at(&self, stream: u32, position: Position) -> StreamVersion {
        let positions = &self.streams.get(stream).positions;
        let before = positions.partition_point(|other| u64::from(*other) < position.get());
        StreamVersion::new(before as u64 + 1)
    }

    /// The last version of a stream; zero when it has no events.
    #[must_use]
    pub fn stream_version(&self, stream: &StreamName) -> StreamVersion {
        StreamVersion::new(self.stream_positions(stream).len() as u64)
    }

    /// The positions of a stream's events, ascending: the event of version *n* is the *n*-th.
    #[must_use]
    pub fn stream_positions(&self, stream: &StreamName) -> &[u32] {
        self.streams.find(stream.as_str()).map_or(&[], |number| &self.streams.get(number).positions)
    }

    /// The number of distinct streams.
    #[must_use]
    pub fn stream_count(&self) -> usize {
        self.streams.items().len()
    }

    /// The name of the stream with this number; streams are numbered from 0 by first appearance.
    #[must_use]
    pub fn stream_name(&self, number: u32) -> Option<&StreamName> {
        self.streams.items().get(number as usize).map(|entry| &entry.name)
    }

    /// The number of the stream of the event at `position`.
    #[must_use]
    pub fn stream_index_of(&self, position: Position) -> Option<u32> {
        self.row_number(position).map(|row| self.rows.stream(row))
    }

    /// The number of the type of the event at `position`; types are numbered from 0 by first appearance.
    #[must_use]
    pub fn type_index_of(&self, position: Position) -> Option<u32> {
        self.row_number(position).map(|row| self.kinds.get(self.rows.kind(row)).type_index)
    }

    /// The position of the first event of the type with this number.
    #[must_use]
    pub fn first_of_type(&self, number: u32) -> Option<Position> {
        let entry = self.types.items().get(number as usize)?;
        (entry.count > 0).then(|| Position::from(entry.first))
    }

    /// The number of the tag set of the event at `position`: events with the same tags have the same number.
    #[must_use]
    pub fn tag_set_index_of(&self, position: Position) -> Option<u32> {
        self.row_number(position).map(|row| self.rows.tag_set(row))
    }

    /// The tags of the tag set with this number, in alphabetical order. Tag sets are numbered from 0; 0 is the empty one.
    #[must_use]
    pub fn tag_set(&self, number: u32) -> Option<&[Tag]> {
        self.tag_sets.items().get(number as usize).map(|set| &*set.tags)
    }

    /// The time of the event at `position`.
    #[must_use]
    pub fn time_of(&self, position: Position) -> Option<Timestamp> {
        self.row_number(position).map(|row| Timestamp::trusted(self.rows.time(row)))
    }

    /// The time *of the position*: the latest time of all events up to it.
    #[must_use]
    pub fn running_time(&self, position: Position) -> Option<Timestamp> {
        self.row_number(position).map(|row| Timestamp::trusted(self.rows.max_time_at(row)))
    }

    /// The last position whose running time is at or before `time`; zero if there is none. O(log n).
    #[must_use]
    pub fn position_at(&self, time: Timestamp) -> Position {
        Position::new(self.rows.rows_until(time.as_micros()) as u64)
    }

    /// Every event type with the number of its events, by order of first appearance.
    #[must_use]
    pub fn types(&self) -> Vec<TypeCount> {
        let count =
            |entry: &Counted| TypeCount { event_type: EventType::trusted(Arc::clone(&entry.name)), count: entry.count };
        self.types.items().iter().map(count).collect()
    }

    /// Every category with the numbers of its streams and events, by order of first appearance.
    #[must_use]
    pub fn categories(&self) -> Vec<CategoryCount> {
        let count = |entry: &Counted| CategoryCount {
            category: entry.name.to_string(),
            streams: entry.streams,
            events: entry.count,
        };
        self.categories.items().iter().map(count).collect()
    }

    /// Every tag with the number of its events, by order of first appearance.
    #[must_use]
    pub fn tags(&self) -> Vec<TagCount> {
        let count = |entry: &TagEntry| TagCount { tag: entry.tag.clone(), count: entry.positions.len() as u64 };
        self.tags.items().iter().map(count).collect()
    }

    /// Streams in alphabetical order, those that fit `filter`. O(streams + found · log found).
    #[must_use]
    pub fn streams(&self, filter: &StreamFilter) -> Vec<StreamInfo> {
        let fits = |entry: &&StreamEntry| {
            let name = entry.name.as_str();
            filter.category.as_ref().is_none_or(|category| category_of(name) == category)
                && filter.prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix.as_str()))
                && filter.after.as_ref().is_none_or(|after| name > after.as_str())
        };
        let mut entries: Vec<_> = self.streams.items().iter().filter(fits).collect();
        let limit = filter.limit.unwrap_or(usize::MAX);
        if limit < entries.len() {
            // The first ones are found without putting all of them in order.
            entries.select_nth_unstable_by(limit, |a, b| a.name.cmp(&b.name));
            entries.truncate(limit);
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let info = |entry: &StreamEntry| StreamInfo {
            stream: entry.name.clone(),
            version: StreamVersion::new(entry.positions.len() as u64),
            last_position: Position::from(entry.positions.last().copied().unwrap_or_default()),
        };
        entries.into_iter().map(info).collect()
    }

    /// Bytes of memory that the index takes, as far as they grow with the log.
    #[must_use]
    pub fn resident_bytes(&self) -> usize {
        let positions = |list: &Vec<u32>| list.capacity() * size_of::<u32>();
        let streams: usize =
            self.streams.items().iter().map(|entry| positions(&entry.positions) + entry.name.as_str().len() + 16).sum();
        let tags: usize = self.tags.items().iter().map(|entry| positions(&entry.positions)).sum();
        let sets: usize = self.tag_sets.items().iter().map(|set| set.numbers.len() * 12 + 32).sum();
        self.rows.resident_bytes()
            + self.ids.resident_bytes()
            + self.streams.resident_bytes()
            + self.tag_sets.resident_bytes()
            + streams
            + tags
            + sets
    }
}

/// An event of the log without its payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// Its number in its stream.
    pub version: StreamVersion,
    /// Its type.
    pub event_type: EventType,
    /// The schema version of its data.
    pub schema_version: SchemaVersion,
    /// When it happened.
    pub time: Timestamp,
    /// Its id.
    pub id: EventId,
    /// Its tags.
    pub tags: Arc<[Tag]>,
}

/// An event type and the number of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeCount {
    /// The type.
    pub event_type: EventType,
    /// Its events.
    pub count: u64,
}

/// A category and the numbers of its streams and events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryCount {
    /// The text before the first `-` of the streams' names.
    pub category: String,
    /// Its streams.
    pub streams: u64,
    /// Their events.
    pub events: u64,
}

/// A tag and the number of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCount {
    /// The tag.
    pub tag: Tag,
    /// Events that have it.
    pub count: u64,
}

/// Which streams to list: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamFilter {
    /// Only streams of this category.
    pub category: Option<String>,
    /// Only streams whose name begins so.
    pub prefix: Option<String>,
    /// Only streams behind this name, in alphabetical order: the last one of the page before.
    pub after: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A stream and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// The stream.
    pub stream: StreamName,
    /// The version of its last event.
    pub version: StreamVersion,
    /// The position of its last event.
    pub last_position: Position,
}
