//! The database of a store: its name, its tables, and how an older one becomes a newer one.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;

use super::error::{from_open_error, newer_layout};
use super::host::sleep;
use crate::storage::StorageError;

pub(super) const LOG: &str = "log";
pub(super) const INDEX: &str = "index";
pub(super) const PAYLOAD: &str = "payload";
pub(super) const META: &str = "meta";
pub(super) const SNAPSHOTS: &str = "snapshots";
pub(super) const PROJECTIONS: &str = "projections";
/// The one key of the meta table.
pub(super) const META_KEY: &str = "store";

const PREFIX: &str = "leftfold:";
/// How long to wait for other tabs to let go of an older layout.
const BLOCKED_PATIENCE: Duration = Duration::from_secs(5);

/// The steps that lead from an empty database to the layout of today: the n-th makes layout n from layout n − 1. They
/// run in the browser's upgrade transaction: all or nothing, with no other handle open. A step never changes again
/// once it was released.
const STEPS: &[fn(&Database) -> indexed_db_futures::Result<()>] = &[create_tables, create_derived_tables];

fn create_tables(database: &Database) -> indexed_db_futures::Result<()> {
    for table in [LOG, INDEX, PAYLOAD, META] {
        database.create_object_store(table).build()?;
    }
    Ok(())
}

fn create_derived_tables(database: &Database) -> indexed_db_futures::Result<()> {
    for table in [SNAPSHOTS, PROJECTIONS] {
        database.create_object_store(table).build()?;
    }
    Ok(())
}

/// The newest layout known here.
pub(super) const LAYOUT: u32 = STEPS.len() as u32;

/// The name of the database that keeps a store.
pub(super) fn database_name(store: &str) -> String {
    format!("{PREFIX}{store}")
}

/// The store that a database keeps, if it is one of ours.
pub(super) fn store_name(database: &str) -> Option<&str> {
    database.strip_prefix(PREFIX)
}

/// Opens the database of a store in the newest layout, making or migrating it where needed.
pub(super) async fn open_database(store: &str) -> Result<Database, StorageError> {
    let name = database_name(store);
    let is_blocked = Rc::new(Cell::new(false));
    let blocked = Rc::clone(&is_blocked);
    let opening = Database::open(name.as_str())
        .with_version(LAYOUT)
        .with_on_blocked(move |_| {
            blocked.set(true);
            Ok(())
        })
        .with_on_upgrade_needed(|event, database| {
            let from = event.old_version() as usize;
            STEPS.iter().skip(from).try_for_each(|step| step(&database))
        })
        .build()
        .map_err(from_open_error)?;
    let impatient = Box::pin(async {
        loop {
            sleep(BLOCKED_PATIENCE).await;
            if is_blocked.get() {
                return;
            }
        }
    });
    match select(opening, impatient).await {
        Either::Left((Ok(database), _)) => Ok(database),
        Either::Left((Err(error), _)) => match newer_layout(&error) {
            true => Err(StorageError::NewerFormat { found: super::catalog::layout_of(&name).await, supported: LAYOUT }),
            false => Err(from_open_error(error)),
        },
        Either::Right(_) => Err(StorageError::Blocked { store: store.to_owned() }),
    }
}
