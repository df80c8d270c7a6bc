//! The short run of the fuzz targets: the same bodies, on the seeds of `fuzz/seeds` and on a fixed number of mutations of them.
//!
//! The mutations depend on a number and on nothing else, so that a case that fails is found again by its number. A longer run:
//! `LEFTFOLD_FUZZ_CASES=100000 cargo test -p leftfold-tests --test native fuzz`.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fastrand::Rng;
use futures_executor::block_on;
use leftfold_core::formats::{Format, fuzzing};
use leftfold_core::{EventStore, MemoryDatabase, OpenOptions};

/// Mutations of each seed, unless the environment says how many.
const CASES: u64 = 12;

/// Bytes beyond which no mutation grows.
const MOST_BYTES: usize = 6 * 1024;

/// Words of the formats, which chance alone would hardly find.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "null",
    "true",
    "-",
    "1e999",
    "NA",
    "\\ud800",
    "é",
    "\0",
    "{\"leftfold\":1}",
    "</log>",
    "<event>",
    "<!--",
    "]]>",
    "&amp;",
    "1.0",
    "1969-07-20 20:17:40",
    "\"time\":\"soon\"",
    "\"state\":{}",
    "\"stagedActionIds\":[0]",
    "\"data_base64\":\"AA==\"",
    "\"isJson\":false",
    "\\x00ff",
    "18446744073709551615",
];

/// The seeds: folder, and bytes.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let mut seeds = Vec::new();
    for of_format in fs::read_dir(folder).unwrap() {
        let of_format = of_format.unwrap();
        let name = of_format.file_name().into_string().unwrap();
        for seed in fs::read_dir(of_format.path()).unwrap() {
            seeds.push((name.clone(), fs::read(seed.unwrap().path()).unwrap()));
        }
    }
    seeds.sort();
    seeds
}

/// A wounded copy of a file: some of its bytes changed, cut out, doubled, or taken from another.
fn mutated(seed: &[u8], other: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let slice = |bytes: &[u8], random: &mut Rng| {
        let from = random.usize(..=bytes.len());
        from..random.usize(from..=bytes.len())
    };
    for _ in 0..random.u8(1..=5) {
        let at = random.usize(..=bytes.len());
        match random.u8(..8) {
            0 if at < bytes.len() => bytes[at] = random.u8(..),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
            2 => bytes.truncate(at),
            3 => {
                let range = slice(&bytes, random);
                bytes.drain(range);
            }
            4 => {
                let range = slice(&bytes, random);
                let copy = bytes[range].to_vec();
                bytes.splice(at..at, copy);
            }
            5 => {
                let range = slice(other, random);
                let end = random.usize(at..=bytes.len());
                bytes.splice(at..end, other[range].iter().copied());
            }
            6 => {
                let word = WORDS[random.usize(..WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
            _ => {
                let (one, two) = (random.u8(..), random.u8(..));
                bytes.iter_mut().filter(|byte| **byte == one).for_each(|byte| *byte = two);
            }
        }
        bytes.truncate(MOST_BYTES);
    }
    bytes
}

fn cases() -> u64 {
    std::env::var("LEFTFOLD_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

/// Runs `body` on every seed and its mutations. What panics is told with its number and its bytes.
fn run(name: &str, seeds: &[(String, Vec<u8>)], body: impl Fn(&str, &[u8])) {
    let mut finds = Vec::new();
    for (number, (format, seed)) in seeds.iter().enumerate() {
        for case in 0..=cases() {
            let mut random = Rng::with_seed(case << 8 | number as u64);
            let other = &seeds[random.usize(..seeds.len())].1;
            let bytes = if case == 0 { seed.clone() } else { mutated(seed, other, &mut random) };
            if catch_unwind(AssertUnwindSafe(|| body(format, &bytes))).is_err() {
                finds.push(format!("{name}, {format}, case {case}: b\"{}\"", bytes.escape_ascii()));
            }
        }
    }
    assert!(
        finds.is_empty(),
        "{} finds, the first of which are:\n{}",
        finds.len(),
        finds[..finds.len().min(5)].join("\n")
    );
}

fn import_holds(format: Option<Format>, bytes: &[u8]) {
    let open = async || EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await.unwrap();
    block_on(fuzzing::import_holds(open, format, bytes));
}

#[test]
fn there_are_seeds_of_every_format() {
    let seeds = seeds();
    for format in Format::ALL {
        assert!(seeds.iter().any(|(name, _)| name == format.name()), "{format}");
    }
    for (name, seed) in &seeds {
        let found = leftfold_core::formats::preview(seed, true, &Default::default(), 5).unwrap();
        assert_eq!((found.format.name(), found.fault_count), (name.as_str(), 0), "{}", String::from_utf8_lossy(seed));
        assert!(found.events > 0 || !found.missing().is_empty());
    }
}

#[test]
fn every_importer_refuses_a_file_or_tells_the_truth_about_it() {
    run("import", &seeds(), |format, bytes| import_holds(Format::parse(format).unwrap(), bytes));
}

#[test]
fn a_file_of_any_format_is_told_and_read_or_refused() {
    run("any", &seeds(), |_, bytes| import_holds(None, bytes));
}

#[test]
fn detection_and_cutting_hold_for_any_bytes() {
    run("detection", &seeds(), |_, bytes| fuzzing::detection_holds(bytes));
    run("json-split", &seeds(), |_, bytes| fuzzing::json_split_holds(bytes));
}
