//! Rows whose columns have names: what the guesses see of them, and what a person does.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::error::InvalidRow;
use super::format::{Draft, ParsedRow, ReaderSetup};
use super::guess::SampleColumn;
use super::mapper::{Mapper, Row};
use super::options::Mapping;
use super::preview::MAX_PREVIEW_COLUMNS;

/// A row that hands out its columns one after the other, so that looking at all of them takes as long as the row has.
pub(super) trait NamedRow: Row {
    /// Gives every column to `take`: its name, and the value that guesses look at.
    fn sample<'r>(&'r self, take: &mut dyn FnMut(Cow<'r, str>, Option<Cow<'r, str>>));

    /// Gives its columns to `take`, at least those that are in `columns`: the name, and what makes the value as a person
    /// reads it.
    fn show(&self, columns: &[String], take: &mut dyn FnMut(&str, &dyn Fn() -> String));

    /// The event with what only this format has. `asked` is the mapping as the caller gave it.
    ///
    /// # Errors
    /// [`InvalidRow`] when that cannot be.
    fn complete(&self, draft: Draft, _asked: &Mapping) -> Result<Draft, InvalidRow> {
        Ok(draft)
    }
}

/// The columns of the first rows, each with the values that it has in them. It takes time and room as the rows have
/// values, not as there are rows and columns.
pub(super) fn sampled<'r, R: NamedRow + 'r>(rows: impl Iterator<Item = &'r R>) -> Vec<SampleColumn<'r>> {
    let mut columns: Vec<SampleColumn<'r>> = Vec::new();
    let mut numbers: HashMap<Cow<'r, str>, usize> = HashMap::new();
    let mut count = 0;
    for row in rows {
        count += 1;
        row.sample(&mut |name, value| {
            let number = match numbers.get(name.as_ref()) {
                Some(number) => *number,
                None => {
                    columns.push(SampleColumn { name: name.clone(), rows: 0, given: Vec::new() });
                    numbers.insert(name, columns.len() - 1);
                    columns.len() - 1
                }
            };
            columns[number].given.extend(value);
        });
    }
    columns.iter_mut().for_each(|column| column.rows = count);
    columns
}

/// The first columns, as a preview lists them.
#[derive(Debug, Default)]
pub(super) struct ShownColumns {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl ShownColumns {
    pub(super) fn new(columns: &[SampleColumn<'_>]) -> Self {
        let names: Vec<String> =
            columns.iter().take(MAX_PREVIEW_COLUMNS).map(|column| column.name.to_string()).collect();
        let numbers = names.iter().cloned().enumerate().map(|(number, name)| (name, number)).collect();
        Self { names, numbers }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    fn cells(&self, row: &impl NamedRow) -> Vec<String> {
        let mut cells = vec![String::new(); self.names.len()];
        row.show(&self.names, &mut |name, value| {
            if let Some(number) = self.numbers.get(name) {
                cells[*number] = value();
            }
        });
        cells
    }
}

/// What becomes of a row.
pub(super) fn parsed(
    mapper: &mut Mapper,
    setup: &ReaderSetup,
    columns: &ShownColumns,
    row: &impl NamedRow,
    path: Option<String>,
) -> ParsedRow {
    let cells = if setup.keep_cells { columns.cells(row) } else { Vec::new() };
    let result = mapper.draft(row).and_then(|draft| row.complete(draft, &setup.mapping));
    ParsedRow { line: row.line(), path, cells, result }
}
