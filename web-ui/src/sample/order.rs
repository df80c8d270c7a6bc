//! The order: placed, then packed or cancelled. What is packed is no longer cancelled.

use leftfold_core::{Decider, DomainEvent, SchemaVersion, Tag};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::lines::{LINE_FIELDS, Line};
use crate::model::form::{CommandSchema, FieldKind, FieldSchema, Initial, Suggests};

/// Where an order comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A person in the web shop.
    Web,
    /// A business, which buys in bulk.
    B2b,
}

/// What happens to an order. Its stream is named by the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OrderEvent {
    /// A customer ordered. Schema version 2: version 1 had one product, and no channel.
    OrderPlaced {
        /// Who.
        customer: String,
        /// Where.
        channel: Channel,
        /// The currency of the prices.
        currency: String,
        /// What.
        lines: Vec<Line>,
    },
    /// Everything is in parcels.
    OrderPacked {
        /// At which bench.
        bench: u32,
        /// How many parcels.
        parcels: u32,
    },
    /// It will not be sent.
    OrderCancelled {
        /// Why.
        reason: String,
    },
}

impl DomainEvent for OrderEvent {
    fn schema_version(&self) -> SchemaVersion {
        match self {
            Self::OrderPlaced { .. } => SchemaVersion(2),
            _ => SchemaVersion(1),
        }
    }

    fn tags(&self) -> Vec<Tag> {
        match self {
            Self::OrderPlaced { channel: Channel::B2b, .. } => Tag::new("b2b").into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// What is asked of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OrderCommand {
    /// To place it.
    Place {
        /// Who.
        customer: String,
        /// Where.
        channel: Channel,
        /// The currency of the prices.
        currency: String,
        /// What.
        lines: Vec<Line>,
    },
    /// To pack it.
    Pack {
        /// At which bench.
        bench: u32,
        /// Into how many parcels.
        parcels: u32,
    },
    /// To cancel it.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// What an order is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// Nobody placed it.
    #[default]
    Unknown,
    /// It waits for the bench.
    Placed,
    /// It waits for the carrier, or is on its way.
    Packed,
    /// It will not be sent.
    Cancelled,
}

/// Why an order refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OrderRejection {
    /// There is no such order.
    #[error("the order is unknown")]
    Unknown,
    /// It was placed before.
    #[error("the order was placed before")]
    AlreadyPlaced,
    /// Nothing is ordered.
    #[error("an order needs at least one line")]
    NoLines,
    /// A line orders nothing.
    #[error("the line of {sku} has no units")]
    NoUnits {
        /// The product.
        sku: String,
    },
    /// Two lines order the same.
    #[error("{sku} stands on two lines")]
    TwoLines {
        /// The product.
        sku: String,
    },
    /// It is in parcels.
    #[error("the order is packed already")]
    AlreadyPacked,
    /// It was cancelled.
    #[error("the order was cancelled")]
    AlreadyCancelled,
}

/// Decides on orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderDecider;

impl Decider for OrderDecider {
    type State = OrderState;
    type Command = OrderCommand;
    type Event = OrderEvent;
    type Rejection = OrderRejection;

    fn name(&self) -> &str {
        "order"
    }

    fn initial_state(&self) -> OrderState {
        OrderState::default()
    }

    fn decide(&self, state: &OrderState, command: &OrderCommand) -> Result<Vec<OrderEvent>, OrderRejection> {
        match (command, state) {
            (OrderCommand::Place { customer, channel, currency, lines }, OrderState::Unknown) => {
                check_lines(lines)?;
                Ok(vec![OrderEvent::OrderPlaced {
                    customer: customer.clone(),
                    channel: *channel,
                    currency: currency.clone(),
                    lines: lines.clone(),
                }])
            }
            (OrderCommand::Place { .. }, _) => Err(OrderRejection::AlreadyPlaced),
            (_, OrderState::Unknown) => Err(OrderRejection::Unknown),
            (_, OrderState::Cancelled) => Err(OrderRejection::AlreadyCancelled),
            (_, OrderState::Packed) => Err(OrderRejection::AlreadyPacked),
            (OrderCommand::Pack { bench, parcels }, OrderState::Placed) => {
                Ok(vec![OrderEvent::OrderPacked { bench: *bench, parcels: *parcels }])
            }
            (OrderCommand::Cancel { reason }, OrderState::Placed) => {
                Ok(vec![OrderEvent::OrderCancelled { reason: reason.clone() }])
            }
        }
    }

    fn evolve(&self, _: OrderState, event: OrderEvent) -> OrderState {
        match event {
            OrderEvent::OrderPlaced { .. } => OrderState::Placed,
            OrderEvent::OrderPacked { .. } => OrderState::Packed,
            OrderEvent::OrderCancelled { .. } => OrderState::Cancelled,
        }
    }
}

fn check_lines(lines: &[Line]) -> Result<(), OrderRejection> {
    if lines.is_empty() {
        return Err(OrderRejection::NoLines);
    }
    for (index, line) in lines.iter().enumerate() {
        if line.units == 0 {
            return Err(OrderRejection::NoUnits { sku: line.sku.clone() });
        }
        if lines[..index].iter().any(|other| other.sku == line.sku) {
            return Err(OrderRejection::TwoLines { sku: line.sku.clone() });
        }
    }
    Ok(())
}

/// The commands as forms show them.
pub const COMMANDS: &[CommandSchema] = &[
    CommandSchema {
        name: "Place",
        label: "Place order",
        help: "A customer orders.",
        fields: &[
            FieldSchema {
                name: "customer",
                label: "Customer",
                help: "Such as cus_1188",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Nothing },
                initial: Initial::Empty,
            },
            FieldSchema {
                name: "channel",
                label: "Channel",
                help: "",
                kind: FieldKind::Choice { options: &["web", "b2b"] },
                initial: Initial::Text("web"),
            },
            FieldSchema {
                name: "currency",
                label: "Currency",
                help: "",
                kind: FieldKind::Choice { options: &["EUR"] },
                initial: Initial::Text("EUR"),
            },
            FieldSchema {
                name: "lines",
                label: "Lines",
                help: "",
                kind: FieldKind::Lines { noun: "line", fields: LINE_FIELDS },
                initial: Initial::Empty,
            },
        ],
    },
    CommandSchema {
        name: "Pack",
        label: "Pack order",
        help: "Everything goes into parcels.",
        fields: &[
            FieldSchema {
                name: "bench",
                label: "Bench",
                help: "",
                kind: FieldKind::Number { min: 1, max: 99 },
                initial: Initial::Text("1"),
            },
            FieldSchema {
                name: "parcels",
                label: "Parcels",
                help: "",
                kind: FieldKind::Number { min: 1, max: 500 },
                initial: Initial::Text("1"),
            },
        ],
    },
    CommandSchema {
        name: "Cancel",
        label: "Cancel order",
        help: "It will not be sent.",
        fields: &[FieldSchema {
            name: "reason",
            label: "Reason",
            help: "",
            kind: FieldKind::Text {
                max_chars: 200,
                suggests: Suggests::Words(&["customer asked", "ordered twice", "wrong size"]),
            },
            initial: Initial::Empty,
        }],
    },
];
