//! NDJSON out: recorded events, one a line, as the reader of NDJSON takes them back.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::{ContentType, RecordedEvent, Tag};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    position: u64,
    stream: &'a str,
    version: u64,
    id: String,
    r#type: &'a str,
    schema_version: u32,
    time: String,
    recorded_at: String,
    tags: &'a [Tag],
    data: &'a RawValue,
    metadata: &'a RawValue,
}

/// Appends an event to `out` as a line of NDJSON, its end included: `position`, `stream`, `version`, `id`, `type`,
/// `schemaVersion`, `time`, `recordedAt`, `tags`, `data`, `metadata`. O(bytes).
///
/// [`import`](super::import) takes such lines back without being told how: ids, times, schema versions, tags, data and metadata
/// are the same again; a store that is empty gives the same positions and versions, and its own `recordedAt`. Data and
/// metadata keep their text, but for line ends between values, which become blanks.
///
/// Whether it was appended: JSON has no place for data that is bytes, so such events are left out.
///
/// ```
/// # use leftfold_core::{EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, ReadOptions, StreamName};
/// use leftfold_core::formats::write_ndjson;
///
/// # futures_executor::block_on(async {
/// # let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
/// # let placed = NewEvent::json("OrderPlaced", &25)?;
/// # store.append(StreamName::new("order-7")?, ExpectedVersion::NoStream, vec![placed]).await?;
/// let mut lines = Vec::new();
/// for event in store.read_all(ReadOptions::default()).await? {
///     assert!(write_ndjson(&event, &mut lines));
/// }
/// assert!(lines.starts_with(br#"{"position":1,"stream":"order-7","version":1,"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn write_ndjson(event: &RecordedEvent, out: &mut Vec<u8>) -> bool {
    if matches!(event.content(), ContentType::Bytes(_)) {
        return false;
    }
    let metadata = if event.metadata().is_empty() { b"{}" } else { event.metadata() };
    let start = out.len();
    let written = serde_json::from_slice::<&RawValue>(event.data()).and_then(|data| {
        let line = Line {
            position: event.position().get(),
            stream: event.stream().as_str(),
            version: event.version().get(),
            id: event.id().to_string(),
            r#type: event.event_type().as_str(),
            schema_version: event.schema_version().0,
            time: event.time().to_string(),
            recorded_at: event.recorded_at().to_string(),
            tags: event.tags(),
            data,
            metadata: serde_json::from_slice(metadata)?,
        };
        serde_json::to_writer(&mut *out, &line)
    });
    if written.is_err() {
        // What says that it is JSON was seen to be when it was stored; were it none, half a line would spoil the file.
        out.truncate(start);
        return false;
    }
    // Within strings JSON escapes line ends: those that are left stand between values, and mean nothing.
    out[start..].iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    out.push(b'\n');
    true
}
