//! The first rows of a file, held until the mapping can be guessed from them.

use super::error::InvalidRow;
use super::limits::{SAMPLE_BYTES, SAMPLE_ROWS};

/// The rows that wait for the mapping, valid and invalid in the file's order.
#[derive(Debug)]
pub(super) struct Sample<R> {
    rows: Vec<Result<R, InvalidRow>>,
    valid: usize,
    bytes: usize,
}

impl<R> Default for Sample<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), valid: 0, bytes: 0 }
    }
}

impl<R> Sample<R> {
    pub(super) fn push(&mut self, row: Result<R, InvalidRow>, bytes: usize) {
        self.valid += usize::from(row.is_ok());
        self.bytes += bytes;
        self.rows.push(row);
    }

    /// Enough has been seen. It depends on the rows alone, never on how the file was cut into chunks.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= SAMPLE_ROWS || self.bytes >= SAMPLE_BYTES
    }

    pub(super) fn has_rows(&self) -> bool {
        self.valid > 0
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &R> {
        self.rows.iter().flatten()
    }

    /// Gives all rows out; the sample is empty afterwards.
    pub(super) fn drain(&mut self) -> Vec<Result<R, InvalidRow>> {
        (self.valid, self.bytes) = (0, 0);
        std::mem::take(&mut self.rows)
    }
}
