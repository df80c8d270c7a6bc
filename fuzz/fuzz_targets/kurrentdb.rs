//! Files that are read as kurrentdb.
#![no_main]

use leftfold_core::formats::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| leftfold_fuzz::import(Some(Format::KurrentDb), bytes));
