//! A large log as the page's own simulator writes it.

use leftfold_core::{Durability, EventStore, OpenOptions, indexed_db};
use leftfold_web_ui::sample::{LiveSimulator, SEED, Simulator};
use wasm_bindgen::prelude::*;

use crate::store::Outcome;

/// Stores the first `count` events of the sample's warehouse in the store `name`, by a bulk append.
#[wasm_bindgen(js_name = storeSimulated)]
pub async fn store_simulated(name: String, count: usize) -> Outcome<()> {
    console_error_panic_hook::set_once();
    let options = OpenOptions::default().durability(Durability::Relaxed).cache_bytes(0);
    let store = EventStore::open(indexed_db::open(&name).await?, options).await?;
    let mut bulk = store.bulk().await?;
    let mut missing = count;
    for step in Simulator::new(SEED) {
        let step = step?;
        for event in step.events.iter().take(missing) {
            bulk.push(&step.stream, event).await?;
        }
        missing = missing.saturating_sub(step.events.len());
        if missing == 0 {
            break;
        }
    }
    bulk.finish().await?;
    store.close().await;
    Ok(())
}

/// The simulator at work on a store that others look at.
#[wasm_bindgen]
pub struct LiveWarehouse {
    simulator: LiveSimulator,
}

#[wasm_bindgen]
impl LiveWarehouse {
    /// Opens the store `name`.
    pub async fn open(name: String) -> Outcome<LiveWarehouse> {
        let store = EventStore::open(indexed_db::open(&name).await?, OpenOptions::default()).await?;
        let opens_micros = store.with_log(|log| log.running_time(log.head())).unwrap_or_default().as_micros();
        Ok(Self { simulator: LiveSimulator::new(&store, SEED + 1, opens_micros)? })
    }

    /// Runs commands until at least one event is written, and says how many were.
    pub async fn step(&mut self) -> Outcome<usize> {
        loop {
            let written = self.simulator.step(Durability::Relaxed).await?;
            if written > 0 {
                return Ok(written);
            }
        }
    }
}
