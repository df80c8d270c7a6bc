//! The handle on a store: opening, catching up, closing.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use bytes::Bytes;
use futures_util::lock::Mutex;
use hashbrown::HashMap;
use uuid::Uuid;

use super::append::Queue;
use super::cache::PayloadCache;
use super::change_signal::ChangeSignal;
use super::index::LogView;
use super::pace::{Pace, Pause};
use super::project::Inline;
use super::seal::{AtHand, Sealer};
use super::state::{Parsed, Refused, State};
use crate::domain::{EventId, Position, Timestamp, Upcasters};
use crate::storage::codec::{FORMAT_VERSION, Hash, Meta, SegmentRef, checksum, decode_index};
use crate::storage::{ClosedBecause, Durability, LogEntry, SegmentKey, Signal, Storage, StorageError};

/// Entries read at once when catching up.
const ENTRIES_PAGE: u32 = 1024;
/// How often a whole log is read anew before a gap in it counts as damage.
const RELOADS: usize = 3;
/// Index records read at once when catching up.
const INDEXES_PAGE: usize = 128;

/// How to open a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenOptions {
    /// When an append counts as stored, unless the call says otherwise. Default strict.
    pub durability: Durability,
    /// Bytes of payloads kept in memory after they were read. Default 64 MiB.
    pub cache_bytes: usize,
    /// Bytes of events after which they are sealed into a segment, in the background. Default 256 KiB.
    pub segment_bytes: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { durability: Durability::Strict, cache_bytes: 64 * 1024 * 1024, segment_bytes: 256 * 1024 }
    }
}

impl OpenOptions {
    /// The same options with another durability.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The same options with another budget for payloads in memory, in bytes.
    #[must_use]
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// The same options with another size of segments, in bytes.
    #[must_use]
    pub fn segment_bytes(mut self, bytes: usize) -> Self {
        self.segment_bytes = bytes.max(1);
        self
    }
}

/// A handle on an append-only log of events. Clones are the same handle; the last one dropped closes it.
///
/// Several handles, in tabs and workers, may write to one store at once: positions stay gapless, version checks exact.
/// Reads begin by catching up with what other handles have stored; [`with_log`](Self::with_log) and
/// [`head`](Self::head) answer at once, from what is known here.
#[derive(Clone)]
pub struct EventStore {
    pub(super) inner: Rc<Inner>,
}

pub(crate) struct Inner {
    pub(super) storage: Rc<dyn Storage>,
    pub(super) options: OpenOptions,
    pub(super) store_id: Uuid,
    pub(super) state: RefCell<State>,
    pub(super) cache: RefCell<PayloadCache>,
    /// Of segments that were read: whether the data of all their events is JSON. The index does not say it.
    pub(super) json_segments: RefCell<HashMap<SegmentKey, bool>>,
    pub(super) queue: RefCell<Queue>,
    /// Held by whoever appends: batches and imports of one handle follow one another.
    pub(super) append_gate: Mutex<()>,
    catch_up_gate: Mutex<()>,
    /// The number of the last catch-up that has begun, and of the last that has learned all there was: callers who came
    /// before one began share it.
    catch_up_begun: Cell<u64>,
    catch_up_done: Cell<u64>,
    /// Shared with those who wait and must not keep the store open.
    pub(super) signal: Rc<ChangeSignal>,
    /// The number of times that derived tables were seen to change.
    pub(super) derived_changes: Cell<u64>,
    pub(super) derived_signal: Rc<ChangeSignal>,
    pub(super) inline: RefCell<Vec<Weak<dyn Inline>>>,
    pub(super) upcasters: RefCell<Rc<Upcasters>>,
    pub(super) pause: RefCell<Option<Pause>>,
    /// When the host last let work wait for long.
    pub(super) pressed_at: Rc<Cell<Timestamp>>,
    closed: Cell<Option<ClosedBecause>>,
    pub(super) is_sealing: Cell<bool>,
    pub(super) sealer: Rc<dyn Sealer>,
    random: RefCell<Vec<u8>>,
    last_segment_key: Cell<u64>,
}

impl fmt::Debug for EventStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStore").field("name", &self.name()).field("head", &self.head()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.storage.close();
        self.signal.notify();
        self.derived_signal.notify();
        let mut view = std::mem::take(&mut self.state.get_mut().view);
        if view.shed() {
            let mut pace = Pace::of(self);
            self.storage.host().spawn(Box::pin(async move {
                while view.shed() {
                    pace.step().await;
                }
            }));
        }
    }
}

impl EventStore {
    /// Opens a store: reads its index into memory, payloads only when they are asked for.
    ///
    /// # Errors
    /// [`StorageError`]; a store of a newer format is refused and not touched.
    pub async fn open(storage: Rc<dyn Storage>, options: OpenOptions) -> Result<Self, StorageError> {
        Self::open_sealed_by(storage, options, Rc::new(AtHand)).await
    }

    /// As [`open`](Self::open), with another to seal.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn open_sealed_by(
        storage: Rc<dyn Storage>,
        options: OpenOptions,
        sealer: Rc<dyn Sealer>,
    ) -> Result<Self, StorageError> {
        let host = storage.host();
        let mut id = [0; 16];
        host.fill_random(&mut id);
        let id = uuid::Builder::from_random_bytes(id).into_uuid();
        let initial = Meta { format_version: FORMAT_VERSION, store_id: id, created_at: host.now() };
        let stored = storage.meta(initial.encode()).await?;
        let damaged = |error| StorageError::corrupt(Position::ZERO, error);
        let found = Meta::format_version(&stored).map_err(damaged)?;
        if found > FORMAT_VERSION {
            storage.close();
            return Err(StorageError::NewerFormat { found, supported: FORMAT_VERSION });
        }
        let meta = Meta::decode(&stored).map_err(damaged)?;
        let inner = Rc::new(Inner {
            storage,
            options,
            store_id: meta.store_id,
            state: RefCell::new(State::new()),
            cache: RefCell::new(PayloadCache::new(options.cache_bytes)),
            json_segments: RefCell::default(),
            queue: RefCell::default(),
            append_gate: Mutex::new(()),
            catch_up_gate: Mutex::new(()),
            catch_up_begun: Cell::new(0),
            catch_up_done: Cell::new(0),
            signal: Rc::default(),
            derived_changes: Cell::new(0),
            derived_signal: Rc::default(),
            inline: RefCell::default(),
            upcasters: RefCell::default(),
            pause: RefCell::default(),
            pressed_at: Rc::default(),
            closed: Cell::new(None),
            is_sealing: Cell::new(false),
            sealer,
            random: RefCell::default(),
            last_segment_key: Cell::new(0),
        });
        let listener = Rc::downgrade(&inner);
        inner.storage.on_signal(Box::new(move |signal| Inner::hear(&listener, signal)));
        inner.catch_up().await?;
        inner.state.borrow_mut().note_covered();
        inner.start_tidying();
        Ok(Self { inner })
    }

    /// The name of the store.
    #[must_use]
    pub fn name(&self) -> &str {
        self.inner.storage.name()
    }

    /// The id that the store was given when it was made.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.inner.store_id
    }

    /// The last position known here; zero when the log is empty.
    #[must_use]
    pub fn head(&self) -> Position {
        self.inner.state.borrow().head()
    }

    /// Asks the index of the log, which is in memory. The closure must not call the store.
    pub fn with_log<T>(&self, ask: impl FnOnce(&LogView) -> T) -> T {
        ask(&self.inner.state.borrow().view)
    }

    /// Learns what other handles have stored up to now, and gives the head.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn refresh(&self) -> Result<Position, StorageError> {
        self.inner.catch_up().await?;
        Ok(self.head())
    }

    /// The host that the storage brings.
    pub(crate) fn host(&self) -> &dyn crate::storage::Host {
        self.inner.storage.host()
    }

    /// A new event id: UUID v7.
    pub(crate) fn new_id(&self, now: Timestamp) -> EventId {
        self.inner.new_id(now)
    }

    /// Why the handle is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<ClosedBecause> {
        self.inner.closed.get()
    }

    /// Ends once the handle is closed. It is not held meanwhile.
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn until_closed(&self) -> impl Future<Output = Option<ClosedBecause>> + use<> {
        let (signal, inner) = (Rc::clone(&self.inner.signal), Rc::downgrade(&self.inner));
        async move {
            signal.wait((), || inner.upgrade()?.closed.get().is_none().then_some(())).await;
            inner.upgrade()?.closed.get()
        }
    }

    /// Waits for appends under way, then closes the handle. Later calls fail with `storage-closed`.
    pub async fn close(&self) {
        let gate = self.inner.append_gate.lock().await;
        self.inner.shut(ClosedBecause::ClosedHere);
        drop(gate);
    }
}

impl Inner {
    pub(super) fn check_open(&self) -> Result<(), StorageError> {
        if let Some(because) = self.closed.get() {
            return Err(StorageError::closed(because));
        }
        self.state.borrow().damage.clone().map_or(Ok(()), Err)
    }

    pub(super) fn open_head(&self) -> Option<Position> {
        self.closed.get().is_none().then(|| self.state.borrow().head())
    }

    fn shut(&self, because: ClosedBecause) {
        if self.closed.get().is_none() {
            self.closed.set(Some(because));
            self.storage.close();
            self.signal.notify();
            self.derived_changed();
        }
    }

    /// To be called whenever a derived table may have changed.
    pub(super) fn derived_changed(&self) {
        self.derived_changes.set(self.derived_changes.get() + 1);
        self.derived_signal.notify();
    }

    fn hear(inner: &Weak<Self>, signal: Signal) {
        let Some(inner) = inner.upgrade() else { return };
        match signal {
            Signal::Closed(because) => inner.shut(because),
            Signal::DerivedNudge => inner.derived_changed(),
            Signal::Nudge => {
                let task = Rc::clone(&inner);
                inner.storage.host().spawn(Box::pin(async move {
                    // The next call meets the error again, and can say so.
                    let _ = task.catch_up().await;
                }));
            }
        }
    }

    /// To be called whenever the head may have moved.
    pub(super) fn head_moved(self: &Rc<Self>) {
        self.storage.note_seen(self.state.borrow().head());
        self.signal.notify();
        self.seal_when_due();
    }

    /// Learns all that stood in the log when the call was made.
    pub(super) async fn catch_up(&self) -> Result<(), StorageError> {
        self.check_open()?;
        let arrived = self.catch_up_begun.get();
        let gate = self.catch_up_gate.lock().await;
        // Someone else's catch-up that began after this call, and succeeded, has seen all that this one would.
        if self.catch_up_done.get() > arrived {
            return Ok(());
        }
        let number = self.catch_up_begun.get() + 1;
        self.catch_up_begun.set(number);
        let before = self.state.borrow().head();
        let learned = self.read_news().await;
        if learned.is_ok() {
            self.catch_up_done.set(number);
        }
        drop(gate);
        let head = self.state.borrow().head();
        if head != before || head == Position::ZERO {
            self.storage.note_seen(head);
            self.signal.notify();
        }
        learned
    }

    async fn read_news(&self) -> Result<(), StorageError> {
        if self.state.borrow().head() == Position::ZERO {
            // An empty handle reads from the very start, so as to meet entries that sealed ones cover.
            return self.reload().await;
        }
        let mut pace = Pace::of(self);
        loop {
            let from = self.state.borrow().head().next();
            let entries = self.storage.entries(from, ENTRIES_PAGE).await?;
            let is_last_page = entries.len() < ENTRIES_PAGE as usize;
            match self.add_entries(&self.state, entries, &mut pace).await {
                Ok(()) if is_last_page => return Ok(()),
                Ok(()) => {}
                Err(Refused::Gap) => return self.reload().await,
                Err(Refused::Storage(error)) => return Err(error),
            }
        }
    }

    /// Reads the whole index, and shows it when it is complete: of a handle that knows nothing yet, and of one that meets
    /// a gap, since entries that it had not seen yet were sealed and removed. That can only meet a handle in a place
    /// without locks; all others are waited for.
    async fn reload(&self) -> Result<(), StorageError> {
        let mut gap = Position::ZERO;
        for _ in 0..RELOADS {
            let fresh = RefCell::new(State::new());
            match self.read_whole(&fresh).await {
                Ok(()) => {
                    let fresh = fresh.into_inner();
                    if fresh.head() >= self.state.borrow().head() {
                        *self.state.borrow_mut() = fresh;
                    }
                    return Ok(());
                }
                // Entries were removed between two pages. The next attempt meets the segment that covers them.
                Err(Refused::Gap) => gap = fresh.borrow().head().next(),
                Err(Refused::Storage(error)) => return Err(error),
            }
        }
        Err(StorageError::corrupt(gap, "the log has a gap"))
    }

    async fn read_whole(&self, fresh: &RefCell<State>) -> Result<(), Refused> {
        let mut from = Position::new(1);
        let mut pace = Pace::of(self);
        loop {
            let entries = self.storage.entries(from, ENTRIES_PAGE).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            from = last.position.next();
            self.add_entries(fresh, entries, &mut pace).await?;
        }
    }

    /// Adds entries to a state, in turns. Segments' index records are read page by page.
    async fn add_entries(
        &self,
        state: &RefCell<State>,
        entries: Vec<LogEntry>,
        pace: &mut Pace,
    ) -> Result<(), Refused> {
        let (mut pages, mut waiting, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let (mut chain, known) = (state.borrow().chain, state.borrow().head());
        let mut head = known;
        for entry in entries {
            let parsed = {
                let mut state = state.borrow_mut();
                state.parse_behind(&entry, head, &chain)?
            };
            let Some(parsed) = parsed else { continue };
            chain = parsed.chain_after();
            head = head.plus(parsed.count());
            keys.extend(State::segment_keys(&parsed));
            waiting.push((entry, parsed));
            pace.step().await;
            if keys.len() >= INDEXES_PAGE {
                pages.push((std::mem::take(&mut waiting), std::mem::take(&mut keys)));
            }
        }
        pages.push((waiting, keys));
        state.borrow_mut().view.reserve((head.get() - known.get()) as usize);
        for (parsed, keys) in pages {
            self.add_parsed(state, parsed, keys, pace).await?;
        }
        Ok(())
    }

    async fn add_parsed(
        &self,
        state: &RefCell<State>,
        parsed: Vec<(LogEntry, Parsed)>,
        keys: Vec<SegmentKey>,
        pace: &mut Pace,
    ) -> Result<(), Refused> {
        let mut indexes = if keys.is_empty() { Vec::new() } else { self.storage.indexes(&keys).await? }.into_iter();
        for (entry, parsed) in parsed {
            match parsed {
                Parsed::Events { payloads, columns, chain_after } => {
                    let mut state = state.borrow_mut();
                    // An append of this handle may have ended meanwhile and have added the entry itself.
                    if entry.position > state.head() {
                        state.add_events(payloads, &columns, chain_after)?;
                    }
                }
                Parsed::Segments { segments, chain_after } => {
                    self.add_indexes(state, &entry, segments, chain_after, &mut indexes, pace).await?;
                }
            }
            pace.step().await;
        }
        Ok(())
    }

    /// Adds the segments of an entry: to a state that is shown, all of them at once.
    async fn add_indexes(
        &self,
        state: &RefCell<State>,
        entry: &LogEntry,
        segments: Vec<SegmentRef>,
        chain_after: Hash,
        indexes: &mut impl Iterator<Item = Option<Bytes>>,
        pace: &mut Pace,
    ) -> Result<(), Refused> {
        let is_shown = std::ptr::eq(state, &self.state);
        let mut together = Vec::new();
        for segment in segments {
            let missing = || StorageError::corrupt(entry.position, "the index record of a segment is missing");
            let bytes = indexes.next().flatten().ok_or_else(missing)?;
            if checksum(&bytes) != segment.index_checksum {
                let reason = "the index record of a segment has another checksum";
                return Err(StorageError::corrupt(entry.position, reason).into());
            }
            let columns = decode_index(&bytes).map_err(|e| StorageError::corrupt(entry.position, e))?;
            if is_shown {
                together.push((segment, columns));
            } else {
                state.borrow_mut().add_segment(segment, &columns)?;
            }
            pace.step().await;
        }
        let mut state = state.borrow_mut();
        if !is_shown {
            state.end_segments(chain_after);
        } else if entry.position > state.head() {
            // An append of this handle may have added it otherwise.
            state.add_segments(together, chain_after)?;
        }
        Ok(())
    }

    /// Random bytes by the page: each crossing to the host costs more than the bytes do.
    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        let mut pool = self.random.borrow_mut();
        if pool.len() < N {
            pool.resize(4096, 0);
            self.storage.host().fill_random(&mut pool);
        }
        let start = pool.len() - N;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&pool[start..]);
        pool.truncate(start);
        bytes
    }

    /// A new event id: UUID v7.
    pub(super) fn new_id(&self, now: Timestamp) -> EventId {
        let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or_default();
        EventId::new(uuid::Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid())
    }

    /// A new segment key: below 2^53, growing with time, so that neighbours in the log are neighbours on disk.
    ///
    /// The second it was made in, and a number within it that begins at random and counts on from segment to segment:
    /// a handle never gives a key twice, however fast it makes segments, and two handles meet in one second only by
    /// picking neighbouring numbers out of four million. Where they do, the storage refuses the second.
    pub(super) fn new_segment_key(&self) -> SegmentKey {
        let seconds = self.storage.host().now().as_micros() / 1_000_000 - KEY_EPOCH_SECONDS;
        let seconds = u64::try_from(seconds).unwrap_or_default() & ((1 << 31) - 1);
        let random = u64::from(u32::from_le_bytes(self.random()) >> (32 - KEY_NUMBER_BITS));
        let fresh = (seconds << KEY_NUMBER_BITS) | random;
        let last = self.last_segment_key.get();
        let key = if last >> KEY_NUMBER_BITS >= seconds { last + 1 } else { fresh };
        self.last_segment_key.set(key);
        SegmentKey(key)
    }
}

/// Segment keys count seconds since 2025-01-01T00:00Z: their 31 bits reach to the year 2093.
const KEY_EPOCH_SECONDS: i64 = 1_735_689_600;
/// Bits of a segment key behind its second.
const KEY_NUMBER_BITS: u32 = 22;

/// When a segment key was made, to the second.
pub(super) fn made_at(key: SegmentKey) -> Timestamp {
    Timestamp::trusted(((key.0 >> KEY_NUMBER_BITS) as i64 + KEY_EPOCH_SECONDS) * 1_000_000)
}
