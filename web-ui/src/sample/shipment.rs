//! The shipment of an order: dispatched, then delivered, each once.

use leftfold_core::{Decider, DomainEvent};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::catalog::CARRIERS;
use super::lines::{ITEM_FIELDS, Item};
use crate::model::form::{CommandSchema, FieldKind, FieldSchema, Initial, Suggests};

/// What happens to a shipment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ShipmentEvent {
    /// The carrier has the parcels.
    ShipmentDispatched {
        /// The order.
        order: String,
        /// Who carries them.
        carrier: String,
        /// The carrier's number.
        tracking: String,
        /// What is in them.
        contents: Vec<Item>,
    },
    /// The customer has the parcels.
    ParcelDelivered {
        /// The order.
        order: String,
        /// How they changed hands.
        handover: String,
    },
}

impl DomainEvent for ShipmentEvent {}

/// What is asked of a shipment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ShipmentCommand {
    /// To hand the parcels to the carrier.
    Dispatch {
        /// The order.
        order: String,
        /// Who carries them.
        carrier: String,
        /// The carrier's number.
        tracking: String,
        /// What is in them.
        contents: Vec<Item>,
    },
    /// To note the delivery.
    Deliver {
        /// How the parcels changed hands.
        handover: String,
    },
}

/// What a shipment is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShipmentState {
    /// It is not sent.
    #[default]
    Unsent,
    /// It is on its way.
    Sent {
        /// The order.
        order: String,
    },
    /// The customer has it.
    Delivered,
}

/// Why a shipment refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShipmentRejection {
    /// The parcels would be empty.
    #[error("there is nothing to send")]
    Empty,
    /// The carrier has it.
    #[error("the order was shipped already")]
    AlreadyShipped,
    /// The carrier does not have it.
    #[error("the order is not shipped")]
    NotShipped,
    /// The customer has it.
    #[error("the order was delivered already")]
    AlreadyDelivered,
}

/// Decides on shipments.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShipmentDecider;

impl Decider for ShipmentDecider {
    type State = ShipmentState;
    type Command = ShipmentCommand;
    type Event = ShipmentEvent;
    type Rejection = ShipmentRejection;

    fn name(&self) -> &str {
        "shipment"
    }

    fn initial_state(&self) -> ShipmentState {
        ShipmentState::default()
    }

    fn decide(
        &self,
        state: &ShipmentState,
        command: &ShipmentCommand,
    ) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        match (command, state) {
            (ShipmentCommand::Dispatch { order, carrier, tracking, contents }, ShipmentState::Unsent) => {
                if contents.iter().all(|item| item.units == 0) {
                    return Err(ShipmentRejection::Empty);
                }
                Ok(vec![ShipmentEvent::ShipmentDispatched {
                    order: order.clone(),
                    carrier: carrier.clone(),
                    tracking: tracking.clone(),
                    contents: contents.clone(),
                }])
            }
            (ShipmentCommand::Dispatch { .. }, _) => Err(ShipmentRejection::AlreadyShipped),
            (ShipmentCommand::Deliver { handover }, ShipmentState::Sent { order }) => {
                Ok(vec![ShipmentEvent::ParcelDelivered { order: order.clone(), handover: handover.clone() }])
            }
            (ShipmentCommand::Deliver { .. }, ShipmentState::Unsent) => Err(ShipmentRejection::NotShipped),
            (ShipmentCommand::Deliver { .. }, ShipmentState::Delivered) => Err(ShipmentRejection::AlreadyDelivered),
        }
    }

    fn evolve(&self, _: ShipmentState, event: ShipmentEvent) -> ShipmentState {
        match event {
            ShipmentEvent::ShipmentDispatched { order, .. } => ShipmentState::Sent { order },
            ShipmentEvent::ParcelDelivered { .. } => ShipmentState::Delivered,
        }
    }
}

/// The commands as forms show them.
pub const COMMANDS: &[CommandSchema] = &[
    CommandSchema {
        name: "Dispatch",
        label: "Dispatch shipment",
        help: "The carrier gets the parcels.",
        fields: &[
            FieldSchema {
                name: "order",
                label: "Order",
                help: "",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Streams("order") },
                initial: Initial::StreamId("order-"),
            },
            FieldSchema {
                name: "carrier",
                label: "Carrier",
                help: "",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Words(&CARRIERS) },
                initial: Initial::Text("DHL"),
            },
            FieldSchema {
                name: "tracking",
                label: "Tracking number",
                help: "",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Nothing },
                initial: Initial::Empty,
            },
            FieldSchema {
                name: "contents",
                label: "Contents",
                help: "",
                kind: FieldKind::Lines { noun: "item", fields: ITEM_FIELDS },
                initial: Initial::Empty,
            },
        ],
    },
    CommandSchema {
        name: "Deliver",
        label: "Note delivery",
        help: "The customer has the parcels.",
        fields: &[FieldSchema {
            name: "handover",
            label: "Handover",
            help: "",
            kind: FieldKind::Text {
                max_chars: 100,
                suggests: Suggests::Words(&["signed for", "parcel box", "neighbour"]),
            },
            initial: Initial::Text("signed for"),
        }],
    },
];
