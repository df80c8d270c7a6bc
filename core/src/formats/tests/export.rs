//! Logs as files: what is in them, in which parts, and what another reader finds.

use futures_executor::block_on;
use serde_json::{Value, json};

use super::super::{
    Export, ExportFormat, ExportOptions, ExportProgress, FieldSource, ImportOptions, ImportOrder, Mapping,
};
use super::{all, import_into, store};
use crate::domain::{
    EventId, ExpectedVersion, NewEvent, Position, Query, QueryItem, SchemaVersion, StreamName, Tag, Timestamp,
};
use crate::engine::EventStore;

/// A file, and how far the export came.
pub(super) fn exported(store: &EventStore, options: ExportOptions) -> (Vec<u8>, ExportProgress) {
    block_on(async {
        let mut export = Export::begin(store, options).await.unwrap();
        let (mut file, mut before) = (Vec::new(), export.progress());
        while let Some(part) = export.next_part().await.unwrap() {
            assert!(!part.is_empty());
            file.extend(part);
            let progress = export.progress();
            assert!(progress.bytes == file.len() as u64 && progress.passed <= progress.positions);
            assert!(progress.events >= before.events && progress.passed >= before.passed);
            before = progress;
        }
        assert_eq!(export.next_part().await.unwrap(), None);
        let progress = export.progress();
        assert_eq!(progress.passed, progress.positions);
        file.splice(0..0, export.header());
        (file, progress)
    })
}

pub(super) fn in_format(store: &EventStore, format: ExportFormat) -> Vec<u8> {
    exported(store, ExportOptions { format, ..ExportOptions::default() }).0
}

fn event(event_type: &str, number: u64) -> NewEvent {
    NewEvent::json(event_type, &json!({ "n": number })).unwrap()
}

fn append(store: &EventStore, stream: &str, event: NewEvent) {
    block_on(store.append(StreamName::new(stream).unwrap(), ExpectedVersion::Any, vec![event])).unwrap();
}

/// Two orders: one event of JSON with everything, one of bytes, and ten small ones.
pub(super) fn sample() -> EventStore {
    let store = store();
    let placed = NewEvent::json_text("OrderPlaced", "{\n  \"note\": \"5 € \\\"now\\\", please\" }").unwrap();
    let placed = placed
        .with_id(EventId::parse("0198c0de-0000-7000-8000-000000000001").unwrap())
        .with_time(Timestamp::parse("1969-12-31T23:59:59.5Z").unwrap())
        .with_schema_version(SchemaVersion(4_000_000_000))
        .with_metadata_text("{\"correlationId\":\"c1\",\"causationId\":7,\"who\":\n\"a, b\"}")
        .unwrap()
        .with_tags([Tag::new("sku:7").unwrap(), Tag::new("a,b").unwrap()])
        .unwrap();
    append(&store, "order-7", placed);
    append(&store, "order-8", NewEvent::bytes("Scanned", "image/png", vec![0_u8, 255, 10]).unwrap());
    (0..10).for_each(|n| append(&store, if n % 2 == 0 { "order-7" } else { "order-8" }, event("Counted", n)));
    store
}

#[test]
fn a_range_and_a_query_choose_events() {
    let store = sample();
    let positions = |options: ExportOptions| {
        let (file, progress) = exported(&store, ExportOptions { format: ExportFormat::Ndjson, ..options });
        let lines = String::from_utf8(file).unwrap();
        let of = |line: &str| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap();
        let found: Vec<u64> = lines.lines().map(of).collect();
        assert_eq!(progress.events, found.len() as u64);
        (found, progress.left_out, progress.positions)
    };
    let at = |position| Some(Position::new(position));
    let query = Some(Query { items: vec![QueryItem::of_streams([StreamName::new("order-8").unwrap()])] });
    let default = ExportOptions::default;
    assert_eq!(positions(ExportOptions { from: at(3), to: at(5), ..default() }), (vec![3, 4, 5], 0, 3));
    assert_eq!(positions(ExportOptions { from: at(5), to: at(3), ..default() }), (vec![3, 4, 5], 0, 3));
    assert_eq!(positions(ExportOptions { from: at(11), to: at(99), ..default() }), (vec![11, 12], 0, 2));
    assert_eq!(positions(ExportOptions { from: at(13), ..default() }), (vec![], 0, 0));
    assert_eq!(positions(ExportOptions { to: at(2), ..default() }), (vec![1], 1, 2));
    assert_eq!(positions(ExportOptions { query: query.clone(), to: at(7), ..default() }), (vec![4, 6], 1, 7));
    assert_eq!(positions(ExportOptions { query: Some(Query::default()), ..default() }), (vec![], 0, 12));
}

#[test]
fn chosen_positions_go_out_in_the_order_of_the_log() {
    let (log, long) = (sample(), store());
    (0..1_500).for_each(|n| append(&long, "order-9", event("Counted", n)));
    let positions = |store: &EventStore, chosen: &[u64]| {
        let chosen = chosen.iter().copied().map(Position::new).collect();
        let mut export = block_on(Export::of_positions(store, ExportFormat::Ndjson, chosen)).unwrap();
        let mut file = Vec::new();
        while let Some(part) = block_on(export.next_part()).unwrap() {
            file.extend(part);
        }
        let of = |line: &str| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap();
        let found: Vec<u64> = String::from_utf8(file).unwrap().lines().map(of).collect();
        let ExportProgress { events, left_out, passed, positions, .. } = export.progress();
        assert_eq!((events, passed), (found.len() as u64, positions));
        (found, left_out, positions)
    };
    // The second event is bytes, for which NDJSON has no place.
    assert_eq!(positions(&log, &[9, 3, 2, 9, 0, 77]), (vec![3, 9], 1, 3));
    assert_eq!(positions(&log, &[]), (vec![], 0, 0));
    let odd: Vec<u64> = (1..=1_500).step_by(2).collect();
    assert_eq!(positions(&long, &odd), (odd.clone(), 0, 750));
}

/// What was stored after an export was asked for is not in the file, whatever its bounds.
#[test]
fn an_export_up_to_an_earlier_head_knows_nothing_of_what_came_after() {
    let store = sample();
    let head = store.head().get();
    for (from, to, asked, expected) in [
        (None, None, 3, 3),
        (None, Some(head), 3, 3),
        (Some(2), Some(head), 3, 2),
        (Some(head), Some(2), 3, 2),
        (Some(4), None, 3, 0),
        (Some(4), Some(head), 3, 0),
        (None, Some(0), 3, 0),
        (None, None, 0, 0),
    ] {
        let bound = |position: u64| Position::new(position);
        let options = ExportOptions { from: from.map(bound), to: to.map(bound), ..ExportOptions::default() };
        let mut export = Export::begin_up_to(&store, options, bound(asked)).unwrap();
        while block_on(export.next_part()).unwrap().is_some() {}
        let ExportProgress { events, left_out, positions, .. } = export.progress();
        assert_eq!((events + left_out, positions), (expected, expected), "{from:?} to {to:?}, of {asked}");
    }
}

#[test]
fn a_query_that_makes_no_sense_is_refused() {
    let items = vec![QueryItem::default(); crate::domain::limits::MAX_QUERY_ITEMS + 1];
    let options = ExportOptions { query: Some(Query { items }), ..ExportOptions::default() };
    assert_eq!(block_on(Export::begin(&store(), options)).unwrap_err().code(), "invalid-query");
}

#[test]
fn formats_have_names() {
    for format in [ExportFormat::Leftfold, ExportFormat::Ndjson, ExportFormat::CloudEvents, ExportFormat::Csv] {
        assert_eq!(ExportFormat::parse(format.name()), Ok(format));
    }
    let error = ExportFormat::parse("xes").unwrap_err().to_string();
    assert!(
        error.contains("nothing is written in the format \u{201c}xes\u{201d}; there is leftfold, ndjson"),
        "{error}"
    );
}

/// What is in memory is a part, whatever the length of the log; what is appended meanwhile is not in the file.
#[test]
fn a_long_log_comes_in_parts() {
    let store = store();
    let many = |count: u64| -> Vec<NewEvent> {
        (0..count).map(|n| NewEvent::json("Counted", &json!({ "n": n, "x": "x".repeat(400) })).unwrap()).collect()
    };
    let stream = StreamName::new("s-1").unwrap();
    block_on(store.append(stream.clone(), ExpectedVersion::Any, many(9_000))).unwrap();
    block_on(async {
        let mut export = Export::begin(&store, ExportOptions::default()).await.unwrap();
        let (mut parts, mut lines) = (0, 0);
        while let Some(part) = export.next_part().await.unwrap() {
            if parts == 0 {
                store.append(stream.clone(), ExpectedVersion::Any, many(10)).await.unwrap();
            }
            assert!(part.len() < (1 << 20) + 1_000);
            parts += 1;
            lines += part.iter().filter(|byte| **byte == b'\n').count();
        }
        assert_eq!((lines, export.progress().events), (9_000, 9_000));
        assert!(parts >= 5);
    });
}

/// The rules of CloudEvents 1.0.2 and of its JSON format that a producer can break.
#[test]
fn cloudevents_are_conformant() {
    let store = sample();
    let batch: Vec<serde_json::Map<String, Value>> =
        serde_json::from_slice(&in_format(&store, ExportFormat::CloudEvents)).unwrap();
    let events = all(&store);
    assert_eq!(batch.len(), events.len());
    for (cloud, event) in batch.iter().zip(&events) {
        for (name, value) in cloud.iter().filter(|(name, _)| !matches!(name.as_str(), "data" | "data_base64")) {
            assert!((1..=20).contains(&name.len()), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{name}");
            let text = value.as_str().unwrap_or_else(|| panic!("{name} is not a text"));
            assert!(!text.is_empty(), "{name}");
        }
        let text = |name: &str| cloud[name].as_str().unwrap().to_owned();
        assert_eq!(text("specversion"), "1.0");
        assert_eq!(text("source"), format!("urn:uuid:{}", store.id()));
        assert_eq!((text("id"), text("subject")), (event.id().to_string(), event.stream().to_string()));
        assert_eq!((text("type"), text("time")), (event.event_type().to_string(), event.time().to_string()));
        assert_eq!(text("sequence").parse(), Ok(event.position().get()));
        assert!(cloud.contains_key("data") != cloud.contains_key("data_base64"));
    }
    let first = &batch[0];
    assert_eq!(first["data"], json!({ "note": "5 € \"now\", please" }));
    assert_eq!(first["datacontenttype"], "application/json");
    assert_eq!((&first["schemaversion"], &first["streamversion"]), (&json!("4000000000"), &json!("1")));
    assert_eq!((first["correlationid"].as_str(), first.get("causationid")), (Some("c1"), None));
    assert_eq!(first["tags"], "[\"a,b\",\"sku:7\"]");
    assert_eq!(serde_json::from_str::<Value>(first["metadata"].as_str().unwrap()).unwrap()["who"], "a, b");
    assert_eq!((&batch[1]["datacontenttype"], &batch[1]["data_base64"]), (&json!("image/png"), &json!("AP8K")));
    assert!(!batch[1].contains_key("metadata") && !batch[1].contains_key("tags"));
    let nothing = serde_json::from_slice::<Value>(&in_format(&super::store(), ExportFormat::CloudEvents));
    assert_eq!(nothing.unwrap(), json!([]));
}

/// Every cell of the CSV, as the reader of CSV finds them.
#[test]
fn csv_holds_every_text() {
    let store = sample();
    let file = in_format(&store, ExportFormat::Csv);
    assert!(file.starts_with(
        b"position,stream,version,id,type,schema_version,time,recorded_at,tags,content_type,data,metadata\r\n"
    ));
    let column = |name: &str| Some(FieldSource::Column(name.into()));
    let mapping = Mapping { stream: column("position"), event_type: column("version"), ..Mapping::default() };
    let mapping = Mapping { time: Some(FieldSource::Nowhere), id: Some(FieldSource::Nowhere), ..mapping };
    let mapping = Mapping { schema_version: Some(FieldSource::Nowhere), ..mapping };
    let format = Some(super::super::Format::Csv);
    let options = ImportOptions { mapping, format, order: Some(ImportOrder::File), ..ImportOptions::default() };
    let cells = super::store();
    import_into(&cells, &file, &options).unwrap();
    let (rows, events) = (all(&cells), all(&store));
    assert_eq!(rows.len(), events.len());
    for (row, event) in rows.iter().zip(&events) {
        let cells: Value = row.json().unwrap();
        assert_eq!(row.stream().to_string(), event.position().to_string());
        assert_eq!(row.event_type().to_string(), event.version().to_string());
        assert_eq!(cells["stream"], event.stream().as_str());
        assert_eq!(cells["id"], event.id().to_string());
        assert_eq!(cells["type"], event.event_type().as_str());
        assert_eq!(cells["schema_version"], event.schema_version().0.to_string());
        assert_eq!(cells["time"], event.time().to_string());
        assert_eq!(cells["recorded_at"], event.recorded_at().to_string());
        match cells.get("content_type") {
            None => assert_eq!(cells["data"].as_str().unwrap().as_bytes(), event.data()),
            Some(media_type) => assert_eq!((media_type.as_str(), &cells["data"]), (Some("image/png"), &json!("AP8K"))),
        }
        assert_eq!(cells.get("metadata").is_some(), event.metadata() != b"{}");
    }
    let first: Value = rows[0].json().unwrap();
    assert_eq!(first["tags"], "[\"a,b\",\"sku:7\"]");
    assert_eq!(first["metadata"].as_str().unwrap().as_bytes(), events[0].metadata());
}
