//! One CloudEvent.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use super::super::error::{InvalidRow, RowFault};
use super::super::format::{Draft, GivenId};
use super::super::guess::read_schema_version;
use super::super::json_row::{Object, scalar, with_members};
use super::super::mapper::{Body, Column, Mapped, Row};
use super::super::named_row::NamedRow;
use super::super::options::Mapping;
use super::super::row_table::HeldRow;
use super::super::text::read_time;
use crate::domain::{InvalidTime, SchemaVersion, Tag};

const DATA: &str = "data";
const DATA_BASE64: &str = "data_base64";
const MEDIA_TYPE: &str = "datacontenttype";
const JSON: &str = "application/json";
const SUBJECT: &str = "subject";

/// The attributes of the specification, which are texts.
const CORE: [&str; 8] = ["specversion", "id", "source", "type", SUBJECT, "time", MEDIA_TYPE, "dataschema"];

/// Attributes that the events of an export have, all of them, and that are the business of its store.
const EXPORTED: [&str; 4] = ["source", "sequence", "recordedtime", "streamversion"];

/// Attributes that the reserved members of metadata have other names for.
const ORIGIN: [(&str, &str); 2] = [("correlationid", "correlationId"), ("causationid", "causationId")];

/// An event as it stands in the file.
#[derive(Debug)]
pub(super) struct CloudEvent {
    line: u64,
    path: Option<String>,
    /// The attributes but for the version of the specification: name, text, and JSON.
    attributes: Vec<Attribute>,
    data: Vec<u8>,
    /// What the data is when it is not JSON.
    media_type: Option<String>,
    schema_version: Option<SchemaVersion>,
    tags: Option<Vec<Tag>>,
    /// It was written by an export of a store.
    is_exported: bool,
    asked: Asked,
}

/// Which fields the caller maps, of those that an event takes from its own attributes otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    time: bool,
    schema_version: bool,
}

impl From<&Mapping> for Asked {
    fn from(mapping: &Mapping) -> Self {
        Self { time: mapping.time.is_some(), schema_version: mapping.schema_version.is_some() }
    }
}

#[derive(Debug)]
struct Attribute {
    name: String,
    /// `None` for an array or an object.
    text: Option<String>,
    json: Box<RawValue>,
}

impl CloudEvent {
    pub(super) fn read(line: u64, path: Option<String>, text: &str, asked: Asked) -> Result<Self, InvalidRow> {
        Self::of(line, text, asked)
            .map(|event| Self { path: path.clone(), ..event })
            .map_err(|fault| fault.at_path(path))
    }

    fn of(line: u64, text: &str, asked: Asked) -> Result<Self, InvalidRow> {
        let object = Object::parse(line, text)?;
        let fault = |code, column: &str, message: &str| Err(InvalidRow::in_column(line, code, column, message));
        let mut attributes = Vec::new();
        for (name, raw) in object.members() {
            if [DATA, DATA_BASE64].contains(&name) || raw.get() == "null" {
                continue;
            }
            let text = match scalar(raw) {
                Ok(text) => Some(text.unwrap_or_default().into_owned()),
                Err("a boolean") => Some(raw.get().to_owned()),
                Err(_) if !CORE.contains(&name) && matches!(raw.get().as_bytes().first(), Some(b'[' | b'{')) => None,
                Err(found) => {
                    let message = format!("a text, a number or a boolean is expected, not {found}");
                    return fault(RowFault::WrongKind, name, &message);
                }
            };
            attributes.push(Attribute { name: name.to_owned(), text, json: raw.to_owned() });
        }
        let attribute = |name: &str| attributes.iter().find(|found| found.name == name)?.text.as_deref();
        for name in ["specversion", "id", "source", "type"] {
            if attribute(name).is_none_or(str::is_empty) {
                return fault(RowFault::MissingValue, name, "every CloudEvent has this attribute, and it is not empty");
            }
        }
        let version = attribute("specversion").unwrap_or_default();
        if version != "1.0" {
            let shown: String = version.chars().take(64).collect();
            let message = format!("version \u{201c}{shown}\u{201d} of CloudEvents is not read here; 1.0 is");
            return fault(RowFault::UnknownVersion, "specversion", &message);
        }
        let media_type = attribute(MEDIA_TYPE).filter(|media_type| !media_type.is_empty());
        let is_exported = attribute("source").is_some_and(|source| source.starts_with("urn:uuid:"))
            && EXPORTED.iter().all(|name| attribute(name).is_some());
        let (data, media_type) = data_of(line, &object, media_type, is_exported)?;
        let schema_version = attribute("schemaversion").and_then(read_schema_version).map(SchemaVersion);
        let tags = attribute("tags").and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
        let tags = match tags {
            Some(tags) => {
                let tag = |tag: &String| {
                    Tag::new(tag).map_err(|error| InvalidRow::of_event(line, Some("tags"), &error.into()))
                };
                Some(tags.iter().map(tag).collect::<Result<Vec<Tag>, InvalidRow>>()?)
            }
            None => None,
        };
        Ok(Self { line, path: None, data, media_type, schema_version, tags, is_exported, asked, attributes })
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|found| found.name == name)?.text.as_deref()
    }

    /// Whether an attribute is in the event in another way than in its metadata. `given` is the metadata of an export.
    fn is_elsewhere(&self, found: &Attribute, mapped: &Mapped, given: Option<&Object<'_>>) -> bool {
        let Attribute { name, text, .. } = found;
        let name = name.as_str();
        let is_mapped = mapped.has_name(name);
        let is_in = |own: &str| given.is_some_and(|given| given.member(own).is_some());
        let is_origin = || ORIGIN.iter().any(|(attribute, own)| *attribute == name && is_in(own));
        match name {
            "specversion" => true,
            "time" => is_mapped || !self.asked.time,
            // An id of another kind only goes into the one that is made from it.
            "id" => is_mapped && matches!(text.as_deref().and_then(GivenId::parse), Some(GivenId::Uuid(_))),
            "schemaversion" => is_mapped || !self.asked.schema_version && self.schema_version.is_some(),
            "tags" => self.tags.is_some(),
            MEDIA_TYPE => self.media_type.is_some() || text.as_deref() == Some(JSON),
            "metadata" => is_mapped || given.is_some(),
            _ => is_mapped || self.is_exported && (EXPORTED.contains(&name) || is_origin()),
        }
    }

    /// The metadata: what an export wrote of it, and the attributes that are nowhere else.
    fn metadata(&self, mapped: &Mapped) -> Vec<u8> {
        let given = self.attribute("metadata").filter(|_| self.is_exported);
        let given: Option<&RawValue> =
            given.and_then(|text| serde_json::from_str(text).ok()).filter(|raw: &&RawValue| raw.get().starts_with('{'));
        let object = given.and_then(|raw| Object::parse(self.line, raw.get()).ok());
        let left = self.attributes.iter().filter(|found| !self.is_elsewhere(found, mapped, object.as_ref()));
        let own_name = |name: &'_ str| ORIGIN.iter().find(|(attribute, _)| *attribute == name).map(|(_, own)| *own);
        with_members(given, left.map(|found| (own_name(&found.name).unwrap_or(&found.name), found.json.as_ref())))
    }
}

/// The data, and its media type when it is not JSON.
fn data_of(
    line: u64,
    object: &Object<'_>,
    media_type: Option<&str>,
    is_exported: bool,
) -> Result<(Vec<u8>, Option<String>), InvalidRow> {
    let [data, base64] = [DATA, DATA_BASE64].map(|name| object.member(name));
    let base64 = base64.filter(|raw| raw.get() != "null");
    let is_json = media_type.is_none_or(is_json);
    match (data, base64) {
        (Some(data), Some(_)) if data.get() != "null" => {
            let message = "there is data too; an event has one of them";
            Err(InvalidRow::in_column(line, RowFault::DuplicateMember, DATA_BASE64, message))
        }
        (_, Some(raw)) => {
            let text = scalar(raw).ok().filter(|_| raw.get().starts_with('"'));
            let bytes = text.map(Option::unwrap_or_default).and_then(|text| STANDARD.decode(text.as_bytes()).ok());
            let Some(bytes) = bytes else {
                return Err(InvalidRow::in_column(line, RowFault::WrongKind, DATA_BASE64, "the value is not Base64"));
            };
            let has_json =
                || std::str::from_utf8(&bytes).is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok());
            match media_type {
                // An export writes JSON as such, so that these are bytes that were stored as bytes.
                Some(_) if is_json && !is_exported && has_json() => Ok((bytes, None)),
                media_type => Ok((bytes, Some(media_type.unwrap_or("application/octet-stream").to_owned()))),
            }
        }
        (Some(data), None) if !is_json && data.get().starts_with('"') => {
            let text = scalar(data).map_err(|found| InvalidRow::in_column(line, RowFault::WrongKind, DATA, found))?;
            Ok((text.unwrap_or_default().into_owned().into_bytes(), media_type.map(str::to_owned)))
        }
        (Some(data), None) => Ok((data.get().as_bytes().to_vec(), None)),
        (None, None) => Ok((b"null".to_vec(), None)),
    }
}

/// Whether a media type is one of JSON.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.split('/').nth(1).unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json")
}

impl Row for CloudEvent {
    fn line(&self) -> u64 {
        self.line
    }

    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow> {
        let found = self.attributes.iter().find(|found| found.name == column.name);
        if found.is_some_and(|found| found.text.is_none()) {
            let message = "a text, a number or a boolean is expected, not an array or object";
            return Err(InvalidRow::in_column(self.line, RowFault::WrongKind, &column.name, message));
        }
        let text = found.and_then(|found| found.text.as_deref()).filter(|text| !text.is_empty());
        Ok(match (column.name.as_str(), text) {
            ("subject", None) => self.attribute("source").map(Cow::Borrowed),
            ("id", Some(id)) => match GivenId::parse(id) {
                // Two sources may have the same id.
                Some(GivenId::Text(id)) => {
                    Some(Cow::Owned(format!("{} {id}", self.attribute("source").unwrap_or_default())))
                }
                _ => Some(Cow::Borrowed(id)),
            },
            (_, text) => text.map(Cow::Borrowed),
        })
    }

    fn body(&self, mapped: &Mapped) -> Result<Body, InvalidRow> {
        // The numbers of a producer count within one source, and what they mean only it knows. Those of an export are positions.
        let sequence = self.attribute("sequence").filter(|_| self.is_exported && !mapped.has_name("sequence"));
        Ok(Body {
            data: self.data.clone(),
            content_type: self.media_type.clone().map(Cow::Owned),
            metadata: self.metadata(mapped),
            tags: self.tags.clone().unwrap_or_default(),
            position: sequence.and_then(|text| text.parse().ok()),
        })
    }
}

impl NamedRow for CloudEvent {
    fn sample<'r>(&'r self, take: &mut dyn FnMut(Cow<'r, str>, Option<Cow<'r, str>>)) {
        // Every event has a stream: without a subject it is the source.
        take(Cow::Borrowed(SUBJECT), self.attribute(SUBJECT).filter(|text| !text.is_empty()).map(Cow::Borrowed));
        for Attribute { name, text, .. } in self.attributes.iter().filter(|found| found.name != SUBJECT) {
            take(Cow::Borrowed(name), text.as_deref().filter(|text| !text.is_empty()).map(Cow::Borrowed));
        }
    }

    fn show(&self, _columns: &[String], take: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
        for Attribute { name, text, json } in &self.attributes {
            take(name, &|| text.clone().unwrap_or_else(|| json.get().to_owned()));
        }
    }

    fn complete(&self, draft: Draft, asked: &Mapping) -> Result<Draft, InvalidRow> {
        let mut event = draft.event;
        if let (None, Some(text)) = (&asked.time, self.attribute("time").filter(|text| !text.is_empty())) {
            let invalid = |error: InvalidTime| InvalidRow::of_event(draft.line, Some("time"), &error.into());
            event = event.with_time(read_time(text).map_err(invalid)?);
        }
        if let (None, Some(version)) = (&asked.schema_version, self.schema_version) {
            event = event.with_schema_version(version);
        }
        Ok(Draft { event, ..draft })
    }
}

impl HeldRow for CloudEvent {
    fn path(&self) -> Option<String> {
        self.path.clone()
    }

    fn bytes(&self) -> usize {
        self.data.len() + self.attributes.iter().map(|found| found.name.len() + found.json.get().len()).sum::<usize>()
    }
}
