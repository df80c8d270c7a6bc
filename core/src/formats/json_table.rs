//! Rows that are JSON objects, from wherever they are cut.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::error::{ImportError, InvalidRow};
use super::format::{ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::json_row::Object;
use super::mapper::Mapper;
use super::named_row::{NamedRow, ShownColumns, parsed, sampled};
use super::options::{Format, Mapping};
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

/// What the objects of a format are.
pub(super) trait JsonKind {
    /// A row, made of its object.
    type Row<'a>: NamedRow;

    fn row(object: Object<'_>) -> Self::Row<'_>;

    /// The mapping of the caller, completed by what the format calls the fields.
    fn mapping(given: &Mapping, columns: &[SampleColumn<'_>]) -> Mapping;
}

/// Objects that are what they are: rows of whatever wrote them.
pub(super) struct Plain;

impl JsonKind for Plain {
    type Row<'a> = Object<'a>;

    fn row(object: Object<'_>) -> Object<'_> {
        object
    }

    fn mapping(given: &Mapping, _: &[SampleColumn<'_>]) -> Mapping {
        given.clone()
    }
}

/// What rows become once they are cut.
pub(super) struct JsonTable<K = Plain> {
    setup: ReaderSetup,
    columns: ShownColumns,
    sample: Sample<JsonText<'static>>,
    mapper: Option<Mapper>,
    kind: PhantomData<K>,
}

impl<K: JsonKind> JsonTable<K> {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let (columns, sample) = (ShownColumns::default(), Sample::default());
        Self { setup, columns, sample, mapper: None, kind: PhantomData }
    }

    pub(super) fn take(&mut self, row: JsonText<'_>, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        if let Some(mapper) = &mut self.mapper {
            out.push(drafted::<K>(mapper, &self.setup, &self.columns, &row));
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
        let objects: Vec<K::Row<'_>> = rows.iter().flatten().filter_map(|row| row.object().ok().map(K::row)).collect();
        if !objects.is_empty() {
            let columns = sampled(objects.iter());
            self.columns = ShownColumns::new(&columns);
            let setup = ReaderSetup { mapping: K::mapping(&self.setup.mapping, &columns), ..self.setup.clone() };
            self.mapper = Some(Mapper::resolve(&setup, &columns, true)?);
        }
        for row in &rows {
            match (row, &mut self.mapper) {
                (Ok(row), Some(mapper)) => out.push(drafted::<K>(mapper, &self.setup, &self.columns, row)),
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
        Some(TableShape { columns: self.columns.names(), mapping: self.mapper.as_ref()?.mapping() })
    }
}

fn drafted<K: JsonKind>(
    mapper: &mut Mapper,
    setup: &ReaderSetup,
    columns: &ShownColumns,
    row: &JsonText<'_>,
) -> ParsedRow {
    match row.object() {
        Ok(object) => parsed(mapper, setup, columns, &K::row(object), row.path.clone()),
        Err(fault) => ParsedRow::invalid(fault),
    }
}
