//! What a handle knows of its log, and how it learns more.

use std::rc::Rc;

use super::extents::{Extent, Extents, Place};
use super::index::LogView;
use crate::domain::Position;
use crate::storage::codec::{
    Columns, Hash, KIND_EVENTS, KIND_PUBLISHED, KIND_SEALED, Malformed, NO_HASH, Payloads, Published, RecordHeader,
    Sealed, SegmentRef, check_hash,
};
use crate::storage::{Covered, LogEntry, SegmentKey, StorageError};

/// The log as this handle knows it.
///
/// Invariant: `view`, `extents` and `chain` describe the same prefix of the log, which ends with a whole commit.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) view: LogView,
    pub(crate) extents: Extents,
    pub(crate) chain: Hash,
    /// Entries that a sealed entry covers and that are still in the log.
    pub(crate) covered: Vec<Covered>,
    /// Entries met while reading the log that an entry before them covers.
    leftovers: Vec<Position>,
    /// Set once a stretch did not fit: the three parts may disagree then, and nothing may be answered from them.
    pub(crate) damage: Option<StorageError>,
}

/// What an entry says, before it is added.
pub(crate) enum Parsed {
    /// Events.
    Events { payloads: Rc<Payloads>, columns: Columns, chain_after: Hash },
    /// Segments whose index records must be read, and the chain behind them.
    Segments { segments: Vec<SegmentRef>, chain_after: Hash },
}

impl Parsed {
    pub(crate) fn chain_after(&self) -> Hash {
        match self {
            Self::Events { chain_after, .. } | Self::Segments { chain_after, .. } => *chain_after,
        }
    }

    /// The number of events.
    pub(crate) fn count(&self) -> u64 {
        match self {
            Self::Events { columns, .. } => columns.len() as u64,
            Self::Segments { segments, .. } => segments.iter().map(|segment| u64::from(segment.count)).sum(),
        }
    }
}

/// Why an entry cannot be added.
pub(crate) enum Refused {
    /// It does not begin where the known log ends: entries between have been sealed and removed.
    Gap,
    Storage(StorageError),
}

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

fn damaged(position: Position) -> impl Fn(Malformed) -> StorageError {
    move |error| StorageError::corrupt(position, error)
}

/// Whether an entry holds events itself.
pub(crate) fn is_events(entry: &LogEntry) -> bool {
    entry.bytes.first() == Some(&KIND_EVENTS)
}

impl State {
    pub(crate) fn new() -> Self {
        Self { chain: NO_HASH, ..Self::default() }
    }

    pub(crate) fn head(&self) -> Position {
        self.view.head()
    }

    /// Reads the entry behind the head. `None` when its events are known already.
    pub(crate) fn parse(&mut self, entry: &LogEntry) -> Result<Option<Parsed>, Refused> {
        let (head, chain) = (self.head(), self.chain);
        self.parse_behind(entry, head, &chain)
    }

    /// Reads an entry behind others that are parsed but not added yet: they end at `head`, with the hash `chain`.
    pub(crate) fn parse_behind(
        &mut self,
        entry: &LogEntry,
        head: Position,
        chain: &Hash,
    ) -> Result<Option<Parsed>, Refused> {
        if entry.position <= head {
            self.leftovers.push(entry.position);
            return Ok(None);
        }
        if entry.position > head.next() {
            return Err(Refused::Gap);
        }
        let damaged = damaged(entry.position);
        let header = RecordHeader::peek(&entry.bytes).map_err(&damaged)?;
        let parsed = match header.kind {
            KIND_EVENTS => {
                let chain_after = check_hash(&entry.bytes, chain).map_err(&damaged)?;
                let (payloads, columns) = Payloads::decode_with_columns(entry.bytes.clone()).map_err(&damaged)?;
                Parsed::Events { payloads: Rc::new(payloads), columns, chain_after }
            }
            KIND_SEALED => {
                let sealed = Sealed::decode(&entry.bytes).map_err(&damaged)?;
                if sealed.chain_before != *chain {
                    let reason = "the sealed record does not follow the record before it";
                    return Err(StorageError::corrupt(entry.position, reason).into());
                }
                Parsed::Segments { segments: vec![sealed.segment], chain_after: sealed.chain_after }
            }
            KIND_PUBLISHED => {
                let chain_after = check_hash(&entry.bytes, chain).map_err(&damaged)?;
                let published = Published::decode(&entry.bytes).map_err(&damaged)?;
                Parsed::Segments { segments: published.segments, chain_after }
            }
            _ => return Err(StorageError::corrupt(entry.position, "a log entry of an unknown kind").into()),
        };
        Ok(Some(parsed))
    }

    /// Finds the segments that cover the leftovers met so far.
    pub(crate) fn note_covered(&mut self) {
        for position in std::mem::take(&mut self.leftovers) {
            let Some(extent) = self.extents.find(position) else { continue };
            let stretch = Covered { sealed: Position::new(extent.first), last: Position::new(extent.last()) };
            let is_sealed = matches!(extent.place, Place::Segment(_)) && extent.first < position.get();
            if is_sealed && self.covered.last() != Some(&stretch) {
                self.covered.push(stretch);
            }
        }
    }

    /// Adds events behind the head.
    pub(crate) fn add_events(
        &mut self,
        payloads: Rc<Payloads>,
        columns: &Columns,
        chain_after: Hash,
    ) -> Result<(), StorageError> {
        let first = self.head().next();
        self.extend(first, columns)?;
        let place = Place::Entry { payloads, chain_before: self.chain, chain_after };
        self.extents.push(Extent { first: first.get(), count: columns.len() as u32, place });
        self.chain = chain_after;
        Ok(())
    }

    fn extend(&mut self, first: Position, columns: &Columns) -> Result<(), StorageError> {
        self.view.extend(columns).map_err(|unfit| {
            let damage = StorageError::corrupt(first, unfit);
            self.damage = Some(damage.clone());
            damage
        })
    }

    /// Adds the segments of an entry behind the head, given the columns of each.
    pub(crate) fn add_segments(
        &mut self,
        segments: Vec<(SegmentRef, Columns)>,
        chain_after: Hash,
    ) -> Result<(), StorageError> {
        for (segment, columns) in segments {
            self.add_segment(segment, &columns)?;
        }
        self.end_segments(chain_after);
        Ok(())
    }

    /// Adds one segment of an entry behind the head. Until [`end_segments`](Self::end_segments) is called behind the last one,
    /// nobody may see the state.
    pub(crate) fn add_segment(&mut self, segment: SegmentRef, columns: &Columns) -> Result<(), StorageError> {
        let first = self.head().next();
        if columns.len() != segment.count as usize {
            return Err(StorageError::corrupt(first, "the index record has another number of rows"));
        }
        self.extend(first, columns)?;
        let count = segment.count;
        self.extents.push(Extent { first: first.get(), count, place: Place::Segment(Rc::new(segment)) });
        Ok(())
    }

    /// Notes that all segments of an entry are added.
    pub(crate) fn end_segments(&mut self, chain_after: Hash) {
        self.chain = chain_after;
    }

    /// The segments of an entry that is not known yet.
    pub(crate) fn segment_keys(parsed: &Parsed) -> Vec<SegmentKey> {
        match parsed {
            Parsed::Events { .. } => Vec::new(),
            Parsed::Segments { segments, .. } => segments.iter().map(|segment| segment.key).collect(),
        }
    }
}

/// The segments that an entry of the log names.
pub(crate) fn named_segments(entry: &LogEntry) -> Result<Vec<SegmentKey>, StorageError> {
    let damaged = damaged(entry.position);
    match RecordHeader::peek(&entry.bytes).map_err(&damaged)?.kind {
        KIND_SEALED => Ok(vec![Sealed::decode(&entry.bytes).map_err(&damaged)?.segment.key]),
        KIND_PUBLISHED => {
            let published = Published::decode(&entry.bytes).map_err(&damaged)?;
            Ok(published.segments.iter().map(|segment| segment.key).collect())
        }
        _ => Ok(Vec::new()),
    }
}
