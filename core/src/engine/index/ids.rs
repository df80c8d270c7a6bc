//! From the id of an event to its row.

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::chunk::Rows;

/// A table of row numbers alone: the ids themselves stand in the rows.
#[derive(Default)]
pub(crate) struct Ids {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ids").field("len", &self.table.len()).finish_non_exhaustive()
    }
}

impl Ids {
    pub(crate) fn find(&self, rows: &Rows, id: &[u8; 16]) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |row| rows.id(*row as usize) == id).copied()
    }

    /// Makes room, so that a bulk of inserts moves nothing.
    pub(crate) fn reserve(&mut self, rows: &Rows, additional: usize) {
        let hasher = &self.hasher;
        self.table.reserve(additional, |row| hasher.hash_one(rows.id(*row as usize)));
    }

    /// Notes the id of `row`; `false` when another row has it.
    pub(crate) fn insert(&mut self, rows: &Rows, row: u32) -> bool {
        let hasher = &self.hasher;
        let id = rows.id(row as usize);
        let rehash = |row: &u32| hasher.hash_one(rows.id(*row as usize));
        match self.table.entry(hasher.hash_one(id), |other| rows.id(*other as usize) == id, rehash) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(row);
                true
            }
        }
    }

    pub(crate) fn resident_bytes(&self) -> usize {
        self.table.capacity() * 8 / 7 * 5
    }
}
