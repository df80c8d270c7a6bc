//! Tests that were exported: they are what is exported now, and they run.

use leftfold_core::{Timeline, TimelineOptions};

use super::*;
use crate::lens::{Lens, Lenses, of_branch, of_range};
use crate::model::branch::{Arrangement, Change, EventRef, Inserted, JsonText, NamedBranch, Rerun, Scenario};
use crate::sample::projections::WarehouseBoard;

/// The branch without the second release, as the page exports it at the event behind it.
#[rustfmt::skip]
mod branch;

/// A store of the sample's name, with its first events.
async fn sample_store() -> EventStore {
    let database = MemoryDatabase::on_host(STORE, std::rc::Rc::new(leftfold_core::NativeHost::default()));
    let store = EventStore::open(database.open(), OpenOptions::default()).await.expect("a store");
    upcasters::register(&store).expect("upcasters");
    let mut bulk = store.bulk().await.expect("a bulk");
    for (stream, event) in generate(SEED, 700).expect("events") {
        bulk.push(&stream, &event).await.expect("an event that is new");
    }
    bulk.finish().await.expect("a report");
    store
}

fn without_second_release(head: Position) -> NamedBranch {
    let mut branch = NamedBranch::new("no second release", DOUBLE_RELEASE).expect("a branch");
    branch.make(Change::Skip(EventRef::Stored(DOUBLE_RELEASE)), head).expect("skipped");
    branch
}

async fn exported() -> Scenario {
    let store = sample_store().await;
    let branch = without_second_release(store.head());
    let arrangement = Arrangement::of(&branch);
    let board = Timeline::new(store.clone(), WarehouseBoard, TimelineOptions::default());
    let rerun = crate::sample::rerun::run(&store, &arrangement, store.head(), async |_| true).await;
    let rerun = rerun.expect("decided").expect("to the end");
    let of = (branch.name(), &arrangement, &rerun);
    of_branch(&store, &board, "", of, Position::new(493)).await.expect("a test")
}

#[test]
fn the_branch_is_exported_as_the_tests_that_run_here() {
    let fresh = block_on(exported()).to_rust();
    if std::env::var_os("LEFTFOLD_WRITE_EXPORTED").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sample/tests/exported/branch.rs");
        std::fs::write(path, &fresh).expect("written");
        return;
    }
    // Written anew with LEFTFOLD_WRITE_EXPORTED=1.
    assert_eq!(include_str!("exported/branch.rs"), fresh);
}

#[test]
fn a_range_of_a_stream_is_a_test_in_both_languages() {
    block_on(async {
        let store = sample_store().await;
        let lenses = Lenses::new(&store, std::rc::Rc::new(|| Box::pin(std::future::ready(()))));
        let stream = StreamName::new("inventory-ROPE-30").expect("a name");
        let lens = lenses.stream(&stream);
        let range = (Position::new(400), DOUBLE_RELEASE);
        let scenario = of_range(&store, &*lens, "", range).await.expect("a test");
        assert!(scenario.sides[0].events.iter().all(|event| event.stream == "inventory-ROPE-30"));
        assert!(!scenario.sides[0].events.is_empty());
        assert_eq!(scenario.sides[0].events.last().expect("the last").note, "#490");
        assert!(scenario.to_rust().contains("impl Projection for Merged"));
        assert!(scenario.to_javascript().contains("assert.deepEqual(fold(main.events), main.state)"));
        let whole = lenses.log();
        let refused = of_range(&store, &*whole, "", range).await.expect_err("counts are no fold");
        assert!(refused.to_string().contains("Whole log"), "{refused}");
        let board: &dyn Lens = &*lenses.projection("warehouse-board").expect("the board");
        let long = of_range(&store, board, "", (Position::ZERO, Position::new(30_000))).await;
        assert!(long.expect_err("too long").to_string().contains("at most"));
    });
}

#[test]
fn a_new_event_is_exported_in_its_newest_shape() {
    block_on(async {
        let store = sample_store().await;
        let data = r#"{"customer":"c-1","currency":"EUR","sku":"ROPE-30","units":2,"unitPrice":100}"#;
        let inserted = Inserted {
            number: 1,
            after: EventRef::Stored(DOUBLE_RELEASE),
            stream: "order-new".to_owned(),
            event_type: "OrderPlaced".to_owned(),
            schema_version: 1,
            data: JsonText::new(data).expect("JSON"),
            command: None,
        };
        let mut branch = NamedBranch::new("one order more", DOUBLE_RELEASE).expect("a branch");
        branch.make(Change::Insert(inserted), store.head()).expect("inserted");
        let arrangement = Arrangement::of(&branch);
        let board = Timeline::new(store.clone(), WarehouseBoard, TimelineOptions::default());
        let of = (branch.name(), &arrangement, &Rerun::default());
        let scenario = of_branch(&store, &board, "", of, Position::new(493)).await.expect("a test");
        let given = scenario.sides[1].events.iter().find(|event| event.note == "new event 1").expect("is there");
        assert_eq!(given.schema_version, 2);
        assert!(given.data.contains("\"lines\""), "{}", given.data);
    });
}
