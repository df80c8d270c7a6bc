//! What a reader holds at most.

/// Bytes of one row of a file. The data of one event is at most as long, so a longer row could hold none.
pub const MAX_ROW_BYTES: usize = crate::domain::limits::MAX_DATA_BYTES;

/// Rows that the guess of the mapping looks at.
pub(super) const SAMPLE_ROWS: usize = 100;

/// Bytes after which the sample is full with fewer rows.
pub(super) const SAMPLE_BYTES: usize = 64 * 1024;
