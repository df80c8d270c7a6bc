//! Events and commits on their way in: parsed from the JSON text that `glue.js` makes of an argument, so that a call
//! crosses from JavaScript once, however many events it has. Data is kept as the text has it.

use js_sys::{Array, Uint8Array};
use serde::Deserialize;
use serde_json::value::RawValue;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::failure::{Describe, Failure};
use super::glue;
use super::options::ConditionInput;
use super::text_path::path_at;
use super::value::{Expected, Moment, Text, Whole};
use crate::domain::{
    Commit, EventId, InvalidEvent, NewEvent, SchemaVersion, StreamCheck, StreamName, StreamWrite, Tag,
};

/// The content type of data that is bytes.
const BYTES: &str = "application/octet-stream";

/// A fact to be stored.
#[derive(Debug, Deserialize, Tsify)]
#[tsify(rename = "NewEvent")]
#[serde(rename_all = "camelCase", expecting = "an event")]
pub(super) struct EventInput<'a> {
    /// The type, such as `OrderPlaced`: 1 to 255 bytes.
    #[serde(borrow)]
    #[tsify(type = "string")]
    r#type: Text<'a>,
    /// What `JSON.stringify` makes of it is what is stored; bytes are stored as `application/octet-stream`. Default null.
    #[serde(borrow)]
    #[tsify(optional, type = "Json | Uint8Array")]
    data: Option<&'a RawValue>,
    /// A UUID, unique in the store. Default: a new UUID v7.
    #[serde(borrow)]
    #[tsify(optional, type = "string")]
    id: Option<Text<'a>>,
    /// The version of the shape of `data`. Default 1.
    #[tsify(optional, type = "number")]
    schema_version: Option<Whole>,
    /// When it happened. Default: now.
    #[tsify(optional, type = "TimeInput")]
    time: Option<Moment>,
    /// Default: nothing.
    #[serde(borrow)]
    #[tsify(optional, type = "{ correlationId?: string; causationId?: string; [key: string]: Json | undefined }")]
    metadata: Option<&'a RawValue>,
    /// Short labels, such as `course:c1`. Default: none.
    #[serde(borrow)]
    #[tsify(optional, type = "string[]")]
    tags: Option<Vec<Text<'a>>>,
}

/// Events for one stream.
#[derive(Debug, Deserialize, Tsify)]
#[tsify(rename = "StreamWrite")]
#[serde(rename_all = "camelCase", expecting = "an object with `stream` and `events`")]
pub(super) struct WriteInput<'a> {
    /// The stream, `category-id`: 1 to 512 bytes.
    #[serde(borrow)]
    #[tsify(type = "string")]
    stream: Text<'a>,
    /// At least one.
    #[serde(borrow)]
    #[tsify(type = "NewEvent[]")]
    events: Vec<EventInput<'a>>,
    /// What the writer believes of the stream. Default `any`.
    #[tsify(optional, type = "ExpectedVersion")]
    expected_version: Option<Expected>,
}

/// A stream that must be as the writer believes, and is not written to.
#[derive(Debug, Deserialize, Tsify)]
#[tsify(rename = "StreamCheck")]
#[serde(rename_all = "camelCase", expecting = "an object with `stream` and `expectedVersion`")]
pub(super) struct CheckInput<'a> {
    /// The stream.
    #[serde(borrow)]
    #[tsify(type = "string")]
    stream: Text<'a>,
    /// What the writer believes.
    #[tsify(type = "ExpectedVersion")]
    expected_version: Expected,
}

/// Events for one or more streams: all of it is stored, or nothing.
#[derive(Debug, Deserialize, Tsify)]
#[tsify(rename = "Commit")]
#[serde(expecting = "a commit")]
pub(super) struct CommitInput<'a> {
    /// The streams written to, each named once.
    #[serde(borrow)]
    #[tsify(type = "StreamWrite[]")]
    writes: Vec<WriteInput<'a>>,
    /// Streams only checked.
    #[serde(borrow)]
    #[tsify(optional, type = "StreamCheck[]")]
    checks: Option<Vec<CheckInput<'a>>>,
    /// Conditions over the log.
    #[tsify(optional, type = "Condition[]")]
    conditions: Option<Vec<ConditionInput>>,
}

/// Reads the events of an append.
///
/// # Errors
/// `invalid-event`, which names the event and its member.
pub(super) fn events(value: &JsValue) -> Result<Vec<NewEvent>, Failure> {
    let mut bytes = BytesData::default();
    let text = glue::pack_events(value, &bytes.by_number).map_err(Failure::Made)?;
    bytes.look();
    let inputs: Vec<EventInput<'_>> = parse(&text, "events", "events", |_| "invalid-event")?;
    let events = inputs.into_iter().enumerate();
    events.map(|(at, event)| event.read(bytes.of(at), || format!("events[{at}]"))).collect()
}

/// Reads a commit.
///
/// # Errors
/// `invalid-commit`, `invalid-event` or `invalid-query`, which names the member.
pub(super) fn commit(value: &JsValue) -> Result<Commit, Failure> {
    let mut bytes = BytesData::default();
    let text = glue::pack_commit(value, &bytes.by_number).map_err(Failure::Made)?;
    bytes.look();
    let input: CommitInput<'_> = parse(&text, "commit", "", |path| {
        if path.starts_with("writes") && path.contains(".events[") {
            "invalid-event"
        } else if path.starts_with("conditions") {
            "invalid-query"
        } else {
            "invalid-commit"
        }
    })?;
    let mut number = 0;
    let mut writes = Vec::with_capacity(input.writes.len());
    for (at, write) in input.writes.into_iter().enumerate() {
        let mut events = Vec::with_capacity(write.events.len());
        for (inner, event) in write.events.into_iter().enumerate() {
            events.push(event.read(bytes.of(number), || format!("writes[{at}].events[{inner}]"))?);
            number += 1;
        }
        let stream = stream_name(&write.stream, || format!("writes[{at}]"))?;
        writes.push(StreamWrite { stream, expected: write.expected_version.unwrap_or_default().0, events });
    }
    let checks = input.checks.unwrap_or_default().into_iter().enumerate().map(|(at, check)| {
        let stream = stream_name(&check.stream, || format!("checks[{at}]"))?;
        Ok(StreamCheck { stream, expected: check.expected_version.0 })
    });
    let checks = checks.collect::<Result<_, Failure>>()?;
    let conditions = input.conditions.unwrap_or_default().into_iter().enumerate();
    let conditions = conditions.map(|(at, condition)| condition.read(&format!("conditions[{at}]")));
    Ok(Commit { writes, checks, conditions: conditions.collect::<Result<_, Failure>>()? })
}

fn stream_name(name: &Text<'_>, place: impl Fn() -> String) -> Result<StreamName, Failure> {
    let named = StreamName::new(&name.0);
    named.map_err(|error| error.describe(Failure::member("invalid-commit", format!("{}.stream", place()), &error)))
}

/// Parses. `whole` is what the text is called, `prefix` what stands before the path of a member.
fn parse<'a, T: Deserialize<'a>>(
    text: &'a str,
    whole: &str,
    prefix: &str,
    code: impl Fn(&str) -> &'static str,
) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let path = path_at(text, error.column());
        let member = if path.is_empty() { whole.to_owned() } else { format!("{prefix}{path}") };
        // Line and column of a text that the caller never saw say nothing.
        let reason = error.to_string();
        let reason = reason.split_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
        Failure::member(code(&member), &member, reason)
    })
}

/// Data that is bytes, by the number of its event.
#[derive(Debug, Default)]
struct BytesData {
    by_number: Array,
    has_any: bool,
}

impl BytesData {
    fn look(&mut self) {
        self.has_any = self.by_number.length() > 0;
    }

    fn of(&self, number: usize) -> Option<Vec<u8>> {
        let value = self.has_any.then(|| self.by_number.get(number as u32))?;
        value.is_object().then(|| Uint8Array::unchecked_from_js(value).to_vec())
    }
}

impl EventInput<'_> {
    fn read(self, bytes: Option<Vec<u8>>, place: impl Fn() -> String) -> Result<NewEvent, Failure> {
        let invalid = |member: &'static str| {
            let place = &place;
            move |error: InvalidEvent| {
                error.describe(Failure::member("invalid-event", format!("{}.{member}", place()), &error))
            }
        };
        let event = match (bytes, self.data) {
            (Some(bytes), _) => NewEvent::bytes(&self.r#type.0, BYTES, bytes),
            (None, Some(data)) => NewEvent::json_raw(&self.r#type.0, data),
            (None, None) => NewEvent::json(&self.r#type.0, &()),
        };
        let mut event = event.map_err(|error| match error {
            InvalidEvent::Name(_) => invalid("type")(error),
            error => invalid("data")(error),
        })?;
        if let Some(id) = self.id {
            event = event.with_id(EventId::parse(&id.0).map_err(invalid("id"))?);
        }
        if let Some(version) = self.schema_version {
            let version = u32::try_from(version.0).map_err(|_| {
                let problem = format!("{} is greater than {}", version.0, u32::MAX);
                Failure::member("invalid-event", format!("{}.schemaVersion", place()), problem)
            })?;
            event = event.with_schema_version(SchemaVersion(version));
        }
        if let Some(Moment(time)) = self.time {
            event = event.with_time(time);
        }
        if let Some(metadata) = self.metadata {
            event = event.with_metadata_text(metadata.get().as_bytes().to_vec()).map_err(invalid("metadata"))?;
        }
        if let Some(tags) = self.tags {
            let tags: Result<Vec<_>, _> = tags.iter().map(|tag| Tag::new(&tag.0)).collect();
            let tags = tags.map_err(|error| invalid("tags")(error.into()))?;
            event = event.with_tags(tags).map_err(invalid("tags"))?;
        }
        Ok(event)
    }
}
