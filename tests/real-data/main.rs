//! Tests on real event logs, which lie beside the project. [`leftfold_tests::real_data`] tells where.
#![cfg(not(target_arch = "wasm32"))]

mod names;
