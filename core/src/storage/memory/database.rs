//! Tables in memory, shared by the handles that are open on them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::rc::{Rc, Weak};

use bytes::Bytes;
use futures_util::future::{FutureExt, LocalBoxFuture, ready};

use crate::domain::Position;
use crate::storage::{
    AppendPlan, Appended, ClosedBecause, Covered, Derived, DerivedWrite, Durability, EVENTS_ENTRY, Host, KeyRange,
    Lead, Learned, LogEntry, Nudge, Seal, SegmentBytes, SegmentKey, Signal, SignalListener, Storage, StorageError,
    StorageFuture, Usage,
};

#[derive(Default)]
pub(super) struct Tables {
    pub(super) meta: Option<Bytes>,
    pub(super) log: BTreeMap<u64, Bytes>,
    pub(super) index: HashMap<SegmentKey, Bytes>,
    pub(super) payload: HashMap<SegmentKey, Bytes>,
    pub(super) derived: HashMap<Derived, BTreeMap<Bytes, Bytes>>,
    /// Who leads, until its lead is dropped.
    leads: HashMap<String, Weak<Leading>>,
    handles: Vec<Weak<Handle>>,
}

struct Handle {
    seen: Cell<Position>,
    closed: Cell<bool>,
    listener: RefCell<Option<SignalListener>>,
}

/// A lead in memory.
struct Leading {
    handle: Weak<Handle>,
    is_lost: Cell<bool>,
}

struct HeldLead(Rc<Leading>);

impl Lead for HeldLead {
    fn is_lost(&self) -> bool {
        self.0.is_lost.get()
    }
}

impl Tables {
    fn guards_hold(&self, writes: &[DerivedWrite]) -> bool {
        writes.iter().all(|write| match &write.guard {
            Some((key, expected)) => {
                self.derived.get(&write.table).and_then(|records| records.get(key)) == expected.as_ref()
            }
            None => true,
        })
    }

    fn write_derived(&mut self, write: DerivedWrite) {
        let records = self.derived.entry(write.table).or_default();
        for range in write.clear {
            records.retain(|key, _| *key < range.from || *key >= range.before);
        }
        for (key, value) in write.changes {
            match value {
                Some(value) => records.insert(key, value),
                None => records.remove(&key),
            };
        }
    }
}

/// A database in memory. Its handles see each other's commits, as the tabs of a browser do.
#[derive(Clone)]
pub struct MemoryDatabase {
    host: Rc<dyn Host>,
    name: Rc<str>,
    pub(super) tables: Rc<RefCell<Tables>>,
}

impl fmt::Debug for MemoryDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDatabase").field("name", &self.name).finish_non_exhaustive()
    }
}

impl MemoryDatabase {
    /// An empty database with the clock and the random source of this machine.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn new() -> Self {
        Self::on_host("memory", Rc::new(super::NativeHost::default()))
    }

    /// An empty database on a host of the caller's.
    #[must_use]
    pub fn on_host(name: &str, host: Rc<dyn Host>) -> Self {
        Self { host, name: name.into(), tables: Rc::default() }
    }

    /// Opens a handle.
    #[must_use]
    pub fn open(&self) -> Rc<dyn Storage> {
        let handle = Rc::new(Handle { seen: Cell::default(), closed: Cell::default(), listener: RefCell::default() });
        self.tables.borrow_mut().handles.push(Rc::downgrade(&handle));
        Rc::new(MemoryStorage { database: self.clone(), handle })
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Default for MemoryDatabase {
    fn default() -> Self {
        Self::new()
    }
}

/// A handle on a [`MemoryDatabase`].
pub struct MemoryStorage {
    database: MemoryDatabase,
    handle: Rc<Handle>,
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStorage").field("database", &self.database).finish_non_exhaustive()
    }
}

impl MemoryStorage {
    /// Runs `call` on the tables, as one transaction: nothing else of this thread can come between.
    fn with<T>(&self, call: impl FnOnce(&mut Tables) -> Result<T, StorageError>) -> Result<T, StorageError> {
        if self.handle.closed.get() {
            return Err(StorageError::closed(ClosedBecause::ClosedHere));
        }
        call(&mut self.database.tables.borrow_mut())
    }

    fn answer<'a, T: 'a>(&'a self, call: impl FnOnce(&mut Tables) -> Result<T, StorageError>) -> StorageFuture<'a, T> {
        ready(self.with(call)).boxed_local()
    }

    fn news(tables: &Tables, from: Position, limit: usize) -> Vec<LogEntry> {
        let entries = tables.log.range(from.get()..).take(limit);
        entries.map(|(key, bytes)| LogEntry { position: Position::new(*key), bytes: bytes.clone() }).collect()
    }
}

fn key_is_taken(key: SegmentKey) -> StorageError {
    StorageError::Aborted { reason: format!("another segment has the key {}", key.0) }
}

impl Drop for MemoryStorage {
    fn drop(&mut self) {
        self.close();
    }
}

impl Storage for MemoryStorage {
    fn name(&self) -> &str {
        &self.database.name
    }

    fn host(&self) -> &dyn Host {
        &*self.database.host
    }

    fn on_signal(&self, listener: SignalListener) {
        *self.handle.listener.borrow_mut() = Some(listener);
    }

    fn meta(&self, initial: Bytes) -> StorageFuture<'_, Bytes> {
        self.answer(|tables| Ok(tables.meta.get_or_insert(initial).clone()))
    }

    fn entries(&self, from: Position, limit: u32) -> StorageFuture<'_, Vec<LogEntry>> {
        self.answer(|tables| Ok(Self::news(tables, from, limit as usize)))
    }

    fn append<'a>(&'a self, plan: &'a mut dyn AppendPlan, _durability: Durability) -> StorageFuture<'a, Appended> {
        self.answer(|tables| {
            let news = Self::news(tables, plan.next_position(), usize::MAX);
            if !news.is_empty() && plan.learn(&news)? == Learned::NeedsSegments {
                return Ok(Appended::Behind);
            }
            let entries = plan.entries();
            if entries.is_empty() {
                return Ok(Appended::Nothing);
            }
            let derived = plan.derived();
            if !tables.guards_hold(&derived) {
                return Ok(Appended::Behind);
            }
            derived.into_iter().for_each(|write| tables.write_derived(write));
            tables.log.extend(entries.into_iter().map(|entry| (entry.position.get(), entry.bytes)));
            Ok(Appended::Written)
        })
    }

    fn indexes<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.answer(|tables| Ok(keys.iter().map(|key| tables.index.get(key).cloned()).collect()))
    }

    fn payloads<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.answer(|tables| Ok(keys.iter().map(|key| tables.payload.get(key).cloned()).collect()))
    }

    fn stage(&self, segments: Vec<SegmentBytes>, _durability: Durability) -> StorageFuture<'_, ()> {
        self.answer(|tables| {
            if let Some(taken) = segments.iter().find(|segment| tables.index.contains_key(&segment.key)) {
                return Err(key_is_taken(taken.key));
            }
            for segment in segments {
                tables.index.insert(segment.key, segment.index);
                tables.payload.insert(segment.key, segment.payload);
            }
            Ok(())
        })
    }

    fn discard<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, ()> {
        self.answer(|tables| {
            for key in keys {
                tables.index.remove(key);
                tables.payload.remove(key);
            }
            Ok(())
        })
    }

    fn segment_keys(&self) -> StorageFuture<'_, Vec<SegmentKey>> {
        self.answer(|tables| Ok(tables.index.keys().copied().collect()))
    }

    fn seal(&self, seal: Seal) -> StorageFuture<'_, bool> {
        self.answer(|tables| {
            let Some(entry) = tables.log.get_mut(&seal.position.get()) else {
                return Ok(false);
            };
            if entry.first() != Some(&EVENTS_ENTRY) {
                return Ok(false);
            }
            if tables.index.contains_key(&seal.segment.key) {
                return Err(key_is_taken(seal.segment.key));
            }
            *entry = seal.entry;
            tables.index.insert(seal.segment.key, seal.segment.index);
            tables.payload.insert(seal.segment.key, seal.segment.payload);
            Ok(true)
        })
    }

    fn purge<'a>(&'a self, covered: &'a [Covered]) -> StorageFuture<'a, bool> {
        self.answer(|tables| {
            let last = covered.iter().map(|stretch| stretch.last).max().unwrap_or_default();
            let handles = tables.handles.iter().filter_map(Weak::upgrade);
            if handles.into_iter().any(|handle| !handle.closed.get() && handle.seen.get() < last) {
                return Ok(false);
            }
            for stretch in covered {
                tables.log.retain(|key, _| *key <= stretch.sealed.get() || *key > stretch.last.get());
            }
            Ok(true)
        })
    }

    fn note_seen(&self, head: Position) {
        self.handle.seen.set(head);
    }

    fn announce(&self, news: Nudge) {
        let others: Vec<_> = {
            let mut tables = self.database.tables.borrow_mut();
            tables.handles.retain(|handle| handle.strong_count() > 0);
            tables.handles.iter().filter_map(Weak::upgrade).collect()
        };
        let signal = match news {
            Nudge::Log => Signal::Nudge,
            Nudge::Derived => Signal::DerivedNudge,
        };
        for other in others.iter().filter(|other| !Rc::ptr_eq(other, &self.handle) && !other.closed.get()) {
            if let Some(listener) = &*other.listener.borrow() {
                listener(signal);
            }
        }
    }

    fn derived<'a>(&'a self, table: Derived, keys: &'a [Bytes]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.answer(|tables| {
            let records = tables.derived.entry(table).or_default();
            Ok(keys.iter().map(|key| records.get(key).cloned()).collect())
        })
    }

    fn derived_keys(&self, table: Derived, range: KeyRange, limit: u32) -> StorageFuture<'_, Vec<Bytes>> {
        self.answer(|tables| {
            let records = tables.derived.entry(table).or_default();
            if range.from >= range.before {
                return Ok(Vec::new());
            }
            Ok(records.range(range.from..range.before).take(limit as usize).map(|(key, _)| key.clone()).collect())
        })
    }

    fn write_derived(&self, write: DerivedWrite) -> StorageFuture<'_, bool> {
        self.answer(|tables| {
            if !tables.guards_hold(std::slice::from_ref(&write)) {
                return Ok(false);
            }
            tables.write_derived(write);
            Ok(true)
        })
    }

    fn lead<'a>(&'a self, name: &'a str, by_force: bool) -> LocalBoxFuture<'a, Option<Box<dyn Lead>>> {
        let mut tables = self.database.tables.borrow_mut();
        let leader = tables.leads.get(name).and_then(Weak::upgrade);
        let lead = match leader.filter(|leader| leader.handle.upgrade().is_some_and(|handle| !handle.closed.get())) {
            Some(leader) if !by_force => {
                drop(leader);
                None
            }
            leader => {
                leader.inspect(|leader| leader.is_lost.set(true));
                let leading = Rc::new(Leading { handle: Rc::downgrade(&self.handle), is_lost: Cell::new(false) });
                tables.leads.insert(name.to_owned(), Rc::downgrade(&leading));
                Some(Box::new(HeldLead(leading)) as Box<dyn Lead>)
            }
        };
        ready(lead).boxed_local()
    }

    fn exclusively(&self, _name: &'static str, task: LocalBoxFuture<'static, ()>) {
        // Calls never wait in memory, so that no other handle can be inside the same lock.
        self.host().spawn(task);
    }

    fn usage(&self) -> StorageFuture<'_, Usage> {
        self.answer(|_| Ok(Usage::default()))
    }

    fn close(&self) {
        self.handle.closed.set(true);
    }
}
