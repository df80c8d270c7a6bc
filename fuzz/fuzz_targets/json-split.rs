//! JSON documents, cut into items.
#![no_main]

use leftfold_core::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::json_split_holds(bytes));
