//! The names of partitions, numbered by first appearance.

use std::rc::Rc;

use hashbrown::HashMap;

use crate::domain::Position;

/// The partitions seen so far. **Invariant:** their first positions ascend with their numbers, so that the partitions at
/// a position are the first of them.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    numbers: HashMap<Rc<str>, u32>,
    names: Vec<Rc<str>>,
    first_at: Vec<Position>,
}

impl Partitions {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(super) fn add(&mut self, name: &str, at: Position) -> u32 {
        let number = self.names.len() as u32;
        let name: Rc<str> = name.into();
        self.names.push(Rc::clone(&name));
        self.first_at.push(at);
        self.numbers.insert(name, number);
        number
    }

    /// Forgets those behind the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        for name in self.names.drain(len..) {
            self.numbers.remove(&name);
        }
        self.first_at.truncate(len);
    }

    /// The names of those that have an event at or before `at`.
    pub(super) fn at(&self, at: Position) -> &[Rc<str>] {
        &self.names[..self.first_at.partition_point(|first| *first <= at)]
    }

    pub(super) fn bytes(&self) -> usize {
        self.names.iter().map(|name| name.len() + 64).sum()
    }
}
