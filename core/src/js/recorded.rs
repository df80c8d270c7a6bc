//! Recorded events on their way out: a page of them is one JSON text, made in one go and parsed in one go.

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use serde_json::value::RawValue;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::glue;
use crate::domain::{ContentType, RecordedEvent};
use crate::storage::StorageError;

/// The members of a recorded event.
#[derive(Serialize, Tsify)]
#[tsify(rename = "RecordedEventMembers")]
#[serde(rename_all = "camelCase")]
struct EventOutput<'a> {
    /// The number of the event in the whole log, from 1.
    position: u64,
    /// The stream.
    stream: &'a str,
    /// The number of the event in its stream, from 1.
    version: u64,
    /// A UUID.
    #[tsify(type = "string")]
    id: Shown<crate::domain::EventId>,
    /// The type.
    r#type: &'a str,
    /// The version of the shape of `data`.
    schema_version: u32,
    /// When it happened: RFC 3339 in UTC.
    #[tsify(type = "string")]
    time: Shown<crate::domain::Timestamp>,
    /// When it was stored: RFC 3339 in UTC.
    #[tsify(type = "string")]
    recorded_at: Shown<crate::domain::Timestamp>,
    /// What happened.
    #[tsify(type = "Json | Uint8Array")]
    data: Option<&'a RawValue>,
    /// What is known about it.
    #[tsify(type = "{ readonly [key: string]: Json }")]
    metadata: &'a RawValue,
    /// Labels, in alphabetical order.
    #[tsify(type = "readonly string[]")]
    tags: &'a [crate::domain::Tag],
}

/// A value as its text.
struct Shown<T>(T);

impl<T: std::fmt::Display> Serialize for Shown<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "\
/** An event in the log. It is deeply frozen; data that is bytes is a copy of its own. */
export interface RecordedEvent extends Readonly<RecordedEventMembers> {}";

fn json<'a>(event: &RecordedEvent, text: &'a [u8]) -> Result<&'a RawValue, StorageError> {
    serde_json::from_slice(text).map_err(|error| StorageError::corrupt(event.position(), error))
}

/// The events as an array of frozen objects.
///
/// # Errors
/// `corrupt` when data that says that it is JSON is none.
pub(super) fn page(events: &[RecordedEvent]) -> Result<Array, Failure> {
    let mut bytes: Option<Array> = None;
    let mut text = Vec::with_capacity(events.iter().map(|event| 400 + event.data().len()).sum());
    text.push(b'[');
    for (at, event) in events.iter().enumerate() {
        let data = match event.content() {
            ContentType::Json => Some(json(event, event.data())?),
            ContentType::Bytes(_) => {
                let data = Uint8Array::from(event.data());
                bytes.get_or_insert_default().set(at as u32, data.into());
                None
            }
        };
        let output = EventOutput {
            position: event.position().get(),
            stream: event.stream().as_str(),
            version: event.version().get(),
            id: Shown(event.id()),
            r#type: event.event_type().as_str(),
            schema_version: event.schema_version().0,
            time: Shown(event.time()),
            recorded_at: Shown(event.recorded_at()),
            data,
            metadata: json(event, event.metadata())?,
            tags: event.tags(),
        };
        if at > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, &output).map_err(|error| StorageError::corrupt(event.position(), error))?;
    }
    text.push(b']');
    let text = String::from_utf8(text).map_err(|error| StorageError::corrupt(crate::domain::Position::ZERO, error))?;
    glue::unpack_events(&text, bytes).map_err(|error| Failure::new("corrupt", "a page cannot be read").caused_by(error))
}

/// One event as a frozen object.
///
/// # Errors
/// As [`page`].
pub(super) fn one(event: &RecordedEvent) -> Result<JsValue, Failure> {
    Ok(page(std::slice::from_ref(event))?.get(0))
}
