//! What `cargo xtask bench` measures of the engine.
//!
//! A function here does one piece of work, from a Rust application's point of view; the page in `benches/page` takes
//! the time around the call and does the same work with IndexedDB and with other libraries.

#![cfg(target_arch = "wasm32")]

mod folds;
mod order;
mod sales;
mod simulated;
mod store;
mod texts;
mod timeline;

pub use folds::LoadFigures;
pub use order::order_json;
pub use sales::PackedFold;
pub use simulated::{LiveWarehouse, store_simulated};
pub use store::Store;
pub use texts::TextTimeline;
pub use timeline::SalesTimeline;
