//! Which events of a stretch belong to which partition.

use crate::domain::Position;

/// The events folded in a stretch of the log, ascending, each with its partition. An event whose payloads were split may
/// stand there several times, once for each partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Touches {
    positions: Vec<u32>,
    /// Empty while all are of one partition.
    partitions: Vec<u32>,
    /// The partition of all, while `partitions` is empty.
    single: u32,
    /// Events, each counted once.
    events: usize,
}

impl Touches {
    /// How many events there are, each counted once.
    pub(super) fn events(&self) -> usize {
        self.events
    }

    pub(super) fn push(&mut self, position: Position, partition: u32) {
        // The index of the log counts its rows in 32 bits too.
        let position = position.get() as u32;
        if self.positions.last() != Some(&position) {
            self.events += 1;
        }
        if self.positions.is_empty() {
            self.single = partition;
        } else if self.partitions.is_empty() && self.single != partition {
            self.partitions = vec![self.single; self.positions.len()];
        }
        if !self.partitions.is_empty() {
            self.partitions.push(partition);
        }
        self.positions.push(position);
    }

    /// The same with those of the next stretch.
    pub(super) fn joined(&self, next: &Self) -> Self {
        let mut both = self.clone();
        for (position, partition) in next.iter() {
            both.push(position, partition);
        }
        both
    }

    fn iter(&self) -> impl Iterator<Item = (Position, u32)> {
        let partition = |at: usize| self.partitions.get(at).copied().unwrap_or(self.single);
        self.positions.iter().enumerate().map(move |(at, position)| (Position::from(*position), partition(at)))
    }

    /// The positions of one partition's events. O(events).
    pub(super) fn of(&self, partition: u32) -> Vec<Position> {
        if self.partitions.is_empty() && self.single != partition {
            return Vec::new();
        }
        self.iter().filter(|touch| touch.1 == partition).map(|touch| touch.0).collect()
    }

    /// The partitions, each once, ascending.
    pub(super) fn partitions(&self) -> Vec<u32> {
        if self.positions.is_empty() {
            return Vec::new();
        }
        if self.partitions.is_empty() {
            return vec![self.single];
        }
        let mut all = self.partitions.clone();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn bytes(&self) -> usize {
        (self.positions.capacity() + self.partitions.capacity()) * size_of::<u32>()
    }

    /// Gives back room that is not used, once nothing is added any more.
    pub(super) fn shrink(&mut self) {
        self.positions.shrink_to_fit();
        self.partitions.shrink_to_fit();
    }
}
