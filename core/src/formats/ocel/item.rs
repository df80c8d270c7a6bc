//! Events and objects as the document has them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::error::{InvalidRow, RowFault};
use super::objects::Place;

#[derive(Deserialize)]
pub(super) struct EventItem<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) event_type: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) time: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) attributes: Option<Vec<Attribute<'a>>>,
    #[serde(borrow)]
    pub(super) relationships: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct ObjectItem<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) object_type: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) attributes: Option<Vec<Attribute<'a>>>,
    #[serde(borrow)]
    pub(super) relationships: Option<&'a RawValue>,
}

/// A value; of an object: from a time on.
#[derive(Deserialize)]
pub(super) struct Attribute<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) value: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Relationship<'a> {
    #[serde(borrow)]
    pub(super) object_id: Cow<'a, str>,
}

/// The item of a text.
pub(super) fn parse<'a, T: Deserialize<'a>>(place: &Place, text: &'a str) -> Result<T, InvalidRow> {
    serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        let code = match error.classify() {
            serde_json::error::Category::Data if reason.starts_with("missing field") => RowFault::MissingValue,
            serde_json::error::Category::Data if reason.starts_with("duplicate field") => RowFault::DuplicateMember,
            serde_json::error::Category::Data => RowFault::WrongKind,
            _ => RowFault::NotJson,
        };
        let reason = reason.split(" at line ").next().unwrap_or_default().replace(" field ", " member ");
        place.fault_of(code, format!("not an event or object of OCEL 2.0: {reason}"))
    })
}

/// The relationships of an event or object.
pub(super) fn relationships<'a>(place: &Place, raw: &'a RawValue) -> Result<Vec<Relationship<'a>>, InvalidRow> {
    parse::<Option<Vec<Relationship<'a>>>>(place, raw.get()).map(Option::unwrap_or_default)
}
