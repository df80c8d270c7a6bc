//! Rows of the tables of other stores. The samples are made by hand from the tables' column lists.

use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{
    FieldSource, Format, ImportError, ImportOptions, ImportOrder, ImportWatch, Mapping, OnInvalid, import, preview,
};
use super::{all, chunks, import_into, show, store};
use crate::domain::{ContentType, Timestamp};

/// The rows as the three containers have them.
fn files(rows: &Value) -> [String; 3] {
    let rows = rows.as_array().unwrap();
    let ndjson: Vec<String> = rows.iter().map(ToString::to_string).collect();
    [csv(rows), ndjson.join("\n"), format!("[{}]", ndjson.join(",\r\n"))]
}

/// As a database writes CSV: nothing for null, `t` and `f`, JSON as text.
fn csv(rows: &[Value]) -> String {
    let names: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Bool(true) => "t".to_owned(),
        Value::Bool(false) => "f".to_owned(),
        Value::String(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        value => format!("\"{}\"", value.to_string().replace('"', "\"\"")),
    };
    let mut text = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",") + "\r\n";
    for row in rows {
        text += &(names.iter().map(|name| cell(&row[*name])).collect::<Vec<_>>().join(",") + "\r\n");
    }
    text
}

/// Imports the rows from each of the containers, and expects the same events of all.
#[track_caller]
fn check(format: Format, rows: &Value, expected: &[&str]) {
    let mut ids = Vec::new();
    for file in files(rows) {
        for wanted in [None, Some(format)] {
            let options = ImportOptions { format: wanted, ..ImportOptions::default() };
            let store = store();
            let report = import_into(&store, file.as_bytes(), &options).unwrap();
            assert_eq!(report.format, format, "{file}");
            assert_eq!(all(&store).iter().map(show).collect::<Vec<_>>(), expected, "{file}");
            let again = import_into(&store, file.as_bytes(), &options).unwrap();
            assert_eq!((again.events, again.duplicates), (0, expected.len() as u64), "{file}");
            ids.push(all(&store).iter().map(|event| event.id()).collect::<Vec<_>>());
        }
    }
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "the container changes ids");
    let given = rows.as_array().unwrap().iter().filter_map(|row| {
        ["id", "eventIdentifier", "identifier", "message_id"].iter().find_map(|name| row[name].as_str())
    });
    for id in given {
        assert!(ids[0].iter().any(|kept| kept.to_string() == id), "{id} is lost");
    }
}

fn uuid(number: u32) -> String {
    format!("0198c0de-0000-7000-8000-{number:012}")
}

fn marten() -> Value {
    json!([
        {
            "seq_id": 12, "id": uuid(2), "stream_id": "a1", "version": 2, "data": {"Units": 3}, "type": "units_added",
            "timestamp": "2024-05-01 10:00:01.5+00", "tenant_id": "*DEFAULT*", "mt_dotnet_type": "Shop.UnitsAdded, Shop",
            "is_archived": false, "correlation_id": "c-1", "causation_id": null, "headers": {"user": "eva"},
        },
        {
            "seq_id": 11, "id": uuid(1), "stream_id": "a1", "version": 1, "data": {}, "type": "order_placed",
            "timestamp": "2024-05-01T10:00:02+02:00", "tenant_id": "*DEFAULT*", "mt_dotnet_type": "Shop.OrderPlaced, Shop",
            "is_archived": false, "correlation_id": null, "causation_id": null, "headers": {},
        },
        {
            "seq_id": 13, "id": uuid(3), "stream_id": "a1", "version": 1, "data": {}, "type": "order_placed",
            "timestamp": "1969-12-31 23:59:59", "tenant_id": "acme", "mt_dotnet_type": "Shop.OrderPlaced, Shop",
            "is_archived": true, "correlation_id": null, "causation_id": "k-9", "headers": null,
        },
    ])
}

#[test]
fn marten_rows_come_by_sequence_with_their_headers() {
    let store = store();
    let text = files(&marten())[1].clone();
    import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
    let events = all(&store);
    let shown: Vec<String> = events.iter().map(show).collect();
    assert_eq!(
        shown,
        [
            "a1 order_placed 2024-05-01T08:00:02Z v1 {} \
             {\"mt_dotnet_type\":\"Shop.OrderPlaced, Shop\",\"seq_id\":11,\"version\":1} []",
            "a1 units_added 2024-05-01T10:00:01.5Z v1 {\"Units\":3} {\"user\":\"eva\",\"correlationId\":\"c-1\",\
             \"mt_dotnet_type\":\"Shop.UnitsAdded, Shop\",\"seq_id\":12,\"version\":2} []",
            "a1@acme order_placed 1969-12-31T23:59:59Z v1 {} {\"causationId\":\"k-9\",\"is_archived\":true,\
             \"mt_dotnet_type\":\"Shop.OrderPlaced, Shop\",\"seq_id\":13,\"tenant_id\":\"acme\",\"version\":1} []",
        ]
    );
}

#[test]
fn axon_4_rows_read_their_payloads() {
    // The last payload is {"b":2} in the hex of PostgreSQL, and its metadata in Base64.
    let rows = json!([
        {
            "global_index": 1, "aggregate_identifier": "7", "sequence_number": 0, "type": "Order",
            "event_identifier": uuid(1), "meta_data": {"traceId": "t"}, "payload": {"a": 1}, "payload_revision": null,
            "payload_type": "shop.OrderPlaced", "time_stamp": "2024-05-01T10:00:00.123456789Z",
        },
        {
            "global_index": 2, "aggregate_identifier": "Order-8", "sequence_number": 0, "type": "Order",
            "event_identifier": uuid(2), "meta_data": "", "payload": "<shop.OrderPlaced/>", "payload_revision": "2.1",
            "payload_type": "shop.OrderPlaced", "time_stamp": "2024-05-01T10:00:01Z",
        },
        {
            "global_index": 3, "aggregate_identifier": "x", "sequence_number": 0, "type": null,
            "event_identifier": uuid(3), "meta_data": "eyJhIjoxfQ==", "payload": "\\x7b2262223a327d", "payload_revision": "beta",
            "payload_type": "shop.Alert", "time_stamp": "2024-05-01T10:00:02Z",
        },
    ]);
    check(
        Format::Axon,
        &rows,
        &[
            "Order-7 shop.OrderPlaced 2024-05-01T10:00:00.123456Z v1 {\"a\":1} \
             {\"traceId\":\"t\",\"global_index\":1,\"sequence_number\":0} []",
            "Order-8 shop.OrderPlaced 2024-05-01T10:00:01Z v2 <shop.OrderPlaced/> \
             {\"global_index\":2,\"payload_revision\":\"2.1\",\"sequence_number\":0} []",
            "x shop.Alert 2024-05-01T10:00:02Z v1 {\"b\":2} \
             {\"a\":1,\"global_index\":3,\"payload_revision\":\"beta\",\"sequence_number\":0} []",
        ],
    );
}

#[test]
fn axon_5_rows_may_be_of_no_aggregate() {
    let rows = json!([
        {
            "globalIndex": 5, "aggregateType": "Order", "aggregateIdentifier": "7", "aggregateSequenceNumber": 4,
            "type": "shop.OrderPlaced", "version": "0.0.1", "timestamp": "2024-05-01T10:00:00Z", "payload": {"a": 1},
            "metadata": {"correlationId": "c"}, "identifier": uuid(1),
        },
        {
            "globalIndex": 6, "aggregateType": null, "aggregateIdentifier": null, "aggregateSequenceNumber": null,
            "type": "shop.Alert", "version": "3", "timestamp": "2024-05-01T10:00:00Z", "payload": "7b7d",
            "metadata": null, "identifier": uuid(2),
        },
    ]);
    check(
        Format::Axon,
        &rows,
        &[
            "Order-7 shop.OrderPlaced 2024-05-01T10:00:00Z v0 {\"a\":1} \
             {\"correlationId\":\"c\",\"aggregateSequenceNumber\":4,\"globalIndex\":5,\"version\":\"0.0.1\"} []",
            &format!("{} shop.Alert 2024-05-01T10:00:00Z v3 {{}} {{\"globalIndex\":6}} []", uuid(2)),
        ],
    );
}

#[test]
fn message_db_rows_have_their_schema_version_in_the_metadata() {
    let rows = json!([
        {
            "global_position": 9, "position": 1, "time": "2024-05-01 10:00:00.25", "stream_name": "account-7",
            "type": "Deposited", "data": {"amount": 5}, "metadata": {"schemaVersion": "2", "correlationStreamName": "x-1"},
            "id": uuid(2),
        },
        {
            "global_position": 8, "position": 0, "time": "2024-05-01 10:00:01", "stream_name": "account-7",
            "type": "Opened", "data": null, "metadata": null, "id": uuid(1),
        },
    ]);
    check(
        Format::MessageDb,
        &rows,
        &[
            "account-7 Opened 2024-05-01T10:00:01Z v1 null {\"global_position\":8,\"position\":0} []",
            "account-7 Deposited 2024-05-01T10:00:00.25Z v2 {\"amount\":5} {\"correlationStreamName\":\"x-1\",\
             \"schemaVersion\":\"2\",\"global_position\":9,\"position\":1} []",
        ],
    );
}

#[test]
fn emmett_rows_leave_out_what_every_row_says() {
    let row = |kind: &str, partition: &str, number: u32| {
        json!({
            "stream_position": number, "global_position": number, "transaction_id": "751", "created": "2024-05-01 10:00:00+00",
            "is_archived": false, "message_kind": kind, "stream_id": "shopping_cart-1", "partition": partition,
            "message_schema_version": "1", "message_id": uuid(number), "message_type": "ProductAdded",
            "message_data": {"n": number}, "message_metadata": {"causationId": "k"},
        })
    };
    check(
        Format::Emmett,
        &json!([row("E", "emt:default", 1), row("C", "acme", 2)]),
        &[
            "shopping_cart-1 ProductAdded 2024-05-01T10:00:00Z v1 {\"n\":1} {\"causationId\":\"k\",\"global_position\":1,\
             \"stream_position\":1,\"transaction_id\":\"751\"} []",
            "shopping_cart-1@acme ProductAdded 2024-05-01T10:00:00Z v1 {\"n\":2} {\"causationId\":\"k\",\"global_position\":2,\
             \"message_kind\":\"C\",\"partition\":\"acme\",\"stream_position\":2,\"transaction_id\":\"751\"} []",
        ],
    );
}

fn cqrs_es() -> Value {
    let row = |id: &str, sequence: u32, version: &str, time: &str| {
        json!({
            "aggregate_type": "account", "aggregate_id": id, "sequence": sequence, "event_type": "Deposited",
            "event_version": version, "payload": {"Deposited": {"amount": 5}}, "metadata": {"time": time},
        })
    };
    json!([
        row("A", 1, "1.0", "2024-05-01T10:00:00Z"),
        row("A", 2, "1.0", "2024-05-01T12:00:00Z"),
        row("B", 1, "2", "2024-05-01T11:00:00Z"),
    ])
}

#[test]
fn cqrs_es_rows_have_ids_of_stream_and_sequence() {
    let event = |stream: &str, hour: u32, version: &str, rest: &str| {
        format!(
            "account-{stream} Deposited 2024-05-01T{hour}:00:00Z v{version} {{\"Deposited\":{{\"amount\":5}}}} \
             {{\"time\":\"2024-05-01T{hour}:00:00Z\",{rest}}} []"
        )
    };
    let expected = [
        event("A", 10, "1", "\"event_version\":\"1.0\",\"sequence\":1"),
        event("B", 11, "2", "\"sequence\":1"),
        event("A", 12, "1", "\"event_version\":\"1.0\",\"sequence\":2"),
    ];
    check(Format::CqrsEs, &cqrs_es(), &expected.each_ref().map(String::as_str));
}

#[test]
fn python_states_are_json_or_stay_bytes() {
    let state =
        "{\"timestamp\":{\"_type_\":\"datetime_iso\",\"_data_\":\"2024-05-01T10:00:00.5+00:00\"},\"class_version\":2}";
    let hex: String = state.bytes().map(|byte| format!("{byte:02x}")).collect();
    let row = |version: u32, state: &str| {
        json!({
            "originator_id": uuid(7), "originator_version": version, "topic": "bank.model:Account.Opened",
            "state": state, "notification_id": version + 40,
        })
    };
    let rows = json!([row(1, state), row(2, &format!("\\x{hex}")), row(3, &hex)]);
    let event = |version: u32| {
        format!(
            "{} bank.model:Account.Opened 2024-05-01T10:00:00.5Z v2 {state} \
             {{\"notification_id\":{},\"originator_version\":{version}}} []",
            uuid(7),
            version + 40,
        )
    };
    check(Format::EventSourcing, &rows, &[event(1), event(2), event(3)].each_ref().map(String::as_str));

    let store = store();
    let text = "originator_id,originator_version,topic,state\na,1,m:A.B,\\x789c0102ff\na,2,m:A.B,\\x00ff7788\n";
    let report = import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((report.format, report.events), (Format::EventSourcing, 2));
    let shown: Vec<String> = all(&store)
        .iter()
        .map(|event| format!("{:?} {:?} {}", event.content(), event.data(), String::from_utf8_lossy(event.metadata())))
        .collect();
    assert_eq!(
        shown,
        [
            "Bytes(\"application/zlib\") [120, 156, 1, 2, 255] \
             {\"originator_version\":1,\"state\":\"bytes that are compressed\"}",
            "Bytes(\"application/octet-stream\") [0, 255, 119, 136] {\"originator_version\":2,\
             \"state\":\"bytes that are no JSON: encrypted, or written by another serializer\"}",
        ]
    );
}

#[test]
fn the_choice_of_the_caller_wins() {
    let text = files(&cqrs_es())[0].clone();
    let format_of =
        |options: &ImportOptions| import_into(&store(), text.as_bytes(), options).map(|report| report.format);
    let csv = ImportOptions { format: Some(Format::Csv), ..ImportOptions::default() };
    assert_eq!(format_of(&csv).unwrap(), Format::Csv);
    let mapping = Mapping { stream: Some(FieldSource::from("aggregate_type")), ..Mapping::default() };
    let mapped = ImportOptions { mapping: mapping.clone(), ..ImportOptions::default() };
    assert_eq!(format_of(&mapped).unwrap(), Format::Csv);

    let both = ImportOptions { format: Some(Format::CqrsEs), mapping, ..ImportOptions::default() };
    let store_of_both = store();
    let report = import_into(&store_of_both, text.as_bytes(), &both).unwrap();
    assert_eq!((report.format, report.events, report.streams), (Format::CqrsEs, 3, 1));
    assert_eq!(all(&store_of_both)[0].stream().as_str(), "account");
    let other = ImportOptions { format: Some(Format::Marten), ..ImportOptions::default() };
    let error = format_of(&other).unwrap_err();
    assert!(matches!(error, ImportError::NotOfFormat { .. }), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("rows of marten have a column \u{201c}seq_id\u{201d}, but the file has aggregate_id")
    );

    let more = text.replace("metadata", "remarks");
    let report = import_into(&store(), more.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(report.format, Format::Csv, "a column more is another table");
}

#[test]
fn a_category_and_an_order_can_be_asked_for() {
    let options =
        ImportOptions { category: Some("shop".into()), order: Some(ImportOrder::File), ..ImportOptions::default() };
    let store = store();
    import_into(&store, files(&marten())[2].as_bytes(), &options).unwrap();
    let shown: Vec<String> =
        all(&store).iter().map(|event| format!("{} {}", event.stream(), event.event_type())).collect();
    assert_eq!(shown, ["shop-a1 units_added", "shop-a1 order_placed", "shop-a1@acme order_placed"]);
}

#[test]
fn a_preview_shows_the_table_and_its_mapping() {
    let text = files(&marten())[0].clone();
    let preview = preview(text.as_bytes(), true, &ImportOptions::default(), 2).unwrap();
    assert_eq!((preview.format, preview.delimiter, preview.events), (Format::Marten, Some(','), 3));
    assert_eq!(preview.mapping.stream, Some(FieldSource::Column("stream_id".into())));
    assert_eq!(preview.mapping.schema_version, Some(FieldSource::Nowhere));
    assert!(preview.missing().is_empty());
    let id = preview.columns.iter().position(|column| column == "id").unwrap();
    assert_eq!(preview.rows[0].cells[id], uuid(2));
}

#[test]
fn rows_that_cannot_be_events_are_named() {
    let row = |change: &dyn Fn(&mut Value)| {
        let mut rows = cqrs_es();
        change(&mut rows[1]);
        rows
    };
    let cases: [(Value, &str, &str); 5] = [
        (row(&|row| row["sequence"] = json!("NA")), "wrong-kind", "sequence: \u{201c}NA\u{201d} is not a whole number"),
        (row(&|row| row["payload"] = json!("{\"a\":")), "not-json", "payload: the value is not JSON"),
        (row(&|row| row["aggregate_id"] = Value::Null), "missing-value", "aggregate_id: the stream is empty"),
        (row(&|row| row["event_type"] = json!("")), "missing-value", "event_type: the type is empty"),
        (row(&|row| row["sequence"] = json!(1)), "id-reused", "stands in an earlier row with other content"),
    ];
    for (rows, code, message) in cases {
        for (file, line) in files(&rows).iter().zip(["line 3: ", "line 2: ", "line 2, $[1]: "]) {
            let stopped = store();
            let error = import_into(&stopped, file.as_bytes(), &ImportOptions::default()).unwrap_err().to_string();
            assert!(error.starts_with(line) && error.contains(message), "{error}");
            assert!(all(&stopped).is_empty());
            let skip = ImportOptions { on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
            let report = import_into(&store(), file.as_bytes(), &skip).unwrap();
            assert_eq!((report.events, report.skipped[0].code.as_str()), (2, code));
        }
    }
}

#[test]
fn versions_that_go_back_are_faults_where_nothing_else_says_the_order() {
    let mut rows = cqrs_es();
    rows.as_array_mut().unwrap().swap(0, 1);
    let error = import_into(&store(), files(&rows)[0].as_bytes(), &ImportOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3: version 1 of the stream stands behind its version 2; sort the rows by stream and version"
    );
}

/// Whatever a column of bytes holds is kept, as JSON or as bytes, and never stops an import.
fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(\\\\x|0x)?[0-9a-f]{0,40}",
        "[A-Za-z0-9+/]{0,40}={0,2}",
        proptest::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| bytes.iter().fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))),
    ]
}

#[test]
fn a_mark_at_the_begin_and_other_line_ends_change_nothing() {
    let plain = files(&marten());
    let shown = |text: &str| {
        let store = store();
        assert_eq!(import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap().format, Format::Marten);
        all(&store).iter().map(show).collect::<Vec<_>>()
    };
    for text in &plain {
        assert_eq!(shown(&format!("\u{feff}{text}")), shown(text));
        assert_eq!(shown(&text.replace("\r\n", "\n")), shown(text));
    }
    assert_eq!(shown(&plain[0].replace("\r\n", "\r")), shown(&plain[0]));
}

/// Which of two values counts is not for a reader to guess: in a row a fault, in the data none of its business.
#[test]
fn names_that_stand_twice_are_faults_of_the_row_and_kept_in_the_data() {
    let row = files(&json!([marten()[1]]))[1].clone();
    let data = row.replace("\"data\":{}", "\"data\":{\"a\":1,\"a\":2}");
    let store_of_data = store();
    import_into(&store_of_data, data.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(all(&store_of_data)[0].data(), b"{\"a\":1,\"a\":2}");
    let twice = row.replace("\"type\":", "\"type\":\"x\",\"type\":");
    let options = ImportOptions { format: Some(Format::Marten), ..ImportOptions::default() };
    let error = import_into(&store(), format!("{row}\n{twice}").as_bytes(), &options).unwrap_err().to_string();
    assert_eq!(error, "line 2: type: the member stands twice in the object");
}

/// Ids that exports write for "none" give way to those of stream and version.
#[test]
fn an_id_that_is_none_is_derived() {
    let text = "global_position,position,time,stream_name,type,data,metadata,id\n\
                1,0,2024-05-01,a-1,A,{},,NA\n2,1,2024-05-01,a-1,A,{},,NA\n";
    let store = store();
    for stored in [2, 0] {
        assert_eq!(import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap().events, stored);
    }
    let events = all(&store);
    assert_ne!(events[0].id(), events[1].id());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_of_a_state_are_kept(cells in proptest::collection::vec(any_cell(), 1..20)) {
        let rows: Vec<Value> = cells
            .iter()
            .enumerate()
            .map(|(n, cell)| json!({ "originator_id": "a", "originator_version": n, "topic": "t", "state": cell }))
            .collect();
        let mut found = Vec::new();
        for file in files(&Value::from(rows)) {
            let store = store();
            let report = import_into(&store, file.as_bytes(), &ImportOptions::default()).unwrap();
            prop_assert_eq!((report.format, report.events), (Format::EventSourcing, cells.len() as u64));
            let contents = all(&store).into_iter().map(|event| (event.content().clone(), event.data().to_vec(), event.id()));
            found.push(contents.collect::<Vec<_>>());
        }
        prop_assert_eq!(&found[0], &found[1]);
        prop_assert_eq!(&found[0], &found[2]);
        for (content, data, _) in &found[0] {
            let is_json = std::str::from_utf8(data).is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
            prop_assert_eq!(*content == ContentType::Json, is_json);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Rows in any order, in any container, however it is chunked, give the same log: that of the table.
    #[test]
    fn a_table_comes_back_from_every_container(
        (rows, order) in proptest::collection::vec(
            (0_u8..4, -10_000_000_000_i64..10_000_000_000, "[a-c\"\\\\,;\r\n\u{e9}]{0,6}", proptest::option::of("[a-z]{1,4}")), 1..40,
        ).prop_flat_map(|rows| {
            let order: Vec<usize> = (0..rows.len()).collect();
            (Just(rows), Just(order).prop_shuffle())
        }),
        size in prop_oneof![1..4_usize, 1..5_000_usize],
    ) {
        let time = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000).unwrap().to_string();
        let table: Vec<Value> = rows
            .iter()
            .enumerate()
            .map(|(n, (stream, seconds, text, correlation))| {
                json!({
                    "seq_id": n * 3, "id": uuid(n as u32 + 1), "stream_id": format!("s{stream}"), "version": n,
                    "data": {"text": text}, "type": "noted", "timestamp": time(*seconds), "tenant_id": "*DEFAULT*",
                    "mt_dotnet_type": "N", "is_archived": false, "correlation_id": correlation,
                })
            })
            .collect();
        let expected: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(n, (stream, seconds, text, correlation))| {
                let correlation = correlation.as_ref().map(|text| format!("\"correlationId\":\"{text}\",")).unwrap_or_default();
                let metadata = format!("{correlation}\"mt_dotnet_type\":\"N\",\"seq_id\":{},\"version\":{n}", n * 3);
                format!("s{stream} noted {} v1 {} {{{metadata}}} []", time(*seconds), json!({ "text": text }))
            })
            .collect();
        let shuffled = Value::from(order.iter().map(|n| table[*n].clone()).collect::<Vec<_>>());
        for file in files(&shuffled) {
            let store = store();
            let options = ImportOptions { format: Some(Format::Marten), ..ImportOptions::default() };
            block_on(import(&store, chunks(file.as_bytes(), size), &options, ImportWatch::new())).unwrap();
            prop_assert_eq!(&all(&store).iter().map(show).collect::<Vec<_>>(), &expected);
        }
    }
}

#[test]
fn members_that_come_late_are_not_lost() {
    let row = |number: u32, more: Value| {
        let mut row = json!({
            "seq_id": number, "id": uuid(number), "stream_id": "a1", "version": number, "data": {}, "type": "added",
            "timestamp": "2024-05-01T10:00:00Z", "mt_dotnet_type": "Shop.Added, Shop", "is_archived": false,
        });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row.to_string()
    };
    let mut rows: Vec<String> = (1..=150).map(|number| row(number, json!({}))).collect();
    rows.push(row(151, json!({"headers": {"user": "eva"}, "correlation_id": "c-1", "tenant_id": "t2", "own": [1]})));
    let store = store();
    let report = import_into(&store, rows.join("\n").as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((report.format, report.events), (Format::Marten, 151));
    let last = all(&store).pop().unwrap();
    assert_eq!(last.stream().as_str(), "a1@t2");
    let metadata: Value = serde_json::from_slice(last.metadata()).unwrap();
    assert_eq!(
        (&metadata["user"], &metadata["correlationId"], &metadata["own"]),
        (&json!("eva"), &json!("c-1"), &json!([1]))
    );
}
