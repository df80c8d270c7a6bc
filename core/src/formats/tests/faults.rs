//! Bad input: what is said about it, and that nothing of it is stored.

use super::super::{ImportError, ImportOptions, MAX_LISTED_ROWS, MAX_ROW_BYTES, OnInvalid};
use super::{all, import_into, store};

/// Imports twice. Stopping, nothing may be stored, and the error is given. Skipping, these are the events stored and the
/// faults as `line code`.
pub(super) fn check(bytes: &[u8]) -> (String, Result<(usize, Vec<String>), String>) {
    let stopping = store();
    let stop = match import_into(&stopping, bytes, &ImportOptions::default()) {
        Ok(report) => format!("{} events", report.events),
        Err(error) => {
            assert!(all(&stopping).is_empty(), "something was stored in spite of: {error}");
            error.to_string()
        }
    };
    let skipping = store();
    let options = ImportOptions { on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
    let skip = import_into(&skipping, bytes, &options).map_err(|error| error.to_string()).map(|report| {
        assert_eq!(report.skipped_count as usize, report.skipped.len());
        assert_eq!(report.events as usize, all(&skipping).len());
        let faults = report.skipped.iter().map(|fault| format!("{} {}", fault.line, fault.code));
        (report.events as usize, faults.collect())
    });
    (stop, skip)
}

#[test]
fn invalid_rows_are_named_by_line_and_kind() {
    const HEAD: &str = "stream,type,time,schema_version,x\n";
    let good = "s,A,2020-01-01,1,x\n";
    let long = "t".repeat(300);
    let cases = [
        (
            format!("{good}s,A,2020-01-01,1\n{good}"),
            "3 wrong-column-count",
            "the row has 4 columns, but the header has 5",
        ),
        (format!("s,A,2020-01-01,1,\"a\nb\",7\n{good}{good}"), "2 wrong-column-count", "the row has 6 columns"),
        (format!("{good}{good}s,A,2020-01-01,1,\"never\nclosed"), "4 quote-not-closed", "never closed"),
        (format!("{good}\r\n\n,A,2020-01-01,1,x\n{good}"), "5 missing-value", "stream: the stream is empty"),
        (format!("{good}s,,2020-01-01,1,x\n{good}"), "3 missing-value", "type: the type is empty"),
        (format!("{good}s,A,,1,x\n{good}"), "3 missing-value", "time: the time is empty"),
        (
            format!("{good}s,A,14/03/26 9:41,1,x\n{good}"),
            "3 unreadable-time",
            "time: \u{201c}14/03/26 9:41\u{201d} is not a time",
        ),
        (format!("{good}s,A,+12026-01-01T00:00:00Z,1,x\n{good}"), "3 unreadable-time", "is not a time"),
        (
            format!("{good}{good}s,A\u{1},2020-01-01,1,x\n"),
            "4 invalid-name",
            "type: the event type holds the control character U+0001",
        ),
        (format!("{good}s,{long},2020-01-01,1,x\n{good}"), "3 too-large", "the event type has 300 bytes; at most 255"),
    ];
    for (rows, fault, message) in cases {
        let (stop, skip) = check(format!("{HEAD}{rows}").as_bytes());
        let line = fault.split(' ').next().unwrap();
        assert!(stop.starts_with(&format!("line {line}: ")) && stop.contains(message), "{rows:?}: {stop}");
        assert_eq!(skip, Ok((2, vec![fault.to_owned()])), "{rows:?}");
    }
}

#[test]
fn invalid_lines_of_ndjson_are_named_by_line_and_kind() {
    let good = "{\"stream\":\"s\",\"type\":\"A\",\"n\":1}\n";
    let long_tag = "t".repeat(300);
    let cases = [
        ("{\"stream\":\"s\",\"type\"\n".to_owned(), "not-json", "not JSON at column"),
        ("{\"stream\":\"s\"} {}\n".to_owned(), "not-json", "trailing characters"),
        ("[1]\n".to_owned(), "not-an-object", "JSON, but not an object"),
        ("null\n".to_owned(), "not-an-object", "JSON, but not an object"),
        (
            "{\"stream\":\"s\",\"stream\":\"s\",\"type\":\"A\"}\n".to_owned(),
            "duplicate-member",
            "stream: the member stands twice",
        ),
        ("{\"stream\":null,\"type\":\"A\"}\n".to_owned(), "missing-value", "stream: the stream is empty"),
        ("{\"stream\":\"s\",\"type\":\"\"}\n".to_owned(), "missing-value", "type: the type is empty"),
        ("{\"stream\":{},\"type\":\"A\"}\n".to_owned(), "wrong-kind", "a text or a number is expected, not an object"),
        ("{\"stream\":\"s\",\"type\":true}\n".to_owned(), "wrong-kind", "not a boolean"),
        ("{\"stream\":\"\\ud800\",\"type\":\"A\"}\n".to_owned(), "wrong-kind", "half a surrogate pair"),
        (
            format!("{{\"stream\":\"s\",\"type\":\"A\",\"tags\":[\"{long_tag}\"]}}\n"),
            "too-large",
            "tags: the tag has 300 bytes",
        ),
        ("{\"stream\":\"s\",\"type\":\"A\",\"n\":01}\n".to_owned(), "not-json", "not JSON at column"),
    ];
    for (line, code, message) in cases {
        let (stop, skip) = check(format!("{good}\n{line}{good}").as_bytes());
        assert!(stop.starts_with("line 3: ") && stop.contains(message), "{line}: {stop}");
        assert_eq!(skip, Ok((2, vec![format!("3 {code}")])), "{line}");
    }
}

/// The last line of a file that was cut off is a fault of that line, not of the file.
#[test]
fn a_truncated_file_has_one_invalid_row() {
    let (stop, skip) = check(b"{\"stream\":\"s\",\"type\":\"A\"}\n{\"stream\":\"s\",\"ty");
    assert!(stop.starts_with("line 2: not JSON at column 17: EOF"), "{stop}");
    assert_eq!(skip, Ok((1, vec!["2 not-json".to_owned()])));
}

#[test]
fn invalid_elements_of_an_array_are_named_by_line_and_path() {
    let good = "{\"stream\":\"s\",\"type\":\"A\",\"n\":1}";
    let cases = [
        ("{\"stream\":\"s\",\n\"type\":01}", "not-json", "not JSON at column 9 of its line 2"),
        ("[1]", "not-an-object", "the row is JSON, but not an object"),
        ("7", "not-an-object", "the row is JSON, but not an object"),
        ("tru", "not-json", "not JSON at column"),
        ("{\"stream\":\"s\",\"stream\":\"s\"}", "duplicate-member", "stream: the member stands twice"),
        ("{\"stream\":null,\"type\":\"A\"}", "missing-value", "stream: the stream is empty"),
        ("{\"stream\":\"\",\"type\":\"A\"}", "missing-value", "stream: the stream is empty"),
    ];
    for (element, code, message) in cases {
        let (stop, skip) = check(format!("[{good},\r\n{element},\n{good}\n]\n").as_bytes());
        assert!(stop.starts_with("line 2, $[1]: ") && stop.contains(message), "{element}: {stop}");
        assert_eq!(skip, Ok((2, vec![format!("2 {code}")])), "{element}");
    }
    let (stop, _) = check(format!("[{}{good},{{}}]", format!("{good},").repeat(150)).as_bytes());
    assert_eq!(stop, "line 1, $[151]: stream: the stream is empty");
}

#[test]
fn broken_arrays_stop_an_import_whatever_is_asked_for() {
    let good = "{\"stream\":\"s\",\"type\":\"A\"}";
    let long = "x".repeat(50 << 20);
    let deep = "[".repeat(100_000);
    let cases = [
        (format!("[{good},\n{{\"stream\":\"s\""), "line 2, $[1]: the file ends here"),
        (format!("[{good},\n{good}"), "line 2, $[1]: the file ends here"),
        (format!("[{good}]\n[{good}]"), "line 2, $: there is more text after the end"),
        (format!("[{good},]"), "line 1, $[1]: a value is expected"),
        (format!("[{good},\n{{\"a\":[}}]"), "line 2, $[1]: the closing bracket is not of the kind"),
        (format!("[{good},{{\"x\":\"{long}\"}}]"), "line 1, $[1]: the row has more than 16777216 bytes"),
        (format!("[{good},{{\"x\":{deep}"), "line 1, $[1]: there are more than 128 brackets"),
    ];
    for (text, message) in cases {
        let (stop, skip) = check(text.as_bytes());
        assert!(stop.starts_with(message), "{stop}");
        assert_eq!(skip, Err(stop));
    }
    let latin = [format!("[{good},\n{{\"type\":\"").as_bytes(), b"\xE9\"}]"].concat();
    assert!(check(&latin).0.starts_with("line 2: the text is in Latin-1"));
}

#[test]
fn an_array_without_events_stores_none() {
    assert_eq!(check(b" [ ]\n"), ("0 events".to_owned(), Ok((0, Vec::new()))));
}

#[test]
fn a_quote_inside_a_cell_is_a_character() {
    let (stop, skip) = check(b"stream,type,size\ns,A,5\" pipe\ns,A,a \"b\" \"c");
    assert_eq!((stop.as_str(), skip), ("2 events", Ok((2, Vec::new()))));
}

#[test]
fn faults_of_the_whole_file_stop_it_always() {
    let long_line = format!("{{\"stream\":\"s\",\"type\":\"A\"}}\n{{\"x\":\"{}\"}}", "x".repeat(50 << 20));
    let long_quote = format!("stream,type\ns,A\ns,\"{}", "xxxxxxx\n".repeat(MAX_ROW_BYTES / 8 + 1));
    let cases: [(&[u8], &str); 11] = [
        (b"", "the file is empty"),
        (b"\xEF\xBB\xBF\r\n", "the file is empty"),
        (
            b"stream,type\ns,caf\xE9 au lait\n",
            "line 2: the text is in Latin-1, Windows-1252 or another encoding, not UTF-8",
        ),
        (b"stream,type\ns,A\ns,\"b\n\xFF\xFF\"\n", "line 3: the text is in another encoding, not UTF-8"),
        (b"{\"stream\":\"s\",\"type\":\"A\"}\n{\"type\":\"\xE9\"}", "line 2: the text is in Latin-1"),
        (b"\xFF\xFEs\x00,\x00", "line 1: the text is UTF-16, not UTF-8"),
        (
            b"\x1F\x8B\x08\x00\x00",
            "the file is compressed with gzip, and was not unpacked; what is read here is ndjson",
        ),
        (b"{\n\"stream\":\"s\"}", "the file is one JSON document over many lines"),
        (b"<mxml/>", "the file is XML, but not XES"),
        (long_line.as_bytes(), "line 2: the row has more than 16777216 bytes"),
        (long_quote.as_bytes(), "line 3: the row has more than 16777216 bytes; is a quote not closed?"),
    ];
    for (bytes, message) in cases {
        let (stop, skip) = check(bytes);
        assert!(stop.starts_with(message), "{stop}");
        assert_eq!(skip, Err(stop));
    }
}

#[test]
fn the_codes_are_those_of_the_contract() {
    let code = |bytes: &[u8]| import_into(&store(), bytes, &ImportOptions::default()).unwrap_err().code();
    assert_eq!(code(b"<mxml/>"), "unsupported-format");
    assert_eq!(code(b"stream,type\ns\n"), "invalid-input");
    assert_eq!(ImportError::Aborted.code(), "aborted");
    assert_eq!(super::super::Format::parse("mxml").unwrap_err().code(), "unsupported-format");
}

#[test]
fn a_report_lists_the_first_faults_and_counts_all() {
    let text = format!("stream,type\ns,A\n{}", "s\n".repeat(MAX_LISTED_ROWS + 5));
    let options = ImportOptions { on_invalid: OnInvalid::Skip, ..ImportOptions::default() };
    let report = import_into(&store(), text.as_bytes(), &options).unwrap();
    assert_eq!((report.skipped.len(), report.skipped_count), (MAX_LISTED_ROWS, MAX_LISTED_ROWS as u64 + 5));
    assert_eq!(report.skipped[0].line, 3);
}

#[test]
fn files_of_faults_only_store_nothing_and_say_so() {
    let (stop, skip) = check(b"stream,type\n1\n2,3,4\n");
    assert_eq!(stop, "line 2: the row has 1 columns, but the header has 2");
    assert_eq!(skip, Ok((0, vec!["2 wrong-column-count".to_owned(), "3 wrong-column-count".to_owned()])));
    let (stop, skip) = check(b"{\"a\"\n{\"b\"\n");
    assert!(stop.starts_with("line 1: not JSON"), "{stop}");
    assert_eq!(skip, Ok((0, vec!["1 not-json".to_owned(), "2 not-json".to_owned()])));
    assert_eq!(check(b"stream,type\n"), ("0 events".to_owned(), Ok((0, Vec::new()))));
}

#[test]
fn an_id_given_twice_is_a_duplicate_or_a_fault() {
    let (stop, skip) = check(b"event_id,stream,type,x\n1,s,A,1\n2,s,A,1\n");
    assert_eq!((stop.as_str(), skip), ("2 events", Ok((2, Vec::new()))));
    let rows: String = (0..150).map(|n| format!("{n},s,A,1\n")).collect();
    let (stop, skip) = check(format!("event_id,stream,type,x\n{rows}149,s,A,1\n7,s,A,2\n").as_bytes());
    assert!(stop.starts_with("line 153: the id 7 stands in an earlier row with other content"), "{stop}");
    assert_eq!(skip, Ok((150, vec!["153 id-reused".to_owned()])));
}

/// Values are never looked into more deeply than their ends, so nesting costs no stack.
#[test]
fn deep_nesting_is_kept_as_text() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let store = store();
    let text = format!("{{\"stream\":\"s\",\"type\":\"A\",\"data\":{deep}}}\n");
    import_into(&store, text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(all(&store)[0].data(), deep.as_bytes());
}
