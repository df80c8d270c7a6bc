//! The adapter in memory: for tests without a browser, and for stores that need not last.

mod database;
#[cfg(not(target_arch = "wasm32"))]
mod host;
#[cfg(feature = "testing")]
mod raw;

pub use database::{MemoryDatabase, MemoryStorage};
#[cfg(not(target_arch = "wasm32"))]
pub use host::NativeHost;
#[cfg(feature = "testing")]
pub use raw::Table;
