//! Everything that makes two events the same event, as bytes.

use crate::domain::{ContentType, EventType, NewEvent, RecordedEvent, SchemaVersion, StreamName, Tag, Timestamp};

/// What an event holds, but its id and what a store gives it: position, version and the time of recording.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    stream: &'a StreamName,
    event_type: &'a EventType,
    time: Option<Timestamp>,
    schema_version: SchemaVersion,
    content: &'a ContentType,
    data: &'a [u8],
    metadata: &'a [u8],
    tags: &'a [Tag],
}

impl<'a> Content<'a> {
    pub(super) fn of_new(stream: &'a StreamName, event: &'a NewEvent) -> Self {
        Self {
            stream,
            event_type: event.event_type(),
            time: event.time(),
            schema_version: event.schema_version(),
            content: event.content(),
            data: event.data(),
            metadata: event.metadata(),
            tags: event.tags(),
        }
    }

    pub(super) fn of_recorded(event: &'a RecordedEvent) -> Self {
        Self {
            stream: event.stream(),
            event_type: event.event_type(),
            time: Some(event.time()),
            schema_version: event.schema_version(),
            content: event.content(),
            data: event.data(),
            // Not the getter's: the empty object is no bytes here, before and after an event is stored.
            metadata: &event.metadata,
            tags: event.tags(),
        }
    }

    /// Appends the content to `out`, without ambiguity. The layout is fixed: ids in stores and the hash chains of files
    /// rest on it. Each text is its length in 8 bytes and itself; numbers are little endian.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_bytes(out, self.stream.as_str().as_bytes());
        write_bytes(out, self.event_type.as_str().as_bytes());
        match self.time {
            Some(time) => {
                out.push(1);
                out.extend_from_slice(&time.as_micros().to_le_bytes());
            }
            None => out.push(0),
        }
        out.extend_from_slice(&self.schema_version.0.to_le_bytes());
        match self.content {
            ContentType::Json => write_bytes(out, b""),
            ContentType::Bytes(media_type) => write_bytes(out, media_type.as_bytes()),
        }
        write_bytes(out, self.data);
        write_bytes(out, self.metadata);
        out.extend_from_slice(&(self.tags.len() as u64).to_le_bytes());
        for tag in self.tags {
            write_bytes(out, tag.as_str().as_bytes());
        }
    }
}

pub(super) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}
