//! From an event to the command behind it, and a stream that decides on it.

use leftfold_core::Decider;
use serde_json::Value;

use crate::sample::commands::Aggregate;
use crate::sample::early;
use crate::sample::fact::Fact;
use crate::sample::inventory::{InventoryCommand, InventoryDecider, InventoryEvent, InventoryState};
use crate::sample::lines::cents;
use crate::sample::order::{OrderCommand, OrderDecider, OrderEvent, OrderState};
use crate::sample::payment::{PaymentCommand, PaymentDecider, PaymentEvent, PaymentState};
use crate::sample::shipment::{ShipmentCommand, ShipmentDecider, ShipmentEvent, ShipmentState};

/// A command of any decider.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    Order(OrderCommand),
    Payment(PaymentCommand),
    Inventory(InventoryCommand),
    Shipment(ShipmentCommand),
    /// The handler's of the first release, which names no order; the event does by now.
    EarlyRelease {
        order: String,
        sku: String,
        units: u32,
    },
}

impl Asked {
    /// The command that came to this.
    pub(super) fn behind(fact: &Fact, is_early_release: bool) -> Self {
        match fact.clone() {
            Fact::Order(OrderEvent::OrderPlaced { customer, channel, currency, lines }) => {
                Self::Order(OrderCommand::Place { customer, channel, currency, lines })
            }
            Fact::Order(OrderEvent::OrderPacked { bench, parcels }) => {
                Self::Order(OrderCommand::Pack { bench, parcels })
            }
            Fact::Order(OrderEvent::OrderCancelled { reason }) => Self::Order(OrderCommand::Cancel { reason }),
            Fact::Payment(PaymentEvent::PaymentAuthorized { order, customer, lines, card }) => {
                let credit_cents = cents(&lines);
                Self::Payment(PaymentCommand::Authorize { order, customer, lines, card, credit_cents })
            }
            Fact::Payment(PaymentEvent::PaymentDeclined { order, customer, lines, .. }) => {
                let credit_cents = cents(&lines) - 1;
                Self::Payment(PaymentCommand::Authorize { order, customer, lines, card: String::new(), credit_cents })
            }
            Fact::Payment(PaymentEvent::PaymentCaptured { .. }) => Self::Payment(PaymentCommand::Capture),
            Fact::Payment(PaymentEvent::RefundIssued { lines, .. }) => Self::Payment(PaymentCommand::Refund { lines }),
            Fact::Inventory(InventoryEvent::StockReplenished { sku, units, purchase_order }) => {
                Self::Inventory(InventoryCommand::Replenish { sku, units, purchase_order })
            }
            Fact::Inventory(InventoryEvent::StockReserved { order, sku, units }) => {
                Self::Inventory(InventoryCommand::Reserve { order, sku, units })
            }
            Fact::Inventory(InventoryEvent::StockReleased { order, sku, units }) if is_early_release => {
                Self::EarlyRelease { order, sku, units }
            }
            Fact::Inventory(InventoryEvent::StockReleased { order, sku, .. }) => {
                Self::Inventory(InventoryCommand::Release { order, sku })
            }
            Fact::Shipment(ShipmentEvent::ShipmentDispatched { order, carrier, tracking, contents }) => {
                Self::Shipment(ShipmentCommand::Dispatch { order, carrier, tracking, contents })
            }
            Fact::Shipment(ShipmentEvent::ParcelDelivered { handover, .. }) => {
                Self::Shipment(ShipmentCommand::Deliver { handover })
            }
        }
    }

    /// A command of a decider, as a value.
    pub(super) fn of_value(aggregate: Aggregate, value: Value) -> Result<Self, String> {
        let read = match aggregate {
            Aggregate::Order => serde_json::from_value(value).map(Self::Order),
            Aggregate::Payment => serde_json::from_value(value).map(Self::Payment),
            Aggregate::Inventory => serde_json::from_value(value).map(Self::Inventory),
            Aggregate::Shipment => serde_json::from_value(value).map(Self::Shipment),
        };
        read.map_err(|error| error.to_string())
    }

    /// A command of whichever decider has it: their names differ.
    pub(super) fn of_any_value(value: &Value) -> Option<Self> {
        Aggregate::ALL.into_iter().find_map(|aggregate| Self::of_value(aggregate, value.clone()).ok())
    }

    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Order(OrderCommand::Place { .. }) => "Place",
            Self::Order(OrderCommand::Pack { .. }) => "Pack",
            Self::Order(OrderCommand::Cancel { .. }) => "Cancel",
            Self::Payment(PaymentCommand::Authorize { .. }) => "Authorize",
            Self::Payment(PaymentCommand::Capture) => "Capture",
            Self::Payment(PaymentCommand::Refund { .. }) => "Refund",
            Self::Inventory(InventoryCommand::Replenish { .. }) => "Replenish",
            Self::Inventory(InventoryCommand::Reserve { .. }) => "Reserve",
            Self::Inventory(InventoryCommand::Release { .. }) | Self::EarlyRelease { .. } => "Release",
            Self::Shipment(ShipmentCommand::Dispatch { .. }) => "Dispatch",
            Self::Shipment(ShipmentCommand::Deliver { .. }) => "Deliver",
        }
    }
}

/// The state of a stream.
#[derive(Clone, Debug)]
pub(super) enum Held {
    Order(OrderState),
    Payment(PaymentState),
    Inventory(InventoryState),
    Shipment(ShipmentState),
}

impl Held {
    pub(super) fn of(aggregate: Aggregate) -> Self {
        match aggregate {
            Aggregate::Order => Self::Order(OrderDecider.initial_state()),
            Aggregate::Payment => Self::Payment(PaymentDecider.initial_state()),
            Aggregate::Inventory => Self::Inventory(InventoryDecider.initial_state()),
            Aggregate::Shipment => Self::Shipment(ShipmentDecider.initial_state()),
        }
    }

    /// Goes on from what has happened; what does not belong to the stream's decider is passed over.
    pub(super) fn take(&mut self, fact: Fact) {
        match (self, fact) {
            (Self::Order(state), Fact::Order(event)) => *state = OrderDecider.evolve(*state, event),
            (Self::Payment(state), Fact::Payment(event)) => {
                *state = PaymentDecider.evolve(std::mem::take(state), event);
            }
            (Self::Inventory(state), Fact::Inventory(event)) => {
                *state = InventoryDecider.evolve(std::mem::take(state), event);
            }
            (Self::Shipment(state), Fact::Shipment(event)) => {
                *state = ShipmentDecider.evolve(std::mem::take(state), event);
            }
            _ => {}
        }
    }

    pub(super) fn decide(&self, asked: &Asked) -> Result<Vec<Fact>, String> {
        fn facts<E, R: ToString>(decided: Result<Vec<E>, R>, wrap: fn(E) -> Fact) -> Result<Vec<Fact>, String> {
            decided.map(|events| events.into_iter().map(wrap).collect()).map_err(|rejection| rejection.to_string())
        }
        match (self, asked) {
            (Self::Order(state), Asked::Order(command)) => facts(OrderDecider.decide(state, command), Fact::Order),
            (Self::Payment(state), Asked::Payment(command)) => {
                facts(PaymentDecider.decide(state, command), Fact::Payment)
            }
            (Self::Inventory(state), Asked::Inventory(command)) => {
                facts(InventoryDecider.decide(state, command), Fact::Inventory)
            }
            (Self::Inventory(state), Asked::EarlyRelease { order, sku, units }) => {
                early::release(state, sku, *units).map_err(|error| error.to_string())?;
                let (order, sku, units) = (order.clone(), sku.clone(), *units);
                Ok(vec![Fact::Inventory(InventoryEvent::StockReleased { order, sku, units })])
            }
            (Self::Shipment(state), Asked::Shipment(command)) => {
                facts(ShipmentDecider.decide(state, command), Fact::Shipment)
            }
            _ => Err("the stream is of another decider".to_owned()),
        }
    }
}
