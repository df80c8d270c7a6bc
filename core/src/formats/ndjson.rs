//! NDJSON: one JSON object a line. What becomes of the members: see `json_row`.

use std::borrow::Cow;

use super::error::ImportError;
use super::format::{FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::json_table::{JsonTable, JsonText};
use super::limits::MAX_ROW_BYTES;
use super::lines::LineCutter;
use super::options::Format;

/// The reader of NDJSON files.
pub(super) struct NdjsonReader {
    lines: LineCutter,
    table: JsonTable,
}

impl NdjsonReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { lines: LineCutter::behind(1, MAX_ROW_BYTES), table: JsonTable::new(setup) }
    }
}

fn take(table: &mut JsonTable, line: u64, text: &str, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
    match text.trim_matches(WHITESPACE) {
        "" => Ok(()),
        text => table.take(JsonText { line, path: None, text: Cow::Borrowed(text) }, out),
    }
}

impl FormatReader for NdjsonReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { lines, table } = self;
        lines.push(bytes, &mut |line, text| take(table, line, text, out))
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.table.settle(out)
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { lines, table } = self;
        lines.finish(&mut |line, text| take(table, line, text, out))?;
        table.settle(out)
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        self.table.shape()
    }

    fn dialect(&self) -> Option<Format> {
        self.table.dialect()
    }
}

/// The whitespace of JSON; other spaces are characters of a text.
const WHITESPACE: [char; 4] = [' ', '\t', '\r', '\n'];
