//! Cards of states as they are, and lines beside plain arithmetic.

use proptest::prelude::*;

use super::*;
use crate::model::json::Json;

fn card(name: &str) -> Card {
    SAMPLE.into_iter().chain(BUILT_IN).find(|card| card.name == name).expect("a card")
}

fn content(name: &str, state: &str) -> Content {
    card(name).content(&Json::parse(state.as_bytes()).expect("JSON"))
}

fn rows(content: &Content) -> Vec<String> {
    let cell = |cell: &Cell| match &cell.before {
        Some(before) => format!("{before}→{}", cell.text),
        None => cell.text.clone(),
    };
    match content {
        Content::Table { rows, .. } => rows
            .iter()
            .map(|row| format!("{}: {}", row.name, row.cells.iter().map(cell).collect::<Vec<_>>().join(" ")))
            .collect(),
        Content::Bars { bars, .. } => {
            bars.iter().map(|bar| format!("{}: {} {:?}", bar.name, bar.value, bar.before)).collect()
        }
        Content::Number { value, about } => vec![cell(value), cell(about)],
        Content::Lines { legend } => legend.iter().map(|(name, of)| format!("{name}: {}", cell(of))).collect(),
    }
}

#[test]
fn a_step_marks_what_it_changed_and_nothing_else() {
    let before = content(
        "orders-by-status",
        r#"{"byStatus":{"placed":{"orders":37,"cents":100},"paid":{"orders":2,"cents":5}}}"#,
    );
    let after = content(
        "orders-by-status",
        r#"{"byStatus":{"placed":{"orders":38,"cents":100},"paid":{"orders":2,"cents":5},"packed":{"orders":1,"cents":-70}}}"#,
    );
    assert_eq!(before.changes(), None);
    let marked = after.marked(&before);
    assert_eq!(rows(&marked), ["placed: 37→38 €1.00", "paid: 2 €0.05", "packed: →1 →−€0.70"]);
    assert_eq!(marked.changes(), Some(3));
}

#[test]
fn customers_are_told_apart_by_name_although_their_order_changed() {
    let before = content("customer-value", r#"{"a":{"orders":1,"valueCents":300},"b":{"orders":1,"valueCents":200}}"#);
    let after = content("customer-value", r#"{"a":{"orders":1,"valueCents":300},"b":{"orders":2,"valueCents":400}}"#);
    assert_eq!(rows(&after.marked(&before)), ["b: 1→2 €2.00→€4.00", "a: 1 €3.00"]);
}

#[test]
fn numbers_bars_and_lines_say_what_they_were() {
    let before = content("revenue", r#"{"capturedCents":1000,"refundedCents":0,"netCents":1000,"hours":{}}"#);
    let after = content("revenue", r#"{"capturedCents":4821040,"refundedCents":0,"netCents":4821040,"hours":{}}"#);
    assert_eq!(rows(&after.marked(&before))[0], "€10.00→€48,210.40");
    let before = content("units-by-product", r#"{"A":{"ordered":20,"shipped":0},"B":{"ordered":30,"shipped":0}}"#);
    let after = content("units-by-product", r#"{"A":{"ordered":45,"shipped":0},"B":{"ordered":30,"shipped":0}}"#);
    assert_eq!(rows(&after.marked(&before)), ["A: 45 Some(20)", "B: 30 None"]);
    let times =
        content("fulfilment-time", r#"{"p50Micros":1260000000,"p95Micros":36000000000,"placed":{},"durations":[]}"#);
    assert_eq!(rows(&times), ["p50: 21 min", "p95: 10 h"]);
    let log = content("events-by-type", r#"{"events":7,"types":{"A":3,"B":4}}"#);
    assert_eq!(rows(&log), ["B: 4 None", "A: 3 None"]);
    assert_eq!(
        rows(&content("events-total", r#"{"events":1204,"types":{"A":3,"B":4}}"#)),
        ["1,204", "events of 2 types"]
    );
}

#[test]
fn a_long_table_says_how_much_it_leaves_out() {
    let all: Vec<String> =
        (0..25).map(|number| format!(r#""c{number:02}":{{"orders":1,"valueCents":{number}}}"#)).collect();
    let Content::Table { rows, left_out, .. } = content("customer-value", &format!("{{{}}}", all.join(","))) else {
        panic!("a table");
    };
    assert_eq!((rows.len(), left_out), (10, 15));
    assert_eq!(rows[0].name, "c24");
}

#[test]
fn an_empty_state_of_every_card_is_shown() {
    for card in SAMPLE.into_iter().chain(BUILT_IN) {
        let content = card.content(&Json::parse(b"{}").expect("JSON"));
        assert_eq!(content.is_empty(), matches!(card.kind, CardKind::Table | CardKind::Bars), "{}", card.name);
    }
}

#[test]
fn ticks_are_round() {
    let ticks = |values: &[f64]| Scale::around(values.iter().copied()).ticks();
    assert_eq!(ticks(&[48.0, 21.0]), [0.0, 20.0, 40.0, 60.0]);
    assert_eq!(ticks(&[0.0]), [0.0, 0.25, 0.5, 0.75, 1.0][..ticks(&[0.0]).len()]);
    assert_eq!(ticks(&[-30.0, 10.0]), [-30.0, -20.0, -10.0, 0.0, 10.0]);
    assert_eq!(ticks(&[f64::NAN]).first(), Some(&0.0));
}

#[test]
fn a_line_is_drawn_from_left_to_right() {
    let series = Series { shares: vec![0.0, 0.5, 1.0], lines: vec![vec![0.0, 10.0, 4.0]] };
    let scale = Scale { low: 0.0, high: 10.0, step: 5.0 };
    assert_eq!(series.path(0, &scale), "M0.00 100.00L50.00 0.00L100.00 60.00");
    assert!(series.area(0, &scale).ends_with("L100.00 100.00L0.00 100.00Z"));
    assert_eq!(series.value_at(0, 0.75), Some(10.0));
    assert_eq!(series.path(1, &scale), "");
    assert_eq!(share_of_position(1, 1), 1.0);
    assert_eq!(share_of_time(5, 0, 10), 0.5);
}

proptest! {
    #[test]
    fn samples_begin_and_end_with_the_log(head in 0_u64..2_000_000, most in 2_u64..200) {
        let samples = sample_positions(head, most);
        prop_assert_eq!(samples.len() as u64, head.min(most));
        prop_assert!(samples.windows(2).all(|two| two[0] < two[1]));
        if head > 0 {
            prop_assert_eq!((samples[0], samples[samples.len() - 1]), (1, head));
        }
    }

    #[test]
    fn a_scale_holds_every_value(values in proptest::collection::vec(-1e9_f64..1e9, 1..50)) {
        let scale = Scale::around(values.iter().copied());
        let slack = scale.step * 1e-9;
        prop_assert!(values.iter().all(|value| scale.low - slack <= *value && *value <= scale.high + slack));
        prop_assert!((2..=8).contains(&scale.ticks().len()), "{:?}", scale);
        prop_assert!(values.iter().all(|value| (0.0..=100.0).contains(&scale.top_of(*value))));
    }
}

#[test]
fn states_of_any_shape_become_content_where_they_fit() {
    let of = |text: &str| Content::of_state(&Json::parse(text.as_bytes()).expect("JSON"));
    assert_eq!(of("3"), Some(Content::Number { value: "3".into(), about: Cell::default() }));
    let Some(Content::Table { rows, left_out, .. }) = of(r#"{"units":3,"last":"x","none":null}"#) else {
        panic!("no table");
    };
    let cells: Vec<_> = rows.iter().map(|row| format!("{} {}", row.name, row.cells[0].text)).collect();
    assert_eq!((cells.as_slice(), left_out), (["units 3", "last x", "none null"].map(str::to_owned).as_slice(), 0));
    assert_eq!(of(r#"{"a":{"b":1}}"#), None);
    assert_eq!(of("[]"), None);
}
