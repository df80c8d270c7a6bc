//! The board above the benches: what is on the shelves, and which orders are open.

use imbl::OrdMap;
use leftfold_core::{BoxError, Projection, RecordedEvent};
use serde::{Deserialize, Serialize};

use crate::sample::fact::Fact;
use crate::sample::inventory::InventoryEvent;
use crate::sample::lines::{cents, units};
use crate::sample::order::OrderEvent;
use crate::sample::payment::PaymentEvent;
use crate::sample::shipment::ShipmentEvent;

/// Stock by product, and the orders that are neither delivered nor cancelled.
///
/// `reserved` counts what reservations add and releases and shipments take away; it is never more than is on hand, and never
/// less than nothing, unless something was released that was not reserved.
#[derive(Clone, Copy, Debug, Default)]
pub struct WarehouseBoard;

/// The board.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Stock by product.
    pub skus: OrdMap<String, Stock>,
    /// Open orders.
    pub orders: OrdMap<String, OpenOrder>,
    /// What the open orders come to.
    pub totals: BoardTotals,
}

/// The stock of a product, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    /// On the shelf.
    pub on_hand: i64,
    /// Kept for orders.
    pub reserved: i64,
    /// On the shelf and not kept for anybody.
    pub sellable: i64,
}

impl Stock {
    fn change(&mut self, on_hand: i64, reserved: i64) {
        self.on_hand += on_hand;
        self.reserved += reserved;
        self.sellable = self.on_hand - self.reserved;
    }
}

/// An order on its way through the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenOrder {
    /// Who ordered.
    pub customer: String,
    /// `placed`, `paid`, `packed` or `shipped`.
    pub status: String,
    /// How many units.
    pub units: i64,
    /// What it comes to, in cents.
    pub cents: i64,
}

/// Sums over the open orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardTotals {
    /// How many.
    pub open: i64,
    /// Their units.
    pub units: i64,
    /// What they come to, in cents.
    pub backlog_cents: i64,
}

impl Board {
    fn stock(&mut self, sku: &str, on_hand: i64, reserved: i64) {
        match self.skus.get_mut(sku) {
            Some(stock) => stock.change(on_hand, reserved),
            None => {
                let mut stock = Stock::default();
                stock.change(on_hand, reserved);
                self.skus.insert(sku.to_owned(), stock);
            }
        }
    }

    fn set_status(&mut self, order: &str, status: &str) {
        if let Some(order) = self.orders.get_mut(order) {
            status.clone_into(&mut order.status);
        }
    }

    fn count(&mut self, order: &OpenOrder, sign: i64) {
        self.totals.open += sign;
        self.totals.units += sign * order.units;
        self.totals.backlog_cents += sign * order.cents;
    }

    fn close(&mut self, order: &str) {
        if let Some(order) = self.orders.remove(order) {
            self.count(&order, -1);
        }
    }
}

impl Projection for WarehouseBoard {
    type State = Board;

    fn name(&self) -> &str {
        "warehouse-board"
    }

    fn initial(&self) -> Board {
        Board::default()
    }

    fn apply(&self, board: &mut Board, event: &RecordedEvent) -> Result<(), BoxError> {
        let stream = event.stream().as_str();
        match Fact::read(event)? {
            Some(Fact::Order(OrderEvent::OrderPlaced { customer, lines, .. })) => {
                let status = "placed".to_owned();
                let order = OpenOrder { customer, status, units: units(&lines), cents: cents(&lines) };
                board.count(&order, 1);
                board.orders.insert(stream.to_owned(), order);
            }
            Some(Fact::Order(OrderEvent::OrderPacked { .. })) => board.set_status(stream, "packed"),
            Some(Fact::Order(OrderEvent::OrderCancelled { .. })) => board.close(stream),
            Some(Fact::Payment(PaymentEvent::PaymentCaptured { order, .. })) => board.set_status(&order, "paid"),
            Some(Fact::Inventory(InventoryEvent::StockReplenished { sku, units, .. })) => {
                board.stock(&sku, i64::from(units), 0);
            }
            Some(Fact::Inventory(InventoryEvent::StockReserved { sku, units, .. })) => {
                board.stock(&sku, 0, i64::from(units));
            }
            Some(Fact::Inventory(InventoryEvent::StockReleased { sku, units, .. })) => {
                board.stock(&sku, 0, -i64::from(units));
            }
            Some(Fact::Shipment(ShipmentEvent::ShipmentDispatched { order, contents, .. })) => {
                for item in &contents {
                    board.stock(&item.sku, -i64::from(item.units), -i64::from(item.units));
                }
                board.set_status(&order, "shipped");
            }
            Some(Fact::Shipment(ShipmentEvent::ParcelDelivered { order, .. })) => board.close(&order),
            _ => {}
        }
        Ok(())
    }
}
