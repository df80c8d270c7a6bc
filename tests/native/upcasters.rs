//! Chains of upcasters beside a naive model.

use std::rc::Rc;

use leftfold_core::{
    BoxError, EventType, JsonUpcaster, NewEvent, Payload, RecordedEvent, SchemaVersion, StreamName, Upcaster,
    Upcasters, testing::recorded,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What the upcaster of one type and schema version does.
#[derive(Clone, Debug)]
enum Rule {
    /// The payload of the next schema version.
    Grow,
    /// Payloads of these types.
    Split(Vec<usize>),
    Drop,
    Fail,
}

const TYPES: [&str; 3] = ["OrderPlaced", "OrderPacked", "OrderShipped"];
const VERSIONS: u32 = 4;

fn rule() -> impl Strategy<Value = Option<Rule>> {
    prop_oneof![
        3 => Just(None),
        5 => Just(Some(Rule::Grow)),
        2 => prop::collection::vec(0..TYPES.len(), 1..4).prop_map(|types| Some(Rule::Split(types))),
        1 => Just(Some(Rule::Drop)),
        1 => Just(Some(Rule::Fail)),
    ]
}

/// The payloads that a rule makes of one.
fn apply(rule: &Rule, event_type: usize, data: &Value) -> Result<Vec<(usize, Value)>, String> {
    let grown = |number: usize| {
        let mut path = data.as_array().unwrap().clone();
        path.push(json!(number));
        Value::Array(path)
    };
    match rule {
        Rule::Grow => Ok(vec![(event_type, grown(0))]),
        Rule::Split(types) => Ok(types.iter().enumerate().map(|(number, name)| (*name, grown(number))).collect()),
        Rule::Drop => Ok(vec![]),
        Rule::Fail => Err("it cannot be told".to_owned()),
    }
}

struct Ruled {
    event_type: EventType,
    index: usize,
    from: u32,
    rule: Rule,
}

impl Upcaster for Ruled {
    fn event_type(&self) -> &EventType {
        &self.event_type
    }

    fn from(&self) -> SchemaVersion {
        SchemaVersion(self.from)
    }

    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let payloads = apply(&self.rule, self.index, &event.json()?)?;
        let payload = |(index, data): (usize, Value)| {
            let event_type = EventType::new(TYPES[index])?;
            Ok(Payload { event_type, data: serde_json::value::to_raw_value(&data)? })
        };
        payloads.into_iter().map(payload).collect()
    }
}

type Rules = Vec<Vec<Option<Rule>>>;

/// The chain, straight from its definition.
fn naive(rules: &Rules, event_type: usize, version: u32, data: &Value) -> Result<Vec<(usize, u32, Value)>, String> {
    let rule = rules[event_type].get(version as usize - 1).and_then(Option::as_ref);
    let Some(rule) = rule else { return Ok(vec![(event_type, version, data.clone())]) };
    let mut all = Vec::new();
    for (next_type, next_data) in apply(rule, event_type, data)? {
        all.extend(naive(rules, next_type, version + 1, &next_data)?);
    }
    Ok(all)
}

proptest! {
    #[test]
    fn a_chain_gives_what_its_steps_give(
        rules in prop::collection::vec(prop::collection::vec(rule(), VERSIONS as usize), TYPES.len()),
        event_type in 0..TYPES.len(),
        version in 1..=VERSIONS + 1,
    ) {
        let mut upcasters = Upcasters::new();
        for (index, chain) in rules.iter().enumerate() {
            for (step, rule) in chain.iter().enumerate() {
                if let Some(rule) = rule.clone() {
                    let event_type = EventType::new(TYPES[index]).unwrap();
                    upcasters.add(Rc::new(Ruled { event_type, index, from: step as u32 + 1, rule })).unwrap();
                }
            }
        }
        let event = NewEvent::json(TYPES[event_type], &json!([])).unwrap().with_schema_version(SchemaVersion(version));
        let stored = recorded([(StreamName::new("order-1").unwrap(), event)]).remove(0);
        let expected = naive(&rules, event_type, version, &json!([]));
        let lifted = upcasters.lift(stored.clone());
        let (steps, failure) = upcasters.steps(stored.clone());
        match (lifted, expected) {
            (Ok(events), Ok(expected)) => {
                let found: Vec<(&str, u32, Value)> =
                    events.iter().map(|e| (e.event_type().as_str(), e.schema_version().0, e.json().unwrap())).collect();
                let expected: Vec<_> = expected.into_iter().map(|(name, version, data)| (TYPES[name], version, data)).collect();
                prop_assert_eq!(found, expected);
                for event in &events {
                    prop_assert_eq!((event.id(), event.position(), event.version(), event.time()), (stored.id(), stored.position(), stored.version(), stored.time()));
                }
                prop_assert_eq!(failure, None);
                // What the steps leave over is what comes out.
                let mut open = vec![stored];
                for step in &steps {
                    let at = open.iter().position(|event| *event == step.before).expect("a step begins with what is there");
                    open.splice(at..=at, step.after.iter().cloned());
                }
                prop_assert_eq!(open, events);
            }
            (Err(error), Err(reason)) => {
                prop_assert_eq!(&error.reason, &reason);
                prop_assert_eq!(failure, Some(error));
            }
            (found, expected) => prop_assert!(false, "{found:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn a_step_has_one_upcaster() {
    let event_type = EventType::new("OrderPlaced").unwrap();
    let mut upcasters = Upcasters::new();
    upcasters.add(Rc::new(JsonUpcaster::new(event_type.clone(), 1, Ok))).unwrap();
    upcasters.add(Rc::new(JsonUpcaster::new(event_type.clone(), 2, Ok))).unwrap();
    let taken = upcasters.add(Rc::new(JsonUpcaster::new(event_type, 1, Ok))).unwrap_err();
    assert_eq!(taken.to_string(), "OrderPlaced has an upcaster from schema version 1 already");
}
