//! The database of a store: its name, its tables, and how an older one becomes a newer one.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::error::{from_open_error, newer_layout};
use super::host::sleep;
use crate::domain::Position;
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

const TABLES: [&str; 6] = [LOG, INDEX, PAYLOAD, META, SNAPSHOTS, PROJECTIONS];

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

thread_local! {
    /// The databases that other tabs do not let go of. An open that waits behind a blocked one is not told itself.
    static BLOCKED: RefCell<HashSet<String>> = RefCell::default();
}

fn set_blocked(database: &str, is_blocked: bool) {
    BLOCKED.with_borrow_mut(|blocked| match is_blocked {
        true => blocked.insert(database.to_owned()),
        false => blocked.remove(database),
    });
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
    let (blocked, unblocked, ended) = (name.clone(), name.clone(), name.clone());
    let opening = Database::open(name.as_str())
        .with_version(LAYOUT)
        .with_on_blocked(move |_| {
            set_blocked(&blocked, true);
            Ok(())
        })
        .with_on_upgrade_needed(move |event, database| {
            set_blocked(&unblocked, false);
            let from = event.old_version() as usize;
            STEPS.iter().skip(from).try_for_each(|step| step(&database))
        })
        .build()
        .map_err(from_open_error)?;
    let (sender, opened) = oneshot::channel();
    // The browser goes on with its request even when nobody waits for it any more. It must find the steps then: an upgrade
    // without them would leave the newest layout without its tables.
    spawn_local(async move {
        let outcome = opening.await;
        set_blocked(&ended, false);
        if let Err(Ok(unwanted)) = sender.send(outcome) {
            unwanted.close();
        }
    });
    let impatient = Box::pin(async {
        loop {
            sleep(BLOCKED_PATIENCE).await;
            if BLOCKED.with_borrow(|blocked| blocked.contains(&name)) {
                return;
            }
        }
    });
    match select(opened, impatient).await {
        Either::Left((Ok(Ok(database)), _)) => whole(database),
        Either::Left((Ok(Err(error)), _)) => match newer_layout(&error) {
            true => Err(StorageError::NewerFormat { found: super::catalog::layout_of(&name).await, supported: LAYOUT }),
            false => Err(from_open_error(error)),
        },
        Either::Left((Err(oneshot::Canceled), _)) => {
            Err(StorageError::Aborted { reason: "the database was not opened".to_owned() })
        }
        Either::Right(_) => Err(StorageError::Blocked { store: store.to_owned() }),
    }
}

/// The database if it has every table of its layout.
fn whole(database: Database) -> Result<Database, StorageError> {
    let names: HashSet<_> = database.object_store_names().collect();
    match TABLES.iter().find(|table| !names.contains(**table)) {
        Some(missing) => {
            database.close();
            Err(StorageError::corrupt(Position::ZERO, format!("the table {missing} is missing")))
        }
        None => Ok(database),
    }
}
