//! Object-centric logs: every event, every relation of an event to an object as a tag, every object and its changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_executor::block_on;
use leftfold_core::formats::{Field, FieldSource, Format, ImportOptions, Mapping};
use leftfold_core::{EventStore, Query, QueryItem, ReadOptions, RecordedEvent, Timestamp};
use leftfold_tests::real_data;
use serde_json::{Map, Value};

use crate::import::{all, bytes_of, import_bytes, store};

/// What a log has, by another reader.
struct Expected {
    document: Value,
    /// The type of each object.
    types: HashMap<String, String>,
}

impl Expected {
    fn of(bytes: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(bytes).unwrap();
        let objects = document["objects"].as_array().unwrap().iter();
        let types = objects.map(|object| (text(&object["id"]), text(&object["type"]))).collect();
        Self { document, types }
    }

    fn events(&self) -> &[Value] {
        self.document["events"].as_array().unwrap()
    }

    fn objects(&self) -> &[Value] {
        self.document["objects"].as_array().unwrap()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn time(value: &Value) -> Timestamp {
    Timestamp::parse(value.as_str().unwrap()).unwrap()
}

fn attributes(value: &Value) -> impl Iterator<Item = &Value> {
    value["attributes"].as_array().unwrap().iter()
}

fn imported(bytes: &[u8], stream: &str) -> EventStore {
    let mut mapping = Mapping::default();
    mapping.set(Field::Stream, Some(FieldSource::from(stream)));
    let options = ImportOptions { mapping, ..ImportOptions::default() };
    let store = store();
    let report = import_bytes(&store, bytes, &options);
    assert_eq!((report.format, report.skipped_count, report.remark_count, report.duplicates), (Format::Ocel2, 0, 0, 0));
    let again = import_bytes(&store, bytes, &options);
    assert_eq!((again.events, again.duplicates), (0, report.events));
    store
}

/// Every event with its type, time, attributes, and a tag for each relation: the number of relations found.
fn assert_events(log: &[RecordedEvent], expected: &Expected, stream: &str) -> usize {
    let id = |event: &RecordedEvent| {
        let metadata: Map<String, Value> = serde_json::from_slice(event.metadata()).unwrap();
        (text(&metadata["id"]), metadata)
    };
    let is_of_log = |event: &&RecordedEvent| event.stream().category() != "objects";
    let mut found: HashMap<String, (&RecordedEvent, Map<String, Value>)> = HashMap::new();
    for event in log.iter().filter(is_of_log) {
        let (id, metadata) = id(event);
        assert!(found.insert(id, (event, metadata)).is_none());
    }
    assert_eq!(found.len(), expected.events().len());
    let mut relations = 0;
    for event in expected.events() {
        let (stored, metadata) = &found[event["id"].as_str().unwrap()];
        assert_eq!((stored.event_type().to_string(), stored.time()), (text(&event["type"]), time(&event["time"])));
        let data: Map<String, Value> =
            attributes(event).map(|found| (text(&found["name"]), found["value"].clone())).collect();
        assert_eq!(stored.json::<Map<String, Value>>().unwrap(), data);
        assert_eq!(metadata["relationships"], event["relationships"]);
        let mut tags = BTreeSet::new();
        for relation in event["relationships"].as_array().unwrap() {
            let id = text(&relation["objectId"]);
            let tag = format!("{}:{id}", expected.types[&id]);
            assert!(stored.tags().iter().any(|found| found.as_str() == tag), "{tag}");
            tags.insert(tag);
            relations += 1;
        }
        assert_eq!(stored.tags().len(), tags.len());
        let of_type = tags.iter().find_map(|tag| tag.strip_prefix(&format!("{stream}:")));
        if let Some(id) = of_type {
            let others = tags.iter().filter(|tag| tag.starts_with(&format!("{stream}:"))).count();
            assert!(others > 1 || stored.stream().as_str() == format!("{stream}-{id}"), "{}", stored.stream());
        }
    }
    relations
}

/// Every object has, at every time for which it has a value, the values of that time.
fn assert_objects(log: &[RecordedEvent], expected: &Expected) -> usize {
    let mut changes = 0;
    let mut by_stream: HashMap<String, Vec<&RecordedEvent>> = HashMap::new();
    log.iter().for_each(|event| by_stream.entry(event.stream().to_string()).or_default().push(event));
    for object in expected.objects() {
        let name = format!("{}:{}", text(&object["type"]), text(&object["id"]));
        let mut values: BTreeMap<Timestamp, Map<String, Value>> = BTreeMap::new();
        for attribute in attributes(object) {
            values
                .entry(time(&attribute["time"]))
                .or_default()
                .insert(text(&attribute["name"]), attribute["value"].clone());
        }
        if values.is_empty() {
            values.insert(Timestamp::from_micros(0).unwrap(), Map::new());
        }
        let events = &by_stream[&format!("objects-{name}")];
        assert_eq!(events.len(), values.len());
        for (number, (event, (time, values))) in events.iter().zip(&values).enumerate() {
            assert_eq!(event.event_type().as_str(), if number == 0 { "ObjectAdded" } else { "ObjectChanged" });
            let data: Value = event.json().unwrap();
            assert_eq!((event.time(), &data["attributes"]), (*time, &Value::Object(values.clone())));
            assert_eq!(event.tags().iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), [name.as_str()]);
        }
        let related = object["relationships"].as_array().unwrap();
        if !related.is_empty() {
            let metadata: Value = serde_json::from_slice(events[0].metadata()).unwrap();
            assert_eq!(metadata["relationships"], object["relationships"]);
        }
        changes += events.len() - 1;
    }
    changes
}

/// The object-centric log of an online shop: 35,857 relations are found again as tags. A tag is there once for an object
/// that an event is related to in two ways, which happens 30 times.
#[test]
fn the_order_management_log_has_every_relation_as_a_tag() {
    let Some(path) = real_data("ocel2/order-management.json.gz") else { return };
    let bytes = bytes_of(&path);
    let expected = Expected::of(&bytes);
    let store = imported(&bytes, "orders");
    let log = all(&store);
    assert_eq!(assert_events(&log, &expected, "orders"), 35_857);
    assert_eq!((expected.events().len(), expected.objects().len()), (18_211, 10_031));
    let changes = assert_objects(&log, &expected);
    assert_eq!(log.len(), 18_211 + 10_031 + changes);
    let tags: usize =
        log.iter().filter(|event| event.stream().category() != "objects").map(|event| event.tags().len()).sum();
    assert_eq!(tags, 35_827);

    // The tag of an object finds all that concerns it, in the order of the log.
    for id in ["990001", "STAWAG", "883832", "Mara Nitschke"] {
        let tag = format!("{}:{id}", expected.types[id]);
        let query = Query::from(QueryItem::of_tags([tag.as_str()]).unwrap());
        let found = block_on(store.read_all(ReadOptions { query: Some(query), ..ReadOptions::default() })).unwrap();
        let related = |event: &&Value| {
            event["relationships"].as_array().unwrap().iter().any(|relation| relation["objectId"] == id)
        };
        let in_file = expected.events().iter().filter(related).count();
        let of_log = found.iter().filter(|event| event.stream().category() != "objects").count();
        assert!(of_log > 0 && of_log == in_file, "{tag}: {of_log} of {in_file}");
        assert!(found.len() > of_log);
    }
}

#[test]
fn the_example_of_the_specification() {
    let Some(path) = real_data("ocel2/ocel20_example.json") else { return };
    let bytes = bytes_of(&path);
    let expected = Expected::of(&bytes);
    let store = imported(&bytes, "Invoice");
    let log = all(&store);
    assert_eq!(
        (assert_events(&log, &expected, "Invoice"), expected.events().len(), expected.objects().len()),
        (20, 13, 9)
    );
    let changes = assert_objects(&log, &expected);
    assert_eq!(log.len(), 13 + 9 + changes);
    // The log is one history: the block of invoice R3 is set and removed around the events that tell of it.
    let is_of_invoice = |event: &&RecordedEvent| event.tags().iter().any(|tag| tag.as_str() == "Invoice:R3");
    let history: Vec<&str> = log.iter().filter(is_of_invoice).map(|event| event.event_type().as_str()).collect();
    let expected = [
        "ObjectAdded",
        "Insert Invoice",
        "Create Purchase Order",
        "ObjectChanged",
        "Set Payment Block",
        "ObjectChanged",
        "Remove Payment Block",
        "Insert Payment",
    ];
    assert_eq!(history, expected);
}
