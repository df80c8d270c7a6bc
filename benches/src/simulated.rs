//! A large log as the page's own simulator writes it.

use std::rc::Rc;

use leftfold_core::{Durability, EventStore, ExpectedVersion, MemoryDatabase, OpenOptions, indexed_db};
use leftfold_web_ui::sample::{SEED, Simulator};
use wasm_bindgen::prelude::*;

use crate::store::{Outcome, Store};

/// Stores the first `count` events of the sample's warehouse in the store `name`, by a bulk append.
#[wasm_bindgen(js_name = storeSimulated)]
pub async fn store_simulated(name: String, count: usize) -> Outcome<()> {
    console_error_panic_hook::set_once();
    let options = OpenOptions::default().durability(Durability::Relaxed).cache_bytes(0);
    let store = EventStore::open(indexed_db::open(&name).await?, options).await?;
    simulate(&store, count).await?;
    store.close().await;
    Ok(())
}

#[wasm_bindgen]
impl Store {
    /// The same log in memory.
    #[wasm_bindgen(js_name = simulatedInMemory)]
    pub async fn simulated_in_memory(count: usize) -> Outcome<Store> {
        let database = MemoryDatabase::on_host("simulated", Rc::new(indexed_db::BrowserHost));
        let store = EventStore::open(database.open(), OpenOptions::default()).await?;
        simulate(&store, count).await?;
        Ok(Self::of(store, Durability::Relaxed))
    }
}

async fn simulate(store: &EventStore, count: usize) -> Outcome<()> {
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
    Ok(())
}

/// The simulator going on where [`store_simulated`] ended, on a store that others look at.
#[wasm_bindgen]
pub struct LiveWarehouse {
    store: EventStore,
    rest: Simulator,
}

#[wasm_bindgen]
impl LiveWarehouse {
    /// Opens the store `name`, which has what [`store_simulated`] wrote.
    pub async fn open(name: String) -> Outcome<LiveWarehouse> {
        let store =
            EventStore::open(indexed_db::open(&name).await?, OpenOptions::default().durability(Durability::Relaxed))
                .await?;
        let mut rest = Simulator::new(SEED);
        let mut passed = 0;
        while passed < store.head().get() {
            passed += rest.next().transpose()?.map_or(1, |step| step.events.len() as u64);
        }
        Ok(Self { store, rest })
    }

    /// Appends what the next command came to, and says how many events that were.
    pub async fn step(&mut self) -> Outcome<usize> {
        let Some(step) = self.rest.next().transpose()? else { return Ok(0) };
        let count = step.events.len();
        // The log was cut at a number of events, maybe within a command: the versions may be off by one.
        self.store.append(step.stream, ExpectedVersion::Any, step.events).await?;
        Ok(count)
    }
}
