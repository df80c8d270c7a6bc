//! Rows with named columns, of formats whose standard says which columns are the fields.

use hashbrown::HashSet;

use super::error::{ImportError, InvalidRow};
use super::format::{Draft, ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::mapper::Mapper;
use super::named_row::{NamedRow, ShownColumns, parsed, sampled};
use super::options::{Field, FieldSource, Mapping};
use super::sample::Sample;

/// A row that can wait for the mapping.
pub(super) trait HeldRow: NamedRow {
    /// Its JSON path, in a JSON document.
    fn path(&self) -> Option<String>;

    /// Bytes that it takes, with those that it shares with others.
    fn bytes(&self) -> usize;

    /// It has become an event, or a fault.
    fn is_drafted(&self, _result: &Result<Draft, InvalidRow>) {}
}

/// From rows to events: holds the first rows until the mapping is known.
pub(super) struct RowTable<R> {
    setup: ReaderSetup,
    columns: ShownColumns,
    sample: Sample<R>,
    mapper: Option<Mapper>,
}

impl<R: HeldRow> RowTable<R> {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { setup, columns: ShownColumns::default(), sample: Sample::default(), mapper: None }
    }

    /// Takes the next row. Whether [`RowTable::settle`] is due.
    pub(super) fn take(&mut self, row: Result<R, InvalidRow>, out: &mut Vec<ParsedRow>) -> bool {
        match (&mut self.mapper, row) {
            (Some(_), Err(fault)) => out.push(ParsedRow::invalid(fault)),
            (Some(mapper), Ok(row)) => out.push(drafted(mapper, &self.setup, &self.columns, &row)),
            (None, row) => {
                let bytes = row.as_ref().map_or(0, HeldRow::bytes);
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
            let columns = sampled(self.sample.rows());
            self.columns = ShownColumns::new(&columns);
            let mapping = with_standard(self.setup.mapping.clone(), standard, &columns);
            let setup = ReaderSetup { mapping, ..self.setup.clone() };
            self.mapper = Some(Mapper::resolve(&setup, &columns, true)?);
        }
        for row in self.sample.drain() {
            match (row, &mut self.mapper) {
                (Ok(row), Some(mapper)) => out.push(drafted(mapper, &self.setup, &self.columns, &row)),
                (Ok(_), None) => {}
                (Err(fault), _) => out.push(ParsedRow::invalid(fault)),
            }
        }
        Ok(())
    }

    pub(super) fn shape(&self) -> Option<TableShape<'_>> {
        Some(TableShape { columns: self.columns.names(), mapping: self.mapper.as_ref()?.mapping() })
    }

    pub(super) fn setup(&self) -> &ReaderSetup {
        &self.setup
    }
}

fn with_standard(mut mapping: Mapping, standard: &[(Field, &str)], columns: &[SampleColumn<'_>]) -> Mapping {
    let wanted: HashSet<&str> = standard.iter().map(|(_, name)| *name).collect();
    let there: HashSet<&str> =
        columns.iter().map(|column| column.name.as_ref()).filter(|name| wanted.contains(name)).collect();
    for (field, name) in standard {
        if mapping.get(*field).is_none() && there.contains(name) {
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

fn drafted<R: HeldRow>(mapper: &mut Mapper, setup: &ReaderSetup, columns: &ShownColumns, row: &R) -> ParsedRow {
    let parsed = parsed(mapper, setup, columns, row, row.path());
    row.is_drafted(&parsed.result);
    parsed
}
