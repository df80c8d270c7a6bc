//! How many units of each product were ordered, and how many left the house.

use imbl::OrdMap;
use leftfold_core::{BoxError, Projection, Query, RecordedEvent};
use serde::{Deserialize, Serialize};

use super::of_types;
use crate::sample::fact::Fact;
use crate::sample::order::OrderEvent;
use crate::sample::shipment::ShipmentEvent;

/// Units by product.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnitsByProduct;

/// The units of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductUnits {
    /// In orders, cancelled ones included.
    pub ordered: i64,
    /// In parcels.
    pub shipped: i64,
}

impl Projection for UnitsByProduct {
    type State = OrdMap<String, ProductUnits>;

    fn name(&self) -> &str {
        "units-by-product"
    }

    fn query(&self) -> Query {
        of_types(["OrderPlaced", "ShipmentDispatched"])
    }

    fn initial(&self) -> OrdMap<String, ProductUnits> {
        OrdMap::new()
    }

    fn apply(&self, state: &mut OrdMap<String, ProductUnits>, event: &RecordedEvent) -> Result<(), BoxError> {
        match Fact::read(event)? {
            Some(Fact::Order(OrderEvent::OrderPlaced { lines, .. })) => {
                for line in lines {
                    state.entry(line.sku).or_default().ordered += i64::from(line.units);
                }
            }
            Some(Fact::Shipment(ShipmentEvent::ShipmentDispatched { contents, .. })) => {
                for item in contents {
                    state.entry(item.sku).or_default().shipped += i64::from(item.units);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
