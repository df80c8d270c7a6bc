//! Given, when, then: what is right passes, and what is wrong does not.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use leftfold_core::{
    BoxError, Decider, DomainEvent, EventType, JsonUpcaster, NewEvent, Payload, Projection, RecordedEvent,
    SchemaVersion, Upcaster, Upcasters,
    testing::{DeciderScenario, ProjectionScenario, UpcasterScenario},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum LightEvent {
    LightDimmed { percent: u8 },
    SwitchOff {},
}

impl DomainEvent for LightEvent {
    fn schema_version(&self) -> SchemaVersion {
        SchemaVersion(2)
    }
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("it has {0} percent already")]
struct AlreadySo(u8);

struct Light;

impl Decider for Light {
    type State = u8;
    type Command = u8;
    type Event = LightEvent;
    type Rejection = AlreadySo;

    fn name(&self) -> &str {
        "light"
    }

    fn initial_state(&self) -> u8 {
        0
    }

    fn decide(&self, state: &u8, percent: &u8) -> Result<Vec<LightEvent>, AlreadySo> {
        match *percent {
            percent if percent == *state && percent > 0 => Err(AlreadySo(percent)),
            0 if *state == 0 => Ok(vec![]),
            0 => Ok(vec![LightEvent::SwitchOff {}]),
            percent => Ok(vec![LightEvent::LightDimmed { percent }]),
        }
    }

    fn evolve(&self, _: u8, event: LightEvent) -> u8 {
        match event {
            LightEvent::LightDimmed { percent } => percent,
            LightEvent::SwitchOff {} => 0,
        }
    }
}

/// Percents by stream; it cannot fold what is above 100.
struct Percents;

impl Projection for Percents {
    type State = u32;

    fn name(&self) -> &str {
        "percents"
    }

    fn initial(&self) -> u32 {
        0
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(event.stream().as_str().into()))
    }

    fn apply(&self, sum: &mut u32, event: &RecordedEvent) -> Result<(), BoxError> {
        if let LightEvent::LightDimmed { percent } = LightEvent::from_recorded(event)? {
            *sum += u32::from(percent);
            return if percent > 100 { Err("too bright".into()) } else { Ok(()) };
        }
        Ok(())
    }
}

fn dimmed(percent: u8) -> LightEvent {
    LightEvent::LightDimmed { percent }
}

/// From `{"level": 0.5}` to `{"percent": 50}`.
fn upcasters() -> Upcasters {
    let mut upcasters = Upcasters::new();
    let lift = |old: serde_json::Value| -> Result<serde_json::Value, BoxError> {
        let level = old["level"].as_f64().ok_or("no level")?;
        Ok(json!({ "percent": (level * 100.0) as u8 }))
    };
    upcasters.add(Rc::new(JsonUpcaster::new(EventType::new("LightDimmed").unwrap(), 1, lift))).unwrap();
    upcasters
}

fn old(level: f64) -> NewEvent {
    NewEvent::json("LightDimmed", &json!({ "level": level })).unwrap()
}

fn assert_fails(test: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(test)).is_err(), "it passes, and is wrong");
}

#[test]
fn deciders() {
    DeciderScenario::new(Light).when(30).then([dimmed(30)]).then_state(30);
    DeciderScenario::new(Light).given([dimmed(30), dimmed(40)]).when(0).then([LightEvent::SwitchOff {}]).then_state(0);
    DeciderScenario::new(Light).when(0).then_nothing().then_state(0);
    DeciderScenario::new(Light).given([dimmed(30)]).when(30).then_error(AlreadySo(30)).then_state(30);
    let lifted = DeciderScenario::new(Light).with_upcasters(upcasters()).given_stored([old(0.5)]);
    lifted.when(50).then_error_where(|error| error.0 == 50);

    assert_fails(|| drop(DeciderScenario::new(Light).when(30).then([dimmed(31)])));
    assert_fails(|| drop(DeciderScenario::new(Light).when(30).then([dimmed(30), dimmed(30)])));
    assert_fails(|| drop(DeciderScenario::new(Light).when(30).then_nothing()));
    assert_fails(|| drop(DeciderScenario::new(Light).when(30).then_error(AlreadySo(30))));
    assert_fails(|| DeciderScenario::new(Light).when(30).then_state(31));
    let again = || DeciderScenario::new(Light).given([dimmed(30)]).when(30);
    assert_fails(|| drop(again().then([dimmed(30)])));
    assert_fails(|| drop(again().then_nothing()));
    assert_fails(|| drop(again().then_error(AlreadySo(31))));
    assert_fails(|| drop(DeciderScenario::new(Light).given_stored([old(0.5)]).when(50)));
}

#[test]
fn names_that_are_not_in_the_past_tense_are_warned_of() {
    let decided = DeciderScenario::new(Light).given([dimmed(30)]).when(0);
    assert_eq!(decided.warnings().len(), 1);
    assert!(decided.warnings()[0].contains("SwitchOff"), "{:?}", decided.warnings());
    assert!(DeciderScenario::new(Light).when(30).warnings().is_empty());
}

#[test]
fn projections() {
    let given =
        || ProjectionScenario::new(Percents).given("light-1", [dimmed(30), dimmed(40)]).given("light-2", [dimmed(5)]);
    given().then_partitions([("light-1", 70), ("light-2", 5)]);
    given()
        .with_upcasters(upcasters())
        .given_stored("light-2", [old(0.5)])
        .then_partitions([("light-1", 70), ("light-2", 55)]);
    given().given("light-3", [dimmed(101)]).then_error("at position 4 (LightDimmed): too bright");
    ProjectionScenario::new(Percents).then(0);
    let later = || ProjectionScenario::new(Percents).given_state("light-1", &70).given("light-1", [dimmed(5)]);
    later().then_partition("light-1", 75);
    assert_fails(|| later().then_partition("light-1", 5));
    assert_fails(|| later().then_partition("light-2", 0));
    assert_fails(|| given().then_partitions([("light-1", 70)]));
    assert_fails(|| given().then_partitions([("light-1", 70), ("light-2", 6)]));
    assert_fails(|| given().then(75));
    assert_fails(|| given().then_error("too bright"));
    assert_fails(|| given().given_stored("light-1", [old(0.5)]).then_partitions([("light-1", 70), ("light-2", 5)]));
}

/// Splits what has parts, drops what has none.
struct Parts(EventType);

impl Upcaster for Parts {
    fn event_type(&self) -> &EventType {
        &self.0
    }

    fn from(&self) -> SchemaVersion {
        SchemaVersion(1)
    }

    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let parts: Vec<Box<serde_json::value::RawValue>> = event.json()?;
        Ok(parts.into_iter().map(|data| Payload { event_type: self.0.clone(), data }).collect())
    }
}

#[test]
fn upcasting() {
    let scenario = UpcasterScenario::new(upcasters());
    scenario.given(old(0.5)).then([("LightDimmed", 2, json!({ "percent": 50 }))]);
    let other = NewEvent::json("LightBroken", &1).unwrap();
    scenario.given(other.clone()).then([("LightBroken", 1, json!(1))]);
    scenario.given(NewEvent::json("LightDimmed", &json!({})).unwrap()).then_error("no level");
    assert_fails(|| scenario.given(old(0.5)).then([("LightDimmed", 2, json!({ "percent": 51 }))]));
    assert_fails(|| scenario.given(old(0.5)).then_nothing());
    assert_fails(|| scenario.given(old(0.5)).then_error("no level"));
    assert_fails(|| scenario.given(NewEvent::json("LightDimmed", &json!({})).unwrap()).then_nothing());

    let mut parts = Upcasters::new();
    parts.add(Rc::new(Parts(EventType::new("OrderPlaced").unwrap()))).unwrap();
    let scenario = UpcasterScenario::new(parts);
    let of = |data: serde_json::Value| NewEvent::json("OrderPlaced", &data).unwrap();
    scenario
        .given(of(json!([1, { "a": 2 }])))
        .then([("OrderPlaced", 2, json!(1)), ("OrderPlaced", 2, json!({ "a": 2 }))]);
    scenario.given(of(json!([]))).then_nothing();
}
