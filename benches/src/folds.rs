//! Folding a store's events: by hand, as a projection, as a decider's state.

use leftfold_core::{ProjectionOptions, ReadOptions, Repository, SnapshotPolicy, StreamName};
use std::time::Duration;
use wasm_bindgen::prelude::*;

use crate::sales::{Sales, SalesDecider, SalesProjection};
use crate::store::{Outcome, Store};

/// What a load of a stream came to.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub struct LoadFigures {
    /// The version of the stream.
    pub version: f64,
    /// Events folded.
    pub folded: f64,
    /// What all of it was worth.
    pub cents: f64,
}

#[wasm_bindgen]
impl Store {
    /// Reads the whole log page by page, decodes every event and folds it into a map.
    #[wasm_bindgen(js_name = foldLog)]
    pub async fn fold_log(&self) -> Outcome<f64> {
        let mut events = self.store.read(ReadOptions::default()).await?;
        let mut sales = Sales::default();
        while let Some(page) = events.next_page().await? {
            for event in page {
                sales.fold(event.data())?;
            }
        }
        Ok(sales.cents())
    }

    /// Runs a projection that was never run before until it has caught up; gives what one of its read models is worth.
    #[wasm_bindgen(js_name = catchUp)]
    pub async fn catch_up(&self, name: String, is_by_stream: bool, partition: String) -> Outcome<f64> {
        let projection = SalesProjection { name, is_by_stream };
        let running = self.store.project(projection, ProjectionOptions::default()).await?;
        running.caught_up(None).await?;
        let state = running.state(&partition).await?;
        running.stop();
        Ok(state.unwrap_or_default().cents())
    }

    /// Loads a stream as a repository does before it decides.
    pub async fn load(&self, stream: u32, has_snapshots: bool) -> Outcome<LoadFigures> {
        let stream = StreamName::new(&format!("order-{stream}"))?;
        let mut repository = Repository::new(&self.store, SalesDecider);
        if has_snapshots {
            // A slow load would write another snapshot, and the next round would fold nothing.
            repository = repository.with_snapshots(SnapshotPolicy::default().fold_budget(Duration::MAX));
        }
        let loaded = repository.load(&stream).await?;
        let (version, folded) = (loaded.version.get() as f64, loaded.folded as f64);
        Ok(LoadFigures { version, folded, cents: loaded.state.cents() })
    }
}
