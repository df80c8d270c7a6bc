//! The sample as a whole.

use std::collections::BTreeMap;

use futures_executor::block_on;
use leftfold_core::{EventStore, MemoryDatabase, OpenOptions, Projection, ReadOptions, RecordedEvent};

use super::*;

/// The events of a warehouse as a store has them, not lifted.
fn recorded(seed: u64, count: usize) -> Vec<RecordedEvent> {
    block_on(async {
        let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await.unwrap();
        let mut bulk = store.bulk().await.unwrap();
        for (stream, event) in generate(seed, count).unwrap() {
            bulk.push(&stream, &event).await.unwrap();
        }
        bulk.finish().await.unwrap();
        store.read_all(ReadOptions::default()).await.unwrap()
    })
}

fn lifted(seed: u64, count: usize) -> Vec<RecordedEvent> {
    let chains = upcasters::chains().unwrap();
    recorded(seed, count).into_iter().flat_map(|event| chains.lift(event).unwrap()).collect()
}

#[test]
fn look() {
    let events = lifted(SEED, EVENTS);
    let mut counts = BTreeMap::new();
    let board_of = projections::WarehouseBoard;
    let mut board = board_of.initial();
    let mut reasons = BTreeMap::new();
    let mut hours = BTreeMap::new();
    for (i, event) in events.iter().enumerate() {
        *counts.entry(event.event_type().to_string()).or_insert(0) += 1;
        *hours.entry(event.time().to_string()[..13].to_owned()).or_insert(0) += 1;
        board_of.apply(&mut board, event).unwrap();
        if event.event_type().as_str() == "OrderCancelled" {
            *reasons.entry(String::from_utf8(event.data().to_vec()).unwrap()).or_insert(0) += 1;
        }
        if event.event_type().as_str() == "StockReleased" && i < 1500 {
            let Some(Fact::Inventory(inventory::InventoryEvent::StockReleased { sku, units, order })) =
                Fact::read(event).unwrap()
            else {
                panic!()
            };
            println!("{} {} {sku} {units} {order} {:?}", i + 1, event.time(), board.skus.get(&sku));
        }
        for (sku, stock) in &board.skus {
            if (stock.reserved < 0 || stock.reserved > stock.on_hand)
                && (i % 400 == 0 || event.event_type().as_str() == "StockReleased")
            {
                println!("!! {} {} {} {:?}", i + 1, event.event_type(), sku, stock);
            }
        }
    }
    println!("{counts:?} {}", events.last().unwrap().time());
    println!("{reasons:?} {hours:?}");
    println!("{}", serde_json::to_string(&board.skus).unwrap());
    println!("{}", serde_json::to_string(&board.totals).unwrap());
}
