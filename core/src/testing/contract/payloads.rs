//! What is stored comes back byte for byte.

use super::given::*;
use crate::domain::{ContentType, ExpectedVersion, NewEvent, RecordedEvent, SchemaVersion, Timestamp};
use crate::testing::Fixture;

fn all_kinds() -> Vec<NewEvent> {
    let json = |text: &str| done(NewEvent::json_text("Noted", text.to_owned()));
    let bytes = |content_type: &str, data: Vec<u8>| done(NewEvent::bytes("FileAdded", content_type, data));
    let mut events = vec![
        json(" { \"b\" : 1.50,\n\t\"a\":[ ] , \"a\":2e3 } "),
        json("null"),
        json("\"\u{1F642} caf\u{e9} \\u00e9 \u{202e}\u{0}\"".replace('\u{0}', "").as_str()),
        json("123456789012345678901234567890.000"),
        json(&format!("\"{}\"", "x".repeat(100_000))),
        bytes("application/octet-stream", (0..=255).collect()),
        bytes("application/octet-stream", Vec::new()),
        bytes("text/plain; charset=utf-8", b"not json {".to_vec()),
        bytes("application/json", b"{}".to_vec()),
        done(json("1").with_metadata_text(" { \"correlationId\" : \"c\" , \"z\":1,\"a\": null }")),
        done(json("1").with_metadata_text("{}")),
        done(json("1").with_tags(["z", "a", "course:c1", "z", "\u{e9}"].map(tag))),
        done(json("1").with_tags((0..128).map(|number| tag(&format!("tag:{number}"))))),
        done(NewEvent::json(&"T".repeat(255), &1)),
        done(NewEvent::json("Zahlung \u{201e}empfangen\u{201c} \u{1F4B6}", &1)),
    ];
    events.extend([0, 2, 255, 70_000, u32::MAX].map(|version| json("1").with_schema_version(SchemaVersion(version))));
    let times = [Timestamp::MIN.as_micros(), -86_400_000_001, -1, 0, 1, Timestamp::MAX.as_micros()];
    events.extend(times.map(|micros| json("1").with_time(time(micros))));
    let event_id = |number: usize| match number {
        0 => id(0),
        1 => id(u128::MAX),
        number => id(number as u128),
    };
    events.into_iter().enumerate().map(|(number, event)| event.with_id(event_id(number))).collect()
}

fn assert_same(event: &NewEvent, recorded: &RecordedEvent) {
    assert_eq!(recorded.data(), &event.data()[..], "data of {event:?}");
    assert_eq!(recorded.content(), event.content());
    let metadata: &[u8] = if event.metadata().is_empty() { b"{}" } else { event.metadata() };
    assert_eq!(recorded.metadata(), metadata);
    assert_eq!(Some(recorded.id()), event.id());
    assert_eq!(recorded.event_type(), event.event_type());
    assert_eq!(recorded.schema_version(), event.schema_version());
    assert_eq!(recorded.tags(), event.tags());
    if let Some(time) = event.time() {
        assert_eq!(recorded.time(), time);
    }
}

/// Data, content types, metadata, tags, schema versions, ids and times of every kind come back as they were given: at
/// once, on another handle, after sealing, after reopening, and through a bulk append.
pub async fn every_byte_comes_back(fixture: &dyn Fixture) {
    let events = all_kinds();
    let store = open_small(fixture).await;
    let other = open_small(fixture).await;
    let name = "n".repeat(512);
    for event in &events {
        append(&store, &name, vec![event.clone()]).await;
    }
    append(&store, "order-1", numbers(1_000..1_002)).await;
    until_sealed(&store, 2).await;
    let again = open_small(fixture).await;
    let stored = all(&store).await;
    for handle in [&other, &again] {
        assert_eq!(all(handle).await, stored);
    }
    assert_eq!(stored[0].stream().as_str(), name);
    events.iter().zip(&stored).for_each(|(event, recorded)| assert_same(event, recorded));
    assert_eq!(stored[7].content(), &ContentType::Bytes("text/plain; charset=utf-8".into()));
    assert_sound(&again, events.len() + 2).await;
}

/// The same through a bulk append.
pub async fn every_byte_of_a_bulk_comes_back(fixture: &dyn Fixture) {
    let events = all_kinds();
    let store = open_small(fixture).await;
    let mut bulk = done(store.bulk().await);
    for event in &events {
        done(bulk.push(&stream("note-1"), event).await);
    }
    done(bulk.finish().await);
    let stored = all(&open_small(fixture).await).await;
    assert_eq!(stored.len(), events.len());
    events.iter().zip(&stored).for_each(|(event, recorded)| assert_same(event, recorded));
}

/// What the producer leaves open is given by the store: an id, a time, and when it was recorded.
pub async fn what_the_producer_leaves_open(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let before = store.host().now();
    let events = vec![event("A"), event("B").with_time(time(-7))];
    done(store.append(stream("order-1"), ExpectedVersion::NoStream, events).await);
    let after = store.host().now();
    let stored = all(&open(fixture).await).await;
    assert!((before..=after).contains(&stored[0].time()));
    assert_eq!(stored[1].time().as_micros(), -7);
    for event in &stored {
        assert!((before..=after).contains(&event.recorded_at()), "recorded at {}", event.recorded_at());
        assert_eq!(event.schema_version(), SchemaVersion(1));
        assert_eq!((event.metadata(), event.tags()), (&b"{}"[..], &[][..]));
    }
}
