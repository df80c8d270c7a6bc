//! The splitter against serde_json as the model, and what it says about documents that are none.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;

const NAMES: &[&str] = &["events", "objects"];

/// Items as line, path and text; and how the document ended.
type Found = (Vec<(u64, String, String)>, Result<(), String>);

/// The items of a document in chunks of these sizes, up to the error if there is one.
fn split(document: &[u8], cut: Cut, sizes: &[usize]) -> Found {
    let (mut splitter, mut items, mut rest) = (JsonSplitter::new(cut), Vec::new(), document);
    let mut take = |item: Item<'_>| {
        items.push((item.line, item.path(), item.text.to_owned()));
        Ok(())
    };
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at(rest.len().min(*size));
        rest = after;
        if let Err(error) = splitter.push(chunk, &mut take) {
            return (items, Err(error.to_string()));
        }
        if rest.is_empty() {
            break;
        }
    }
    let end = splitter.finish().map_err(|error| error.to_string());
    (items, end)
}

fn shown(document: &str, cut: Cut) -> Vec<String> {
    let (items, end) = split(document.as_bytes(), cut, &[usize::MAX]);
    assert_eq!(end, Ok(()), "{document}");
    items.into_iter().map(|(line, path, text)| format!("{line} {path} {text}")).collect()
}

#[test]
fn an_array_is_cut_into_its_elements() {
    assert_eq!(shown("[]", Cut::Elements), Vec::<String>::new());
    assert_eq!(
        shown("\r\n[ {\"a\": [1,\n2]},\n\"x]\\\"\" ,-1.5e+3,null , [ ],\rtrue]\n", Cut::Elements),
        ["2 $[0] {\"a\": [1,\n2]}", "4 $[1] \"x]\\\"\"", "4 $[2] -1.5e+3", "4 $[3] null", "4 $[4] [ ]", "5 $[5] true"]
    );
}

#[test]
fn chosen_members_of_an_object_are_cut_once_more() {
    let document = "{ \"version\":1,\n\"events\": [ {\"id\":\"e\"},2 ],\n \"events \":[3],\"objects\":{\"o 1\":{},\"b\":4},\
                    \"rest\":{\"events\":[5]}}";
    assert_eq!(
        shown(document, Cut::Members(NAMES)),
        [
            "1 $.version 1",
            "2 $.events[0] {\"id\":\"e\"}",
            "2 $.events[1] 2",
            "3 $[\"events \"] [3]",
            "3 $.objects[\"o 1\"] {}",
            "3 $.objects.b 4",
            "3 $.rest {\"events\":[5]}",
        ]
    );
    assert_eq!(shown("{\"events\":null,\"objects\":{}}", Cut::Members(NAMES)), ["1 $.events null"]);
}

#[test]
fn a_root_object_can_be_one_item() {
    assert_eq!(shown(" {\n\"a\":1}\n", Cut::ElementsOrObject), ["1 $ {\n\"a\":1}"]);
    assert_eq!(shown("[{},{}]", Cut::ElementsOrObject), ["1 $[0] {}", "1 $[1] {}"]);
}

#[test]
fn broken_documents_are_refused_with_line_and_path() {
    let deep = format!("[{}", "[".repeat(128));
    let cases: [(&str, &[u8], &str); 22] = [
        ("a", b"", "the file is empty"),
        ("a", b"[{\"a\":1},\n{\"b\":", "line 2, $[1]: the file ends here, in the middle of it; was it cut off?"),
        ("a", b"[1,\n", "line 2, $[1]: the file ends here"),
        ("a", b"[\"\\", "line 1, $[0]: the file ends here"),
        ("a", b"[1]\n[2]", "line 2, $: there is more text after the end of the document"),
        ("a", b"[1,]", "line 1, $[1]: a value is expected, not \u{201c}]\u{201d}"),
        ("a", b"[1 2]", "line 1, $[0]: a comma or the closing bracket is expected, not \u{201c}2\u{201d}"),
        ("a", b"[1:2]", "line 1, $[0]: a comma or the closing bracket is expected, not \u{201c}:\u{201d}"),
        ("a", b"[1}", "line 1, $[0]: the closing bracket is not of the kind"),
        ("a", b"[\n{\"a\":[1}\n]", "line 2, $[0]: the closing bracket is not of the kind"),
        ("a", b"[\xC3\xA9]", "line 1, $[0]: a value is expected, not another character"),
        ("a", b"[1,\n\n\"a\n\xE9\"]", "line 4: the text is in"),
        ("a", b"{}", "line 1, $: an array is expected, not \u{201c}{\u{201d}"),
        ("m", b"[]", "line 1, $: an object is expected, not \u{201c}[\u{201d}"),
        ("o", b"7", "line 1, $: an array or an object is expected, not \u{201c}7\u{201d}"),
        ("m", b"{\"a\" 1}", "line 1, $.a: a colon is expected, not \u{201c}1\u{201d}"),
        ("m", b"{a:1}", "line 1, $: a member name in quotes is expected, not \u{201c}a\u{201d}"),
        ("m", b"{\"a\":1,}", "line 1, $: a member name in quotes is expected, not \u{201c}}\u{201d}"),
        ("m", b"{\"\\ud800\":1}", "line 1, $: a member name is not a text"),
        ("m", b"{\"events\":[],\n\"events\":[1]}", "line 2, $.events: the member stands twice in the document"),
        ("m", b"{\"events\":[1,{\"x\":[}]}", "line 1, $.events[1]: the closing bracket is not of the kind"),
        ("a", deep.as_bytes(), "line 1, $[0]: there are more than 128 brackets in one another"),
    ];
    for (cut, document, expected) in cases {
        let cut = match cut {
            "a" => Cut::Elements,
            "o" => Cut::ElementsOrObject,
            _ => Cut::Members(NAMES),
        };
        for sizes in [usize::MAX, 1] {
            let error = split(document, cut, &[sizes]).1.expect_err("broken");
            assert!(error.starts_with(expected), "{error}");
        }
    }
    let just = format!("{}{}", "[".repeat(128), "]".repeat(128));
    assert_eq!(split(just.as_bytes(), Cut::Elements, &[usize::MAX]).1, Ok(()));
}

#[test]
fn an_item_has_a_longest_length_and_a_document_has_none() {
    let most = format!("\"{}\"", "x".repeat(MAX_ROW_BYTES - 2));
    let document = format!("[{most},\n{most}]");
    let (items, end) = split(document.as_bytes(), Cut::Elements, &[100_000]);
    assert_eq!((items.len(), end), (2, Ok(())));
    let document = format!("[{most},\n{}]", most.replacen('x', "xx", 1));
    for sizes in [usize::MAX, 100_000] {
        let (items, end) = split(document.as_bytes(), Cut::Elements, &[sizes]);
        assert_eq!((items.len(), end), (1, Err("line 2, $[1]: the row has more than 16777216 bytes".to_owned())));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a\"\\\\\\]\\}\\[\\{,:\n\u{e9}\u{1f600}]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(name(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("events".to_owned()), Just("objects".to_owned()), "[a-c\"\\\\ ]{0,3}"]
}

fn cut() -> impl Strategy<Value = Cut> {
    prop_oneof![Just(Cut::Elements), Just(Cut::ElementsOrObject), Just(Cut::Members(NAMES))]
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![1..4_usize, 1..40_usize], 1..6)
}

fn text(value: &Value, is_pretty: bool) -> String {
    if is_pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) }.expect("a value")
}

/// What serde_json finds in a document, as `path value`; `None` for a root that is not to be cut.
fn model(document: &Value, cut: Cut) -> Option<Vec<(String, Value)>> {
    let key = |name: &str| {
        let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_plain { format!(".{name}") } else { format!("[{}]", Value::from(name)) }
    };
    let elements = |path: &str, array: &[Value]| -> Vec<_> {
        array.iter().enumerate().map(|(n, value)| (format!("{path}[{n}]"), value.clone())).collect()
    };
    match (cut, document) {
        (Cut::Elements | Cut::ElementsOrObject, Value::Array(array)) => Some(elements("$", array)),
        (Cut::ElementsOrObject, Value::Object(_)) => Some(vec![("$".to_owned(), document.clone())]),
        (Cut::Members(names), Value::Object(members)) => {
            let cut = |(name, value): (&String, &Value)| {
                let path = format!("${}", key(name));
                match value {
                    Value::Array(array) if names.contains(&name.as_str()) => elements(&path, array),
                    Value::Object(inner) if names.contains(&name.as_str()) => {
                        inner.iter().map(|(name, value)| (format!("{path}{}", key(name)), value.clone())).collect()
                    }
                    value => vec![(path, value.clone())],
                }
            };
            Some(members.iter().flat_map(cut).collect())
        }
        _ => None,
    }
}

proptest! {
    #[test]
    fn the_items_are_those_that_serde_json_finds(
        value in value(), is_pretty in any::<bool>(), cut in cut(), sizes in sizes(),
    ) {
        let document = text(&value, is_pretty);
        // Numbers lose digits on their way through a text; the model reads the text too.
        let expected = model(&serde_json::from_str(&document).unwrap(), cut);
        let (items, end) = split(document.as_bytes(), cut, &sizes);
        prop_assert_eq!(end.is_ok(), expected.is_some(), "{:?}", end);
        for (_, _, text) in &items {
            let raw: &RawValue = serde_json::from_str(text).unwrap();
            prop_assert_eq!(raw.get(), text);
        }
        let found = items.into_iter().map(|(_, path, text)| (path, serde_json::from_str(&text).unwrap()));
        prop_assert_eq!(found.collect::<Vec<(String, Value)>>(), expected.unwrap_or_default());
    }

    /// A document with wounds is refused, or one of its items is, exactly when serde_json refuses it; whatever the chunks.
    #[test]
    fn a_broken_document_never_passes(
        value in proptest::collection::vec(value(), 0..6).prop_map(Value::from),
        is_pretty in any::<bool>(),
        wounds in proptest::collection::vec(
            (any::<prop::sample::Index>(), prop_oneof![proptest::sample::select(b"[]{},:\"\\ 0-eu\n\xFF".to_vec()), any::<u8>()]),
            0..3,
        ),
        sizes in sizes(),
    ) {
        let mut document = text(&value, is_pretty).into_bytes();
        for (place, byte) in wounds {
            let place = place.index(document.len());
            document[place] = byte;
        }
        let (items, end) = split(&document, Cut::Elements, &sizes);
        let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let passes = end.is_ok() && items.iter().all(|(_, _, text)| is_json(text));
        let expected = std::str::from_utf8(&document).is_ok_and(|text| is_json(text) && text.trim_start().starts_with('['));
        prop_assert_eq!(passes, expected, "{:?}", end);
        prop_assert_eq!(split(&document, Cut::Elements, &[usize::MAX]), (items, end));
    }

    #[test]
    fn any_bytes_are_cut_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in cut(), head in "(|\\[|\\{\"events\":)") {
        let document = [head.as_bytes(), &bytes[..]].concat();
        prop_assert_eq!(split(&document, cut, &[1]), split(&document, cut, &[usize::MAX]));
    }
}
