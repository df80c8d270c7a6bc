use super::*;

fn tree(before: &str, after: &str, openness: &Openness, changes_only: bool) -> FlatTree {
    let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
    let json_after = json(after);
    let changes = Changes::between(&json(before), &json_after);
    FlatTree::new(Arc::new(TreeValue { json: json_after, changes }), openness, changes_only)
}

fn check(before: &str, after: &str, openness: &Openness, changes_only: bool) -> Vec<String> {
    let tree = tree(before, after, openness, changes_only);
    let line = |number: usize| {
        let row = tree.row(number).expect("a row");
        assert_eq!(tree.find(&row.path), Some(number), "each row is found by its path");
        let parent = tree.parent(number).and_then(|parent| tree.row(parent)).map(|row| row.path);
        assert_eq!(parent.unwrap_or_default(), row.path[..row.depth()]);
        let mark = match &row.change {
            RowChange::None => " ".to_owned(),
            RowChange::Added => "+".to_owned(),
            RowChange::Changed { from, by } => format!("~({from}{})", by.as_deref().unwrap_or_default()),
            RowChange::Removed => "-".to_owned(),
            RowChange::Within { tally } => format!("{}:", tally.total()),
        };
        let value = match &row.shown {
            Shown::String(text) | Shown::Number(text) | Shown::Literal(text) => text.clone(),
            Shown::Container { label, is_open } => format!("{label}{}", if *is_open { "" } else { "…" }),
        };
        format!("{}{mark}{} {value}", "  ".repeat(row.depth()), row.key)
    };
    (0..tree.len()).map(line).collect()
}

fn open(depth: usize) -> Openness {
    Openness { open_depth: depth, toggled: BTreeMap::new() }
}

#[test]
fn members_stand_below_their_object() {
    let text = r#"{"a":"x","o":{"n":1,"l":[true,null]}}"#;
    let rows = check(text, text, &open(9), false);
    assert_eq!(rows, [" a \"x\"", " o 2 keys", "   n 1", "   l 2 items", "     0 true", "     1 null"]);
    assert_eq!(check(text, text, &open(0), false), [" a \"x\"", " o 2 keys…"]);
    assert_eq!(check("7", "7", &open(1), false), [" value 7"]);
    assert_eq!(check("7", "9", &open(1), false), ["~(7+2)value 9"]);
}

#[test]
fn changes_open_the_way_to_them() {
    let rows = check(r#"{"k":{"a":1,"b":[1,2]},"u":0}"#, r#"{"k":{"a":2,"b":[1],"n":{"x":1}},"u":0}"#, &open(0), false);
    assert_eq!(rows, ["3:k 3 keys", "  ~(1+1)a 2", "  1:b 1 item", "     0 1", "    -1 2", "  +n 1 key…", " u 0"]);
}

#[test]
fn what_is_new_or_gone_is_so_with_all_it_holds() {
    let rows = check(r#"{"g":{"x":{"y":1}}}"#, r#"{"n":{"x":[1]}}"#, &open(9), false);
    assert_eq!(rows, ["+n 1 key", "  +x 1 item", "    +0 1", "-g 1 key", "  -x 1 key", "    -y 1"]);
    assert_eq!(check(r#"{"a":1}"#, "null", &open(1), false), ["-a 1"]);
}

#[test]
fn changes_only_leaves_out_the_rest() {
    let rows = check(r#"{"k":{"a":1,"b":1},"u":0}"#, r#"{"k":{"a":2,"b":1},"u":0}"#, &open(0), true);
    assert_eq!(rows, ["1:k 2 keys", "  ~(1+1)a 2"]);
    assert!(check("7", "7", &open(1), true).is_empty());
}

#[test]
fn a_container_stays_as_it_was_left() {
    let toggled = Openness { open_depth: 9, toggled: [(vec!["o".to_owned()], false)].into() };
    assert_eq!(check("{}", r#"{"o":{"n":1}}"#, &toggled, false), ["+o 1 key…"]);
    let opened = [vec!["o".to_owned()], vec!["o".to_owned(), "0".to_owned()]].map(|path| (path, true));
    let nested = Openness { open_depth: 0, toggled: opened.into() };
    let text = r#"{"o":[{"n":1},{"n":2}]}"#;
    assert_eq!(check(text, text, &nested, false), [" o 2 items", "   0 1 key", "     n 1", "   1 1 key…"]);
}

#[test]
fn a_container_that_was_opened_stays_open_when_something_in_it_changes() {
    let opened = Openness { open_depth: 0, toggled: [(vec!["o".to_owned()], true)].into() };
    let (before, after) = (r#"{"o":{"n":1}}"#, r#"{"o":{"n":2}}"#);
    assert_eq!(check(before, before, &opened, false), [" o 1 key", "   n 1"]);
    assert_eq!(check(before, after, &opened, false), ["1:o 1 key", "  ~(1+1)n 2"]);
}

#[test]
fn what_is_gone_is_still_read() {
    let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
    let (before, json) = (json(r#"{"k":1,"g":{"x":[5,6]}}"#), json(r#"{"k":2}"#));
    let value = TreeValue { changes: Changes::between(&before, &json), json };
    let at = |path: &[&str]| {
        let path: Path = path.iter().map(ToString::to_string).collect();
        value.at(&path).map(ToString::to_string)
    };
    assert_eq!(at(&["k"]).as_deref(), Some("2"));
    assert_eq!(at(&["g"]).as_deref(), Some(r#"{"x":[5,6]}"#));
    assert_eq!(at(&["g", "x", "1"]).as_deref(), Some("6"));
    assert_eq!((at(&["g", "y"]), at(&["h"])), (None, None));
}

#[test]
fn rows_of_a_large_state_are_made_one_by_one() {
    let members = (0..10_000).map(|i| (format!("k{i:05}"), Json::Object(vec![("n".to_owned(), Json::count(i))])));
    let json = Json::Object(members.collect());
    let tree = FlatTree::new(Arc::new(TreeValue { json, changes: Changes::default() }), &open(9), false);
    assert_eq!(tree.len(), 20_000);
    assert_eq!(tree.row(19_999).map(|row| (row.path, row.place)), Some((vec!["k09999".into(), "n".into()], (1, 1))));
    assert_eq!(tree.row(19_998).map(|row| row.place), Some((10_000, 10_000)));
    assert_eq!(tree.find(&["k04321".to_owned(), "n".to_owned()]), Some(8_643));
}

#[test]
fn numbers_say_by_how_much_they_grew() {
    let by = |from: &str, to: &str| {
        let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
        delta(&json(from), &json(to))
    };
    assert_eq!(by("120", "95").as_deref(), Some("−25"));
    assert_eq!(by("0.1", "0.3").as_deref(), Some("+0.2"));
    assert_eq!(by("-9223372036854775808", "9223372036854775807").as_deref(), Some("+18446744073709551615"));
    assert_eq!(by("1", "\"1\""), None);
}
