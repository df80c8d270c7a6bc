//! What is not in the shape that it seems to have: new events that an upcaster lifts, snapshots that left events out, metadata
//! that an event brings itself.

use leftfold_core::{BoxError, EventType, InvalidEvent, JsonUpcaster};
use serde_json::{Value, json};

use super::*;

/// The payload of `MoneyMoved` has changed and has its upcaster, but nobody has raised `DomainEvent::schema_version`. Stored
/// as schema version 1, the new payload would be lifted at the next load, which fails; the stream could never be loaded again.
#[test]
fn an_event_that_an_upcaster_lifts_is_refused_before_it_is_stored() {
    let world = World::new(5);
    world.host.run(async {
        let accounts = world.accounts(&Faults::new()).await;
        let store = accounts.store().clone();
        let lift = |old: Value| -> Result<Value, BoxError> {
            let amount = old["amount"].as_i64().ok_or("there is no amount")?;
            Ok(json!({ "by": amount, "command": old["command"] }))
        };
        store.register_upcaster(Rc::new(JsonUpcaster::new(EventType::new("MoneyMoved").unwrap(), 1, lift))).unwrap();
        let old = NewEvent::json("MoneyMoved", &json!({ "amount": 5, "command": 0 })).unwrap();
        store.append(stream(1), ExpectedVersion::Any, vec![old]).await.unwrap();
        let head = store.head();

        let (one, context) = (Move { by: 1, command: 1 }, CommandContext::default());
        let alone = accounts.execute(&stream(1), &one, context.clone()).await.unwrap_err();
        let decide = async |work: &mut Decisions| work.decide(&accounts, &stream(1), &one).await;
        let together = store.decide_together(context, decide).await.unwrap_err();
        for error in [alone, together] {
            assert_eq!(error.code(), "invalid-event");
            let text = error.to_string();
            assert!(text.contains("MoneyMoved") && text.contains("raise DomainEvent::schema_version"), "{text}");
        }
        assert_eq!(store.refresh().await.unwrap(), head);
        assert_eq!(accounts.load(&stream(1)).await.unwrap().state.amount, 5);
    });
}

#[test]
fn a_snapshot_that_left_events_out_is_none_for_who_must_not() {
    let world = World::new(6);
    world.host.run(async {
        let strict = world.accounts(&Faults::new()).await;
        let lenient = strict.clone().with_unknown_types(UnknownTypes::Skip);
        for command in 0..4 {
            strict.execute(&stream(1), &Move { by: 1, command }, CommandContext::default()).await.unwrap();
        }
        world.host.settle();
        assert!(lenient.load(&stream(1)).await.unwrap().snapshot.is_some(), "in this one nothing was left out");
        let foreign = NewEvent::json("AccountAudited", &1).unwrap();
        strict.store().append(stream(1), ExpectedVersion::Any, vec![foreign]).await.unwrap();
        for command in 4..8 {
            lenient.execute(&stream(1), &Move { by: 1, command }, CommandContext::default()).await.unwrap();
        }
        world.host.settle();
        let loaded = lenient.load(&stream(1)).await.unwrap();
        assert!(loaded.snapshot.is_some_and(|version| version.get() > 5), "{loaded:?}");
        let error = strict.load(&stream(1)).await.unwrap_err();
        assert!(error.to_string().contains("AccountAudited is unknown"), "{error}");
    });
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum TillEvent {
    TillOpened { metadata: String },
}

impl DomainEvent for TillEvent {
    fn to_new_event(&self) -> Result<NewEvent, InvalidEvent> {
        let Self::TillOpened { metadata } = self;
        NewEvent::json("TillOpened", &json!({ "metadata": metadata }))?.with_metadata_text(metadata.clone())
    }
}

struct Till;

impl Decider for Till {
    type State = ();
    type Command = &'static str;
    type Event = TillEvent;
    type Rejection = NotEnough;

    fn name(&self) -> &str {
        "till"
    }

    fn initial_state(&self) {}

    fn decide(&self, _: &(), metadata: &&str) -> Result<Vec<TillEvent>, NotEnough> {
        Ok(vec![TillEvent::TillOpened { metadata: (*metadata).to_owned() }])
    }

    fn evolve(&self, _: (), _: TillEvent) {}
}

#[test]
fn ids_of_the_command_join_the_metadata_of_the_event() {
    let world = World::new(7);
    world.host.run(async {
        let tills = Repository::new(&world.open(&Faults::new()).await, Till);
        let id = Uuid::from_u128(9);
        let with_ids = CommandContext::default().command_id(id).correlation_id("checkout-81");
        let of_both = |own: &str| format!(r#"{{"causationId":"{id}","correlationId":"checkout-81"{own}}}"#);
        let own_cause = CommandContext::default().causation_id("mine");
        for (number, (set, context, stored)) in [
            (r#"{ "till" : 7.50 }"#, CommandContext::default(), r#"{ "till" : 7.50 }"#.to_owned()),
            (r#"{ "till" : 7.50 }"#, with_ids.clone(), of_both(r#","till":7.50"#)),
            ("", with_ids, of_both("")),
            (r#"{"causationId":"its own"}"#, own_cause, r#"{"causationId":"its own"}"#.to_owned()),
        ]
        .into_iter()
        .enumerate()
        {
            let stream = StreamName::new(&format!("till-{number}")).unwrap();
            tills.execute(&stream, &set, context).await.unwrap();
            let events = tills.store().read_stream(&stream, StreamReadOptions::default()).await.unwrap();
            assert_eq!(std::str::from_utf8(events[0].metadata()).unwrap(), stored);
        }
    });
}
