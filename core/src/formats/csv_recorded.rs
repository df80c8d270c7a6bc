//! Rows of CSV that an export wrote: recorded events, known by the columns of [`csv_out`](super::csv_out).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;

use super::csv_out::COLUMNS;
use super::error::{InvalidRow, RowFault};
use super::mapper::Body;
use super::options::{Field, FieldSource, Mapping};
use crate::domain::Tag;

/// Whether these are the columns of an export.
pub(super) fn is_recorded(columns: &[String]) -> bool {
    columns == COLUMNS
}

/// The columns of the fields.
pub(super) fn mapping() -> Mapping {
    let mut mapping = Mapping::default();
    for (field, name) in [
        (Field::Stream, "stream"),
        (Field::Type, "type"),
        (Field::Time, "time"),
        (Field::Id, "id"),
        (Field::SchemaVersion, "schema_version"),
    ] {
        mapping.set(field, Some(FieldSource::Column(name.to_owned())));
    }
    mapping
}

/// Position, tags, data and metadata of a row. `version` and `recorded_at` are the business of the store that reads it.
///
/// # Errors
/// [`InvalidRow`] where a cell is not what an export writes.
pub(super) fn body<'c>(line: u64, cell: impl Fn(usize) -> &'c str) -> Result<Body, InvalidRow> {
    let of = |name: &str| COLUMNS.iter().position(|column| *column == name).map_or("", &cell);
    let wrong = |name: &str, what: &str| InvalidRow::in_column(line, RowFault::WrongKind, name, what);
    let position = match of("position") {
        "" => None,
        text => Some(text.parse().map_err(|_| wrong("position", "the value is not a whole number"))?),
    };
    let names: Vec<String> = match of("tags") {
        "" => Vec::new(),
        text => serde_json::from_str(text).map_err(|_| wrong("tags", "the value is not a JSON array of texts"))?,
    };
    let invalid_tag = |error: crate::domain::InvalidName| InvalidRow::of_event(line, Some("tags"), &error.into());
    let tags = names.iter().map(|name| Tag::new(name)).collect::<Result<Vec<Tag>, _>>().map_err(invalid_tag)?;
    let (data, content_type) = match of("content_type") {
        "" => {
            let not_json =
                |error| InvalidRow::in_column(line, RowFault::NotJson, "data", format_args!("not JSON: {error}"));
            serde_json::from_str::<IgnoredAny>(of("data")).map_err(not_json)?;
            (of("data").as_bytes().to_vec(), None)
        }
        media_type => {
            let bytes = STANDARD.decode(of("data")).map_err(|_| wrong("data", "the value is not Base64"))?;
            (bytes, Some(media_type.to_owned().into()))
        }
    };
    Ok(Body { data, content_type, metadata: of("metadata").as_bytes().to_vec(), tags, position })
}
