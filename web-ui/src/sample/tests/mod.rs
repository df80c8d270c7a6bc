//! The sample as a whole, and its parts beside what they should be.

mod commands;
mod deciders;
mod early;
mod exported;
mod live;
mod log;
mod projections;
mod rerun;

use futures_executor::block_on;
use leftfold_core::{Decider, EventStore, MemoryDatabase, OpenOptions, ReadOptions, RecordedEvent, StreamName};

use super::lines::Line;
use super::*;

async fn empty_store() -> EventStore {
    EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await.expect("a store")
}

async fn store_of(events: Vec<(StreamName, NewEvent)>) -> EventStore {
    let store = empty_store().await;
    let mut bulk = store.bulk().await.expect("a bulk");
    for (stream, event) in events {
        bulk.push(&stream, &event).await.expect("an event that is new");
    }
    bulk.finish().await.expect("a report");
    store
}

/// Events as a store has them, not lifted.
fn recorded(events: Vec<(StreamName, NewEvent)>) -> Vec<RecordedEvent> {
    block_on(async { store_of(events).await.read_all(ReadOptions::default()).await.expect("all events") })
}

fn lifted(events: Vec<RecordedEvent>) -> Vec<RecordedEvent> {
    let chains = upcasters::chains().expect("chains");
    events.into_iter().flat_map(|event| chains.lift(event).expect("an event of today")).collect()
}

fn lifted_sample() -> Vec<RecordedEvent> {
    lifted(recorded(events().expect("events")))
}

fn line(sku: &str, units: u32, unit_price: u32) -> Line {
    Line { sku: sku.to_owned(), units, unit_price }
}

/// What a decider says to a command, given what happened before.
fn when<D: Decider>(decider: &D, given: Vec<D::Event>, command: &D::Command) -> Result<Vec<D::Event>, D::Rejection> {
    let state = given.into_iter().fold(decider.initial_state(), |state, event| decider.evolve(state, event));
    decider.decide(&state, command)
}
