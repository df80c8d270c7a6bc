//! Logs that are there both as CSV and as XES give the same states.
//!
//! Equal means: the log has the same streams; a stream has the same events in the same order, each with the same type and
//! time and with equal data; and so a fold over a case has the same state after each of its events. Values are equal when
//! they say the same: CSV has only texts, so `35.0` is the number 35, and a time is the instant. What is no part of the
//! case is not compared: `column 1` of one CSV file is the row number of the program that wrote it; and attributes of the
//! trace, which CSV repeats in every row as `case:…`, are in the metadata of the first event in XES.

use std::collections::BTreeMap;

use leftfold_core::{EventStore, Timestamp};
use leftfold_tests::real_data;
use serde_json::{Map, Value};

use crate::import::{all, bytes_of, category, import_bytes, store};

/// A case after one of its events.
#[derive(Clone, Debug, Default, PartialEq)]
struct Case {
    events: Vec<(String, Timestamp)>,
    /// The latest value of each attribute.
    attributes: BTreeMap<String, Value>,
}

/// A value as what it says.
fn meaning(value: Value) -> Value {
    let Value::String(text) = &value else {
        return value.as_f64().map_or(value, Value::from);
    };
    match (text.parse::<f64>(), Timestamp::parse(text)) {
        (Ok(number), _) if number.is_finite() => Value::from(number),
        (_, Ok(time)) => Value::from(time.to_string()),
        _ => value,
    }
}

/// The state of every case after each of its events.
fn states(store: &EventStore) -> BTreeMap<String, Vec<Case>> {
    let mut states: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    let mut of_cases: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for event in all(store) {
        let stream = event.stream().to_string();
        let of_case = of_cases.entry(stream.clone()).or_default();
        if !event.metadata().is_empty() {
            of_case.extend(serde_json::from_slice::<Map<String, Value>>(event.metadata()).unwrap());
        }
        let states = states.entry(stream).or_default();
        let mut case = states.last().cloned().unwrap_or_default();
        case.events.push((event.event_type().to_string(), event.time()));
        let data: Map<String, Value> = event.json().unwrap();
        case.attributes.extend(
            of_case
                .clone()
                .into_iter()
                .chain(data)
                .filter(|(name, _)| name != "column 1")
                .map(|(name, value)| (name, meaning(value))),
        );
        states.push(case);
    }
    states
}

#[track_caller]
fn assert_equal_states(csv: &str, xes: &str, events: usize, cases: usize) {
    let (Some(csv), Some(xes)) = (real_data(csv), real_data(xes)) else { return };
    let stores = [csv, xes].map(|path| {
        let store = store();
        let bytes = bytes_of(&path);
        let report = import_bytes(&store, &bytes, &category("case"));
        assert_eq!((report.events as usize, report.streams as usize), (events, cases));
        let again = import_bytes(&store, &bytes, &category("case"));
        assert_eq!((again.events, again.duplicates as usize), (0, events));
        store
    });
    let [csv, xes] = stores.each_ref().map(states);
    assert_eq!(csv.keys().collect::<Vec<_>>(), xes.keys().collect::<Vec<_>>());
    for (name, states) in &csv {
        assert_eq!(states, &xes[name], "{name}");
    }
    // The whole log has one order too, whichever file it came from, where no two cases have an event at the same instant.
    let times = stores.each_ref().map(|store| all(store).iter().map(|event| event.time()).collect::<Vec<_>>());
    assert_eq!(times[0], times[1]);
}

#[test]
fn the_running_example_gives_equal_states() {
    assert_equal_states("process-logs/running-example.csv", "process-logs/running-example.xes", 42, 6);
}

#[test]
fn a_hundred_traffic_fines_give_equal_states() {
    assert_equal_states("process-logs/roadtraffic100traces.csv", "process-logs/roadtraffic100traces.xes.gz", 390, 100);
}
