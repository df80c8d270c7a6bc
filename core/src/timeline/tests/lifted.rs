//! Events that upcasters rename, split, drop or fail to lift; the stream of a decider.

use serde_json::value::to_raw_value;

use super::*;
use crate::domain::{
    Decider, DeciderProjection, DomainEvent, EventType, JsonUpcaster, Payload, SchemaVersion, UnknownTypes, Upcaster,
};
use crate::engine::CancelToken;
use crate::timeline::{Cursor, FindOptions};

/// Splits an amount into as many payloads as its last digit says, each of a partition of its own; fails at 9.
struct Split(EventType);

impl Upcaster for Split {
    fn event_type(&self) -> &EventType {
        &self.0
    }

    fn from(&self) -> SchemaVersion {
        SchemaVersion(1)
    }

    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let amount: i64 = event.json()?;
        if amount == 9 {
            return Err("nine cannot be split".into());
        }
        let event_type = EventType::new("Part")?;
        let part = |number: i64| Ok(Payload { event_type: event_type.clone(), data: to_raw_value(&number)? });
        (1..=amount.abs() % 10).map(part).collect()
    }
}

fn by_digit() -> Accounts {
    Accounts { by: By::Digit, query: Query::everything(), fails_at: None }
}

fn split_store(amounts: &[i64]) -> EventStore {
    let store = store();
    store.register_upcaster(Rc::new(Split(EventType::new("Deposited").unwrap()))).unwrap();
    let events: Vec<Drawn> = amounts.iter().map(|amount| (0, 0, *amount, 0)).collect();
    append(&store, &events);
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_event_that_is_split_belongs_to_several_partitions(amounts in vec(0..4_i64, 0..50), options in options()) {
        let timeline = Timeline::new(split_store(&amounts), by_digit(), options);
        // The part n of every amount goes to the partition n.
        for (at, part) in (0..=amounts.len()).rev().flat_map(|at| (1..4_i64).map(move |part| (at, part))) {
            let has_part = |amount: &&i64| **amount >= part;
            let count = amounts[..at].iter().filter(has_part).count() as i64;
            let found = block_on(timeline.state_at(Position::new(at as u64).into(), &part.to_string())).unwrap();
            prop_assert_eq!(found.map(|state| state.total), (count > 0).then_some(count * part));
            let wrote = block_on(timeline.provenance("/total", Position::new(at as u64).into(), &part.to_string()));
            let expected = amounts[..at].iter().rposition(|amount| *amount >= part).map(|index| index as u64 + 1);
            prop_assert_eq!(wrote.unwrap().map(|event| event.position().get()), expected);
        }
    }
}

#[test]
fn an_event_that_cannot_be_lifted_ends_the_timeline_before_it() {
    let timeline = Timeline::new(split_store(&[3, 2, 9, 1]), by_digit(), TimelineOptions::default());
    let total = |at: Cursor| block_on(timeline.state_at(at, "2")).map(|state| state.map(|state| state.total));
    assert_eq!(total(Position::new(2).into()), Ok(Some(4)));
    let error = total(Cursor::Head).unwrap_err();
    assert_eq!(error.code(), "upcast-failed");
    assert!(error.to_string().contains("position 3") && error.to_string().contains("nine"), "{error}");
    assert_eq!(total(Position::new(3).into()), Err(error));
    assert_eq!(total(Position::new(1).into()), Ok(Some(2)));
}

#[test]
fn a_payload_that_fails_undoes_those_before_it() {
    // The last part of the second amount is 4, which is new; the parts before it are not.
    struct Fails(Accounts);
    impl Projection for Fails {
        type State = Account;

        fn name(&self) -> &str {
            "fails"
        }

        fn initial(&self) -> Account {
            Account::default()
        }

        fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
            self.0.partition(event)
        }

        fn apply(&self, state: &mut Account, event: &RecordedEvent) -> Result<(), BoxError> {
            self.0.apply(state, event)?;
            if event.json::<i64>()? == 4 { Err("four".into()) } else { Ok(()) }
        }
    }
    let timeline = Timeline::new(split_store(&[2, 4]), Fails(by_digit()), TimelineOptions::default());
    assert_eq!(block_on(timeline.state_at(Cursor::Head, "1")).unwrap_err().code(), "projection-failed");
    let before = |partition| block_on(timeline.state_at(Position::new(1).into(), partition)).unwrap();
    assert_eq!(before("1").map(|state| state.total), Some(1));
    assert_eq!(before("2").map(|state| state.total), Some(2));
    assert_eq!((before("3"), before("4")), (None, None));
    let names = block_on(timeline.partitions_at(Position::new(1).into())).unwrap();
    assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(timeline.stats().partitions, 2, "what came with the event that failed is gone");
}

#[test]
fn a_search_is_shown_what_was_lifted_and_provenance_what_is_stored() {
    let timeline = Timeline::new(split_store(&[1, 2]), by_digit(), TimelineOptions::default());
    let mut seen = Vec::new();
    let options = FindOptions { partition: "2".to_owned(), ..FindOptions::default() };
    let predicate = |state: &Account, event: &RecordedEvent| {
        seen.push((event.event_type().as_str().to_owned(), event.json::<i64>().unwrap(), state.total));
        false
    };
    block_on(timeline.find_first(predicate, &options, &CancelToken::new())).unwrap();
    assert_eq!(seen, [("Part".to_owned(), 2, 2)]);
    let wrote = block_on(timeline.provenance("", Cursor::Head, "2")).unwrap().unwrap();
    assert_eq!((wrote.event_type().as_str(), wrote.data()), ("Deposited", &b"2"[..]));
}

#[derive(Serialize, Deserialize)]
enum LampEvent {
    LampSwitched { on: bool },
}
impl DomainEvent for LampEvent {}

#[derive(Clone)]
struct Lamp;
impl Decider for Lamp {
    type State = (bool, u32);
    type Command = ();
    type Event = LampEvent;
    type Rejection = std::convert::Infallible;

    fn name(&self) -> &str {
        "lamp"
    }

    fn initial_state(&self) -> (bool, u32) {
        (false, 0)
    }

    fn decide(&self, _: &(bool, u32), (): &()) -> Result<Vec<LampEvent>, std::convert::Infallible> {
        Ok(vec![])
    }

    fn evolve(&self, (_, times): (bool, u32), LampEvent::LampSwitched { on }: LampEvent) -> (bool, u32) {
        (on, times + 1)
    }
}

#[test]
fn a_decider_has_a_history() {
    let store = store();
    let lift = |data: serde_json::Value| Ok(serde_json::json!({ "on": data["state"] == "on" }));
    store.register_upcaster(Rc::new(JsonUpcaster::new(EventType::new("LampSwitched").unwrap(), 1, lift))).unwrap();
    for (stream, event_type, state) in [
        ("lamp-1", "LampSwitched", "on"),
        ("lamp-2", "LampSwitched", "on"),
        ("lamp-1", "LampSwitched", "off"),
        ("lamp-1", "BulbReplaced", ""),
        ("lamp-1", "LampSwitched", "on"),
    ] {
        let event = NewEvent::json(event_type, &serde_json::json!({ "state": state })).unwrap();
        block_on(store.append(StreamName::new(stream).unwrap(), ExpectedVersion::Any, vec![event])).unwrap();
    }
    let lamp = DeciderProjection::new(Lamp, StreamName::new("lamp-1").unwrap());
    let strict = Timeline::new(store.clone(), lamp.clone(), TimelineOptions::default());
    let at = |position: u64| block_on(strict.state_at(Position::new(position).into(), ""));
    assert_eq!(
        [0, 1, 2, 3].map(|position| at(position).unwrap().unwrap()),
        [(false, 0), (true, 1), (true, 1), (false, 2)]
    );
    assert_eq!(at(4).unwrap_err().code(), "projection-failed");
    let lenient = Timeline::new(store, lamp.unknown_types(UnknownTypes::Skip), TimelineOptions::default());
    assert_eq!(block_on(lenient.state_at(Cursor::Head, "")).unwrap(), Some((true, 3)));
}
