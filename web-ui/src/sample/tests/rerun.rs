//! Commands decided anew on branches of the sample.

use leftfold_core::{Timeline, TimelineOptions};
use serde_json::json;

use super::*;
use crate::lens::{Lens, Plan};
use crate::model::branch::{Arrangement, Change, EventRef, Inserted, JsonText, NamedBranch, Rerun};
use crate::sample::commands::Aggregate;
use crate::sample::projections::WarehouseBoard;
use crate::sample::rerun::{decide, run};

fn branch(fork: u64, head: Position, changes: Vec<Change>) -> Arrangement {
    let mut branch = NamedBranch::new("what if", Position::new(fork)).expect("a branch");
    changes.into_iter().for_each(|change| branch.make(change, head).expect("a change"));
    Arrangement::of(&branch)
}

async fn rerun(store: &EventStore, arrangement: &Arrangement) -> Rerun {
    run(store, arrangement, store.head(), async |_| true).await.expect("decided").expect("to the end")
}

async fn sample_store() -> EventStore {
    let store = store_of(events().expect("events")).await;
    upcasters::register(&store).expect("upcasters");
    store
}

#[test]
fn without_a_difference_every_command_is_decided_as_it_was() {
    block_on(async {
        let store = sample_store().await;
        let head = store.head();
        assert_eq!(rerun(&store, &branch(1, head, vec![])).await, Rerun::default());
        // Whatever is moved together behind something else touches its streams and changes nothing.
        let note = Inserted {
            number: 1,
            after: EventRef::at(300),
            stream: "note-1".to_owned(),
            event_type: "Noted".to_owned(),
            schema_version: 1,
            data: JsonText::new("1").expect("JSON"),
            command: None,
        };
        let mut changes = vec![Change::Insert(note)];
        for at in 2..=300 {
            let after = if at == 2 { EventRef::New(1) } else { EventRef::at(at - 1) };
            changes.push(Change::Move { event: EventRef::at(at), after });
        }
        let outcome = rerun(&store, &branch(2, head, changes)).await;
        assert!(outcome.decided > 600, "{}", outcome.decided);
        assert_eq!((outcome.refused.len(), outcome.unreached.len(), outcome.redecided.len()), (0, 0, 0), "{outcome:?}");
    });
}

#[test]
fn without_an_order_nothing_that_follows_from_it_happens() {
    block_on(async {
        let store = sample_store().await;
        let all = store.read_all(ReadOptions::default()).await.expect("events");
        let packed = all.iter().find(|event| event.event_type().as_str() == "OrderPacked").expect("a packed order");
        let order = packed.stream().as_str().strip_prefix("order-").expect("an order");
        let placed = all.iter().find(|event| event.stream() == packed.stream()).expect("placed");
        let skip = vec![Change::Skip(EventRef::Stored(placed.position()))];
        let outcome = rerun(&store, &branch(placed.position().get(), store.head(), skip)).await;
        let of_order = |event: &&RecordedEvent| {
            let text = String::from_utf8_lossy(event.metadata()).into_owned();
            text.contains(&format!("order-{order}\"")) && event.position() != placed.position()
        };
        let others: Vec<_> = all.iter().filter(of_order).map(|event| EventRef::Stored(event.position())).collect();
        assert!(others.len() > 4);
        for event in &others {
            assert!(outcome.leaves_out(*event), "{event}");
        }
        // A carrier's scan follows from no event of the log: it is decided anew.
        let is_scan = |event: &&RecordedEvent| event.event_type().as_str() == "ParcelDelivered" && of_order(event);
        let scanned = all.iter().find(is_scan).expect("a parcel");
        let refused = outcome.refused.get(&EventRef::Stored(scanned.position())).expect("refused");
        assert_eq!((refused.command.as_str(), refused.reason.as_str()), ("Deliver", "the order is not shipped"));
    });
}

#[test]
fn what_follows_from_an_event_does_not_happen_before_it() {
    block_on(async {
        let store = sample_store().await;
        let all = store.read_all(ReadOptions::default()).await.expect("events");
        let follows = |event: &RecordedEvent, cause: &RecordedEvent| {
            String::from_utf8_lossy(event.metadata()).contains(&format!("\"causationId\":\"{}\"", cause.id().uuid()))
        };
        let mut pairs = all.iter().filter_map(|cause| Some((cause, all.iter().find(|event| follows(event, cause))?)));
        let (cause, effect) = pairs.find(|(cause, effect)| cause.stream() != effect.stream()).expect("an effect");
        let (of_cause, of_effect) = (EventRef::Stored(cause.position()), EventRef::Stored(effect.position()));
        let moved_behind = async |after: Position| {
            let change = vec![Change::Move { event: of_cause, after: EventRef::Stored(after) }];
            rerun(&store, &branch(cause.position().get(), store.head(), change)).await
        };
        assert_eq!(moved_behind(effect.position()).await.unreached.get(&of_effect), Some(&of_cause));
        let before = Position::new(effect.position().get() - 1);
        if before > cause.position() {
            assert_eq!(moved_behind(before).await.unreached.get(&of_effect), None);
        }
    });
}

#[test]
fn without_the_second_release_the_stock_is_what_there_is() {
    block_on(async {
        let store = sample_store().await;
        let changes = vec![Change::Skip(EventRef::Stored(DOUBLE_RELEASE))];
        let arrangement = branch(DOUBLE_RELEASE.get(), store.head(), changes);
        let outcome = rerun(&store, &arrangement).await;
        let timeline = Timeline::new(store.clone(), WarehouseBoard, TimelineOptions::default());
        let sellable = async |at: u64, rerun: &Rerun| {
            let plan = Plan::of(&store, &arrangement, rerun).expect("a plan");
            let branch = Lens::branch(&timeline, &plan).expect("branches").await.expect("one");
            let state = branch.state_at(Position::new(at), "").await.expect("a state").expect("the board");
            let first = branch.first_difference("").await.expect("an answer");
            (state.at(&["skus", "SKU-ROPE-30", "sellable"]).and_then(|json| json.as_i64()), first)
        };
        assert_eq!(sellable(489, &outcome).await, (Some(17), Some(DOUBLE_RELEASE)));
        assert_eq!(sellable(490, &outcome).await, (Some(17), Some(DOUBLE_RELEASE)));
        let (main, _) = (timeline.state_at(Position::new(490).into(), "").await.expect("a state"), ());
        assert_eq!(main.expect("the board").skus.get("SKU-ROPE-30").expect("stock").sellable, 20);

        // Nor later: an order that finds no stock then is neither packed nor dispatched.
        let reserved = async |rerun: &Rerun| {
            let plan = Plan::of(&store, &arrangement, rerun).expect("a plan");
            let branch = Lens::branch(&timeline, &plan).expect("branches").await.expect("one");
            let board = branch.state_at(store.head(), "").await.expect("a state").expect("the board");
            board.at(&["skus", "SKU-ROPE-30", "reserved"]).and_then(|json| json.as_i64())
        };
        assert_eq!(reserved(&outcome).await, Some(0));
        let main = timeline.state_at(store.head().into(), "").await.expect("a state").expect("the board");
        assert_eq!(main.skus.get("SKU-ROPE-30").expect("stock").reserved, -3);
    });
}

#[test]
fn a_command_is_decided_on_what_the_branch_has() {
    block_on(async {
        let store = sample_store().await;
        let stream = StreamName::new("inventory-ROPE-30").expect("a name");
        let command = |units: u32| json!({ "Reserve": { "order": "order-x", "sku": "SKU-ROPE-30", "units": units } });
        let (fork, none) = (DOUBLE_RELEASE, Rerun::default());
        let after = EventRef::Stored(DOUBLE_RELEASE);
        let ask = async |arrangement: &Arrangement, units| {
            decide(&store, arrangement, &none, after, Aggregate::Inventory, &stream, command(units)).await
        };
        let as_log = branch(fork.get(), store.head(), vec![]);
        let without = branch(fork.get(), store.head(), vec![Change::Skip(after)]);
        let sellable = sellable_there(&store, &stream).await;
        let most = u32::try_from(sellable).expect("some");
        assert_eq!(ask(&as_log, most).await.expect("enough").len(), 1);
        assert!(ask(&as_log, most + 1).await.expect_err("too much").to_string().contains("can be sold"));
        assert!(ask(&without, most).await.expect_err("too much").to_string().contains("can be sold"));

        // Issued on the branch, it is decided anew when something before it is other.
        let decided = ask(&as_log, most).await.expect("enough");
        let inserted = Inserted {
            number: 1,
            after,
            stream: stream.to_string(),
            event_type: decided[0].event_type().to_string(),
            schema_version: 1,
            data: JsonText::new(std::str::from_utf8(decided[0].data()).expect("text")).expect("JSON"),
            command: Some(JsonText::new(&command(most).to_string()).expect("JSON")),
        };
        let insert = Change::Insert(inserted);
        let alone = rerun(&store, &branch(fork.get(), store.head(), vec![insert.clone()])).await;
        assert!(!alone.leaves_out(EventRef::New(1)));
        assert!(!alone.refused.is_empty(), "those that come later find the shelf empty");
        let outcome = rerun(&store, &branch(fork.get(), store.head(), vec![insert, Change::Skip(after)])).await;
        assert!(outcome.refused.get(&EventRef::New(1)).expect("refused").reason.contains("can be sold"));
    });
}

/// What the decider takes to be left right behind the second release.
async fn sellable_there(store: &EventStore, stream: &StreamName) -> i64 {
    use crate::sample::inventory::{InventoryDecider, InventoryEvent};
    use leftfold_core::DomainEvent;
    let events = lifted(store.read_all(ReadOptions::default()).await.expect("events"));
    let own = events.iter().filter(|event| event.stream() == stream && event.position() <= DOUBLE_RELEASE);
    let state = own.fold(InventoryDecider.initial_state(), |state, event| {
        InventoryDecider.evolve(state, InventoryEvent::from_recorded(event).expect("an event"))
    });
    state.sellable
}
