//! The stored bytes themselves, for tests that damage them.

use bytes::Bytes;

use super::MemoryDatabase;
use crate::storage::SegmentKey;

/// One of the tables that a storage keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// The meta record alone, under key 0.
    Meta,
    /// Log entries, keyed by position.
    Log,
    /// Index records, keyed by segment.
    Index,
    /// Payload records, keyed by segment.
    Payload,
}

impl MemoryDatabase {
    /// Every record of a table with its key, ascending.
    #[must_use]
    pub fn records(&self, table: Table) -> Vec<(u64, Bytes)> {
        let tables = self.tables.borrow();
        let of_segments = |records: &std::collections::HashMap<SegmentKey, Bytes>| {
            records.iter().map(|(key, bytes)| (key.0, bytes.clone())).collect()
        };
        let mut records: Vec<(u64, Bytes)> = match table {
            Table::Meta => tables.meta.iter().map(|bytes| (0, bytes.clone())).collect(),
            Table::Log => tables.log.iter().map(|(key, bytes)| (*key, bytes.clone())).collect(),
            Table::Index => of_segments(&tables.index),
            Table::Payload => of_segments(&tables.payload),
        };
        records.sort_unstable_by_key(|(key, _)| *key);
        records
    }

    /// Puts a record in the place of another, or removes it, under the feet of the handles that are open.
    pub fn write_record(&self, table: Table, key: u64, record: Option<Bytes>) {
        let tables = &mut *self.tables.borrow_mut();
        let segments = match table {
            Table::Meta => {
                tables.meta = record;
                return;
            }
            Table::Log => {
                match record {
                    Some(bytes) => tables.log.insert(key, bytes),
                    None => tables.log.remove(&key),
                };
                return;
            }
            Table::Index => &mut tables.index,
            Table::Payload => &mut tables.payload,
        };
        match record {
            Some(bytes) => segments.insert(SegmentKey(key), bytes),
            None => segments.remove(&SegmentKey(key)),
        };
    }
}
