//! What the fuzz targets of the importers share.

use futures_executor::block_on;
use leftfold_core::formats::{Format, fuzzing};
use leftfold_core::{EventStore, MemoryDatabase, OpenOptions};

/// Whatever the bytes are: the importer of this format refuses them and stores nothing, or what it reports is so.
///
/// # Panics
/// When it does neither; that is the find.
pub fn import(format: Option<Format>, bytes: &[u8]) {
    let open = async || match EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await {
        Ok(store) => store,
        Err(error) => panic!("a new store opens: {error}"),
    };
    block_on(fuzzing::import_holds(open, format, bytes));
}
