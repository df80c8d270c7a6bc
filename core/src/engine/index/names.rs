//! Names with dense numbers, by order of first appearance.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A list of distinct names that can be searched by name.
pub(crate) struct Names<T> {
    items: Vec<T>,
    table: HashTable<u32>,
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

impl<T: Named> Names<T> {
    pub(crate) fn find(&self, name: &T::Key) -> Option<u32> {
        let hash = self.hasher.hash_one(name);
        self.table.find(hash, |number| self.items[*number as usize].key() == name).copied()
    }

    /// The number of `name`; `make` gives the item when it is new.
    pub(crate) fn intern(&mut self, name: &T::Key, make: impl FnOnce() -> T) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let number = self.items.len() as u32;
        self.items.push(make());
        let (items, hasher) = (&self.items, &self.hasher);
        let hash = hasher.hash_one(name);
        self.table.insert_unique(hash, number, |number| hasher.hash_one(items[*number as usize].key()));
        number
    }

    /// Makes room, so that so many new names move nothing.
    pub(crate) fn reserve(&mut self, additional: usize) {
        let (items, hasher) = (&self.items, &self.hasher);
        self.table.reserve(additional, |number| hasher.hash_one(items[*number as usize].key()));
        self.items.reserve(additional);
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
        self.items.capacity() * size_of::<T>() + self.table.capacity() * 8 / 7 * 5
    }
}

/// Something with a name. The name of an item never changes.
pub(crate) trait Named {
    type Key: ?Sized + std::hash::Hash + Eq;

    fn key(&self) -> &Self::Key;
}
