//! Sealing: old entries become segments, in the background.
//!
//! What is sealed when is decided by compare-and-swap on the key of the first entry covered, so that two handles can
//! try at once. Covered entries are removed only when every handle has seen past them (see [`Storage::purge`]).
//!
//! [`Storage::purge`]: crate::storage::Storage::purge

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use hashbrown::HashSet;

use super::bulk::MAX_BULK_MICROS;
use super::extents::{Extent, Place};
use super::state::named_segments;
use super::store::{Inner, made_at};
use crate::domain::Position;
use crate::storage::codec::{Columns, KIND_SEALED, Payloads, RecordHeader, Sealed, SegmentRef, encode_index};
use crate::storage::{Covered, Seal, SegmentBytes, StorageError};

/// The lock of those who seal, so that two tabs do not both build the same segment.
const SEAL_LOCK: &str = "seal";

/// Who seals: a program may have the code for it elsewhere, until there is something to seal.
pub(crate) trait Sealer {
    /// Seals what is due; whether anything came to be a segment, here or by another handle.
    fn seal(&self, due: Due) -> LocalBoxFuture<'static, Result<bool, StorageError>>;
}

/// The sealer of a program that has all its code at hand.
pub(super) struct AtHand;

impl Sealer for AtHand {
    fn seal(&self, due: Due) -> LocalBoxFuture<'static, Result<bool, StorageError>> {
        Box::pin(async move { due.seal().await })
    }
}

/// A store in which something is to be sealed.
pub(crate) struct Due(Rc<Inner>);

impl Due {
    /// Seals it; whether anything came to be a segment.
    ///
    /// # Errors
    /// [`StorageError`]. Nothing is lost: the entries stay as they are.
    pub(crate) async fn seal(&self) -> Result<bool, StorageError> {
        self.0.seal_runs().await
    }
}

/// Resets the flag however the task ends: done, failed, or never run because the handle was closed.
struct Sealing(Rc<Inner>);

impl Drop for Sealing {
    fn drop(&mut self) {
        self.0.is_sealing.set(false);
    }
}

impl Inner {
    /// Seals in the background once enough entries have gathered.
    pub(super) fn seal_when_due(self: &Rc<Self>) {
        if self.state.borrow().extents.entry_bytes() < self.options.segment_bytes || self.is_sealing.replace(true) {
            return;
        }
        let sealing = Sealing(Rc::clone(self));
        let task = async move {
            // Nothing is lost when it fails: the entries stay, and the next append tries again.
            let _ = sealing.0.seal_due().await;
        };
        self.storage.exclusively(SEAL_LOCK, Box::pin(task));
    }

    /// Tidies up in the background after opening.
    pub(super) fn start_tidying(self: &Rc<Self>) {
        self.is_sealing.set(true);
        let sealing = Sealing(Rc::clone(self));
        let task = async move {
            // The next handle that is opened tries again.
            let _ = sealing.0.tidy().await;
        };
        self.storage.exclusively(SEAL_LOCK, Box::pin(task));
    }

    /// Seals and purges until nothing more is due; what is appended meanwhile asks for no task of its own.
    async fn seal_due(self: &Rc<Self>) -> Result<(), StorageError> {
        loop {
            self.check_open()?;
            let has_sealed = self.due_run().is_some() && self.sealer.seal(Due(Rc::clone(self))).await?;
            self.purge().await?;
            if !has_sealed || self.due_run().is_none() {
                return Ok(());
            }
        }
    }

    /// The next run of entries that is to become a segment.
    fn due_run(&self) -> Option<Vec<Extent>> {
        let run = self.state.borrow().extents.sealable(self.options.segment_bytes);
        run.filter(|run| !run.is_empty())
    }

    /// Seals run after run; whether any came to be a segment, here or by another handle.
    async fn seal_runs(self: &Rc<Self>) -> Result<bool, StorageError> {
        let mut has_sealed = false;
        loop {
            self.check_open()?;
            let Some(run) = self.due_run() else { break };
            let first = Position::new(run[0].first);
            // Another handle may have sealed it while this one waited for the lock, or has while it wrote the segment.
            if !self.adopt(first).await? && !self.seal_run(&run).await? && !self.adopt(first).await? {
                break;
            }
            has_sealed = true;
            self.storage.host().breathe().await;
        }
        Ok(has_sealed)
    }

    /// What is done once after opening.
    async fn tidy(self: &Rc<Self>) -> Result<(), StorageError> {
        self.seal_due().await?;
        self.discard_leftovers().await
    }

    /// Writes the segment of a run of entries; `false` when another handle has sealed them.
    async fn seal_run(&self, run: &[Extent]) -> Result<bool, StorageError> {
        let mut payload = Vec::new();
        let mut columns = Vec::with_capacity(run.len());
        let mut chains = None;
        for extent in run {
            let Place::Entry { payloads, chain_before, chain_after } = &extent.place else { continue };
            payload.extend_from_slice(payloads.bytes());
            let decoded = Payloads::decode_with_columns(payloads.bytes().clone());
            let (_, part) = decoded.map_err(|error| StorageError::corrupt(Position::new(extent.first), error))?;
            columns.push(part);
            chains = Some((chains.map_or(*chain_before, |(before, _)| before), *chain_after));
        }
        let Some((chain_before, chain_after)) = chains else { return Ok(false) };
        let columns = Columns::concat(&columns);
        let index = encode_index(&columns);
        let key = self.new_segment_key();
        let segment = SegmentRef::new(key, columns.len() as u32, &index, &payload);
        let sealed = Sealed { chain_before, chain_after, segment };
        let position = Position::new(run[0].first);
        let bytes = SegmentBytes { key, index, payload: payload.into() };
        let is_sealed = self.storage.seal(Seal { position, entry: sealed.encode(), segment: bytes }).await?;
        if is_sealed {
            self.replace(position, sealed.segment);
        }
        Ok(is_sealed)
    }

    fn replace(&self, position: Position, segment: SegmentRef) {
        let mut state = self.state.borrow_mut();
        let last = position.plus(u64::from(segment.count) - 1);
        let (first, count) = (position.get(), segment.count);
        state.extents.replace(Extent { first, count, place: Place::Segment(Rc::new(segment)) });
        if last > position {
            state.covered.push(Covered { sealed: position, last });
        }
    }

    /// Takes over what another handle has sealed at `position`; `false` when nothing is there to take.
    async fn adopt(&self, position: Position) -> Result<bool, StorageError> {
        let entries = self.storage.entries(position, 1).await?;
        let Some(entry) = entries.first().filter(|entry| entry.position == position) else { return Ok(false) };
        let damaged = |error| StorageError::corrupt(position, error);
        if RecordHeader::peek(&entry.bytes).map_err(damaged)?.kind != KIND_SEALED {
            return Ok(false);
        }
        let sealed = Sealed::decode(&entry.bytes).map_err(damaged)?;
        if position.plus(u64::from(sealed.segment.count) - 1) > self.state.borrow().head() {
            // It reaches further than this handle has seen. The next attempt, after a catch-up, finds it known.
            return Ok(false);
        }
        self.replace(position, sealed.segment);
        Ok(true)
    }

    /// Removes covered entries, the oldest first, as far as all handles have seen the log. What is left waits for the
    /// next time that something is sealed.
    async fn purge(&self) -> Result<(), StorageError> {
        loop {
            let oldest = self.state.borrow().covered.iter().min_by_key(|stretch| stretch.sealed).copied();
            let Some(oldest) = oldest else { return Ok(()) };
            if !self.storage.purge(&[oldest]).await? {
                return Ok(());
            }
            self.state.borrow_mut().covered.retain(|stretch| *stretch != oldest);
        }
    }

    /// Removes segments that no entry of the log names: leftovers of bulk appends whose page was closed.
    ///
    /// The key of a segment tells when it was made. Only those are removed that are older than any bulk append may
    /// get, so that none under way, in whatever tab, loses what it has written.
    async fn discard_leftovers(&self) -> Result<(), StorageError> {
        let now = self.storage.host().now();
        let mut keys = self.storage.segment_keys().await?;
        keys.retain(|key| now.as_micros() - made_at(*key).as_micros() > 2 * MAX_BULK_MICROS);
        if keys.is_empty() {
            return Ok(());
        }
        // The names are read after the keys: what was published or sealed meanwhile is among them.
        let mut named = HashSet::new();
        let mut from = Position::new(1);
        loop {
            let entries = self.storage.entries(from, 1024).await?;
            let Some(last) = entries.last() else { break };
            from = last.position.next();
            for entry in &entries {
                named.extend(named_segments(entry)?);
            }
        }
        keys.retain(|key| !named.contains(key));
        if keys.is_empty() { Ok(()) } else { self.storage.discard(&keys).await }
    }
}
