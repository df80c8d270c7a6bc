//! The IndexedDB of this browser keeps what the store builds upon: what is committed is there after a reopening, and what is
//! not committed is not.

use indexed_db_futures::{database::Database, prelude::*, transaction::TransactionMode};
use leftfold_tests::fresh_name;
use wasm_bindgen_test::wasm_bindgen_test;

const STORE: &str = "records";

async fn open(name: &str) -> Database {
    Database::open(name)
        .with_version(1u8)
        .with_on_upgrade_needed(|_, database| {
            database.create_object_store(STORE).build()?;
            Ok(())
        })
        .await
        .unwrap()
}

async fn put(database: &Database, key: u32, text: &str, is_committed: bool) {
    let transaction = database.transaction(STORE).with_mode(TransactionMode::Readwrite).build().unwrap();
    let store = transaction.object_store(STORE).unwrap();
    store.put(text).with_key(key).await.unwrap();
    if is_committed {
        transaction.commit().await.unwrap();
    }
}

async fn get(database: &Database, key: u32) -> Option<String> {
    let transaction = database.transaction(STORE).build().unwrap();
    let store = transaction.object_store(STORE).unwrap();
    store.get(key).await.unwrap()
}

#[wasm_bindgen_test]
async fn a_committed_record_is_there_after_a_reopening() {
    let name = fresh_name();
    let database = open(&name).await;
    put(&database, 7, "seven", true).await;
    database.close();

    let database = open(&name).await;
    assert_eq!(get(&database, 7).await.as_deref(), Some("seven"));
    assert_eq!(get(&database, 8).await, None);
    database.delete().unwrap().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_dropped_transaction_leaves_nothing() {
    let name = fresh_name();
    let database = open(&name).await;
    put(&database, 7, "seven", false).await;
    assert_eq!(get(&database, 7).await, None);
    database.delete().unwrap().await.unwrap();
}
