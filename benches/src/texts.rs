//! Projections as text to be measured, and the events that a fold in plain JavaScript is given.

use js_sys::Array;
use leftfold_core::js::script::{ScriptScan, ScriptTimeline};
use leftfold_core::{CancelToken, Position, ReadOptions};
use wasm_bindgen::prelude::*;

use crate::store::{Outcome, Store};

/// A text that answers for every position of a store's log.
#[wasm_bindgen]
pub struct TextTimeline {
    timeline: ScriptTimeline,
}

/// A pass over a store's log that looks for what an expression says.
#[wasm_bindgen]
pub struct TextScan {
    scan: ScriptScan,
}

#[wasm_bindgen]
impl Store {
    /// Starts the worker of a text.
    pub async fn text(&self, text: String) -> Outcome<TextTimeline> {
        let timeline = ScriptTimeline::start(self.store.clone(), &text).await?;
        Ok(TextTimeline { timeline })
    }

    /// A scan with an expression over the state and the event, whose worker has started.
    pub async fn scan(&self, text: String, expression: String) -> Outcome<TextScan> {
        Ok(TextScan { scan: ScriptScan::start(self.store.clone(), &text, &expression).await? })
    }

    /// The first `count` events, each as its stream, its type and the JSON text of its data.
    pub async fn events(&self, count: usize) -> Outcome<Array> {
        let found = Array::new();
        let mut events = self.store.read(ReadOptions { limit: Some(count), ..ReadOptions::default() }).await?;
        while let Some(page) = events.next_page().await? {
            for event in page {
                let data = String::from_utf8_lossy(event.data());
                let (stream, event_type) = (event.stream().as_str(), event.event_type().as_str());
                found.push(&Array::of3(&stream.into(), &event_type.into(), &(&*data).into()));
            }
        }
        Ok(found)
    }
}

#[wasm_bindgen]
impl TextScan {
    /// How many hits there are in the whole log.
    pub async fn hits(&mut self) -> Outcome<f64> {
        let mut hits = 0;
        while let Some(found) = self.scan.next_page().await? {
            hits += found.len();
        }
        Ok(hits as f64)
    }
}

#[wasm_bindgen]
impl TextTimeline {
    /// Folds the log once.
    pub async fn build(&self) -> Outcome<()> {
        Ok(self.timeline.build(|_| (), &CancelToken::new()).await?)
    }

    /// The JSON text of a state.
    pub async fn seek(&self, position: u32, partition: String) -> Outcome<Option<String>> {
        Ok(self.timeline.state_at(Position::from(position).into(), &partition).await?)
    }

    /// Events that the last seek folded.
    pub fn folds(&self) -> usize {
        self.timeline.last_seek().folds
    }
}
