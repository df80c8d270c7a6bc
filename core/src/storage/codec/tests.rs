//! The codec: what is packed comes back, damage is found, and no bytes make it panic.

use std::collections::HashSet;

use bytes::Bytes;
use proptest::prelude::*;

use super::wire::Malformed;
use super::*;
use crate::domain::{EventId, NewEvent, SchemaVersion, StreamName, Tag, Timestamp};
use crate::storage::SegmentKey;

/// An event that is about to be stored.
#[derive(Clone, Debug)]
struct Given {
    stream: StreamName,
    id: EventId,
    time: Timestamp,
    event: NewEvent,
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]-[0-9]{1,2}", "[^\\p{Cc}]{1,20}"]
}

prop_compose! {
    fn given()(
        stream in name(),
        id: [u8; 16],
        micros in prop_oneof![Timestamp::MIN.as_micros()..=Timestamp::MAX.as_micros(), -5..5_i64],
        event_type in name(),
        schema_version: u32,
        tags in prop::collection::vec(name(), 0..4),
        content_type in prop::option::of("[a-z]{1,10}/[a-z]{1,5}"),
        data in prop::collection::vec(any::<u8>(), 0..60),
        note in prop::option::of(".{0,10}"),
    ) -> Given {
        let event = match content_type {
            Some(content_type) => NewEvent::bytes(&event_type, &content_type, data),
            None => NewEvent::json(&event_type, &data),
        };
        let tags = tags.iter().map(|tag| Tag::new(tag).unwrap());
        let mut event = event.unwrap().with_schema_version(SchemaVersion(schema_version)).with_tags(tags).unwrap();
        if let Some(note) = note {
            event = event.with_metadata(&serde_json::json!({ "note": note })).unwrap();
        }
        let time = Timestamp::from_micros(micros).unwrap();
        Given { stream: StreamName::new(&stream).unwrap(), id: EventId::from_bytes(id), time, event }
    }
}

fn some_events() -> impl Strategy<Value = Vec<Given>> {
    prop::collection::vec(given(), 1..12)
}

fn record(events: &[Given], recorded_at: i64, previous: &Hash) -> (Bytes, Hash) {
    let mut encoder = EventsEncoder::new(Timestamp::trusted(recorded_at));
    for Given { stream, id, time, event } in events {
        encoder.push(&Draft { stream, id: *id, time: *time, event });
    }
    encoder.finish(previous)
}

/// Asserts that a stretch of the log holds exactly these events.
fn assert_holds(payloads: &Payloads, columns: &Columns, events: &[Given], recorded_at: i64) {
    assert_eq!((payloads.len(), columns.len()), (events.len(), events.len()));
    for (row, Given { stream, id, time, event }) in events.iter().enumerate() {
        let dictionary = &columns.dictionary;
        assert_eq!(&*dictionary.streams[columns.streams[row] as usize], stream.as_str());
        let kind = &dictionary.kinds[columns.kinds[row] as usize];
        assert_eq!((&*kind.event_type, kind.schema_version), (event.event_type().as_str(), event.schema_version().0));
        let set = &columns.tag_sets[columns.tag_set[row] as usize];
        let tags: Vec<&str> = set.iter().map(|tag| &*dictionary.tags[*tag as usize]).collect();
        assert_eq!(tags, event.tags().iter().map(Tag::as_str).collect::<Vec<_>>());
        assert_eq!((columns.ids[row], columns.times[row]), (id.to_bytes(), time.as_micros()));
        let payload = payloads.get(row);
        assert_eq!((&payload.content, &payload.data), (event.content(), event.data()));
        assert_eq!(&payload.metadata, event.metadata());
        assert_eq!(payload.recorded_at.as_micros(), recorded_at);
    }
}

/// Calls everything that reads bytes of the store. None may panic, whatever the bytes are.
fn read_all_ways(bytes: &[u8]) -> Vec<Result<(), Malformed>> {
    let owned = Bytes::copy_from_slice(bytes);
    let events = |(payloads, columns): (Payloads, Columns)| {
        // What was read must be good to use.
        for row in 0..payloads.len() {
            let _ = (payloads.get(row), &columns.dictionary.streams[columns.streams[row] as usize]);
        }
    };
    vec![
        Payloads::decode_with_columns(owned.clone()).map(events),
        Payloads::decode(owned.clone()).map(drop),
        split_records(&owned).map(drop),
        decode_index(bytes).map(|columns| drop(Columns::concat([&columns, &columns]))),
        Sealed::decode(bytes).map(drop),
        Published::decode(bytes).map(|published| assert!(published.count() <= u64::from(u32::MAX))),
        Meta::decode(bytes).map(drop),
        check_hash(bytes, &NO_HASH).map(drop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_events_record_comes_back(events in some_events(), recorded_at: i64, previous: Hash) {
        let (bytes, hash) = record(&events, recorded_at, &previous);
        prop_assert_eq!(check_hash(&bytes, &previous).unwrap(), hash);
        let (payloads, columns) = Payloads::decode_with_columns(bytes).unwrap();
        assert_holds(&payloads, &columns, &events, recorded_at);
    }

    #[test]
    fn a_segment_comes_back(parts in prop::collection::vec(some_events(), 1..5), recorded_at: i64) {
        let mut payload = Vec::new();
        let mut columns = Vec::new();
        let mut chain = NO_HASH;
        let mut records = Vec::new();
        for events in &parts {
            let (bytes, hash) = record(events, recorded_at, &chain);
            columns.push(Payloads::decode_with_columns(bytes.clone()).unwrap().1);
            payload.extend_from_slice(&bytes);
            records.push(bytes);
            chain = hash;
        }
        let payload = Bytes::from(payload);
        let index = encode_index(&Columns::concat(&columns));
        let (payloads, columns) = (Payloads::decode(payload.clone()).unwrap(), decode_index(&index).unwrap());
        assert_holds(&payloads, &columns, &parts.concat(), recorded_at);
        prop_assert_eq!(split_records(&payload).unwrap(), records);
        let names = [&columns.dictionary.streams, &columns.dictionary.tags];
        for list in names {
            prop_assert_eq!(list.iter().collect::<HashSet<_>>().len(), list.len(), "each name stands once");
        }
    }

    /// Every byte of every kind of record is under some checksum: whichever is changed, in whatever way, is found.
    #[test]
    fn any_changed_byte_is_found(events in some_events(), previous: Hash, change in 1..=255_u8) {
        let (events, _) = record(&events, 0, &previous);
        let index = encode_index(&Payloads::decode_with_columns(events.clone()).unwrap().1);
        let segment = SegmentRef::new(SegmentKey(7), 3, &index, &events);
        let sealed = Sealed { chain_before: previous, chain_after: NO_HASH, segment: segment.clone() }.encode();
        let (published, _) = Published { segments: vec![segment.clone(), segment.clone()] }.encode(&previous);
        let meta = Meta { format_version: 1, store_id: uuid::Uuid::nil(), created_at: Timestamp::default() }.encode();
        for at in 0..events.len() {
            let bad = changed(&events, at, change);
            prop_assert!(check_hash(&bad, &previous).is_err(), "byte {} of the events record", at);
            prop_assert!(checksum(&bad) != segment.payload_checksum, "byte {} of the payload record", at);
            prop_assert!(blake3::hash(&bad).as_bytes() != &segment.payload_hash);
        }
        for at in 0..index.len() {
            prop_assert!(checksum(&changed(&index, at, change)) != segment.index_checksum, "byte {} of the index", at);
        }
        for at in 0..sealed.len() {
            prop_assert!(Sealed::decode(&changed(&sealed, at, change)).is_err(), "byte {} of the sealed record", at);
        }
        for at in 0..published.len() {
            prop_assert!(check_hash(&changed(&published, at, change), &previous).is_err(), "byte {}", at);
        }
        for at in 0..meta.len() {
            prop_assert!(Meta::decode(&changed(&meta, at, change)).is_err(), "byte {} of the meta record", at);
        }
    }

    #[test]
    fn a_record_cut_short_or_grown_is_found(events in some_events(), previous: Hash, more in prop::collection::vec(any::<u8>(), 1..9)) {
        let (bytes, _) = record(&events, 0, &previous);
        for len in 0..bytes.len() {
            prop_assert!(check_hash(&bytes[..len], &previous).is_err());
            prop_assert!(Payloads::decode_with_columns(bytes.slice(..len)).is_err(), "cut to {} bytes", len);
        }
        let grown = [&bytes[..], &more].concat();
        prop_assert!(check_hash(&grown, &previous).is_err());
        prop_assert!(Payloads::decode_with_columns(grown.into()).is_err());
    }

    #[test]
    fn a_record_behind_another_one_is_found(events in some_events(), previous: Hash, other: Hash) {
        prop_assume!(previous != other);
        let (bytes, _) = record(&events, 0, &previous);
        prop_assert!(check_hash(&bytes, &other).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, kind in 0..6_u8, count in prop_oneof![0..20_u32, any::<u32>()]) {
        read_all_ways(&bytes);
        // Behind a good header the bytes are read further.
        let mut with_header = vec![kind, RECORD_VERSION, 0, 0];
        with_header.extend_from_slice(&count.to_le_bytes());
        with_header.extend_from_slice(&bytes);
        read_all_ways(&with_header);
    }

    /// Damage that the checksums would have found is read all the same here, as if they had been made to fit.
    #[test]
    fn no_damage_makes_it_panic(events in some_events(), places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (mut bytes, _) = record(&events, 0, &NO_HASH);
        let mut index = encode_index(&Payloads::decode_with_columns(bytes.clone()).unwrap().1);
        for (place, value) in places {
            bytes = changed(&bytes, place.index(bytes.len()), value);
            index = changed(&index, place.index(index.len()), value);
        }
        read_all_ways(&bytes);
        read_all_ways(&index);
    }
}

fn changed(bytes: &Bytes, at: usize, change: u8) -> Bytes {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= change;
    bytes.into()
}

/// Columns are one, two or four bytes wide, by their largest number.
#[test]
fn columns_of_every_width_come_back() {
    for rows in [1, 255, 256, 257, 65_535, 65_536, 65_537] {
        let columns = Columns {
            dictionary: columns_dictionary(rows),
            tag_sets: vec![Vec::new()],
            ids: (0..rows as u128).map(u128::to_be_bytes).collect(),
            times: (0..rows as i64).map(|row| row - 40_000).collect(),
            streams: (0..rows as u32).collect(),
            kinds: vec![0; rows],
            tag_set: vec![0; rows],
        };
        assert_eq!(decode_index(&encode_index(&columns)).unwrap(), columns, "{rows} rows");
    }
}

fn columns_dictionary(streams: usize) -> columns::Dictionary {
    columns::Dictionary {
        streams: (0..streams).map(|number| format!("order-{number}").into()).collect(),
        kinds: vec![Kind { event_type: "OrderPlaced".into(), schema_version: 1 }],
        tags: Vec::new(),
    }
}

/// What an adapter may look at: the first byte of an entry that holds events.
#[test]
fn the_first_byte_tells_events_from_segments() {
    let event = NewEvent::json("OrderPlaced", &1).unwrap();
    let given = Given {
        stream: StreamName::new("order-1").unwrap(),
        id: EventId::from_bytes([0; 16]),
        time: Timestamp::default(),
        event,
    };
    let (bytes, hash) = record(&[given], 0, &NO_HASH);
    assert_eq!(bytes[0], crate::storage::EVENTS_ENTRY);
    let segment = SegmentRef::new(SegmentKey(1), 1, b"", &bytes);
    assert_ne!(Sealed { chain_before: NO_HASH, chain_after: hash, segment: segment.clone() }.encode()[0], bytes[0]);
    assert_ne!(Published { segments: vec![segment] }.encode(&NO_HASH).0[0], bytes[0]);
}
