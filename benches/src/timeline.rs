//! A timeline to be measured.

use leftfold_core::{CancelToken, Position, Timeline, TimelineOptions};
use wasm_bindgen::prelude::*;

use crate::sales::SalesProjection;
use crate::store::{Outcome, Store};

/// The sales at every position of a store's log.
#[wasm_bindgen]
pub struct SalesTimeline {
    timeline: Timeline<SalesProjection>,
}

#[wasm_bindgen]
impl Store {
    /// A timeline of the sales, of all together or of each stream.
    pub fn timeline(&self, is_by_stream: bool) -> SalesTimeline {
        let projection = SalesProjection { name: "sales".to_owned(), is_by_stream };
        SalesTimeline { timeline: Timeline::new(self.store.clone(), projection, TimelineOptions::default()) }
    }
}

#[wasm_bindgen]
impl SalesTimeline {
    /// Folds the log once.
    pub async fn build(&self) -> Outcome<()> {
        Ok(self.timeline.build(|_| (), &CancelToken::new()).await?)
    }

    /// The sales after a position: what they were worth.
    pub async fn seek(&self, position: u32, partition: String) -> Outcome<f64> {
        let state = self.timeline.state_at(Position::from(position).into(), &partition).await?;
        Ok(state.unwrap_or_default().cents())
    }

    /// Events that the last seek folded.
    pub fn folds(&self) -> usize {
        self.timeline.last_seek().folds
    }

    /// Keyframes kept.
    pub fn keyframes(&self) -> usize {
        self.timeline.stats().keyframes
    }

    /// Events of a partition between two keyframes.
    pub fn spacing(&self) -> usize {
        self.timeline.stats().spacing
    }

    /// Bytes of the keyframes.
    #[wasm_bindgen(js_name = keptBytes)]
    pub fn kept_bytes(&self) -> usize {
        self.timeline.stats().kept_bytes
    }

    /// Bytes of the note which events belong to which partition.
    #[wasm_bindgen(js_name = indexBytes)]
    pub fn index_bytes(&self) -> usize {
        self.timeline.stats().index_bytes
    }
}
