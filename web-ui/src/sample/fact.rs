//! Any event of the warehouse, read by its type.

use leftfold_core::{DecodeError, DomainEvent, InvalidEvent, NewEvent, RecordedEvent};

use super::inventory::InventoryEvent;
use super::order::OrderEvent;
use super::payment::PaymentEvent;
use super::shipment::ShipmentEvent;

/// An event of one of the four deciders.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Of an order.
    Order(OrderEvent),
    /// Of a payment.
    Payment(PaymentEvent),
    /// Of the stock of a product.
    Inventory(InventoryEvent),
    /// Of a shipment.
    Shipment(ShipmentEvent),
}

impl Fact {
    /// Reads an event, which upcasters have lifted already; `None` is a type that the warehouse does not know.
    ///
    /// # Errors
    /// [`DecodeError`] when the data is not what the type needs.
    pub fn read(event: &RecordedEvent) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match event.event_type().as_str() {
            "OrderPlaced" | "OrderPacked" | "OrderCancelled" => Self::Order(OrderEvent::from_recorded(event)?),
            "PaymentAuthorized" | "PaymentDeclined" | "PaymentCaptured" | "RefundIssued" => {
                Self::Payment(PaymentEvent::from_recorded(event)?)
            }
            "StockReplenished" | "StockReserved" | "StockReleased" => {
                Self::Inventory(InventoryEvent::from_recorded(event)?)
            }
            "ShipmentDispatched" | "ParcelDelivered" => Self::Shipment(ShipmentEvent::from_recorded(event)?),
            _ => return Ok(None),
        }))
    }

    /// Reads an event that is not stored, in the shape of today; `None` is a type that the warehouse does not know.
    ///
    /// # Errors
    /// [`DecodeError`] when the data is not what the type needs.
    pub fn of_new(event: &NewEvent) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match event.event_type().as_str() {
            "OrderPlaced" | "OrderPacked" | "OrderCancelled" => Self::Order(OrderEvent::from_new(event)?),
            "PaymentAuthorized" | "PaymentDeclined" | "PaymentCaptured" | "RefundIssued" => {
                Self::Payment(PaymentEvent::from_new(event)?)
            }
            "StockReplenished" | "StockReserved" | "StockReleased" => Self::Inventory(InventoryEvent::from_new(event)?),
            "ShipmentDispatched" | "ParcelDelivered" => Self::Shipment(ShipmentEvent::from_new(event)?),
            _ => return Ok(None),
        }))
    }

    /// The event as it is given to a store.
    ///
    /// # Errors
    /// [`InvalidEvent`] when it passes a limit.
    pub fn to_new_event(&self) -> Result<NewEvent, InvalidEvent> {
        match self {
            Self::Order(event) => event.to_new_event(),
            Self::Payment(event) => event.to_new_event(),
            Self::Inventory(event) => event.to_new_event(),
            Self::Shipment(event) => event.to_new_event(),
        }
    }
}
