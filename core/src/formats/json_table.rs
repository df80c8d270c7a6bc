//! Rows that are JSON objects, from wherever they are cut.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::error::{ImportError, InvalidRow};
use super::format::{ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::json_row::{Object, scalar};
use super::mapper::Mapper;
use super::options::Format;
use super::sample::Sample;

/// The text of one row, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct JsonText<'a> {
    pub(super) line: u64,
    /// In a document: the path.
    pub(super) path: Option<String>,
    pub(super) text: Cow<'a, str>,
}

impl JsonText<'_> {
    pub(super) fn into_owned(self) -> JsonText<'static> {
        JsonText { text: Cow::Owned(self.text.into_owned()), ..self }
    }

    pub(super) fn object(&self) -> Result<Object<'_>, InvalidRow> {
        Object::parse(self.line, &self.text).map_err(|fault| fault.at_path(self.path.clone()))
    }
}

/// What rows become once they are cut.
pub(super) struct JsonTable {
    setup: ReaderSetup,
    columns: Vec<String>,
    sample: Sample<JsonText<'static>>,
    mapper: Option<Mapper>,
}

impl JsonTable {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { setup, columns: Vec::new(), sample: Sample::default(), mapper: None }
    }

    pub(super) fn take(&mut self, row: JsonText<'_>, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        if let Some(mapper) = &mut self.mapper {
            out.push(parsed(mapper, &self.setup, &self.columns, &row));
            return Ok(());
        }
        let bytes = row.text.len();
        let checked = row.object().map(drop);
        self.sample.push(checked.map(|()| row.into_owned()), bytes);
        if self.sample.is_full() { self.settle(out) } else { Ok(()) }
    }

    /// Decides the mapping with what has been seen, and lets the rows that waited for it go.
    pub(super) fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        if self.mapper.is_some() {
            return Ok(());
        }
        let rows = self.sample.drain();
        let objects: Vec<Object<'_>> = rows.iter().flatten().filter_map(|row| row.object().ok()).collect();
        if !objects.is_empty() {
            let mut seen = HashSet::new();
            let names = objects.iter().flat_map(Object::names);
            self.columns = names.filter(|name| seen.insert(*name)).map(str::to_owned).collect();
            let sampled: Vec<SampleColumn<'_>> = self.columns.iter().map(|name| sampled(name, &objects)).collect();
            self.mapper = Some(Mapper::resolve(&self.setup, &sampled, true)?);
        }
        for row in &rows {
            match (row, &mut self.mapper) {
                (Ok(row), Some(mapper)) => out.push(parsed(mapper, &self.setup, &self.columns, row)),
                (Ok(_), None) => {}
                (Err(fault), _) => out.push(ParsedRow::invalid(fault.clone())),
            }
        }
        Ok(())
    }

    /// The format of the table of another store that these are rows of.
    pub(super) fn dialect(&self) -> Option<Format> {
        self.mapper.as_ref()?.dialect()
    }

    pub(super) fn shape(&self) -> Option<TableShape<'_>> {
        Some(TableShape { columns: &self.columns, mapping: self.mapper.as_ref()?.mapping() })
    }
}

fn sampled<'a>(name: &'a str, objects: &'a [Object<'_>]) -> SampleColumn<'a> {
    let value = |object: &'a Object<'_>| object.member(name).and_then(|raw| scalar(raw).ok().flatten());
    SampleColumn { name, values: objects.iter().map(value).collect() }
}

fn parsed(mapper: &mut Mapper, setup: &ReaderSetup, columns: &[String], row: &JsonText<'_>) -> ParsedRow {
    let object = match row.object() {
        Ok(object) => object,
        Err(fault) => return ParsedRow::invalid(fault),
    };
    let mut cells = Vec::new();
    if setup.keep_cells {
        let cell = |name: &String| match object.member(name) {
            Some(raw) => scalar(raw).ok().flatten().map_or_else(|| raw.get().to_owned(), Cow::into_owned),
            None => String::new(),
        };
        cells = columns.iter().map(cell).collect();
    }
    ParsedRow { line: row.line, path: row.path.clone(), cells, result: mapper.draft(&object) }
}
