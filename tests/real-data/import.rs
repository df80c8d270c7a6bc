//! Files of the real data, imported into a store in memory.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use futures_executor::block_on;
use futures_util::stream;
use leftfold_core::formats::{ImportOptions, ImportReport, ImportWatch, import};
use leftfold_core::{EventStore, MemoryDatabase, OpenOptions, ReadOptions, RecordedEvent};

/// An empty store.
pub(crate) fn store() -> EventStore {
    block_on(EventStore::open(MemoryDatabase::new().open(), OpenOptions::default())).unwrap()
}

/// The bytes of a file, unpacked where its name ends in `.gz`.
pub(crate) fn bytes_of(path: &Path) -> Vec<u8> {
    let mut file: Box<dyn Read> = Box::new(BufReader::new(File::open(path).unwrap()));
    if path.extension().is_some_and(|extension| extension == "gz") {
        file = Box::new(GzDecoder::new(file));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Imports bytes in chunks as a browser gives them.
pub(crate) fn import_bytes(store: &EventStore, bytes: &[u8], options: &ImportOptions) -> ImportReport {
    let source = stream::iter(bytes.chunks(64 * 1024).map(Ok::<_, std::io::Error>));
    block_on(import(store, source, options, ImportWatch::new())).unwrap()
}

/// All events of the store, in the order of the log.
pub(crate) fn all(store: &EventStore) -> Vec<RecordedEvent> {
    block_on(store.read_all(ReadOptions::default())).unwrap()
}

/// The options for streams `category-…`.
pub(crate) fn category(name: &str) -> ImportOptions {
    ImportOptions { category: Some(name.to_owned()), ..ImportOptions::default() }
}
