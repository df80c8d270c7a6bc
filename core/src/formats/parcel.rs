//! Events on their way from the module that reads files to the one that stores them: both are compiled from this, and each has
//! a memory of its own.
//!
//! An event is, one behind the other: stream, type, content type (empty for JSON), data and metadata, each as its length in 4
//! bytes and itself; the schema version in 4 bytes; the id, and the time in microseconds since 1970 in 8 bytes, each behind
//! a byte 1, or a byte 0 where there is none; and the number of tags in 4 bytes with the tags, as the texts before. Numbers are
//! little endian.

use bytes::{Buf, Bytes};

use super::order::Placed;
use crate::domain::{ContentType, EventId, EventType, NewEvent, SchemaVersion, StreamName, Tag, Timestamp};

/// Packs events.
pub(crate) fn pack(events: &[Placed]) -> Vec<u8> {
    let mut out = Vec::new();
    for (stream, event) in events {
        let content = match event.content() {
            ContentType::Json => "",
            ContentType::Bytes(content_type) => content_type,
        };
        let name = event.event_type().as_str();
        for part in [stream.as_str().as_bytes(), name.as_bytes(), content.as_bytes(), event.data(), event.metadata()] {
            put(&mut out, part);
        }
        out.extend(event.schema_version().0.to_le_bytes());
        out.push(event.id().is_some().into());
        out.extend(event.id().into_iter().flat_map(EventId::to_bytes));
        out.push(event.time().is_some().into());
        out.extend(event.time().into_iter().flat_map(|time| time.as_micros().to_le_bytes()));
        out.extend((event.tags().len() as u32).to_le_bytes());
        event.tags().iter().for_each(|tag| put(&mut out, tag.as_str().as_bytes()));
    }
    out
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    // Limits of an event are far below what 4 bytes can count.
    out.extend((part.len() as u32).to_le_bytes());
    out.extend_from_slice(part);
}

/// Unpacks events; `None` where these are no packed events. Data shares the memory of `bytes`.
pub(crate) fn unpack(mut bytes: Bytes) -> Option<Vec<Placed>> {
    let mut events = Vec::new();
    while bytes.has_remaining() {
        let stream = StreamName::new(&text(&mut bytes)?).ok()?;
        let event_type = EventType::new(&text(&mut bytes)?).ok()?;
        let content_type = text(&mut bytes)?;
        let content = match content_type.as_str() {
            "" => ContentType::Json,
            content_type => ContentType::Bytes(content_type.into()),
        };
        let (data, metadata) = (part(&mut bytes)?, part(&mut bytes)?);
        let schema_version = SchemaVersion(bytes.try_get_u32_le().ok()?);
        let id = match bytes.try_get_u8().ok()? {
            0 => None,
            _ => {
                let mut id = [0; 16];
                bytes.try_copy_to_slice(&mut id).ok()?;
                Some(EventId::from_bytes(id))
            }
        };
        let time = match bytes.try_get_u8().ok()? {
            0 => None,
            _ => Some(Timestamp::from_micros(bytes.try_get_i64_le().ok()?).ok()?),
        };
        let tags = (0..bytes.try_get_u32_le().ok()?).map(|_| Tag::new(&text(&mut bytes)?).ok());
        let tags = tags.collect::<Option<_>>()?;
        let event = NewEvent::of_parts(event_type, content, data, metadata, schema_version, tags);
        let event = id.into_iter().fold(event, NewEvent::with_id);
        events.push((stream, time.into_iter().fold(event, NewEvent::with_time)));
    }
    Some(events)
}

fn part(bytes: &mut Bytes) -> Option<Bytes> {
    let len = bytes.try_get_u32_le().ok()? as usize;
    (len <= bytes.remaining()).then(|| bytes.split_to(len))
}

fn text(bytes: &mut Bytes) -> Option<String> {
    String::from_utf8(part(bytes)?.into()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn event() -> impl Strategy<Value = Placed> {
        let content = prop_oneof![
            "[a-z\"\u{e9}\n]{0,20}".prop_map(|text| NewEvent::json("Happened", &text)),
            vec(any::<u8>(), 0..50).prop_map(|bytes| NewEvent::bytes("Packed", "application/octet-stream", bytes)),
        ];
        let metadata = option::of("[a-z]{1,9}");
        let tags = vec("[a-z]{1,5}:[a-z]{1,5}", 0..4);
        let numbers = (
            any::<u32>(),
            option::of(any::<[u8; 16]>()),
            option::of(-1_000_000_000_000_000_i64..1_000_000_000_000_000),
        );
        ("[a-z]{1,9}-\u{e4}?[0-9]{1,3}", content, metadata, tags, numbers).prop_map(
            |(stream, event, metadata, tags, (version, id, micros))| {
                let tags: Vec<_> = tags.iter().map(|tag| Tag::new(tag).unwrap()).collect();
                let mut event = event.unwrap().with_schema_version(SchemaVersion(version)).with_tags(tags).unwrap();
                if let Some(text) = metadata {
                    event = event.with_metadata(&serde_json::json!({ "correlationId": text })).unwrap();
                }
                let event = id.map(EventId::from_bytes).into_iter().fold(event, NewEvent::with_id);
                let time = micros.map(|micros| Timestamp::from_micros(micros).unwrap());
                (StreamName::new(&stream).unwrap(), time.into_iter().fold(event, NewEvent::with_time))
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(events in vec(event(), 0..9)) {
            prop_assert_eq!(unpack(pack(&events).into()), Some(events));
        }

        #[test]
        fn what_is_cut_off_or_anything_else_is_refused_or_read_without_a_panic(
            events in vec(event(), 1..3), cut in any::<prop::sample::Index>(), noise in vec(any::<u8>(), 0..99),
        ) {
            let mut bytes = pack(&events);
            bytes.truncate(cut.index(bytes.len()));
            let read = unpack(bytes.into());
            prop_assert!(read.is_none_or(|read| read.len() < events.len() && events.starts_with(&read)));
            let _ = unpack(noise.into());
        }
    }
}
