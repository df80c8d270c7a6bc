//! Damage is found, and a store of a newer format is left alone.

use bytes::Bytes;

use super::given::*;
use crate::domain::Position;
use crate::engine::{EventStore, OpenOptions, ReadOptions};
use crate::storage::StorageError;
use crate::testing::{Fixture, Table};

const TABLES: [Table; 4] = [Table::Meta, Table::Log, Table::Index, Table::Payload];

async fn everything(fixture: &dyn Fixture) -> Vec<Vec<(u64, Bytes)>> {
    let mut records = Vec::new();
    for table in TABLES {
        records.push(done(fixture.records(table).await));
    }
    records
}

fn flipped(bytes: &Bytes, at: usize) -> Bytes {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 0x10;
    bytes.into()
}

async fn try_open(fixture: &dyn Fixture) -> Result<EventStore, StorageError> {
    EventStore::open(done(fixture.open().await), OpenOptions::default().segment_bytes(SMALL).cache_bytes(0)).await
}

/// A log with segments, a bulk, and entries that are not sealed yet; all handles on it are closed.
async fn given_a_log(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append_each(&store, "order-1", 0..40).await;
    until_sealed(&store, 2).await;
    let mut bulk = done(store.bulk().await);
    for event in numbers(40..80) {
        done(bulk.push(&stream("order-2"), &event).await);
    }
    done(bulk.finish().await);
    append_each(&store, "order-3", 80..82).await;
    append_each(&store, "order-3", 82..84).await;
    // Nothing is sealed or purged any more once the tables stand still and the last handle is closed.
    let before = std::cell::RefCell::new(Vec::new());
    let rests = std::cell::Cell::new(0);
    let is_at_rest = async || {
        let now = everything(fixture).await;
        rests.set(if now == before.replace(now.clone()) { rests.get() + 1 } else { 0 });
        rests.get() > 20
    };
    until(&store, "the background came to rest", is_at_rest).await;
    store.close().await;
}

/// The records that the log is made of: nobody reads entries that a sealed one covers.
async fn log_records(fixture: &dyn Fixture, table: Table) -> Vec<(u64, Bytes)> {
    let covered = if table == Table::Log { covered_keys(fixture).await } else { Vec::new() };
    let mut records = done(fixture.records(table).await);
    records.retain(|(key, _)| !covered.contains(key));
    records
}

/// Whether the damage is reported: at opening, by `verify`, and by whatever read touches it; never a wrong event.
async fn assert_found(fixture: &dyn Fixture, table: Table, key: u64, what: &str) {
    let store = match try_open(fixture).await {
        Err(error) => {
            assert_eq!(error.code(), "corrupt", "{what}: {error}");
            return;
        }
        Ok(store) => store,
    };
    assert!(matches!(table, Table::Payload), "{what} was not met at opening");
    let found = done(store.verify().await);
    assert_eq!(found.problems.len(), 1, "{what}: {:?}", found.problems);
    assert_eq!(found.problems[0].code, "corrupt");
    let damaged = found.problems[0].position;
    let error = store.read_all(ReadOptions::default()).await.expect_err("the damaged segment cannot be read");
    assert_eq!(error.code(), "corrupt", "{what}: {error}");
    // What lies elsewhere can be read all the same.
    if damaged > Position::new(1) {
        let options = ReadOptions { to: Some(Position::new(damaged.get() - 1)), ..ReadOptions::default() };
        let before = done(store.read_all(options).await);
        assert_eq!(data_of(&before), (0..damaged.get() as u32 - 1).collect::<Vec<_>>(), "{what} at {key}");
    }
    store.close().await;
}

/// A flipped bit in whatever record is found.
pub async fn a_flipped_bit_is_found(fixture: &dyn Fixture) {
    given_a_log(fixture).await;
    for table in [Table::Log, Table::Index, Table::Payload] {
        let records = log_records(fixture, table).await;
        assert!(!records.is_empty());
        for (number, (key, bytes)) in records.into_iter().enumerate() {
            // One place in each record, wandering through the records from their beginning to their end.
            let at = (number * 37 + 11) % bytes.len();
            done(fixture.write_record(table, key, Some(flipped(&bytes, at))).await);
            assert_found(fixture, table, key, &format!("byte {at} of {table:?} {key}")).await;
            done(fixture.write_record(table, key, Some(bytes)).await);
        }
    }
    let whole = done(try_open(fixture).await);
    assert_sound(&whole, 84).await;
}

/// A record cut short, and a record that is gone, are found.
pub async fn missing_bytes_are_found(fixture: &dyn Fixture) {
    given_a_log(fixture).await;
    for table in [Table::Log, Table::Index, Table::Payload] {
        let records = log_records(fixture, table).await;
        let last = records.len() - 1;
        for (number, (key, bytes)) in records.into_iter().enumerate() {
            let cut = bytes.slice(..bytes.len() - 1);
            done(fixture.write_record(table, key, Some(cut)).await);
            assert_found(fixture, table, key, &format!("{table:?} {key} cut short")).await;
            // The log's last entry is the end of the log: without it, the log is a shorter one.
            if table != Table::Log || number < last {
                done(fixture.write_record(table, key, None).await);
                assert_found(fixture, table, key, &format!("{table:?} {key} gone")).await;
            }
            done(fixture.write_record(table, key, Some(bytes)).await);
        }
    }
}

/// Records that have changed places are found: the hash chain knows the order.
pub async fn exchanged_records_are_found(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    // Two entries with as many events.
    append_each(&store, "order-1", 0..6).await;
    store.close().await;
    let records = done(fixture.records(Table::Log).await);
    let [(first, one), .., (last, other)] = &records[..] else { panic!("there are several records") };
    done(fixture.write_record(Table::Log, *first, Some(other.clone())).await);
    done(fixture.write_record(Table::Log, *last, Some(one.clone())).await);
    assert_found(fixture, Table::Log, *first, "exchanged entries").await;
}

/// What is damaged while a handle is open is found by it: by `verify`, and by whatever reads the damaged bytes.
pub async fn damage_under_an_open_handle(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    append_each(&store, "order-1", 0..100).await;
    until_sealed(&store, 4).await;
    done(other.refresh().await);
    let records = done(fixture.records(Table::Payload).await);
    let (key, bytes) = &records[1];
    done(fixture.write_record(Table::Payload, *key, Some(flipped(bytes, bytes.len() / 2))).await);
    let found = done(store.verify().await);
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    // Its neighbours, the index and new appends are as good as ever.
    let after = append(&store, "order-1", vec![numbered(100)]).await;
    assert_eq!(after.first_position.get(), 101);
    done(fixture.write_record(Table::Payload, *key, Some(bytes.clone())).await);
    assert_sound(&store, 101).await;

    // A damaged entry behind what a handle knows is not taken in, and nothing is appended behind it.
    let log = done(fixture.records(Table::Log).await);
    let (key, bytes) = log.last().expect("there are entries").clone();
    done(fixture.write_record(Table::Log, key, Some(flipped(&bytes, bytes.len() - 1))).await);
    let late = try_open(fixture).await.expect_err("it is damaged");
    assert!(matches!(late, StorageError::Corrupt { position, .. } if position.get() == key), "{late:?}");
    done(fixture.write_record(Table::Log, key, Some(bytes)).await);
    assert_sound(&done(try_open(fixture).await), 101).await;
}

/// A store of a newer format is refused, and not a byte of it is touched.
pub async fn a_newer_format_is_refused(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-1", numbers(0..3)).await;
    store.close().await;
    drop(store);
    let (key, meta) = done(fixture.records(Table::Meta).await).pop().expect("there is a meta record");
    let mut newer = meta.to_vec();
    // Eight bytes of magic, then the version.
    newer[8..12].copy_from_slice(&7_u32.to_le_bytes());
    done(fixture.write_record(Table::Meta, key, Some(newer.into())).await);
    let before = everything(fixture).await;
    let refused = try_open(fixture).await.expect_err("it is newer");
    assert_eq!(refused, StorageError::NewerFormat { found: 7, supported: 1 });
    assert_eq!(refused.code(), "newer-format");
    assert_eq!(everything(fixture).await, before);
    done(fixture.write_record(Table::Meta, key, Some(meta)).await);
    assert_sound(&done(try_open(fixture).await), 3).await;
}

/// A meta record that is none is damage, and nothing is touched.
pub async fn a_damaged_meta_record(fixture: &dyn Fixture) {
    open(fixture).await.close().await;
    let (key, meta) = done(fixture.records(Table::Meta).await).pop().expect("there is a meta record");
    // The version's own bytes can only say that the format is a newer one.
    for at in (0..8).chain(12..meta.len()) {
        done(fixture.write_record(Table::Meta, key, Some(flipped(&meta, at))).await);
        let refused = try_open(fixture).await.expect_err("it is damaged");
        assert_eq!(refused.code(), "corrupt", "byte {at}");
    }
    for len in [0, 7, meta.len() - 1] {
        done(fixture.write_record(Table::Meta, key, Some(meta.slice(..len))).await);
        assert_eq!(try_open(fixture).await.expect_err("it is damaged").code(), "corrupt", "{len} bytes");
    }
}
