//! Drafts beside the texts that were typed into them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NAME: FieldSchema = FieldSchema {
    name: "name",
    label: "Name",
    help: "",
    kind: FieldKind::Text { max_chars: 5, suggests: Suggests::Nothing },
    initial: Initial::StreamId("of-"),
};
const COUNT: FieldSchema = FieldSchema {
    name: "count",
    label: "Count",
    help: "",
    kind: FieldKind::Number { min: 2, max: 1_000 },
    initial: Initial::Text("7"),
};
const SCHEMA: CommandSchema = CommandSchema {
    name: "Do",
    label: "Do",
    help: "",
    fields: &[
        NAME,
        FieldSchema {
            name: "how",
            label: "How",
            help: "",
            kind: FieldKind::Choice { options: &["so", "else"] },
            initial: Initial::Text("so"),
        },
        FieldSchema {
            name: "lines",
            label: "Lines",
            help: "",
            kind: FieldKind::Lines { noun: "line", fields: &[COUNT] },
            initial: Initial::Empty,
        },
    ],
};

fn fault(place: Place, text: &str) -> String {
    let mut draft = Draft::default();
    draft.set(place, text.to_owned());
    let faults = draft.value(&SCHEMA, "thing-1").expect_err("a fault");
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].place, place);
    faults[0].message.clone()
}

#[test]
fn what_is_not_touched_stands_as_the_schema_has_it() {
    let value = Draft::default().value(&SCHEMA, "thing-9a").expect("a value");
    assert_eq!(value, json!({ "Do": { "name": "of-9a", "how": "so", "lines": [{ "count": 7 }] } }));
    let faults = Draft::default().value(&SCHEMA, "").expect_err("no stream, no name");
    assert_eq!(faults[0].place, Place::field(0));
}

#[test]
fn a_command_without_fields_is_its_name() {
    let schema = CommandSchema { fields: &[], ..SCHEMA };
    assert_eq!(Draft::default().value(&schema, "thing-1"), Ok(json!({ "Do": null })));
}

#[test]
fn each_fault_is_told_at_its_field() {
    assert_eq!(fault(Place::field(0), "  "), "Nothing is typed here yet.");
    assert_eq!(fault(Place::field(0), "abcdef"), "6 characters; at most 5 go here.");
    assert_eq!(fault(Place::field(1), "other"), "None of the choices.");
    let count = Place::of_line(2, 0, 0);
    assert_eq!(fault(count, "1"), "At least 2.");
    assert_eq!(fault(count, "-4"), "At least 2.");
    assert_eq!(fault(count, "99999999999999999999"), "At most 1,000.");
    assert_eq!(fault(count, "1.5"), "A whole number from 2 to 1,000 goes here.");
}

#[test]
fn all_faults_are_told_in_the_order_of_the_form() {
    let mut draft = Draft::default();
    let line = draft.add_line(2);
    draft.set(Place::of_line(2, line, 0), "x".to_owned());
    draft.set(Place::field(0), String::new());
    let faults = draft.value(&SCHEMA, "thing-1").expect_err("faults");
    assert_eq!(
        faults.iter().map(|fault| fault.place).collect::<Vec<_>>(),
        [Place::field(0), Place::of_line(2, line, 0)]
    );
}

proptest! {
    #[test]
    fn lines_keep_their_texts_whichever_are_added_and_taken_away(steps in proptest::collection::vec((any::<bool>(), 2_u32..900), 0..20)) {
        let mut draft = Draft::default();
        let mut plain: Vec<(u32, u32)> = vec![(0, 7)];
        for (adds, number) in steps {
            if adds {
                let line = draft.add_line(2);
                prop_assert!(plain.iter().all(|(other, _)| *other != line), "a name is given once");
                draft.set(Place::of_line(2, line, 0), number.to_string());
                plain.push((line, number));
            } else if !plain.is_empty() {
                let (line, _) = plain.remove(number as usize % plain.len());
                draft.remove_line(2, line);
            }
        }
        let value = draft.value(&SCHEMA, "thing-1").expect("a value");
        let wanted: Vec<Value> = plain.iter().map(|(_, number)| json!({ "count": number })).collect();
        prop_assert_eq!(&value["Do"]["lines"], &Value::Array(wanted));
    }
}
