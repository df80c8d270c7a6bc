//! Events as a store would give them back.

use crate::domain::{EventId, NewEvent, Position, RecordedEvent, StreamName, StreamVersion, Timestamp};

/// When the first event happened that names no time: 2026-03-14T09:00Z. Each further one follows a second later.
const START_MICROS: i64 = 1_773_478_800_000_000;

/// The events of a log that was made of these alone, in this order. Ids and times that are not given follow from the
/// position, so that the same events are equal in every test.
#[must_use]
pub fn recorded(events: impl IntoIterator<Item = (StreamName, NewEvent)>) -> Vec<RecordedEvent> {
    let mut log: Vec<RecordedEvent> = Vec::new();
    for (stream, event) in events {
        let before = log.iter().filter(|event| event.stream == stream).count() as u64;
        let position = log.len() as u64 + 1;
        let micros = START_MICROS.saturating_add_unsigned((position - 1) * 1_000_000);
        let time = Timestamp::trusted(micros);
        log.push(RecordedEvent {
            position: Position::new(position),
            version: StreamVersion::new(before + 1),
            id: event.id().unwrap_or_else(|| EventId::from_bytes(u128::from(position).to_be_bytes())),
            stream,
            event_type: event.event_type().clone(),
            schema_version: event.schema_version(),
            time: event.time().unwrap_or(time),
            recorded_at: time,
            content: event.content().clone(),
            data: event.data().clone(),
            metadata: event.metadata().clone(),
            tags: event.tags().into(),
        });
    }
    log
}
