//! XES. The files here are made by hand from the standard's list of elements; real ones are among the real data.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Field, FieldSource, Format, ImportOptions, ImportOrder, Mapping, preview};
use super::chunked::{rows, sizes};
use super::faults::check;
use super::{all, import_into, imported, show, store};

const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand --><?a pi?>
<log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="unknown"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="of the log" value="a"><int key="nested" value="1"/></string>
  <trace>
    <string key="concept:name" value="7"/>
    <float key="budget" value="1500.50"/>
    <event>
      <string key="concept:name" value="decide &amp; &lt;note&gt; &#233;"/>
      <date key="time:timestamp" value="2010-12-30T14:32:00.000+01:00"/>
      <string key='lifecycle:transition' value='start'/>
      <int key="units" value="007"/><float key="rate" value="2.50"/><float key="odd" value="NaN"/>
      <boolean key="urgent" value="true"/><date key="due" value="2011-01-01"/>
      <id key="identity:id" value="0198c0de-0000-7000-8000-000000000001"/>
      <list key="steps"><values><string key="s" value="a"/><string key="s" value="b"/></values></list>
      <container key="by"><string key="name" value="Pete"/><int key="level" value="2"/></container>
      <string key="site" value="x"><string key="floor" value="3"/></string>
      <unknown><string key="a" value="b"/></unknown>some text<![CDATA[ <event> ]]>
    </event>
    <event><string key="concept:name" value="pay"/><string key="lifecycle:transition" value="COMPLETE"/><date key="time:timestamp" value="1969-12-31T23:59:59"/></event>
  </trace>
  <trace><string key="concept:name" value="empty"/></trace>
</log>
<!-- the end -->
"#;

#[test]
fn everything_of_an_event_is_kept() {
    let options = ImportOptions { category: Some("case".into()), ..ImportOptions::default() };
    let first = concat!(
        r#"case-7 decide & <note> é+start 2010-12-30T13:32:00Z v1 {"lifecycle:transition":"start","units":7,"rate":2.50,"#,
        r#""odd":"NaN","urgent":true,"due":"2011-01-01","steps":[{"s":"a"},{"s":"b"}],"by":{"name":"Pete","level":2},"#,
        r#""site":{"value":"x","attributes":{"floor":"3"}}} {"case:budget":1500.50} []"#
    );
    let second = r#"case-7 pay 1969-12-31T23:59:59Z v1 {"lifecycle:transition":"COMPLETE"} {} []"#;
    assert_eq!(imported(SAMPLE, &options), [first, second]);
    // A byte order mark and other line ends change nothing.
    assert_eq!(imported(&format!("\u{feff}{}", SAMPLE.replace('\n', "\r\n")), &options), [first, second]);

    let store = store();
    let report = import_into(&store, SAMPLE.as_bytes(), &options).unwrap();
    assert_eq!((report.format, report.events, report.streams), (Format::Xes, 2, 1));
    assert_eq!(all(&store)[0].id().to_string(), "0198c0de-0000-7000-8000-000000000001");
    let again = import_into(&store, SAMPLE.as_bytes(), &options).unwrap();
    assert_eq!((again.events, again.duplicates), (0, 2));
    assert_eq!(all(&store).iter().map(show).collect::<Vec<_>>(), [first, second]);
}

#[test]
fn a_preview_has_the_attributes_as_columns() {
    let preview = preview(SAMPLE.as_bytes(), true, &ImportOptions::default(), 10).unwrap();
    let columns = [
        "concept:name",
        "time:timestamp",
        "lifecycle:transition",
        "units",
        "rate",
        "odd",
        "urgent",
        "due",
        "identity:id",
        "steps",
        "by",
        "site",
        "case:concept:name",
        "case:budget",
    ];
    assert_eq!(preview.columns, columns);
    assert_eq!((preview.events, preview.missing(), preview.fault_count), (2, vec![], 0));
    assert_eq!(preview.mapping.id, Some(FieldSource::Column("identity:id".into())));
    assert_eq!(preview.rows[0].cells[9], r#"[{"s":"a"},{"s":"b"}]"#);
    assert_eq!((preview.rows[1].line, &*preview.rows[1].cells[12]), (23, "7"));
}

#[test]
fn a_mapping_may_name_other_attributes() {
    let mut mapping = Mapping::default();
    mapping.set(Field::Stream, Some(FieldSource::from("due")));
    mapping.set(Field::Type, Some(FieldSource::from("=Done")));
    mapping.set(Field::Time, Some(FieldSource::Nowhere));
    let options = ImportOptions { mapping, on_invalid: super::super::OnInvalid::Skip, ..ImportOptions::default() };
    let store = store();
    let report = import_into(&store, SAMPLE.as_bytes(), &options).unwrap();
    assert_eq!((report.events, report.skipped_count, report.skipped[0].line), (1, 1, 23));
    let event = &all(&store)[0];
    assert_eq!((event.stream().as_str(), event.event_type().as_str()), ("2011-01-01", "Done"));
    let metadata: Value = serde_json::from_slice(event.metadata()).unwrap();
    assert_eq!(metadata, json!({"case:concept:name": "7", "case:budget": 1500.5}));
}

fn log(events: &str) -> String {
    format!("<log><trace>\n<string key=\"concept:name\" value=\"t\"/>\n{events}</trace></log>")
}

fn event(rest: &str) -> String {
    format!("<event><string key=\"concept:name\" value=\"A\"/>{rest}</event>\n")
}

#[test]
fn invalid_events_are_named_by_line_and_kind() {
    let cases = [
        (
            event("<int key=\"a\" value=\"1\"/><int key=\"a\" value=\"1\"/>"),
            "4 duplicate-member",
            "a: the key stands twice in the event",
        ),
        (
            event("<container key=\"c\"><int key=\"a\" value=\"1\"/><int key=\"a\" value=\"1\"/></container>"),
            "4 duplicate-member",
            "a: the key stands twice in one attribute",
        ),
        (
            "<event><string key=\"x\" value=\"A\"/></event>".to_owned(),
            "4 missing-value",
            "concept:name: the type is empty",
        ),
        (event("<string value=\"1\"/>"), "4 missing-value", "the attribute (string) has no key"),
        (event("<string key=\"a\"/>"), "4 missing-value", "a: there is no value"),
        (
            "<event><list key=\"concept:name\"/></event>".to_owned(),
            "4 wrong-kind",
            "a list or container cannot be a field",
        ),
        (
            "<string key=\"late\" value=\"1\"/>\n".to_owned(),
            "4 misplaced",
            "late: an attribute of a trace must stand before",
        ),
        (
            "<event><string key=\"concept:name\" value=\"a&#1;\"/></event>".to_owned(),
            "4 invalid-name",
            "control character",
        ),
        (
            format!("<event><string key=\"concept:name\" value=\"{}\"/></event>", "t".repeat(300)),
            "4 too-large",
            "300 bytes",
        ),
    ];
    for (wrong, fault, message) in cases {
        let (stop, skip) = check(log(&format!("{}{wrong}{}", event(""), event(""))).as_bytes());
        assert!(stop.starts_with("line 4: ") && stop.contains(message), "{wrong}: {stop}");
        assert_eq!(skip, Ok((2, vec![fault.to_owned()])), "{wrong}");
    }
    let time = |text: &str| event(&format!("<date key=\"time:timestamp\" value=\"{text}\"/>"));
    let good = time("2020-01-01T00:00:00Z");
    for (wrong, fault) in [(time("soon"), "4 unreadable-time"), (event(""), "4 missing-value")] {
        let (_, skip) = check(log(&format!("{good}{wrong}{good}")).as_bytes());
        assert_eq!(skip, Ok((2, vec![fault.to_owned()])));
    }
}

#[test]
fn a_key_that_stands_twice_in_a_trace_is_left_out() {
    let key = "<string key=\"k\" value=\"1\"/>\n";
    let (stop, skip) = check(log(&format!("{key}{key}{}", event(""))).as_bytes());
    assert!(stop.starts_with("line 4: k: the key stands twice in the trace"), "{stop}");
    assert_eq!(skip, Ok((1, vec!["4 duplicate-member".to_owned()])));
}

#[test]
fn events_without_a_trace_or_a_name_of_it_are_faults() {
    let outside = format!(
        "{}<event><string key=\"concept:name\" value=\"B\"/></event></log>",
        log(&event("")).replace("</log>", "")
    );
    let (stop, skip) = check(outside.as_bytes());
    assert!(stop.ends_with("case:concept:name: the stream is empty"), "{stop}");
    assert_eq!(skip, Ok((1, vec!["4 missing-value".to_owned()])));
    let nameless = log(&event("")).replace("<string key=\"concept:name\" value=\"t\"/>", "");
    let (stop, _) = check(nameless.as_bytes());
    assert!(stop.starts_with("no column for the stream was found among concept:name"), "{stop}");
}

/// What makes the document as a whole doubtful stops the import always.
#[test]
fn documents_that_are_broken_are_refused() {
    let whole = log(&event(""));
    let bomb = format!("<?xml version=\"1.0\"?>\n<!DOCTYPE log [<!ENTITY a \"&b;&b;\">]>\n{whole}");
    let entity = log(&event("<string key=\"a\" value=\"&b;\"/>"));
    let deep = format!("<log>\n{}", "<trace>".repeat(200));
    let long_tag = format!("<log>\n<trace>\n<string key=\"a\" value=\"{}\"/>", "x".repeat(17 << 20));
    let attribute = format!("<string key=\"a\" value=\"{}\"/>", "x".repeat(1 << 20));
    let long_event = log(&format!("<event>\n{}", attribute.repeat(17)));
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<log>\n<string key=\"caf\xE9\" value=\"1\"/></log>";
    let declared = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<log>\n<string key=\"é\" value=\"1\"/></log>";
    let cases: [(&[u8], &str); 18] = [
        (
            &whole.as_bytes()[..whole.len() - 1],
            "line 4, /log: the file ends here, in the middle of it; was it cut off?",
        ),
        (&whole.as_bytes()[..40], "line 2, /log/trace: the file ends here"),
        (b"<log><!-- ", "line 1, /log: the file ends here"),
        (b"<log>\n</trace></log>", "line 2, /log: </trace> stands where </log> is expected"),
        (b"<log></log></log>", "line 1, /: </log> closes an element that is not open"),
        (b"<log/>\n<log/>", "line 2, /: there is a second root element"),
        (b"<log/>\nand more", "line 2, /: there is text outside of the root element"),
        (b"<log>< a></log>", "line 1, /log: \u{201c}\u{201d} is no name of an element"),
        (b"<log><a b></a></log>", "line 1, /log: position 3: "),
        (b"<log><a b='1' b='2'/></log>", "line 1, /log: position "),
        (b"<log><![CDTA[]]></log>", "line 1, /log: this markup is not XML"),
        (bomb.as_bytes(), "line 2, /: document type definitions (DOCTYPE) are refused"),
        (entity.as_bytes(), "line 3, /log/trace/event: "),
        (deep.as_bytes(), "line 2, /log/trace/trace"),
        (long_tag.as_bytes(), "line 3, /log/trace: the tag has more than 16777216 bytes; is a quote not closed?"),
        (long_event.as_bytes(), "line 4, /log/trace/event/string: the event, or the head of its trace, has more than"),
        (latin, "line 3: the text is in Latin-1"),
        (declared.as_bytes(), "line 3: the text is in the other encoding that its first line names"),
    ];
    for (bytes, message) in cases {
        let (stop, skip) = check(bytes);
        assert!(stop.starts_with(message), "{stop:.300}, not {message}");
        assert_eq!(skip, Err(stop));
    }
}

/// Lines mean nothing to XML, and comments and what is passed over are not held.
#[test]
fn one_line_of_fifty_megabytes_is_read() {
    let filler = format!(
        "<!--{}--><global scope=\"event\">{}</global>",
        "x".repeat(20 << 20),
        "<int key=\"a\" value=\"1\"/>".repeat(1 << 20)
    );
    let text = log(&event("")).replace('\n', "").replace("<trace>", &format!("{filler}<trace>"));
    assert!(text.len() > 40 << 20 && !text.contains('\n'));
    assert_eq!(check(text.as_bytes()), ("1 events".to_owned(), Ok((1, Vec::new()))));
}

#[test]
fn events_out_of_time_order_keep_the_order_of_their_trace() {
    let timed = |name: &str, time: &str| {
        format!(
            "<event><string key=\"concept:name\" value=\"{name}\"/><date key=\"time:timestamp\" value=\"{time}\"/></event>"
        )
    };
    let first = log(&(timed("A", "2020-01-03") + &timed("B", "2020-01-01")));
    let second = log(&timed("C", "2020-01-02")).replace("\"t\"", "\"u\"");
    let text = first.replace("</log>", "") + &second.replace("<log>", "");
    let types = |order| {
        let options = ImportOptions { order, ..ImportOptions::default() };
        let shown = imported(&text, &options);
        shown.iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(types(None), ["C", "A", "B"]);
    assert_eq!(types(Some(ImportOrder::File)), ["A", "B", "C"]);
}

/// An id that is the text `NA` is none.
#[test]
fn an_id_that_says_none_is_derived() {
    let with_id = |id: &str| event(&format!("<id key=\"identity:id\" value=\"{id}\"/>"));
    let text = log(&(with_id("NA") + &with_id("NA")));
    assert_eq!(check(text.as_bytes()), ("2 events".to_owned(), Ok((2, Vec::new()))));
}

#[derive(Clone, Debug)]
struct Written {
    case: String,
    activity: String,
    micros: i64,
    attributes: Vec<(String, Value)>,
}

fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-z<>&\"'é漢🦀 ;/=]{1,12}").unwrap()
}

fn written() -> impl Strategy<Value = Written> {
    let value = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)).prop_filter("JSON has it", |number| !number.is_null()),
    ];
    let attributes =
        proptest::collection::btree_map("[a-d<]{1,3}", value, 0..4).prop_map(|map| map.into_iter().collect());
    let micros = -62_000_000_000_000_000_i64..253_000_000_000_000_000;
    ("[a-c&]", text(), micros, attributes).prop_map(|(case, activity, micros, attributes)| Written {
        case,
        activity,
        micros,
        attributes,
    })
}

fn xes(events: &[Written]) -> String {
    let escape = |text: &str| quick_xml::escape::escape(text.to_owned()).into_owned();
    let mut out = "<?xml version=\"1.0\"?>\n<log>".to_owned();
    for event in events {
        let time = crate::domain::Timestamp::from_micros(event.micros).unwrap();
        write!(
            out,
            "<trace><string key=\"concept:name\" value=\"{}\"/><!-- > -->\n<event><date value='{time}' key='time:timestamp'/>\
             <string key=\"concept:name\" value=\"{}\"></string>",
            escape(&event.case),
            escape(&event.activity),
        )
        .unwrap();
        for (key, value) in &event.attributes {
            let (kind, value) = match value {
                Value::String(text) => ("string", text.clone()),
                Value::Bool(_) => ("boolean", value.to_string()),
                Value::Number(number) if number.is_f64() => ("float", value.to_string()),
                _ => ("int", value.to_string()),
            };
            write!(out, "\n<{kind} key=\"{}\" value=\"{}\"/>", escape(key), escape(&value)).unwrap();
        }
        out += "</event></trace>";
    }
    out + "</log>"
}

proptest! {
    #[test]
    fn xes_comes_back(events in proptest::collection::vec(written(), 1..30), sizes in sizes()) {
        let file = xes(&events);
        let options = ImportOptions { order: Some(ImportOrder::File), ..ImportOptions::default() };
        let store = store();
        let report = import_into(&store, file.as_bytes(), &options).unwrap();
        prop_assert_eq!((report.events as usize, report.duplicates), (events.len(), 0));
        for (event, found) in events.iter().zip(all(&store)) {
            prop_assert_eq!(found.stream().as_str(), &event.case);
            prop_assert_eq!(found.event_type().as_str(), &event.activity);
            prop_assert_eq!(found.time().as_micros(), event.micros);
            let data = Value::Object(event.attributes.iter().cloned().collect()).to_string();
            prop_assert_eq!(found.data(), data.as_bytes());
        }
        prop_assert_eq!(rows(file.as_bytes(), &sizes, None), rows(file.as_bytes(), &[usize::MAX], None));
    }

    #[test]
    fn chunks_change_nothing_about_what_is_wrong(
        events in proptest::collection::vec(written(), 1..150),
        wounds in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        sizes in sizes(),
    ) {
        let mut file = xes(&events).into_bytes();
        for (place, byte) in wounds {
            let place = place.index(file.len());
            file[place] = byte;
        }
        prop_assert_eq!(rows(&file, &sizes, Some(Format::Xes)), rows(&file, &[usize::MAX], Some(Format::Xes)));
    }

    #[test]
    fn any_markup_is_read_or_refused(text in "(<|>|/|log|trace|event|string|list|values| key=\"a\"| value='b'|&amp;|&|!|--|\\?|\\[CDATA\\[|\\]\\]|\n|é){0,60}") {
        let _ = rows(text.as_bytes(), &[3], Some(Format::Xes));
        let _ = rows(format!("<log><trace><event>{text}").as_bytes(), &[5], Some(Format::Xes));
    }
}
