//! OCEL 2.0 in JSON. The files here are made by hand from the specification's list of members; real ones are among the
//! real data.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Field, FieldSource, Format, ImportOptions, ImportOrder, Mapping, OnInvalid, preview};
use super::chunked::{rows, sizes};
use super::faults::check;
use super::{all, import_into, imported, show, store};

const OBJECTS: &str = r#""objects": [
  {"id":"o1","type":"orders","attributes":[
    {"name":"price","time":"1970-01-01T00:00:00Z","value":"10.0"},
    {"name":"paid","time":"2026-01-03T00:00:00Z","value":true},
    {"name":"price","time":"2026-01-03T00:00:00Z","value":12.50}],
   "relationships":[{"objectId":"i1","qualifier":"has"}]},
  {"id":"i1","type":"items"},
  {"id":"i2","type":"items","attributes":[],"relationships":[]}
]"#;

const EVENTS: &str = r#""events": [
  {"id":"e1","type":"place order","time":"2026-01-01T00:00:00Z","attributes":[{"name":"by","value":"Pete"},{"name":"n","value":1.0}],
   "relationships":[{"objectId":"i2","qualifier":"item"},{"objectId":"o1","qualifier":"order"},{"objectId":"i1","qualifier":"item"}]},
  {"id":"e2","type":"pick item","time":"2026-01-02T00:00:00Z","relationships":[{"objectId":"i1","qualifier":"picked"}]},
  {"id":"e3","type":"count","time":"2026-01-04T00:00:00Z"}
]"#;

fn document(objects: &str, events: &str) -> String {
    format!("{{\"objectTypes\":[],\"eventTypes\":[{{\"name\":\"count\",\"attributes\":[]}}],\n{objects},\n{events}}}")
}

#[test]
fn events_have_their_objects_as_tags_and_objects_have_events() {
    let expected = [
        r#"objects-orders:o1 ObjectAdded 1970-01-01T00:00:00Z v1 {"objectType":"orders","objectId":"o1","attributes":{"price":"10.0"}} {"relationships":[{"objectId":"i1","qualifier":"has"}]} ["orders:o1"]"#,
        r#"objects-items:i1 ObjectAdded 1970-01-01T00:00:00Z v1 {"objectType":"items","objectId":"i1","attributes":{}} {} ["items:i1"]"#,
        r#"objects-items:i2 ObjectAdded 1970-01-01T00:00:00Z v1 {"objectType":"items","objectId":"i2","attributes":{}} {} ["items:i2"]"#,
        r#"orders-o1 place order 2026-01-01T00:00:00Z v1 {"by":"Pete","n":1.0} {"id":"e1","relationships":[{"objectId":"i2","qualifier":"item"},{"objectId":"o1","qualifier":"order"},{"objectId":"i1","qualifier":"item"}]} ["items:i1", "items:i2", "orders:o1"]"#,
        r#"items-i1 pick item 2026-01-02T00:00:00Z v1 {} {"id":"e2","relationships":[{"objectId":"i1","qualifier":"picked"}]} ["items:i1"]"#,
        r#"objects-orders:o1 ObjectChanged 2026-01-03T00:00:00Z v1 {"objectType":"orders","objectId":"o1","attributes":{"paid":true,"price":12.50}} {} ["orders:o1"]"#,
        r#"events count 2026-01-04T00:00:00Z v1 {} {"id":"e3"} []"#,
    ];
    // The objects may stand behind the events; a byte order mark and other line ends change nothing.
    for text in [
        document(OBJECTS, EVENTS),
        document(EVENTS, OBJECTS),
        format!("{{{EVENTS},{OBJECTS}}}"),
        format!("\u{feff}{}", document(OBJECTS, EVENTS).replace('\n', "\r\n")),
    ] {
        let mut mapping = Mapping::default();
        mapping.set(Field::Stream, Some(FieldSource::from("orders")));
        assert_eq!(imported(&text, &ImportOptions { mapping, ..ImportOptions::default() }), expected);
        let store = store();
        let report = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((report.format, report.events, report.remark_count), (Format::Ocel2, 7, 0));
        let again = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((again.events, again.duplicates), (0, 7));
    }
}

#[test]
fn the_stream_is_of_the_type_that_most_events_have_one_of() {
    let streams = |mapping: Mapping, category: Option<&str>| {
        let options = ImportOptions { mapping, category: category.map(str::to_owned), ..ImportOptions::default() };
        let shown = imported(&document(OBJECTS, EVENTS), &options);
        let stream = |line: &String| line.split(' ').next().unwrap().to_owned();
        shown.iter().filter(|line| !line.contains("Object")).map(stream).collect::<Vec<_>>()
    };
    // One event has one order and two items, another has one item: the type that is first among the objects goes first.
    assert_eq!(streams(Mapping::default(), None), ["orders-o1", "items-i1", "events"]);
    let mut items = Mapping::default();
    items.set(Field::Stream, Some(FieldSource::from("items")));
    assert_eq!(streams(items, None), ["items-i2", "items-i1", "events"]);
    assert_eq!(streams(Mapping::default(), Some("shop")), ["shop-orders-o1", "shop-items-i1", "shop-events"]);
    let mut unknown = Mapping::default();
    unknown.set(Field::Stream, Some(FieldSource::from("carts")));
    let options = ImportOptions { mapping: unknown, ..ImportOptions::default() };
    let error = import_into(&store(), document(OBJECTS, EVENTS).as_bytes(), &options).unwrap_err().to_string();
    assert!(error.ends_with("the file has id, type, time, orders, items"), "{error}");
}

#[test]
fn a_preview_has_the_types_of_objects_as_columns() {
    let preview = preview(document(OBJECTS, EVENTS).as_bytes(), true, &ImportOptions::default(), 10).unwrap();
    assert_eq!(preview.columns, ["id", "type", "time", "orders", "items"]);
    assert_eq!((preview.events, preview.missing(), preview.fault_count), (7, vec![], 0));
    assert_eq!(preview.rows[4].cells, ["e1", "place order", "2026-01-01T00:00:00Z", "o1", "i2, i1"]);
}

#[test]
fn references_to_objects_that_are_not_there_are_kept_and_reported() {
    let events = r#""events":[{"id":"e","type":"A","time":"2026-01-01","relationships":[{"objectId":"gone","qualifier":"q"},{"objectId":"i","qualifier":"q"}]}]"#;
    let objects = r#""objects":[{"id":"i","type":"items","relationships":[{"objectId":"i","qualifier":"self"},{"objectId":"lost","qualifier":"x"}]}]"#;
    for text in [format!("{{{objects},{events}}}"), format!("{{{events},{objects}}}")] {
        let store = store();
        let report = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((report.events, report.skipped_count, report.remark_count), (2, 0, 2));
        let mut remarks: Vec<String> = report.remarks.iter().map(ToString::to_string).collect();
        remarks.sort();
        let expected = [
            "line 1, $.events[0]: relationships: the object \u{201c}gone\u{201d} is not in the file",
            "line 1, $.objects[0]: relationships: the object \u{201c}lost\u{201d} is not in the file",
        ];
        assert_eq!(remarks, expected);
        assert_eq!(report.remarks[0].code.as_str(), "dangling-reference");
        let shown: Vec<String> = all(&store).iter().map(show).collect();
        assert!(
            shown[1].starts_with("items-i A ") && shown[1].contains("gone") && shown[1].ends_with(r#"["items:i"]"#)
        );
        assert!(shown[0].contains("lost"));
    }
}

#[test]
fn invalid_events_and_objects_are_named_by_line_path_and_kind() {
    let good = r#"{"id":"g","type":"A","time":"2026-01-01"}"#;
    let long = "t".repeat(300);
    let events = [
        (r#"{"id":"e","type":"A"}"#.to_owned(), "missing-value", "missing member `time`"),
        (
            r#"{"id":"e","id":"f","type":"A","time":"2026-01-01"}"#.to_owned(),
            "duplicate-member",
            "duplicate member `id`",
        ),
        (
            r#"{"id":7,"type":"A","time":"2026-01-01"}"#.to_owned(),
            "wrong-kind",
            "invalid type: integer `7`, expected a string",
        ),
        ("7".to_owned(), "wrong-kind", "invalid type: integer `7`"),
        (r#"{"id":"e","type":"A","time":01}"#.to_owned(), "not-json", "invalid number"),
        (r#"{"id":"e","type":"A","time":"soon"}"#.to_owned(), "unreadable-time", "\u{201c}soon\u{201d} is not a time"),
        (r#"{"id":"e","type":"","time":"2026-01-01"}"#.to_owned(), "missing-value", "type: the type is empty"),
        (format!(r#"{{"id":"e","type":"{long}","time":"2026-01-01"}}"#), "too-large", "300 bytes"),
        (
            r#"{"id":"e","type":"A","time":"2026-01-01","relationships":[{"qualifier":"q"}]}"#.to_owned(),
            "missing-value",
            "`objectId`",
        ),
        (
            r#"{"id":"e","type":"A","time":"2026-01-01","relationships":{}}"#.to_owned(),
            "wrong-kind",
            "expected a sequence",
        ),
        (
            r#"{"id":"e","type":"A","time":"2026-01-01","attributes":[{"name":"x","value":1},{"name":"x","value":2}]}"#
                .to_owned(),
            "duplicate-member",
            "x: the attribute stands twice in the event",
        ),
        (r#"{"id":"g","type":"B","time":"2026-01-01"}"#.to_owned(), "id-reused", "the id g stands in an earlier row"),
    ];
    for (wrong, code, message) in events {
        let text = format!("{{\"objects\":[],\"events\":[{good},\n{wrong}\n]}}");
        let (stop, skip) = check(text.as_bytes());
        assert!(stop.starts_with("line 2, $.events[1]: ") && stop.contains(message), "{wrong}: {stop}");
        assert_eq!(skip, Ok((1, vec![format!("2 {code}")])), "{wrong}");
    }
    let objects = [
        (r#"{"id":"o"}"#.to_owned(), "missing-value", "missing member `type`"),
        (
            r#"{"id":"o","type":"t","attributes":[{"name":"a","time":"soon","value":1}]}"#.to_owned(),
            "unreadable-time",
            "a: \u{201c}soon\u{201d}",
        ),
        (
            r#"{"id":"o","type":"t","attributes":[{"name":"a","value":1},{"name":"a","value":1}]}"#.to_owned(),
            "duplicate-member",
            "two values for one time",
        ),
        (r#"{"id":"first","type":"t"}"#.to_owned(), "id-reused", "an object before has this id"),
        (format!(r#"{{"id":"{long}","type":"t"}}"#), "too-large", "the tag has 302 bytes"),
    ];
    for (wrong, code, message) in objects {
        let text = format!("{{\"objects\":[{{\"id\":\"first\",\"type\":\"t\"}},\n{wrong}],\"events\":[{good}]}}");
        let (stop, skip) = check(text.as_bytes());
        assert!(stop.starts_with("line 2, $.objects[1]: ") && stop.contains(message), "{wrong}: {stop}");
        assert_eq!(skip, Ok((2, vec![format!("2 {code}")])), "{wrong}");
    }
}

#[test]
fn documents_that_are_broken_are_refused() {
    let whole = document(OBJECTS, EVENTS);
    let truncated = &whole.as_bytes()[..whole.len() - 20];
    let deep = format!("{{\"objects\":[],\"events\":[{{\"id\":{}", "[".repeat(200));
    let long = format!("{{\"objects\":[],\n\"events\":[{{\"id\":\"{}\"}}]}}", "x".repeat(50 << 20));
    let cases: [(&[u8], &str); 9] = [
        (truncated, "line 15, $.events[2]: the file ends here, in the middle of it; was it cut off?"),
        (
            b"{\"objects\":[],\"events\":[],\n\"events\":[]}",
            "line 2, $.events: the member stands twice in the document",
        ),
        (
            b"{\"objects\":{\"a\":1},\"events\":[]}",
            "line 1, $.objects.a: the events and the objects of OCEL 2.0 are arrays",
        ),
        (b"{\"objectTypes\":[],\"events\":7}", "line 1, $.events: the events and the objects of OCEL 2.0 are arrays"),
        (b"{\"objectTypes\":[01],\"events\":[]}", "line 1, $.objectTypes[0]: this is not JSON"),
        (b"{\"objects\":[],\"events\":[\n{\"id\":\"\xE9\"}]}", "line 2: the text is in Latin-1"),
        (deep.as_bytes(), "line 1, $.events[0]: there are more than 128 brackets in one another"),
        (long.as_bytes(), "line 2, $.events[0]: the row has more than 16777216 bytes"),
        (b"{\"ocel:global-log\":{\"ocel:version\":\"1.0\"}}", "the file is OCEL 1.0; OCEL 2.0 is what is read of it"),
    ];
    for (bytes, message) in cases {
        let (stop, skip) = check(bytes);
        assert!(stop.starts_with(message), "{stop:.300}, not {message}");
        assert_eq!(skip, Err(stop));
    }
}

/// Ids that say none are derived; times before 1970 and without an offset are times; the file need not be in their order.
#[test]
fn odd_ids_and_times() {
    let event = |id: &str, time: &str| format!(r#"{{"id":"{id}","type":"A{time}","time":"{time}"}}"#);
    let events =
        [event("NA", "2026-01-02"), event("NA", "1969-12-31T23:00:00"), event("NA", "2026-01-01T00:00:00+02:00")];
    let text = format!("{{\"objects\":[],\"events\":[{}]}}", events.join(","));
    let times: Vec<String> = {
        let store = store();
        assert_eq!(import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap().events, 3);
        all(&store).iter().map(|event| event.time().to_string()).collect()
    };
    // All are in one stream, which keeps its order.
    assert_eq!(times, ["2026-01-02T00:00:00Z", "1969-12-31T23:00:00Z", "2025-12-31T22:00:00Z"]);
}

#[derive(Clone, Debug)]
struct Written {
    event_type: String,
    micros: i64,
    data: Vec<(String, Value)>,
    objects: Vec<usize>,
}

fn written() -> impl Strategy<Value = Written> {
    let value = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from)
    ];
    let data = proptest::collection::btree_map("[a-d]", value, 0..3).prop_map(|map| map.into_iter().collect());
    let micros = -62_000_000_000_000_000_i64..253_000_000_000_000_000;
    ("[a-z\"é ]{1,8}", micros, data, proptest::collection::vec(0..6_usize, 0..4))
        .prop_map(|(event_type, micros, data, objects)| Written { event_type, micros, data, objects })
}

fn ocel(events: &[Written], objects_first: bool, has_lines: bool) -> Vec<u8> {
    let events: Vec<Value> = events
        .iter()
        .enumerate()
        .map(|(number, event)| {
            let time = crate::domain::Timestamp::from_micros(event.micros).unwrap().to_string();
            let attributes: Vec<Value> = event.data.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
            let relationships: Vec<Value> = event.objects.iter().map(|id| json!({"objectId": format!("o{id}"), "qualifier": "q"})).collect();
            json!({"id": format!("e{number}"), "type": event.event_type, "time": time, "attributes": attributes, "relationships": relationships})
        })
        .collect();
    // One of six is not there.
    let objects: Vec<Value> = (0..5).map(|id| json!({"id": format!("o{id}"), "type": (["a", "b"][id % 2])})).collect();
    let text = |value: Vec<Value>| {
        let value = Value::from(value);
        if has_lines { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() }
    };
    let (events, objects) = (format!("\"events\":{}", text(events)), format!("\"objects\":{}", text(objects)));
    let (first, second) = if objects_first { (objects, events) } else { (events, objects) };
    format!("{{\"objectTypes\":[],{first},{second}}}").into_bytes()
}

proptest! {
    #[test]
    fn ocel_comes_back(
        events in proptest::collection::vec(written(), 1..30), objects_first in any::<bool>(), has_lines in any::<bool>(), sizes in sizes(),
    ) {
        let file = ocel(&events, objects_first, has_lines);
        let options = ImportOptions { order: Some(ImportOrder::File), on_invalid: OnInvalid::Stop, ..ImportOptions::default() };
        let store = store();
        let report = import_into(&store, &file, &options).unwrap();
        let dangling = events.iter().flat_map(|event| &event.objects).filter(|id| **id == 5).count();
        prop_assert_eq!((report.events as usize, report.remark_count as usize), (events.len() + 5, dangling));
        let found: Vec<_> = all(&store).into_iter().skip(5).collect();
        for (event, found) in events.iter().zip(&found) {
            prop_assert_eq!(found.event_type().as_str(), &event.event_type);
            prop_assert_eq!(found.time().as_micros(), event.micros);
            let data = Value::Object(event.data.iter().cloned().collect()).to_string();
            prop_assert_eq!(found.data(), data.as_bytes());
            let tags: std::collections::BTreeSet<String> =
                event.objects.iter().filter(|id| **id < 5).map(|id| format!("{}:o{id}", ["a", "b"][id % 2])).collect();
            prop_assert_eq!(found.tags().iter().map(ToString::to_string).collect::<Vec<_>>(), tags.into_iter().collect::<Vec<_>>());
        }
        prop_assert_eq!(rows(&file, &sizes, None), rows(&file, &[usize::MAX], None));
    }

    #[test]
    fn chunks_change_nothing_about_what_is_wrong(
        events in proptest::collection::vec(written(), 1..120),
        objects_first in any::<bool>(),
        wounds in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        sizes in sizes(),
    ) {
        let mut file = ocel(&events, objects_first, true);
        for (place, byte) in wounds {
            let place = place.index(file.len());
            file[place] = byte;
        }
        prop_assert_eq!(rows(&file, &sizes, Some(Format::Ocel2)), rows(&file, &[usize::MAX], Some(Format::Ocel2)));
    }
}
