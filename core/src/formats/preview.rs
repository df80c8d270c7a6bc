//! A look at a file before it is imported: what it is, which column would be which field, and what would become of it.

use hashbrown::HashSet;

use super::error::{ImportError, InvalidRow, RowFault};
use super::ids::Identifier;
use super::options::{Field, FieldSource, Format, ImportOptions, Mapping};
use super::parser::Parser;
use crate::domain::{EventType, NewEvent, StreamName};

/// What a file would become.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The format.
    pub format: Format,
    /// The delimiter of a CSV file.
    pub delimiter: Option<char>,
    /// The columns, or the members of the first rows, in their order; at most [`MAX_PREVIEW_COLUMNS`].
    pub columns: Vec<String>,
    /// The mapping with all guesses made. A field that is `None` is needed and was not found: see
    /// [`Preview::missing`].
    pub mapping: Mapping,
    /// The first rows.
    pub rows: Vec<PreviewRow>,
    /// The first faults.
    pub faults: Vec<InvalidRow>,
    /// Rows that would become events.
    pub events: u64,
    /// Rows with faults.
    pub fault_count: u64,
    /// Streams of these events.
    pub streams: u64,
    /// Types of these events, in the order in which they first appear; at most [`MAX_PREVIEW_TYPES`].
    pub types: Vec<EventType>,
    /// The whole file was looked at.
    pub is_whole: bool,
}

/// Types that a preview lists at most.
pub const MAX_PREVIEW_TYPES: usize = 1_000;

/// Columns that a preview lists at most, and an error. A mapping may name others.
pub const MAX_PREVIEW_COLUMNS: usize = 1_000;

impl Preview {
    /// The fields that every event needs and that the mapping has nothing for. None in a format that has no columns.
    #[must_use]
    pub fn missing(&self) -> Vec<Field> {
        if !self.format.has_columns() {
            return Vec::new();
        }
        open_fields(&self.mapping).collect()
    }
}

/// The fields that every event needs and that nothing is mapped to.
fn open_fields(mapping: &Mapping) -> impl Iterator<Item = Field> {
    let is_open = |source: Option<&FieldSource>| matches!(source, None | Some(FieldSource::Nowhere));
    Field::ALL.into_iter().filter(move |field| field.is_required() && is_open(mapping.get(*field)))
}

/// One row of a preview.
#[derive(Clone, Debug)]
pub struct PreviewRow {
    /// The line at which it begins, from 1.
    pub line: u64,
    /// Its cells, in the order of [`Preview::columns`]; empty when the row could not be cut into cells.
    pub cells: Vec<String>,
    /// The event, with its id; or what is wrong with the row.
    pub event: Result<(StreamName, NewEvent), InvalidRow>,
}

/// Looks through a file, chunk by chunk, as far as the caller likes.
///
/// It holds the first rows and faults, and a few bytes for every row and stream.
pub struct Previewer {
    parser: Parser,
    identifier: Identifier,
    max_rows: usize,
    rows: Vec<PreviewRow>,
    faults: Vec<InvalidRow>,
    events: u64,
    fault_count: u64,
    streams: HashSet<StreamName>,
    types: Vec<EventType>,
    seen_types: HashSet<EventType>,
}

impl Previewer {
    /// A look with `options` that keeps the first `max_rows` rows and as many faults.
    ///
    /// # Errors
    /// [`ImportError::InvalidCategory`].
    pub fn new(options: &ImportOptions, max_rows: usize) -> Result<Self, ImportError> {
        Ok(Self {
            parser: Parser::new(options, true)?,
            identifier: Identifier::default(),
            max_rows,
            rows: Vec::new(),
            faults: Vec::new(),
            events: 0,
            fault_count: 0,
            streams: HashSet::new(),
            types: Vec::new(),
            seen_types: HashSet::new(),
        })
    }

    /// Looks at the next bytes. Chunks of some 64 KiB keep a page responsive.
    ///
    /// # Errors
    /// What is wrong with the file as a whole. Rows with faults, and a mapping with gaps, are no errors here.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.step(|parser, rows| parser.push(bytes, rows))
    }

    /// The preview of what was pushed, when there is more: a last row that may go on is left out.
    ///
    /// # Errors
    /// As of [`Previewer::push`].
    pub fn stop(mut self) -> Result<Preview, ImportError> {
        self.step(Parser::settle)?;
        self.preview(false)
    }

    /// The preview of the whole file, which is at its end.
    ///
    /// # Errors
    /// As of [`Previewer::push`]; and [`ImportError::Empty`].
    pub fn finish(mut self) -> Result<Preview, ImportError> {
        self.step(Parser::finish)?;
        self.preview(true)
    }

    fn step(
        &mut self,
        read: impl FnOnce(&mut Parser, &mut Vec<super::format::ParsedRow>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut parsed = Vec::new();
        let read = read(&mut self.parser, &mut parsed);
        let has_gaps = self.parser.shape().is_some_and(|shape| open_fields(shape.mapping).next().is_some());
        for row in parsed {
            let event = match row
                .result
                .and_then(|draft| self.identifier.identify(draft))
                .map_err(|fault| fault.at_path(row.path))
            {
                Ok(Some(event)) => {
                    self.count(&event);
                    Ok(event)
                }
                Ok(None) => continue,
                // Without a column for it every row lacks the field; that is the mapping's fault, not the rows'.
                Err(fault) if has_gaps && fault.code == RowFault::MissingValue && fault.column.is_none() => Err(fault),
                Err(fault) => {
                    self.fault_count += 1;
                    if self.faults.len() < self.max_rows {
                        self.faults.push(fault.clone());
                    }
                    Err(fault)
                }
            };
            if self.rows.len() < self.max_rows {
                self.rows.push(PreviewRow { line: row.line, cells: row.cells, event });
            }
        }
        read
    }

    fn count(&mut self, (stream, event): &(StreamName, NewEvent)) {
        self.events += 1;
        if !self.streams.contains(stream) {
            self.streams.insert(stream.clone());
        }
        if self.types.len() < MAX_PREVIEW_TYPES && self.seen_types.insert(event.event_type().clone()) {
            self.types.push(event.event_type().clone());
        }
    }

    fn preview(self, is_whole: bool) -> Result<Preview, ImportError> {
        let detected = self.parser.detected().ok_or(ImportError::Empty)?;
        let shape = self.parser.shape();
        Ok(Preview {
            format: self.parser.format().unwrap_or(detected.format),
            delimiter: (detected.format == Format::Csv).then(|| detected.delimiter.into()),
            columns: shape.map(|shape| shape.columns.to_vec()).unwrap_or_default(),
            mapping: shape.map(|shape| shape.mapping.clone()).unwrap_or_default(),
            rows: self.rows,
            faults: self.faults,
            events: self.events,
            fault_count: self.fault_count,
            streams: self.streams.len() as u64,
            types: self.types,
            is_whole,
        })
    }
}

impl std::fmt::Debug for Previewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Previewer").field("events", &self.events).finish_non_exhaustive()
    }
}

/// The preview of a file of which `bytes` are the first, or all when `is_whole`.
///
/// # Errors
/// What is wrong with the file as a whole. Rows with faults, and a mapping with gaps, are no errors here.
pub fn preview(bytes: &[u8], is_whole: bool, options: &ImportOptions, max_rows: usize) -> Result<Preview, ImportError> {
    let mut previewer = Previewer::new(options, max_rows)?;
    previewer.push(bytes)?;
    if is_whole { previewer.finish() } else { previewer.stop() }
}
