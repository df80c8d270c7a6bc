//! CloudEvents out: one batch, as the JSON format of CloudEvents 1.0.2 has it (`application/cloudevents-batch+json`).
//!
//! An event a line, each an object with:
//! - `id`, `type`, `time`; `source` is `urn:uuid:` and the id of the store, `subject` the stream;
//! - JSON as `data`, other data as `data_base64`, under `datacontenttype`;
//! - the documented extensions `sequence` (the position, in twenty digits), `recordedtime`, `correlationid` and `causationid`;
//! - `streamversion` and `schemaversion`, as texts, since the integers of CloudEvents have 32 bits with a sign;
//! - `tags` and `metadata`, as texts of JSON, since attributes are no lists or objects; left out where they are empty.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::export::EventWriter;
use crate::domain::{ContentType, RecordedEvent};

#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    r#type: &'a str,
    subject: &'a str,
    time: String,
    datacontenttype: &'a str,
    sequence: String,
    recordedtime: String,
    streamversion: String,
    schemaversion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_base64: Option<String>,
}

/// The members of metadata that CloudEvents has names for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Origin {
    correlation_id: Option<serde_json::Value>,
    causation_id: Option<serde_json::Value>,
}

/// Writes the batch.
#[derive(Debug)]
pub(super) struct CloudEventsWriter {
    source: String,
    has_events: bool,
}

impl CloudEventsWriter {
    pub(super) fn new(store: Uuid) -> Self {
        let mut source = String::new();
        // Writing to a text cannot fail.
        let _ = write!(source, "{}", store.urn());
        Self { source, has_events: false }
    }
}

impl EventWriter for CloudEventsWriter {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.push(b'[');
    }

    fn event(&mut self, event: &RecordedEvent, out: &mut Vec<u8>) -> bool {
        let has_metadata = !event.metadata.is_empty();
        let origin: Origin =
            if has_metadata { serde_json::from_slice(event.metadata()).unwrap_or_default() } else { Origin::default() };
        let name = |value: Option<serde_json::Value>| match value {
            // An attribute that is there is not empty.
            Some(serde_json::Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let (datacontenttype, data, data_base64) = match event.content() {
            ContentType::Bytes(media_type) => (&**media_type, None, Some(STANDARD.encode(event.data()))),
            ContentType::Json => match serde_json::from_slice::<&RawValue>(event.data()) {
                Ok(data) => ("application/json", Some(data), None),
                Err(_) => return false,
            },
        };
        let line = CloudEvent {
            specversion: "1.0",
            id: event.id().to_string(),
            source: &self.source,
            r#type: event.event_type().as_str(),
            subject: event.stream().as_str(),
            time: event.time().to_string(),
            datacontenttype,
            sequence: format!("{:020}", event.position().get()),
            recordedtime: event.recorded_at().to_string(),
            streamversion: event.version().get().to_string(),
            schemaversion: event.schema_version().0.to_string(),
            correlationid: name(origin.correlation_id),
            causationid: name(origin.causation_id),
            tags: (!event.tags().is_empty()).then(|| serde_json::to_string(event.tags()).unwrap_or_default()),
            metadata: if has_metadata { std::str::from_utf8(event.metadata()).ok() } else { None },
            data,
            data_base64,
        };
        let start = out.len();
        out.extend_from_slice(if self.has_events { b",\n" } else { b"\n" });
        if serde_json::to_writer(&mut *out, &line).is_err() {
            out.truncate(start);
            return false;
        }
        self.has_events = true;
        true
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n]\n");
    }
}
