//! What the test binaries of this crate share.

#[cfg(not(target_arch = "wasm32"))]
mod data;
mod names;

#[cfg(not(target_arch = "wasm32"))]
pub use data::real_data;
pub use names::fresh_name;
