//! From a row of a known table to the parts of its event.

use std::borrow::Cow;

use hashbrown::HashMap;
use serde_json::value::{RawValue, to_raw_value};

use super::super::error::{InvalidRow, RowFault};
use super::super::json_row::{Object, scalar, with_members};
use super::super::mapper::{Body, Cell, Column, Mapped, Row};
use super::super::options::Field;
use super::super::text::read_time;
use super::blob;
use super::decimal::{first_of_version, whole};
use super::tables::{DialectTable, Role};
use crate::domain::{StreamName, Timestamp};

/// What a row says besides stream, type and what is mapped.
#[derive(Debug, Default)]
pub(in crate::formats) struct Parts {
    pub(in crate::formats) body: Body,
    /// Found inside of the data or metadata.
    pub(in crate::formats) time: Option<Timestamp>,
    pub(in crate::formats) schema_version: Option<u32>,
    /// The number of the event in the whole table.
    pub(in crate::formats) position: Option<u64>,
    /// The number of the event in its stream, where that is the table's.
    pub(in crate::formats) version: Option<u64>,
}

/// Reads the rows of one table.
#[derive(Debug)]
pub(in crate::formats) struct DialectRow {
    table: DialectTable,
    /// The streams are the table's own, not those of a mapping; so its versions count their events.
    has_own_streams: bool,
    /// The last version of each stream, where no position says the order.
    versions: HashMap<StreamName, u64>,
}

impl DialectRow {
    pub(in crate::formats) fn new(table: DialectTable, has_own_streams: bool) -> Self {
        Self { table, has_own_streams, versions: HashMap::new() }
    }

    pub(in crate::formats) fn table(&self) -> &DialectTable {
        &self.table
    }

    pub(in crate::formats) fn has_own_streams(&self) -> bool {
        self.has_own_streams
    }

    /// The stream of an entity: with its kind before it, and its tenant behind it.
    pub(in crate::formats) fn stream(&self, row: &impl Row, name: &str) -> String {
        let mut stream = String::new();
        if let Some(category) = self.category(row)
            && name.strip_prefix(category.as_ref()).is_none_or(|rest| !rest.starts_with('-'))
        {
            stream.push_str(&category);
            stream.push('-');
        }
        stream.push_str(name);
        for (column, role) in self.table.columns() {
            if let Role::Partition(usual) = role
                && let Some(partition) = given(row, column).and_then(text_of)
                && !usual.contains(&partition.as_ref())
            {
                stream.push('@');
                stream.push_str(&partition);
            }
        }
        stream
    }

    /// Everything else of a row.
    pub(in crate::formats) fn parts(&self, row: &impl Row, mapped: &Mapped) -> Result<Parts, InvalidRow> {
        let line = row.line();
        let mut parts = Parts::default();
        let mut base: Option<Box<RawValue>> = None;
        let mut left: Vec<(&str, Box<RawValue>)> = Vec::new();
        for (column, role) in self.table.columns() {
            let name = column.name.as_str();
            let is_mapped = mapped.has_name(name);
            let Some(cell) = given(row, column) else {
                match role {
                    Role::Data | Role::Blob => parts.body.data = b"null".to_vec(),
                    Role::Position => {
                        return Err(InvalidRow::in_column(line, RowFault::MissingValue, name, "the position is empty"));
                    }
                    _ => {}
                }
                continue;
            };
            match role {
                Role::Data => parts.body.data = json(line, name, &cell)?,
                Role::Blob => {
                    let found = blob::read(&cell);
                    parts.body.content_type = found.media_type.map(Cow::Borrowed);
                    parts.body.data = found.bytes.into_owned();
                    left.extend(found.note.map(|note| Ok((name, to_raw(line, name, note)?))).transpose()?);
                }
                Role::Metadata => match object(&cell) {
                    Some(object) => base = Some(object),
                    None => left.push((name, raw(line, name, &cell)?)),
                },
                Role::Position | Role::Version => {
                    let number = number(line, name, &cell)?;
                    match role {
                        Role::Position => parts.position = Some(number),
                        _ if self.has_own_streams => parts.version = Some(number),
                        _ => {}
                    }
                    if !is_mapped {
                        left.push((name, to_raw(line, name, &number)?));
                    }
                }
                Role::Field(Field::SchemaVersion) if is_mapped => {
                    if let Some(text) = text_of(cell)
                        && !first_of_version(&text).is_some_and(|(_, is_whole)| is_whole)
                    {
                        left.push((name, to_raw(line, name, text.as_ref())?));
                    }
                }
                Role::Category if is_mapped || self.has_own_streams => {}
                Role::Named(own) => left.push((*own, raw(line, name, &cell)?)),
                Role::Partition(usual) | Role::Other(usual) => {
                    let shown = match &cell {
                        Cell::Text(text) => text.as_ref(),
                        Cell::Json(raw) => raw.get(),
                    };
                    if !is_mapped && !usual.contains(&shown) {
                        left.push((name, raw(line, name, &cell)?));
                    }
                }
                Role::Field(_) if is_mapped => {}
                Role::Field(_) | Role::Category => left.push((name, raw(line, name, &cell)?)),
            }
        }
        let is_known = |name: &str| self.table.columns().iter().any(|(column, _)| column.name == name);
        for (name, cell) in row.others(&is_known) {
            if !mapped.has_name(name) {
                left.push((name, raw(line, name, &cell)?));
            }
        }
        self.look_inside(&mut parts, base.as_deref());
        parts.body.metadata = with_members(base.as_deref(), left.iter().map(|(name, raw)| (*name, raw.as_ref())));
        Ok(parts)
    }

    /// Time and schema version that stand in the data or the metadata.
    fn look_inside(&self, parts: &mut Parts, metadata: Option<&RawValue>) {
        let inside = self.table.inside();
        let text = |object: &Object<'_>, name: &str| -> Option<String> {
            let raw = object.member(name)?;
            if let Ok(text) = scalar(raw) {
                return text.map(Cow::into_owned);
            }
            // A value with its type, as the JSON transcoder of eventsourcing writes it.
            let typed = Object::parse(0, raw.get()).ok()?;
            scalar(typed.member("_data_")?).ok().flatten().map(Cow::into_owned)
        };
        let metadata = metadata.and_then(|raw| Object::parse(0, raw.get()).ok());
        let data = (inside.time_in_data.is_some() || inside.schema_version_in_data.is_some())
            .then(|| std::str::from_utf8(&parts.body.data).ok().and_then(|text| Object::parse(0, text).ok()))
            .flatten();
        let find = |in_metadata: Option<&str>, in_data: Option<&str>| {
            let from = |object: &Option<Object<'_>>, name: Option<&str>| text(object.as_ref()?, name?);
            from(&metadata, in_metadata).or_else(|| from(&data, in_data))
        };
        let time = find(inside.time_in_metadata, inside.time_in_data);
        let version = find(inside.schema_version_in_metadata, inside.schema_version_in_data);
        parts.time = time.and_then(|text| read_time(&text).ok());
        parts.schema_version = version.and_then(|text| first_of_version(&text)).map(|(version, _)| version);
    }

    /// Without a position in the table the rows of a stream must come in its order.
    pub(in crate::formats) fn check_order(
        &mut self,
        line: u64,
        stream: &StreamName,
        parts: &Parts,
    ) -> Result<(), InvalidRow> {
        let (Some(version), None) = (parts.version, parts.position) else { return Ok(()) };
        match self.versions.get_mut(stream) {
            Some(last) if version < *last => {
                let message = format!(
                    "version {version} of the stream stands behind its version {last}; sort the rows by stream and version"
                );
                Err(InvalidRow::new(line, RowFault::OutOfOrder, message))
            }
            Some(last) => {
                *last = version;
                Ok(())
            }
            None => {
                self.versions.insert(stream.clone(), version);
                Ok(())
            }
        }
    }

    fn category<'a>(&self, row: &'a impl Row) -> Option<Cow<'a, str>> {
        given(row, self.table.column(Role::Category)?).and_then(text_of)
    }
}

/// The words with which databases write that there is nothing.
pub(in crate::formats) const NOTHING: [&str; 2] = ["NULL", "\\N"];

/// What a column has for a row.
fn given<'a>(row: &'a impl Row, column: &Column) -> Option<Cell<'a>> {
    row.value(column).filter(|cell| !matches!(cell, Cell::Text(text) if NOTHING.contains(&text.as_ref())))
}

fn text_of(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Json(_) => None,
    }
}

/// JSON, which may stand in a text.
fn json(line: u64, column: &str, cell: &Cell<'_>) -> Result<Vec<u8>, InvalidRow> {
    match cell {
        Cell::Json(raw) => Ok(raw.get().as_bytes().to_vec()),
        Cell::Text(text) => match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => Ok(raw.get().as_bytes().to_vec()),
            Err(error) => Err(InvalidRow::in_column(
                line,
                RowFault::NotJson,
                column,
                format_args!("the value is not JSON: {error}"),
            )),
        },
    }
}

/// The text of an object, which may stand in a text or in bytes.
fn object(cell: &Cell<'_>) -> Option<Box<RawValue>> {
    let found = blob::read(cell);
    let text = std::str::from_utf8(&found.bytes).ok()?;
    Object::parse(0, text.trim()).ok()?;
    serde_json::from_str(text).ok()
}

fn number(line: u64, column: &str, cell: &Cell<'_>) -> Result<u64, InvalidRow> {
    let shown = match cell {
        Cell::Text(text) => text.as_ref(),
        Cell::Json(raw) => raw.get(),
    };
    whole(shown).ok_or_else(|| {
        let shown: String = shown.chars().take(64).collect();
        let message = format_args!("\u{201c}{shown}\u{201d} is not a whole number");
        InvalidRow::in_column(line, RowFault::WrongKind, column, message)
    })
}

/// A value as JSON: texts as texts.
fn raw(line: u64, column: &str, cell: &Cell<'_>) -> Result<Box<RawValue>, InvalidRow> {
    match cell {
        Cell::Text(text) => to_raw(line, column, text.as_ref()),
        Cell::Json(raw) => Ok((*raw).to_owned()),
    }
}

fn to_raw<T: serde::Serialize + ?Sized>(line: u64, column: &str, value: &T) -> Result<Box<RawValue>, InvalidRow> {
    to_raw_value(value).map_err(|error| InvalidRow::in_column(line, RowFault::NotJson, column, error))
}
