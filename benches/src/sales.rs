//! What the folds make of the events: what was sold, by SKU.

use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;

use leftfold_core::{BoxError, Decider, DomainEvent, Projection, RecordedEvent};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::order::Order;

/// What a fold reads of an order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sold {
    sku: String,
    units: u32,
    price_cents: u32,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Sum {
    orders: u32,
    units: u64,
    cents: u64,
}

/// What was sold of each SKU.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sales(HashMap<String, Sum>);

impl Sales {
    fn add(&mut self, sku: String, units: u32, price_cents: u32) {
        let sum = self.0.entry(sku).or_default();
        sum.orders += 1;
        sum.units += u64::from(units);
        sum.cents += u64::from(units) * u64::from(price_cents);
    }

    /// Folds the JSON text of one event.
    pub(crate) fn fold(&mut self, data: &[u8]) -> Result<(), serde_json::Error> {
        let sold: Sold = serde_json::from_slice(data)?;
        self.add(sold.sku, sold.units, sold.price_cents);
        Ok(())
    }

    /// What all of it was worth, for the page to compare.
    pub(crate) fn cents(&self) -> f64 {
        self.0.values().map(|sum| sum.cents as f64).sum()
    }
}

/// The same fold over records that the page has packed by hand.
#[wasm_bindgen]
#[derive(Default)]
pub struct PackedFold {
    sales: Sales,
}

#[wasm_bindgen]
impl PackedFold {
    /// A fold of nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds a record: the length of each event's JSON text in four bytes, little-endian, then the text.
    pub fn fold(&mut self, record: &[u8]) -> Result<(), JsError> {
        let mut rest = record;
        while let Some((length, behind)) = rest.split_first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            let Some((data, behind)) = behind.split_at_checked(length) else {
                return Err(JsError::new("the record ends too early"));
            };
            self.sales.fold(data)?;
            rest = behind;
        }
        Ok(())
    }

    /// What all of it was worth.
    #[must_use]
    pub fn cents(&self) -> f64 {
        self.sales.cents()
    }
}

/// The sales as a projection: by SKU in one read model, or one sum for each stream.
pub(crate) struct SalesProjection {
    pub(crate) name: String,
    pub(crate) is_by_stream: bool,
}

impl Projection for SalesProjection {
    type State = Sales;

    fn name(&self) -> &str {
        &self.name
    }

    fn initial(&self) -> Sales {
        Sales::default()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(Cow::Borrowed(if self.is_by_stream { event.stream().as_str() } else { "" })))
    }

    fn apply(&self, state: &mut Sales, event: &RecordedEvent) -> Result<(), BoxError> {
        if self.is_by_stream {
            // The read model of one entity is small: a single sum.
            let sold: Sold = event.json()?;
            state.add(String::new(), sold.units, sold.price_cents);
            return Ok(());
        }
        Ok(state.fold(event.data())?)
    }
}

/// The events of an order, as a decider knows them.
#[derive(Serialize, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "the names are those of the event types")]
pub(crate) enum OrderEvent {
    OrderPlaced(Order),
    OrderPaid(Order),
    OrderPacked(Order),
    OrderShipped(Order),
}

impl DomainEvent for OrderEvent {}

/// The sales of one stream as what decisions rest on.
pub(crate) struct SalesDecider;

impl Decider for SalesDecider {
    type State = Sales;
    type Command = ();
    type Event = OrderEvent;
    type Rejection = Infallible;

    fn name(&self) -> &str {
        "sales"
    }

    fn initial_state(&self) -> Sales {
        Sales::default()
    }

    fn decide(&self, _: &Sales, _: &()) -> Result<Vec<OrderEvent>, Infallible> {
        Ok(Vec::new())
    }

    fn evolve(&self, mut state: Sales, event: OrderEvent) -> Sales {
        let (OrderEvent::OrderPlaced(order)
        | OrderEvent::OrderPaid(order)
        | OrderEvent::OrderPacked(order)
        | OrderEvent::OrderShipped(order)) = event;
        state.add(order.sku, order.units, order.price_cents);
        state
    }
}
