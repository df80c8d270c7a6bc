//! Commands as values: every form makes commands of its decider, and issuing them on a store answers as it should.

use leftfold_core::{CommandContext, StreamVersion};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::model::form::{CommandSchema, Draft, FieldKind, FieldSchema, Place};
use crate::sample::commands::{Aggregate, IssueError};
use crate::sample::inventory::InventoryCommand;
use crate::sample::order::OrderCommand;
use crate::sample::payment::PaymentCommand;
use crate::sample::shipment::ShipmentCommand;

/// The command, read and written again.
fn through<C: Serialize + DeserializeOwned>(value: Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<C>(value)?)
}

fn read(aggregate: Aggregate, value: Value) -> Result<Value, serde_json::Error> {
    match aggregate {
        Aggregate::Order => through::<OrderCommand>(value),
        Aggregate::Payment => through::<PaymentCommand>(value),
        Aggregate::Inventory => through::<InventoryCommand>(value),
        Aggregate::Shipment => through::<ShipmentCommand>(value),
    }
}

fn schemas() -> Vec<(Aggregate, &'static CommandSchema)> {
    let of = |aggregate: Aggregate| aggregate.commands().iter().map(move |schema| (aggregate, schema));
    Aggregate::ALL.into_iter().flat_map(of).collect()
}

#[test]
fn every_command_of_a_decider_has_a_form() {
    for aggregate in Aggregate::ALL {
        let error = read(aggregate, json!({ "NoSuchCommand": null })).expect_err("no command").to_string();
        let known = error.split('`').skip(3).step_by(2);
        let mut known: Vec<&str> = known.collect();
        let mut described: Vec<&str> = aggregate.commands().iter().map(|schema| schema.name).collect();
        known.sort_unstable();
        described.sort_unstable();
        assert_eq!(described, known);
    }
}

#[test]
fn the_words_of_forms_are_no_longer_than_their_fields() {
    for (_, schema) in schemas() {
        assert!(!schema.label.is_empty() && schema.help.ends_with('.'));
        let lines = schema.fields.iter().flat_map(|field| match field.kind {
            FieldKind::Lines { fields, .. } => fields,
            _ => &[],
        });
        for field in schema.fields.iter().chain(lines) {
            match field.kind {
                FieldKind::Number { min, max } => assert!(min <= max, "{}", field.name),
                FieldKind::Choice { options } => assert!(options.contains(&field.initial_text("order-1").as_str())),
                _ => {}
            }
        }
    }
}

/// What a person may type into a field.
fn typed(field: &FieldSchema) -> BoxedStrategy<String> {
    match field.kind {
        FieldKind::Text { max_chars, .. } => proptest::collection::vec("[a-zA-Z0-9é \"{}_-]", 1..=max_chars.min(12))
            .prop_map(|chars| format!("x{}", chars.concat()))
            .prop_filter("fits", move |text| text.chars().count() <= max_chars)
            .boxed(),
        FieldKind::Number { min, max } => (min..=max).prop_map(|number| number.to_string()).boxed(),
        FieldKind::Choice { options } => proptest::sample::select(options).prop_map(str::to_owned).boxed(),
        FieldKind::Lines { .. } => Just(String::new()).boxed(),
    }
}

fn drafts(schema: &'static CommandSchema) -> BoxedStrategy<Draft> {
    let mut draft = Just(Draft::default()).boxed();
    for (index, field) in schema.fields.iter().enumerate() {
        draft = match field.kind {
            FieldKind::Lines { fields, .. } => {
                let line: Vec<BoxedStrategy<String>> = fields.iter().map(typed).collect();
                (draft, proptest::collection::vec(line, 0..4))
                    .prop_map(move |(mut draft, lines)| {
                        draft.remove_line(index, 0);
                        for texts in lines {
                            let line = draft.add_line(index);
                            for (member, text) in texts.into_iter().enumerate() {
                                draft.set(Place::of_line(index, line, member), text);
                            }
                        }
                        draft
                    })
                    .boxed()
            }
            _ => (draft, typed(field))
                .prop_map(move |(mut draft, text)| {
                    draft.set(Place::field(index), text);
                    draft
                })
                .boxed(),
        };
    }
    draft
}

proptest! {
    #[test]
    fn whatever_a_form_takes_is_a_command((aggregate, schema, draft) in proptest::sample::select(schemas())
        .prop_flat_map(|(aggregate, schema)| (Just(aggregate), Just(schema), drafts(schema))))
    {
        let value = draft.value(schema, &format!("{}-7f3a", aggregate.name())).map_err(|faults| TestCaseError::fail(format!("{faults:?}")))?;
        let again = read(aggregate, value.clone()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        // A member that the command does not have would be missing, or the unit command no longer a name.
        prop_assert_eq!(again, if schema.fields.is_empty() { json!(schema.name) } else { value });
    }
}

fn name(text: &str) -> StreamName {
    StreamName::new(text).expect("a name")
}

fn place() -> Value {
    json!({ "Place": {
        "customer": "cus_1188", "channel": "web", "currency": "EUR",
        "lines": [{ "sku": "SKU-ROPE-30", "units": 3, "unitPrice": 1875 }],
    } })
}

fn pack() -> Value {
    json!({ "Pack": { "bench": 2, "parcels": 1 } })
}

const fn at(version: u64) -> StreamVersion {
    StreamVersion::new(version)
}

#[test]
fn a_command_is_accepted_refused_or_in_conflict() {
    block_on(async {
        let store = empty_store().await;
        let (of, stream) = (Aggregate::Order, name("order-7f3a"));
        let issue =
            |decided: u64, command: Value| of.issue(&store, &stream, at(decided), command, CommandContext::default());
        assert_eq!(of.load(&store, &stream).await.expect("a state").version, at(0));
        let placed = issue(0, place()).await.expect("an order");
        assert_eq!(placed.events, [(Position::new(1), "OrderPlaced".to_owned())]);
        assert_eq!((placed.loaded.version, placed.loaded.state), (at(1), json!("placed")));

        let refused = issue(1, place()).await.expect_err("twice");
        assert_eq!(refused, IssueError::Rejected { reason: "the order was placed before".to_owned() });
        assert_eq!(refused.code(), "rejected");

        issue(1, pack()).await.expect("packed");
        let late = IssueError::Conflict { decided: at(1), actual: at(2) };
        assert_eq!(
            issue(1, json!({ "Cancel": { "reason": "late" } })).await,
            Err(late.clone()),
            "the decider would refuse it too"
        );
        assert_eq!(late.to_string(), "the stream is at version 2, the command was decided at 1");
        assert!(matches!(issue(2, json!({ "Sell": {} })).await, Err(IssueError::NoCommand { .. })));
        assert_eq!(store.head(), Position::new(2), "nothing else was stored");
    });
}

#[test]
fn a_command_that_was_stored_before_stores_nothing_and_is_no_conflict() {
    block_on(async {
        let store = empty_store().await;
        let (of, stream) = (Aggregate::Inventory, name("inventory-ROPE-30"));
        let context = CommandContext::default().command_id(Uuid::from_u128(7)).correlation_id("PO-1");
        let command = json!({ "Replenish": { "sku": "SKU-ROPE-30", "units": 30, "purchaseOrder": "PO-1" } });
        let first = of.issue(&store, &stream, at(0), command.clone(), context.clone()).await.expect("stored");
        let again = of.issue(&store, &stream, at(0), command, context).await.expect("known");
        assert!(!first.duplicate && again.duplicate);
        assert_eq!(first.events, again.events);
        let event = store.event(Position::new(1)).await.expect("a read").expect("an event");
        let metadata: Value = serde_json::from_slice(event.metadata()).expect("metadata");
        assert_eq!(metadata["correlationId"], json!("PO-1"));
    });
}

#[test]
fn events_of_the_first_release_are_lifted_before_a_decision() {
    block_on(async {
        let events = events().expect("events");
        let early = events.iter().find(|(stream, event)| {
            stream.category() == "order"
                && event.event_type().as_str() == "OrderPlaced"
                && event.schema_version().0 == 1
        });
        let stream = early.expect("an early order").0.clone();
        let store = store_of(events).await;
        let loaded = Aggregate::Order.load(&store, &stream).await.expect("a state");
        assert!(loaded.version > at(0));
        let context = CommandContext::default();
        let refused = Aggregate::Order.issue(&store, &stream, loaded.version, place(), context).await;
        assert!(matches!(refused, Err(IssueError::Rejected { .. })), "{refused:?}");
    });
}
