//! Redux DevTools: exports, made here after the fields of the lifted state; and what is said of those that are broken.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::parser::Parser;
use super::super::{FieldSource, Format, ImportOptions, Mapping, OnInvalid, preview};
use super::chunked::{rows, sizes};
use super::{all, import_into, imported, store};

/// A lifted state of three actions after the first, one of them skipped.
fn lifted() -> Value {
    let action =
        |action: Value, millis: u64| json!({ "type": "PERFORM_ACTION", "action": action, "timestamp": millis });
    json!({
        "monitorState": {}, "nextActionId": 4, "currentStateIndex": 3, "isLocked": false, "isPaused": false,
        "actionsById": {
            "0": action(json!({ "type": "@@INIT" }), 1_773_481_267_000),
            "1": action(json!({ "type": "cart/added", "payload": { "sku": "A", "price": 5.5 }, "meta": { "who": "a" } }), 1_773_481_268_000),
            "2": action(json!({ "type": "cart/added", "payload": null, "error": true }), 1_773_481_267_500),
            "3": { "type": "PERFORM_ACTION", "action": { "type": "SET", "key": "k", "payload": 1 }, "timestamp": 1_773_481_269_000.25, "stack": "at f" }
        },
        "stagedActionIds": [0, 1, 2, 3], "skippedActionIds": [2], "committedState": { "cart": ["before"] },
        "computedStates": [{ "state": { "cart": [] } }, { "state": { "cart": ["A"] } }, { "state": 2 }, { "state": 3 }]
    })
}

fn events(document: &Value) -> Vec<String> {
    imported(&document.to_string(), &ImportOptions::default())
}

fn with(mut document: Value, member: &str, value: Value) -> Value {
    document[member] = value;
    document
}

const INIT: &str = "redux-devtools @@INIT 2026-03-14T09:41:07Z v1 {\"state\":{\"cart\":[]}} {\"actionId\":0} []";
const ADDED: &str = "redux-devtools cart/added 2026-03-14T09:41:08Z v1 {\"price\":5.5,\"sku\":\"A\"} {\"actionId\":1,\"meta\":{\"who\":\"a\"}} []";
const FAILED: &str =
    "redux-devtools cart/added 2026-03-14T09:41:07.5Z v1 null {\"actionId\":2,\"skipped\":true,\"error\":true} []";
const SET: &str =
    "redux-devtools SET 2026-03-14T09:41:09Z v1 {\"key\":\"k\",\"payload\":1} {\"actionId\":3,\"stack\":\"at f\"} []";

#[test]
fn a_lifted_state_is_its_actions() {
    // The time of the last action has a part of a millisecond.
    let set = SET.replace("09Z", "09.00025Z");
    let found = events(&lifted());
    assert_eq!(found, [INIT, ADDED, FAILED, &set]);
    let pretty = serde_json::to_string_pretty(&lifted()).unwrap();
    assert_eq!(imported(&format!("\u{feff}\r\n{}\r\n", lifted()), &ImportOptions::default()), found);
    let store = store();
    let report = import_into(&store, pretty.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((report.format, report.events, report.streams), (Format::ReduxDevTools, 4, 1));
    assert_eq!(import_into(&store, pretty.as_bytes(), &ImportOptions::default()).unwrap().duplicates, 4);
}

/// A monitor can move actions, and sweep those that it skips.
#[test]
fn the_staged_actions_are_the_history() {
    let moved = with(lifted(), "stagedActionIds", json!([0, 2, 1]));
    assert_eq!(events(&moved), [INIT, FAILED, ADDED]);
    let without = |member: &str| {
        let mut document = lifted();
        document.as_object_mut().unwrap().remove(member);
        events(&document)
    };
    assert_eq!(without("stagedActionIds")[..2], [INIT, ADDED]);
    assert_eq!(without("skippedActionIds")[2], FAILED.replace("\"skipped\":true,", ""));
    assert_eq!(without("computedStates")[0], INIT.replace("[]}}", "[\"before\"]}}"));
}

#[test]
fn actions_and_a_preloaded_state() {
    let actions = json!([{ "type": "added", "payload": 1 }, { "type": "added", "payload": 1 }]).to_string();
    let document = json!({ "payload": actions, "preloadedState": "{\"n\":0}" });
    let store = store();
    let report = import_into(&store, document.to_string().as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((report.format, report.events), (Format::ReduxDevTools, 3));
    let found: Vec<(String, Vec<u8>)> =
        all(&store).iter().map(|event| (event.event_type().to_string(), event.data().to_vec())).collect();
    let added = ("added".to_owned(), b"1".to_vec());
    assert_eq!(found, [("@@INIT".to_owned(), b"{\"state\":{\"n\":0}}".to_vec()), added.clone(), added]);
    assert_eq!(import_into(&store, document.to_string().as_bytes(), &ImportOptions::default()).unwrap().duplicates, 3);
    let whole = json!({ "payload": lifted().to_string(), "preloadedState": "null" });
    assert_eq!(events(&whole), events(&lifted()));
    let unpacked = json!({ "payload": [{ "type": "added" }], "preloadedState": null });
    assert_eq!(events(&unpacked).len(), 1);
}

/// A fold begins at the state of the monitor; what the action itself says stays what it is.
#[test]
fn a_state_of_the_first_actions_own_is_kept() {
    let mut document = lifted();
    document["actionsById"]["0"]["action"] = json!({ "type": "LOADED", "state": { "own": 1 } });
    assert!(events(&document)[0].contains(" {\"state\":{\"own\":1},\"state_2\":{\"cart\":[]}} "));
    document["actionsById"]["0"]["action"] = json!({ "type": "LOADED", "state": 1, "state_2": 2 });
    assert!(events(&document)[0].contains(" {\"state\":1,\"state_2\":2,\"state_3\":{\"cart\":[]}} "));
}

#[test]
fn an_id_that_stands_twice_is_a_fault_of_the_later_action() {
    let text = lifted().to_string().replacen("\"2\":", "\"1\":", 1);
    for (text, place) in [
        (text.clone(), "line 1, $.actionsById[\"1\"]: actionsById has the id twice"),
        (
            json!({ "payload": text, "preloadedState": null }).to_string(),
            "line 1, $.payload.actionsById[\"1\"]: actionsById has",
        ),
    ] {
        let stopped = store();
        let error = import_into(&stopped, text.as_bytes(), &ImportOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with(place), "{error}");
        assert!(all(&stopped).is_empty());
        let skipping = ImportOptions { on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
        let store = store();
        // The other one, and that 2 is staged but not there.
        assert_eq!(import_into(&store, text.as_bytes(), &skipping).unwrap().skipped_count, 2);
        assert!(super::show(&all(&store)[1]).contains("\"sku\":\"A\""));
    }
}

/// The actions are held until their order is known, up to a limit; the states between them are not.
#[test]
fn an_export_beyond_what_can_be_held_is_refused() {
    let read = |document: &Value| {
        let options = ImportOptions { format: Some(Format::ReduxDevTools), ..ImportOptions::default() };
        let mut parser = Parser::new(&options, false).unwrap().holding(2_000);
        let mut rows = Vec::new();
        parser.push(document.to_string().as_bytes(), &mut rows)?;
        parser.finish(&mut rows).map(|()| rows.len())
    };
    let states = with(lifted(), "computedStates", json!(vec![json!({ "state": "x".repeat(500) }); 20]));
    assert_eq!(read(&states).unwrap(), 4);
    let mut document = lifted();
    document["actionsById"]["2"]["action"]["payload"] = "x".repeat(3_000).into();
    let error = read(&document).unwrap_err().to_string();
    assert!(error.starts_with("line 1, $.actionsById[\"2\"]: up to here the file has more than 2000 bytes"), "{error}");
}

#[test]
fn a_mapping_and_a_category_are_heeded() {
    let constant = |text: &str| Some(FieldSource::Constant(text.into()));
    let mapping = Mapping { stream: constant("shop"), ..Mapping::default() };
    let options = ImportOptions { mapping, category: Some("tab".into()), ..ImportOptions::default() };
    assert!(imported(&lifted().to_string(), &options)[0].starts_with("tab-shop @@INIT "));
    let seen = preview(lifted().to_string().as_bytes(), true, &ImportOptions::default(), 9).unwrap();
    assert_eq!(seen.columns, ["actionId", "type", "timestamp"]);
    assert_eq!(seen.rows[1].cells, ["1", "cart/added", "1773481268000"]);
}

#[test]
fn what_is_broken_is_named_by_path() {
    let action = |value: Value| {
        let mut document = lifted();
        document["actionsById"]["1"] = value;
        document
    };
    let cases = [
        (
            with(lifted(), "stagedActionIds", json!([0, 9])),
            "line 1, $.stagedActionIds[1]: action 9 is staged, but is not in",
        ),
        (with(lifted(), "stagedActionIds", json!([0, 1, 1])), "$.stagedActionIds[2]: action 1 is staged, but"),
        (action(json!({ "timestamp": 1_773_481_268_000_u64 })), "$.actionsById[\"1\"]: action: there is no action"),
        (
            action(json!({ "action": {}, "timestamp": 1_773_481_268_000_u64 })),
            "$.actionsById[\"1\"]: type: the type is empty",
        ),
        (action(json!({ "action": { "type": {} }, "timestamp": 1_773_481_268_000_u64 })), "not an object"),
        (action(json!({ "action": 7, "timestamp": 1_773_481_268_000_u64 })), "$.actionsById[\"1\"].action: "),
        (
            action(json!({ "action": { "type": "A" }, "timestamp": "soon" })),
            "timestamp: \u{201c}soon\u{201d} is not a time",
        ),
        (
            json!({ "payload": "7", "preloadedState": "{}" }),
            "$.payload: the payload is neither an array of actions nor",
        ),
        (json!({ "payload": "{\"actionsById\":{", "preloadedState": "{}" }), "$.payload: the payload is neither"),
        (json!({ "payload": "[]", "preloadedState": "{" }), "$.preloadedState: not JSON"),
    ];
    for (document, message) in cases {
        let options = ImportOptions { format: Some(Format::ReduxDevTools), ..ImportOptions::default() };
        let stopped = store();
        let error = import_into(&stopped, document.to_string().as_bytes(), &options).unwrap_err().to_string();
        assert!(error.contains(message), "{message}: {error}");
        assert!(all(&stopped).is_empty());
        let skipping = ImportOptions { on_invalid: OnInvalid::Skip, ..options };
        let report = import_into(&store(), document.to_string().as_bytes(), &skipping).unwrap();
        assert_eq!(report.skipped_count, 1, "{message}");
    }
}

#[test]
fn documents_that_are_not_whole_are_refused() {
    let text = lifted().to_string();
    let doubled = text.replacen("\"isLocked\"", "\"actionsById\":{},\"isLocked\"", 1);
    let deep = with(lifted(), "committedState", json!(1)).to_string();
    let deep =
        deep.replacen("\"committedState\":1", &format!("\"committedState\":{}{}", "[".repeat(200), "]".repeat(200)), 1);
    let long = text.replacen("\"at f\"", &format!("\"{}\"", "x".repeat(50 << 20)), 1);
    let latin: Vec<u8> = text.replace("at f", "caf\u{e9}").chars().map(|letter| letter as u8).collect();
    let cases: [(&[u8], &str); 6] = [
        (&text.as_bytes()[..text.len() - 9], "was it cut off?"),
        (doubled.as_bytes(), "the member stands twice in the document"),
        (deep.as_bytes(), "more than 128 brackets"),
        (long.as_bytes(), "the row has more than 16777216 bytes"),
        (&latin, "the text is in Latin-1"),
        (b"[]", "an object is expected"),
    ];
    for (bytes, message) in cases {
        let store = store();
        let format = Some(Format::ReduxDevTools);
        let options = ImportOptions { format, on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
        let error = import_into(&store, bytes, &options).unwrap_err().to_string();
        assert!(error.contains(message), "{message}: {error}");
        assert!(all(&store).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the actions are and in which order they are staged, they come back so, however the file is cut.
    #[test]
    fn actions_come_back(
        written in prop::collection::vec(("[a-z/]{1,6}", any::<String>()), 1..30),
        order in any::<prop::sample::Index>(),
        sizes in sizes(),
    ) {
        let mut actions = serde_json::Map::new();
        for (number, (kind, text)) in written.iter().enumerate() {
            let action = json!({ "action": { "type": kind, "payload": text }, "timestamp": 1_773_481_267_000_u64 - number as u64 });
            actions.insert(number.to_string(), action);
        }
        let mut staged: Vec<usize> = (0..written.len()).collect();
        staged.rotate_left(order.index(written.len()));
        let document = json!({ "actionsById": actions, "stagedActionIds": staged }).to_string();
        let store = store();
        import_into(&store, document.as_bytes(), &ImportOptions::default()).unwrap();
        let found: Vec<(String, String)> =
            all(&store).iter().map(|event| (event.event_type().to_string(), event.json().unwrap())).collect();
        prop_assert_eq!(found, staged.iter().map(|number| written[*number].clone()).collect::<Vec<_>>());
        prop_assert_eq!(rows(document.as_bytes(), &sizes, None), rows(document.as_bytes(), &[usize::MAX], None));
    }

    #[test]
    fn a_wounded_export_is_the_same_in_any_chunks(
        sizes in sizes(), wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
    ) {
        let mut file = lifted().to_string().into_bytes();
        for (place, byte) in wounds {
            let place = place.index(file.len());
            file[place] = byte;
        }
        let format = Some(Format::ReduxDevTools);
        prop_assert_eq!(rows(&file, &sizes, format), rows(&file, &[usize::MAX], format));
    }
}
