//! What every format has in common: bytes are pushed in, rows come out.

use super::cloudevents::CloudEventsReader;
use super::csv::CsvReader;
use super::detect::Detected;
use super::dialect::Dialects;
use super::error::{ImportError, InvalidRow};
use super::json::JsonReader;
use super::kurrentdb::KurrentReader;
use super::leftfold::LeftfoldReader;
use super::ndjson::NdjsonReader;
use super::ocel::OcelReader;
use super::options::{Format, Mapping};
use super::redux::ReduxReader;
use super::report::MAX_LISTED_ROWS;
use super::xes::XesReader;
use crate::domain::{EventId, NewEvent, StreamName};

/// The push parser of one format.
///
/// However the bytes are cut into pushes, the rows that come out are the same. A reader holds at most the row that it
/// is in, and the sample that its guesses rest on.
pub(super) trait FormatReader {
    /// Reads `bytes` and adds the rows that are complete to `out`.
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError>;

    /// Decides now what would wait for more rows to be seen, and lets those that waited out. For previews.
    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError>;

    /// The file is at its end: what is left is the last row.
    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError>;

    /// The columns and their mapping, once they are known, of a format that has such.
    fn shape(&self) -> Option<TableShape<'_>>;

    /// The format of the table of another store that the file holds rows of, once that is known.
    fn dialect(&self) -> Option<Format> {
        None
    }

    /// What was kept although something is wrong with it, at the end of the file.
    fn remarks(&mut self) -> Remarks {
        Remarks::default()
    }
}

/// Faults of rows that were not left out for it.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// At most [`MAX_LISTED_ROWS`], the first.
    pub(super) list: Vec<InvalidRow>,
    pub(super) count: u64,
}

impl Remarks {
    pub(super) fn add(&mut self, remark: InvalidRow) {
        self.count += 1;
        if self.list.len() < MAX_LISTED_ROWS {
            self.list.push(remark);
        }
    }
}

/// What a reader is made with.
#[derive(Clone, Debug)]
pub(super) struct ReaderSetup {
    pub(super) delimiter: u8,
    pub(super) mapping: Mapping,
    pub(super) category: Option<String>,
    /// The tables of other stores that are looked for.
    pub(super) dialects: Dialects,
    /// Keep the cells of every row as text, and read on without a mapping: for previews.
    pub(super) keep_cells: bool,
    /// Bytes that a format may hold whose order is known at its end.
    pub(super) max_held_bytes: usize,
}

/// The reader of a detected format.
pub(super) fn reader(detected: Detected, setup: ReaderSetup) -> Box<dyn FormatReader> {
    match detected.format {
        Format::Csv => Box::new(CsvReader::new(setup)),
        Format::Json => Box::new(JsonReader::new(setup)),
        // The rows of a table come in one of the others.
        Format::Ndjson
        | Format::Marten
        | Format::Axon
        | Format::MessageDb
        | Format::Emmett
        | Format::CqrsEs
        | Format::EventSourcing => Box::new(NdjsonReader::new(setup)),
        Format::Xes => Box::new(XesReader::new(setup)),
        Format::CloudEvents => Box::new(CloudEventsReader::new(setup)),
        Format::Ocel2 => Box::new(OcelReader::new(setup)),
        Format::KurrentDb => Box::new(KurrentReader::new(setup)),
        Format::ReduxDevTools => Box::new(ReduxReader::new(setup)),
        Format::Leftfold => Box::new(LeftfoldReader::new(setup)),
    }
}

/// Columns, and which of them are fields of the events.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableShape<'a> {
    pub(super) columns: &'a [String],
    pub(super) mapping: &'a Mapping,
}

/// A row that was read.
#[derive(Debug)]
pub(super) struct ParsedRow {
    pub(super) line: u64,
    /// Its JSON path, in a JSON document. A fault of the row need not repeat it.
    pub(super) path: Option<String>,
    /// The cells as text, in the order of the columns; empty unless they were asked for.
    pub(super) cells: Vec<String>,
    pub(super) result: Result<Draft, InvalidRow>,
}

impl ParsedRow {
    pub(super) fn invalid(fault: InvalidRow) -> Self {
        Self { line: fault.line, path: fault.path.clone(), cells: Vec::new(), result: Err(fault) }
    }
}

/// An event as the file has it. Its id is not settled yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) line: u64,
    pub(super) stream: StreamName,
    pub(super) event: NewEvent,
    pub(super) id: Option<GivenId>,
    /// Its number in the log that the file was taken from, where the file says it: the order of the events.
    pub(super) position: Option<u64>,
}

/// The id that a file gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GivenId {
    Uuid(EventId),
    Text(String),
}

impl GivenId {
    /// Reads an id. Nothing, the nil UUID, and the words with which exports say "none" are no id.
    pub(super) fn parse(text: &str) -> Option<Self> {
        const NONE: [&str; 7] = ["na", "n/a", "nan", "null", "nil", "none", "-"];
        let text = text.trim();
        if text.is_empty() || NONE.iter().any(|none| text.eq_ignore_ascii_case(none)) {
            return None;
        }
        match EventId::parse(text) {
            Ok(id) if id.uuid().is_nil() || id.uuid().is_max() => None,
            Ok(id) => Some(Self::Uuid(id)),
            Err(_) => Some(Self::Text(text.to_owned())),
        }
    }
}
