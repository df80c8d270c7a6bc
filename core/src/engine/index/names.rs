//! Names with dense numbers, by order of first appearance.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A list of distinct names that can be searched by name.
pub(crate) struct Names<T> {
    items: Vec<T>,
    /// The number of each item, with the hash of its name: a table that grows reads no names.
    table: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
}

impl<T> std::fmt::Debug for Names<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").field("len", &self.items.len()).finish_non_exhaustive()
    }
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { items: Vec::new(), table: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}

/// The hash that the table has of a name, from the part of it that is kept.
fn spread(kept: u32) -> u64 {
    // The table takes its bits from both ends.
    u64::from(kept).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl<T: Named> Names<T> {
    fn hash(&self, name: &T::Key) -> u32 {
        let hash = self.hasher.hash_one(name);
        (hash >> 32) as u32 ^ hash as u32
    }

    fn find_hashed(&self, hash: u32, name: &T::Key) -> Option<u32> {
        let is_it = |(other, number): &(u32, u32)| *other == hash && self.items[*number as usize].key() == name;
        self.table.find(spread(hash), is_it).map(|(_, number)| *number)
    }

    pub(crate) fn find(&self, name: &T::Key) -> Option<u32> {
        self.find_hashed(self.hash(name), name)
    }

    /// The number of `name`; `make` gives the item when it is new.
    pub(crate) fn intern(&mut self, name: &T::Key, make: impl FnOnce() -> T) -> u32 {
        let hash = self.hash(name);
        if let Some(number) = self.find_hashed(hash, name) {
            return number;
        }
        let number = self.items.len() as u32;
        self.items.push(make());
        self.table.insert_unique(spread(hash), (hash, number), |(hash, _)| spread(*hash));
        number
    }

    /// Makes room, so that so many new names move nothing.
    pub(crate) fn reserve(&mut self, additional: usize) {
        self.table.reserve(additional, |(hash, _)| spread(*hash));
        self.items.reserve(additional);
    }

    /// Lets go of so many items, when the list is no longer needed; `false` when none is left.
    pub(crate) fn shed(&mut self, count: usize) -> bool {
        self.items.truncate(self.items.len().saturating_sub(count));
        !self.items.is_empty()
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn get(&self, number: u32) -> &T {
        &self.items[number as usize]
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> &mut T {
        &mut self.items[number as usize]
    }

    /// Bytes of the list and the table, without what the items own.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.items.capacity() * size_of::<T>() + self.table.capacity() * 8 / 7 * 9
    }
}

/// Something with a name. The name of an item never changes.
pub(crate) trait Named {
    type Key: ?Sized + std::hash::Hash + Eq;

    fn key(&self) -> &Self::Key;
}
