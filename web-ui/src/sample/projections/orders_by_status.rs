//! How many orders stand where, and what they come to.

use imbl::OrdMap;
use leftfold_core::{BoxError, Projection, Query, RecordedEvent};
use serde::{Deserialize, Serialize};

use super::of_types;
use crate::sample::fact::Fact;
use crate::sample::lines::cents;
use crate::sample::order::OrderEvent;
use crate::sample::payment::PaymentEvent;
use crate::sample::shipment::ShipmentEvent;

/// Orders by status. An order is forgotten, but counted, once it is delivered or cancelled.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrdersByStatus;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Ordered.
    Placed,
    /// Paid for.
    Paid,
    /// In parcels.
    Packed,
    /// With the carrier.
    Shipped,
    /// With the customer.
    Delivered,
    /// Will not be sent.
    Cancelled,
}

/// The counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCounts {
    /// By status.
    pub by_status: OrdMap<Status, Placed>,
    /// Where each open order stands, and what it comes to in cents.
    pub open: OrdMap<String, (Status, i64)>,
}

/// Orders of one status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// How many.
    pub orders: i64,
    /// What they come to, in cents.
    pub cents: i64,
}

impl OrderCounts {
    fn count(&mut self, status: Status, orders: i64, cents: i64) {
        let placed = self.by_status.entry(status).or_default();
        placed.orders += orders;
        placed.cents += orders * cents;
    }

    fn advance(&mut self, order: &str, to: Status) {
        let Some((from, cents)) = self.open.get(order).copied() else { return };
        self.count(from, -1, cents);
        self.count(to, 1, cents);
        if matches!(to, Status::Delivered | Status::Cancelled) {
            self.open.remove(order);
        } else {
            self.open.insert(order.to_owned(), (to, cents));
        }
    }
}

impl Projection for OrdersByStatus {
    type State = OrderCounts;

    fn name(&self) -> &str {
        "orders-by-status"
    }

    fn query(&self) -> Query {
        of_types([
            "OrderPlaced",
            "PaymentCaptured",
            "OrderPacked",
            "OrderCancelled",
            "ShipmentDispatched",
            "ParcelDelivered",
        ])
    }

    fn initial(&self) -> OrderCounts {
        OrderCounts::default()
    }

    fn apply(&self, state: &mut OrderCounts, event: &RecordedEvent) -> Result<(), BoxError> {
        let stream = event.stream().as_str();
        match Fact::read(event)? {
            Some(Fact::Order(OrderEvent::OrderPlaced { lines, .. })) => {
                let cents = cents(&lines);
                state.count(Status::Placed, 1, cents);
                state.open.insert(stream.to_owned(), (Status::Placed, cents));
            }
            Some(Fact::Order(OrderEvent::OrderPacked { .. })) => state.advance(stream, Status::Packed),
            Some(Fact::Order(OrderEvent::OrderCancelled { .. })) => state.advance(stream, Status::Cancelled),
            Some(Fact::Payment(PaymentEvent::PaymentCaptured { order, .. })) => state.advance(&order, Status::Paid),
            Some(Fact::Shipment(ShipmentEvent::ShipmentDispatched { order, .. })) => {
                state.advance(&order, Status::Shipped);
            }
            Some(Fact::Shipment(ShipmentEvent::ParcelDelivered { order, .. })) => {
                state.advance(&order, Status::Delivered);
            }
            _ => {}
        }
        Ok(())
    }
}
