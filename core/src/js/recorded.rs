//! Recorded events on their way out: a page of them is one JSON text, made in one go and parsed in one go.

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use serde::de::IgnoredAny;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::glue;
use crate::domain::{ContentType, EventId, RecordedEvent, Tag, Timestamp};
use crate::storage::StorageError;

/// What an event has besides its data and metadata, which are JSON text already.
#[derive(Serialize, Tsify)]
#[tsify(rename = "RecordedEventHead")]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    /// The number of the event in the whole log, from 1.
    position: u64,
    /// The stream.
    stream: &'a str,
    /// The number of the event in its stream, from 1.
    version: u64,
    /// A UUID.
    #[tsify(type = "string")]
    id: Shown<EventId>,
    /// The type.
    r#type: &'a str,
    /// The version of the shape of `data`.
    schema_version: u32,
    /// When it happened: RFC 3339 in UTC.
    #[tsify(type = "string")]
    time: Shown<Timestamp>,
    /// When it was stored: RFC 3339 in UTC.
    #[tsify(type = "string")]
    recorded_at: Shown<Timestamp>,
    /// Labels, in alphabetical order.
    #[tsify(type = "readonly string[]")]
    tags: &'a [Tag],
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
export interface RecordedEvent extends Readonly<RecordedEventHead> {
  /** What happened. */
  readonly data: Json | Uint8Array;
  /** What is known about it. */
  readonly metadata: { readonly [key: string]: Json };
}";

/// The events as an array of frozen objects.
///
/// # Errors
/// `corrupt` when data that says that it is JSON is none.
pub(super) fn page(events: &[RecordedEvent]) -> Result<Array, Failure> {
    let mut bytes: Option<Array> = None;
    let mut text = Vec::with_capacity(events.iter().map(|event| 400 + event.data().len()).sum());
    text.push(b'[');
    for (at, event) in events.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        write(&mut text, event).map_err(|error| StorageError::corrupt(event.position(), error))?;
        if let ContentType::Bytes(_) = event.content() {
            let data = Uint8Array::from(event.data());
            bytes.get_or_insert_default().set(at as u32, data.into());
        }
    }
    text.push(b']');
    // Data was seen to be JSON when it was stored. Looking again would cost a third of all that is done here, so the
    // events are looked at one by one only where the page as a whole turns out to be none.
    match String::from_utf8(text) {
        Ok(text) => glue::unpack_events(&text, bytes).map_err(|error| broken(events).caused_by(error)),
        Err(_) => Err(broken(events)),
    }
}

/// Appends an event as a JSON object.
fn write(text: &mut Vec<u8>, event: &RecordedEvent) -> Result<(), serde_json::Error> {
    let head = Head {
        position: event.position().get(),
        stream: event.stream().as_str(),
        version: event.version().get(),
        id: Shown(event.id()),
        r#type: event.event_type().as_str(),
        schema_version: event.schema_version().0,
        time: Shown(event.time()),
        recorded_at: Shown(event.recorded_at()),
        tags: event.tags(),
    };
    serde_json::to_writer(&mut *text, &head)?;
    text.pop();
    text.extend_from_slice(b",\"data\":");
    match event.content() {
        ContentType::Json => text.extend_from_slice(event.data()),
        ContentType::Bytes(_) => text.extend_from_slice(b"null"),
    }
    text.extend_from_slice(b",\"metadata\":");
    text.extend_from_slice(event.metadata());
    text.push(b'}');
    Ok(())
}

/// Which of the events keeps a page from being read.
fn broken(events: &[RecordedEvent]) -> Failure {
    let is_json =
        |text: &[u8]| std::str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    let is_broken = |event: &&RecordedEvent| {
        let has_json = !matches!(event.content(), ContentType::Json) || is_json(event.data());
        !has_json || !is_json(event.metadata())
    };
    let position = events.iter().find(is_broken).or(events.first()).map(RecordedEvent::position);
    StorageError::corrupt(position.unwrap_or_default(), "the data of an event is not JSON").into()
}

/// One event as a frozen object.
///
/// # Errors
/// As [`page`].
pub(super) fn one(event: &RecordedEvent) -> Result<JsValue, Failure> {
    Ok(page(std::slice::from_ref(event))?.get(0))
}
