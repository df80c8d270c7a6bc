//! Rows with very many members: reading one takes as long as it has members, and none of them makes the others cost more.
//!
//! Nothing here measures time. With a step that takes the square of the number of members these tests would run for many minutes.

use std::fmt::Write;

use super::super::{
    Format, ImportError, ImportOptions, MAX_CSV_COLUMNS, MAX_PREVIEW_COLUMNS, MAX_ROW_MEMBERS, OnInvalid, preview,
};
use super::{all, import_into, store};

/// Members of one row.
const WIDE: usize = 60_000;

/// `"m0":0,"m1":1,…`
fn members(name: &str) -> String {
    let mut text = String::new();
    (0..WIDE).for_each(|number| write!(text, ",\"{name}{number}\":{number}").unwrap());
    text.split_off(1)
}

/// Imports and previews; the events, and the kinds of the faults.
fn check(text: &str, format: Option<Format>) -> (u64, Vec<String>) {
    let options = ImportOptions { format, on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
    let report = import_into(&store(), text.as_bytes(), &options).unwrap();
    let seen = preview(text.as_bytes(), true, &options, 5).unwrap();
    assert!(seen.columns.len() <= MAX_PREVIEW_COLUMNS);
    assert!(seen.rows.iter().all(|row| row.cells.is_empty() || row.cells.len() == seen.columns.len()));
    (report.events, report.skipped.iter().map(|fault| fault.code.to_string()).collect())
}

/// What is left out of the data goes into the metadata, which has no room for so much.
fn one_too_large() -> (u64, Vec<String>) {
    (0, vec!["too-large".to_owned()])
}

#[test]
fn objects_with_very_many_members() {
    let wide = format!("{{\"stream\":\"s\",\"type\":\"A\",{}}}", members("m"));
    let narrow = "\n{\"stream\":\"s\",\"type\":\"A\",\"m1\":1}".repeat(500);
    assert_eq!(check(&format!("{wide}{narrow}"), None), (501, vec![]));
    assert_eq!(check(&format!("[{wide},{wide}]"), None), (2, vec![]));
    assert_eq!(check(&wide.replacen('{', "{\"data\":{},", 1), None), one_too_large());
}

#[test]
fn tables_with_very_many_columns() {
    let row = |more: &str| {
        let id = format!("\"seq_id\":{},\"id\":\"{}\"", more.len(), uuid::Uuid::from_u128(more.len() as u128 + 1));
        format!(
            "{{{id},\"stream_id\":\"s\",\"version\":1,\"data\":{{}},\"type\":\"A\",\"timestamp\":\"2026-01-01\",\"mt_dotnet_type\":\"x\"{more}}}\n"
        )
    };
    let narrow: String = (1..500).map(|number| row(&format!(",\"a\":\"{}\"", "x".repeat(number)))).collect();
    let text = format!("{}{narrow}", row(&format!(",{}", members("m"))));
    assert_eq!(check(&text, Some(Format::Marten)), (499, vec!["too-large".to_owned()]));
}

#[test]
fn csv_with_very_many_columns() {
    let text = |columns: usize| format!("stream,type{}\ns,A{}\n", ",a".repeat(columns - 2), ",1".repeat(columns - 2));
    assert_eq!(check(&text(MAX_CSV_COLUMNS), None), (1, vec![]));
    let error = import_into(&store(), text(MAX_CSV_COLUMNS + 1).as_bytes(), &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::TooManyColumns { line: 1, .. }), "{error}");
    // Cells without a text take room while they wait.
    let empty = format!("stream,type{}\n{}", ",".repeat(5_000), format!("s,A{}\n", ",".repeat(5_000)).repeat(150));
    assert_eq!(check(&empty, None), (150, vec![]));
}

#[test]
fn cloudevents_with_very_many_attributes() {
    let text = format!("{{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"A\",{}}}", members("m"));
    assert_eq!(check(&text, None), one_too_large());
}

#[test]
fn kurrentdb_with_very_many_members() {
    let entry = |more: &str, metadata: &str| {
        let id = uuid::Uuid::from_u128(7);
        format!(
            "[{{\"eventId\":\"{id}\",\"eventType\":\"A\",\"eventNumber\":0,\"streamId\":\"s\",\"isJson\":true,\"updated\":\"2026-01-01\",\"data\":\"{{}}\",\"metaData\":{metadata}{more}}}]"
        )
    };
    assert_eq!(check(&entry(&format!(",{}", members("m")), "null"), None), one_too_large());
    assert_eq!(check(&entry("", &format!("{{{}}}", members("m"))), Some(Format::KurrentDb)), one_too_large());
}

#[test]
fn actions_with_very_many_members() {
    let action = format!("{{\"type\":\"A\",{}}}", members("m"));
    let text = format!(
        "{{\"actionsById\":{{\"0\":{{\"action\":{action},\"timestamp\":1773481267000}}}},\"stagedActionIds\":[0]}}"
    );
    assert_eq!(check(&text, Some(Format::ReduxDevTools)), (1, vec![]));
    let ids: Vec<usize> = (0..WIDE / 4).collect();
    let actions: Vec<String> = ids.iter().map(|id| format!("\"{id}\":{{\"action\":{{\"type\":\"A\"}}}}")).collect();
    let text = format!(
        "{{\"actionsById\":{{{}}},\"stagedActionIds\":{ids:?},\"skippedActionIds\":{ids:?}}}",
        actions.join(",")
    );
    assert_eq!(check(&text, None), (WIDE as u64 / 4, vec![]));
}

#[test]
fn traces_and_events_with_very_many_attributes() {
    let attributes: String = (0..WIDE / 2).map(|number| format!("<int key='a{number}' value='1'/>")).collect();
    let event = "<event><string key='concept:name' value='A'/></event>";
    let trace = format!("<string key='concept:name' value='7'/>{attributes}{}", event.repeat(1_000));
    // The first event cannot have so much metadata.
    let text = format!("<log><trace>{trace}</trace></log>");
    assert_eq!(check(&text, None), (999, vec!["too-large".to_owned()]));
    let event = format!("<event><string key='concept:name' value='A'/>{attributes}</event>");
    let text = format!("<log><trace><string key='concept:name' value='7'/>{event}{event}</trace></log>");
    assert_eq!(check(&text, None), (2, vec![]));
    let tag: String = (0..WIDE).map(|number| format!(" a{number}=''")).collect();
    let error = import_into(&store(), format!("<log><string{tag}/></log>").as_bytes(), &ImportOptions::default());
    assert!(error.unwrap_err().to_string().contains("the tag has more than 128 attributes"));
}

#[test]
fn objects_of_very_many_types() {
    let object = |number: usize| {
        format!("{{\"id\":\"o{number}\",\"type\":\"t{number}\",\"attributes\":[],\"relationships\":[]}}")
    };
    let objects: Vec<String> = (0..WIDE / 4).map(object).collect();
    let related: Vec<String> =
        (0..WIDE / 4).map(|number| format!("{{\"objectId\":\"o{number}\",\"qualifier\":\"q\"}}")).collect();
    let event = |id: usize, related: &str| {
        format!(
            "{{\"id\":\"e{id}\",\"type\":\"A\",\"time\":\"2026-01-01T00:00:00Z\",\"attributes\":[],\"relationships\":[{related}]}}"
        )
    };
    let events: Vec<String> = (0..200).map(|id| event(id, &related[id])).collect();
    let text = format!(
        "{{\"objects\":[{}],\"events\":[{},{}]}}",
        objects.join(","),
        events.join(","),
        event(200, &related.join(","))
    );
    assert_eq!(check(&text, Some(Format::Ocel2)), (WIDE as u64 / 4 + 200, vec!["too-large".to_owned()]));
}

/// The names in an error are those of a person's table, not of a machine's row.
#[test]
fn an_error_lists_some_columns() {
    let store = store();
    let error = import_into(&store, format!("{{{}}}", members("m")).as_bytes(), &ImportOptions::default()).unwrap_err();
    assert!(matches!(&error, ImportError::NoColumn { columns, .. } if columns.len() == MAX_PREVIEW_COLUMNS), "{error}");
    assert!(all(&store).is_empty());
}

/// What has more members than any event is told so, and is not looked at any further.
#[test]
fn rows_beyond_the_limit_of_members_are_faults() {
    let more: String = (0..MAX_ROW_MEMBERS).map(|number| format!(",\"{number}\":1")).collect();
    let text = format!("{{\"stream\":\"s\",\"type\":\"A\"}}\n{{\"stream\":\"s\",\"type\":\"A\"{more}}}\n");
    assert_eq!(check(&text, None), (1, vec!["too-large".to_owned()]));
    let error = import_into(&store(), text.as_bytes(), &ImportOptions::default()).unwrap_err().to_string();
    assert_eq!(error, "line 2: the object has 65538 members, and at most 65536 are read");
    let attributes: String = (0..=MAX_ROW_MEMBERS).map(|number| format!("<int key='{number}' value='1'/>")).collect();
    let text = format!("<log><trace>\n<event>{attributes}</event></trace></log>");
    let error = import_into(&store(), text.as_bytes(), &ImportOptions::default()).unwrap_err().to_string();
    assert_eq!(
        error,
        "line 2, /log/trace/event/int: the event, or the head of its trace, has more than 65536 attributes"
    );
}
