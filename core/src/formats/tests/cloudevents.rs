//! CloudEvents 1.0 in JSON. The files here are made by hand from the specification's list of attributes, or written by an
//! export.

use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{ExportFormat, Field, FieldSource, Format, ImportOptions, ImportOrder, Mapping, OnInvalid, preview};
use super::chunked::{rows, sizes};
use super::export::{in_format, sample};
use super::faults::check;
use super::{all, import_into, imported, store};
use crate::domain::{ContentType, ExpectedVersion, NewEvent, RecordedEvent, StreamName, Timestamp};
use crate::engine::EventStore;

/// An event with everything that the specification has, and extensions.
fn full() -> Value {
    json!({
        "specversion": "1.0", "id": "A234-1234-1234", "source": "https://example.com/cloudevents/pull", "subject": "123",
        "type": "com.example.opened", "time": "2018-04-05T17:31:00Z", "datacontenttype": "application/json",
        "dataschema": "https://example.com/s", "number": 7, "flag": true, "absent": null, "correlationid": "c",
        "data": {"a": [1, 2]},
    })
}

const FULL: &str = concat!(
    r#"123 com.example.opened 2018-04-05T17:31:00Z v1 {"a":[1,2]} {"correlationId":"c","dataschema":"https://example.com/s","#,
    r#""flag":true,"id":"A234-1234-1234","number":7,"source":"https://example.com/cloudevents/pull"} []"#
);

#[test]
fn one_event_a_batch_and_lines_are_the_same() {
    let (one, pretty) = (full().to_string(), serde_json::to_string_pretty(&full()).unwrap());
    let pretty_data = FULL.replace("[1,2]", "[\n      1,\n      2\n    ]").replace("{\"a\"", "{\n    \"a\"");
    assert_eq!(imported(&one, &ImportOptions::default()), [FULL]);
    assert_eq!(imported(&format!("[{one}]"), &ImportOptions::default()), [FULL]);
    assert_eq!(imported(&format!("\u{feff}\r\n{one}\r\n"), &ImportOptions::default()), [FULL]);
    let shown = imported(&pretty, &ImportOptions::default());
    assert_eq!(shown[0].replace([' ', '\n'], ""), pretty_data.replace([' ', '\n'], ""));
    // The same event twice is one event, wherever it stands; another source makes it another.
    let other = one.replace("/pull", "/push");
    for text in [format!("{one}\n{one}\n{other}"), format!("[{one},\n{one},{other}]")] {
        let store = store();
        let report = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((report.format, report.events, report.duplicates), (Format::CloudEvents, 2, 1));
        let again = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((again.events, again.duplicates), (0, 3));
    }
}

/// An event with only what every event has, and some more members.
fn minimal(more: Value) -> Value {
    let mut event = json!({"specversion": "1.0", "id": "1", "source": "s", "type": "T"});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn recorded(event: &Value) -> RecordedEvent {
    let store = store();
    import_into(&store, event.to_string().as_bytes(), &ImportOptions::default()).unwrap();
    all(&store).remove(0)
}

#[test]
fn data_is_json_or_bytes_of_its_media_type() {
    let json = ContentType::Json;
    let bytes = |media_type: &str| ContentType::Bytes(media_type.into());
    let cases: [(Value, ContentType, &[u8]); 12] = [
        (json!({}), json.clone(), b"null"),
        (json!({"data": null}), json.clone(), b"null"),
        (json!({"data": "text"}), json.clone(), b"\"text\""),
        (json!({"datacontenttype": "application/vnd.x+json; charset=utf-8", "data": [1]}), json.clone(), b"[1]"),
        (
            json!({"datacontenttype": "text/xml", "data": "<much wow=\"xml\"/>"}),
            bytes("text/xml"),
            b"<much wow=\"xml\"/>",
        ),
        (json!({"datacontenttype": "text/plain", "data": ""}), bytes("text/plain"), b""),
        (json!({"datacontenttype": "text/xml", "data": {"a": 1}}), json.clone(), b"{\"a\":1}"),
        (json!({"data_base64": "AP8="}), bytes("application/octet-stream"), b"\x00\xFF"),
        (json!({"datacontenttype": "image/png", "data_base64": "AP8="}), bytes("image/png"), b"\x00\xFF"),
        (json!({"datacontenttype": "application/json", "data_base64": "eyJhIjoxfQ=="}), json.clone(), b"{\"a\":1}"),
        (json!({"datacontenttype": "application/json", "data_base64": "AP8="}), bytes("application/json"), b"\x00\xFF"),
        (json!({"data": null, "data_base64": ""}), bytes("application/octet-stream"), b""),
    ];
    for (more, content, data) in cases {
        let event = recorded(&minimal(more.clone()));
        assert_eq!((event.content(), event.data()), (&content, data), "{more}");
        assert_eq!((event.stream().as_str(), event.event_type().as_str()), ("s", "T"));
    }
    let event = recorded(&minimal(
        json!({"datacontenttype": "image/png", "data_base64": "AP8=", "time": "1969-01-01T00:00:00"}),
    ));
    assert_eq!(
        (event.time().to_string().as_str(), event.metadata()),
        ("1969-01-01T00:00:00Z", &br#"{"id":"1","source":"s"}"#[..])
    );
}

#[test]
fn an_export_comes_back_as_it_was() {
    let store = sample();
    // Bytes that happen to be JSON, of a type that is JSON: they were bytes, and stay so.
    for media_type in ["application/json", "application/vnd.a+json"] {
        let bytes = NewEvent::bytes("Scanned", media_type, b" {\"a\": 1}\n".to_vec()).unwrap();
        let early = bytes.with_time(Timestamp::parse("1969-01-01T00:00:00Z").unwrap());
        block_on(store.append(StreamName::new("order-9").unwrap(), ExpectedVersion::Any, vec![early])).unwrap();
    }
    let file = in_format(&store, ExportFormat::CloudEvents);
    let back = super::store();
    let report = import_into(&back, &file, &ImportOptions::default()).unwrap();
    assert_eq!((report.format, report.events, report.streams), (Format::CloudEvents, 14, 3));
    for (before, after) in all(&store).iter().zip(&all(&back)) {
        assert_eq!((before.id(), before.content(), before.data()), (after.id(), after.content(), after.data()));
        assert_eq!(
            (before.position(), before.version(), before.stream()),
            (after.position(), after.version(), after.stream())
        );
        assert_eq!((before.event_type(), before.schema_version()), (after.event_type(), after.schema_version()));
        assert_eq!((before.time(), before.metadata(), before.tags()), (after.time(), after.metadata(), after.tags()));
    }
    // The order is that of the positions, not of the file, unless the caller says so.
    let mut batch: Vec<Value> = serde_json::from_slice(&file).unwrap();
    batch.reverse();
    let (turned, by_file) = (super::store(), super::store());
    let file = serde_json::to_vec(&batch).unwrap();
    import_into(&turned, &file, &ImportOptions::default()).unwrap();
    let ids = |store: &EventStore| all(store).iter().map(RecordedEvent::id).collect::<Vec<_>>();
    assert_eq!(ids(&turned), ids(&store));
    import_into(&by_file, &file, &ImportOptions { order: Some(ImportOrder::File), ..ImportOptions::default() })
        .unwrap();
    assert_eq!(ids(&by_file), ids(&store).into_iter().rev().collect::<Vec<_>>());
}

/// The sequence of another producer counts within one source, in an order that only the producer knows.
#[test]
fn a_sequence_of_another_producer_is_kept() {
    let event = |id: &str, time: &str, sequence: &str| {
        minimal(json!({"id": id, "subject": id, "time": time, "sequence": sequence, "sequencetype": "Integer"}))
            .to_string()
    };
    let text = format!("{}\n{}", event("b", "2026-01-02T00:00:00Z", "1"), event("a", "2026-01-01T00:00:00Z", "2"));
    let shown = imported(&text, &ImportOptions::default());
    assert!(shown[0].contains(r#""id":"a","sequence":"2","sequencetype":"Integer""#), "{shown:?}");
}

/// Whatever a mapping takes from elsewhere: what the attribute says is not lost.
#[test]
fn attributes_that_a_mapping_passes_over_are_kept() {
    let event = minimal(json!({
        "subject": "sub", "time": "2026-01-01T00:00:00Z", "schemaversion": "3", "kind": "K", "at": "2026-02-02T00:00:00Z", "v": "9",
    }));
    let with = |fields: &[(Field, FieldSource)]| {
        let mut mapping = Mapping::default();
        fields.iter().for_each(|(field, source)| mapping.set(*field, Some(source.clone())));
        imported(&event.to_string(), &ImportOptions { mapping, ..ImportOptions::default() }).remove(0)
    };
    let column = FieldSource::from;
    assert_eq!(
        with(&[(Field::Type, column("kind")), (Field::Time, column("at")), (Field::SchemaVersion, column("v"))]),
        r#"sub K 2026-02-02T00:00:00Z v9 null {"id":"1","schemaversion":"3","source":"s","time":"2026-01-01T00:00:00Z","type":"T"} []"#
    );
    let nowhere = FieldSource::Nowhere;
    let shown = with(&[
        (Field::Type, FieldSource::from("=Fixed")),
        (Field::Time, nowhere.clone()),
        (Field::SchemaVersion, nowhere),
    ]);
    assert!(shown.starts_with("sub Fixed 2") && shown.contains(" v1 null {"), "{shown}");
    let metadata = r#"{"at":"2026-02-02T00:00:00Z","id":"1","kind":"K","schemaversion":"3","source":"s","time":"2026-01-01T00:00:00Z","type":"T","v":"9"}"#;
    assert!(shown.contains(metadata), "{shown}");
    assert_eq!(
        with(&[(Field::Stream, column("kind"))]),
        r#"K T 2026-01-01T00:00:00Z v3 null {"at":"2026-02-02T00:00:00Z","id":"1","source":"s","subject":"sub","v":"9"} []"#
    );
}

/// The specification has no such extensions, but producers do.
#[test]
fn extensions_that_are_arrays_or_objects_are_kept() {
    let event =
        minimal(json!({"list": [1, {"a": null}], "object": {"b": 1.50}, "tags": {"c": 1}, "schemaversion": []}));
    let shown = imported(&event.to_string(), &ImportOptions::default());
    let kept = r#" v1 null {"id":"1","list":[1,{"a":null}],"object":{"b":1.5},"schemaversion":[],"source":"s","tags":{"c":1}} []"#;
    assert!(shown[0].ends_with(kept), "{shown:?}");
    let mut mapping = Mapping::default();
    mapping.set(Field::Stream, Some(FieldSource::from("list")));
    let error =
        import_into(&store(), event.to_string().as_bytes(), &ImportOptions { mapping, ..ImportOptions::default() });
    assert!(error.unwrap_err().to_string().contains("list: a text, a number or a boolean is expected, not an array"));
}

/// Blanks before the first event are passed over, however many: they are not held, and their lines are counted.
#[test]
fn blanks_before_the_first_event_are_not_held() {
    let good = minimal(json!({})).to_string();
    let blanks = " \r\n".repeat(1 << 20);
    for (text, place) in [(format!("{good}\n7"), "line 1048578: "), (format!("[{good},\n7]"), "line 1048578, $[1]: ")] {
        let options = ImportOptions { format: Some(Format::CloudEvents), ..ImportOptions::default() };
        let store = store();
        let error = import_into(&store, format!("{blanks}{text}").as_bytes(), &options).unwrap_err().to_string();
        assert!(error.starts_with(place), "{error}");
        let skipping = ImportOptions { on_invalid: OnInvalid::Skip, ..options };
        assert_eq!(import_into(&store, format!("{blanks}{text}").as_bytes(), &skipping).unwrap().events, 1);
    }
}

#[test]
fn some_events_may_lack_the_time_and_a_mapping_may_name_attributes() {
    let timed = minimal(json!({"time": "2026-01-01T00:00:00Z", "tenant": "t1", "id": "2"}));
    let text = format!("{timed}\n{}\n", minimal(json!({"tenant": "t2"})));
    let mut mapping = Mapping::default();
    mapping.set(Field::Stream, Some(FieldSource::from("tenant")));
    let options = ImportOptions { mapping, ..ImportOptions::default() };
    let shown = imported(&text, &options);
    assert_eq!(shown[0], r#"t1 T 2026-01-01T00:00:00Z v1 null {"id":"2","source":"s"} []"#);
    assert!(shown[1].starts_with("t2 T 20"));
    let preview = preview(text.as_bytes(), true, &options, 5).unwrap();
    assert_eq!(preview.columns, ["subject", "id", "source", "specversion", "tenant", "time", "type"]);
    assert_eq!((preview.events, preview.missing(), &*preview.rows[1].cells[4]), (2, vec![], "t2"));
}

#[test]
fn invalid_events_are_named_by_line_path_and_kind() {
    let good = minimal(json!({"id": "g"})).to_string();
    let without = |name: &str| {
        let mut event = minimal(json!({}));
        event.as_object_mut().unwrap().remove(name);
        event.to_string()
    };
    let cases = [
        (without("id"), "missing-value", "id: every CloudEvent has this attribute"),
        (without("source"), "missing-value", "source: every CloudEvent"),
        (without("type"), "missing-value", "type: every CloudEvent"),
        (without("specversion"), "missing-value", "specversion: every CloudEvent"),
        (minimal(json!({"type": ""})).to_string(), "missing-value", "type: every CloudEvent"),
        (
            minimal(json!({"specversion": "0.3"})).to_string(),
            "unknown-version",
            "version \u{201c}0.3\u{201d} of CloudEvents is not read here",
        ),
        (
            minimal(json!({"subject": {}})).to_string(),
            "wrong-kind",
            "subject: a text, a number or a boolean is expected, not an object",
        ),
        (minimal(json!({"dataschema": []})).to_string(), "wrong-kind", "dataschema: a text, a number"),
        (minimal(json!({"time": "soon"})).to_string(), "unreadable-time", "\u{201c}soon\u{201d} is not a time"),
        (minimal(json!({"data": 1, "data_base64": "AA=="})).to_string(), "duplicate-member", "there is data too"),
        (minimal(json!({"data_base64": "A"})).to_string(), "wrong-kind", "data_base64: the value is not Base64"),
        (minimal(json!({"data_base64": 7})).to_string(), "wrong-kind", "data_base64: the value is not Base64"),
        (minimal(json!({"type": "a\u{1}"})).to_string(), "invalid-name", "control character"),
        (minimal(json!({"subject": "t".repeat(600)})).to_string(), "too-large", "600 bytes"),
        (
            minimal(json!({})).to_string().replace("{", "{\"id\":\"2\","),
            "duplicate-member",
            "id: the member stands twice",
        ),
        ("{\"specversion\":01}".to_owned(), "not-json", "not JSON at column"),
        ("[1]".to_owned(), "not-an-object", "JSON, but not an object"),
        (minimal(json!({"id": "g", "x": 1})).to_string(), "id-reused", "stands in an earlier row"),
    ];
    for (wrong, code, message) in cases {
        for (text, place) in
            [(format!("{good}\n{wrong}\n"), "line 2: "), (format!("[{good},\n{wrong}]"), "line 2, $[1]: ")]
        {
            let (stop, skip) = check(text.as_bytes());
            assert!(stop.starts_with(place) && stop.contains(message), "{wrong}: {stop}");
            assert_eq!(skip, Ok((1, vec![format!("2 {code}")])), "{wrong}");
        }
    }
    // An id that says none is none: these are two events.
    let nameless = minimal(json!({"id": "NA"}));
    assert_eq!(check(format!("[{nameless},{nameless}]").as_bytes()), ("2 events".to_owned(), Ok((2, Vec::new()))));
}

#[test]
fn documents_that_are_broken_are_refused() {
    let one = full().to_string();
    let pretty = serde_json::to_string_pretty(&full()).unwrap();
    let long = format!("{one}\n{{\"id\":\"{}\"}}", "x".repeat(50 << 20));
    let deep = format!("[{one},\n{{\"data\":{}", "[".repeat(200));
    let latin = [one.as_bytes(), b"\n{\"specversion\":\"caf\xE9\"}"].concat();
    let cases: [(&[u8], &str); 7] = [
        (&one.as_bytes()[..one.len() - 1], "line 1, $: the file ends here, in the middle of it; was it cut off?"),
        (&pretty.as_bytes()[..pretty.len() - 9], "line 19, $: the file ends here"),
        (format!("[{one},").leak().as_bytes(), "line 1, $[1]: the file ends here"),
        (format!("[{one}]]").leak().as_bytes(), "line 1, $: there is more text after the end of the document"),
        (long.as_bytes(), "line 2: the row has more than 16777216 bytes"),
        (deep.as_bytes(), "line 2, $[1]: there are more than 128 brackets in one another"),
        (&latin, "line 2: the text is in"),
    ];
    for (bytes, message) in cases {
        let (stop, skip) = check(bytes);
        assert!(stop.starts_with(message), "{stop:.300}, not {message}");
        assert_eq!(skip, Err(stop));
    }
    // A line of several that was cut off is a fault of that line.
    let (_, skip) = check(format!("{one}\n{}", &one[..40]).as_bytes());
    assert_eq!(skip, Ok((1, vec!["2 not-json".to_owned()])));
}

fn written() -> impl Strategy<Value = Value> {
    let micros = -62_000_000_000_000_000_i64..253_000_000_000_000_000;
    let optional = proptest::option::of(micros);
    ("[a-z\"é]{1,6}", "[a-z/:]{1,6}", proptest::option::of("[a-z é]{1,5}"), optional, proptest::option::of(any::<i32>()), ".{0,6}").prop_map(
        |(event_type, source, subject, micros, number, data)| {
            let mut event = json!({"specversion": "1.0", "type": event_type, "source": source, "number": number, "data": {"t": data}});
            if let Some(subject) = subject {
                event["subject"] = subject.into();
            }
            if let Some(micros) = micros {
                event["time"] = crate::domain::Timestamp::from_micros(micros).unwrap().to_string().into();
            }
            event
        },
    )
}

fn file(events: &[Value], form: u8) -> Vec<u8> {
    let with_id = |(number, event): (usize, &Value)| {
        let mut event = event.clone();
        event["id"] = format!("e{number}").into();
        event
    };
    let events: Vec<Value> = events.iter().enumerate().map(with_id).collect();
    match form {
        0 => events.iter().map(|event| format!("{event}\n")).collect::<String>().into_bytes(),
        1 => Value::from(events).to_string().into_bytes(),
        _ => serde_json::to_vec_pretty(&events).unwrap(),
    }
}

proptest! {
    #[test]
    fn cloudevents_come_back(events in proptest::collection::vec(written(), 1..30), form in 0..3_u8, sizes in sizes()) {
        let text = file(&events, form);
        let options = ImportOptions { order: Some(ImportOrder::File), on_invalid: OnInvalid::Stop, ..ImportOptions::default() };
        let store = store();
        let report = import_into(&store, &text, &options).unwrap();
        prop_assert_eq!((report.format, report.events as usize), (Format::CloudEvents, events.len()));
        for (event, found) in events.iter().zip(all(&store)) {
            let stream = event.get("subject").unwrap_or(&event["source"]);
            prop_assert_eq!(found.stream().as_str(), stream.as_str().unwrap());
            prop_assert_eq!(found.event_type().as_str(), event["type"].as_str().unwrap());
            if let Some(time) = event.get("time") {
                prop_assert_eq!(found.time().to_string(), time.as_str().unwrap());
            }
            prop_assert_eq!(found.json::<Value>().unwrap(), event["data"].clone());
            let metadata: Value = serde_json::from_slice(found.metadata()).unwrap();
            prop_assert_eq!(metadata.get("number"), event.get("number").filter(|number| !number.is_null()));
        }
        prop_assert_eq!(rows(&text, &sizes, None), rows(&text, &[usize::MAX], None));
    }

    #[test]
    fn chunks_change_nothing_about_what_is_wrong(
        events in proptest::collection::vec(written(), 1..150),
        form in 0..3_u8,
        wounds in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        sizes in sizes(),
    ) {
        let mut text = file(&events, form);
        for (place, byte) in wounds {
            let place = place.index(text.len());
            text[place] = byte;
        }
        prop_assert_eq!(rows(&text, &sizes, Some(Format::CloudEvents)), rows(&text, &[usize::MAX], Some(Format::CloudEvents)));
    }
}
