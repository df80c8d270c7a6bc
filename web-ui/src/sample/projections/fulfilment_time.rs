//! How long orders take, from being placed to being delivered.

use imbl::{OrdMap, Vector};
use leftfold_core::{BoxError, Projection, Query, RecordedEvent};
use serde::{Deserialize, Serialize};

use super::of_types;
use crate::sample::fact::Fact;
use crate::sample::order::OrderEvent;
use crate::sample::shipment::ShipmentEvent;

/// The median and the 95th percentile of the time from placed to delivered.
///
/// Exact, by nearest rank: every duration is kept, in order, so that a percentile is one look-up. That costs eight bytes for
/// each delivered order; a sketch would cost less and be wrong by some percent.
#[derive(Clone, Copy, Debug, Default)]
pub struct FulfilmentTime;

/// The times, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfilmentTimes {
    /// Half of the orders took at most so long; zero before the first delivery.
    pub p50_micros: i64,
    /// 95 of 100 orders took at most so long; zero before the first delivery.
    pub p95_micros: i64,
    /// When each order that is under way was placed, since 1970.
    pub placed: OrdMap<String, i64>,
    /// How long each delivered order took, shortest first.
    pub durations: Vector<i64>,
}

impl FulfilmentTimes {
    /// So many of 100 orders took at most so long; zero before the first delivery.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> i64 {
        let rank = (percent.min(100) * self.durations.len()).div_ceil(100);
        self.durations.get(rank.saturating_sub(1)).copied().unwrap_or(0)
    }
}

impl Projection for FulfilmentTime {
    type State = FulfilmentTimes;

    fn name(&self) -> &str {
        "fulfilment-time"
    }

    fn query(&self) -> Query {
        of_types(["OrderPlaced", "OrderCancelled", "ParcelDelivered"])
    }

    fn initial(&self) -> FulfilmentTimes {
        FulfilmentTimes::default()
    }

    fn apply(&self, state: &mut FulfilmentTimes, event: &RecordedEvent) -> Result<(), BoxError> {
        match Fact::read(event)? {
            Some(Fact::Order(OrderEvent::OrderPlaced { .. })) => {
                state.placed.insert(event.stream().to_string(), event.time().as_micros());
            }
            Some(Fact::Order(OrderEvent::OrderCancelled { .. })) => {
                state.placed.remove(event.stream().as_str());
            }
            Some(Fact::Shipment(ShipmentEvent::ParcelDelivered { order, .. })) => {
                let Some(placed) = state.placed.remove(&order) else { return Ok(()) };
                let duration = event.time().as_micros() - placed;
                let index = match state.durations.binary_search(&duration) {
                    Ok(index) | Err(index) => index,
                };
                state.durations.insert(index, duration);
                state.p50_micros = state.percentile(50);
                state.p95_micros = state.percentile(95);
            }
            _ => {}
        }
        Ok(())
    }
}
