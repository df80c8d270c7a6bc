//! The names that real logs use are names that the store takes.

use std::collections::BTreeSet;

use leftfold_core::{EventType, StreamName};
use leftfold_tests::real_data;

#[test]
fn cases_and_activities_of_a_process_log_are_names() {
    let Some(path) = real_data("process-logs/running-example.csv") else { return };
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (case, activity) = (column("case:concept:name"), column("concept:name"));

    let (mut events, mut streams, mut types) = (0, BTreeSet::new(), BTreeSet::new());
    for row in reader.records() {
        let row = row.unwrap();
        let stream = StreamName::new(&format!("case-{}", &row[case])).unwrap();
        assert_eq!(stream.category(), "case");
        streams.insert(stream);
        types.insert(EventType::new(&row[activity]).unwrap());
        events += 1;
    }
    assert_eq!((events, streams.len(), types.len()), (42, 6, 8));
}
