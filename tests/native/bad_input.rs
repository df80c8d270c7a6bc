//! Files that are not as they should be, for every importer: what is said of them, or what is chosen; and that nothing of a file
//! that is refused is stored.
//!
//! Every importer has one good file, a seed of the fuzz targets, and the same wounds are done to each. Its column of the table
//! says what comes of that when a fault stops the import, and when faults are skipped. The byte order mark, the other line ends and
//! UTF-16 come to the same for all of them.
//!
//! What is chosen: a CSV that is cut off within its last cell is taken as it is, since nothing tells; values that are nested deeply are
//! kept where a row is a line, and refused in documents; two columns of one name are two columns; a schema version that is
//! no number is none, and stays in the data or the metadata.

use std::fs;
use std::path::Path;

use futures_executor::block_on;
use futures_util::stream;
use leftfold_core::formats::{Format, ImportOptions, ImportWatch, OnInvalid, import};
use leftfold_core::{EventStore, MemoryDatabase, OpenOptions, ReadOptions, RecordedEvent};

/// A good file, and where its wounds go: what is replaced, and by what.
struct Importer {
    format: Format,
    file: &'static str,
    /// A name, to be one that stands twice.
    duplicate: (&'static str, &'static str),
    /// The value that is nested deeply.
    deep: &'static str,
    /// The time of an event, to be one before 1970 and without a zone.
    time: (&'static str, &'static str),
    /// The time of another event, which changes places with it.
    later: &'static str,
    /// The id of an event, to be `NA`.
    id: &'static str,
    /// A version that is known, and one that is not.
    version: (&'static str, &'static str),
    /// What is said of each wound, in the order of [`WOUNDS`]; and the events and faults when faults are skipped.
    outcomes: [(&'static str, &'static str); WOUNDS.len()],
}

const WOUNDS: [&str; 8] = ["truncated", "latin-1", "50 MB", "nested", "duplicate", "early", "NA", "version"];

const TIME: &str = "2026-03-14T09:41:07Z";
const LATER: &str = "2026-03-14T09:43:00Z";
const EARLY: &str = "1969-07-20 20:17:40";
const ID: &str = "0198c0de-0000-7000-8000-000000000001";

impl Importer {
    fn good(&self) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(self.file);
        fs::read_to_string(path).unwrap()
    }

    fn replaced(&self, from: &str, to: &str) -> Vec<u8> {
        let good = self.good();
        assert!(good.contains(from), "{from} is not in {}", self.file);
        good.replacen(from, to, 1).into_bytes()
    }

    fn wounded(&self, wound: &str) -> Vec<u8> {
        let good = self.good();
        match wound {
            "truncated" => good.as_bytes()[..good.len() - 20].to_vec(),
            "latin-1" => good.chars().map(|letter| letter as u8).collect(),
            "50 MB" => self.replaced("café", &"x".repeat(50 << 20)),
            "nested" if self.format == Format::Xes => {
                let deep = format!("{}{}", "<container key=\"d\">".repeat(200), "</container>".repeat(200));
                self.replaced(self.deep, &deep)
            }
            "nested" => self.replaced(self.deep, &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
            "duplicate" => self.replaced(self.duplicate.0, self.duplicate.1),
            "early" => self.replaced(self.time.0, self.time.1),
            "NA" => self.replaced(self.id, "NA"),
            "version" => self.replaced(self.version.0, self.version.1),
            other => panic!("{other}"),
        }
    }
}

fn read(bytes: &[u8], options: &ImportOptions) -> (Result<String, String>, Vec<RecordedEvent>) {
    let store = block_on(EventStore::open(MemoryDatabase::new().open(), OpenOptions::default())).unwrap();
    let source = stream::iter(bytes.chunks(64 * 1024).map(Ok::<_, std::io::Error>));
    let report = block_on(import(&store, source, options, ImportWatch::new()));
    let stored = block_on(store.read_all(ReadOptions::default())).unwrap();
    let shown = report.map_err(|error| error.to_string()).map(|report| {
        assert_eq!(report.events, stored.len() as u64);
        let faults: Vec<String> =
            report.skipped.iter().map(|fault| format!(" {} {}", fault.line, fault.code)).collect();
        format!("{} events{}", report.events, faults.concat())
    });
    if let Err(error) = &shown {
        assert!(stored.is_empty(), "something is stored in spite of: {error}");
    }
    (shown, stored)
}

fn options(format: Format, on_invalid: OnInvalid) -> ImportOptions {
    ImportOptions { format: Some(format), on_invalid, ..ImportOptions::default() }
}

/// What an event is, without what the clock gave it.
fn content(event: &RecordedEvent) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(['\r', '\n'], "");
    let time = if event.time() == event.recorded_at() { "now".to_owned() } else { event.time().to_string() };
    let (stream, event_type) = (event.stream(), event.event_type());
    format!("{stream} {event_type} {time} {} {} {:?}", text(event.data()), text(event.metadata()), event.tags())
}

/// What came of a file is what the table says. An equals sign: skipping faults, the same.
#[track_caller]
fn check(bytes: &[u8], importer: &Importer, wound: &str, (stop, skip): (&str, &str)) -> Vec<RecordedEvent> {
    let shown = |(Ok(text) | Err(text)): Result<String, String>| text;
    let (stopped, stored) = read(bytes, &options(importer.format, OnInvalid::Stop));
    let (skipped, _) = read(bytes, &options(importer.format, OnInvalid::Skip));
    let (stopped, skipped) = (shown(stopped), shown(skipped));
    assert!(stopped.starts_with(stop), "{}, {wound}: {stopped:.300}", importer.format);
    assert!(skipped.starts_with(if skip == "=" { stop } else { skip }), "{}, {wound}: {skipped:.300}", importer.format);
    stored
}

#[test]
fn every_wound_of_every_importer_is_told() {
    for importer in importers() {
        for (wound, outcome) in WOUNDS.into_iter().zip(importer.outcomes) {
            let stored = check(&importer.wounded(wound), &importer, wound, outcome);
            if wound == "early" && !stored.is_empty() {
                let early = ["1969-07-20T20:17:40Z", "1960-06-29T18:40:00Z"];
                let is_early = |event: &RecordedEvent| early.contains(&&*event.time().to_string());
                assert!(stored.iter().any(is_early), "{}", importer.format);
            }
        }
    }
}

/// A byte order mark and other line ends change nothing; UTF-16 is named.
#[test]
fn marks_line_ends_and_encodings_come_to_the_same() {
    for importer in importers() {
        let good = importer.good();
        let events = |text: &str| -> Vec<String> {
            let (shown, stored) = read(text.as_bytes(), &options(importer.format, OnInvalid::Stop));
            shown.unwrap();
            stored.iter().map(content).collect()
        };
        let expected = events(&good);
        assert!(!expected.is_empty());
        assert_eq!(events(&format!("\u{feff}{good}")), expected, "{}", importer.format);
        assert_eq!(events(&good.replace('\n', "\r\n")), expected, "{}", importer.format);
        for mark in [true, false] {
            let wide: Vec<u8> =
                mark.then_some(0xFEFF).into_iter().chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
            check(&wide, &importer, "UTF-16", ("line 1: the text is UTF-16, not UTF-8", "="));
        }
    }
}

/// Events that stand out of the order of time keep the order of their stream; a file with a sum over its events is refused.
#[test]
fn events_out_of_order_keep_the_order_of_their_stream() {
    for importer in importers() {
        let good = importer.good();
        let (shown, before) = read(good.as_bytes(), &options(importer.format, OnInvalid::Stop));
        let text = good.replace(importer.time.0, "THE EARLIER").replace(importer.later, importer.time.0);
        let text = text.replace("THE EARLIER", importer.later);
        assert_ne!(text, good);
        let (turned, after) = read(text.as_bytes(), &options(importer.format, OnInvalid::Stop));
        if importer.format == Format::Leftfold {
            assert!(turned.unwrap_err().starts_with("the file is not as it was written"));
            continue;
        }
        assert_eq!(turned, shown, "{}", importer.format);
        let by_stream = |events: &[RecordedEvent]| {
            let mut types: Vec<String> = events
                .iter()
                .map(|event| format!("{} {} {}", event.stream(), event.version(), event.event_type()))
                .collect();
            types.sort();
            types
        };
        assert_eq!(by_stream(&after), by_stream(&before), "{}", importer.format);
    }
}

/// The versions that other software writes are named where the content tells the format.
#[test]
fn other_versions_are_named() {
    let error = |text: &str| read(text.as_bytes(), &ImportOptions::default()).0.unwrap_err();
    assert!(error("{\"ocel:global-event\":{},\"ocel:events\":{}}").contains("OCEL 1.0"));
    assert!(error("<mxml/>").contains("XML, but not XES"));
    assert!(error("{\"leftfold\":9}\n").contains("version 9 of format leftfold"));
}

fn importers() -> Vec<Importer> {
    let none = [("", ""); WOUNDS.len()];
    let of = |format, file| Importer {
        format,
        file,
        duplicate: ("\"c\":1,\"d\":2", "\"c\":1,\"c\":2"),
        deep: "\"DEEP\"",
        time: (TIME, EARLY),
        later: LATER,
        id: ID,
        version: ("", ""),
        outcomes: none,
    };
    vec![
        Importer {
            duplicate: (",a,b", ",a,a"),
            deep: "café",
            version: (",1,café", ",x,café"),
            outcomes: [
                ("line 4: the row has 4 columns", "2 events 4 wrong-column-count"),
                ("line 2: the text is in Latin-1", "="),
                ("line 2: the row has more than 16777216 bytes", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::Csv, "csv/sample.csv")
        },
        Importer {
            version: ("\"schemaVersion\":1", "\"schemaVersion\":\"x\""),
            outcomes: [
                ("line 3: not JSON at column", "2 events 3 not-json"),
                ("line 1: the text is in Latin-1", "="),
                ("line 1: the row has more than 16777216 bytes", "="),
                ("3 events", "="),
                ("line 1: c: the member stands twice", "2 events 1 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::Ndjson, "ndjson/sample.ndjson")
        },
        Importer {
            version: ("\"schemaVersion\":1", "\"schemaVersion\":\"x\""),
            outcomes: [
                ("line 4, $[2]: the file ends here, in the middle of it", "="),
                ("line 2: the text is in Latin-1", "="),
                ("line 2, $[0]: the row has more than 16777216 bytes", "="),
                ("line 2, $[0]: there are more than 128 brackets in one another", "="),
                ("line 2, $[0]: c: the member stands twice", "2 events 2 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::Json, "json/sample.json")
        },
        Importer {
            duplicate: ("key=\"d\"", "key=\"c\""),
            deep: "<int key=\"c\" value=\"1\"/>",
            version: ("1849.2016", "9.9"),
            outcomes: [
                ("line 8, /log/trace/event: the file ends here", "="),
                ("line 5: the text is in Latin-1", "="),
                ("line 5, /log/trace/event: the tag has more than 16777216 bytes", "="),
                ("line 5, /log/trace/event/container/container", "="),
                ("line 5: c: the key stands twice in the event", "2 events 5 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::Xes, "xes/sample.xes")
        },
        Importer {
            duplicate: ("\"c\":1,\"d\":true", "\"c\":1,\"c\":true"),
            version: ("\"1.0\"", "\"9.9\""),
            outcomes: [
                ("line 4, $[2]: the file ends here, in the middle of it", "="),
                ("line 2: the text is in Latin-1", "="),
                ("line 2, $[0]: the row has more than 16777216 bytes", "="),
                ("line 2, $[0]: there are more than 128 brackets in one another", "="),
                ("line 2, $[0]: c: the member stands twice", "2 events 2 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("line 2, $[0]: specversion: version \u{201c}9.9\u{201d} of CloudEvents", "2 events 2 unknown-version"),
            ],
            ..of(Format::CloudEvents, "cloudevents/sample.json")
        },
        Importer {
            duplicate: ("\"name\":\"d\"", "\"name\":\"c\""),
            id: "e1",
            version: ("{\"objectTypes\"", "{\"ocel:version\":\"1.0\",\"objectTypes\""),
            outcomes: [
                ("line 9, $.events[2]: the file ends here, in the middle of it", "="),
                ("line 7: the text is in Latin-1", "="),
                ("line 7, $.events[0]: the row has more than 16777216 bytes", "="),
                ("line 7, $.events[0]: there are more than 128 brackets in one another", "="),
                ("line 8, $.events[1]: c: the attribute stands twice", "5 events 8 duplicate-member"),
                ("6 events", "="),
                ("6 events", "="),
                ("6 events", "="),
            ],
            ..of(Format::Ocel2, "ocel2/sample.json")
        },
        Importer {
            version: ("\"eventNumber\":0", "\"eventNumber\":\"x\""),
            outcomes: [
                ("line 3, $.entries[1]: the file ends here, in the middle of it", "="),
                ("line 3: the text is in Latin-1", "="),
                ("line 3, $.entries[1]: the row has more than 16777216 bytes", "="),
                ("line 3, $.entries[1]: there are more than 128 brackets in one another", "="),
                ("line 3, $.entries[1]: c: the member stands twice", "1 events 3 duplicate-member"),
                ("2 events", "="),
                ("2 events", "="),
                ("2 events", "="),
            ],
            ..of(Format::KurrentDb, "kurrentdb/sample.json")
        },
        Importer {
            time: ("1773481267000", "-300000000000"),
            later: "1773481269000",
            id: "@@INIT",
            version: ("\"nextActionId\":3", "\"version\":\"9.9\""),
            outcomes: [
                ("line 5, $.computedStates[1]: the file ends here, in the middle of it", "="),
                ("line 3: the text is in Latin-1", "="),
                ("line 3, $.actionsById[\"1\"]: the row has more than 16777216 bytes", "="),
                ("line 3, $.actionsById[\"1\"]: there are more than 128 brackets in one another", "="),
                ("line 4, $.actionsById[\"2\"].action: c: the member stands twice", "2 events 4 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::ReduxDevTools, "redux-devtools/sample.json")
        },
        Importer {
            duplicate: ("\"position\":2", "\"id\":\"x\""),
            version: ("{\"leftfold\":1", "{\"leftfold\":9"),
            outcomes: [
                ("line 4: not JSON at column", "the file is not as it was written: it has 2 events"),
                ("line 2: the text is in Latin-1", "="),
                ("line 2: the row has more than 34340864 bytes", "="),
                ("the file is not as it was written: the hash chain", "="),
                ("line 3: duplicate field `id`", "the file is not as it was written"),
                ("the file is not as it was written: the hash chain", "="),
                ("line 2: id: \u{201c}NA\u{201d} is not a UUID", "the file is not as it was written: it has 2 events"),
                ("the file has version 9 of format leftfold, and at most 1", "="),
            ],
            ..of(Format::Leftfold, "leftfold/sample.ndjson")
        },
        Importer {
            duplicate: ("\"seq_id\":2", "\"seq_id\":2,\"seq_id\":2"),
            version: ("\"version\":1", "\"version\":\"x\""),
            outcomes: [
                ("line 3: not JSON at column", "2 events 3 not-json"),
                ("line 1: the text is in Latin-1", "="),
                ("line 1: the row has more than 16777216 bytes", "="),
                ("3 events", "="),
                ("line 2: seq_id: the member stands twice", "2 events 2 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("line 1: version: \u{201c}x\u{201d} is not a whole number", "2 events 1 wrong-kind"),
            ],
            ..of(Format::Marten, "marten/sample.ndjson")
        },
        Importer {
            duplicate: ("metaData", "globalIndex"),
            deep: "\"\"café\"\"",
            version: (",1.0,", ",x,"),
            outcomes: [
                ("line 4: timeStamp: \u{201c}2\u{201d} is not a time", "2 events 4 unreadable-time"),
                ("line 2: the text is in Latin-1", "="),
                ("line 2: the row has more than 16777216 bytes", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::Axon, "axon/sample.csv")
        },
        Importer {
            duplicate: ("metadata", "data"),
            deep: "\"\"café\"\"",
            time: ("2026-03-14 09:41:07", EARLY),
            later: "2026-03-14 09:43:00",
            version: ("\"\"schemaVersion\"\":2", "\"\"schemaVersion\"\":\"\"x\"\""),
            outcomes: [
                ("3 events", "="),
                ("line 2: the text is in Latin-1", "="),
                ("line 2: the row has more than 16777216 bytes", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::MessageDb, "message-db/sample.csv")
        },
        Importer {
            duplicate: ("\"message_kind\":\"C\"", "\"message_id\":\"C\""),
            version: ("\"message_schema_version\":\"1\"", "\"message_schema_version\":\"x\""),
            outcomes: [
                ("line 4, $[2]: the file ends here, in the middle of it", "="),
                ("line 2: the text is in Latin-1", "="),
                ("line 2, $[0]: the row has more than 16777216 bytes", "="),
                ("line 2, $[0]: there are more than 128 brackets in one another", "="),
                ("line 3, $[1]: message_id: the member stands twice", "2 events 3 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::Emmett, "emmett/sample.json")
        },
        Importer {
            duplicate: ("\"payload\":\"{}\"", "\"payload\":1,\"payload\":2"),
            id: "7",
            version: ("\"1.0\"", "\"x\""),
            outcomes: [
                ("line 3: not JSON at column", "2 events 3 not-json"),
                ("line 1: the text is in Latin-1", "="),
                ("line 1: the row has more than 16777216 bytes", "="),
                ("3 events", "="),
                ("line 2: payload: the member stands twice", "2 events 2 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("3 events", "="),
            ],
            ..of(Format::CqrsEs, "cqrs-es/sample.ndjson")
        },
        Importer {
            duplicate: ("\"notification_id\":2", "\"topic\":\"x\""),
            deep: "\\\"café\\\"",
            id: "order-7",
            version: ("\"originator_version\":1", "\"originator_version\":\"x\""),
            outcomes: [
                ("line 3: not JSON at column", "2 events 3 not-json"),
                ("line 1: the text is in Latin-1", "="),
                ("line 1: the row has more than 16777216 bytes", "="),
                ("3 events", "="),
                ("line 2: topic: the member stands twice", "2 events 2 duplicate-member"),
                ("3 events", "="),
                ("3 events", "="),
                ("line 1: originator_version: \u{201c}x\u{201d} is not a whole number", "2 events 1 wrong-kind"),
            ],
            ..of(Format::EventSourcing, "eventsourcing/sample.ndjson")
        },
    ]
}
