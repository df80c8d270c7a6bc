//! A log that was exported as CSV comes back equal, without being told how.

use futures_executor::block_on;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::{
    ExportFormat, FieldSource, Format, ImportOptions, ImportWatch, Mapping, OnInvalid, import, preview,
};
use super::export::{in_format, sample};
use super::leftfold::{contents, event};
use super::{all, chunks, import_into, imported, store};
use crate::domain::{EventId, ExpectedVersion, NewEvent, StreamName};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_log_comes_back_equal(
        written in prop::collection::vec((0..4_u8, event()), 0..20),
        size in prop_oneof![1..40_usize, 100..100_000_usize],
    ) {
        let (first, second) = (store(), store());
        for (number, (stream, event)) in written.into_iter().enumerate() {
            let stream = StreamName::new(&format!("order, \"{stream}\"")).unwrap();
            let event = event.with_id(EventId::new(Uuid::from_u128(number as u128 + 1)));
            block_on(first.append(stream, ExpectedVersion::Any, vec![event])).unwrap();
        }
        let file = in_format(&first, ExportFormat::Csv);
        let options = ImportOptions::default();
        let report = block_on(import(&second, chunks(&file, size), &options, ImportWatch::new())).unwrap();
        prop_assert_eq!((report.format, report.events), (Format::Csv, all(&first).len() as u64));
        prop_assert_eq!(contents(&second), contents(&first));
        let again = import_into(&second, &file, &options).unwrap();
        prop_assert_eq!((again.events, again.duplicates), (0, report.events));
    }
}

#[test]
fn the_largest_events_come_back() {
    let first = store();
    let quotes = format!("\"{}\"", "\\\"".repeat(8 * 1024 * 1024 - 1));
    for event in [
        NewEvent::json_text("Noted", quotes).unwrap(),
        NewEvent::bytes("Scanned", "image/png", vec![255_u8; 16 * 1024 * 1024]).unwrap(),
    ] {
        block_on(first.append(StreamName::new("s-1").unwrap(), ExpectedVersion::Any, vec![event])).unwrap();
    }
    let second = store();
    import_into(&second, &in_format(&first, ExportFormat::Csv), &ImportOptions::default()).unwrap();
    assert!(contents(&second) == contents(&first));
}

/// A spreadsheet may have written it again, with other marks; a mapping says that it is read as any table.
#[test]
fn other_delimiters_and_mappings_are_heeded() {
    let file = String::from_utf8(in_format(&sample(), ExportFormat::Csv)).unwrap();
    let row = |text: &str| text.lines().last().unwrap().to_owned();
    let header = file.lines().next().unwrap();
    let other = format!("\u{feff}{}\n{}\n", header.replace(',', ";"), row(&file).replace(',', ";"));
    let shown = imported(&other, &ImportOptions::default());
    assert!(shown[0].ends_with("v1 {\"n\":9} {} []"), "{shown:?}");
    let mapping = Mapping { stream: Some(FieldSource::from("version")), ..Mapping::default() };
    let shown = imported(&other, &ImportOptions { mapping, ..ImportOptions::default() });
    assert!(shown[0].starts_with("6 Counted ") && shown[0].contains("\"position\":\"12\""), "{shown:?}");
    let seen = preview(file.as_bytes(), true, &ImportOptions::default(), 3).unwrap();
    assert_eq!((seen.columns.len(), seen.events, seen.missing().len()), (12, 12, 0));
    assert_eq!(seen.mapping.get(super::super::Field::SchemaVersion), Some(&FieldSource::from("schema_version")));
}

#[test]
fn cells_that_no_export_writes_are_faults() {
    let head = "position,stream,version,id,type,schema_version,time,recorded_at,tags,content_type,data,metadata\n";
    let id = "0198c0de-0000-7000-8000-000000000001";
    let row = |position: &str, tags: &str, media_type: &str, data: &str, metadata: &str| {
        format!("{head}{position},s,1,{id},A,1,2026-01-01T00:00:00Z,x,{tags},{media_type},{data},{metadata}\n")
    };
    let cases = [
        (row("one", "", "", "1", ""), "wrong-kind", "position: the value is not a whole number"),
        (row("1", "x", "", "1", ""), "wrong-kind", "tags: the value is not a JSON array of texts"),
        (row("1", "", "image/png", "?", ""), "wrong-kind", "data: the value is not Base64"),
        (row("1", "", "", "{", ""), "not-json", "data: not JSON: EOF"),
        (row("1", "", "", "1", "[]"), "not-json", "object"),
        (row("1", "", "no type", "AA==", ""), "wrong-kind", ""),
    ];
    for (text, code, message) in cases {
        let stopped = store();
        let options = ImportOptions::default();
        let error = import_into(&stopped, text.as_bytes(), &options).map(|report| report.events);
        let skipping = ImportOptions { on_invalid: OnInvalid::Skip, ..options };
        let report = import_into(&store(), text.as_bytes(), &skipping).unwrap();
        if message.is_empty() {
            // A content type is whatever its writer says.
            assert_eq!(report.events, 1);
            continue;
        }
        let error = error.map_err(|error| error.to_string()).expect_err(&text);
        assert!(error.starts_with("line 2: ") && error.contains(message), "{text}: {error}");
        assert!(all(&stopped).is_empty());
        assert_eq!(report.skipped[0].code.as_str(), code);
    }
    let good = row("1", "", "", "1", "");
    assert!(imported(&good, &ImportOptions::default())[0].starts_with("s A 2026-01-01T00:00:00Z v1 1 {} []"));
}
