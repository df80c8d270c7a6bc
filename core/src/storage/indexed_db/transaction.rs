//! Transactions and requests on the tables, as the adapter needs them.
//!
//! Every append and every read passes here, so the requests are bare ones. All requests of a step are issued together,
//! and only the last is listened to: the browser answers in order, and the failure of one fails those behind it.

use bytes::Bytes;
use indexed_db_futures::database::Database;
use indexed_db_futures::internals::SystemRepr;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DomException, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction};

use super::ear::is_success;
use super::error::{from_js, is_constraint};
use crate::domain::Position;
use crate::storage::{DerivedWrite, Durability, KeyRange, LogEntry, SegmentKey, StorageError};

#[wasm_bindgen]
extern "C" {
    /// A database, with the options of a transaction that web-sys keeps behind a flag.
    #[wasm_bindgen(extends = web_sys::IdbDatabase)]
    #[derive(Clone)]
    pub(super) type Connection;

    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn begin(this: &Connection, tables: &JsValue, mode: &str, options: &JsValue) -> Result<IdbTransaction, JsValue>;

    /// A transaction that can be committed, which web-sys takes for something of the past.
    #[wasm_bindgen(extends = IdbTransaction)]
    type Committable;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &Committable) -> Result<(), JsValue>;

    #[wasm_bindgen(extends = js_sys::Object)]
    type Options;

    #[wasm_bindgen(method, setter)]
    fn set_durability(this: &Options, durability: &str);
}

thread_local! {
    static STRICT: JsValue = options("strict");
    static RELAXED: JsValue = options("relaxed");
}

fn options(durability: &str) -> JsValue {
    let options = js_sys::Object::new().unchecked_into::<Options>();
    options.set_durability(durability);
    options.into()
}

/// The connection of an opened database.
pub(super) fn connection(database: &Database) -> Connection {
    database.as_sys().clone().unchecked_into()
}

/// The names of tables, as the browser takes them.
fn names(tables: &[&str]) -> JsValue {
    match tables {
        [table] => JsValue::from_str(table),
        tables => tables.iter().map(|table| JsValue::from_str(table)).collect::<Array>().into(),
    }
}

/// A transaction. One that writes is undone when it is dropped before its end; one that reads ends when it is dropped.
pub(super) struct Transaction {
    raw: IdbTransaction,
    is_unfinished: bool,
    is_reading: bool,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.is_unfinished {
            // It fails only where the transaction has ended.
            let _ = self.raw.abort();
        } else if self.is_reading {
            // By itself it would end once this thread comes to rest. What is done with the answers may take long, or for
            // ever, and every writer in another tab would have to wait for that. It fails only where it has ended.
            let _ = self.raw.unchecked_ref::<Committable>().commit();
        }
    }
}

pub(super) fn read(database: &Connection, tables: &[&str]) -> Result<Transaction, StorageError> {
    let raw = database.begin(&names(tables), "readonly", &JsValue::UNDEFINED).map_err(rejected)?;
    Ok(Transaction { raw, is_unfinished: false, is_reading: true })
}

pub(super) fn write(
    database: &Connection,
    tables: &[&str],
    durability: Durability,
) -> Result<Transaction, StorageError> {
    let options = match durability {
        Durability::Strict => &STRICT,
        Durability::Relaxed => &RELAXED,
    };
    let raw = options.with(|options| database.begin(&names(tables), "readwrite", options)).map_err(rejected)?;
    Ok(Transaction { raw, is_unfinished: true, is_reading: false })
}

/// How a commit ended that was not refused for another reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Committed {
    Written,
    /// A key that was to be added is taken: nothing was written.
    KeyTaken,
}

impl Transaction {
    pub(super) fn table(&self, name: &str) -> Result<IdbObjectStore, StorageError> {
        self.raw.object_store(name).map_err(rejected)
    }

    /// Why the transaction failed. What it says itself, such as a full disk, outranks a bare "aborted".
    fn cause(&self) -> JsValue {
        let aborted = || DomException::new_with_message_and_name("the transaction was aborted", "AbortError");
        self.raw.error().or_else(|| aborted().ok()).map_or(JsValue::UNDEFINED, JsValue::from)
    }

    /// Commits, and says when a key to be added was taken.
    pub(super) async fn try_commit(mut self) -> Result<Committed, StorageError> {
        if let Err(error) = self.raw.unchecked_ref::<Committable>().commit() {
            return Err(from_js(&self.raw.error().map_or(error, JsValue::from)));
        }
        self.is_unfinished = false;
        if is_success(&self.raw).await {
            return Ok(Committed::Written);
        }
        let cause = self.cause();
        if is_constraint(&cause) { Ok(Committed::KeyTaken) } else { Err(from_js(&cause)) }
    }

    /// Commits.
    pub(super) async fn commit(self) -> Result<(), StorageError> {
        match self.try_commit().await? {
            Committed::Written => Ok(()),
            Committed::KeyTaken => Err(StorageError::Aborted { reason: "ConstraintError: a key is taken".to_owned() }),
        }
    }

    /// Waits for the last of the requests issued.
    async fn answered(&self, last: &IdbRequest) -> Result<(), StorageError> {
        if is_success(last).await {
            return Ok(());
        }
        // The transaction learns of its end only after the request.
        let error = last.error().ok().flatten().filter(|error| error.name() != "AbortError");
        Err(from_js(&error.map_or_else(|| self.cause(), JsValue::from)))
    }

    /// The value under a key; `None` where there is none.
    pub(super) async fn value(&self, table: &IdbObjectStore, key: &JsValue) -> Result<Option<Bytes>, StorageError> {
        let request = table.get(key).map_err(rejected)?;
        self.answered(&request).await?;
        optional_bytes(&request)
    }

    /// The values under several keys, all asked for at once.
    pub(super) async fn values(
        &self,
        table: &IdbObjectStore,
        keys: &[SegmentKey],
    ) -> Result<Vec<Option<Bytes>>, StorageError> {
        let ask = |key: &SegmentKey| table.get(&segment_key(*key)).map_err(rejected);
        let requests = keys.iter().map(ask).collect::<Result<Vec<_>, _>>()?;
        if let Some(last) = requests.last() {
            self.answered(last).await?;
        }
        requests.iter().map(optional_bytes).collect()
    }

    /// Asks for the values under keys of bytes. They are there once the last request is answered.
    pub(super) fn ask(&self, table: &IdbObjectStore, keys: &[Bytes]) -> Result<Vec<IdbRequest>, StorageError> {
        keys.iter().map(|key| table.get(&bytes_key(key)).map_err(rejected)).collect()
    }

    /// The answers to requests issued by [`ask`](Self::ask).
    pub(super) async fn told(&self, requests: &[IdbRequest]) -> Result<Vec<Option<Bytes>>, StorageError> {
        if let Some(last) = requests.last() {
            self.answered(last).await?;
        }
        requests.iter().map(optional_bytes).collect()
    }

    /// Keys of bytes within a range, ascending.
    pub(super) async fn bytes_keys(
        &self,
        table: &IdbObjectStore,
        range: &KeyRange,
        limit: u32,
    ) -> Result<Vec<Bytes>, StorageError> {
        let request = table.get_all_keys_with_key_and_limit(&bytes_range(range)?, limit).map_err(rejected)?;
        self.answered(&request).await?;
        let keys = Array::from(&request.result().map_err(rejected)?);
        keys.iter().map(|key| to_bytes(&Uint8Array::new(&key))).collect()
    }

    /// The keys of all segments in the table.
    pub(super) async fn segment_keys(&self, table: &IdbObjectStore) -> Result<Vec<SegmentKey>, StorageError> {
        let request = table.get_all_keys().map_err(rejected)?;
        self.answered(&request).await?;
        let keys = Array::from(&request.result().map_err(rejected)?);
        keys.iter().map(|key| Ok(SegmentKey(number(&key)? as u64))).collect()
    }

    /// The log entries with keys at or behind `from`, read with nothing between the requests.
    pub(super) async fn entries(
        &self,
        table: &IdbObjectStore,
        from: Position,
        limit: Option<u32>,
    ) -> Result<Vec<LogEntry>, StorageError> {
        let range = JsValue::from(IdbKeyRange::lower_bound(&key_of(from)).map_err(rejected)?);
        let limit = limit.unwrap_or(u32::MAX);
        let keys = table.get_all_keys_with_key_and_limit(&range, limit).map_err(rejected)?;
        let ask_values = || table.get_all_with_key_and_limit(&range, limit).map_err(rejected);
        // A handle that has read the log before finds nothing most times, and then needs no second answer.
        let early = if from.get() > 1 { None } else { Some(ask_values()?) };
        self.answered(early.as_ref().unwrap_or(&keys)).await?;
        let keys = Array::from(&keys.result().map_err(rejected)?);
        if keys.length() == 0 {
            return Ok(Vec::new());
        }
        let values = match early {
            Some(values) => values,
            None => {
                let values = ask_values()?;
                self.answered(&values).await?;
                values
            }
        };
        let values = Array::from(&values.result().map_err(rejected)?);
        let entry = |(key, value): (JsValue, JsValue)| {
            let position = Position::new(number(&key)? as u64);
            Ok(LogEntry { position, bytes: to_bytes(&value)? })
        };
        keys.iter().zip(values.iter()).map(entry).collect()
    }
}

pub(super) fn key_of(position: Position) -> JsValue {
    JsValue::from_f64(position.get() as f64)
}

pub(super) fn segment_key(key: SegmentKey) -> JsValue {
    JsValue::from_f64(key.0 as f64)
}

fn bytes_key(key: &[u8]) -> JsValue {
    Uint8Array::from(key).into()
}

fn bytes_range(range: &KeyRange) -> Result<JsValue, StorageError> {
    let (from, before) = (bytes_key(&range.from), bytes_key(&range.before));
    Ok(IdbKeyRange::bound_with_lower_open_and_upper_open(&from, &before, false, true).map_err(rejected)?.into())
}

fn number(key: &JsValue) -> Result<f64, StorageError> {
    key.as_f64().ok_or_else(|| StorageError::corrupt(Position::ZERO, "a key is not a number"))
}

/// The bytes of a stored value. A value of another kind was not stored by us.
fn to_bytes(value: &JsValue) -> Result<Bytes, StorageError> {
    match value.dyn_ref::<Uint8Array>() {
        Some(array) => Ok(array.to_vec().into()),
        None => Err(StorageError::corrupt(Position::ZERO, "a stored value is not bytes")),
    }
}

fn optional_bytes(request: &IdbRequest) -> Result<Option<Bytes>, StorageError> {
    let value = request.result().map_err(rejected)?;
    if value.is_undefined() { Ok(None) } else { to_bytes(&value).map(Some) }
}

/// Adds a record under a key that must be free. The request is heard through the transaction.
pub(super) fn add(table: &IdbObjectStore, key: &JsValue, bytes: &[u8]) -> Result<(), StorageError> {
    table.add_with_key(&Uint8Array::from(bytes), key).map(drop).map_err(rejected)
}

pub(super) fn put(table: &IdbObjectStore, key: &JsValue, bytes: &[u8]) -> Result<(), StorageError> {
    table.put_with_key(&Uint8Array::from(bytes), key).map(drop).map_err(rejected)
}

pub(super) fn delete(table: &IdbObjectStore, key: &JsValue) -> Result<(), StorageError> {
    table.delete(key).map(drop).map_err(rejected)
}

/// Deletes the records with keys behind `first`, up to and with `last`.
pub(super) fn delete_behind(table: &IdbObjectStore, first: &JsValue, last: &JsValue) -> Result<(), StorageError> {
    let range = IdbKeyRange::bound_with_lower_open(first, last, true).map_err(rejected)?;
    table.delete(&range).map(drop).map_err(rejected)
}

/// Writes what a derived write wants, whatever its guard says.
pub(super) fn put_derived(table: &IdbObjectStore, write: &DerivedWrite) -> Result<(), StorageError> {
    for range in write.clear.iter().filter(|range| range.from < range.before) {
        table.delete(&bytes_range(range)?).map_err(rejected)?;
    }
    for (key, value) in &write.changes {
        match value {
            Some(value) => put(table, &bytes_key(key), value)?,
            None => delete(table, &bytes_key(key))?,
        }
    }
    Ok(())
}

/// What a refused call says.
pub(super) fn rejected(value: JsValue) -> StorageError {
    from_js(&value)
}
