//! NDJSON out: recorded events, one a line, as the reader of NDJSON takes them back.

use serde_json::value::RawValue;

use super::recorded_line::RecordedLine;
use crate::domain::{ContentType, RecordedEvent};

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
    // What says that it is JSON was seen to be when it was stored; were it none, half a line would spoil the file.
    let Ok(data) = serde_json::from_slice::<&RawValue>(event.data()) else { return false };
    let Ok(metadata) = serde_json::from_slice::<&RawValue>(event.metadata()) else { return false };
    let start = out.len();
    let mut line = RecordedLine::new(event);
    (line.data, line.metadata) = (Some(data), Some(metadata));
    if !line.write(out) {
        return false;
    }
    // Within strings JSON escapes line ends: those that are left stand between values, and mean nothing.
    out[start..].iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    out.push(b'\n');
    true
}
