//! Bad samples that the rules must find, and good ones that they must not.

use super::{rules, source::Source};

#[track_caller]
fn finds(path: &str, text: &str, expected: &str) {
    let problems = rules::problems(&Source::new(path, text));
    assert!(
        problems.iter().any(|problem| problem.contains(expected)),
        "{expected:?} was not found in {path}: {text}\nfound: {problems:?}"
    );
}

#[track_caller]
fn passes(path: &str, text: &str) {
    assert_eq!(rules::problems(&Source::new(path, text)), Vec::<String>::new(), "in {path}: {text}");
}

#[test]
fn a_layer_that_reaches_outwards_is_found() {
    let path = "core/src/domain/event.rs";
    finds(path, "use crate::storage::Storage;", "domain must not use storage");
    finds(path, "use crate::{domain::Query, engine::{EventStore, read}};", "domain must not use engine");
    finds(path, "use super::super::engine::EventStore;", "domain must not use engine");
    finds(path, "fn f() -> crate::js::Error { x }", "domain must not use js");
    finds("core/src/engine/mod.rs", "use super::{timeline::Timeline};", "engine must not use timeline");
    finds("core/src/storage.rs", "use crate::engine::EventStore;", "storage must not use engine");
    finds("core/src/formats/csv.rs", "use crate::js::Thing;", "formats must not use js");
    finds("core/src/engine/read.rs", "use crate::testing::Faults;", "engine must not use testing");
    finds("core/src/engine/read.rs", "m! { crate::timeline::Keyframe }", "engine must not use timeline");
}

#[test]
fn a_path_that_hides_its_layer_is_found() {
    finds("core/src/domain/event.rs", "use crate::EventStore;", "hides which layer");
    finds("core/src/domain/event.rs", "use crate::*;", "hides which layer");
}

#[test]
fn a_layer_that_reaches_inwards_passes() {
    passes("core/src/engine/read.rs", "use crate::{domain::{Position, Query}, storage::Storage};\nuse super::append;");
    passes("core/src/engine/append/group.rs", "use super::super::read::Page;");
    passes("core/src/js/store.rs", "use crate::timeline::Timeline; use wasm_bindgen::JsValue;");
    passes("core/src/domain/event.rs", "//! See crate::engine.\nconst A: &str = \"crate::engine\"; // crate::engine");
    passes("core/src/lib.rs", "pub use crate::engine::EventStore;");
}

#[test]
fn tests_inside_a_layer_may_use_the_test_kit() {
    passes("core/src/engine/read.rs", "#[cfg(test)]\nmod tests { use crate::testing::Faults; }");
    passes("core/src/engine/read.rs", "#[cfg(test)]\nuse crate::testing::Faults;\nuse crate::domain::Query;");
    passes("core/src/engine/tests.rs", "use crate::testing::Faults;");
    let after = "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::testing::Faults;";
    finds("core/src/engine/read.rs", after, "engine must not use testing");
    let after = "#[cfg(test)]\nmod tests;\nuse crate::js::Thing;";
    finds("core/src/engine/read.rs", after, "engine must not use js");
}

#[test]
fn a_browser_crate_behind_no_door_is_found() {
    finds("core/src/engine/clock.rs", "let now = js_sys::Date::now();", "js_sys has no place here");
    finds("core/src/storage/mod.rs", "use web_sys::Blob;", "web_sys has no place here");
    finds("core/src/domain/event.rs", "#[wasm_bindgen::prelude::wasm_bindgen] fn f() {}", "wasm_bindgen has no place");
    finds("web-ui/src/model/window.rs", "use web_sys::Window;", "web_sys has no place here");
    passes("core/src/storage/indexed_db/mod.rs", "use web_sys::IdbFactory;");
    passes("web-ui/src/components/table.rs", "use web_sys::Window;");
}

#[test]
fn a_clock_or_chance_in_the_domain_is_found() {
    finds("core/src/domain/event.rs", "let id = Uuid::now_v7();", "now_v7 reads a clock");
    finds("core/src/domain/time.rs", "jiff::Timestamp::now()", "now() reads a clock");
    passes("core/src/domain/time.rs", "fn age(now: Timestamp) {}");
    passes("core/src/engine/clock.rs", "jiff::Timestamp::now()");
}

#[test]
fn a_send_bound_in_a_port_is_found() {
    finds("core/src/storage/port.rs", "trait Storage: Send {}", "Send bound");
}

#[test]
fn unfinished_work_is_found() {
    finds("core/src/lib.rs", concat!("fn f() { to", "do!() }"), "line 1");
    finds("web-ui/src/lib.rs", concat!("\nfn f() { unimple", "mented!() }"), "line 2");
    finds("README.md", concat!("TO", "DO: write it"), "line 1");
    passes("README.md", "methods");
}

#[test]
fn traces_of_one_machine_are_found() {
    finds("README.md", concat!("see /ho", "me/me/notes"), "one machine");
    finds("core/src/lib.rs", concat!("// as issue", " #7 says"), "one machine");
    finds("core/src/lib.rs", concat!("// left for a later sit", "ting"), "one machine");
    passes("README.md", "visiting https://example.org/workflow/");
}

#[test]
fn a_file_of_two_things_is_found() {
    finds("web-ui/src/app.rs", &"\n".repeat(601), "601 lines");
    passes("web-ui/src/app.rs", &"\n".repeat(600));
    passes("core/FORMAT.md", &"\n".repeat(2_000));
}

#[test]
fn a_crate_without_the_lints_is_found() {
    finds("core/Cargo.toml", "[package]\nname = \"leftfold-core\"\n", "lints");
    passes("core/Cargo.toml", "[package]\nname = \"leftfold-core\"\n\n[lints]\nworkspace = true\n");
}

#[test]
fn a_file_that_cannot_be_read_is_found() {
    finds("core/src/lib.rs", "fn f( {", "cannot be read");
}
