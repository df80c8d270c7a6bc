//! The read models of the warehouse: plain folds over its events. Types that they do not know, they leave out.

mod customer_value;
mod fulfilment_time;
mod orders_by_status;
mod revenue;
mod skipping;
mod units_by_product;
mod warehouse_board;

pub use customer_value::{Customer, CustomerValue};
pub use fulfilment_time::{FulfilmentTime, FulfilmentTimes};
pub use orders_by_status::{OrderCounts, OrdersByStatus, Placed, Status};
pub use revenue::{Hour, Revenue, RevenueState};
pub use skipping::Skipping;
pub use units_by_product::{ProductUnits, UnitsByProduct};
pub use warehouse_board::{Board, BoardTotals, OpenOrder, Stock, WarehouseBoard};

use leftfold_core::{Query, QueryItem};

/// Where the projection of a name is in Rust.
#[must_use]
pub fn rust_path(name: &str) -> Option<String> {
    let known = match name {
        "customer-value" => "CustomerValue",
        "fulfilment-time" => "FulfilmentTime",
        "orders-by-status" => "OrdersByStatus",
        "revenue" => "Revenue",
        "units-by-product" => "UnitsByProduct",
        "warehouse-board" => "WarehouseBoard",
        _ => return None,
    };
    Some(format!("leftfold_web_ui::sample::projections::{known}"))
}

/// The events of some types. The names are constants of this folder; a name that is none would ask for every event.
fn of_types<const N: usize>(types: [&str; N]) -> Query {
    QueryItem::of_types(types).map_or_else(|_| Query::everything(), Query::from)
}
