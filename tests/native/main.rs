//! Tests that need no browser.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod bad_input;
mod commands;
mod contract;
mod courses;
mod faults;
mod fuzz;
mod kit;
mod projection_troubles;
mod projections;
mod tidy;
mod timeline;
mod upcasters;
mod walk;
