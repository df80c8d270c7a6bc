//! Tests in a page of a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "../in-browser/contract.rs"]
mod contract;
#[path = "../in-browser/import.rs"]
mod import;
#[path = "../in-browser/indexed_db.rs"]
mod indexed_db;
#[path = "../in-browser/sealing.rs"]
mod sealing;
mod texts;

/// The suites shared by the page and the worker would pass anywhere; this tells that they ran here.
#[wasm_bindgen_test::wasm_bindgen_test]
fn this_is_a_page() {
    use wasm_bindgen::JsCast;
    assert!(js_sys::global().is_instance_of::<web_sys::Window>());
}
