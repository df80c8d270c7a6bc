//! CSV: rows of delimited columns under a header, as RFC 4180 has them, with any of four delimiters and any line end.
//!
//! The header names the columns. A column without a name becomes `column 1` (its number); a name that stands twice gets
//! `_2`. Cells are text and stay text. An empty cell says nothing, so it leaves no member in the data: in logs with a
//! column for every attribute of every type, a fold over the payloads would otherwise wipe what earlier events said.

use std::borrow::Cow;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use hashbrown::{HashMap, HashSet};

use super::csv_recorded::{self, is_recorded};
use super::dialect::{Dialects, NOTHING};
use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::limits::{MAX_CSV_COLUMNS, MAX_RECORDED_BYTES, MAX_ROW_BYTES};
use super::mapper::{Body, Cell, Column, Mapped, Mapper, Row};
use super::object::ObjectText;
use super::options::Format;
use super::preview::MAX_PREVIEW_COLUMNS;
use super::sample::Sample;
use super::text::{LineCounter, utf8};

/// Rows whose columns the delimiter guess counts.
const COUNTED_ROWS: usize = 100;

/// The columns of each of the first rows under a delimiter. A last row that may go on is left out.
pub(super) fn count_columns(text: &[u8], delimiter: u8, is_whole: bool) -> Vec<usize> {
    let mut rows = Rows::new(delimiter);
    let mut counts = Vec::new();
    let mut rest = text;
    while counts.len() < COUNTED_ROWS {
        match rows.next(&mut rest) {
            Ok(Some(record)) => counts.push(record.ends.len()),
            Ok(None) => break,
            Err(_) => return counts,
        }
    }
    if (is_whole || counts.is_empty())
        && counts.len() < COUNTED_ROWS
        && let Ok(Some(record)) = rows.last()
    {
        counts.push(record.ends.len());
    }
    counts
}

/// One record, its cells not yet known to be UTF-8.
struct Record<'a> {
    line: u64,
    cells: &'a [u8],
    /// Where each cell ends in `cells`.
    ends: &'a [usize],
    /// The file ends inside of quotes.
    quote_is_open: bool,
}

/// Cuts bytes into records; a record may begin in one chunk and end in another.
struct Rows {
    reader: Reader,
    cells: Vec<u8>,
    cells_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    lines: LineCounter,
    is_inside: bool,
    first_line: u64,
    bytes: usize,
    max_bytes: usize,
}

impl Rows {
    fn new(delimiter: u8) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            cells: vec![0; 1024],
            cells_len: 0,
            ends: vec![0; 32],
            ends_len: 0,
            lines: LineCounter::new(),
            is_inside: false,
            first_line: 1,
            bytes: 0,
            max_bytes: MAX_ROW_BYTES,
        }
    }

    /// The next record that ends in `input`, which moves past what was read; `None` when more input is needed.
    fn next(&mut self, input: &mut &[u8]) -> Result<Option<Record<'_>>, ImportError> {
        if !self.is_inside {
            let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.lines.pass(&input[..blank]);
            *input = &input[blank..];
        }
        while !input.is_empty() {
            if !self.is_inside {
                self.is_inside = true;
                self.first_line = self.lines.line();
                (self.bytes, self.cells_len, self.ends_len) = (0, 0, 0);
            }
            if self.read(input)? {
                return Ok(Some(self.record()));
            }
        }
        Ok(None)
    }

    /// The record that the end of the file ends.
    fn last(&mut self) -> Result<Option<Record<'_>>, ImportError> {
        if !self.is_inside {
            return Ok(None);
        }
        // A line end completes the row, unless it belongs to a cell whose quote is still open.
        let mut line_end = &b"\n"[..];
        while !line_end.is_empty() {
            if self.read(&mut line_end)? {
                return Ok(Some(self.record()));
            }
        }
        while !self.read(&mut &[][..])? {}
        Ok(Some(Record { quote_is_open: true, ..self.record() }))
    }

    /// One step of the reader: true when a record is complete. Empty input means the end of the file.
    fn read(&mut self, input: &mut &[u8]) -> Result<bool, ImportError> {
        let (result, read, cells, ends) =
            self.reader.read_record(input, &mut self.cells[self.cells_len..], &mut self.ends[self.ends_len..]);
        let (passed, rest) = input.split_at(read);
        *input = rest;
        self.lines.pass(passed);
        self.bytes += read;
        self.cells_len += cells;
        self.ends_len += ends;
        if self.bytes > self.max_bytes {
            let (end, ..) = self.reader.read_record(b"\n", &mut [0; 8], &mut [0; 8]);
            let quoted = matches!(end, ReadRecordResult::InputEmpty);
            return Err(ImportError::RowTooLong { line: self.first_line, path: None, limit: self.max_bytes, quoted });
        }
        match result {
            ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::Record | ReadRecordResult::End => {
                self.is_inside = false;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn record(&self) -> Record<'_> {
        Record {
            line: self.first_line,
            cells: &self.cells[..self.cells_len],
            ends: &self.ends[..self.ends_len],
            quote_is_open: false,
        }
    }
}

/// One row: the text of all its cells, one after the other, and where each ends.
#[derive(Clone, Debug)]
struct Cells<'a> {
    line: u64,
    text: Cow<'a, str>,
    ends: Cow<'a, [usize]>,
}

impl Cells<'_> {
    fn cell(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    fn into_owned(self) -> Cells<'static> {
        Cells { line: self.line, text: Cow::Owned(self.text.into_owned()), ends: Cow::Owned(self.ends.into_owned()) }
    }
}

/// A row under its header.
struct NamedCells<'a> {
    cells: &'a Cells<'a>,
    columns: &'a [String],
    is_recorded: bool,
}

impl Row for NamedCells<'_> {
    fn line(&self) -> u64 {
        self.cells.line
    }

    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow> {
        Ok(text_of(self.cells, column.index))
    }

    fn others(&self, is_known: &dyn Fn(&str) -> bool) -> Vec<(&str, Cell<'_>)> {
        let text = |index| text_of(self.cells, index).filter(|text| !NOTHING.contains(&text.as_ref())).map(Cell::Text);
        let others = self.columns.iter().enumerate().filter(|(_, name)| !is_known(name));
        others.filter_map(|(index, name)| Some((name.as_str(), text(index)?))).collect()
    }

    fn body(&self, mapped: &Mapped) -> Result<Body, InvalidRow> {
        if self.is_recorded {
            return csv_recorded::body(self.cells.line, |index| self.cells.cell(index));
        }
        let mut object = ObjectText::default();
        for (index, name) in self.columns.iter().enumerate().filter(|(index, _)| !mapped.has_index(*index)) {
            if let Some(text) = text_of(self.cells, index) {
                object.text_member(name, &text);
            }
        }
        Ok(Body { data: object.finish(), ..Body::default() })
    }
}

fn text_of<'a>(cells: &'a Cells<'_>, index: usize) -> Option<Cow<'a, str>> {
    (index < cells.ends.len()).then(|| cells.cell(index)).filter(|text| !text.is_empty()).map(Cow::Borrowed)
}

/// The reader of CSV files.
pub(super) struct CsvReader {
    rows: Rows,
    table: Table,
}

impl CsvReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let rows = Rows::new(setup.delimiter);
        let sample = Sample::default();
        Self { rows, table: Table { setup, columns: None, is_recorded: false, sample, mapper: None } }
    }
}

impl FormatReader for CsvReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let mut rest = bytes;
        while let Some(record) = self.rows.next(&mut rest)? {
            self.table.take(&record, false, out)?;
            if self.table.is_recorded {
                self.rows.max_bytes = MAX_RECORDED_BYTES;
            }
        }
        Ok(())
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.table.settle(out)
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        if let Some(record) = self.rows.last()? {
            self.table.take(&record, true, out)?;
        }
        self.table.settle(out)
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        let columns = self.table.columns.as_deref()?;
        let columns = &columns[..columns.len().min(MAX_PREVIEW_COLUMNS)];
        let mapping = self.table.mapper.as_ref().map_or(&self.table.setup.mapping, Mapper::mapping);
        Some(TableShape { columns, mapping })
    }

    fn dialect(&self) -> Option<Format> {
        self.table.mapper.as_ref()?.dialect()
    }
}

/// What rows become once they are cut.
struct Table {
    setup: ReaderSetup,
    columns: Option<Vec<String>>,
    /// An export wrote the file.
    is_recorded: bool,
    sample: Sample<Cells<'static>>,
    mapper: Option<Mapper>,
}

impl Table {
    fn take(&mut self, record: &Record<'_>, is_last: bool, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let text = utf8(record.cells, record.line)?;
        if record.ends.iter().any(|end| !text.is_char_boundary(*end)) {
            return Err(ImportError::Encoding { line: record.line, found: "in another encoding" });
        }
        let cells = Cells { line: record.line, text: Cow::Borrowed(text), ends: Cow::Borrowed(record.ends) };
        let Some(columns) = &self.columns else {
            let (line, found, limit) = (cells.line, cells.ends.len(), MAX_CSV_COLUMNS);
            if found > limit {
                return Err(ImportError::TooManyColumns { line, found, limit });
            }
            let columns = header(&cells);
            self.is_recorded = self.setup.dialects == Dialects::ByColumns && is_recorded(&columns);
            if self.is_recorded {
                self.setup.mapping = csv_recorded::mapping();
                self.setup.dialects = Dialects::None;
            }
            self.columns = Some(columns);
            return Ok(());
        };
        let (found, expected) = (cells.ends.len(), columns.len());
        let fault = if is_last && record.quote_is_open {
            let message = "a quote that opens in this row is never closed";
            Some(InvalidRow::new(record.line, RowFault::QuoteNotClosed, message))
        } else if found != expected {
            let message = format!("the row has {found} columns, but the header has {expected}");
            Some(InvalidRow::new(record.line, RowFault::WrongColumnCount, message))
        } else {
            None
        };
        match (&mut self.mapper, fault) {
            (Some(_), Some(fault)) => out.push(ParsedRow::invalid(fault)),
            (Some(mapper), None) => out.push(parsed(
                mapper,
                &self.setup,
                NamedCells { cells: &cells, columns, is_recorded: self.is_recorded },
            )),
            (None, fault) => {
                // Empty cells take room too.
                let bytes = cells.text.len() + std::mem::size_of_val(&*cells.ends);
                self.sample.push(fault.map_or_else(|| Ok(cells.into_owned()), Err), bytes);
                if self.sample.is_full() {
                    self.settle(out)?;
                }
            }
        }
        Ok(())
    }

    /// Decides the mapping with what has been seen, and lets the rows that waited for it go.
    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Some(columns) = self.columns.as_ref().filter(|_| self.mapper.is_none()) else { return Ok(()) };
        if self.sample.has_rows() {
            let sampled = (0..columns.len()).map(|index| SampleColumn {
                name: Cow::Borrowed(columns[index].as_str()),
                rows: self.sample.rows().count(),
                given: self.sample.rows().filter_map(|cells| text_of(cells, index)).collect(),
            });
            self.mapper = Some(Mapper::resolve(&self.setup, &sampled.collect::<Vec<_>>(), false)?);
        }
        for row in self.sample.drain() {
            match (row, &mut self.mapper) {
                (Ok(cells), Some(mapper)) => out.push(parsed(
                    mapper,
                    &self.setup,
                    NamedCells { cells: &cells, columns, is_recorded: self.is_recorded },
                )),
                (Ok(_), None) => {}
                (Err(fault), _) => out.push(ParsedRow::invalid(fault)),
            }
        }
        Ok(())
    }
}

fn parsed(mapper: &mut Mapper, setup: &ReaderSetup, row: NamedCells<'_>) -> ParsedRow {
    let kept = if setup.keep_cells {
        (0..row.columns.len().min(MAX_PREVIEW_COLUMNS)).map(|index| row.cells.cell(index).to_owned()).collect()
    } else {
        Vec::new()
    };
    ParsedRow { line: row.cells.line, path: None, cells: kept, result: mapper.draft(&row) }
}

/// The names of the columns: the first that is free of `name`, `name_2`, `name_3`, ….
fn header(cells: &Cells<'_>) -> Vec<String> {
    let mut taken = HashSet::new();
    // How far a name was counted on, so that a name that stands everywhere is not counted from 2 each time.
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut name = |index: usize| {
        let name = match cells.cell(index).trim() {
            "" => format!("column {}", index + 1),
            name => name.to_owned(),
        };
        let mut unique = name.clone();
        while taken.contains(&unique) {
            let number = numbers.entry_ref(&name).or_insert(1);
            *number += 1;
            unique = format!("{name}_{number}");
        }
        taken.insert(unique.clone());
        unique
    };
    (0..cells.ends.len()).map(&mut name).collect()
}
