//! The port between the engine and what keeps its bytes. It is coarse: one call is one transaction.
//!
//! An adapter keeps three tables of the log. **log**: entries keyed by the position of their first event. **index** and
//! **payload**: the two records of a segment, under one key. It knows nothing of what the bytes mean, but for one
//! byte: an entry that begins with [`EVENTS_ENTRY`] may be sealed.
//!
//! Beside them stand two tables of what can be made anew from the log: **snapshots** and **projections**, records under
//! keys of bytes, ordered bytewise ([`Derived`]).

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

use super::{ClosedBecause, StorageError};
use crate::domain::{Position, Timestamp};

/// The first byte of a log entry that holds events itself.
pub const EVENTS_ENTRY: u8 = 1;

/// The result of a call on the port.
pub type StorageFuture<'a, T> = LocalBoxFuture<'a, Result<T, StorageError>>;

/// The key of a segment's index and payload records, unique in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentKey(pub u64);

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The position of its first event.
    pub position: Position,
    /// The record.
    pub bytes: Bytes,
}

/// The two records of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentBytes {
    /// Their key.
    pub key: SegmentKey,
    /// The index record.
    pub index: Bytes,
    /// The payload record.
    pub payload: Bytes,
}

/// When an append counts as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Once the operating system has flushed it to disk.
    #[default]
    Strict,
    /// Once the operating system has it. A crash of the browser loses nothing; a power cut may lose the newest commits.
    Relaxed,
}

/// What a writer wants to append, given all it was told so far.
pub trait AppendPlan {
    /// The position behind the head that the plan knows.
    fn next_position(&self) -> Position;

    /// The entries to add, the first of them at [`next_position`](Self::next_position). None: there is nothing to write.
    fn entries(&mut self) -> Vec<LogEntry>;

    /// Whether [`derived`](Self::derived) may give anything.
    fn may_write_derived(&self) -> bool {
        false
    }

    /// What is to be written to derived tables in the same transaction as the entries, asked for behind
    /// [`entries`](Self::entries). Where a guard does not hold, nothing is written at all.
    fn derived(&mut self) -> Vec<DerivedWrite> {
        Vec::new()
    }

    /// Takes note of entries that others have added at or behind [`next_position`](Self::next_position).
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] when they do not follow what is known.
    fn learn(&mut self, news: &[LogEntry]) -> Result<Learned, StorageError>;
}

/// Whether a plan could take note of the news within the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// All of it.
    All,
    /// Not without reading segments first.
    NeedsSegments,
}

/// A table of records that can be made anew from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Derived {
    /// Snapshots of deciders' states.
    Snapshots,
    /// Read models and the checkpoints that they stand at.
    Projections,
}

impl Derived {
    /// Both tables.
    pub const ALL: [Self; 2] = [Self::Snapshots, Self::Projections];
}

/// Keys from `from` on, before `before`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// The first key that may be in it.
    pub from: Bytes,
    /// The first key behind it.
    pub before: Bytes,
}

/// A write to a derived table: all of it, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedWrite {
    /// The table.
    pub table: Derived,
    /// A record that must be as it is believed to be; `None` as its value: there must be none.
    pub guard: Option<(Bytes, Option<Bytes>)>,
    /// Ranges to empty, before anything is written.
    pub clear: Vec<KeyRange>,
    /// Records to write or, without a value, to remove.
    pub changes: Vec<(Bytes, Option<Bytes>)>,
}

/// How an append ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// The plan's last entries are stored.
    Written,
    /// After the news, the plan had nothing left to write.
    Nothing,
    /// The news cannot be learned within a transaction, or the guard of a derived write does not hold. Nothing was
    /// written: catch up, then append again.
    Behind,
}

/// Replaces events entries by one entry that points at a segment with the same events.
#[derive(Clone, Debug)]
pub struct Seal {
    /// The key of the first entry replaced. The others stay until [`Storage::purge`].
    pub position: Position,
    /// What stands there afterwards.
    pub entry: Bytes,
    /// The segment that it points at.
    pub segment: SegmentBytes,
}

/// Keys of log entries that a sealed entry covers: those behind `sealed` up to and with `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The key of the sealed entry itself.
    pub sealed: Position,
    /// The last position that it covers.
    pub last: Position,
}

/// What an adapter tells the engine unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// Another handle may have appended.
    Nudge,
    /// Another handle may have written to a derived table.
    DerivedNudge,
    /// The connection is gone.
    Closed(ClosedBecause),
}

/// What handles tell each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudge {
    /// The log has grown.
    Log,
    /// A derived table has changed.
    Derived,
}

/// A lead that is held until it is dropped, or taken by force.
pub trait Lead {
    /// Whether another handle has taken it.
    fn is_lost(&self) -> bool;
}

/// What hears signals.
pub type SignalListener = Box<dyn Fn(Signal)>;

/// How much room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Whether the browser has promised not to evict the data.
    pub persisted: bool,
    /// Bytes that this origin may use.
    pub quota_bytes: Option<u64>,
    /// Bytes that this origin uses.
    pub usage_bytes: Option<u64>,
}

/// The clock, the random source and the scheduler of the place where the engine runs.
pub trait Host: Debug {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Microseconds of a clock that measures how long something takes, as fine as there is one: it never goes back, and
    /// says nothing of the time of day. Default: [`now`](Self::now), which may be set back.
    fn micros(&self) -> f64 {
        self.now().as_micros() as f64
    }

    /// Fills `bytes` from a cryptographic random source.
    fn fill_random(&self, bytes: &mut [u8]);

    /// Runs a task in the background.
    fn spawn(&self, task: LocalBoxFuture<'static, ()>);

    /// Ends after `duration` at the earliest. Where signals cannot be lost it may never end: it only paces re-checks.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;

    /// Lets other work of this thread go first, as a page must to stay responsive.
    fn breathe(&self) -> LocalBoxFuture<'static, ()>;
}

/// A handle on the bytes of one store. Several handles, in several tabs and workers, may be open at once.
pub trait Storage: Debug {
    /// The name of the store.
    fn name(&self) -> &str;

    /// Clock, random source, scheduler.
    fn host(&self) -> &dyn Host;

    /// Sets what hears signals. The engine calls it once, before it reads.
    fn on_signal(&self, listener: SignalListener);

    /// The meta record. Where there is none, `initial` is stored and returned.
    fn meta(&self, initial: Bytes) -> StorageFuture<'_, Bytes>;

    /// Up to `limit` log entries with keys at or behind `from`, ascending.
    fn entries(&self, from: Position, limit: u32) -> StorageFuture<'_, Vec<LogEntry>>;

    /// Appends what `plan` wants, atomically and only if the log ends where the plan believes.
    ///
    /// Where others were first, their entries are given to [`AppendPlan::learn`] and the plan is asked again; this
    /// happens with the log locked, so that the second attempt cannot lose again. All entries of an attempt are stored
    /// or none.
    fn append<'a>(&'a self, plan: &'a mut dyn AppendPlan, durability: Durability) -> StorageFuture<'a, Appended>;

    /// The index records under `keys`; `None` where there is none.
    fn indexes<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>>;

    /// The payload records under `keys`; `None` where there is none.
    fn payloads<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>>;

    /// Writes segments that no log entry names yet, all or none. A key that is taken is an error: nothing is overwritten.
    fn stage(&self, segments: Vec<SegmentBytes>, durability: Durability) -> StorageFuture<'_, ()>;

    /// Removes staged segments that no log entry names.
    fn discard<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, ()>;

    /// The keys of all segments, staged ones included.
    fn segment_keys(&self) -> StorageFuture<'_, Vec<SegmentKey>>;

    /// Writes a segment and puts its entry in the place of the first one covered, if an events entry still stands
    /// there; `false` if not, and then nothing is written. A segment key that is taken is an error.
    fn seal(&self, seal: Seal) -> StorageFuture<'_, bool>;

    /// Removes covered entries, but only if every open handle is known to have seen the log up to the last of them:
    /// a freed key must never let the append of a handle that lags behind succeed. `false` if that is not known.
    fn purge<'a>(&'a self, covered: &'a [Covered]) -> StorageFuture<'a, bool>;

    /// Takes note that this handle has seen the log up to `head`.
    fn note_seen(&self, head: Position);

    /// Nudges the other handles: they hear `news`.
    fn announce(&self, news: Nudge);

    /// The records of a derived table under `keys`; `None` where there is none.
    fn derived<'a>(&'a self, table: Derived, keys: &'a [Bytes]) -> StorageFuture<'a, Vec<Option<Bytes>>>;

    /// Up to `limit` keys of a derived table, ascending.
    fn derived_keys(&self, table: Derived, range: KeyRange, limit: u32) -> StorageFuture<'_, Vec<Bytes>>;

    /// Writes to a derived table if the guard holds; `false` if not, and then nothing is written.
    fn write_derived(&self, write: DerivedWrite) -> StorageFuture<'_, bool>;

    /// Takes the lead `name` among all handles of this store: `None` while another handle has it. With `by_force` it is
    /// taken from whoever has it, as from a page that is frozen. It only saves work that would be done twice:
    /// correctness never rests on it.
    fn lead<'a>(&'a self, name: &'a str, by_force: bool) -> LocalBoxFuture<'a, Option<Box<dyn Lead>>>;

    /// Runs `task` while holding the lock `name` among all handles of this store, once it is free, or drops it when
    /// this handle is closed before. It only saves work that would be done twice: correctness never rests on it.
    fn exclusively(&self, name: &'static str, task: LocalBoxFuture<'static, ()>);

    /// Room left.
    fn usage(&self) -> StorageFuture<'_, Usage>;

    /// Closes the handle. Transactions under way still end.
    fn close(&self);
}
