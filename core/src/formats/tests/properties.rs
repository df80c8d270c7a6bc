//! Random events written as a file and read back are equal, however the file is cut into chunks; random bytes are no
//! danger.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::format::ParsedRow;
use super::super::intake::Intake;
use super::super::order::Placed;
use super::super::parser::Parser;
use super::super::{Field, FieldSource, ImportError, ImportOptions, ImportOrder, Mapping, OnInvalid};
use crate::domain::{EventId, Timestamp};

/// An event before it is written.
#[derive(Clone, Debug)]
struct Written {
    stream: String,
    event_type: String,
    micros: i64,
    id: Option<u128>,
    schema_version: u32,
    data: Map<String, Value>,
    tags: Vec<String>,
}

fn name() -> impl Strategy<Value = String> {
    // No control characters, as names cannot hold them; separators, quotes and other scripts all the more.
    proptest::string::string_regex("[a-zA-Z0-9 ,;\t\"'|:é漢🦀_-]{1,12}")
        .unwrap()
        .prop_map(|text| text.replace('\t', "-"))
}

fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-z,;\"\r\n\t |é漢🦀\\\\{}-]{0,20}").unwrap()
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(text(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn written(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Written> {
    let data = proptest::collection::btree_map("[a-d]", value, 0..4).prop_map(|map| map.into_iter().collect());
    let id = proptest::option::of(1..u128::MAX);
    let tags = proptest::collection::btree_set(name(), 0..3).prop_map(|tags| tags.into_iter().collect());
    let micros = -62_000_000_000_000_000_i64..253_000_000_000_000_000;
    (name(), name(), micros, id, any::<u32>(), data, tags).prop_map(
        |(stream, event_type, micros, id, schema_version, data, tags)| Written {
            stream,
            event_type,
            micros,
            id,
            schema_version,
            data,
            tags,
        },
    )
}

fn id_text(event: &Written) -> String {
    event.id.map(|id| EventId::new(uuid::Uuid::from_u128(id)).to_string()).unwrap_or_default()
}

fn time_text(event: &Written) -> String {
    Timestamp::from_micros(event.micros).unwrap().to_string()
}

fn ndjson(events: &[Written], line_end: &str) -> Vec<u8> {
    let mut out = String::new();
    for event in events {
        let mut object = json!({
            "stream": event.stream, "type": event.event_type, "time": time_text(event),
            "schemaVersion": event.schema_version, "data": event.data, "tags": event.tags,
        });
        if event.id.is_some() {
            object["id"] = id_text(event).into();
        }
        out += &object.to_string();
        out += line_end;
    }
    out.into_bytes()
}

/// The lines of NDJSON as one array, on one line or over many.
fn json(events: &[Written], is_laid_out: bool, has_bom: bool) -> Vec<u8> {
    let text = String::from_utf8(ndjson(events, "\n")).unwrap();
    let rows: Vec<String> =
        text.lines().map(|line| if is_laid_out { line.replacen('{', "{\r\n\t", 1) } else { line.to_owned() }).collect();
    let text = format!("[{}]", rows.join(if is_laid_out { " ,\n " } else { "," }));
    if has_bom { format!("\u{feff}{text}") } else { text }.into_bytes()
}

const COLUMNS: [&str; 4] = ["a", "b", "c", "d"];

/// The data as CSV can hold it: texts, and no empty ones.
fn flat(event: &Written) -> Map<String, Value> {
    event.data.clone().into_iter().filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty())).collect()
}

fn csv(events: &[Written], delimiter: char, line_end: &str, has_bom: bool) -> Vec<u8> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let row = |cells: Vec<String>| {
        cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(&delimiter.to_string()) + line_end
    };
    let header = ["stream", "type", "time", "id", "schemaVersion"].iter().chain(&COLUMNS).map(ToString::to_string);
    let mut out = if has_bom { "\u{feff}".to_owned() } else { String::new() };
    out += &row(header.collect());
    for event in events {
        let fields = [
            event.stream.clone(),
            event.event_type.clone(),
            time_text(event),
            id_text(event),
            event.schema_version.to_string(),
        ];
        let cell = |column: &&str| flat(event).get(*column).and_then(Value::as_str).unwrap_or_default().to_owned();
        out += &row(fields.into_iter().chain(COLUMNS.iter().map(cell)).collect());
    }
    out.into_bytes()
}

fn in_file_order() -> ImportOptions {
    let mut mapping = Mapping::default();
    for field in Field::ALL {
        mapping.set(field, Some(FieldSource::Column(field.name().to_owned())));
    }
    ImportOptions { mapping, order: Some(ImportOrder::File), ..ImportOptions::default() }
}

/// Reads a file that comes in chunks of the given sizes, over and over.
fn read(bytes: &[u8], sizes: &[usize], options: &ImportOptions) -> Result<Vec<Placed>, ImportError> {
    let (mut intake, mut out, mut rest) = (Intake::new(options)?, Vec::new(), bytes);
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at(rest.len().min(*size));
        intake.push(chunk, &mut out)?;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let (ordered, _, _) = intake.finish(&mut out)?;
    out.extend(ordered);
    Ok(out)
}

fn assert_equal(events: &[Written], found: &[Placed], with_rest: bool) -> Result<(), TestCaseError> {
    prop_assert_eq!(events.len(), found.len());
    for (event, (stream, read)) in events.iter().zip(found) {
        prop_assert_eq!(stream.as_str(), &event.stream);
        prop_assert_eq!(read.event_type().as_str(), &event.event_type);
        prop_assert_eq!(read.time().unwrap().as_micros(), event.micros);
        prop_assert_eq!(read.schema_version().0, event.schema_version);
        if let Some(id) = event.id {
            prop_assert_eq!(read.id().unwrap().uuid().as_u128(), id);
        }
        if with_rest {
            let data = Value::from(event.data.clone()).to_string();
            prop_assert_eq!(read.data().as_ref(), data.as_bytes());
            prop_assert_eq!(read.tags().iter().map(ToString::to_string).collect::<Vec<_>>(), event.tags.clone());
        } else {
            let data: Map<String, Value> = serde_json::from_slice(read.data()).unwrap();
            prop_assert_eq!(data, flat(event));
        }
    }
    let mut ids: Vec<_> = found.iter().map(|(_, event)| event.id()).collect();
    ids.sort();
    ids.dedup();
    prop_assert_eq!(ids.len(), found.len());
    Ok(())
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![1..4_usize, 1..200_usize, 1..100_000_usize], 1..6)
}

fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("\n"), Just("\r\n")]
}

/// Distinct ids, as those of a real log are.
fn distinct(mut events: Vec<Written>) -> Vec<Written> {
    let mut seen = std::collections::HashSet::new();
    for event in &mut events {
        if event.id.is_some_and(|id| !seen.insert(id)) {
            event.id = None;
        }
    }
    events
}

proptest! {
    #[test]
    fn ndjson_comes_back(
        events in proptest::collection::vec(written(json_value()), 1..30), line_end in line_end(), sizes in sizes(),
    ) {
        let events = distinct(events);
        let file = ndjson(&events, line_end);
        let found = read(&file, &sizes, &in_file_order()).unwrap();
        assert_equal(&events, &found, true)?;
        prop_assert_eq!(read(&file, &[usize::MAX], &in_file_order()).unwrap(), found);
    }

    #[test]
    fn a_json_array_comes_back(
        events in proptest::collection::vec(written(json_value()), 1..30),
        is_laid_out in any::<bool>(),
        has_bom in any::<bool>(),
        sizes in sizes(),
    ) {
        let events = distinct(events);
        let file = json(&events, is_laid_out, has_bom);
        let found = read(&file, &sizes, &in_file_order()).unwrap();
        assert_equal(&events, &found, true)?;
        prop_assert_eq!(read(&file, &[usize::MAX], &in_file_order()).unwrap(), found);
    }

    #[test]
    fn csv_comes_back(
        events in proptest::collection::vec(written(text().prop_map(Value::from)), 1..30),
        delimiter in prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')],
        line_end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        has_bom in any::<bool>(),
        sizes in sizes(),
    ) {
        let events = distinct(events);
        let file = csv(&events, delimiter, line_end, has_bom);
        let found = read(&file, &sizes, &in_file_order()).unwrap();
        assert_equal(&events, &found, false)?;
        prop_assert_eq!(read(&file, &[usize::MAX], &in_file_order()).unwrap(), found);
    }

    /// Half of the rows broken somewhere: the same rows and the same faults, whatever the chunks.
    #[test]
    fn chunks_change_nothing_about_faults(
        mut file in prop_oneof![
            proptest::collection::vec(written(json_value()), 1..200).prop_map(|events| ndjson(&events, "\n")),
            proptest::collection::vec(written(json_value()), 1..200).prop_map(|events| json(&events, true, false)),
            proptest::collection::vec(written(text().prop_map(Value::from)), 1..200).prop_map(|events| csv(&events, ';', "\n", true)),
        ],
        wounds in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        sizes in sizes(),
    ) {
        for (place, byte) in wounds {
            let place = place.index(file.len());
            file[place] = byte;
        }
        let rows = |sizes: &[usize]| {
            let options = ImportOptions { on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
            let (mut parser, mut out, mut rest) = (Parser::new(&options, true).unwrap(), Vec::new(), &file[..]);
            let mut result = Ok(());
            for size in sizes.iter().cycle() {
                let (chunk, after) = rest.split_at(rest.len().min(*size));
                rest = after;
                result = parser.push(chunk, &mut out);
                if result.is_err() || rest.is_empty() {
                    break;
                }
            }
            let result = result.and_then(|()| parser.finish(&mut out)).map_err(|error| error.to_string());
            let show = |row: &ParsedRow| match &row.result {
                Ok(draft) => format!("{} {:?} {} {:?}", row.line, row.cells, draft.stream, draft.event),
                Err(fault) => format!("{} {:?} {fault} {}", row.line, row.cells, fault.code),
            };
            (result, out.iter().map(show).collect::<Vec<_>>())
        };
        prop_assert_eq!(rows(&sizes), rows(&[usize::MAX]));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), head in "(|\\{|a,b\n|stream,type\n|\\[)") {
        let file = [head.as_bytes(), &bytes[..]].concat();
        let options = ImportOptions { on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
        let _ = read(&file, &[7], &options);
        use super::super::Format::{Csv, EventSourcing, Json, Leftfold, Marten, Ndjson, Xes};
        for format in [Csv, Ndjson, Json, Leftfold, Xes, Marten, EventSourcing] {
            let _ = read(&file, &[13], &ImportOptions { format: Some(format), ..options.clone() });
        }
    }
}
