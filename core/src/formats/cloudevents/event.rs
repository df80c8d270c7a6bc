//! One CloudEvent.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::value::RawValue;

use super::super::error::{InvalidRow, RowFault};
use super::super::format::{Draft, GivenId};
use super::super::guess::read_schema_version;
use super::super::json_row::{Object, scalar};
use super::super::mapper::{Body, Column, Mapped, Row, unique_name};
use super::super::object::ObjectText;
use super::super::options::Mapping;
use super::super::row_table::NamedRow;
use super::super::text::read_time;
use crate::domain::{ContentType, NewEvent, SchemaVersion, Tag};

const DATA: &str = "data";
const DATA_BASE64: &str = "data_base64";
const MEDIA_TYPE: &str = "datacontenttype";
const JSON: &str = "application/json";

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
}

#[derive(Debug)]
struct Attribute {
    name: String,
    text: String,
    json: Box<RawValue>,
}

impl CloudEvent {
    pub(super) fn read(line: u64, path: Option<String>, text: &str) -> Result<Self, InvalidRow> {
        Self::of(line, text).map(|event| Self { path: path.clone(), ..event }).map_err(|fault| fault.at_path(path))
    }

    fn of(line: u64, text: &str) -> Result<Self, InvalidRow> {
        let object = Object::parse(line, text)?;
        let fault = |code, column: &str, message: &str| Err(InvalidRow::in_column(line, code, column, message));
        let mut attributes = Vec::new();
        for name in object.names().filter(|name| ![DATA, DATA_BASE64].contains(name)) {
            let Some(raw) = object.member(name).filter(|raw| raw.get() != "null") else { continue };
            let text = match scalar(raw) {
                Ok(text) => text.unwrap_or_default().into_owned(),
                Err("a boolean") => raw.get().to_owned(),
                Err(found) => {
                    let message = format!("an attribute is a text, a number or a boolean, not {found}");
                    return fault(RowFault::WrongKind, name, &message);
                }
            };
            attributes.push(Attribute { name: name.to_owned(), text, json: raw.to_owned() });
        }
        let attribute =
            |name: &str| attributes.iter().find(|found| found.name == name).map(|found| found.text.as_str());
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
        let (data, media_type) = data_of(line, &object, media_type)?;
        let is_exported = attribute("source").is_some_and(|source| source.starts_with("urn:uuid:"))
            && EXPORTED.iter().all(|name| attribute(name).is_some());
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
        Ok(Self { line, path: None, data, media_type, schema_version, tags, is_exported, attributes })
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|found| found.name == name).map(|found| found.text.as_str())
    }

    /// Whether an attribute is in the event in another way than in its metadata.
    fn is_elsewhere(&self, name: &str, text: &str, mapped: &Mapped) -> bool {
        let origin = ORIGIN.iter().any(|(attribute, _)| *attribute == name);
        match name {
            "specversion" | "type" | "time" => true,
            // An id of another kind only goes into the one that is made from it.
            "id" => mapped.has_name(name) && matches!(GivenId::parse(text), Some(GivenId::Uuid(_))),
            "schemaversion" => self.schema_version.is_some(),
            "tags" => self.tags.is_some(),
            MEDIA_TYPE => self.media_type.is_some() || text == JSON,
            _ => mapped.has_name(name) || self.is_exported && (EXPORTED.contains(&name) || origin),
        }
    }

    /// The metadata: what an export wrote of it, and the attributes that are nowhere else.
    fn metadata(&self, mapped: &Mapped) -> Vec<u8> {
        let given = self.attribute("metadata").filter(|_| self.is_exported);
        let given: Option<&RawValue> =
            given.and_then(|text| serde_json::from_str(text).ok()).filter(|raw: &&RawValue| raw.get().starts_with('{'));
        let mut left = self
            .attributes
            .iter()
            .filter(|found| !self.is_elsewhere(&found.name, &found.text, mapped))
            .filter(|found| !(given.is_some() && found.name == "metadata"))
            .peekable();
        if left.peek().is_none() {
            return given.map(|raw| raw.get().as_bytes().to_vec()).unwrap_or_default();
        }
        let mut object = ObjectText::default();
        let mut taken = Vec::new();
        if let Some(given) = given.and_then(|raw| Object::parse(self.line, raw.get()).ok()) {
            for name in given.names() {
                given.member(name).into_iter().for_each(|raw| object.raw_member(name, raw));
                taken.push(name.to_owned());
            }
        }
        for Attribute { name, json, .. } in left {
            let name = ORIGIN.iter().find(|(attribute, _)| attribute == name).map_or(name.as_str(), |(_, name)| name);
            let name = unique_name(name, |name| taken.iter().any(|taken| taken == name));
            object.raw_member(&name, json);
            taken.push(name);
        }
        object.finish()
    }
}

/// The data, and its media type when it is not JSON.
fn data_of(line: u64, object: &Object<'_>, media_type: Option<&str>) -> Result<(Vec<u8>, Option<String>), InvalidRow> {
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
                Some(_) if is_json && has_json() => Ok((bytes, None)),
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
        let text = self.attribute(&column.name).filter(|text| !text.is_empty());
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
        let tags = self.tags.clone().unwrap_or_default();
        // Bytes take the place of the data when the event is there.
        let data = if self.media_type.is_some() { b"null".to_vec() } else { self.data.clone() };
        Ok(Body { data, metadata: self.metadata(mapped), tags, ..Body::default() })
    }
}

impl NamedRow for CloudEvent {
    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let names = self.attributes.iter().map(|found| found.name.as_str()).filter(|name| *name != "subject");
        std::iter::once("subject").chain(names).map(Cow::Borrowed)
    }

    fn sampled(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attribute(name).filter(|text| !text.is_empty()).map(Cow::Borrowed)
    }

    fn shown(&self, name: &str) -> String {
        self.attribute(name).unwrap_or_default().to_owned()
    }

    fn path(&self) -> Option<String> {
        self.path.clone()
    }

    fn bytes(&self) -> usize {
        self.data.len() + self.attributes.iter().map(|found| found.name.len() + found.text.len()).sum::<usize>()
    }

    fn complete(&self, draft: Draft, asked: &Mapping) -> Result<Draft, InvalidRow> {
        let (line, event) = (draft.line, draft.event);
        let of_event = |column, error| InvalidRow::of_event(line, Some(column), &error);
        let mut event = match &self.media_type {
            None => event,
            Some(media_type) => {
                let data = Bytes::from(self.data.clone());
                let mut bytes = NewEvent::bytes(event.event_type().as_str(), media_type, data)
                    .and_then(|bytes| bytes.with_metadata_text(event.metadata().clone()))
                    .and_then(|bytes| bytes.with_tags(event.tags().to_vec()))
                    .map_err(|error| of_event(DATA, error))?
                    .with_schema_version(event.schema_version());
                if let Some(time) = event.time() {
                    bytes = bytes.with_time(time);
                }
                debug_assert!(matches!(bytes.content(), ContentType::Bytes(_)));
                bytes
            }
        };
        if let (None, Some(text)) = (&asked.time, self.sampled("time")) {
            event = event.with_time(read_time(&text).map_err(|error| of_event("time", error.into()))?);
        }
        if let (None, Some(version)) = (&asked.schema_version, self.schema_version) {
            event = event.with_schema_version(version);
        }
        Ok(Draft { event, ..draft })
    }
}
