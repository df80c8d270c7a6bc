//! A row that is a JSON object: a line of NDJSON, an element of an array.
//!
//! The mapped members are the fields of the event. Then:
//! - the member `data` (else `payload`, `body`, `eventData`, `event_data`) is the data, its text kept byte for byte;
//!   a row without any of these has all its other members as the data, an object in the row's order;
//! - a `metadata` that is an object is the metadata; a `tags` that is an array of texts is the tags;
//! - what is left beside a data member is kept in the metadata under its own name (with `_2` if that is taken);
//! - a row written from a recorded event (it has `position` and `recordedAt`) loses `position`, `version` and
//!   `recordedAt`: the store that reads it gives them anew.
//!
//! A name that stands twice in one object is a fault: readers disagree on which value counts.

use std::borrow::Cow;
use std::fmt;

use hashbrown::HashSet;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{InvalidRow, RowFault};
use super::limits::MAX_ROW_MEMBERS;
use super::mapper::{Body, Cell, Column, Mapped, Row, unique_name};
use super::named_row::NamedRow;
use super::names::NameIndex;
use super::object::ObjectText;
use crate::domain::Tag;

/// Members that hold the data, the surest first.
const DATA: [&str; 5] = ["data", "payload", "body", "eventData", "event_data"];
const METADATA: &str = "metadata";
const TAGS: &str = "tags";
/// What the store gives a recorded event.
const RECORDED: [&str; 3] = ["position", "version", "recordedAt"];

/// The text of a text or number; `None` for null and the empty text; the kind of anything else as an error.
pub(super) fn scalar(raw: &RawValue) -> Result<Option<Cow<'_, str>>, &'static str> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => {
            let Text(text) = serde_json::from_str(text).map_err(|_| "a text with half a surrogate pair")?;
            Ok(if text.is_empty() { None } else { Some(text) })
        }
        Some(b'{') => Err("an object"),
        Some(b'[') => Err("an array"),
        Some(b't' | b'f') => Err("a boolean"),
        Some(b'n') => Ok(None),
        _ => Ok(Some(Cow::Borrowed(text))),
    }
}

/// Members that are searched one by one; of more there is an index.
const SEARCHED_MEMBERS: usize = 24;

/// One row as its members, in the row's order; the values are not looked into.
#[derive(Debug)]
pub(super) struct Object<'a> {
    line: u64,
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// Of more than [`SEARCHED_MEMBERS`].
    index: Option<NameIndex>,
}

impl<'a> Object<'a> {
    pub(super) fn parse(line: u64, text: &'a str) -> Result<Self, InvalidRow> {
        let Members(members) = serde_json::from_str(text).map_err(|error| not_an_object(line, text, &error))?;
        if members.len() > MAX_ROW_MEMBERS {
            let message = format!("the object has {} members, and at most {MAX_ROW_MEMBERS} are read", members.len());
            return Err(InvalidRow::new(line, RowFault::TooLarge, message));
        }
        match indexed(&members) {
            Ok(index) => Ok(Self { line, members, index }),
            Err(name) => {
                let message = "the member stands twice in the object";
                Err(InvalidRow::in_column(line, RowFault::DuplicateMember, name, message))
            }
        }
    }

    /// The value of a member, in constant time.
    pub(super) fn member(&self, name: &str) -> Option<&'a RawValue> {
        let number = match &self.index {
            Some(index) => index.find(name, |number| &self.members[number].0),
            None => self.members.iter().position(|(member, _)| member == name),
        };
        number.map(|number| self.members[number].1)
    }

    /// All members, in the row's order.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    fn tags(&self) -> Option<Vec<Cow<'_, str>>> {
        let texts: Vec<Text<'_>> = serde_json::from_str(self.member(TAGS)?.get()).ok()?;
        Some(texts.into_iter().map(|Text(text)| text).collect())
    }
}

/// The index of the members, where they are many; or the first name that stands twice.
fn indexed<'m>(members: &'m [(Cow<'_, str>, &RawValue)]) -> Result<Option<NameIndex>, &'m str> {
    let mut names = members.iter().map(|(name, _)| name.as_ref()).enumerate();
    if members.len() <= SEARCHED_MEMBERS {
        let repeated = names.find(|(n, name)| members[..*n].iter().any(|(earlier, _)| earlier == name));
        return repeated.map_or(Ok(None), |(_, name)| Err(name));
    }
    let mut index = NameIndex::default();
    match names.find(|(number, name)| !index.insert(name, *number, |number| &members[number].0)) {
        Some((_, name)) => Err(name),
        None => Ok(Some(index)),
    }
}

fn not_an_object(line: u64, text: &str, error: &serde_json::Error) -> InvalidRow {
    if !text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return InvalidRow::new(line, RowFault::NotAnObject, "the row is JSON, but not an object");
    }
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    let place = match error.line() {
        0 | 1 => format!("column {}", error.column()),
        own => format!("column {} of its line {own}", error.column()),
    };
    InvalidRow::new(line, RowFault::NotJson, format!("not JSON at {place}: {reason}"))
}

impl NamedRow for Object<'_> {
    fn sample<'r>(&'r self, take: &mut dyn FnMut(Cow<'r, str>, Option<Cow<'r, str>>)) {
        self.members().for_each(|(name, raw)| take(Cow::Borrowed(name), scalar(raw).ok().flatten()));
    }

    fn show(&self, _columns: &[String], take: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
        self.members().for_each(|(name, raw)| take(name, &|| shown(raw)));
    }
}

/// A value for a person: of a text what it says, of anything else its JSON.
pub(super) fn shown(raw: &RawValue) -> String {
    match scalar(raw) {
        Ok(text) => text.map(Cow::into_owned).unwrap_or_default(),
        Err(_) => raw.get().to_owned(),
    }
}

impl Row for Object<'_> {
    fn line(&self) -> u64 {
        self.line
    }

    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow> {
        let Some(raw) = self.member(&column.name) else { return Ok(None) };
        scalar(raw).map_err(|found| {
            let message = format_args!("a text or a number is expected, not {found}");
            InvalidRow::in_column(self.line, RowFault::WrongKind, &column.name, message)
        })
    }

    fn value(&self, column: &Column) -> Option<Cell<'_>> {
        let raw = self.member(&column.name)?;
        match scalar(raw) {
            Ok(text) => text.map(Cell::Text),
            Err(_) => Some(Cell::Json(raw)),
        }
    }

    fn others(&self, is_known: &dyn Fn(&str) -> bool) -> Vec<(&str, Cell<'_>)> {
        let says_something = |raw: &RawValue| !matches!(raw.get(), "null" | "\"\"");
        let others = self.members().filter(|(name, raw)| !is_known(name) && says_something(raw));
        others.map(|(name, raw)| (name, Cell::Json(raw))).collect()
    }

    fn body(&self, mapped: &Mapped) -> Result<Body, InvalidRow> {
        let is_free = |name: &str| !mapped.has_name(name);
        let data = DATA.into_iter().find(|name| is_free(name) && self.has(name));
        let metadata = self.member(METADATA).filter(|raw| is_free(METADATA) && raw.get().starts_with('{'));
        let tags = self.tags().filter(|_| is_free(TAGS));
        let is_recorded = self.has("position") && self.has("recordedAt");
        let is_null = |raw: &RawValue| raw.get() == "null";
        let left = self.members.iter().filter(|(name, raw)| {
            let name = name.as_ref();
            is_free(name)
                && Some(name) != data
                && !(name == METADATA && (metadata.is_some() || is_null(raw)))
                && !(name == TAGS && (tags.is_some() || is_null(raw)))
                && !(is_recorded && RECORDED.contains(&name))
        });
        let mut body = Body::default();
        if is_recorded && is_free("position") {
            body.position = self.member("position").and_then(|raw| raw.get().parse().ok());
        }
        if let Some(name) = data {
            body.data = self.member(name).map(|raw| raw.get().as_bytes().to_vec()).unwrap_or_default();
            body.metadata = with_members(metadata, left.map(|(name, raw)| (name.as_ref(), *raw)));
        } else {
            let mut object = ObjectText::default();
            left.for_each(|(name, raw)| object.raw_member(name, raw));
            body.data = object.finish();
            body.metadata = metadata.map(|raw| raw.get().as_bytes().to_vec()).unwrap_or_default();
        }
        for tag in tags.unwrap_or_default() {
            let tag = Tag::new(&tag).map_err(|error| InvalidRow::of_event(self.line, Some(TAGS), &error.into()))?;
            body.tags.push(tag);
        }
        Ok(body)
    }
}

/// The metadata with further members; its text is touched only when there are any.
pub(super) fn with_members<'a>(
    metadata: Option<&RawValue>,
    left: impl Iterator<Item = (&'a str, &'a RawValue)>,
) -> Vec<u8> {
    let given = metadata.map_or("{}", RawValue::get);
    let mut left = left.peekable();
    if left.peek().is_none() {
        return metadata.map(|raw| raw.get().as_bytes().to_vec()).unwrap_or_default();
    }
    let mut object = ObjectText::default();
    let mut taken = HashSet::new();
    let members = serde_json::from_str::<Members<'_>>(given).map(|Members(members)| members).unwrap_or_default();
    for (name, raw) in &members {
        taken.insert(name.to_string());
        object.raw_member(name, raw);
    }
    for (name, raw) in left {
        let name = unique_name(name, |name| taken.contains(name));
        object.raw_member(&name, raw);
        taken.insert(name);
    }
    object.finish()
}

/// A text that borrows where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsText;
        impl<'de> Visitor<'de> for AsText {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(AsText)
    }
}

/// The members of an object, in its order, repeats included.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsMembers;
        impl<'de> Visitor<'de> for AsMembers {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some((Text(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(AsMembers)
    }
}
