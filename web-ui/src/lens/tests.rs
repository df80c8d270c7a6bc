//! Every lens beside the plain fold of the log.

mod branches;

use std::rc::Rc;

use futures_executor::block_on;
use leftfold_core::{
    BoxError, Cursor, EventStore, ExpectedVersion, MemoryDatabase, NativeHost, NewEvent, OpenOptions, Position,
    Projection, ReadOptions, RecordedEvent, StreamName,
};

use super::Lenses;
use crate::model::json::Json;
use crate::sample::projections::{FulfilmentTime, OrdersByStatus, WarehouseBoard};
use crate::sample::{self, DOUBLE_RELEASE, upcasters};

async fn store_named(name: &str) -> EventStore {
    let database = MemoryDatabase::on_host(name, Rc::new(NativeHost::default()));
    EventStore::open(database.open(), OpenOptions::default()).await.expect("a store")
}

fn lenses(store: &EventStore) -> Lenses {
    Lenses::new(store, Rc::new(|| Box::pin(std::future::ready(()))))
}

async fn sample_store(events: usize) -> EventStore {
    let store = store_named(sample::STORE).await;
    upcasters::register(&store).expect("upcasters");
    let mut bulk = store.bulk().await.expect("a bulk");
    for (stream, event) in sample::generate(sample::SEED, events).expect("events") {
        bulk.push(&stream, &event).await.expect("an event that is new");
    }
    bulk.finish().await.expect("a report");
    store
}

fn at(position: u64) -> Cursor {
    Position::new(position).into()
}

fn fold<P: Projection>(projection: &P, events: &[RecordedEvent]) -> Result<Json, BoxError> {
    let query = projection.query();
    let mut state = projection.initial();
    for event in events.iter().filter(|event| query.matches(event)) {
        projection.apply(&mut state, event)?;
    }
    Ok(Json::of(&state)?)
}

#[test]
fn the_projections_of_the_sample_are_their_plain_folds() {
    block_on(async {
        let store = sample_store(700).await;
        let lenses = lenses(&store);
        let events = store.read_all(ReadOptions::default()).await.expect("events");
        let lifted: Vec<_> = events.into_iter().flat_map(|event| store.lift(event).expect("lifted")).collect();
        assert_eq!(lenses.projections().len(), 6);
        for position in [700, 0, 1, 489, 490] {
            let state = async |name| lenses.projection(name).expect("a lens").state_at(at(position), "").await;
            let until = &lifted[..usize::try_from(position).expect("small")];
            for (name, plain) in [
                ("warehouse-board", fold(&WarehouseBoard, until)),
                ("orders-by-status", fold(&OrdersByStatus, until)),
                ("fulfilment-time", fold(&FulfilmentTime, until)),
            ] {
                assert_eq!(state(name).await.expect("a state"), plain.ok(), "{name} at {position}");
            }
        }
    });
}

#[test]
fn the_wrong_value_leads_to_the_event_that_wrote_it() {
    block_on(async {
        let store = sample_store(700).await;
        let board = lenses(&store).projection("warehouse-board").expect("the board");
        let pointer = "/skus/SKU-ROPE-30/sellable";
        let wrote = board.last_write(pointer, at(DOUBLE_RELEASE.get()), "").await.expect("an answer");
        assert_eq!(wrote, Some(DOUBLE_RELEASE));
        let patch = board.diff(at(DOUBLE_RELEASE.get() - 1), at(DOUBLE_RELEASE.get()), "").await.expect("a patch");
        let text = serde_json::to_string(&patch).expect("JSON");
        assert!(text.contains(pointer), "{text}");
    });
}

#[test]
fn a_stream_of_any_log_is_its_payloads_merged() {
    block_on(async {
        let store = store_named("any").await;
        let stream = StreamName::new("order-1").expect("a name");
        let event = |text: &'static str| NewEvent::json_text("Noted", text.as_bytes()).expect("an event");
        let bytes = NewEvent::bytes("Scanned", "image/png", vec![1_u8, 2, 3]).expect("an event");
        let events = vec![event(r#"{"z":1,"a":{"x":1}}"#), event(r#"{"a":{"y":2},"z":2}"#), bytes];
        store.append(stream.clone(), ExpectedVersion::Any, events).await.expect("appended");
        let lenses = lenses(&store);
        assert!(lenses.projections().is_empty());
        let lens = lenses.stream(&stream);
        let state =
            async |position| lens.state_at(at(position), "").await.expect("a state").map(|json| json.to_string());
        assert_eq!(state(0).await.as_deref(), Some("null"));
        assert_eq!(state(2).await.as_deref(), Some(r#"{"z":2,"a":{"x":1,"y":2}}"#));
        let all = r#"{"z":2,"a":{"x":1,"y":2},"contentType":"image/png","bytes":3}"#;
        assert_eq!(state(3).await.as_deref(), Some(all));
        let write =
            async |pointer| lens.last_write(pointer, Cursor::Head, "").await.expect("an answer").map(Position::get);
        assert_eq!(write("/a/x").await, Some(1));
        assert_eq!(write("/z").await, Some(2));
        assert_eq!(write("/nothing").await, None);
    });
}

#[test]
fn the_whole_log_is_counted_without_reading_it() {
    block_on(async {
        let store = store_named("counted").await;
        let stream = StreamName::new("many-1").expect("a name");
        let kinds = ["A", "B/~", "C"];
        let kind_at = |position: u64| kinds[if position == 5_000 { 1 } else { usize::from(position > 9_000) * 2 }];
        let mut bulk = store.bulk().await.expect("a bulk");
        for position in 1..=70_000 {
            bulk.push(&stream, &NewEvent::json_text(kind_at(position), "1").expect("an event")).await.expect("pushed");
        }
        bulk.finish().await.expect("a report");
        let lens = lenses(&store).log();
        let state =
            async |position| lens.state_at(at(position), "").await.expect("a state").map(|json| json.to_string());
        assert_eq!(state(70_000).await.as_deref(), Some(r#"{"events":70000,"types":{"A":8999,"B/~":1,"C":61000}}"#));
        assert_eq!(state(5_000).await.as_deref(), Some(r#"{"events":5000,"types":{"A":4999,"B/~":1}}"#));
        assert_eq!(state(0).await.as_deref(), Some(r#"{"events":0,"types":{}}"#));
        let write = async |pointer, position| lens.last_write(pointer, at(position), "").await.expect("an answer");
        assert_eq!(write("/types/B~1~0", 70_000).await, Some(Position::new(5_000)));
        assert_eq!(write("/types/B~1~0", 4_999).await, None);
        assert_eq!(write("/types/A", 70_000).await, Some(Position::new(9_000)));
        assert_eq!(write("/types/C", 69_999).await, Some(Position::new(69_999)));
        assert_eq!(write("/events", 123).await, Some(Position::new(123)));
        let patch = serde_json::to_value(lens.diff(at(4_998), at(5_000), "").await.expect("a patch")).expect("JSON");
        let expected = serde_json::json!([
            { "op": "replace", "path": "/events", "value": 5_000 },
            { "op": "replace", "path": "/types/A", "value": 4_999 },
            { "op": "add", "path": "/types/B~1~0", "value": 1 },
        ]);
        assert_eq!(patch, expected);
    });
}
