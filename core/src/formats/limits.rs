//! What a reader holds at most.

/// Bytes of one row of a file. The data of one event is at most as long, so a longer row could hold none.
pub const MAX_ROW_BYTES: usize = crate::domain::limits::MAX_DATA_BYTES;

/// Members of one row, as far as they are not within another member; and attributes of an event or trace of XES. What has more is no
/// event, and reading it in one go would take long.
pub const MAX_ROW_MEMBERS: usize = 65_536;

/// Bytes of a file that are held where its order is known at its end only: of a feed of KurrentDB that has its newest entry
/// first, and of the actions of Redux DevTools. A longer one is refused.
pub const MAX_HELD_BYTES: usize = 256 * 1024 * 1024;

/// Columns of a CSV file, as many as a sheet of a spreadsheet has. A header with more is refused.
pub const MAX_CSV_COLUMNS: usize = 16_384;

/// Bytes of one event as an export writes it: a text may have two for each byte of data, names and tags fit into the rest.
pub(super) const MAX_RECORDED_BYTES: usize =
    2 * crate::domain::limits::MAX_DATA_BYTES + 2 * crate::domain::limits::MAX_METADATA_BYTES + 256 * 1024;

/// Rows that the guess of the mapping looks at.
pub(super) const SAMPLE_ROWS: usize = 100;

/// Bytes after which the sample is full with fewer rows.
pub(super) const SAMPLE_BYTES: usize = 64 * 1024;
