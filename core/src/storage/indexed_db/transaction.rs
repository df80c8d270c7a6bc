//! Transactions and requests on the tables, as the adapter needs them.

use bytes::Bytes;
use indexed_db_futures::KeyRange;
use indexed_db_futures::database::Database;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::object_store::ObjectStore;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{Transaction, TransactionDurability, TransactionMode, TransactionOptions};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use super::error::{from_error, from_js};
use crate::domain::Position;
use crate::storage::{Durability, LogEntry, SegmentKey, StorageError};

pub(super) fn read<'a>(database: &'a Database, tables: &[&str]) -> Result<Transaction<'a>, StorageError> {
    database.transaction(tables.to_vec()).with_mode(TransactionMode::Readonly).build().map_err(from_error)
}

pub(super) fn write<'a>(
    database: &'a Database,
    tables: &[&str],
    durability: Durability,
) -> Result<Transaction<'a>, StorageError> {
    let durability = match durability {
        Durability::Strict => TransactionDurability::Strict,
        Durability::Relaxed => TransactionDurability::Relaxed,
    };
    database
        .transaction(tables.to_vec())
        .with_mode(TransactionMode::Readwrite)
        .with_options(TransactionOptions::new().with_durability(durability))
        .build()
        .map_err(from_error)
}

pub(super) fn table<'a>(transaction: &'a Transaction<'_>, name: &str) -> Result<ObjectStore<'a>, StorageError> {
    transaction.object_store(name).map_err(from_error)
}

/// Commits. What the transaction itself says of its end, such as a full disk, outranks a bare "aborted".
pub(super) async fn commit(transaction: Transaction<'_>) -> Result<(), indexed_db_futures::error::Error> {
    let raw = transaction.as_sys().clone();
    transaction.commit().await.map_err(|error| match (&error, raw.error()) {
        (indexed_db_futures::error::Error::DomException(_), _) | (_, None) => error,
        (_, Some(cause)) => cause.into(),
    })
}

pub(super) async fn finish(transaction: Transaction<'_>) -> Result<(), StorageError> {
    commit(transaction).await.map_err(from_error)
}

pub(super) fn key_of(position: Position) -> f64 {
    position.get() as f64
}

pub(super) fn segment_key(key: SegmentKey) -> f64 {
    key.0 as f64
}

pub(super) fn to_js(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// The bytes of a stored value. A value of another kind was not stored by us.
pub(super) fn to_bytes(value: &JsValue) -> Result<Bytes, StorageError> {
    match value.dyn_ref::<Uint8Array>() {
        Some(array) => Ok(array.to_vec().into()),
        None => Err(StorageError::corrupt(Position::ZERO, "a stored value is not bytes")),
    }
}

/// Adds a record under a key that must be free. The request is heard through the transaction.
pub(super) fn add(store: &ObjectStore<'_>, key: f64, bytes: &[u8]) -> Result<(), StorageError> {
    store.add(to_js(bytes)).with_key(key).without_key_type().primitive().map(drop).map_err(from_error)
}

pub(super) fn put(store: &ObjectStore<'_>, key: f64, bytes: &[u8]) -> Result<(), StorageError> {
    store.put(to_js(bytes)).with_key(key).without_key_type().primitive().map(drop).map_err(from_error)
}

pub(super) fn delete<R: Into<KeyRange<f64>>>(store: &ObjectStore<'_>, keys: R) -> Result<(), StorageError> {
    store.delete(keys).primitive().map(drop).map_err(from_error)
}

/// The log entries with keys at or behind `from`. Keys and values are asked for together, so that both answers are of
/// the same moment and the transaction has no pause.
pub(super) async fn entries(
    store: &ObjectStore<'_>,
    from: Position,
    limit: Option<u32>,
) -> Result<Vec<LogEntry>, StorageError> {
    let range = || KeyRange::LowerBound(key_of(from), false);
    let limit = limit.unwrap_or(u32::MAX);
    let keys = store.get_all_keys::<f64>().with_query::<f64, _>(range()).with_limit(limit).primitive();
    let values = store.get_all::<JsValue>().with_query::<f64, _>(range()).with_limit(limit).primitive();
    let (keys, values) = (keys.map_err(from_error)?, values.map_err(from_error)?);
    let keys = keys.await.map_err(from_error)?;
    let values = values.await.map_err(from_error)?;
    let entry = |(key, value): (Result<f64, _>, Result<JsValue, _>)| {
        let position = Position::new(key.map_err(from_error)? as u64);
        let value: JsValue = value.map_err(from_error)?;
        Ok(LogEntry { position, bytes: to_bytes(&value)? })
    };
    keys.zip(values).map(entry).collect()
}

/// The values under several keys, all asked for at once.
pub(super) async fn values(store: &ObjectStore<'_>, keys: &[SegmentKey]) -> Result<Vec<Option<Bytes>>, StorageError> {
    let ask = |key: &SegmentKey| store.get::<JsValue, f64, _>(segment_key(*key)).primitive().map_err(from_error);
    let requests = keys.iter().map(ask).collect::<Result<Vec<_>, _>>()?;
    let mut values = Vec::with_capacity(requests.len());
    for request in requests {
        let value = request.await.map_err(from_error)?;
        values.push(value.filter(|value| !value.is_undefined()).map(|value| to_bytes(&value)).transpose()?);
    }
    Ok(values)
}

/// What a rejected promise says.
pub(super) fn rejected(value: JsValue) -> StorageError {
    from_js(&value)
}
