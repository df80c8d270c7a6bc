//! What an import says when it is done, and while it runs.

use super::error::InvalidRow;
use super::options::Format;
use crate::domain::Position;

/// Invalid rows that a report or a preview lists; those beyond are only counted.
pub const MAX_LISTED_ROWS: usize = 1_000;

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The format that the file was read in.
    pub format: Format,
    /// Events stored.
    pub events: u64,
    /// Streams that they belong to.
    pub streams: u64,
    /// Events left out because the store, or an earlier row of the file, already had them.
    pub duplicates: u64,
    /// The rows that were left out as invalid, at most [`MAX_LISTED_ROWS`] of them, in the file's order.
    pub skipped: Vec<InvalidRow>,
    /// All rows that were left out as invalid.
    pub skipped_count: u64,
    /// What was kept although something is wrong with it, such as a reference to an object that is not in the file; at most
    /// [`MAX_LISTED_ROWS`].
    pub remarks: Vec<InvalidRow>,
    /// All of these.
    pub remark_count: u64,
    /// The position of the first event stored; [`Position::ZERO`] when none was.
    pub first_position: Position,
    /// The position of the last event stored; [`Position::ZERO`] when none was.
    pub last_position: Position,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes that the file has; 0 when nobody knows.
    pub total_bytes: u64,
    /// Events read.
    pub events: u64,
    /// Events handed to the store. Under the order by time this begins when the whole file has been read.
    pub stored: u64,
}
