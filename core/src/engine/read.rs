//! Reading: in either direction, by stream, position, query or time, page by page.

use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::future::join;
use futures_util::stream;
use hashbrown::HashMap;

use super::error::ReadError;
use super::extents::Place;
use super::index::Search;
use super::pace::Pace;
use super::store::{EventStore, Inner};
use crate::domain::{Position, Query, RecordedEvent, StreamName, StreamVersion, Timestamp};
use crate::storage::codec::{Payloads, SegmentRef, checksum};
use crate::storage::{SegmentKey, StorageError};

/// Events of one page of a read.
const PAGE_EVENTS: usize = 4096;
/// Segments read in one transaction. Two such pages are in memory at once, and the browser hands one over in one go: more
/// of them would hold a page up.
pub(super) const PAGE_SEGMENTS: usize = 4;
/// The same while the host has no time for more in one go.
const PRESSED_PAGE_SEGMENTS: usize = 1;

/// Which way to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first.
    #[default]
    Forwards,
    /// Newest first.
    Backwards,
}

/// What to read of the log. Bounds are inclusive, hold in both directions, and may be given in either order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// Only events at this position or later.
    pub from: Option<Position>,
    /// Only events at this position or earlier.
    pub to: Option<Position>,
    /// Which way.
    pub direction: Direction,
    /// At most so many events.
    pub limit: Option<usize>,
    /// Only events that match.
    pub query: Option<Query>,
    /// Only events from the first position on whose running time is at or after this time.
    pub from_time: Option<Timestamp>,
    /// Only events up to the last position whose running time is at or before this time.
    pub to_time: Option<Timestamp>,
}

/// What to read of one stream. Bounds are inclusive, hold in both directions, and may be given in either order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamReadOptions {
    /// Only events of this version or later.
    pub from: Option<StreamVersion>,
    /// Only events of this version or earlier.
    pub to: Option<StreamVersion>,
    /// Which way.
    pub direction: Direction,
    /// At most so many events.
    pub limit: Option<usize>,
}

fn ordered<T: Ord>(from: Option<T>, to: Option<T>) -> (Option<T>, Option<T>) {
    match (from, to) {
        (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
        bounds => bounds,
    }
}

/// A read under way: pages of events, in bounded memory. What is appended after it began is not part of it.
#[derive(Debug)]
pub struct Events {
    store: EventStore,
    query: Option<Query>,
    direction: Direction,
    /// What is left: `first..=last`.
    first: Position,
    last: Position,
    left: usize,
}

impl EventStore {
    /// Begins a read of the log as it is now.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read(&self, options: ReadOptions) -> Result<Events, ReadError> {
        if let Some(query) = &options.query {
            query.check()?;
        }
        self.refresh().await?;
        Ok(self.read_known(options))
    }

    /// Begins a read of the log as it is known here. The query was checked.
    pub(crate) fn read_known(&self, options: ReadOptions) -> Events {
        let head = self.head();
        let (from, to) = ordered(options.from, options.to);
        let (from_time, to_time) = ordered(options.from_time, options.to_time);
        let mut first = from.unwrap_or_default().max(Position::new(1));
        let mut last = to.unwrap_or(head).min(head);
        self.with_log(|log| {
            if let Some(time) = from_time {
                let before = Timestamp::trusted(time.as_micros().saturating_sub(1));
                first = first.max(log.position_at(before).next());
            }
            if let Some(time) = to_time {
                last = last.min(log.position_at(time));
            }
        });
        let left = options.limit.unwrap_or(usize::MAX);
        Events { store: self.clone(), query: options.query, direction: options.direction, first, last, left }
    }

    /// Reads all at once: as many events in memory as there are.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read_all(&self, options: ReadOptions) -> Result<Vec<RecordedEvent>, ReadError> {
        let mut events = self.read(options).await?;
        let mut all = Vec::new();
        while let Some(page) = events.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// Reads a stream; no events where it does not exist.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read_stream(
        &self,
        stream: &StreamName,
        options: StreamReadOptions,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.refresh().await?;
        self.read_stream_known(stream, options).await
    }

    /// Reads a stream as it is known here.
    pub(super) async fn read_stream_known(
        &self,
        stream: &StreamName,
        options: StreamReadOptions,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let (from, to) = ordered(options.from, options.to);
        let limit = options.limit.unwrap_or(usize::MAX);
        let positions: Vec<Position> = self.with_log(|log| {
            let all = log.stream_positions(stream);
            let clamp = |version: u64| usize::try_from(version).unwrap_or(usize::MAX).min(all.len());
            let start = clamp(from.unwrap_or_default().get().saturating_sub(1));
            let end = to.map_or(all.len(), |to| clamp(to.get())).max(start);
            let part = all[start..end].iter().copied().map(Position::from);
            match options.direction {
                Direction::Forwards => part.take(limit).collect(),
                Direction::Backwards => part.rev().take(limit).collect(),
            }
        });
        Ok(self.events_at(&positions).await?)
    }

    /// The version of a stream's last event, other handles' appends included; zero when there is none.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn stream_version(&self, stream: &StreamName) -> Result<StreamVersion, StorageError> {
        self.refresh().await?;
        Ok(self.with_log(|log| log.stream_version(stream)))
    }

    /// The event at a position known here; `None` behind the head.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn event(&self, position: Position) -> Result<Option<RecordedEvent>, StorageError> {
        Ok(self.events_at(&[position]).await?.pop())
    }

    /// The events at positions known here, in the order given; positions behind the head are left out.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn events_at(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StorageError> {
        self.inner.check_open()?;
        let mut events = Vec::with_capacity(positions.len());
        let mut pace = Pace::of(&self.inner);
        let mut rest = positions;
        let (mut page, wanted) = self.inner.split_page(rest);
        let mut fetched = self.inner.fetch(wanted).await?;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(page);
            let made = events.len();
            let (next_page, wanted) = self.inner.split_page(after);
            // The storage fetches the next page while this one is decoded and made.
            let make = async {
                let loaded = self.inner.decode(fetched)?;
                Ok::<_, StorageError>(self.inner.materialize(part, &loaded, &mut events))
            };
            let (next, is_made) = join(self.inner.fetch(wanted), make).await;
            if is_made? {
                (rest, page, fetched) = (after, next_page, next?);
                if !rest.is_empty() {
                    pace.step().await;
                }
                continue;
            }
            events.truncate(made);
            let (same_page, wanted) = self.inner.split_page(rest);
            (page, fetched) = (same_page, self.inner.fetch(wanted).await?);
        }
        Ok(events)
    }
}

impl Events {
    /// The next page, in order; `None` at the end.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<RecordedEvent>>, ReadError> {
        match self.next_positions(PAGE_EVENTS) {
            Some(positions) => Ok(Some(self.store.events_at(&positions).await?)),
            None => Ok(None),
        }
    }

    /// The positions of the next events, as many as `most`; `None` at the end.
    pub(super) fn next_positions(&mut self, most: usize) -> Option<Vec<Position>> {
        let limit = self.left.min(most);
        if limit == 0 || self.first > self.last {
            return None;
        }
        let is_backwards = self.direction == Direction::Backwards;
        let positions: Vec<Position> = match &self.query {
            Some(query) => {
                self.store.with_log(|log| Search::new(log, query).page(self.first, self.last, is_backwards, limit))
            }
            None if is_backwards => {
                let end = self.last.get();
                let start = self.first.get().max((end + 1).saturating_sub(limit as u64));
                (start..=end).rev().map(Position::new).collect()
            }
            None => {
                let end = self.last.get().min(self.first.get() + limit as u64 - 1);
                (self.first.get()..=end).map(Position::new).collect()
            }
        };
        let Some(reached) = positions.last() else {
            self.left = 0;
            return None;
        };
        if is_backwards {
            self.last = Position::new(reached.get() - 1);
        } else {
            self.first = reached.next();
        }
        self.left -= positions.len();
        Some(positions)
    }

    /// The same as a stream of events.
    pub fn into_stream(self) -> impl Stream<Item = Result<RecordedEvent, ReadError>> {
        stream::unfold((self, VecDeque::new(), false), |(mut events, mut page, mut has_failed)| async move {
            while page.is_empty() && !has_failed {
                match events.next_page().await {
                    Ok(Some(next)) => page = next.into(),
                    Ok(None) => return None,
                    Err(error) => {
                        has_failed = true;
                        return Some((Err(error), (events, page, has_failed)));
                    }
                }
            }
            Some((Ok(page.pop_front()?), (events, page, has_failed)))
        })
    }
}

/// The payloads that a page of a read needs, held for as long as the page is made.
pub(super) type Loaded = HashMap<SegmentKey, Rc<Payloads>>;

/// A segment, and a position in it that is wanted.
pub(super) type Wanted = (Position, Rc<SegmentRef>);

/// What the storage gave for a page: what was in memory, and the records of the others as they are stored.
#[derive(Default)]
pub(super) struct Fetched {
    loaded: Loaded,
    records: Vec<(Wanted, Option<Bytes>)>,
}

impl Inner {
    /// How many of the positions fit into one page, and the segments that these need.
    fn split_page(&self, positions: &[Position]) -> (usize, Vec<Wanted>) {
        let state = self.state.borrow();
        let most = if self.is_pressed() { PRESSED_PAGE_SEGMENTS } else { PAGE_SEGMENTS };
        let mut segments: Vec<Wanted> = Vec::new();
        let mut extent: Option<&super::extents::Extent> = None;
        for (number, position) in positions.iter().enumerate() {
            if extent.is_some_and(|extent| (extent.first..=extent.last()).contains(&position.get())) {
                continue;
            }
            extent = state.extents.find(*position);
            let Some(Place::Segment(segment)) = extent.map(|extent| &extent.place) else { continue };
            if segments.iter().any(|(_, known)| known.key == segment.key) {
                continue;
            }
            if segments.len() == most {
                return (number, segments);
            }
            segments.push((*position, Rc::clone(segment)));
        }
        (positions.len(), segments)
    }

    /// The payloads of segments: from memory, or as they are stored, in one transaction.
    pub(super) async fn fetch(&self, wanted: Vec<Wanted>) -> Result<Fetched, StorageError> {
        let mut fetched = Fetched::default();
        let mut missing = Vec::new();
        for (position, segment) in wanted {
            match self.cache.borrow_mut().get(segment.key) {
                Some(payloads) => {
                    fetched.loaded.insert(segment.key, payloads);
                }
                None => missing.push((position, segment)),
            }
        }
        if !missing.is_empty() {
            let keys: Vec<_> = missing.iter().map(|(_, segment)| segment.key).collect();
            let read = self.storage.payloads(&keys).await?;
            fetched.records = missing.into_iter().zip(read).collect();
        }
        Ok(fetched)
    }

    /// Checks and decodes what was fetched, and keeps it in memory.
    pub(super) fn decode(&self, fetched: Fetched) -> Result<Loaded, StorageError> {
        let mut loaded = fetched.loaded;
        for ((position, segment), bytes) in fetched.records {
            let corrupt = |reason: &str| StorageError::corrupt(position, reason);
            let bytes = bytes.ok_or_else(|| corrupt("the payload record of a segment is missing"))?;
            if checksum(&bytes) != segment.payload_checksum {
                return Err(corrupt("the payload record of a segment has another checksum"));
            }
            let payloads = Payloads::decode(bytes).map_err(|error| StorageError::corrupt(position, error))?;
            if payloads.len() != segment.count as usize {
                return Err(corrupt("the payload record of a segment has another number of events"));
            }
            self.json_segments.borrow_mut().insert(segment.key, payloads.is_all_json());
            let payloads = Rc::new(payloads);
            self.cache.borrow_mut().put(segment.key, Rc::clone(&payloads));
            loaded.insert(segment.key, payloads);
        }
        Ok(loaded)
    }

    /// Makes the events of a page; `false` if entries were sealed while the page was loaded, so that it must be again.
    fn materialize(&self, positions: &[Position], loaded: &Loaded, events: &mut Vec<RecordedEvent>) -> bool {
        let state = self.state.borrow();
        let mut current: Option<(u64, u64, Rc<Payloads>)> = None;
        for position in positions {
            let is_in = current.as_ref().is_some_and(|(first, last, _)| (*first..=*last).contains(&position.get()));
            if !is_in {
                let Some(extent) = state.extents.find(*position) else { continue };
                let payloads = match &extent.place {
                    Place::Entry { payloads, .. } => Rc::clone(payloads),
                    Place::Segment(segment) => {
                        let Some(payloads) = loaded.get(&segment.key) else { return false };
                        Rc::clone(payloads)
                    }
                };
                current = Some((extent.first, extent.last(), payloads));
            }
            let (Some((first, _, payloads)), Some(row)) = (&current, state.view.row(*position)) else { continue };
            let payload = payloads.get((position.get() - first) as usize);
            events.push(RecordedEvent {
                position: *position,
                version: row.version,
                id: row.id,
                stream: row.stream,
                event_type: row.event_type,
                schema_version: row.schema_version,
                time: row.time,
                recorded_at: payload.recorded_at,
                content: payload.content,
                data: payload.data,
                metadata: payload.metadata,
                tags: row.tags,
            });
        }
        true
    }
}
