//! A handle on a store in IndexedDB.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use futures_channel::oneshot;
use futures_util::future::{self, Either, FutureExt, LocalBoxFuture, select};
use indexed_db_futures::database::Database;
use indexed_db_futures::internals::SystemRepr;
use js_sys::Reflect;
use uuid::Uuid;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::channel::{Channel, Listener};
use super::host::BrowserHost;
use super::lock::{Mode, SharedLocks, locks};
use super::quiet::Quiet;
use super::schema::{INDEX, LOG, META, META_KEY, PAYLOAD, PROJECTIONS, SNAPSHOTS, database_name, open_database};
use super::seen::Seen;
use super::transaction::{self as tx, Committed, Connection, Transaction};
use crate::domain::Position;
use crate::domain::limits::MAX_STORE_NAME_BYTES;
use crate::storage::{
    AppendPlan, Appended, ClosedBecause, Covered, Derived, DerivedWrite, Durability, EVENTS_ENTRY, Host, KeyRange,
    Lead, Learned, LogEntry, Nudge, Seal, SegmentBytes, SegmentKey, Signal, SignalListener, Storage, StorageError,
    StorageFuture, Usage,
};

/// Opens the storage of the store `name`, making it where there is none.
///
/// # Errors
/// [`StorageError`]: `storage-unavailable` where there is no IndexedDB, `storage-blocked` while another tab holds on
/// to an older layout, `newer-format` where the store has a newer one.
pub async fn open(name: &str) -> Result<Rc<dyn Storage>, StorageError> {
    if name.is_empty() || name.len() > MAX_STORE_NAME_BYTES {
        let reason = format!("the name of a store has 1 to {MAX_STORE_NAME_BYTES} bytes, not {}", name.len());
        return Err(StorageError::Unavailable { reason });
    }
    let handle = Uuid::new_v4().simple().to_string();
    // Before anything is read: from now on nothing that this handle has not seen can be removed.
    let seen = Seen::begin(name, &handle, locks().map(Rc::new)).await;
    let database = open_database(name).await.inspect_err(|_| seen.close())?;
    let shared = Rc::new(Shared { closed: Cell::new(None), listener: RefCell::new(None) });
    let heard = Rc::clone(&shared);
    let listener: Listener = Rc::new(move |signal| heard.hear(signal));
    let channel = Channel::open(&database_name(name), Rc::clone(&listener));
    let watch = Closing::watch(&database, listener);
    let name = name.to_owned();
    let connection = tx::connection(&database);
    let (closing, closed) = oneshot::channel();
    Ok(Rc::new(IndexedDbStorage {
        name,
        database,
        connection,
        host: BrowserHost,
        quiet: Rc::default(),
        locks: seen.locks(),
        seen,
        channel,
        shared,
        closing: Cell::new(Some(closing)),
        closed: closed.shared(),
        _watch: watch,
    }))
}

/// What the browser's callbacks reach.
struct Shared {
    closed: Cell<Option<ClosedBecause>>,
    listener: RefCell<Option<SignalListener>>,
}

impl Shared {
    fn hear(&self, signal: Signal) {
        if let Signal::Closed(because) = signal
            && self.closed.replace(Some(because)).is_some()
        {
            return;
        }
        if let Some(listener) = &*self.listener.borrow() {
            listener(signal);
        }
    }
}

/// Closes the connection when another tab wants to upgrade or delete the database, and hears when the browser does.
struct Closing {
    database: web_sys::IdbDatabase,
    _on_version_change: Closure<dyn FnMut(web_sys::IdbVersionChangeEvent)>,
    _on_close: Closure<dyn FnMut()>,
}

impl Closing {
    fn watch(database: &Database, listener: Listener) -> Self {
        let raw: web_sys::IdbDatabase = database.as_sys().clone().unchecked_into();
        let (connection, hear) = (raw.clone(), Rc::clone(&listener));
        let on_version_change = Closure::<dyn FnMut(_)>::new(move |event: web_sys::IdbVersionChangeEvent| {
            let because = if event.new_version().is_some() { ClosedBecause::Upgraded } else { ClosedBecause::Deleted };
            // Transactions under way end first. Holding on would block the other tab.
            connection.close();
            hear(Signal::Closed(because));
        });
        let on_close = Closure::<dyn FnMut()>::new(move || listener(Signal::Closed(ClosedBecause::ConnectionLost)));
        raw.set_onversionchange(Some(on_version_change.as_ref().unchecked_ref()));
        raw.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Self { database: raw, _on_version_change: on_version_change, _on_close: on_close }
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.set_onclose(None);
    }
}

/// A handle on a store in IndexedDB.
pub struct IndexedDbStorage {
    name: String,
    database: Database,
    connection: Connection,
    host: BrowserHost,
    quiet: Rc<Quiet>,
    locks: SharedLocks,
    seen: Rc<Seen>,
    channel: Channel,
    shared: Rc<Shared>,
    /// Dropped when the handle is closed, which ends `closed`.
    closing: Cell<Option<oneshot::Sender<()>>>,
    closed: future::Shared<oneshot::Receiver<()>>,
    _watch: Closing,
}

impl fmt::Debug for IndexedDbStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedDbStorage").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for IndexedDbStorage {
    fn drop(&mut self) {
        self.close();
    }
}

impl IndexedDbStorage {
    fn check_open(&self) -> Result<(), StorageError> {
        self.shared.closed.get().map_or(Ok(()), |because| Err(StorageError::closed(because)))
    }

    /// Runs a call, and lets the reason why the handle was closed meanwhile outrank what the browser makes of it.
    fn call<'a, T: 'a>(&'a self, work: impl Future<Output = Result<T, StorageError>> + 'a) -> StorageFuture<'a, T> {
        async move {
            self.check_open()?;
            work.await.or_else(|error| self.check_open().and(Err(error)))
        }
        .boxed_local()
    }

    /// The quick attempt: no look at the log, only `add`. `None` when another handle was first.
    async fn swap_tail(
        &self,
        entries: &[LogEntry],
        derived: &[DerivedWrite],
        durability: Durability,
    ) -> Result<Option<Appended>, StorageError> {
        let transaction = tx::write(&self.connection, &tables_of(&[LOG], derived), durability)?;
        let log = transaction.table(LOG)?;
        if !derived.is_empty() && !self.write_where_guarded(&transaction, derived).await? {
            return Ok(Some(Appended::Behind));
        }
        for entry in entries {
            self.quiet.note(entry.bytes.len());
            tx::add(&log, &tx::key_of(entry.position), &entry.bytes)?;
        }
        Ok((transaction.try_commit().await? == Committed::Written).then_some(Appended::Written))
    }

    /// Writes to derived tables if every guard holds.
    async fn write_where_guarded(
        &self,
        transaction: &Transaction,
        writes: &[DerivedWrite],
    ) -> Result<bool, StorageError> {
        for write in writes {
            let table = transaction.table(derived_table(write.table))?;
            if let Some((key, expected)) = &write.guard {
                let asked = transaction.ask(&table, std::slice::from_ref(key))?;
                if transaction.told(&asked).await?.pop().flatten() != *expected {
                    return Ok(false);
                }
            }
            tx::put_derived(&table, write)?;
        }
        Ok(true)
    }

    /// The sure attempt: reads the news and appends behind them while the log is locked.
    async fn append_behind_news(
        &self,
        plan: &mut dyn AppendPlan,
        durability: Durability,
    ) -> Result<Appended, StorageError> {
        let tables: &[&str] = if plan.may_write_derived() { &[LOG, SNAPSHOTS, PROJECTIONS] } else { &[LOG] };
        let transaction = tx::write(&self.connection, tables, durability)?;
        let log = transaction.table(LOG)?;
        let news = transaction.entries(&log, plan.next_position(), None).await?;
        if !news.is_empty() && plan.learn(&news)? == Learned::NeedsSegments {
            return Ok(Appended::Behind);
        }
        let entries = plan.entries();
        if entries.is_empty() {
            return Ok(Appended::Nothing);
        }
        let derived = plan.derived();
        if !derived.is_empty() && !self.write_where_guarded(&transaction, &derived).await? {
            return Ok(Appended::Behind);
        }
        for entry in &entries {
            self.quiet.note(entry.bytes.len());
            tx::add(&log, &tx::key_of(entry.position), &entry.bytes)?;
        }
        transaction.commit().await?;
        Ok(Appended::Written)
    }

    async fn write_segments(&self, segments: &[SegmentBytes], durability: Durability) -> Result<(), StorageError> {
        if segments.is_empty() {
            return Ok(());
        }
        let transaction = tx::write(&self.connection, &[INDEX, PAYLOAD], durability)?;
        let (index, payload) = (transaction.table(INDEX)?, transaction.table(PAYLOAD)?);
        for segment in segments {
            let key = tx::segment_key(segment.key);
            tx::add(&index, &key, &segment.index)?;
            tx::add(&payload, &key, &segment.payload)?;
        }
        transaction.commit().await
    }

    async fn remove_segments(&self, keys: &[SegmentKey]) -> Result<(), StorageError> {
        let transaction = tx::write(&self.connection, &[INDEX, PAYLOAD], Durability::Relaxed)?;
        let (index, payload) = (transaction.table(INDEX)?, transaction.table(PAYLOAD)?);
        for key in keys {
            tx::delete(&index, &tx::segment_key(*key))?;
            tx::delete(&payload, &tx::segment_key(*key))?;
        }
        transaction.commit().await
    }
}

impl Storage for IndexedDbStorage {
    fn name(&self) -> &str {
        &self.name
    }

    fn host(&self) -> &dyn Host {
        &self.host
    }

    fn on_signal(&self, listener: SignalListener) {
        *self.shared.listener.borrow_mut() = Some(listener);
    }

    fn meta(&self, initial: Bytes) -> StorageFuture<'_, Bytes> {
        self.call(async move {
            let transaction = tx::write(&self.connection, &[META], Durability::Strict)?;
            let meta = transaction.table(META)?;
            if let Some(stored) = transaction.value(&meta, &META_KEY.into()).await? {
                return Ok(stored);
            }
            tx::put(&meta, &META_KEY.into(), &initial)?;
            transaction.commit().await?;
            Ok(initial)
        })
    }

    fn entries(&self, from: Position, limit: u32) -> StorageFuture<'_, Vec<LogEntry>> {
        self.call(async move {
            let transaction = tx::read(&self.connection, &[LOG])?;
            let log = transaction.table(LOG)?;
            transaction.entries(&log, from, Some(limit)).await
        })
    }

    fn append<'a>(&'a self, plan: &'a mut dyn AppendPlan, durability: Durability) -> StorageFuture<'a, Appended> {
        self.call(async move {
            if self.seen.is_held() {
                let entries = plan.entries();
                if entries.is_empty() {
                    // What was judged here may be wrong by what others have stored: judge again with the news.
                    return self.append_behind_news(plan, durability).await;
                }
                let derived = plan.derived();
                if let Some(appended) = self.swap_tail(&entries, &derived, durability).await? {
                    return Ok(appended);
                }
            }
            self.append_behind_news(plan, durability).await
        })
    }

    fn indexes<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.call(async move {
            let transaction = tx::read(&self.connection, &[INDEX])?;
            let index = transaction.table(INDEX)?;
            transaction.values(&index, keys).await
        })
    }

    fn payloads<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.call(async move {
            let transaction = tx::read(&self.connection, &[PAYLOAD])?;
            let payload = transaction.table(PAYLOAD)?;
            transaction.values(&payload, keys).await
        })
    }

    fn stage(&self, segments: Vec<SegmentBytes>, durability: Durability) -> StorageFuture<'_, ()> {
        self.call(async move { self.write_segments(&segments, durability).await })
    }

    fn discard<'a>(&'a self, keys: &'a [SegmentKey]) -> StorageFuture<'a, ()> {
        self.call(self.remove_segments(keys))
    }

    fn segment_keys(&self) -> StorageFuture<'_, Vec<SegmentKey>> {
        self.call(async move {
            let transaction = tx::read(&self.connection, &[INDEX])?;
            let index = transaction.table(INDEX)?;
            transaction.segment_keys(&index).await
        })
    }

    fn seal(&self, seal: Seal) -> StorageFuture<'_, bool> {
        self.call(async move {
            let key = seal.segment.key;
            // The large part first: the log is locked only for the swap. A segment that no entry comes to name, because
            // this page ends in between, is removed by a later handle.
            self.write_segments(&[seal.segment], Durability::Strict).await?;
            let transaction = tx::write(&self.connection, &[LOG], Durability::Strict)?;
            let log = transaction.table(LOG)?;
            let position = tx::key_of(seal.position);
            let standing = transaction.value(&log, &position).await?;
            if standing.is_none_or(|entry| entry.first() != Some(&EVENTS_ENTRY)) {
                drop(transaction);
                self.remove_segments(&[key]).await?;
                return Ok(false);
            }
            tx::put(&log, &position, &seal.entry)?;
            transaction.commit().await?;
            Ok(true)
        })
    }

    fn purge<'a>(&'a self, covered: &'a [Covered]) -> StorageFuture<'a, bool> {
        self.call(async move {
            let last = covered.iter().map(|stretch| stretch.last).max().unwrap_or_default();
            if !self.seen.by_all(last).await {
                return Ok(false);
            }
            let transaction = tx::write(&self.connection, &[LOG], Durability::Relaxed)?;
            let log = transaction.table(LOG)?;
            for stretch in covered {
                tx::delete_behind(&log, &tx::key_of(stretch.sealed), &tx::key_of(stretch.last))?;
            }
            transaction.commit().await?;
            Ok(true)
        })
    }

    fn note_seen(&self, head: Position) {
        self.seen.note(head);
    }

    fn announce(&self, news: Nudge) {
        self.channel.nudge(news);
    }

    fn derived<'a>(&'a self, table: Derived, keys: &'a [Bytes]) -> StorageFuture<'a, Vec<Option<Bytes>>> {
        self.call(async move {
            let name = derived_table(table);
            let transaction = tx::read(&self.connection, &[name])?;
            let asked = transaction.ask(&transaction.table(name)?, keys)?;
            transaction.told(&asked).await
        })
    }

    fn derived_keys(&self, table: Derived, range: KeyRange, limit: u32) -> StorageFuture<'_, Vec<Bytes>> {
        self.call(async move {
            // The browser takes an empty range, and a limit of none, for a mistake.
            if range.from >= range.before || limit == 0 {
                return Ok(Vec::new());
            }
            let name = derived_table(table);
            let transaction = tx::read(&self.connection, &[name])?;
            transaction.bytes_keys(&transaction.table(name)?, &range, limit).await
        })
    }

    fn write_derived(&self, write: DerivedWrite) -> StorageFuture<'_, bool> {
        self.call(async move {
            let writes = [write];
            let transaction = tx::write(&self.connection, &tables_of(&[], &writes), Durability::Relaxed)?;
            if !self.write_where_guarded(&transaction, &writes).await? {
                return Ok(false);
            }
            transaction.commit().await?;
            Ok(true)
        })
    }

    fn lead<'a>(&'a self, name: &'a str, by_force: bool) -> LocalBoxFuture<'a, Option<Box<dyn Lead>>> {
        async move {
            // Without locks every handle leads: work is done twice, and the guards keep it right.
            let Some(locks) = &self.locks else { return Some(Box::new(Unlocked) as Box<dyn Lead>) };
            let mode = if by_force { Mode::ExclusiveByForce } else { Mode::ExclusiveIfFree };
            let held = locks.take(&format!("leftfold:{}:lead:{name}", self.name), mode).await?;
            Some(Box::new(held) as Box<dyn Lead>)
        }
        .boxed_local()
    }

    fn exclusively(&self, name: &'static str, task: LocalBoxFuture<'static, ()>) {
        let locks = self.locks.clone();
        let quiet = Rc::clone(&self.quiet);
        let closed = self.closed.clone();
        let name = format!("leftfold:{}:{name}", self.name);
        self.host.spawn(Box::pin(async move {
            quiet.pause().await;
            let Some(locks) = locks else { return task.await };
            // A tab that is frozen may have the lock for hours. A closed handle does not wait on, with all it has in memory.
            let lock = Box::pin(locks.take(&name, Mode::Exclusive));
            if let Either::Left((Some(held), _)) = select(lock, closed).await {
                task.await;
                drop(held);
            }
        }));
    }

    fn usage(&self) -> StorageFuture<'_, Usage> {
        self.call(async move {
            let Some(manager) = storage_manager() else { return Ok(Usage::default()) };
            let estimate = JsFuture::from(manager.estimate().map_err(tx::rejected)?).await.map_err(tx::rejected)?;
            let number = |name: &str| {
                let value = Reflect::get(&estimate, &name.into()).ok()?.as_f64()?;
                Some(value as u64)
            };
            let persisted = match manager.persisted() {
                Ok(promise) => JsFuture::from(promise).await.is_ok_and(|value| value.is_truthy()),
                Err(_) => false,
            };
            Ok(Usage { persisted, quota_bytes: number("quota"), usage_bytes: number("usage") })
        })
    }

    fn close(&self) {
        if self.shared.closed.get().is_none() {
            self.shared.closed.set(Some(ClosedBecause::ClosedHere));
        }
        self.closing.take();
        self.seen.close();
        self.channel.close();
        self.database.as_sys().close();
    }
}

/// A lead where there are no locks.
struct Unlocked;

impl Lead for Unlocked {
    fn is_lost(&self) -> bool {
        false
    }
}

fn derived_table(table: Derived) -> &'static str {
    match table {
        Derived::Snapshots => SNAPSHOTS,
        Derived::Projections => PROJECTIONS,
    }
}

/// The tables that a transaction with these derived writes takes.
fn tables_of(others: &[&'static str], writes: &[DerivedWrite]) -> Vec<&'static str> {
    let derived = writes.iter().map(|write| derived_table(write.table));
    let mut tables: Vec<_> = others.iter().copied().chain(derived).collect();
    tables.dedup();
    tables
}

/// The browser's storage manager, in a page or a worker.
fn storage_manager() -> Option<web_sys::StorageManager> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let manager = Reflect::get(&navigator, &"storage".into()).ok()?;
    manager.is_object().then(|| manager.unchecked_into())
}
