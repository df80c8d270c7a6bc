//! Files whose format the content tells.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| leftfold_fuzz::import(None, bytes));
