//! The first bytes of files, by which formats are told.
#![no_main]

use leftfold_core::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::detection_holds(bytes));
