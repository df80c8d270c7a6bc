//! What can be wrong with a file, and what can be wrong with one row of it.

use std::fmt;

use thiserror::Error;

use super::options::{Field, Format};
use crate::domain::{InvalidEvent, InvalidName};
use crate::engine::AppendError;

/// Why an import came to nothing. Whichever it is, nothing of the file is stored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes are none of the formats that are read here.
    #[error("the file is {found}; what is read here is {}", super::options::FORMAT_NAMES)]
    UnsupportedFormat {
        /// What they look like.
        found: String,
    },
    /// A format was asked for that there is no reader for.
    #[error("there is no reader for the format \u{201c}{name}\u{201d}; there is {}", super::options::FORMAT_NAMES)]
    UnknownFormat {
        /// The name that was given.
        name: String,
    },
    /// There is nothing to read.
    #[error("the file is empty")]
    Empty,
    /// The text is not UTF-8.
    #[error("line {line}: the text is {found}, not UTF-8; save the file as UTF-8 and import it again")]
    Encoding {
        /// The first line in which it shows.
        line: u64,
        /// What it seems to be.
        found: &'static str,
    },
    /// One row is so long that it cannot be one event.
    #[error(
        "line {line}{}: the row has more than {limit} bytes{}",
        place(.path.as_deref()),
        if *.quoted { "; is a quote not closed?" } else { "" }
    )]
    RowTooLong {
        /// The line at which the row begins.
        line: u64,
        /// Its JSON path, in a JSON document.
        path: Option<String>,
        /// The most bytes a row may have.
        limit: usize,
        /// The row ended inside of quotes.
        quoted: bool,
    },
    /// The header has so many columns that it cannot be the header of a table.
    #[error("line {line}: the header has {found} columns, and at most {limit} can be read")]
    TooManyColumns {
        /// The line at which the header begins.
        line: u64,
        /// The columns that it has.
        found: usize,
        /// The most columns a table may have.
        limit: usize,
    },
    /// The order of the file is known at its end only, and it has more than can be held until then.
    #[error(
        "line {line}{}: up to here the file has more than {limit} bytes of events whose order is known at its end only; \
         split it into smaller files",
        place(.path.as_deref()),
    )]
    TooMuchToHold {
        /// The line of the first event that is too much.
        line: u64,
        /// Its JSON path.
        path: Option<String>,
        /// The most bytes that are held.
        limit: usize,
    },
    /// A document (JSON or XML) is broken between its rows, so that nothing after could be trusted.
    #[error("line {line}, {path}: {reason}")]
    Document {
        /// The line in which it shows.
        line: u64,
        /// The JSON path of the value that it shows in or after; or the open elements, as `/log/trace`.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A row cannot be an event, and the import was told to stop there.
    #[error(transparent)]
    InvalidRow(#[from] InvalidRow),
    /// No column was named for a field that every event needs, and none could be guessed.
    #[error("no column for the {field} was found among {}; name one, or give a constant", list(.columns))]
    NoColumn {
        /// The field.
        field: Field,
        /// The columns or members that there are.
        columns: Vec<String>,
    },
    /// The mapping names a column that is not there.
    #[error("the {field} is to come from \u{201c}{column}\u{201d}, but the file has {}", list(.columns))]
    UnknownColumn {
        /// The field.
        field: Field,
        /// The column that the mapping names.
        column: String,
        /// The columns or members that there are.
        columns: Vec<String>,
    },
    /// The format that was asked for is that of a table whose columns are not there.
    #[error("rows of {format} have a column \u{201c}{column}\u{201d}, but the file has {}", list(.columns))]
    NotOfFormat {
        /// The format.
        format: Format,
        /// The column that is missing.
        column: String,
        /// The columns or members that there are.
        columns: Vec<String>,
    },
    /// The mapping gives a constant that cannot be the value of the field.
    #[error("the constant for the {field} cannot be used: {reason}")]
    InvalidConstant {
        /// The field.
        field: Field,
        /// Why not.
        reason: String,
    },
    /// The category prefix cannot be one.
    #[error("\u{201c}{category}\u{201d} cannot be a category: {reason}")]
    InvalidCategory {
        /// The prefix.
        category: String,
        /// Why not.
        reason: String,
    },
    /// Order by time was asked for, and there is no time to order by.
    #[error("the events cannot be ordered by time: {reason}")]
    NoTimeToOrderBy {
        /// Where the time is missing.
        reason: String,
    },
    /// A file that should begin with the header of format leftfold does not.
    #[error("the first line is not the header of format leftfold: {reason}")]
    NoHeader {
        /// What is wrong with the line.
        reason: String,
    },
    /// The file was written by a newer version of this software.
    #[error("the file has version {found} of format leftfold, and at most {known} can be read here")]
    NewerFormat {
        /// The version of the file.
        found: u64,
        /// The newest version that can be read.
        known: u64,
    },
    /// The events of the file are not those that its header names: it was changed, or is not whole.
    #[error("the file is not as it was written: {reason}")]
    Altered {
        /// In what it differs.
        reason: String,
    },
    /// The bytes could not be fetched.
    #[error("the file cannot be read: {reason}")]
    Source {
        /// What the source said.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] AppendError),
    /// The import was cancelled.
    #[error("the import was cancelled")]
    Aborted,
}

impl ImportError {
    /// The stable code that the JavaScript error carries.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat { .. } | Self::UnknownFormat { .. } => "unsupported-format",
            Self::NewerFormat { .. } => "newer-format",
            Self::Aborted => "aborted",
            Self::Store(error) => error.code(),
            _ => "invalid-input",
        }
    }
}

/// The path of a place, to stand behind its line.
pub(super) fn place(path: Option<&str>) -> String {
    path.map(|path| format!(", {path}")).unwrap_or_default()
}

fn list(columns: &[String]) -> String {
    const MOST: usize = 30;
    let mut text = String::new();
    for (n, column) in columns.iter().take(MOST).enumerate() {
        text.push_str(if n == 0 { "" } else { ", " });
        text.push_str(column);
    }
    match columns.len() {
        0 => "no columns".to_owned(),
        n if n > MOST => format!("{text} and {} more", n - MOST),
        _ => text,
    }
}

/// A row that cannot be an event.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}{}: {message}", place(.path.as_deref()))]
pub struct InvalidRow {
    /// The line of the file at which the row begins, from 1.
    pub line: u64,
    /// The JSON path of the row, in a JSON document: its line alone may be that of every row.
    pub path: Option<String>,
    /// What kind of fault it is.
    pub code: RowFault,
    /// The column or member in which it lies, where it lies in one.
    pub column: Option<String>,
    /// The fault as a sentence, without the line and the path.
    pub message: String,
}

impl InvalidRow {
    pub(super) fn new(line: u64, code: RowFault, message: impl Into<String>) -> Self {
        Self { line, path: None, code, column: None, message: message.into() }
    }

    pub(super) fn in_column(line: u64, code: RowFault, column: &str, message: impl fmt::Display) -> Self {
        Self { line, path: None, code, column: Some(column.to_owned()), message: format!("{column}: {message}") }
    }

    /// The same fault at `path`, if it has no path yet.
    pub(super) fn at_path(mut self, path: Option<String>) -> Self {
        self.path = self.path.or(path);
        self
    }

    pub(super) fn of_event(line: u64, column: Option<&str>, error: &InvalidEvent) -> Self {
        let code = match error {
            InvalidEvent::Name(InvalidName::TooLong { .. }) | InvalidEvent::LimitExceeded { .. } => RowFault::TooLarge,
            InvalidEvent::Name(_) => RowFault::InvalidName,
            InvalidEvent::Time(_) => RowFault::UnreadableTime,
            InvalidEvent::DataNotJson { .. } | InvalidEvent::MetadataNotObject { .. } => RowFault::NotJson,
            InvalidEvent::Id { .. } => RowFault::WrongKind,
        };
        match column {
            Some(column) => Self::in_column(line, code, column, error),
            None => Self::new(line, code, error.to_string()),
        }
    }
}

/// The kinds of fault that a row can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowFault {
    /// More or fewer columns than the header.
    WrongColumnCount,
    /// A quote that opens in this row and never closes.
    QuoteNotClosed,
    /// Not JSON.
    NotJson,
    /// JSON, but no object.
    NotAnObject,
    /// One member name twice.
    DuplicateMember,
    /// A field that every event needs is empty or absent.
    MissingValue,
    /// A value of a kind that the field cannot have, such as an object for a name.
    WrongKind,
    /// A stream name, type or tag with a control character.
    InvalidName,
    /// A time that cannot be read.
    UnreadableTime,
    /// A version of the format that is not read here.
    UnknownVersion,
    /// Something that is referred to, and is not there.
    DanglingReference,
    /// A part of the file where the format does not have it.
    Misplaced,
    /// Beyond a limit of the store.
    TooLarge,
    /// An id that an earlier row gave to another event.
    IdReused,
    /// A version of a stream behind a later one, in a table that says its order in no other way.
    OutOfOrder,
}

impl RowFault {
    /// The stable code, in kebab case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongColumnCount => "wrong-column-count",
            Self::QuoteNotClosed => "quote-not-closed",
            Self::NotJson => "not-json",
            Self::NotAnObject => "not-an-object",
            Self::DuplicateMember => "duplicate-member",
            Self::MissingValue => "missing-value",
            Self::WrongKind => "wrong-kind",
            Self::InvalidName => "invalid-name",
            Self::UnreadableTime => "unreadable-time",
            Self::UnknownVersion => "unknown-version",
            Self::DanglingReference => "dangling-reference",
            Self::Misplaced => "misplaced",
            Self::TooLarge => "too-large",
            Self::IdReused => "id-reused",
            Self::OutOfOrder => "out-of-order",
        }
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
