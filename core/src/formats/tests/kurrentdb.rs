//! KurrentDB: feeds, made here after the fields that its HTTP API has, and batches; and what is said of those that are broken.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::parser::Parser;
use super::super::{FieldSource, Format, ImportError, ImportOptions, ImportOrder, Mapping, OnInvalid, preview};
use super::chunked::{rows, sizes};
use super::{all, import_into, imported, show, store};
use crate::domain::ContentType;

/// An entry as a feed read with `embed=body` has it.
fn entry(number: u64, stream: &str, event_type: &str, data: &str) -> Value {
    let name = format!("{number}@{stream}");
    json!({
        "eventId": Uuid::from_u128(u128::from(number) + 1).to_string(), "eventType": event_type, "eventNumber": number,
        "data": data, "streamId": stream, "isJson": true, "isMetaData": false, "isLinkMetaData": false,
        "positionEventNumber": number, "positionStreamId": stream, "title": name,
        "id": format!("http://127.0.0.1:2113/streams/{stream}/{number}"),
        "updated": format!("2026-03-14T09:41:{:02}.1234567Z", number % 60),
        "author": { "name": "EventStore" }, "summary": event_type,
        "links": [{ "uri": format!("http://127.0.0.1:2113/streams/{stream}/{number}"), "relation": "edit" }]
    })
}

/// A feed has its newest entry first.
fn feed(entries: &[Value]) -> String {
    let entries: Vec<&Value> = entries.iter().rev().collect();
    let feed = json!({
        "title": "Event stream 'order-7'", "id": "http://127.0.0.1:2113/streams/order-7", "updated": "2026-03-14T09:41:02Z",
        "streamId": "order-7", "author": { "name": "EventStore" }, "headOfStream": true,
        "selfUrl": "http://127.0.0.1:2113/streams/order-7", "eTag": "1;248368668",
        "links": [{ "uri": "http://127.0.0.1:2113/streams/order-7", "relation": "self" }], "entries": entries
    });
    serde_json::to_string_pretty(&feed).unwrap()
}

fn with(mut entry: Value, member: &str, value: Value) -> Value {
    entry[member] = value;
    entry
}

fn batch_options() -> ImportOptions {
    let stream = Some(FieldSource::Constant("cart-1".into()));
    ImportOptions { mapping: Mapping { stream, ..Mapping::default() }, ..ImportOptions::default() }
}

#[test]
fn a_feed_comes_in_oldest_first() {
    let entries: Vec<Value> = (0..3).map(|n| entry(n, "order-7", "Counted", &format!("{{ \"n\": {n}.50 }}"))).collect();
    let text = feed(&entries);
    let shown =
        [0, 1, 2].map(|n| format!("order-7 Counted 2026-03-14T09:41:0{n}.123456Z v1 {{ \"n\": {n}.50 }} {{}} []"));
    assert_eq!(imported(&text, &ImportOptions::default()), shown);
    let store = store();
    let report = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((report.format, report.events, report.streams), (Format::KurrentDb, 3, 1));
    assert_eq!(all(&store)[0].id().uuid().as_u128(), 1);
    let again = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((again.events, again.duplicates), (0, 3));
    let line = serde_json::to_string(&serde_json::from_str::<Value>(&text).unwrap()).unwrap();
    assert_eq!(imported(&line, &ImportOptions::default()), shown);
    let marked = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(imported(&marked, &ImportOptions::default()), shown);
}

/// Numbers tell the order where a tool has turned a feed round, and the entries alone are a document too.
#[test]
fn entries_that_rise_stay_as_they_are() {
    let mut entries: Vec<Value> = (0..3).map(|n| entry(n, "order-7", "Counted", "1")).collect();
    let array = serde_json::to_string(&entries).unwrap();
    entries.reverse();
    let rising = feed(&entries);
    let expected = imported(&array, &ImportOptions::default());
    assert!(expected[0].contains("09:41:00") && expected[2].contains("09:41:02"));
    assert_eq!(imported(&rising, &ImportOptions::default()), expected);
}

#[test]
fn entries_that_fall_are_turned_round() {
    let entries: Vec<Value> = (0..3).map(|n| entry(n, "order-7", "Counted", "1")).rev().collect();
    let array = serde_json::to_string(&entries).unwrap();
    let found = imported(&array, &ImportOptions { order: Some(ImportOrder::File), ..ImportOptions::default() });
    assert!(found[0].contains("09:41:00") && found[2].contains("09:41:02"), "{found:?}");
}

/// A stream of links has events of other streams, whose own numbers say nothing of its order.
#[test]
fn links_keep_the_order_of_their_own_stream() {
    let link = |number: u64, stream: &str, version: u64| {
        let entry = with(entry(version, stream, "Placed", "{}"), "positionStreamId", "$ce-order".into());
        let entry = with(entry, "positionEventNumber", number.into());
        let entry = with(entry, "updated", "2026-03-14T09:41:00Z".into());
        let entry = with(entry, "eventId", Uuid::from_u128(u128::from(number) + 9).to_string().into());
        with(entry, "linkMetaData", "{\"$v\":\"1:-1:1:3\"}".into())
    };
    let text = feed(&[link(0, "order-7", 5), link(1, "order-8", 0), link(2, "order-7", 6), link(3, "order-9", 0)]);
    let found = imported(&text, &ImportOptions::default());
    let streams: Vec<&str> = found.iter().map(|event| event.split(' ').next().unwrap()).collect();
    assert_eq!(streams, ["order-7", "order-8", "order-7", "order-9"]);
    assert!(found[0].ends_with("{} {\"linkMetaData\":{\"$v\":\"1:-1:1:3\"}} []"), "{}", found[0]);
}

#[test]
fn metadata_and_data_survive_as_they_are() {
    let plain = || entry(0, "order-7", "A", "{}");
    let cases = [
        (with(plain(), "metaData", "{ \"who\": 1.0 }".into()), "{} { \"who\": 1.0 } []"),
        (with(plain(), "metaData", "".into()), "{} {} []"),
        (with(plain(), "metaData", Value::Null), "{} {} []"),
        (with(plain(), "metaData", json!({ "who": "a" })), "{} {\"who\":\"a\"} []"),
        (with(plain(), "metaData", "not json".into()), "{} {\"metaData\":\"not json\"} []"),
        (
            with(plain(), "metaData", "{\"$correlationId\":\"c\",\"$causationId\":\"d\"}".into()),
            "{} {\"$correlationId\":\"c\",\"$causationId\":\"d\",\"correlationId\":\"c\",\"causationId\":\"d\"} []",
        ),
        (
            with(plain(), "metaData", "{\"$correlationId\":\"c\",\"correlationId\":\"own\"}".into()),
            "{} {\"$correlationId\":\"c\",\"correlationId\":\"own\"} []",
        ),
        (
            with(with(plain(), "metaData", "{\"a\":1}".into()), "linkMetaData", "x".into()),
            "{} {\"a\":1,\"linkMetaData\":\"x\"} []",
        ),
        (with(plain(), "data", Value::Null), "null {} []"),
        (with(plain(), "data", "".into()), "null {} []"),
        (with(plain(), "data", json!({ "a": [1] })), "{\"a\":[1]} {} []"),
        (with(plain(), "data", "\"text\"".into()), "\"text\" {} []"),
    ];
    for (entry, end) in cases {
        let document: Value = serde_json::from_str(&feed(std::slice::from_ref(&entry))).unwrap();
        let found = imported(&document.to_string(), &ImportOptions::default());
        assert!(found[0].ends_with(end), "{entry}: {found:?}");
    }
    let store = store();
    let bytes = with(with(plain(), "isJson", false.into()), "data", "caf\u{e9} {".into());
    import_into(&store, feed(&[bytes]).as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(all(&store)[0].content(), &ContentType::Bytes("application/octet-stream".into()));
    assert_eq!(all(&store)[0].data(), "caf\u{e9} {".as_bytes());
}

#[test]
fn a_batch_needs_a_stream() {
    let text = "[{\"eventId\":\"NA\",\"eventType\":\"Added\",\"data\":{\"n\":1.0},\"metadata\":{\"a\":1}},\n\
                {\"eventId\":\"0f9fad5b-d9cb-469f-a165-70867728951e\",\"eventType\":\"Added\",\"data\":\"{}\"}]";
    let empty = store();
    let error = import_into(&empty, text.as_bytes(), &ImportOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no column for the stream was found among eventId, eventType, data, metadata; name one, or give a constant"
    );
    let store = store();
    let report = import_into(&store, text.as_bytes(), &batch_options()).unwrap();
    assert_eq!((report.format, report.events), (Format::KurrentDb, 2));
    let events = all(&store);
    assert_eq!((events[0].data(), events[0].metadata()), (&b"{\"n\":1.0}"[..], &b"{\"a\":1}"[..]));
    assert_eq!(events[1].data(), b"\"{}\"");
    assert_eq!(import_into(&store, text.as_bytes(), &batch_options()).unwrap().duplicates, 2);
    let seen = preview(text.as_bytes(), true, &ImportOptions::default(), 5).unwrap();
    assert_eq!((seen.columns.len(), seen.rows.len(), seen.mapping.stream), (4, 2, None));
    assert_eq!(seen.rows[0].cells, ["NA", "Added", "{\"n\":1.0}", "{\"a\":1}"]);
}

/// Times of the metadata, for those events that have one, wherever in the file they stand.
#[test]
fn a_batch_has_the_times_of_its_metadata() {
    let event = |id: u128, time: &str| {
        let id = Uuid::from_u128(id).to_string();
        json!({ "eventId": id, "eventType": "Added", "data": {}, "metadata": { "TimeStamp": time } })
    };
    let times = |events: &[Value]| {
        let text = serde_json::to_string(events).unwrap();
        let mapping = Mapping { time: None, ..batch_options().mapping };
        let store = store();
        import_into(&store, text.as_bytes(), &ImportOptions { mapping, ..batch_options() }).unwrap();
        let now = all(&store)[0].recorded_at();
        all(&store)
            .iter()
            .map(|event| if event.time() == now { "now".into() } else { event.time().to_string() })
            .collect::<Vec<_>>()
    };
    let (late, early) = ("2016-12-23T10:00:00.9225401+01:00", "1969-12-31 23:00:00");
    // Out of order of time: a batch keeps its own.
    assert_eq!(times(&[event(1, late), event(2, early)]), ["2016-12-23T09:00:00.92254Z", "1969-12-31T23:00:00Z"]);
    assert_eq!(times(&[event(1, late), event(2, "soon")]), ["2016-12-23T09:00:00.92254Z", "now"]);
    let mut many: Vec<Value> = (1..300).map(|id| event(id, if id < 150 { "soon" } else { early })).collect();
    assert_eq!(times(&many).iter().filter(|time| *time == "now").count(), 149);
    many.reverse();
    assert_eq!(times(&many).iter().filter(|time| *time == "now").count(), 149);
}

/// What is no feed and no batch of KurrentDB keeps all of its members.
#[test]
fn other_objects_with_such_names_are_rows() {
    let id = Uuid::from_u128(7).to_string();
    let cases = [
        json!([{ "eventId": id, "eventType": "A", "streamId": "s", "eventNumber": 0, "data": {"a": 1}, "mine": 1 }]),
        json!([{ "eventId": id, "eventType": "A", "streamId": "s", "mine": 1 }]),
        json!([{ "eventId": id, "eventType": "A", "data": {}, "mine": 1 }]),
        json!([{ "eventId": id, "eventType": "A", "metadata": {} }]),
    ];
    for rows in cases {
        let found = preview(rows.to_string().as_bytes(), true, &ImportOptions::default(), 1).unwrap().format;
        assert_eq!(found, Format::Json, "{rows}");
    }
    let document = json!({ "entries": [{ "eventType": "A", "mine": 1 }] }).to_string();
    assert_ne!(preview(document.as_bytes(), true, &ImportOptions::default(), 1).unwrap().format, Format::KurrentDb);
    let shown = imported(
        &json!([{ "eventId": id, "eventType": "A", "streamId": "s", "mine": [1] }]).to_string(),
        &ImportOptions::default(),
    );
    assert!(shown[0].ends_with("{\"mine\":[1]} {} []"), "{shown:?}");
}

#[test]
fn members_that_kurrentdb_does_not_have_are_kept() {
    let more =
        with(with(entry(0, "order-7", "A", "{}"), "tenant", json!({ "t": 1 })), "metaData", "{\"tenant\":2}".into());
    let more = with(more, "metadata", json!({ "second": 1 }));
    let shown = imported(&feed(std::slice::from_ref(&more)), &ImportOptions::default());
    let shown = shown[0].replace([' ', '\n'], "");
    assert!(shown.ends_with("{}{\"tenant\":2,\"metadata\":{\"second\":1},\"tenant_2\":{\"t\":1}}[]"), "{shown}");
    // What a mapping passes over is not lost either.
    let constant = |text: &str| Some(FieldSource::Constant(text.into()));
    let mapping = Mapping {
        stream: constant("s"),
        event_type: constant("T"),
        time: Some(FieldSource::Nowhere),
        ..Mapping::default()
    };
    let shown = imported(&feed(&[more]), &ImportOptions { mapping, ..ImportOptions::default() });
    for member in ["\"eventType\":\"A\"", "\"streamId\":\"order-7\"", "\"updated\":\"2026-03-14T09:41:00.1234567Z\""] {
        assert!(shown[0].contains(member), "{shown:?}");
    }
}

/// What must be turned round is held, up to a limit; what need not be is not.
#[test]
fn a_feed_beyond_what_can_be_held_is_refused() {
    let read = |text: &str| {
        let options = ImportOptions { format: Some(Format::KurrentDb), ..ImportOptions::default() };
        let mut parser = Parser::new(&options, false).unwrap().holding(20_000);
        let (mut rows, mut most) = (Vec::new(), 0);
        for chunk in text.as_bytes().chunks(1_000) {
            parser.push(chunk, &mut rows)?;
            most = most.max(rows.len());
        }
        parser.finish(&mut rows).map(|()| (rows.len(), most))
    };
    let entries: Vec<Value> = (0..300).map(|n| entry(n, "order-7", "A", "{}")).collect();
    let falling = feed(&entries);
    let error = read(&falling).unwrap_err();
    assert!(
        error.to_string().contains("more than 20000 bytes of events whose order is known at its end only"),
        "{error}"
    );
    assert!(
        matches!(&error, ImportError::TooMuchToHold { path: Some(path), .. } if path.starts_with("$.entries[")),
        "{error}"
    );
    assert_eq!(read(&feed(&entries[..20])).unwrap().0, 20);
    let rising: Vec<Value> = entries.iter().rev().cloned().collect();
    for text in [feed(&rising), serde_json::to_string(&entries).unwrap()] {
        let (all, before_the_end) = read(&text).unwrap();
        assert_eq!(all, 300);
        assert!(before_the_end > 200, "{before_the_end}");
    }
}

#[test]
fn blanks_before_the_document_are_passed_over() {
    let text = format!("{}{}", " \r\n".repeat(1 << 20), json!([7]));
    let options = ImportOptions { format: Some(Format::KurrentDb), ..ImportOptions::default() };
    let error = import_into(&store(), text.as_bytes(), &options).unwrap_err().to_string();
    assert!(error.starts_with("line 1048577, $[0]: "), "{error}");
}

#[test]
fn what_is_broken_is_named_by_line_and_path() {
    let good = || entry(0, "order-7", "A", "{}");
    let cases = [
        (with(good(), "data", "{".into()), "not-json", "data: isJson is true, but it is not JSON"),
        (with(good(), "streamId", Value::Null), "missing-value", "streamId: the stream is empty"),
        (with(good(), "streamId", json!([])), "wrong-kind", "streamId: a text or a number is expected, not an array"),
        (with(good(), "eventType", Value::Null), "missing-value", "was the feed read with embed=body?"),
        (
            with(good(), "updated", "yesterday".into()),
            "unreadable-time",
            "updated: \u{201c}yesterday\u{201d} is not a time",
        ),
        (with(good(), "metaData", "{\"a\":1,\"a\":2}".into()), "duplicate-member", "a: the member stands twice"),
        (with(good(), "metaData", "{\"a\":".into()), "not-json", "not JSON"),
        (json!(7), "not-an-object", "not an object"),
    ];
    for (broken, code, message) in cases {
        let text = feed(&[entry(1, "order-7", "B", "{}"), broken.clone(), entry(2, "order-7", "C", "{}")]);
        let stopped = store();
        let error = import_into(&stopped, text.as_bytes(), &ImportOptions::default()).unwrap_err().to_string();
        assert!(error.contains(", $.entries[1]: ") && error.contains(message), "{broken}: {error}");
        assert!(all(&stopped).is_empty());
        let skipping = ImportOptions { on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
        let report = import_into(&store(), text.as_bytes(), &skipping).unwrap();
        assert_eq!((report.events, report.skipped[0].code.as_str()), (2, code), "{broken}");
    }
}

#[test]
fn documents_that_are_not_whole_are_refused() {
    let text = feed(&[entry(0, "order-7", "A", "{}"), entry(1, "order-7", "B", "{}")]);
    let latin: Vec<u8> = text.replace("\"B\"", "\"caf\u{e9}\"").chars().map(|letter| letter as u8).collect();
    let deep = format!("[{{\"eventId\":\"x\",\"eventType\":\"A\",\"data\":{}{}}}]", "[".repeat(200), "]".repeat(200));
    let long = format!("[{{\"eventId\":\"x\",\"eventType\":\"A\",\"data\":\"{}\"}}]", "x".repeat(50 << 20));
    let longer = format!("{text}{{}}");
    let cases: [(&[u8], &str); 6] = [
        (&text.as_bytes()[..text.len() - 30], "was it cut off?"),
        (longer.as_bytes(), "there is more text after the end of the document"),
        (&latin, "the text is in Latin-1"),
        (deep.as_bytes(), "more than 128 brackets"),
        (long.as_bytes(), "the row has more than 16777216 bytes"),
        (b"\n \r\n", "the file is empty"),
    ];
    for (bytes, message) in cases {
        let store = store();
        let options = ImportOptions { format: Some(Format::KurrentDb), on_invalid: OnInvalid::Skip, ..batch_options() };
        let error = import_into(&store, bytes, &options).unwrap_err().to_string();
        assert!(error.contains(message), "{message}: {error}");
        assert!(all(&store).is_empty());
    }
    let error = import_into(&store(), b"7", &ImportOptions { format: Some(Format::KurrentDb), ..batch_options() });
    assert!(matches!(error, Err(ImportError::Document { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a feed holds comes back, in the order in which it was written and however the file is cut.
    #[test]
    fn a_feed_comes_back(
        written in prop::collection::vec((0..3_u8, "[A-Za-z\u{e9}\"]{1,6}", any::<String>(), any::<String>()), 1..160),
        sizes in sizes(),
    ) {
        let entry = |(number, (stream, event_type, text, note)): (usize, &(u8, String, String, String))| {
            let data = format!("{{ \"text\": {} }}", Value::from(text.as_str()));
            let entry = entry(number as u64, &format!("order-{stream}"), event_type, &data);
            let entry = with(entry, "positionStreamId", "$ce-order".into());
            with(entry, "metaData", json!({ "note": note }).to_string().into())
        };
        let entries: Vec<Value> = written.iter().enumerate().map(entry).collect();
        let text = feed(&entries);
        let store = store();
        import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
        let found: Vec<String> = all(&store).iter().map(|event| show(event).split_once("Z v1 ").unwrap().1.to_owned()).collect();
        let expected = |(_, _, text, note): &(u8, String, String, String)| {
            format!("{{ \"text\": {} }} {} []", Value::from(text.as_str()), json!({ "note": note }))
        };
        prop_assert_eq!(found, written.iter().map(expected).collect::<Vec<_>>());
        prop_assert_eq!(rows(text.as_bytes(), &sizes, None), rows(text.as_bytes(), &[usize::MAX], None));
    }

    /// Wounds change nothing about that, and none of them is a danger.
    #[test]
    fn a_wounded_feed_is_the_same_in_any_chunks(
        count in 1..5_u64, sizes in sizes(),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
    ) {
        let entries: Vec<Value> = (0..count).map(|n| entry(n, "order-7", "A", "{\"a\":1}")).collect();
        let mut file = feed(&entries).into_bytes();
        for (place, byte) in wounds {
            let place = place.index(file.len());
            file[place] = byte;
        }
        let format = Some(Format::KurrentDb);
        prop_assert_eq!(rows(&file, &sizes, format), rows(&file, &[usize::MAX], format));
    }
}
