//! What a pointer names, against the whole state as JSON.

use serde_json::{Value, json};

use super::*;
use crate::timeline::pointer::Pointer;

fn value() -> impl Strategy<Value = Value> {
    let key = prop_oneof!["[ab/~]{0,2}", "[0-2]{1,2}"];
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        "[a-c]".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 3, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((key.clone(), inner), 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[derive(Serialize)]
struct Marker;

#[derive(Serialize)]
struct Wrapped(Vec<u8>);

#[derive(Serialize)]
struct Pair(i32, &'static str);

#[derive(Serialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(i32, i32),
    Box { width: u64, inner: Option<std::boxed::Box<Shape>> },
}

#[derive(Serialize)]
struct Everything {
    marker: Marker,
    wrapped: Wrapped,
    pair: Pair,
    shapes: Vec<Shape>,
    by_number: BTreeMap<u32, char>,
    by_flag: BTreeMap<bool, Option<i64>>,
    tuple: (i8, (), f32),
    raw: std::boxed::Box<serde_json::value::RawValue>,
    #[serde(flatten)]
    more: BTreeMap<String, u128>,
}

/// Every pointer into a value, and some that name nothing.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.extend(["", "/0", "/01", "/-", "/+0", "/x", "/~1"].map(|more| format!("{at}{more}")));
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointers(element, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                pointers(member, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

#[track_caller]
fn check<T: Serialize>(state: &T) {
    let whole = serde_json::to_value(state).unwrap();
    let mut all = Vec::new();
    pointers(&whole, "", &mut all);
    for text in all {
        let found = Pointer::parse(&text).unwrap().value_in(state).unwrap();
        assert_eq!(found.as_ref(), whole.pointer(&text), "{text:?} in {whole}");
    }
}

proptest! {
    #[test]
    fn a_pointer_names_what_it_names_in_the_json(value in value()) {
        check(&value);
    }
}

#[test]
fn a_pointer_goes_through_every_kind_of_value() {
    let inner = Some(std::boxed::Box::new(Shape::Line(3, 4)));
    check(&Everything {
        marker: Marker,
        wrapped: Wrapped(vec![7, 8]),
        pair: Pair(-1, "two"),
        shapes: vec![Shape::Point, Shape::Circle(1.5), Shape::Line(1, 2), Shape::Box { width: 9, inner }],
        by_number: [(3, 'c'), (40, 'd')].into(),
        by_flag: [(true, None), (false, Some(5))].into(),
        tuple: (1, (), 0.5),
        raw: serde_json::value::RawValue::from_string(r#"{"deep":[1,{"er":2}]}"#.to_owned()).unwrap(),
        more: [("a/b".to_owned(), 1), ("m~n".to_owned(), 2)].into(),
    });
}
