//! The simulator on a store: it goes on where the log ends, beside other writers.

use leftfold_core::{Durability, Repository};

use super::*;
use crate::sample::inventory::InventoryDecider;

async fn sample_store() -> EventStore {
    store_of(events().expect("events")).await
}

async fn run(simulator: &mut LiveSimulator, events: usize) {
    let mut made = 0;
    while made < events {
        made += simulator.step(Durability::Relaxed).await.expect("a step");
    }
}

/// What can be sold of each product, by the decider.
async fn sellable(store: &EventStore) -> Vec<i64> {
    let inventory = Repository::new(store, InventoryDecider);
    let mut all = Vec::new();
    for product in catalog::PRODUCTS {
        let stream = StreamName::new(&catalog::inventory_stream(product.sku)).expect("a name");
        all.push(inventory.load(&stream).await.expect("a state").state.sellable);
    }
    all
}

#[test]
fn it_goes_on_from_the_sample_without_selling_what_is_not_there() {
    block_on(async {
        let store = sample_store().await;
        // Two hours before the broker restarts and delivers a cancellation once more.
        let mut simulator = LiveSimulator::new(&store, 9, START_MICROS + 4 * 3_600_000_000).expect("a simulator");
        run(&mut simulator, 2_500).await;
        assert!(store.head().get() >= 8_900);
        assert!(sellable(&store).await.into_iter().all(|units| units >= 0));
        let all = store.read_all(ReadOptions::default()).await.expect("all events");
        let all = lifted(all);
        let double = super::log::double_releases(&all);
        assert_eq!(double.into_iter().map(|(at, ..)| at).collect::<Vec<_>>(), [DOUBLE_RELEASE]);
        for event in all.into_iter().skip(EVENTS) {
            assert!(Fact::read(&event).expect("a known shape").is_some());
            let metadata: serde_json::Value = serde_json::from_slice(event.metadata()).expect("JSON");
            assert!(metadata["correlationId"].is_string() && metadata["causationId"].is_string());
        }
    });
}

#[test]
fn it_begins_in_an_empty_store() {
    block_on(async {
        let store = empty_store().await;
        let mut simulator = LiveSimulator::new(&store, 9, 1_800_000_000_000_000).expect("a simulator");
        run(&mut simulator, 500).await;
        assert!(sellable(&store).await.into_iter().all(|units| units >= 0));
    });
}

#[test]
fn two_share_the_stock_of_one_store() {
    block_on(async {
        let store = empty_store().await;
        let mut one = LiveSimulator::new(&store, 1, 1_800_000_000_000_000).expect("a simulator");
        let mut other = LiveSimulator::new(&store, 2, 1_800_000_000_000_000).expect("a simulator");
        futures_util::join!(run(&mut one, 800), run(&mut other, 800));
        assert!(sellable(&store).await.into_iter().all(|units| units >= 0));
        assert!(store.head().get() >= 1_600);
    });
}

#[test]
fn causes_lead_back_to_events_of_the_store() {
    block_on(async {
        let store = empty_store().await;
        let mut simulator = LiveSimulator::new(&store, 5, 1_800_000_000_000_000).expect("a simulator");
        run(&mut simulator, 300).await;
        let all = store.read_all(ReadOptions::default()).await.expect("all events");
        let ids: std::collections::HashSet<String> = all.iter().map(|event| event.id().to_string()).collect();
        let cause = |event: &RecordedEvent| {
            let metadata: serde_json::Value = serde_json::from_slice(event.metadata()).expect("JSON");
            metadata["causationId"].as_str().expect("a cause").to_owned()
        };
        let answers = |event: &&RecordedEvent| event.event_type().as_str().starts_with("PaymentAuthorized");
        let caused: Vec<String> = all.iter().filter(answers).map(cause).collect();
        assert!(caused.len() > 20 && caused.iter().all(|id| ids.contains(id)));
    });
}
