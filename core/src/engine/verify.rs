//! Walking the whole log: every checksum, the hash chain, and the index against the payloads.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::extents::Place;
use super::store::EventStore;
use crate::domain::Position;
use crate::storage::codec::{
    Columns, Hash, KIND_PUBLISHED, KIND_SEALED, Malformed, NO_HASH, Payloads, Published, RecordHeader, Sealed,
    SegmentRef, check_hash, checksum, decode_index, split_records,
};
use crate::storage::{LogEntry, StorageError};

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The first position of the record concerned.
    pub position: Position,
    /// The stable code: `corrupt`.
    pub code: &'static str,
    /// What does not hold.
    pub message: String,
}

/// What a walk through the log has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Events walked.
    pub events: u64,
    /// Segments among them.
    pub segments: u64,
    /// What does not hold; empty is well.
    pub problems: Vec<Problem>,
}

impl Verification {
    /// Whether everything holds.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    fn note(&mut self, position: u64, message: impl ToString) {
        self.problems.push(Problem {
            position: Position::new(position),
            code: "corrupt",
            message: message.to_string(),
        });
    }
}

struct Walk {
    found: Verification,
    chain: Hash,
    next: u64,
    has_gap: bool,
    /// The entry before was damaged, so that where it ends is not known.
    is_lost: bool,
    /// Nobody wants to know more.
    is_broken_off: bool,
}

/// What an entry says.
struct Parts {
    count: u64,
    segments: Vec<SegmentRef>,
    /// Whether the records of the segments are links of the chain.
    is_chained: bool,
    chain_after: Hash,
}

/// How often the log is walked, at most, until a gap in it is gone or was met twice in a row.
const WALKS: usize = 16;

impl EventStore {
    /// Reads the whole store from the storage, not from memory, and checks every byte of it: O(bytes).
    ///
    /// # Errors
    /// [`StorageError`] when the storage cannot be read at all. Damage is not an error but a [`Problem`].
    pub async fn verify(&self) -> Result<Verification, StorageError> {
        self.verify_with(|_| ControlFlow::Continue(())).await
    }

    /// As [`verify`](Self::verify), and says between two pieces of the log up to which position it has been walked. When it
    /// is told to break off, what was found until then is given.
    ///
    /// # Errors
    /// As of [`verify`](Self::verify).
    pub async fn verify_with(
        &self,
        mut told: impl FnMut(Position) -> ControlFlow<()>,
    ) -> Result<Verification, StorageError> {
        let mut walk = self.walk(&mut told).await?;
        for _ in 1..WALKS {
            if !walk.has_gap || walk.is_broken_off {
                break;
            }
            // Entries may have been sealed and removed between two pages of the walk: only a gap that stays is one.
            let again = self.walk(&mut told).await?;
            let is_lasting = again.found.problems == walk.found.problems;
            walk = again;
            if is_lasting {
                break;
            }
        }
        Ok(walk.found)
    }

    async fn walk(&self, told: &mut impl FnMut(Position) -> ControlFlow<()>) -> Result<Walk, StorageError> {
        let acknowledged = self.head();
        let mut walk = Walk {
            found: Verification::default(),
            chain: NO_HASH,
            next: 1,
            has_gap: false,
            is_lost: false,
            is_broken_off: false,
        };
        let mut from = Position::new(1);
        loop {
            self.inner.check_open()?;
            let entries = self.inner.storage.entries(from, 64).await?;
            let Some(last) = entries.last() else { break };
            from = last.position.next();
            for entry in &entries {
                self.walk_entry(&mut walk, entry, told).await?;
                if walk.is_broken_off {
                    walk.found.events = walk.next - 1;
                    return Ok(walk);
                }
            }
        }
        if acknowledged.get() + 1 > walk.next {
            walk.found.note(walk.next, format!("the log ends before position {acknowledged}"));
        }
        walk.found.events = walk.next - 1;
        Ok(walk)
    }

    async fn walk_entry(
        &self,
        walk: &mut Walk,
        entry: &LogEntry,
        told: &mut impl FnMut(Position) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        let position = entry.position.get();
        if position < walk.next {
            return Ok(());
        }
        if position > walk.next && !walk.is_lost {
            walk.found.note(walk.next, format!("the positions up to {} are missing", position - 1));
            walk.has_gap = true;
        }
        walk.next = position;
        walk.is_lost = false;
        match self.parts(walk, entry) {
            Ok(parts) => {
                let problems = walk.found.problems.len();
                for segment in &parts.segments {
                    self.walk_segment(walk, segment, parts.is_chained).await?;
                    self.tell(walk, told).await;
                    if walk.is_broken_off {
                        return Ok(());
                    }
                }
                if parts.is_chained && walk.chain != parts.chain_after && walk.found.problems.len() == problems {
                    walk.found.note(position, "the segment's records do not lead to the hash behind them");
                }
                walk.next = position + parts.count;
                walk.chain = parts.chain_after;
            }
            Err(error) => {
                walk.found.note(position, error);
                // The walk goes on behind the damage, trusting the hash that the record ends with.
                walk.is_lost = true;
                walk.chain = entry.bytes.last_chunk().copied().unwrap_or(NO_HASH);
            }
        }
        self.tell(walk, told).await;
        Ok(())
    }

    async fn tell(&self, walk: &mut Walk, told: &mut impl FnMut(Position) -> ControlFlow<()>) {
        self.inner.storage.host().breathe().await;
        walk.is_broken_off |= told(Position::new(walk.next - 1)).is_break();
    }

    fn parts(&self, walk: &mut Walk, entry: &LogEntry) -> Result<Parts, Malformed> {
        let position = entry.position.get();
        let header = RecordHeader::peek(&entry.bytes)?;
        let count = header.count.into();
        match header.kind {
            KIND_SEALED => {
                let sealed = Sealed::decode(&entry.bytes)?;
                if sealed.chain_before != walk.chain {
                    walk.found.note(position, "the sealed record does not follow the record before it");
                    walk.chain = sealed.chain_before;
                }
                let (segments, chain_after) = (vec![sealed.segment], sealed.chain_after);
                Ok(Parts { count, segments, is_chained: true, chain_after })
            }
            KIND_PUBLISHED => {
                let chain_after = check_hash(&entry.bytes, &walk.chain)?;
                let segments = Published::decode(&entry.bytes)?.segments;
                Ok(Parts { count, segments, is_chained: false, chain_after })
            }
            _ => {
                let chain_after = check_hash(&entry.bytes, &walk.chain)?;
                let (_, columns) = Payloads::decode_with_columns(entry.bytes.clone())?;
                self.compare_with_memory(walk, position, &columns);
                Ok(Parts { count, segments: Vec::new(), is_chained: false, chain_after })
            }
        }
    }

    async fn walk_segment(&self, walk: &mut Walk, segment: &SegmentRef, is_chained: bool) -> Result<(), StorageError> {
        let storage = &self.inner.storage;
        let position = walk.next;
        walk.found.segments += 1;
        walk.next += u64::from(segment.count);
        let index = storage.indexes(&[segment.key]).await?.pop().flatten();
        let payload = storage.payloads(&[segment.key]).await?.pop().flatten();
        let (Some(index), Some(payload)) = (index, payload) else {
            walk.found.note(position, "a record of the segment is missing");
            return Ok(());
        };
        if checksum(&index) != segment.index_checksum {
            walk.found.note(position, "the index record of the segment has another checksum");
            return Ok(());
        }
        if *blake3::hash(&payload).as_bytes() != segment.payload_hash {
            walk.found.note(position, "the payload record of the segment has another hash");
            return Ok(());
        }
        let mut walked = || {
            let indexed = decode_index(&index)?;
            let mut parts = Vec::new();
            for record in split_records(&payload)? {
                let before = if is_chained { walk.chain } else { NO_HASH };
                let after = check_hash(&record, &before)?;
                if is_chained {
                    walk.chain = after;
                }
                parts.push(Payloads::decode_with_columns(record)?.1);
            }
            Ok((indexed, Columns::concat(&parts)))
        };
        match walked() {
            Err::<_, Malformed>(error) => walk.found.note(position, error),
            Ok((indexed, recorded)) if indexed != recorded => {
                walk.found.note(position, "the index record of the segment is not that of its payload record");
            }
            Ok((indexed, _)) => self.compare_with_memory(walk, position, &indexed),
        }
        Ok(())
    }

    /// Compares what is stored with what this handle answers from.
    fn compare_with_memory(&self, walk: &mut Walk, position: u64, columns: &Columns) {
        let differs = self.with_log(|log| {
            (0..columns.len()).find(|row| {
                let known = log.data(Position::new(position + *row as u64));
                known.is_some_and(|known| known.id != columns.ids[*row] || known.time != columns.times[*row])
            })
        });
        if let Some(row) = differs {
            walk.found
                .note(position + row as u64, "the stored event is not the one that was read when the store was opened");
        }
    }

    /// The number of segments known here.
    pub(super) fn segment_count(&self) -> usize {
        self.inner.state.borrow().extents.segments()
    }

    /// Bytes of the log: segments, and entries that are not sealed yet.
    pub(super) fn stored_bytes(&self) -> u64 {
        let state = self.inner.state.borrow();
        let of_place = |place: &Place| match place {
            Place::Entry { payloads, .. } => payloads.bytes().len() as u64,
            Place::Segment(segment) => u64::from(Rc::clone(segment).index_len) + u64::from(segment.payload_len),
        };
        state.extents.iter().map(|extent| of_place(&extent.place)).sum()
    }
}
