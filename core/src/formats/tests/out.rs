//! What is written is read back.

use futures_executor::block_on;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::{ImportOptions, write_ndjson};
use super::{all, import_into, store};
use crate::domain::{EventId, ExpectedVersion, NewEvent, RecordedEvent, SchemaVersion, StreamName, Tag, Timestamp};

fn lines(events: &[RecordedEvent]) -> Vec<u8> {
    let mut out = Vec::new();
    assert!(events.iter().all(|event| write_ndjson(event, &mut out)));
    out
}

/// All that an event holds but when it was recorded.
fn content(event: &RecordedEvent) -> String {
    let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
    let head =
        (event.position(), event.stream().to_string(), event.version(), event.id(), event.event_type().to_string());
    let tags: Vec<String> = event.tags().iter().map(ToString::to_string).collect();
    let (data, metadata) = (value(event.data()), value(event.metadata()));
    format!("{head:?} {:?} {:?} {tags:?} {data} {metadata}", event.schema_version(), event.time())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A store that is written and read back into an empty one is the same, whatever its texts are.
    #[test]
    fn a_written_log_comes_back(
        written in prop::collection::vec(
            (0..4_u8, "[A-Za-z]{1,8}", any::<String>(), 0..4_000_000_000_000_000_i64, 1..5_u32, prop::collection::btree_set("[a-z]{1,5}", 0..3)),
            1..20,
        )
    ) {
        let (first, second) = (store(), store());
        for (number, (stream, kind, text, micros, schema, tags)) in written.iter().enumerate() {
            let data = format!("{{\n  \"text\": {},\r\n\t\"n\": [1.50, {number}]\n}}", serde_json::to_string(text).unwrap());
            let event = NewEvent::json_text(kind, data).unwrap()
                .with_id(EventId::new(Uuid::from_u128(number as u128 + 1)))
                .with_time(Timestamp::from_micros(*micros).unwrap())
                .with_schema_version(SchemaVersion(*schema))
                .with_metadata(&serde_json::json!({ "note": text })).unwrap()
                .with_tags(tags.iter().map(|tag| Tag::new(tag).unwrap())).unwrap();
            let stream = StreamName::new(&format!("order-{stream}")).unwrap();
            block_on(first.append(stream, ExpectedVersion::Any, vec![event])).unwrap();
        }
        let text = lines(&all(&first));
        prop_assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), written.len());
        let report = import_into(&second, &text, &ImportOptions::default()).unwrap();
        prop_assert_eq!(report.events, written.len() as u64);
        let shown = |events: Vec<RecordedEvent>| events.iter().map(content).collect::<Vec<_>>();
        prop_assert_eq!(shown(all(&first)), shown(all(&second)));
    }
}

#[test]
fn bytes_are_left_out_whole() {
    let store = store();
    let event = NewEvent::bytes("Scanned", "image/png", vec![1_u8, 2]).unwrap();
    block_on(store.append(StreamName::new("scan-1").unwrap(), ExpectedVersion::Any, vec![event])).unwrap();
    let mut out = b"before".to_vec();
    assert!(!write_ndjson(&all(&store)[0], &mut out));
    assert_eq!(out, b"before");
}
