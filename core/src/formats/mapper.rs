//! From a row with named columns to an event.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use bytes::Bytes;
use hashbrown::{Equivalent, HashSet};
use serde_json::value::RawValue;

use super::dialect::{DialectRow, DialectTable, NOTHING, Parts, first_of_version};
use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{Draft, GivenId, ReaderSetup};
use super::guess::{SampleColumn, complete, listed, read_schema_version};
use super::options::{Field, FieldSource, Format, Mapping};
use super::text::read_time;
use crate::domain::{EventType, InvalidEvent, NewEvent, SchemaVersion, StreamName, Tag, Timestamp};

/// Event types that are kept to be shared between events; a file with more of them shares the first ones only.
const SHARED_TYPES: usize = 4_096;

/// One row of a file that has columns.
pub(super) trait Row {
    fn line(&self) -> u64;

    /// The value of a column as text; `None` when there is none.
    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow>;

    /// What a column has: a text or number as text, anything else as JSON; `None` when there is nothing.
    fn value(&self, column: &Column) -> Option<Cell<'_>> {
        self.text(column).ok().flatten().map(Cell::Text)
    }

    /// What the row has besides the columns that are known, as far as it says something.
    fn others(&self, _is_known: &dyn Fn(&str) -> bool) -> Vec<(&str, Cell<'_>)> {
        Vec::new()
    }

    /// Everything that is in the row besides the mapped columns.
    fn body(&self, mapped: &Mapped) -> Result<Body, InvalidRow>;
}

/// What a row has in one column.
#[derive(Clone, Debug)]
pub(super) enum Cell<'a> {
    /// A text or a number.
    Text(Cow<'a, str>),
    /// JSON of another kind.
    Json(&'a RawValue),
}

/// A column that a field comes from.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its number among the sampled columns; beyond them when no sampled row has it.
    pub(super) index: usize,
}

/// The columns that are fields, and so are not part of the data.
#[derive(Debug)]
pub(super) struct Mapped {
    by_index: Vec<bool>,
    names: Vec<String>,
}

impl Mapped {
    pub(super) fn has_index(&self, index: usize) -> bool {
        self.by_index.get(index).copied().unwrap_or(false)
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|mapped| mapped == name)
    }
}

/// What an event holds besides its fields: data, the text of its metadata, tags.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) data: Vec<u8>,
    /// What the data is when it is not JSON.
    pub(super) content_type: Option<Cow<'static, str>>,
    /// An object, or empty.
    pub(super) metadata: Vec<u8>,
    pub(super) tags: Vec<Tag>,
    /// Its number in the log that it was read from, where the row says it.
    pub(super) position: Option<u64>,
}

/// Where a field comes from, ready for use.
#[derive(Debug)]
enum Source {
    Column(Column),
    Constant(String),
    Nowhere,
}

/// The mapping of one file, complete.
#[derive(Debug)]
pub(super) struct Mapper {
    sources: [Source; Field::ALL.len()],
    mapped: Mapped,
    mapping: Mapping,
    /// `category-`, or empty.
    prefix: String,
    types: HashSet<EventType>,
    /// The table of another store that the file holds rows of.
    dialect: Option<DialectRow>,
}

impl Mapper {
    /// Completes the mapping by what the first rows show.
    ///
    /// # Errors
    /// [`ImportError`] when the mapping names a column that is not there, gives an impossible constant, or leaves the
    /// stream or the type without a column; the last not when the setup keeps cells, for a preview.
    pub(super) fn resolve(
        setup: &ReaderSetup,
        columns: &[SampleColumn<'_>],
        may_be_rare: bool,
    ) -> Result<Self, ImportError> {
        let dialect = DialectTable::find(setup.dialects, columns)?;
        let mapping = match &dialect {
            Some(table) => complete(&table.mapping(&setup.mapping), columns, may_be_rare)?,
            None => complete(&setup.mapping, columns, may_be_rare)?,
        };
        let mut mapped = Mapped { by_index: vec![false; columns.len()], names: Vec::new() };
        let mut sources = [const { Source::Nowhere }; Field::ALL.len()];
        for (field, source) in Field::ALL.into_iter().zip(&mut sources) {
            *source = match mapping.get(field) {
                Some(FieldSource::Column(name)) => {
                    let index = columns.iter().position(|column| column.name == name.as_str()).unwrap_or(columns.len());
                    if let Some(is_mapped) = mapped.by_index.get_mut(index) {
                        *is_mapped = true;
                    }
                    mapped.names.push(name.clone());
                    Source::Column(Column { name: name.clone(), index })
                }
                Some(FieldSource::Constant(text)) => {
                    check_constant(field, text)?;
                    Source::Constant(text.clone())
                }
                Some(FieldSource::Nowhere) if !field.is_required() || setup.keep_cells => Source::Nowhere,
                None if setup.keep_cells => Source::Nowhere,
                _ => {
                    return Err(ImportError::NoColumn { field, columns: listed(columns) });
                }
            };
        }
        let prefix = setup.category.as_ref().map(|category| format!("{category}-")).unwrap_or_default();
        let dialect = dialect.map(|table| DialectRow::new(table, setup.mapping.stream.is_none()));
        Ok(Self { sources, mapped, mapping, prefix, types: HashSet::new(), dialect })
    }

    /// The complete mapping.
    pub(super) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The format of the table that the file holds rows of.
    pub(super) fn dialect(&self) -> Option<Format> {
        self.dialect.as_ref().map(|dialect| dialect.table().format())
    }

    /// The event of a row.
    ///
    /// # Errors
    /// [`InvalidRow`] with the row's line.
    pub(super) fn draft(&mut self, row: &impl Row) -> Result<Draft, InvalidRow> {
        let line = row.line();
        let stream = self.stream(row)?;
        let stream = if self.prefix.is_empty() || stream.starts_with(&self.prefix) {
            StreamName::new(&stream)
        } else {
            StreamName::new(&format!("{}{stream}", self.prefix))
        };
        let stream = stream.map_err(|error| self.invalid(line, Field::Stream, &error.into()))?;
        let type_text = self.required(row, Field::Type)?;
        let event_type = match self.types.get(&Text(&type_text)) {
            Some(event_type) => event_type.clone(),
            None => EventType::new(&type_text).map_err(|error| self.invalid(line, Field::Type, &error.into()))?,
        };
        let time = self.time(row)?;
        let id = self.value(row, Field::Id)?.and_then(|text| GivenId::parse(&text));
        let schema_version = self.schema_version(row)?;
        let parts = match &self.dialect {
            Some(dialect) => dialect.parts(row, &self.mapped)?,
            None => {
                let body = row.body(&self.mapped)?;
                Parts { position: body.position, body, ..Parts::default() }
            }
        };
        if let Some(dialect) = &mut self.dialect {
            dialect.check_order(line, &stream, &parts)?;
        }
        let time = time.or(parts.time);
        let id = id.or_else(|| parts.version.map(|version| GivenId::Text(version.to_string())));
        let schema_version = parts.schema_version.map_or(schema_version, SchemaVersion);
        if self.types.len() < SHARED_TYPES && !self.types.contains(&event_type) {
            self.types.insert(event_type.clone());
        }
        let event = new_event(event_type, parts.body)
            .map_err(|error| InvalidRow::of_event(line, None, &error))?
            .with_schema_version(schema_version);
        let event = match time {
            Some(time) => event.with_time(time),
            None => event,
        };
        Ok(Draft { line, stream, event, id, position: parts.position })
    }

    fn source(&self, field: Field) -> &Source {
        &self.sources[field as usize]
    }

    fn value<'a>(&'a self, row: &'a impl Row, field: Field) -> Result<Option<Cow<'a, str>>, InvalidRow> {
        match self.source(field) {
            Source::Column(column) => row.text(column),
            Source::Constant(text) => Ok(Some(Cow::Borrowed(text))),
            Source::Nowhere => Ok(None),
        }
    }

    fn required<'a>(&'a self, row: &'a impl Row, field: Field) -> Result<Cow<'a, str>, InvalidRow> {
        self.value(row, field)?.ok_or_else(|| self.missing(row.line(), field))
    }

    /// The name of the stream, without the category of the options.
    fn stream<'a>(&'a self, row: &'a impl Row) -> Result<Cow<'a, str>, InvalidRow> {
        let Some(dialect) = self.dialect.as_ref().filter(|dialect| dialect.has_own_streams()) else {
            return self.required(row, Field::Stream);
        };
        let is_given = |name: &Cow<'_, str>| !NOTHING.contains(&name.as_ref());
        let name = match self.value(row, Field::Stream)?.filter(is_given) {
            Some(name) => name,
            // An event of no entity is one of its own.
            None if dialect.table().has_lone_events() => self.required(row, Field::Id)?,
            None => return Err(self.missing(row.line(), Field::Stream)),
        };
        Ok(Cow::Owned(dialect.stream(row, &name)))
    }

    fn missing(&self, line: u64, field: Field) -> InvalidRow {
        match self.source(field) {
            Source::Column(column) => {
                InvalidRow::in_column(line, RowFault::MissingValue, &column.name, format_args!("the {field} is empty"))
            }
            _ => InvalidRow::new(line, RowFault::MissingValue, format!("no column is mapped to the {field}")),
        }
    }

    fn time(&self, row: &impl Row) -> Result<Option<Timestamp>, InvalidRow> {
        if matches!(self.source(Field::Time), Source::Nowhere) {
            return Ok(None);
        }
        let text = self.required(row, Field::Time)?;
        let time = read_time(&text).map_err(|error| self.invalid(row.line(), Field::Time, &error.into()))?;
        Ok(Some(time))
    }

    fn schema_version(&self, row: &impl Row) -> Result<SchemaVersion, InvalidRow> {
        let Some(text) = self.value(row, Field::SchemaVersion)? else { return Ok(SchemaVersion::default()) };
        if self.dialect.is_some() {
            return Ok(first_of_version(&text).map_or_else(SchemaVersion::default, |(first, _)| SchemaVersion(first)));
        }
        read_schema_version(&text).map(SchemaVersion).ok_or_else(|| {
            let shown: String = text.chars().take(64).collect();
            let message = format!("\u{201c}{shown}\u{201d} is not a whole number from 0 to {}", u32::MAX);
            self.in_field(row.line(), Field::SchemaVersion, RowFault::WrongKind, &message)
        })
    }

    fn invalid(&self, line: u64, field: Field, error: &InvalidEvent) -> InvalidRow {
        let fault = InvalidRow::of_event(line, None, error);
        self.in_field(line, field, fault.code, &fault.message)
    }

    fn in_field(&self, line: u64, field: Field, code: RowFault, message: &str) -> InvalidRow {
        match self.source(field) {
            Source::Column(column) => InvalidRow::in_column(line, code, &column.name, message),
            _ => InvalidRow::new(line, code, message),
        }
    }
}

fn new_event(event_type: EventType, body: Body) -> Result<NewEvent, InvalidEvent> {
    let data = Bytes::from(body.data.into_boxed_slice());
    let event = match body.content_type {
        Some(content_type) => NewEvent::bytes(event_type.as_str(), &content_type, data)?,
        None => NewEvent::of_json(event_type, data)?,
    };
    let event = if body.metadata.is_empty() { event } else { event.with_metadata_text(body.metadata)? };
    if body.tags.is_empty() { Ok(event) } else { event.with_tags(body.tags) }
}

fn check_constant(field: Field, text: &str) -> Result<(), ImportError> {
    let checked = match field {
        Field::Stream => StreamName::new(text).map(drop).map_err(|error| error.to_string()),
        Field::Type => EventType::new(text).map(drop).map_err(|error| error.to_string()),
        Field::Time => read_time(text).map(drop).map_err(|error| error.to_string()),
        Field::SchemaVersion => read_schema_version(text).map(drop).ok_or_else(|| "no whole number".to_owned()),
        Field::Id => Err("every event needs an id of its own".to_owned()),
    };
    checked.map_err(|reason| ImportError::InvalidConstant { field, reason })
}

/// The first of `name`, `name_2`, `name_3`, … that is not taken.
pub(super) fn unique_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut unique = name.to_owned();
    let mut number = 2_u32;
    while is_taken(&unique) {
        unique = format!("{name}_{number}");
        number += 1;
    }
    unique
}

/// A text that is looked up among names without making one.
struct Text<'a>(&'a str);

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Equivalent<EventType> for Text<'_> {
    fn equivalent(&self, key: &EventType) -> bool {
        self.0 == key.as_str()
    }
}
