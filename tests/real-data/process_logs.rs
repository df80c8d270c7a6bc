//! Process-mining logs, which come grouped by case and become one history.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use leftfold_core::formats::{ImportOptions, ImportOrder};
use leftfold_core::{EventStore, RecordedEvent, Timestamp};
use leftfold_tests::real_data;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::import::{all, bytes_of, category, import_bytes, store};

/// A row of the file: case, activity, time, all cells by column.
struct FileRow {
    case: String,
    activity: String,
    time: Timestamp,
    cells: BTreeMap<String, String>,
}

/// The file as another reader reads it.
fn rows(bytes: &[u8]) -> Vec<FileRow> {
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let cells: BTreeMap<String, String> =
            headers.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
        let [case, activity, time] =
            ["case:concept:name", "concept:name", "time:timestamp"].map(|column| cells[column].clone());
        FileRow { case, activity, time: Timestamp::parse(&time).unwrap(), cells }
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn imported(path: &Path, options: &ImportOptions) -> (EventStore, Vec<FileRow>) {
    let bytes = bytes_of(path);
    let store = store();
    let report = import_bytes(&store, &bytes, options);
    let rows = rows(&bytes);
    assert_eq!((report.events as usize, report.duplicates, report.skipped_count), (rows.len(), 0, 0));
    assert_eq!((report.first_position.get(), report.last_position.get()), (1, rows.len() as u64));
    let cases: BTreeSet<&str> = rows.iter().map(|row| row.case.as_str()).collect();
    assert_eq!(report.streams as usize, cases.len());
    (store, rows)
}

/// Each case has its rows in the file's order, with everything that stood in them.
fn assert_same_cases(events: &[RecordedEvent], rows: &[FileRow], prefix: &str) {
    let mut expected: HashMap<String, Vec<&FileRow>> = HashMap::new();
    rows.iter().for_each(|row| expected.entry(format!("{prefix}{}", row.case)).or_default().push(row));
    for event in events {
        let case = &expected[event.stream().as_str()];
        let row = case[event.version().get() as usize - 1];
        assert_eq!((event.event_type().as_str(), event.time()), (row.activity.as_str(), row.time));
        let data: BTreeMap<String, String> = event.json().unwrap();
        let mapped = ["case:concept:name", "concept:name", "time:timestamp"];
        let is_data = |(name, cell): &(&String, &String)| !mapped.contains(&name.as_str()) && !cell.is_empty();
        // The first column of one of the files has no name.
        let name = |name: &str| if name.is_empty() { "column 1".to_owned() } else { name.to_owned() };
        let expected = row.cells.iter().filter(is_data).map(|(column, cell)| (name(column), cell.clone())).collect();
        assert_eq!(data, expected);
    }
}

/// One history: the time of each event, or the latest of its case before it, never goes back.
fn assert_one_history(events: &[RecordedEvent]) {
    let mut latest = HashMap::new();
    let mut previous = None;
    for event in events {
        let key = latest.entry(event.stream().clone()).or_insert_with(|| event.time());
        *key = event.time().max(*key);
        assert!(previous <= Some(*key), "position {} goes back", event.position());
        previous = Some(*key);
    }
}

fn counts<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

#[test]
fn the_receipt_log_gives_every_expected_figure() {
    let Some(path) = real_data("process-logs/receipt.csv.gz") else { return };
    let Some(expected) = real_data("expected-receipt.json") else { return };
    let expected: Value = serde_json::from_slice(&bytes_of(&expected)).unwrap();
    let (store, rows) = imported(&path, &category("receipt"));
    let events = all(&store);
    assert_same_cases(&events, &rows, "receipt-");
    assert_one_history(&events);

    let back_in_file = rows.windows(2).filter(|pair| pair[1].time < pair[0].time).count();
    assert_eq!(back_in_file, 855);
    let back_in_log = events.windows(2).filter(|pair| pair[1].time() < pair[0].time()).count();
    let back_in_cases = events.len() - {
        let mut latest = HashMap::new();
        let grows = |event: &&RecordedEvent| {
            let latest = latest.entry(event.stream().clone()).or_insert_with(|| event.time());
            let grows = *latest <= event.time();
            *latest = event.time().max(*latest);
            grows
        };
        events.iter().filter(grows).count()
    };
    assert!(back_in_log <= back_in_cases, "{back_in_log} steps back in the log, {back_in_cases} within cases");

    let activities = counts(events.iter().map(|event| event.event_type().to_string()));
    assert_eq!(serde_json::to_value(activities).unwrap(), expected["activities"]);

    let mut last: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut follows: BTreeMap<(String, String), u64> = BTreeMap::new();
    for event in &events {
        let case = event.stream().as_str().strip_prefix("receipt-").unwrap().to_owned();
        let activity = event.event_type().to_string();
        let (count, previous) = last.entry(case).or_default();
        if *count > 0 {
            *follows.entry((previous.clone(), activity.clone())).or_default() += 1;
        }
        (*count, *previous) = (*count + 1, activity);
    }
    assert_eq!(events.len(), expected["events"].as_u64().unwrap() as usize);
    assert_eq!(last.len(), expected["cases"].as_u64().unwrap() as usize);
    assert_eq!(follows.len(), expected["directly_follows_pairs"].as_u64().unwrap() as usize);
    assert_eq!(follows.values().sum::<u64>(), expected["directly_follows_total"].as_u64().unwrap());
    assert_eq!(last.values().map(|(count, _)| *count).max(), expected["longest"].as_u64());
    let mut top: Vec<(u64, &(String, String))> = follows.iter().map(|(pair, count)| (*count, pair)).collect();
    top.sort_by(|a, b| b.cmp(a));
    let top: Vec<Value> = top[..10].iter().map(|(count, (a, b))| serde_json::json!([a, b, count])).collect();
    assert_eq!(Value::from(top), expected["top_df"]);

    let lines: Vec<String> =
        last.iter().map(|(case, (count, activity))| format!("{case}\t{count}\t{activity}")).collect();
    let hash = Sha256::digest(lines.join("\n"));
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(Value::from(hash), expected["case_state_sha256"]);
}

#[test]
fn the_receipt_log_imported_twice_is_stored_once() {
    let Some(path) = real_data("process-logs/receipt.csv.gz") else { return };
    let (store, rows) = imported(&path, &category("receipt"));
    let again = import_bytes(&store, &bytes_of(&path), &category("receipt"));
    assert_eq!((again.events, again.duplicates as usize), (0, rows.len()));
    assert_eq!(store.head().get() as usize, rows.len());
}

#[test]
fn the_receipt_log_keeps_the_files_order_on_demand() {
    let Some(path) = real_data("process-logs/receipt.csv.gz") else { return };
    let options = ImportOptions { order: Some(ImportOrder::File), ..ImportOptions::default() };
    let (store, rows) = imported(&path, &options);
    for (event, row) in all(&store).iter().zip(&rows) {
        assert_eq!((event.stream().as_str(), event.time()), (row.case.as_str(), row.time));
    }
}

#[track_caller]
fn assert_log(path: &str, events: usize, cases: usize, activities: usize) {
    let Some(path) = real_data(path) else { return };
    let (store, rows) = imported(&path, &category("case"));
    let log = all(&store);
    assert_same_cases(&log, &rows, "case-");
    assert_one_history(&log);
    let streams: BTreeSet<&str> = log.iter().map(|event| event.stream().as_str()).collect();
    let types: BTreeSet<&str> = log.iter().map(|event| event.event_type().as_str()).collect();
    assert_eq!((log.len(), streams.len(), types.len()), (events, cases, activities));
}

#[test]
fn the_running_example() {
    assert_log("process-logs/running-example.csv", 42, 6, 8);
}

#[test]
fn a_hundred_traffic_fines() {
    assert_log("process-logs/roadtraffic100traces.csv", 390, 100, 10);
}
