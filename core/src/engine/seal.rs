//! Sealing: old entries become segments, in the background.
//!
//! What is sealed when is decided by compare-and-swap on the key of the first entry covered, so that two handles can
//! try at once. Covered entries are removed only when every handle has seen past them (see [`Storage::purge`]).
//!
//! [`Storage::purge`]: crate::storage::Storage::purge

use std::rc::{Rc, Weak};

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
    /// Whether it can seal now.
    fn is_ready(&self) -> bool;

    /// Gets ready as far as it can, which may take long and may fail: nothing is sealed then until it is asked again.
    fn prepare(&self) -> LocalBoxFuture<'static, ()>;

    /// To be called when it is ready. Seals what is due; whether anything came to be a segment, here or by another handle.
    fn seal(&self, due: Due) -> LocalBoxFuture<'static, Result<bool, StorageError>>;
}

/// The sealer of a program that has all its code at hand.
pub(super) struct AtHand;

impl Sealer for AtHand {
    fn is_ready(&self) -> bool {
        true
    }

    fn prepare(&self) -> LocalBoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

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

/// The work of a handle in the background, one piece at a time. While it waits, for its sealer or for the lock, it does not
/// keep the handle open.
struct Turn {
    inner: Weak<Inner>,
    work: Work,
}

#[derive(Clone, Copy)]
enum Work {
    /// What an append leaves to be done.
    Seal,
    /// What is done once after opening.
    Tidy,
}

/// However it ends: done, failed, or never run because the handle was closed.
impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.upgrade() {
            inner.is_sealing.set(false);
        }
    }
}

impl Turn {
    /// Works once nobody else does.
    fn take(self) {
        let Some(inner) = self.inner.upgrade() else { return };
        let task = async move {
            if let Some(inner) = self.inner.upgrade() {
                // Nothing is lost when it fails: the entries stay, and the next append or the next handle tries again.
                let _ = match self.work {
                    Work::Seal => inner.seal_due().await,
                    Work::Tidy => inner.tidy().await,
                };
            }
        };
        inner.storage.exclusively(SEAL_LOCK, Box::pin(task));
    }
}

impl Inner {
    /// Seals in the background once enough entries have gathered.
    pub(super) fn seal_when_due(self: &Rc<Self>) {
        if self.state.borrow().extents.entry_bytes() >= self.options.segment_bytes && !self.is_sealing.replace(true) {
            self.begin(Work::Seal);
        }
    }

    /// Tidies up in the background after opening.
    pub(super) fn start_tidying(self: &Rc<Self>) {
        self.is_sealing.set(true);
        self.begin(Work::Tidy);
    }

    fn begin(self: &Rc<Self>, work: Work) {
        let turn = Turn { inner: Rc::downgrade(self), work };
        if self.sealer.is_ready() || self.due_run().is_none() {
            return turn.take();
        }
        // Before the lock is asked for: others, whose sealer is ready, would wait.
        let prepared = self.sealer.prepare();
        self.storage.host().spawn(Box::pin(async move {
            prepared.await;
            turn.take();
        }));
    }

    /// Seals and purges until nothing more is due; what is appended meanwhile asks for no task of its own.
    async fn seal_due(self: &Rc<Self>) -> Result<(), StorageError> {
        loop {
            self.check_open()?;
            let is_due = self.due_run().is_some() && self.sealer.is_ready();
            let sealed = if is_due { self.sealer.seal(Due(Rc::clone(self))).await } else { Ok(false) };
            // What was sealed before can be removed, whatever the sealer says.
            self.purge().await?;
            if !sealed? || self.due_run().is_none() {
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
        let sealed = self.seal_due().await;
        self.discard_leftovers().await.and(sealed)
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

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::domain::{ExpectedVersion, NewEvent, StreamName};
    use crate::engine::{EventStore, OpenOptions};
    use crate::storage::Storage;
    use crate::storage::memory::MemoryDatabase;
    use crate::testing::SimHost;

    /// Never gets ready.
    #[derive(Default)]
    struct Unready {
        asked: Cell<u32>,
    }

    impl Sealer for Unready {
        fn is_ready(&self) -> bool {
            false
        }

        fn prepare(&self) -> LocalBoxFuture<'static, ()> {
            self.asked.set(self.asked.get() + 1);
            Box::pin(std::future::pending())
        }

        fn seal(&self, _: Due) -> LocalBoxFuture<'static, Result<bool, StorageError>> {
            unreachable!("it is not ready")
        }
    }

    /// Fails to get ready.
    struct Failing;

    impl Sealer for Failing {
        fn is_ready(&self) -> bool {
            false
        }

        fn prepare(&self) -> LocalBoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }

        fn seal(&self, _: Due) -> LocalBoxFuture<'static, Result<bool, StorageError>> {
            unreachable!("it is not ready")
        }
    }

    async fn open(storage: Rc<dyn Storage>, sealer: Rc<dyn Sealer>) -> EventStore {
        let options = OpenOptions::default().segment_bytes(600);
        EventStore::open_sealed_by(storage, options, sealer).await.unwrap()
    }

    async fn append_many(store: &EventStore) {
        for number in 0..30 {
            let event = NewEvent::json("OrderPlaced", &number).unwrap();
            store.append(StreamName::new("order-1").unwrap(), ExpectedVersion::Any, vec![event]).await.unwrap();
        }
    }

    #[test]
    fn a_handle_that_waits_for_its_sealer_can_be_dropped() {
        let host = SimHost::new(1);
        let database = MemoryDatabase::on_host("seal", host.clone());
        let sealer = Rc::new(Unready::default());
        let store = host.run(async {
            let store = open(database.open(), sealer.clone()).await;
            append_many(&store).await;
            store
        });
        host.settle();
        assert_eq!(sealer.asked.get(), 1, "asked once, not with every append");
        let inner = Rc::downgrade(&store.inner);
        drop(store);
        assert!(inner.upgrade().is_none(), "nothing keeps the handle open");
    }

    #[test]
    fn what_others_have_sealed_is_removed_though_nothing_can_be_sealed_here() {
        let host = SimHost::new(2);
        let database = MemoryDatabase::on_host("seal", host.clone());
        // What a handle has not seen is not removed.
        let lagging = database.open();
        let entries = || host.run(lagging.entries(Position::new(1), 1_000)).unwrap().len();
        for sealer in [Rc::new(AtHand) as Rc<dyn Sealer>, Rc::new(Failing)] {
            let store = host.run(open(database.open(), sealer));
            host.run(append_many(&store));
            host.settle();
            host.run(store.close());
        }
        assert_eq!(entries(), 60);
        lagging.note_seen(Position::new(60));
        let store = host.run(open(database.open(), Rc::new(Failing)));
        host.settle();
        assert!((31..60).contains(&entries()), "{} entries are left", entries());
        drop(store);
    }
}
