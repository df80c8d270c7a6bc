//! How the warehouse worked until its second release, at 11:00 of its first day: older shapes of two events, and a handler
//! that trusts that each message comes once.
//!
//! [`release`] names no order. Whether the units of *this* order were released before, it cannot know: it only sees that as
//! many units are taken by somebody. When the broker delivers one cancellation twice, it releases one reservation twice.

use leftfold_core::DomainEvent;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::inventory::InventoryState;
use super::order::OrderEvent;

/// The events that were written in another shape, in schema version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum EarlyEvent {
    /// A customer ordered one product.
    OrderPlaced {
        /// Who.
        customer: String,
        /// The currency of the price.
        currency: String,
        /// The product.
        sku: String,
        /// How many.
        units: u32,
        /// The price of one, in cents.
        unit_price: u32,
    },
    /// Units are no longer kept for some order.
    StockReleased {
        /// The product.
        sku: String,
        /// How many units.
        units: u32,
    },
}

impl DomainEvent for EarlyEvent {}

impl EarlyEvent {
    /// An order of one line in its older shape; `None` for every other event.
    #[must_use]
    pub fn of_order(event: &OrderEvent) -> Option<Self> {
        match event {
            OrderEvent::OrderPlaced { customer, currency, lines, .. } => match lines.as_slice() {
                [line] => Some(Self::OrderPlaced {
                    customer: customer.clone(),
                    currency: currency.clone(),
                    sku: line.sku.clone(),
                    units: line.units,
                    unit_price: line.unit_price,
                }),
                _ => None,
            },
            _ => None,
        }
    }
}

/// More would be released than is taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{units} units of {sku} cannot be released, {taken} are taken")]
pub struct NotTaken {
    /// The product.
    pub sku: String,
    /// How many units.
    pub units: u32,
    /// How many there are.
    pub taken: i64,
}

/// What the early handler decided when an order was cancelled.
///
/// # Errors
/// [`NotTaken`].
pub fn release(state: &InventoryState, sku: &str, units: u32) -> Result<EarlyEvent, NotTaken> {
    let sku = sku.to_owned();
    if i64::from(units) > state.taken {
        return Err(NotTaken { sku, units, taken: state.taken });
    }
    Ok(EarlyEvent::StockReleased { sku, units })
}
