//! The stock of one product: replenished, reserved for orders, and released again when an order comes to nothing.
//!
//! Stock leaves with a shipment, whose events are elsewhere: here, units that were reserved and not released stay taken.

use imbl::OrdMap;
use leftfold_core::{Decider, DomainEvent, SchemaVersion};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::catalog::SKUS;
use crate::model::form::{CommandSchema, FieldKind, FieldSchema, Initial, Suggests};

/// What happens to the stock of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum InventoryEvent {
    /// A delivery came.
    StockReplenished {
        /// The product.
        sku: String,
        /// How many units.
        units: u32,
        /// What they were ordered by.
        purchase_order: String,
    },
    /// Units are kept for an order.
    StockReserved {
        /// The order.
        order: String,
        /// The product.
        sku: String,
        /// How many units.
        units: u32,
    },
    /// Units are no longer kept for an order. Schema version 2: version 1 did not say for which.
    StockReleased {
        /// The order.
        order: String,
        /// The product.
        sku: String,
        /// How many units.
        units: u32,
    },
}

impl DomainEvent for InventoryEvent {
    fn schema_version(&self) -> SchemaVersion {
        match self {
            Self::StockReleased { .. } => SchemaVersion(2),
            _ => SchemaVersion(1),
        }
    }
}

/// What is asked of the stock of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum InventoryCommand {
    /// To put a delivery on the shelf.
    Replenish {
        /// The product.
        sku: String,
        /// How many units.
        units: u32,
        /// What they were ordered by.
        purchase_order: String,
    },
    /// To keep units for an order.
    Reserve {
        /// The order.
        order: String,
        /// The product.
        sku: String,
        /// How many units.
        units: u32,
    },
    /// To keep nothing for an order any more.
    Release {
        /// The order.
        order: String,
        /// The product.
        sku: String,
    },
}

/// What the stock of a product is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InventoryState {
    /// Units that can be sold: those that came, less those that are taken.
    pub sellable: i64,
    /// Units that were reserved and not released.
    pub taken: i64,
    /// What is kept, or was sent, for each order.
    pub reservations: OrdMap<String, u32>,
}

/// Why the stock of a product refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InventoryRejection {
    /// There is less than is wanted.
    #[error("{wanted} units of {sku} are wanted, {sellable} can be sold")]
    InsufficientStock {
        /// The product.
        sku: String,
        /// How many units.
        wanted: u32,
        /// How many there are.
        sellable: i64,
    },
    /// The order has a reservation.
    #[error("units are reserved for {order} already")]
    AlreadyReserved {
        /// The order.
        order: String,
    },
    /// The order has no reservation, or no longer.
    #[error("nothing is reserved for {order}")]
    NotReserved {
        /// The order.
        order: String,
    },
    /// Nothing would change.
    #[error("no units, nothing to do")]
    NoUnits,
}

/// Decides on stock.
#[derive(Clone, Copy, Debug, Default)]
pub struct InventoryDecider;

impl Decider for InventoryDecider {
    type State = InventoryState;
    type Command = InventoryCommand;
    type Event = InventoryEvent;
    type Rejection = InventoryRejection;

    fn name(&self) -> &str {
        "inventory"
    }

    fn initial_state(&self) -> InventoryState {
        InventoryState::default()
    }

    fn decide(
        &self,
        state: &InventoryState,
        command: &InventoryCommand,
    ) -> Result<Vec<InventoryEvent>, InventoryRejection> {
        match command {
            InventoryCommand::Replenish { units: 0, .. } | InventoryCommand::Reserve { units: 0, .. } => {
                Err(InventoryRejection::NoUnits)
            }
            InventoryCommand::Replenish { sku, units, purchase_order } => Ok(vec![InventoryEvent::StockReplenished {
                sku: sku.clone(),
                units: *units,
                purchase_order: purchase_order.clone(),
            }]),
            InventoryCommand::Reserve { order, sku, units } => {
                let (order, sku, wanted, sellable) = (order.clone(), sku.clone(), *units, state.sellable);
                if state.reservations.contains_key(&order) {
                    return Err(InventoryRejection::AlreadyReserved { order });
                }
                if i64::from(wanted) > sellable {
                    return Err(InventoryRejection::InsufficientStock { sku, wanted, sellable });
                }
                Ok(vec![InventoryEvent::StockReserved { order, sku, units: wanted }])
            }
            InventoryCommand::Release { order, sku } => {
                let (order, sku) = (order.clone(), sku.clone());
                match state.reservations.get(&order) {
                    Some(units) => Ok(vec![InventoryEvent::StockReleased { order, sku, units: *units }]),
                    None => Err(InventoryRejection::NotReserved { order }),
                }
            }
        }
    }

    fn evolve(&self, mut state: InventoryState, event: InventoryEvent) -> InventoryState {
        match event {
            InventoryEvent::StockReplenished { units, .. } => state.sellable += i64::from(units),
            InventoryEvent::StockReserved { order, units, .. } => {
                state.sellable -= i64::from(units);
                state.taken += i64::from(units);
                state.reservations.insert(order, units);
            }
            InventoryEvent::StockReleased { order, units, .. } => {
                state.sellable += i64::from(units);
                state.taken -= i64::from(units);
                state.reservations.remove(&order);
            }
        }
        state
    }
}

/// The commands as forms show them.
pub const COMMANDS: &[CommandSchema] = &[
    CommandSchema {
        name: "Replenish",
        label: "Replenish stock",
        help: "A delivery goes on the shelf.",
        fields: &[
            SKU,
            FieldSchema {
                name: "units",
                label: "Units",
                help: "",
                kind: FieldKind::Number { min: 1, max: 1000000 },
                initial: Initial::Text("60"),
            },
            FieldSchema {
                name: "purchaseOrder",
                label: "Purchase order",
                help: "Such as PO-8121",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Nothing },
                initial: Initial::Empty,
            },
        ],
    },
    CommandSchema {
        name: "Reserve",
        label: "Reserve stock",
        help: "Units are kept for an order.",
        fields: &[
            FieldSchema {
                name: "order",
                label: "Order",
                help: "For whom they are kept",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Streams("order") },
                initial: Initial::Empty,
            },
            SKU,
            FieldSchema {
                name: "units",
                label: "Units",
                help: "",
                kind: FieldKind::Number { min: 1, max: 1000000 },
                initial: Initial::Text("1"),
            },
        ],
    },
    CommandSchema {
        name: "Release",
        label: "Release stock",
        help: "Nothing is kept for the order any more.",
        fields: &[
            FieldSchema {
                name: "order",
                label: "Order",
                help: "For whom they were kept",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Streams("order") },
                initial: Initial::Empty,
            },
            SKU,
        ],
    },
];

const SKU: FieldSchema = FieldSchema {
    name: "sku",
    label: "Product",
    help: "",
    kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Words(&SKUS) },
    initial: Initial::StreamId("SKU-"),
};
