//! Whole files through the import: faults, properties, and what the store holds afterwards.

mod chunked;
mod cloudevents;
mod csv_round_trip;
mod dialects;
mod export;
mod faults;
mod kurrentdb;
mod leftfold;
mod mapping;
mod ocel;
mod out;
mod properties;
mod redux;
mod stored;
mod wide;
mod xes;

use futures_executor::block_on;
use futures_util::stream;

use super::{ImportError, ImportOptions, ImportReport, ImportWatch, import};
use crate::domain::RecordedEvent;
use crate::engine::{EventStore, OpenOptions, ReadOptions};
use crate::storage::memory::MemoryDatabase;

/// An empty store.
fn store() -> EventStore {
    block_on(EventStore::open(MemoryDatabase::new().open(), OpenOptions::default())).unwrap()
}

fn chunks(bytes: &[u8], size: usize) -> impl futures_core::Stream<Item = Result<&[u8], std::io::Error>> {
    stream::iter(bytes.chunks(size).map(Ok))
}

fn import_into(store: &EventStore, bytes: &[u8], options: &ImportOptions) -> Result<ImportReport, ImportError> {
    block_on(import(store, chunks(bytes, 1 << 20), options, ImportWatch::new()))
}

fn all(store: &EventStore) -> Vec<RecordedEvent> {
    block_on(store.read_all(ReadOptions::default())).unwrap()
}

/// One event as a line: stream, type, time, schema version, data, metadata, tags.
fn show(event: &RecordedEvent) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (data, metadata) = (text(event.data()), text(event.metadata()));
    let tags: Vec<&str> = event.tags().iter().map(|tag| tag.as_str()).collect();
    let (stream, event_type, version) = (event.stream(), event.event_type(), event.schema_version());
    format!("{stream} {event_type} {} v{version} {data} {metadata} {tags:?}", event.time())
}

/// Imports `text` into an empty store and shows what it holds then.
#[track_caller]
fn imported(text: &str, options: &ImportOptions) -> Vec<String> {
    let store = store();
    import_into(&store, text.as_bytes(), options).unwrap();
    all(&store).iter().map(show).collect()
}
