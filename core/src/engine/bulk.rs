//! Bulk appends: any number of events, all or nothing, without holding up anyone.
//!
//! The events are written as segments that no log entry names. One small transaction publishes them at the end. Until
//! then they do not exist for any reader; what a closed page leaves behind is discarded by a later bulk.

use std::rc::Rc;

use twox_hash::XxHash64;

use super::error::AppendError;
use super::index::LogView;
use super::pace::Pace;
use super::store::{EventStore, Inner};
use super::wide_map::WideMap;
use crate::domain::{EventId, InvalidCommit, InvalidEvent, InvalidName, NewEvent, Position, StreamName, Timestamp};
use crate::storage::codec::{
    Draft, EventsEncoder, MAX_SEGMENTS_PER_PUBLISHED, NO_HASH, Payloads, Published, SegmentRef, encode_index,
};
use crate::storage::{AppendPlan, Durability, Learned, LogEntry, Nudge, SegmentBytes, SegmentKey, StorageError};

/// How long a bulk append may take, in microseconds: twelve hours. Twice that, and its segments are leftovers.
pub(super) const MAX_BULK_MICROS: i64 = 12 * 3_600 * 1_000_000;
/// Segments written in one transaction: others wait for each to be handed to the storage.
const STAGE_SEGMENTS: usize = 1;

/// A bulk append under way. Dropping it gives it up: nothing of it is stored.
///
/// Events whose id is stored already, or was pushed before, are left out and counted as duplicates, so that a repeat
/// of the same bulk stores nothing twice. There are no version checks: it appends behind whatever is there.
#[derive(Debug)]
pub struct Bulk {
    store: EventStore,
    durability: Durability,
    recorded_at: Timestamp,
    encoder: EventsEncoder,
    pending: Vec<SegmentBytes>,
    staged: Vec<SegmentRef>,
    ids: WideMap<EventId>,
    /// Every id up to this position was compared with those of the bulk.
    compared_to: Position,
    /// The streams, each as a hash of 128 bits: they are only counted, and names would take long to let go of.
    streams: WideMap<u128>,
    duplicates: u64,
    pace: Pace,
    /// Whether segments are being written, or could not be: some of `staged` may not be there, so that it must never be
    /// published.
    has_failed: bool,
    /// Whether `staged` is being published, or nobody knows if it was: it must never be removed.
    may_be_published: bool,
}

/// What a bulk append has stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkReport {
    /// Events stored.
    pub events: u64,
    /// Streams that they belong to.
    pub streams: u64,
    /// Events left out, because they were stored already.
    pub duplicates: u64,
    /// The position of the first event; zero when there are none.
    pub first_position: Position,
    /// The position of the last event; zero when there are none.
    pub last_position: Position,
}

impl EventStore {
    /// Begins a bulk append with the durability of the store.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn bulk(&self) -> Result<Bulk, StorageError> {
        self.refresh().await?;
        let recorded_at = self.inner.storage.host().now();
        Ok(Bulk {
            store: self.clone(),
            durability: self.inner.options.durability,
            recorded_at,
            encoder: EventsEncoder::new(recorded_at),
            pending: Vec::new(),
            staged: Vec::new(),
            ids: WideMap::default(),
            compared_to: self.head(),
            streams: WideMap::default(),
            duplicates: 0,
            pace: Pace::new(self),
            has_failed: false,
            may_be_published: false,
        })
    }
}

impl Bulk {
    /// Adds an event. Its time is the clock's where it has none.
    ///
    /// # Errors
    /// [`AppendError`]; give the bulk up then.
    pub async fn push(&mut self, stream: &StreamName, event: &NewEvent) -> Result<(), AppendError> {
        let inner = &self.store.inner;
        inner.check_open()?;
        self.check_whole()?;
        self.pace.step().await;
        let id = event.id().unwrap_or_else(|| inner.new_id(self.recorded_at));
        if inner.state.borrow().view.find_id(id).is_some() || self.ids.insert(id, ()).is_some() {
            self.duplicates += 1;
            return Ok(());
        }
        self.add(stream, event, id, event.time().unwrap_or(self.recorded_at)).await?;
        Ok(())
    }

    async fn add(
        &mut self,
        stream: &StreamName,
        event: &NewEvent,
        id: EventId,
        time: Timestamp,
    ) -> Result<(), StorageError> {
        self.streams.insert(hash_of(stream), ());
        self.encoder.push(&Draft { stream, id, time, event });
        if self.encoder.byte_len() >= self.store.inner.options.segment_bytes {
            self.end_segment()?;
            self.pace.step().await;
            if self.pending.len() >= STAGE_SEGMENTS {
                self.stage().await?;
            }
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), StorageError> {
        let encoder = std::mem::replace(&mut self.encoder, EventsEncoder::new(self.recorded_at));
        if encoder.count() == 0 {
            return Ok(());
        }
        let count = encoder.count();
        let (payload, _) = encoder.finish(&NO_HASH);
        let decoded = Payloads::decode_with_columns(payload.clone());
        let (_, columns) = decoded.map_err(|error| StorageError::corrupt(Position::ZERO, error))?;
        let index = encode_index(&columns);
        let key = self.store.inner.new_segment_key();
        self.staged.push(SegmentRef::new(key, count, &index, &payload));
        self.pending.push(SegmentBytes { key, index, payload });
        Ok(())
    }

    /// Whether an event of the bulk was stored by others since it was pushed. Looks only at what is new in the log.
    fn has_stored_ids(&self, log: &LogView) -> bool {
        let news = (self.compared_to.get() + 1)..=log.head().get();
        news.into_iter()
            .filter_map(|position| log.data(Position::new(position)))
            .any(|row| self.ids.contains_key(&EventId::from_bytes(row.id)))
    }

    async fn stage(&mut self) -> Result<(), StorageError> {
        self.has_failed = true;
        let pending = std::mem::take(&mut self.pending);
        self.store.inner.storage.stage(pending, self.durability).await?;
        self.has_failed = false;
        Ok(())
    }

    /// A call that failed, or was given up before it ended, has left segments of which nobody knows.
    fn check_whole(&self) -> Result<(), StorageError> {
        let reason = || "the bulk append has failed before; begin it anew".to_owned();
        if self.has_failed { Err(StorageError::Aborted { reason: reason() }) } else { Ok(()) }
    }

    /// Stores the events, behind all that is stored then.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was stored then.
    pub async fn finish(mut self) -> Result<BulkReport, AppendError> {
        self.check_whole()?;
        loop {
            self.end_segment()?;
            self.stage().await?;
            let age = self.store.inner.storage.host().now().as_micros() - self.recorded_at.as_micros();
            if age > MAX_BULK_MICROS {
                let reason = "the bulk append took longer than twelve hours; begin it anew".to_owned();
                return Err(StorageError::Aborted { reason }.into());
            }
            if self.staged.is_empty() {
                return Ok(BulkReport { duplicates: self.duplicates, ..BulkReport::default() });
            }
            let inner = Rc::clone(&self.store.inner);
            let gate = inner.append_gate.lock().await;
            self.may_be_published = true;
            let published = inner.publish(&self).await?;
            self.may_be_published = published.is_some();
            drop(gate);
            if let Some((first_position, last_position)) = published {
                inner.storage.announce(Nudge::Log);
                // The events are stored. A handle that cannot read them now says so when it is asked for them.
                let _ = inner.catch_up().await;
                inner.head_moved();
                return Ok(BulkReport {
                    events: last_position.get() + 1 - first_position.get(),
                    streams: self.streams.len() as u64,
                    duplicates: self.duplicates,
                    first_position,
                    last_position,
                });
            }
            self.leave_out_stored().await?;
        }
    }

    /// Gives the bulk up and removes what it has written.
    pub async fn abandon(mut self) {
        let keys: Vec<_> = self.staged.drain(..).map(|segment| segment.key).collect();
        // What cannot be removed now is discarded by a later bulk.
        let _ = self.store.inner.storage.discard(&keys).await;
    }

    /// Writes the segments anew without the events that another handle has stored meanwhile.
    async fn leave_out_stored(&mut self) -> Result<(), StorageError> {
        let inner = Rc::clone(&self.store.inner);
        inner.head_moved();
        self.compared_to = inner.state.borrow().head();
        let old: Vec<SegmentKey> = self.staged.drain(..).map(|segment| segment.key).collect();
        self.streams.clear();
        for key in &old {
            let missing = || StorageError::Aborted { reason: "a segment of the import was removed".to_owned() };
            let bytes = inner.storage.payloads(&[*key]).await?.pop().flatten().ok_or_else(missing)?;
            let damaged = |error| StorageError::corrupt(Position::ZERO, error);
            let (payloads, columns) = Payloads::decode_with_columns(bytes).map_err(damaged)?;
            for row in 0..columns.len() {
                let id = EventId::from_bytes(columns.ids[row]);
                if inner.state.borrow().view.find_id(id).is_some() {
                    self.ids.remove(&id);
                    self.duplicates += 1;
                    continue;
                }
                let (stream, event) = rebuild(&payloads, &columns, row).map_err(|error| StorageError::Aborted {
                    reason: format!("an event cannot be read back: {error}"),
                })?;
                self.add(&stream, &event, id, Timestamp::trusted(columns.times[row])).await?;
            }
        }
        inner.storage.discard(&old).await
    }
}

fn hash_of(stream: &StreamName) -> u128 {
    let half = |seed| u128::from(XxHash64::oneshot(seed, stream.as_str().as_bytes()));
    half(0) << 64 | half(1)
}

impl Drop for Bulk {
    fn drop(&mut self) {
        let keys: Vec<_> = self.staged.drain(..).map(|segment| segment.key).collect();
        // Of what nobody knows whether it was published, a later handle finds out.
        if keys.is_empty() || self.may_be_published {
            return;
        }
        let inner = Rc::clone(&self.store.inner);
        let task = Rc::clone(&inner);
        inner.storage.host().spawn(Box::pin(async move {
            let _ = task.storage.discard(&keys).await;
        }));
    }
}

fn rebuild(
    payloads: &Payloads,
    columns: &crate::storage::codec::Columns,
    row: usize,
) -> Result<(StreamName, NewEvent), InvalidEvent> {
    use crate::domain::{ContentType, SchemaVersion, Tag};
    let dictionary = &columns.dictionary;
    let stream = StreamName::new(&dictionary.streams[columns.streams[row] as usize])?;
    let kind = &dictionary.kinds[columns.kinds[row] as usize];
    let payload = payloads.get(row);
    let event = match &payload.content {
        ContentType::Json => NewEvent::json_text(&kind.event_type, payload.data)?,
        ContentType::Bytes(name) => NewEvent::bytes(&kind.event_type, name, payload.data)?,
    };
    let set = &columns.tag_sets[columns.tag_set[row] as usize];
    let tags: Result<Vec<Tag>, InvalidName> = set.iter().map(|tag| Tag::new(&dictionary.tags[*tag as usize])).collect();
    let event = event.with_schema_version(SchemaVersion(kind.schema_version)).with_tags(tags?)?;
    Ok((stream, event.with_metadata_text(payload.metadata)?))
}

/// The plan of publishing: it writes the names of the segments, unless one of their events is stored meanwhile.
struct Publishing<'a> {
    inner: &'a Inner,
    bulk: &'a Bulk,
    range: Option<(Position, Position)>,
}

impl AppendPlan for Publishing<'_> {
    fn next_position(&self) -> Position {
        self.inner.state.borrow().head().next()
    }

    fn entries(&mut self) -> Vec<LogEntry> {
        let state = self.inner.state.borrow();
        self.range = None;
        if self.bulk.has_stored_ids(&state.view) {
            return Vec::new();
        }
        let first = state.head().next();
        let mut position = first;
        let mut chain = state.chain;
        let mut entries = Vec::new();
        for segments in self.bulk.staged.chunks(MAX_SEGMENTS_PER_PUBLISHED) {
            let published = Published { segments: segments.to_vec() };
            let (bytes, hash) = published.encode(&chain);
            entries.push(LogEntry { position, bytes });
            chain = hash;
            position = position.plus(published.count());
        }
        self.range = Some((first, Position::new(position.get() - 1)));
        entries
    }

    fn learn(&mut self, news: &[LogEntry]) -> Result<Learned, StorageError> {
        self.inner.learn(news)
    }
}

impl Inner {
    /// Publishes the segments of a bulk; `None` when some of its events are stored meanwhile.
    async fn publish(&self, bulk: &Bulk) -> Result<Option<(Position, Position)>, AppendError> {
        let total: u64 = bulk.staged.iter().map(|segment| u64::from(segment.count)).sum();
        let head = self.state.borrow().head().get();
        let limit = u32::MAX as usize - 1;
        if head + total > limit as u64 {
            let actual = (head + total) as usize;
            return Err(InvalidCommit::LimitExceeded { what: "events in the log", limit, actual }.into());
        }
        let mut plan = Publishing { inner: self, bulk, range: None };
        self.append_plan(&mut plan, bulk.durability).await?;
        Ok(plan.range)
    }
}
