//! The cards: which read model each shows, and what of its state.

use super::content::{Bar, Cell, Content, MOST_ROWS, TableRow};
use crate::model::format::{grouped, signed};
use crate::model::json::Json;

const MICROS_A_MINUTE: f64 = 60_000_000.0;

/// How a card shows its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// A table.
    Table,
    /// A number with a line over the log.
    Number,
    /// Bars.
    Bars,
    /// Lines over the log.
    Lines,
}

/// Where a card's states come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A projection, whose read model is kept in the store.
    Projection,
    /// The index of the log, which always knows.
    Index,
}

/// A card.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// The name of its projection.
    pub name: &'static str,
    /// How it shows its state.
    pub kind: CardKind,
    /// Where its states come from.
    pub source: Source,
    read: fn(&Json) -> Content,
    values: fn(&Json) -> Vec<f64>,
    /// What a value of its lines is called.
    pub write: fn(f64) -> String,
}

impl Card {
    /// What it shows of a state.
    #[must_use]
    pub fn content(&self, state: &Json) -> Content {
        (self.read)(state)
    }

    /// A value for each of its lines; none without lines.
    #[must_use]
    pub fn values(&self, state: &Json) -> Vec<f64> {
        (self.values)(state)
    }

    /// Whether it has lines over the log.
    #[must_use]
    pub fn has_lines(&self) -> bool {
        matches!(self.kind, CardKind::Number | CardKind::Lines)
    }
}

const fn projection(name: &'static str, kind: CardKind, read: fn(&Json) -> Content) -> Card {
    Card { name, kind, source: Source::Projection, read, values: |_| Vec::new(), write: |_| String::new() }
}

/// The projections of the sample.
pub const SAMPLE: [Card; 6] = [
    projection("orders-by-status", CardKind::Table, orders_by_status),
    Card {
        values: |state| vec![float(state, "netCents") / 100.0],
        write: |euros| money(rounded(euros * 100.0)),
        ..projection("revenue", CardKind::Number, revenue)
    },
    projection("warehouse-board", CardKind::Table, warehouse_board),
    projection("units-by-product", CardKind::Bars, units_by_product),
    Card {
        values: |state| vec![float(state, "p50Micros") / MICROS_A_MINUTE, float(state, "p95Micros") / MICROS_A_MINUTE],
        write: minutes,
        ..projection("fulfilment-time", CardKind::Lines, fulfilment_time)
    },
    projection("customer-value", CardKind::Table, customer_value),
];

/// What the index of any log can show.
pub const BUILT_IN: [Card; 3] = [
    Card { source: Source::Index, ..projection("events-by-type", CardKind::Bars, built_in_bars) },
    Card { source: Source::Index, write: count, ..projection("events-total", CardKind::Number, built_in_number) },
    Card { source: Source::Index, write: count, ..projection("events-over-time", CardKind::Lines, rate) },
];

fn members(json: Option<&Json>) -> &[(String, Json)] {
    match json {
        Some(Json::Object(members)) => members,
        _ => &[],
    }
}

fn whole(json: &Json, name: &str) -> i64 {
    json.member(name).and_then(Json::as_i64).unwrap_or(0)
}

fn float(json: &Json, name: &str) -> f64 {
    json.member(name).and_then(Json::as_f64).unwrap_or(0.0)
}

#[expect(clippy::cast_possible_truncation, reason = "cents and counts")]
fn rounded(value: f64) -> i64 {
    value.round() as i64
}

fn count(value: f64) -> String {
    signed(rounded(value))
}

/// Cents as a person reads them: `€11,904.20`.
fn money(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}€{}.{:02}", grouped(cents / 100), cents % 100)
}

fn minutes(value: f64) -> String {
    if value >= 600.0 { format!("{:.0} h", value / 60.0) } else { format!("{value:.0} min") }
}

fn table(columns: &'static [&'static str], mut rows: Vec<TableRow>) -> Content {
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    Content::Table { columns, rows, left_out }
}

fn bars(mut bars: Vec<Bar>) -> Content {
    bars.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
    let left_out = bars.len().saturating_sub(MOST_ROWS);
    bars.truncate(MOST_ROWS);
    Content::Bars { bars, left_out }
}

fn row(name: &str, cells: impl IntoIterator<Item = String>) -> TableRow {
    TableRow { name: name.to_owned(), cells: cells.into_iter().map(Cell::from).collect() }
}

fn orders_by_status(state: &Json) -> Content {
    let of_status = |(name, of): &(String, Json)| row(name, [signed(whole(of, "orders")), money(whole(of, "cents"))]);
    table(&["Status", "Orders", "Value"], members(state.member("byStatus")).iter().map(of_status).collect())
}

fn revenue(state: &Json) -> Content {
    let about = format!(
        "{} captured · {} refunded",
        money(whole(state, "capturedCents")),
        money(whole(state, "refundedCents"))
    );
    Content::Number { value: money(whole(state, "netCents")).into(), about: about.into() }
}

fn warehouse_board(state: &Json) -> Content {
    let of_sku = |(name, stock): &(String, Json)| {
        row(name, ["onHand", "reserved", "sellable"].map(|member| signed(whole(stock, member))))
    };
    table(&["Product", "On hand", "Reserved", "Sellable"], members(state.member("skus")).iter().map(of_sku).collect())
}

fn units_by_product(state: &Json) -> Content {
    let of_sku =
        |(name, units): &(String, Json)| Bar { name: name.clone(), value: whole(units, "ordered"), before: None };
    bars(members(Some(state)).iter().map(of_sku).collect())
}

fn fulfilment_time(state: &Json) -> Content {
    let time = |name: &str| Cell::from(minutes(float(state, name) / MICROS_A_MINUTE));
    Content::Lines { legend: vec![("p50", time("p50Micros")), ("p95", time("p95Micros"))] }
}

fn customer_value(state: &Json) -> Content {
    let mut customers: Vec<(&str, i64, i64)> = members(Some(state))
        .iter()
        .map(|(name, of)| (name.as_str(), whole(of, "orders"), whole(of, "valueCents")))
        .collect();
    customers.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(b.0)));
    let rows = customers.into_iter().map(|(name, orders, cents)| row(name, [signed(orders), money(cents)]));
    table(&["Customer", "Orders", "Value"], rows.collect())
}

/// The state of the log as a whole, `{"events": n, "types": {…}}`, as bars.
#[must_use]
pub fn built_in_bars(state: &Json) -> Content {
    let of_type =
        |(name, count): &(String, Json)| Bar { name: name.clone(), value: count.as_i64().unwrap_or(0), before: None };
    bars(members(state.member("types")).iter().map(of_type).collect())
}

/// The same as one number.
#[must_use]
pub fn built_in_number(state: &Json) -> Content {
    let types = members(state.member("types")).len() as u64;
    let about = crate::model::format::counted(types, "type");
    Content::Number { value: signed(whole(state, "events")).into(), about: format!("events of {about}").into() }
}

/// The rate is not in the state: the index has it, and the legend is made where it is asked.
fn rate(_: &Json) -> Content {
    Content::Lines { legend: vec![("events", Cell::default())] }
}
