//! Looking names up among many: in time that does not grow with how many there are.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Numbers of names that somebody else holds.
#[derive(Clone, Default)]
pub(super) struct NameIndex {
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl NameIndex {
    /// Adds the name with this number. Whether there was none that is equal. `name_of` gives the names by their numbers.
    pub(super) fn insert<'n>(&mut self, name: &str, number: usize, name_of: impl Fn(usize) -> &'n str) -> bool {
        let hash = self.hasher.hash_one(name);
        if self.numbers.find(hash, |found| name_of(*found as usize) == name).is_some() {
            return false;
        }
        // A row has fewer bytes than this.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.numbers.insert_unique(hash, number, |found| self.hasher.hash_one(name_of(*found as usize)));
        true
    }

    /// The number of a name.
    pub(super) fn find<'n>(&self, name: &str, name_of: impl Fn(usize) -> &'n str) -> Option<usize> {
        let hash = self.hasher.hash_one(name);
        self.numbers.find(hash, |found| name_of(*found as usize) == name).map(|found| *found as usize)
    }
}

impl std::fmt::Debug for NameIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameIndex").field("names", &self.numbers.len()).finish_non_exhaustive()
    }
}
