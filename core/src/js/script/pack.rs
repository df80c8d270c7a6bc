//! Events on their way to the worker: packed into one buffer, so that a handler pays for the members that it reads.
//!
//! Little-endian: the number of events and of new names as u32; each new name as u32 length and UTF-8; zeros up to a multiple
//! of eight; 56 bytes for each event: position, version and milliseconds since 1970 as f64, then as u32 the number of its
//! stream's name, that of its type's, flags (1 for JSON, 2 for text beyond ASCII), schema version, and begin and length of data and of metadata; then those bytes.

use hashbrown::HashMap;

use crate::domain::{ContentType, RecordedEvent};

const EVENT_BYTES: usize = 56;
const IS_JSON: u32 = 1;
/// Data and metadata have characters beyond ASCII.
const IS_WIDE: u32 = 2;

/// The names that the worker knows, by the numbers that they have there.
#[derive(Debug, Default)]
pub(super) struct Packer {
    numbers: HashMap<String, u32>,
}

impl Packer {
    /// The bytes of a batch. Batches must reach the worker in the order in which they were packed.
    pub(super) fn pack(&mut self, events: &[RecordedEvent]) -> Vec<u8> {
        let mut names = Vec::new();
        let mut fresh = 0_u32;
        let numbers: Vec<(u32, u32)> = events
            .iter()
            .map(|event| {
                let mut number = |name: &str| {
                    if let Some(number) = self.numbers.get(name) {
                        return *number;
                    }
                    let number = self.numbers.len() as u32;
                    self.numbers.insert(name.to_owned(), number);
                    fresh += 1;
                    names.extend_from_slice(&(name.len() as u32).to_le_bytes());
                    names.extend_from_slice(name.as_bytes());
                    number
                };
                (number(event.stream().as_str()), number(event.event_type().as_str()))
            })
            .collect();
        let first = (8 + names.len()).next_multiple_of(8);
        let payloads: usize = events.iter().map(|event| event.data().len() + event.metadata().len()).sum();
        let mut out = Vec::with_capacity(first + events.len() * EVENT_BYTES + payloads);
        out.extend_from_slice(&(events.len() as u32).to_le_bytes());
        out.extend_from_slice(&fresh.to_le_bytes());
        out.append(&mut names);
        out.resize(first, 0);
        let mut place = (first + events.len() * EVENT_BYTES) as u32;
        for (event, (stream, event_type)) in events.iter().zip(numbers) {
            let is_wide = !event.data().is_ascii() || !event.metadata().is_ascii();
            let is_json = matches!(event.content(), ContentType::Json);
            let flags = if is_json { IS_JSON } else { 0 } | if is_wide { IS_WIDE } else { 0 };
            for number in
                [event.position().get() as f64, event.version().get() as f64, event.time().as_micros() as f64 / 1e3]
            {
                out.extend_from_slice(&number.to_le_bytes());
            }
            let (data, metadata) = (event.data().len() as u32, event.metadata().len() as u32);
            for number in [stream, event_type, flags, event.schema_version().0, place, data, place + data, metadata] {
                out.extend_from_slice(&number.to_le_bytes());
            }
            place += data + metadata;
        }
        for event in events {
            out.extend_from_slice(event.data());
            out.extend_from_slice(event.metadata());
        }
        out
    }
}
