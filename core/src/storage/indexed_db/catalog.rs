//! The stores of this origin: listing and deleting them.

use std::time::Duration;

use futures_util::future::{Either, select};
use indexed_db_futures::database::Database;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::{from_error, from_open_error};
use super::host::sleep;
use super::schema::{LOG, database_name, open_database, store_name};
use super::transaction as tx;
use crate::domain::Position;
use crate::storage::StorageError;
use crate::storage::codec::entry_figures;

/// How long to wait for other tabs to let go of a store.
const PATIENCE: Duration = Duration::from_secs(5);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = indexedDB, js_name = databases, catch)]
    fn databases() -> Result<Promise, JsValue>;
}

/// A store in the list of stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSummary {
    /// Its name.
    pub name: String,
    /// Its events.
    pub events: u64,
    /// Bytes of its log as stored, without what the browser adds.
    pub bytes: u64,
}

async fn all_databases() -> Result<Vec<(String, u32)>, StorageError> {
    // Asking throws only where there is no IndexedDB to ask.
    let listed = databases().map_err(|error| StorageError::Unavailable { reason: tx::rejected(error).to_string() })?;
    let listed = JsFuture::from(listed).await.map_err(tx::rejected)?;
    let entry = |value: JsValue| {
        let name = Reflect::get(&value, &"name".into()).ok()?.as_string()?;
        let version = Reflect::get(&value, &"version".into()).ok()?.as_f64()?;
        Some((name, version as u32))
    };
    Ok(Array::from(&listed).iter().filter_map(entry).collect())
}

/// The layout of a database; 0 when it cannot be told.
pub(super) async fn layout_of(database: &str) -> u32 {
    let all = all_databases().await.unwrap_or_default();
    all.into_iter().find(|(name, _)| name == database).map_or(0, |(_, version)| version)
}

/// Whether this origin has a store of this name. Nothing is opened or made.
///
/// # Errors
/// [`StorageError`] where there is no IndexedDB.
pub async fn exists(name: &str) -> Result<bool, StorageError> {
    Ok(all_databases().await?.iter().any(|(database, _)| store_name(database) == Some(name)))
}

/// The stores of this origin with their sizes, in alphabetical order. Stores that cannot be opened, such as those of a
/// newer format, are listed without size.
///
/// # Errors
/// [`StorageError`] where there is no IndexedDB.
pub async fn list() -> Result<Vec<StoreSummary>, StorageError> {
    let mut stores = Vec::new();
    for (database, _) in all_databases().await? {
        let Some(name) = store_name(&database) else { continue };
        let (events, bytes) = measure(name).await.unwrap_or_default();
        stores.push(StoreSummary { name: name.to_owned(), events, bytes });
    }
    stores.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(stores)
}

/// The events and bytes of a store, from its log entries alone.
async fn measure(store: &str) -> Result<(u64, u64), StorageError> {
    let database = open_database(store).await?;
    let figures = sum(&database).await;
    database.close();
    figures
}

async fn sum(database: &Database) -> Result<(u64, u64), StorageError> {
    let connection = tx::connection(database);
    let (mut from, mut head, mut bytes) = (Position::new(1), 0, 0);
    loop {
        let transaction = tx::read(&connection, &[LOG])?;
        let log = transaction.table(LOG)?;
        let entries = transaction.entries(&log, from, Some(1024)).await?;
        let Some(last) = entries.last() else { return Ok((head, bytes)) };
        from = last.position.next();
        for entry in entries {
            // Entries that a sealed one covers stand behind it, within what it holds.
            if entry.position.get() > head {
                let figures = entry_figures(&entry.bytes).map_err(|e| StorageError::corrupt(entry.position, e))?;
                head = entry.position.get() + figures.events - 1;
                bytes += figures.bytes;
            }
        }
    }
}

/// Deletes a store and all that is in it. Handles on it, in whatever tab, are closed and say that it was deleted.
///
/// # Errors
/// [`StorageError::Blocked`] when a handle does not let go within five seconds; the browser deletes the store as soon
/// as it does.
pub async fn delete(name: &str) -> Result<(), StorageError> {
    let request = Database::delete_by_name(&database_name(name)).map_err(from_open_error)?;
    let deleting = Box::pin(async { request.await.map_err(from_error) });
    let patience = Box::pin(sleep(PATIENCE));
    match select(deleting, patience).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(StorageError::Blocked { store: name.to_owned() }),
    }
}
