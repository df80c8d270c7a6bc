//! What holds for every file, whatever is in it: the bodies of the fuzz targets, and of their short run in the tests.
//!
//! Each function takes any bytes, and panics where one of its sentences is not true of them.

use std::collections::BTreeSet;

use futures_util::stream;

use super::detect::detect;
use super::error::ImportError;
use super::import::import;
use super::json_split::{Cut, JsonSplitter};
use super::options::{FieldSource, Format, ImportOptions, Mapping, OnInvalid};
use super::preview::{Previewer, preview};
use super::report::{ImportReport, MAX_LISTED_ROWS};
use super::watch::ImportWatch;
use crate::domain::{Position, RecordedEvent};
use crate::engine::{EventStore, ReadOptions};

/// Payload bytes that a byte of a file can become at most: names that every event of an object repeats, escapes.
const MAX_GROWTH: usize = 64;

/// Imports the bytes, in one piece and in small ones, stopping at faults and skipping them. `open` gives an empty store.
///
/// - It ends in a report, or in an error with nothing stored.
/// - The report's counts are those of the store; a second import stores nothing, and counts every event as a duplicate.
/// - How the bytes are cut into chunks changes nothing. A preview counts what the import that skips faults does.
/// - What is stored is not much more than what was read.
///
/// # Panics
/// Where one of these does not hold.
pub async fn import_holds(open: impl AsyncFn() -> EventStore, format: Option<Format>, bytes: &[u8]) {
    let constant = |text: &str| Some(FieldSource::Constant(text.to_owned()));
    let constants = Mapping { stream: constant("s-1"), event_type: constant("Happened"), ..Mapping::default() };
    for mapping in [Mapping::default(), constants] {
        let skip = ImportOptions { format, mapping, on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
        let stop = ImportOptions { on_invalid: OnInvalid::Stop, ..skip.clone() };
        // Odd sizes, so that chunks begin and end everywhere.
        let size = 1 + bytes.len() * 31 % 97;
        let skipped = outcome(&open, bytes, size, &skip).await;
        assert_eq!(skipped, outcome(&open, bytes, bytes.len().max(1), &skip).await, "chunks of {size} bytes");
        let stopped = outcome(&open, bytes, size, &stop).await;
        match (&skipped, &stopped) {
            (Ok(skipped), Ok(stopped)) => {
                assert_eq!(stopped.faults, 0, "no fault stopped the import");
                assert_eq!(skipped, stopped, "there was nothing to skip");
            }
            (Err(error), Ok(_)) => panic!("it fails only where faults are skipped: {error}"),
            (Ok(skipped), Err(error)) => assert!(skipped.faults > 0, "it stopped without a fault: {error}"),
            (Err(_), Err(_)) => {}
        }
        let seen = preview(bytes, true, &skip, 20);
        if let Ok(done) = &skipped {
            let seen = seen.unwrap_or_else(|error| panic!("an import goes well, its preview does not: {error}"));
            assert_eq!((seen.events, seen.fault_count), (done.events.len() as u64, done.faults), "the preview counts");
            assert!(seen.rows.len() <= 20 && seen.faults.len() <= 20);
        }
        let half = Previewer::new(&skip, 20).and_then(|mut previewer| {
            previewer.push(&bytes[..bytes.len() / 2])?;
            previewer.stop()
        });
        drop(half);
    }
}

/// What an import came to, as far as it is the same every time.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    events: Vec<String>,
    faults: u64,
}

async fn outcome(
    open: &impl AsyncFn() -> EventStore,
    bytes: &[u8],
    size: usize,
    options: &ImportOptions,
) -> Result<Done, String> {
    let store = open().await;
    let imported = run(&store, bytes, size, options).await;
    let stored = store.read_all(ReadOptions::default()).await;
    let stored = stored.unwrap_or_else(|error| panic!("what is stored can be read: {error}"));
    match imported {
        Err(error) => {
            assert!(stored.is_empty(), "something is stored in spite of: {error}");
            Err(error.to_string())
        }
        Ok(report) => {
            check(&report, &stored, bytes.len());
            let again = run(&store, bytes, size, options).await;
            let again = again.unwrap_or_else(|error| panic!("what was read once is not read twice: {error}"));
            let expected = (0, report.events + report.duplicates, report.skipped_count);
            assert_eq!((again.events, again.duplicates, again.skipped_count), expected, "the second import");
            let shown = stored.iter().map(show).collect();
            Ok(Done { events: shown, faults: report.skipped_count })
        }
    }
}

async fn run(
    store: &EventStore,
    bytes: &[u8],
    size: usize,
    options: &ImportOptions,
) -> Result<ImportReport, ImportError> {
    let source = stream::iter(bytes.chunks(size).map(Ok::<_, std::io::Error>));
    import(store, source, options, ImportWatch::new()).await
}

fn check(report: &ImportReport, stored: &[RecordedEvent], file_bytes: usize) {
    assert_eq!(report.events, stored.len() as u64, "events");
    let streams: BTreeSet<&str> = stored.iter().map(|event| event.stream().as_str()).collect();
    assert_eq!(report.streams, streams.len() as u64, "streams");
    let ends = [stored.first(), stored.last()].map(|event| event.map_or(Position::ZERO, RecordedEvent::position));
    assert_eq!([report.first_position, report.last_position], ends, "positions");
    let listed = |count: u64| usize::try_from(count).unwrap_or(usize::MAX).min(MAX_LISTED_ROWS);
    assert_eq!(report.skipped.len(), listed(report.skipped_count), "faults");
    assert_eq!(report.remarks.len(), listed(report.remark_count), "remarks");
    let payload: usize = stored.iter().map(|event| event.data().len() + event.metadata().len()).sum();
    assert!(payload <= 1024 + MAX_GROWTH * file_bytes, "{file_bytes} bytes became {payload}");
}

/// An event without what the clock gave it.
fn show(event: &RecordedEvent) -> String {
    let (stream, event_type, id) = (event.stream(), event.event_type(), event.id());
    let (data, metadata) = (event.data().escape_ascii(), event.metadata().escape_ascii());
    format!("{stream} {event_type} {id} {:?} {data} {metadata} {:?}", event.content(), event.tags())
}

/// Detects the format of the bytes as a whole file and as the begin of one, by content and with every format given.
///
/// # Panics
/// When that does.
pub fn detection_holds(bytes: &[u8]) {
    for is_whole in [true, false] {
        let found = detect(bytes, is_whole, None);
        if let Ok(found) = found {
            assert!(found.bom_bytes <= bytes.len());
            let named = detect(bytes, is_whole, Some(found.format));
            assert_eq!(named.ok(), Some(found), "the format that was found, given");
        }
        for format in Format::ALL {
            drop(detect(bytes, is_whole, Some(format)));
        }
    }
}

/// Cuts the bytes as a JSON document, in every way in which one is cut.
///
/// - The chunks change nothing about the items, their places, and what is wrong.
/// - Where it is cut at its elements: it goes well exactly when the document is JSON, is not nested too deeply, and is an array.
///
/// # Panics
/// Where one of these does not hold.
pub fn json_split_holds(bytes: &[u8]) {
    const NAMES: &[&str] = &["events", "objects", "a"];
    for cut in [Cut::Elements, Cut::ElementsOrObject, Cut::Members(NAMES)] {
        let whole = split(bytes, cut, bytes.len().max(1));
        assert_eq!(split(bytes, cut, 1), whole, "byte by byte");
        assert_eq!(split(bytes, cut, 7), whole, "in chunks of 7");
        if !matches!(cut, Cut::Elements) {
            continue;
        }
        let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let (items, end) = whole;
        let is_deep = end.as_ref().is_some_and(|error| error.contains("brackets in one another"));
        let passes = end.is_none() && items.iter().all(|(_, text)| is_json(text));
        let is_array = std::str::from_utf8(bytes).is_ok_and(|text| is_json(text) && text.trim_start().starts_with('['));
        assert!(is_deep || passes == is_array, "{end:?}");
    }
}

/// The items, each with its place; and the error at which it ended.
fn split(bytes: &[u8], cut: Cut, size: usize) -> (Vec<(String, String)>, Option<String>) {
    let mut items = Vec::new();
    let mut splitter = JsonSplitter::new(cut);
    let mut take = |item: super::json_split::Item<'_>| {
        items.push((format!("{} {}", item.line, item.path()), item.text.to_owned()));
        Ok(())
    };
    let pushed = bytes.chunks(size).try_for_each(|chunk| splitter.push(chunk, &mut take));
    let end = pushed.and_then(|()| splitter.finish()).err().map(|error| error.to_string());
    (items, end)
}
