//! What `cargo xtask bench` measures of the engine.
//!
//! A function here does one piece of work, from a Rust application's point of view; the page in `benches/page` takes
//! the time around the call and does the same work with IndexedDB and with other libraries.

#![cfg(target_arch = "wasm32")]

mod order;
mod store;

pub use order::order_json;
pub use store::Store;
