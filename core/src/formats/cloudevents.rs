//! CloudEvents 1.0 in JSON: one event, a batch, or one event a line.
//!
//! Source: CloudEvents 1.0.2, the core specification and its JSON event format, with the JSON batch format.
//!
//! - The stream is the `subject`, else the `source`; a mapping may name another attribute. The type is the `type`.
//! - The time is the `time`. It is optional in CloudEvents, so events may lack it even beside others that have it.
//! - An `id` that is a UUID is the event's id. Another counts together with the `source`, as the specification has it,
//!   and is kept in the metadata.
//! - The data is JSON when `datacontenttype` is absent, `application/json` or ends in `+json`; `data` is kept byte for
//!   byte, and an event without data has `null`. A text under another media type, and `data_base64`, are bytes of that
//!   media type (`application/octet-stream` when there is none); `data_base64` under a JSON media type is JSON.
//! - The other attributes, extensions among them, are members of the metadata, with their values as they are;
//!   `correlationid` and `causationid` as `correlationId` and `causationId`. Attributes that are `null` are absent. The type, the
//!   time and the schema version are there too where the mapping takes that field from elsewhere. Arrays and objects, which
//!   the specification does not allow for extensions, are kept there all the same.
//! - What [`Export`](super::Export) writes comes back as it was: `schemaversion`, `tags` and `metadata` are these again, bytes
//!   stay bytes under every media type, and the order is that of `sequence`, the position in the store that wrote it. `source`,
//!   `recordedtime` and `streamversion` are the business of the store that reads it. Another producer's `sequence` counts within
//!   its source and is ordered in a way of its own; it is kept in the metadata.
//!
//! Another `specversion` than 1.0 is a fault of the event. Names of attributes are not checked.

mod event;

use super::error::{ImportError, InvalidRow};
use super::format::{FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::json_split::{Cut, JsonSplitter};
use super::limits::MAX_ROW_BYTES;
use super::lines::LineCutter;
use super::options::Field;
use super::peek::first_members;
use super::row_table::RowTable;
use super::text::LineCounter;
use event::{Asked, CloudEvent};

const STANDARD: [(Field, &str); 3] = [(Field::Stream, "subject"), (Field::Type, "type"), (Field::Id, "id")];

/// Whether a file that begins with `head` has events of this kind.
pub(super) fn is_cloudevents(head: &[u8]) -> bool {
    let names = first_members(head);
    let has = |name: &str| names.iter().any(|found| found == name);
    has("specversion") && (has("type") || has("source"))
}

/// The reader of CloudEvents.
pub(super) struct CloudEventsReader {
    input: Input,
    asked: Asked,
    table: RowTable<CloudEvent>,
}

/// How the events stand in the file.
enum Input {
    /// Not told yet.
    Begin(Begin),
    /// One event a line.
    Lines(LineCutter),
    /// A batch, or one event over many lines.
    Document(JsonSplitter),
}

/// The begin of a file, as far as its first line that is not blank.
struct Begin {
    /// The first line, without the blanks before it.
    head: Vec<u8>,
    /// How much of it was searched for its end.
    searched: usize,
    /// The lines of these blanks, as a document counts them, and as lines do.
    blanks: LineCounter,
    line: u64,
}

impl CloudEventsReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let begin = Begin { head: Vec::new(), searched: 0, blanks: LineCounter::new(), line: 1 };
        Self { input: Input::Begin(begin), asked: Asked::from(&setup.mapping), table: RowTable::new(setup) }
    }

    /// Decides how the events stand in the file, when its first line is complete.
    fn begin(&mut self, is_whole: bool, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Input::Begin(Begin { head, searched, blanks, line }) = &mut self.input else { return Ok(()) };
        let has_lines = match head.first() {
            Some(b'{') => {
                let from = *searched;
                *searched = head.len();
                match memchr::memchr(b'\n', &head[from..]) {
                    // A line that is merely broken is one of several; one that goes on is a part of a document.
                    Some(end) => serde_json::from_slice::<serde::de::IgnoredAny>(&head[..from + end])
                        .err()
                        .is_none_or(|error| !error.is_eof()),
                    None if is_whole => false,
                    None if head.len() > MAX_ROW_BYTES => true,
                    None => return Ok(()),
                }
            }
            None if !is_whole => return Ok(()),
            _ => false,
        };
        let head = std::mem::take(head);
        self.input = if has_lines {
            Input::Lines(LineCutter::behind(*line, MAX_ROW_BYTES))
        } else {
            Input::Document(JsonSplitter::behind(blanks.clone(), Cut::ElementsOrObject))
        };
        self.read(&head, out)
    }

    fn read(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { input, asked, table } = self;
        match input {
            Input::Begin(Begin { head, blanks, line, .. }) => {
                let start = if head.is_empty() { bytes.len() - bytes.trim_ascii_start().len() } else { 0 };
                blanks.pass(&bytes[..start]);
                *line += memchr::memchr_iter(b'\n', &bytes[..start]).count() as u64;
                head.extend_from_slice(&bytes[start..]);
            }
            Input::Lines(lines) => {
                return lines.push(bytes, &mut |line, text| take_line(table, *asked, line, text, out));
            }
            Input::Document(splitter) => {
                return splitter.push(bytes, &mut |item| {
                    take(table, CloudEvent::read(item.line, Some(item.path()), item.text, *asked), out)
                });
            }
        }
        self.begin(false, out)
    }
}

fn take_line(
    table: &mut RowTable<CloudEvent>,
    asked: Asked,
    line: u64,
    text: &str,
    out: &mut Vec<ParsedRow>,
) -> Result<(), ImportError> {
    match text.trim_ascii() {
        "" => Ok(()),
        text => take(table, CloudEvent::read(line, None, text, asked), out),
    }
}

fn take(
    table: &mut RowTable<CloudEvent>,
    row: Result<CloudEvent, InvalidRow>,
    out: &mut Vec<ParsedRow>,
) -> Result<(), ImportError> {
    if table.take(row, out) { table.settle(&STANDARD, out) } else { Ok(()) }
}

impl FormatReader for CloudEventsReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.read(bytes, out)
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.table.settle(&STANDARD, out)
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.begin(true, out)?;
        let Self { input, asked, table } = self;
        match input {
            Input::Begin(_) => return Err(ImportError::Empty),
            Input::Lines(lines) => lines.finish(&mut |line, text| take_line(table, *asked, line, text, out))?,
            Input::Document(splitter) => splitter.finish()?,
        }
        self.settle(out)
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        self.table.shape()
    }
}
