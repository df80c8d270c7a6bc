//! A map of positions for a handful of entries: a sorted list, which is less code to load than a tree of its own type.

use crate::domain::Position;

/// Values by position, ascending. Inserting takes time by the number of entries.
#[derive(Clone, Debug)]
pub(super) struct Sorted<V>(Vec<(Position, V)>);

impl<V> Default for Sorted<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Sorted<V> {
    fn place(&self, key: Position) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |(key, _)| *key)
    }

    pub(super) fn get(&self, key: Position) -> Option<&V> {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    pub(super) fn has(&self, key: Position) -> bool {
        self.place(key).is_ok()
    }

    pub(super) fn set(&mut self, key: Position, value: V) {
        match self.place(key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    pub(super) fn remove(&mut self, key: Position) -> Option<V> {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }

    /// The entries from one position to another, both included.
    pub(super) fn within(&self, from: Position, to: Position) -> &[(Position, V)] {
        let start = self.0.partition_point(|(key, _)| *key < from);
        let end = self.0.partition_point(|(key, _)| *key <= to);
        self.0.get(start..end).unwrap_or_default()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Position> {
        self.0.iter().map(|(key, _)| *key)
    }
}

impl<V: Default> Sorted<V> {
    /// The value of a position, which is the default one when it had none.
    pub(super) fn entry(&mut self, key: Position) -> &mut V {
        let at = match self.place(key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, V::default()));
                at
            }
        };
        &mut self.0[at].1
    }
}
