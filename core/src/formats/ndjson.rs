//! NDJSON: one JSON object a line. What becomes of the members: see `json_row`.

use std::borrow::Cow;

use super::error::ImportError;
use super::format::{FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::json_table::{JsonTable, JsonText};
use super::limits::MAX_ROW_BYTES;
use super::options::Format;
use super::text::utf8;

/// The reader of NDJSON files.
pub(super) struct NdjsonReader {
    /// The begin of a line that goes on in the next chunk.
    partial: Vec<u8>,
    line: u64,
    table: JsonTable,
}

impl NdjsonReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { partial: Vec::new(), line: 1, table: JsonTable::new(setup) }
    }

    fn take(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let line = self.line;
        self.line += 1;
        if bytes.len() > MAX_ROW_BYTES {
            return Err(ImportError::RowTooLong { line, path: None, limit: MAX_ROW_BYTES, quoted: false });
        }
        let text = utf8(bytes, line)?.trim_matches(WHITESPACE);
        if text.is_empty() {
            return Ok(());
        }
        self.table.take(JsonText { line, path: None, text: Cow::Borrowed(text) }, out)
    }
}

impl FormatReader for NdjsonReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            if self.partial.is_empty() {
                self.take(line, out)?;
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(line);
                self.take(&whole, out)?;
                whole.clear();
                self.partial = whole;
            }
        }
        self.partial.extend_from_slice(rest);
        if self.partial.len() > MAX_ROW_BYTES {
            return Err(ImportError::RowTooLong { line: self.line, path: None, limit: MAX_ROW_BYTES, quoted: false });
        }
        Ok(())
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.table.settle(out)
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let last = std::mem::take(&mut self.partial);
        self.take(&last, out)?;
        self.table.settle(out)
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
