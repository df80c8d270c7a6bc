//! Tests on real event logs, which lie beside the project. [`leftfold_tests::real_data`] tells where.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod folds;
mod git_history;
mod import;
mod kurrentdb;
mod names;
mod ocel;
mod process_logs;
mod xes;
