//! The events that are stored: 250 bytes of JSON each. `benches/page/order.js` makes the same ones.

use leftfold_core::{InvalidEvent, NewEvent};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// Bytes of the JSON text of one event.
const EVENT_BYTES: usize = 250;
/// The event types, in turn.
const TYPES: [&str; 4] = ["OrderPlaced", "OrderPaid", "OrderPacked", "OrderShipped"];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    order: String,
    customer: String,
    pub(crate) sku: String,
    pub(crate) units: u32,
    pub(crate) price_cents: u32,
    is_gift: bool,
    address: Address,
    note: String,
}

#[derive(Serialize, Deserialize)]
struct Address {
    street: String,
    city: String,
    zip: String,
}

impl Order {
    pub(crate) fn new(number: u32) -> Self {
        let mut order = Self {
            order: format!("order-{number}"),
            customer: format!("customer-{}", number % 997),
            sku: format!("SKU-{}", number % 89),
            units: number % 25,
            price_cents: 995 + number % 10_007,
            is_gift: number.is_multiple_of(2),
            address: Address {
                street: format!("{} Harbour Street", number % 300),
                city: "Rotterdam".to_owned(),
                zip: format!("30{}", 10 + number % 90),
            },
            note: String::new(),
        };
        let length = serde_json_len(&order);
        order.note = "n".repeat(EVENT_BYTES.saturating_sub(length));
        order
    }

    pub(crate) fn event(&self, number: u32) -> Result<NewEvent, InvalidEvent> {
        NewEvent::json(TYPES[number as usize % TYPES.len()], self)
    }
}

fn serde_json_len(order: &Order) -> usize {
    NewEvent::json("Measured", order).map_or(0, |event| event.data().len())
}

/// The JSON text of one event, for the page to compare with its own.
#[wasm_bindgen(js_name = orderJson)]
#[must_use]
pub fn order_json(number: u32) -> String {
    let event = Order::new(number).event(number);
    event.map(|event| String::from_utf8_lossy(event.data()).into_owned()).unwrap_or_default()
}
