//! What is asked of a timeline, and what it says of itself.

use crate::domain::{Position, Timestamp};
use crate::engine::Direction;

/// What a timeline may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimelineOptions {
    /// Bytes of states kept in memory. Default 64 MiB. Where they do not suffice, the timeline keeps fewer keyframes and a
    /// seek folds more events than [`fold_bound`](Self::fold_bound).
    pub memory_bytes: usize,
    /// How many events a seek folds at most. Default 1,000. Where memory allows it folds far fewer.
    pub fold_bound: usize,
}

impl Default for TimelineOptions {
    fn default() -> Self {
        Self { memory_bytes: 64 * 1024 * 1024, fold_bound: 1_000 }
    }
}

impl TimelineOptions {
    /// The same options with another budget, in bytes.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: usize) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// The same options with another bound; zero counts as one.
    #[must_use]
    pub fn fold_bound(mut self, events: usize) -> Self {
        self.fold_bound = events.max(1);
        self
    }
}

/// A place in the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cursor {
    /// After the event at this position; zero is before the first event. Behind the head it is the head.
    Position(Position),
    /// After the last position whose running time is at or before this time.
    Time(Timestamp),
    /// After the last event.
    #[default]
    Head,
}

impl From<Position> for Cursor {
    fn from(position: Position) -> Self {
        Self::Position(position)
    }
}

impl From<Timestamp> for Cursor {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

/// Where and how to search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindOptions {
    /// The position to begin with, itself included. Default: the first event forwards, the head backwards.
    pub from: Option<Position>,
    /// Which way.
    pub direction: Direction,
    /// In which partition. Default: the unnamed one.
    pub partition: String,
}

/// What the last seek took, once the timeline was built up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seek {
    /// Events of the log that were folded.
    pub folds: usize,
    /// Microseconds from the question to the answer, reading included. Browsers measure in steps of 5 in isolated pages
    /// and of 100 or more in others.
    pub micros: f64,
}

/// How far a timeline is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BuildProgress {
    /// Everything up to here is folded.
    pub folded_to: Position,
    /// The head when the build began.
    pub head: Position,
}

/// What a timeline keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimelineStats {
    /// Everything up to here is folded.
    pub folded_to: Position,
    /// Partitions seen.
    pub partitions: usize,
    /// Keyframes kept.
    pub keyframes: usize,
    /// Events of a partition between two keyframes: a seek folds fewer.
    pub spacing: usize,
    /// Whether that is within the bound asked for; `false` once the budget forced keyframes out.
    pub is_bound_kept: bool,
    /// About how many bytes the keyframes take, as [`Projection::kept_bytes`](crate::domain::Projection::kept_bytes) says.
    pub kept_bytes: usize,
    /// About how many bytes it takes to note which events belong to which partition: 4 an event, and the names. They are
    /// not part of the budget.
    pub index_bytes: usize,
}
