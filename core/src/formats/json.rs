//! A JSON document that is an array of objects, each an event. What becomes of their members: see `json_row`.
//!
//! The elements may stand on one line or on many, and there may be any number of them: one at a time is held. An element
//! that is not JSON, or no object, is an invalid row; brackets that do not match and text after the array stop the import.

use std::borrow::Cow;

use super::error::ImportError;
use super::format::{FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::json_split::{Cut, JsonSplitter};
use super::json_table::{JsonTable, JsonText};
use super::options::Format;

/// The reader of JSON arrays.
pub(super) struct JsonReader {
    splitter: JsonSplitter,
    table: JsonTable,
}

impl JsonReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { splitter: JsonSplitter::new(Cut::Elements), table: JsonTable::new(setup) }
    }
}

impl FormatReader for JsonReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let table = &mut self.table;
        self.splitter.push(bytes, &mut |item| {
            let row = JsonText { line: item.line, path: Some(item.path()), text: Cow::Borrowed(item.text) };
            table.take(row, out)
        })
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.table.settle(out)
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.table.settle(out)?;
        self.splitter.finish()
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        self.table.shape()
    }

    fn dialect(&self) -> Option<Format> {
        self.table.dialect()
    }
}
