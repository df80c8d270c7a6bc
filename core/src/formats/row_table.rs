//! Rows with named columns, of formats whose standard says which columns are the fields.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::error::{ImportError, InvalidRow};
use super::format::{Draft, ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::mapper::{Mapper, Row};
use super::options::{Field, FieldSource, Mapping};
use super::sample::Sample;

/// A row that can wait for the mapping.
pub(super) trait NamedRow: Row {
    /// The names of its columns.
    fn names(&self) -> impl Iterator<Item = Cow<'_, str>>;

    /// The value of a column for the guesses.
    fn sampled(&self, name: &str) -> Option<Cow<'_, str>>;

    /// The value of a column for a person.
    fn shown(&self, name: &str) -> String;

    /// Its JSON path, in a JSON document.
    fn path(&self) -> Option<String>;

    /// Bytes that it takes.
    fn bytes(&self) -> usize;

    /// It has become an event, or a fault.
    fn is_drafted(&self, _result: &Result<Draft, InvalidRow>) {}

    /// The event with what only this format has. `asked` is the mapping as the caller gave it.
    fn complete(&self, draft: Draft, _asked: &Mapping) -> Result<Draft, InvalidRow> {
        Ok(draft)
    }
}

/// From rows to events: holds the first rows until the mapping is known.
pub(super) struct RowTable<R> {
    setup: ReaderSetup,
    columns: Vec<String>,
    sample: Sample<R>,
    mapper: Option<Mapper>,
}

impl<R: NamedRow> RowTable<R> {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { setup, columns: Vec::new(), sample: Sample::default(), mapper: None }
    }

    /// Takes the next row. Whether [`RowTable::settle`] is due.
    pub(super) fn take(&mut self, row: Result<R, InvalidRow>, out: &mut Vec<ParsedRow>) -> bool {
        match (&mut self.mapper, row) {
            (Some(_), Err(fault)) => out.push(ParsedRow::invalid(fault)),
            (Some(mapper), Ok(row)) => out.push(parsed(mapper, &self.setup, &self.columns, &row)),
            (None, row) => {
                let bytes = row.as_ref().map_or(0, NamedRow::bytes);
                self.sample.push(row, bytes);
                return self.sample.is_full();
            }
        }
        false
    }

    /// The rows that wait.
    pub(super) fn rows(&self) -> impl Iterator<Item = &R> {
        self.sample.rows()
    }

    /// Decides the mapping with what has been seen, and lets the rows that waited for it go. `standard` are the columns
    /// of the fields that the caller did not map, as far as the file has such columns; then the stream and the type may
    /// be guessed, and nothing else.
    pub(super) fn settle(&mut self, standard: &[(Field, &str)], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        if self.mapper.is_none() && self.sample.has_rows() {
            let mut seen = HashSet::new();
            for name in self.sample.rows().flat_map(NamedRow::names) {
                if !seen.contains(name.as_ref()) {
                    seen.insert(name.to_string());
                    self.columns.push(name.into_owned());
                }
            }
            let sampled =
                |name| SampleColumn { name, values: self.sample.rows().map(|row| row.sampled(name)).collect() };
            let sampled: Vec<SampleColumn<'_>> = self.columns.iter().map(|name| sampled(name.as_str())).collect();
            let mapping = with_standard(self.setup.mapping.clone(), standard, &seen);
            let setup = ReaderSetup { mapping, ..self.setup.clone() };
            self.mapper = Some(Mapper::resolve(&setup, &sampled, true)?);
        }
        for row in self.sample.drain() {
            match (row, &mut self.mapper) {
                (Ok(row), Some(mapper)) => out.push(parsed(mapper, &self.setup, &self.columns, &row)),
                (Ok(_), None) => {}
                (Err(fault), _) => out.push(ParsedRow::invalid(fault)),
            }
        }
        Ok(())
    }

    pub(super) fn shape(&self) -> Option<TableShape<'_>> {
        Some(TableShape { columns: &self.columns, mapping: self.mapper.as_ref()?.mapping() })
    }

    pub(super) fn setup(&self) -> &ReaderSetup {
        &self.setup
    }
}

fn with_standard(mut mapping: Mapping, standard: &[(Field, &str)], columns: &HashSet<String>) -> Mapping {
    for (field, name) in standard {
        if mapping.get(*field).is_none() && columns.contains(*name) {
            mapping.set(*field, Some(FieldSource::Column((*name).to_owned())));
        }
    }
    for field in Field::ALL {
        if mapping.get(field).is_none() && !field.is_required() {
            mapping.set(field, Some(FieldSource::Nowhere));
        }
    }
    mapping
}

fn parsed<R: NamedRow>(mapper: &mut Mapper, setup: &ReaderSetup, columns: &[String], row: &R) -> ParsedRow {
    let mut cells = Vec::new();
    if setup.keep_cells {
        cells = columns.iter().map(|name| row.shown(name)).collect();
    }
    let result = mapper.draft(row).and_then(|draft| row.complete(draft, &setup.mapping));
    row.is_drafted(&result);
    ParsedRow { line: row.line(), path: row.path(), cells, result }
}
