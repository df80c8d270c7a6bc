//! What the contract suite must be told of a storage.

use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::{FutureExt, ready};

use crate::storage::memory::{MemoryDatabase, Table};
use crate::storage::{Storage, StorageFuture};

/// One fresh database of a storage adapter. Every case of the suite is given a fixture of its own.
pub trait Fixture {
    /// Opens another handle on the same database, as another tab does.
    fn open(&self) -> StorageFuture<'_, Rc<dyn Storage>>;

    /// Every record of a table with its key, ascending, read past the engine.
    fn records(&self, table: Table) -> StorageFuture<'_, Vec<(u64, Bytes)>>;

    /// Puts a record in the place of another, or removes it, under the feet of the handles that are open.
    fn write_record(&self, table: Table, key: u64, record: Option<Bytes>) -> StorageFuture<'_, ()>;
}

/// A fixture on a database in memory.
#[derive(Debug)]
pub struct MemoryFixture {
    database: MemoryDatabase,
}

impl MemoryFixture {
    /// A fixture on `database`.
    #[must_use]
    pub fn new(database: MemoryDatabase) -> Self {
        Self { database }
    }
}

impl Fixture for MemoryFixture {
    fn open(&self) -> StorageFuture<'_, Rc<dyn Storage>> {
        ready(Ok(self.database.open())).boxed_local()
    }

    fn records(&self, table: Table) -> StorageFuture<'_, Vec<(u64, Bytes)>> {
        ready(Ok(self.database.records(table))).boxed_local()
    }

    fn write_record(&self, table: Table, key: u64, record: Option<Bytes>) -> StorageFuture<'_, ()> {
        self.database.write_record(table, key, record);
        ready(Ok(())).boxed_local()
    }
}
