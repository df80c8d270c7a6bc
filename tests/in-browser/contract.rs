//! The contract suite on IndexedDB, and random walks beside the model.

use std::{fmt::Debug, rc::Rc};

use bytes::Bytes;
use indexed_db_futures::{database::Database, prelude::*, transaction::TransactionMode};
use js_sys::Uint8Array;
use leftfold_core::{
    Storage, StorageError, StorageFuture, indexed_db,
    testing::{Fixture, Table, walk},
};
use leftfold_tests::fresh_name;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

/// A store in the IndexedDB of this browser, whose tables are also reached past the engine.
pub(crate) struct IndexedDbFixture {
    name: String,
}

fn failed(error: impl Debug) -> StorageError {
    StorageError::Aborted { reason: format!("the fixture failed: {error:?}") }
}

fn table_name(table: Table) -> &'static str {
    match table {
        Table::Meta => "meta",
        Table::Log => "log",
        Table::Index => "index",
        Table::Payload => "payload",
    }
}

/// The meta table has one record under a name; the others are keyed by number.
fn key_of(table: Table, key: u64) -> JsValue {
    if table == Table::Meta { JsValue::from_str("store") } else { JsValue::from_f64(key as f64) }
}

impl IndexedDbFixture {
    pub(crate) fn new() -> Self {
        Self { name: fresh_name() }
    }

    async fn database(&self) -> Result<Database, StorageError> {
        Database::open(format!("leftfold:{}", self.name)).await.map_err(failed)
    }

    async fn read(&self, table: Table) -> Result<Vec<(u64, Bytes)>, StorageError> {
        let database = self.database().await?;
        let records = async {
            let transaction = database.transaction(table_name(table)).build()?;
            let store = transaction.object_store(table_name(table))?;
            let keys = store.get_all_keys::<JsValue>().primitive()?;
            let values = store.get_all::<JsValue>().primitive()?;
            let keys: Vec<JsValue> = keys.await?.collect::<Result<_, _>>()?;
            let values: Vec<JsValue> = values.await?.collect::<Result<_, _>>()?;
            indexed_db_futures::Result::Ok((keys, values))
        };
        let read = records.await.map_err(failed);
        database.close();
        let (keys, values) = read?;
        let record = |(key, value): (JsValue, JsValue)| {
            let bytes = value.dyn_into::<Uint8Array>().map_err(failed)?;
            Ok((key.as_f64().unwrap_or_default() as u64, bytes.to_vec().into()))
        };
        keys.into_iter().zip(values).map(record).collect()
    }

    async fn write(&self, table: Table, key: u64, record: Option<Bytes>) -> Result<(), StorageError> {
        let database = self.database().await?;
        let written = async {
            let transaction = database.transaction(table_name(table)).with_mode(TransactionMode::Readwrite).build()?;
            let store = transaction.object_store(table_name(table))?;
            let key = key_of(table, key);
            match record {
                Some(bytes) => {
                    let bytes = JsValue::from(Uint8Array::from(&bytes[..]));
                    store.put(bytes).with_key(key).without_key_type().primitive()?.await?;
                }
                None => store.delete(key).primitive()?.await?,
            }
            drop(store);
            transaction.commit().await
        };
        let written = written.await.map_err(failed);
        database.close();
        written
    }
}

impl Fixture for IndexedDbFixture {
    fn open(&self) -> StorageFuture<'_, Rc<dyn Storage>> {
        Box::pin(indexed_db::open(&self.name))
    }

    fn records(&self, table: Table) -> StorageFuture<'_, Vec<(u64, Bytes)>> {
        Box::pin(self.read(table))
    }

    fn write_record(&self, table: Table, key: u64, record: Option<Bytes>) -> StorageFuture<'_, ()> {
        Box::pin(self.write(table, key, record))
    }
}

macro_rules! tests {
    ($($module:ident { $($case:ident)* })*) => {
        $(mod $module {
            use wasm_bindgen_test::wasm_bindgen_test;

            $(#[wasm_bindgen_test]
            async fn $case() {
                let fixture = crate::contract::IndexedDbFixture::new();
                leftfold_core::testing::contract::$module::$case(&fixture).await;
                leftfold_core::indexed_db::delete(&fixture.name).await.unwrap();
            })*
        })*
    };
}

leftfold_core::contract_cases!(tests);

#[wasm_bindgen_test]
async fn the_store_answers_as_the_model_does() {
    for seed in 0..12 {
        let fixture = IndexedDbFixture::new();
        walk(&fixture, seed, 60).await;
        indexed_db::delete(&fixture.name).await.unwrap();
    }
}
