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
//!   `correlationid` and `causationid` as `correlationId` and `causationId`. Attributes that are `null` are absent.
//! - What [`Export`](super::Export) writes comes back as it was: `schemaversion`, `tags` and `metadata` are these again,
//!   `source`, `sequence`, `recordedtime` and `streamversion` are the business of the store that reads it.
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
use event::CloudEvent;

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
    table: RowTable<CloudEvent>,
}

/// How the events stand in the file.
enum Input {
    /// Not told yet: the first line, and how much of it was searched for its end.
    Begin(Vec<u8>, usize),
    /// One event a line.
    Lines(LineCutter),
    /// A batch, or one event over many lines.
    Document(JsonSplitter),
}

impl CloudEventsReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { input: Input::Begin(Vec::new(), 0), table: RowTable::new(setup) }
    }

    /// Decides how the events stand in the file, when its first line is complete.
    fn begin(&mut self, is_whole: bool, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Input::Begin(head, searched) = &mut self.input else { return Ok(()) };
        let start = head.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let has_lines = match head.get(start) {
            Some(b'{') => {
                let from = start.max(*searched);
                *searched = head.len();
                match memchr::memchr(b'\n', &head[from..]) {
                    // A line that is merely broken is one of several; one that goes on is a part of a document.
                    Some(end) => serde_json::from_slice::<serde::de::IgnoredAny>(&head[start..from + end])
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
            Input::Lines(LineCutter::new())
        } else {
            Input::Document(JsonSplitter::new(Cut::ElementsOrObject))
        };
        self.read(&head, out)
    }

    fn read(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { input, table } = self;
        match input {
            Input::Begin(head, _) => head.extend_from_slice(bytes),
            Input::Lines(lines) => return lines.push(bytes, &mut |line, text| take_line(table, line, text, out)),
            Input::Document(splitter) => {
                return splitter.push(bytes, &mut |item| {
                    take(table, CloudEvent::read(item.line, Some(item.path()), item.text), out)
                });
            }
        }
        self.begin(false, out)
    }
}

fn take_line(
    table: &mut RowTable<CloudEvent>,
    line: u64,
    text: &str,
    out: &mut Vec<ParsedRow>,
) -> Result<(), ImportError> {
    match text.trim_ascii() {
        "" => Ok(()),
        text => take(table, CloudEvent::read(line, None, text), out),
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
        let Self { input, table } = self;
        match input {
            Input::Begin(..) => return Err(ImportError::Empty),
            Input::Lines(lines) => lines.finish(&mut |line, text| take_line(table, line, text, out))?,
            Input::Document(splitter) => splitter.finish()?,
        }
        self.settle(out)
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        self.table.shape()
    }
}
