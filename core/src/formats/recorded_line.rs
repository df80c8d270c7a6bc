//! A recorded event as one line of JSON: what NDJSON and leftfold share on the way out.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::{RecordedEvent, Tag};

/// The members, in the order in which they are written. Those that are `None` are not.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordedLine<'a> {
    position: u64,
    stream: &'a str,
    version: u64,
    id: String,
    r#type: &'a str,
    schema_version: u32,
    time: String,
    recorded_at: String,
    tags: &'a [Tag],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metadata_text: Option<&'a str>,
}

impl<'a> RecordedLine<'a> {
    /// All but data and metadata.
    pub(super) fn new(event: &'a RecordedEvent) -> Self {
        Self {
            position: event.position().get(),
            stream: event.stream().as_str(),
            version: event.version().get(),
            id: event.id().to_string(),
            r#type: event.event_type().as_str(),
            schema_version: event.schema_version().0,
            time: event.time().to_string(),
            recorded_at: event.recorded_at().to_string(),
            tags: event.tags(),
            content_type: None,
            data: None,
            data_text: None,
            data_base64: None,
            metadata: None,
            metadata_text: None,
        }
    }

    /// Appends the line to `out`, without its end; `false` and nothing where it cannot be written.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let is_written = serde_json::to_writer(&mut *out, self).is_ok();
        if !is_written {
            out.truncate(start);
        }
        is_written
    }
}
