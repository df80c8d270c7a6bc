//! Format leftfold: a log that comes back equal, or is refused.

use futures_executor::block_on;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::{
    ExportFormat, Format, ImportError, ImportOptions, ImportWatch, LEFTFOLD_HEADER_BYTES, OnInvalid, import, preview,
};
use super::export::{in_format, sample};
use super::{all, chunks, import_into, store};
use crate::domain::{EventId, ExpectedVersion, NewEvent, RecordedEvent, SchemaVersion, StreamName, Tag, Timestamp};
use crate::engine::EventStore;

fn file_of(store: &EventStore) -> Vec<u8> {
    in_format(store, ExportFormat::Leftfold)
}

/// The events, without what a store gives on its own.
pub(super) fn contents(store: &EventStore) -> Vec<RecordedEvent> {
    let mut events = all(store);
    events.iter_mut().for_each(|event| event.recorded_at = Timestamp::default());
    events
}

fn head(file: &[u8]) -> String {
    let header: serde_json::Value = serde_json::from_slice(&file[..LEFTFOLD_HEADER_BYTES]).unwrap();
    header["head"].as_str().unwrap().to_owned()
}

/// The error of an import that stores nothing.
#[track_caller]
fn refused(file: &[u8], options: &ImportOptions) -> ImportError {
    let store = store();
    let error = import_into(&store, file, options).unwrap_err();
    assert!(all(&store).is_empty());
    error
}

fn json_text() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("1.50e+3".to_owned()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        any::<String>().prop_map(|text| format!("{{\n \"a\" :\t{} }}", serde_json::to_string(&text).unwrap())),
        Just("{\"a\":1,\"a\":2}".to_owned()),
    ];
    ("[ \r\n]{0,2}", value, "[ \n]{0,2}").prop_map(|(before, value, after)| before + &value + &after)
}

fn metadata() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("{ }".to_owned()),
        any::<String>().prop_map(|text| format!("{{\"note\":{}}}", serde_json::to_string(&text).unwrap())),
        Just("{\r\n\"note\": 1}\n".to_owned()),
    ]
}

fn data() -> impl Strategy<Value = NewEvent> {
    let name = "[A-Za-zé漢\"\\\\ ]{1,8}";
    prop_oneof![
        3 => (name, json_text()).prop_map(|(name, text)| NewEvent::json_text(&name, text).unwrap()),
        1 => (name, "[a-z]{1,5}/[a-z\"]{1,5}", prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(name, media_type, bytes)| NewEvent::bytes(&name, &media_type, bytes).unwrap()),
    ]
}

pub(super) fn event() -> impl Strategy<Value = NewEvent> {
    let micros = Timestamp::MIN.as_micros()..=Timestamp::MAX.as_micros();
    let tags = prop::collection::btree_set("[a-z:\"é]{1,5}", 0..3);
    (data(), metadata(), micros, any::<u32>(), tags).prop_map(|(event, metadata, micros, schema, tags)| {
        event
            .with_time(Timestamp::from_micros(micros).unwrap())
            .with_schema_version(SchemaVersion(schema))
            .with_metadata_text(metadata)
            .unwrap()
            .with_tags(tags.iter().map(|tag| Tag::new(tag).unwrap()))
            .unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a log holds, its file gives an equal one, however it is cut into chunks, and once only; and the file of
    /// that has the same head.
    #[test]
    fn a_log_comes_back_equal(
        written in prop::collection::vec((0..4_u8, event()), 0..20),
        size in prop_oneof![1..40_usize, 100..100_000_usize],
        line_end in prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n")],
    ) {
        let (first, second) = (store(), store());
        for (number, (stream, event)) in written.into_iter().enumerate() {
            let stream = StreamName::new(&format!("order-{stream}")).unwrap();
            let event = event.with_id(EventId::new(Uuid::from_u128(number as u128 + 1)));
            block_on(first.append(stream, ExpectedVersion::Any, vec![event])).unwrap();
        }
        let file = file_of(&first);
        let text = String::from_utf8(file.clone()).unwrap().replace('\n', line_end);
        let source = chunks(text.as_bytes(), size);
        let report = block_on(import(&second, source, &ImportOptions::default(), ImportWatch::new())).unwrap();
        prop_assert_eq!((report.format, report.events), (Format::Leftfold, all(&first).len() as u64));
        prop_assert_eq!(contents(&second), contents(&first));
        prop_assert_eq!(head(&file_of(&second)), head(&file));
        let again = import_into(&second, &file, &ImportOptions::default()).unwrap();
        prop_assert_eq!((again.events, again.duplicates), (0, report.events));
    }

    /// Whichever byte is another: the file is refused, or holds what it held.
    #[test]
    fn an_altered_file_is_refused_or_means_the_same(
        place in any::<prop::sample::Index>(), byte in any::<u8>(), skips in any::<bool>(),
    ) {
        let first = sample();
        let mut file = file_of(&first);
        let place = place.index(file.len());
        file[place] = byte;
        let on_invalid = if skips { OnInvalid::Skip } else { OnInvalid::Stop };
        let options = ImportOptions { on_invalid, format: Some(Format::Leftfold), ..ImportOptions::default() };
        let second = store();
        match import_into(&second, &file, &options) {
            Ok(_) => prop_assert_eq!(contents(&second), contents(&first)),
            Err(_) => prop_assert!(all(&second).is_empty()),
        }
    }
}

#[test]
fn the_header_is_a_line_of_fixed_length() {
    let store = sample();
    let file = file_of(&store);
    assert_eq!(file.iter().position(|byte| *byte == b'\n'), Some(LEFTFOLD_HEADER_BYTES - 1));
    let header: serde_json::Value = serde_json::from_slice(&file[..LEFTFOLD_HEADER_BYTES]).unwrap();
    assert_eq!((header["leftfold"].as_u64(), header["events"].as_u64()), (Some(1), Some(12)));
    assert_eq!(header["store"], store.id().to_string());
    assert_eq!(header["head"].as_str().unwrap().len(), 64);
}

/// Files rest on the chain, so it must never drift. The digest is of the layout that the documentation describes.
#[test]
fn the_chain_is_the_documented_one() {
    let store = store();
    let event = NewEvent::json_text("A", "1").unwrap().with_id(EventId::new(Uuid::from_u128(1)));
    let event = event.with_time(Timestamp::from_micros(5).unwrap()).with_tags([Tag::new("t").unwrap()]).unwrap();
    block_on(store.append(StreamName::new("s").unwrap(), ExpectedVersion::Any, vec![event])).unwrap();
    let text = |bytes: &[u8]| [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat();
    let link = [
        vec![0; 32],
        1_u128.to_be_bytes().to_vec(),
        text(b"s"),
        text(b"A"),
        [&[1][..], &5_i64.to_le_bytes()].concat(),
        1_u32.to_le_bytes().to_vec(),
        text(b""),
        text(b"1"),
        text(b""),
        1_u64.to_le_bytes().to_vec(),
        text(b"t"),
    ];
    assert_eq!(head(&file_of(&store)), blake3::hash(&link.concat()).to_hex().as_str());
}

#[test]
fn whole_lines_cannot_go_come_or_trade_places() {
    let file = String::from_utf8(file_of(&sample())).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    let options = ImportOptions::default();
    let without_last = lines[..lines.len() - 1].join("\n");
    assert_eq!(
        refused(without_last.as_bytes(), &options).to_string(),
        "the file is not as it was written: it has 11 events, but its header says 12"
    );
    let doubled = [&lines[..], &lines[3..4]].concat().join("\n");
    assert!(refused(doubled.as_bytes(), &options).to_string().contains("it has 13 events"));
    let mut swapped = lines.clone();
    swapped.swap(4, 5);
    let error = refused(swapped.join("\n").as_bytes(), &options);
    assert!(error.to_string().contains("the hash chain of its events ends in "), "{error}");
    assert_eq!(error.code(), "invalid-input");
    let cut = &file[..file.len() - 9];
    assert!(refused(cut.as_bytes(), &options).to_string().starts_with("line 13: not JSON at column"));
    let skipping = ImportOptions { on_invalid: OnInvalid::Skip, ..options };
    assert!(matches!(refused(cut.as_bytes(), &skipping), ImportError::Altered { .. }));
}

#[test]
fn headers_of_other_files_are_refused() {
    let file = String::from_utf8(file_of(&sample())).unwrap();
    let newer = file.replacen("{\"leftfold\":1,", "{\"leftfold\":2,", 1);
    let error = refused(newer.as_bytes(), &ImportOptions::default());
    assert_eq!(error.to_string(), "the file has version 2 of format leftfold, and at most 1 can be read here");
    assert_eq!(error.code(), "newer-format");
    let asked = ImportOptions { format: Some(Format::Leftfold), ..ImportOptions::default() };
    let without = file.split_once('\n').unwrap().1;
    let error = refused(without.as_bytes(), &asked);
    assert!(matches!(&error, ImportError::NoHeader { .. }), "{error}");
    assert!(matches!(refused(b"{\"leftfold\":1}\n", &ImportOptions::default()), ImportError::NoHeader { .. }));
    assert!(matches!(refused(b"\xEF\xBB\xBF\n", &asked), ImportError::Empty));
}

#[test]
fn rows_with_faults_are_named() {
    let good = String::from_utf8(file_of(&sample())).unwrap();
    let header = good.lines().next().unwrap();
    let line = |members: &str| {
        format!(
            "{{\"stream\":\"s-1\",\"id\":\"{}\",\"type\":\"A\",\"schemaVersion\":1,\"time\":\"2020-01-01T00:00:00Z\",\"tags\":[]{members}}}",
            Uuid::from_u128(1)
        )
    };
    let cases = [
        (line(",\"data\":1").replace("\"A\"", "\"\""), "type: the event type is empty"),
        (line(",\"data\":1").replace("\"s-1\"", "\"\""), "stream: the stream name is empty"),
        (line(",\"data\":1").replace("2020", "20"), "time: \u{201c}20-01"),
        (line(",\"data\":1").replace("\"id\":\"", "\"id\":\"x"), "id: "),
        (line(",\"data\":1").replace("\"tags\":[]", "\"tags\":[\"\"]"), "tags: the tag is empty"),
        (line(",\"data\":1").replace("\"tags\":[],", ""), "missing field `tags`"),
        (line(",\"data\":1,\"data\":1"), "duplicate field `data`"),
        (line(""), "one of data, dataText, and dataBase64"),
        (line(",\"dataBase64\":\"AA==\""), "one of data, dataText, and dataBase64"),
        (line(",\"dataBase64\":\"*\",\"contentType\":\"a/b\""), "dataBase64: not base64"),
        (line(",\"dataText\":\"{\""), "dataText: "),
        (line(",\"data\":1,\"metadata\":[]"), "metadata: "),
        (line(",\"data\":1,\"schemaVersion\":-1").replacen("\"schemaVersion\":1,", "", 1), "invalid value"),
        ("[1]".to_owned(), "the line is JSON, but not an object"),
        ("{".to_owned(), "not JSON at column"),
    ];
    for (row, message) in cases {
        let error = refused(format!("{header}\n{row}\n").as_bytes(), &ImportOptions::default()).to_string();
        assert!(error.starts_with("line 2: ") && error.contains(message), "{row}: {error}");
    }
    let long = format!("{header}\n{}", "x".repeat(50 << 20));
    let error = refused(long.as_bytes(), &ImportOptions::default()).to_string();
    assert!(error.starts_with("line 2: the row has more than "), "{error}");
    let latin = [header.as_bytes(), b"\n{\"stream\":\"\xE9 \"}"].concat();
    assert!(refused(&latin, &ImportOptions::default()).to_string().starts_with("line 2: the text is in Latin-1"));
}

/// The largest events that a store takes, written as texts, are within what a line may have.
#[test]
fn the_largest_events_come_back() {
    let (first, second) = (store(), store());
    let limit = crate::domain::limits::MAX_DATA_BYTES;
    let quotes = format!("[\n{}\"\"]", "\"\",".repeat((limit - 5) / 3));
    let stream = || StreamName::new("s-1").unwrap();
    for event in [NewEvent::json_text("A", quotes), NewEvent::bytes("B", "a/b", vec![7; limit])] {
        block_on(first.append(stream(), ExpectedVersion::Any, vec![event.unwrap()])).unwrap();
    }
    import_into(&second, &file_of(&first), &ImportOptions::default()).unwrap();
    assert_eq!(contents(&second), contents(&first));
}

#[test]
fn a_category_and_a_preview_work_as_with_any_format() {
    let file = file_of(&sample());
    let second = store();
    let options = ImportOptions { category: Some("old".into()), ..ImportOptions::default() };
    import_into(&second, &file, &options).unwrap();
    assert_eq!(all(&second)[0].stream().as_str(), "old-order-7");
    let seen = preview(&file, true, &ImportOptions::default(), 5).unwrap();
    assert_eq!((seen.format, seen.events, seen.streams, seen.rows.len()), (Format::Leftfold, 12, 2, 5));
    assert_eq!((seen.missing(), seen.columns[0].as_str()), (Vec::new(), "stream"));
    assert_eq!(seen.rows[1].cells[..2], ["order-8", "Scanned"]);
    assert_eq!(seen.rows[1].cells[6], "3 bytes, image/png");
    let begin = preview(&file[..600], false, &ImportOptions::default(), 5).unwrap();
    assert_eq!(begin.format, Format::Leftfold);
}
