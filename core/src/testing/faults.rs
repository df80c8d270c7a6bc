//! A storage that fails when it is told to.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use fastrand::Rng;
use futures_util::future::{FutureExt, LocalBoxFuture, pending};

use super::sim::give_way;
use crate::domain::Position;
use crate::storage::{
    AppendPlan, Appended, Covered, Derived, DerivedWrite, Durability, Host, KeyRange, Lead, Learned, LogEntry, Nudge,
    Seal, SegmentBytes, SegmentKey, Signal, Storage, StorageError, StorageFuture, Usage,
};

/// One of the calls of the port that touch the storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the method of `Storage` with its name")]
pub enum Call {
    Meta,
    Entries,
    Append,
    Indexes,
    Payloads,
    Stage,
    Discard,
    SegmentKeys,
    Seal,
    Purge,
    Usage,
    Derived,
    DerivedKeys,
    WriteDerived,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Meta,
        Self::Entries,
        Self::Append,
        Self::Indexes,
        Self::Payloads,
        Self::Stage,
        Self::Discard,
        Self::SegmentKeys,
        Self::Seal,
        Self::Purge,
        Self::Usage,
        Self::Derived,
        Self::DerivedKeys,
        Self::WriteDerived,
    ];
}

/// When a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it has done anything.
    Before,
    /// After it has taken effect: the answer alone is lost, as when a connection breaks at the wrong moment.
    After,
}

#[derive(Debug)]
struct Fault {
    call: Call,
    /// Calls of this kind to let pass first.
    skip: u32,
    moment: Moment,
    error: StorageError,
}

/// What is to go wrong, shared by the storages that were given it. Nothing, at first.
#[derive(Debug, Default)]
pub struct Faults {
    faults: RefCell<Vec<Fault>>,
    delays: RefCell<Option<(Rng, u32)>>,
    room: Cell<Option<usize>>,
    are_nudges_lost: Cell<bool>,
    is_dead: Cell<bool>,
    happened: Cell<u32>,
}

impl Faults {
    /// None yet.
    #[must_use]
    pub fn new() -> Rc<Self> {
        Rc::default()
    }

    /// Makes one call fail: after `skip` more calls of its kind, once.
    pub fn fail(&self, call: Call, skip: u32, moment: Moment, error: StorageError) {
        self.faults.borrow_mut().push(Fault { call, skip, moment, error });
    }

    /// Takes back the faults that have not happened yet.
    pub fn heal(&self) {
        self.faults.borrow_mut().clear();
        self.room.set(None);
        self.are_nudges_lost.set(false);
    }

    /// How many faults have happened.
    #[must_use]
    pub fn happened(&self) -> u32 {
        self.happened.get()
    }

    /// Makes every call wait, before and after its effect, for up to `most` turns of the host, drawn from `seed`.
    pub fn delay(&self, seed: u64, most: u32) {
        *self.delays.borrow_mut() = Some((Rng::with_seed(seed), most));
    }

    /// Leaves room for `bytes` more; writes beyond fail with `quota-exceeded`, whole.
    pub fn leave_room(&self, bytes: usize) {
        self.room.set(Some(bytes));
    }

    /// Loses nudges from now on, or no longer.
    pub fn lose_nudges(&self, are_lost: bool) {
        self.are_nudges_lost.set(are_lost);
    }

    /// Ends the life of the tab: a call that has not taken effect never will, and no answer arrives any more.
    pub fn kill(&self) {
        self.is_dead.set(true);
    }

    async fn pass(&self, call: Call, moment: Moment) -> Result<(), StorageError> {
        let turns = self.delays.borrow_mut().as_mut().map_or(0, |(rng, most)| rng.u32(..=*most));
        give_way(turns).await;
        if self.is_dead.get() {
            return pending().await;
        }
        let due = {
            let mut faults = self.faults.borrow_mut();
            let mut due = None;
            for (number, fault) in faults.iter_mut().enumerate() {
                if fault.call != call || fault.moment != moment {
                    continue;
                }
                match fault.skip.checked_sub(1) {
                    Some(skip) => fault.skip = skip,
                    None => due = due.or(Some(number)),
                }
            }
            due.map(|number| faults.remove(number).error)
        };
        due.map_or(Ok(()), |error| {
            self.happened.set(self.happened.get() + 1);
            Err(error)
        })
    }

    /// Takes room for a write, or says that there is none.
    fn take_room(&self, bytes: usize) -> Result<(), StorageError> {
        let Some(room) = self.room.get() else { return Ok(()) };
        let Some(left) = room.checked_sub(bytes) else {
            self.happened.set(self.happened.get() + 1);
            return Err(StorageError::QuotaExceeded { reason: format!("{bytes} bytes do not fit into {room}") });
        };
        self.room.set(Some(left));
        Ok(())
    }
}

/// A storage around another one, to which [`Faults`] happen.
pub struct FaultyStorage {
    storage: Rc<dyn Storage>,
    faults: Rc<Faults>,
}

impl fmt::Debug for FaultyStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStorage").field("storage", &self.storage).finish_non_exhaustive()
    }
}

impl FaultyStorage {
    /// Puts `faults` around `storage`.
    #[must_use]
    pub fn around(storage: Rc<dyn Storage>, faults: &Rc<Faults>) -> Rc<dyn Storage> {
        Rc::new(Self { storage, faults: Rc::clone(faults) })
    }

    fn call<'a, T: 'a>(&'a self, call: Call, work: StorageFuture<'a, T>) -> StorageFuture<'a, T> {
        self.call_with_room(call, 0, work)
    }

    fn call_with_room<'a, T: 'a>(
        &'a self,
        call: Call,
        bytes: usize,
        work: StorageFuture<'a, T>,
    ) -> StorageFuture<'a, T> {
        async move {
            self.faults.pass(call, Moment::Before).await?;
            self.faults.take_room(bytes)?;
            let answer = work.await?;
            self.faults.pass(call, Moment::After).await?;
            Ok(answer)
        }
        .boxed_local()
    }
}

/// A plan whose entries must find room.
struct Measured<'a> {
    plan: &'a mut dyn AppendPlan,
    faults: &'a Faults,
    refused: Option<StorageError>,
}

impl AppendPlan for Measured<'_> {
    fn next_position(&self) -> Position {
        self.plan.next_position()
    }

    fn entries(&mut self) -> Vec<LogEntry> {
        let entries = self.plan.entries();
        match self.faults.take_room(entries.iter().map(|entry| entry.bytes.len()).sum()) {
            Ok(()) => entries,
            Err(error) => {
                self.refused = Some(error);
                Vec::new()
            }
        }
    }

    fn may_write_derived(&self) -> bool {
        self.plan.may_write_derived()
    }

    fn derived(&mut self) -> Vec<DerivedWrite> {
        if self.refused.is_some() {
            return Vec::new();
        }
        let writes = self.plan.derived();
        let bytes = writes.iter().map(derived_len).sum();
        match self.faults.take_room(bytes) {
            Ok(()) => writes,
            Err(error) => {
                // A guard that cannot hold keeps the entries out as well.
                self.refused = Some(error);
                let guard = Some((Bytes::from_static(b"no room"), Some(Bytes::from_static(b"no room"))));
                vec![DerivedWrite { table: Derived::Projections, guard, clear: Vec::new(), changes: Vec::new() }]
            }
        }
    }

    fn learn(&mut self, news: &[LogEntry]) -> Result<Learned, StorageError> {
        self.plan.learn(news)
    }
}

fn derived_len(write: &DerivedWrite) -> usize {
    write.changes.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Bytes::len)).sum()
}

impl Storage for FaultyStorage {
    fn name(&self) -> &str {
        self.storage.name()
    }

    fn host(&self) -> &dyn Host {
        self.storage.host()
    }

    fn on_signal(&self, listener: Box<dyn Fn(Signal)>) {
        let faults = Rc::clone(&self.faults);
        self.storage.on_signal(Box::new(move |signal| {
            let is_lost = faults.is_dead.get()
                || (matches!(signal, Signal::Nudge | Signal::DerivedNudge) && faults.are_nudges_lost.get());
            if !is_lost {
                listener(signal);
            }
        }));
    }

    fn meta(&self, initial: Bytes) -> StorageFuture<'_, Bytes> {
        self.call(Call::Meta, async move { self.storage.meta(initial).await }.boxed_local())
    }

    fn entries(&self, from: Position, limit: u32) -> StorageFuture<'_, Vec<LogEntry>> {
        self.call(Call::Entries, async move { self.storage.entries(from, limit).await }.boxed_local())
    }

    fn append<'a>(&'a self, plan: &'a mut dyn AppendPlan, durability: Durability) -> StorageFuture<'a, Appended> {
        // A hopeful attempt that is lost, as an adapter makes whose writers race: the plan is asked before anyone has looked
        // at the log, and again when the news are known.
        drop(plan.entries());
        drop(plan.derived());
        let work = async move {
            let mut measured = Measured { plan, faults: &self.faults, refused: None };
            let appended = self.storage.append(&mut measured, durability).await?;
            measured.refused.map_or(Ok(appended), Err)
        };
        self.call(Call::Append, work.boxed_local())
    }

    fn indexes<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.call(Call::Indexes, async move { self.storage.indexes(keys).await }.boxed_local())
    }

    fn payloads<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.call(Call::Payloads, async move { self.storage.payloads(keys).await }.boxed_local())
    }

    fn stage(&self, segments: Vec<SegmentBytes>, durability: Durability) -> StorageFuture<'_, ()> {
        let bytes = segments.iter().map(|segment| segment.index.len() + segment.payload.len()).sum();
        let work = async move { self.storage.stage(segments, durability).await };
        self.call_with_room(Call::Stage, bytes, work.boxed_local())
    }

    fn discard<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, ()> {
        self.call(Call::Discard, async move { self.storage.discard(keys).await }.boxed_local())
    }

    fn segment_keys(&self) -> StorageFuture<'_, Vec<SegmentKey>> {
        self.call(Call::SegmentKeys, async move { self.storage.segment_keys().await }.boxed_local())
    }

    fn seal(&self, seal: Seal) -> StorageFuture<'_, bool> {
        let bytes = seal.entry.len() + seal.segment.index.len() + seal.segment.payload.len();
        self.call_with_room(Call::Seal, bytes, async move { self.storage.seal(seal).await }.boxed_local())
    }

    fn purge<'a>(&'a self, covered: &'a [Covered]) -> StorageFuture<'a, bool> {
        self.call(Call::Purge, async move { self.storage.purge(covered).await }.boxed_local())
    }

    fn note_seen(&self, head: Position) {
        if !self.faults.is_dead.get() {
            self.storage.note_seen(head);
        }
    }

    fn announce(&self, news: Nudge) {
        if !self.faults.is_dead.get() {
            self.storage.announce(news);
        }
    }

    fn derived<'a>(&'a self, table: Derived, keys: &'a [Bytes]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.call(Call::Derived, async move { self.storage.derived(table, keys).await }.boxed_local())
    }

    fn derived_keys(&self, table: Derived, range: KeyRange, limit: u32) -> StorageFuture<'_, Vec<Bytes>> {
        self.call(Call::DerivedKeys, async move { self.storage.derived_keys(table, range, limit).await }.boxed_local())
    }

    fn write_derived(&self, write: DerivedWrite) -> StorageFuture<'_, bool> {
        let bytes = derived_len(&write);
        let work = async move { self.storage.write_derived(write).await };
        self.call_with_room(Call::WriteDerived, bytes, work.boxed_local())
    }

    fn lead<'a>(&'a self, name: &'a str, by_force: bool) -> LocalBoxFuture<'a, Option<Box<dyn Lead>>> {
        async move { if self.faults.is_dead.get() { pending().await } else { self.storage.lead(name, by_force).await } }
            .boxed_local()
    }

    fn exclusively(&self, name: &'static str, task: LocalBoxFuture<'static, ()>) {
        self.storage.exclusively(name, task);
    }

    fn usage(&self) -> StorageFuture<'_, Usage> {
        self.call(Call::Usage, async move { self.storage.usage().await }.boxed_local())
    }

    fn close(&self) {
        self.storage.close();
    }
}
