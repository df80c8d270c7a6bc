//! The sample: order fulfilment, a day in a warehouse, on the public API of the engine.
//!
//! Four deciders ([`order`], [`payment`], [`inventory`], [`shipment`]) write twelve types of events to the streams `order-`,
//! `payment-`, `inventory-` and `shipment-`. [`projections`] fold them. The [`Simulator`] runs commands through the deciders on
//! a virtual clock; the [`LiveSimulator`] does the same on a store.
//!
//! In the first three hours of the day an earlier release runs ([`early`]): it writes `OrderPlaced` and `StockReleased` in
//! schema version 1, which [`upcasters`] lift, and its release handler is not idempotent. At [`DOUBLE_RELEASE`] one
//! cancellation that the broker delivered twice has released one reservation twice. Since then a product shows more to
//! sell than there is. Nothing else in the sample is wrong.

pub mod catalog;
pub mod commands;
pub mod early;
mod fact;
pub mod inventory;
pub mod lines;
pub mod order;
pub mod payment;
pub mod projections;
pub mod rerun;
pub mod shipment;
mod simulator;
#[cfg(test)]
mod tests;
pub mod upcasters;

use leftfold_core::{InvalidEvent, NewEvent, Position, StreamName};

pub use fact::Fact;
pub use simulator::{LiveError, LiveSimulator, Simulator, Step};

/// The store that the sample and the simulator write to.
pub const STORE: &str = "order-fulfilment";
/// The seed of the sample.
pub const SEED: u64 = 1204;
/// How many events the sample has.
pub const EVENTS: usize = 6_400;
/// Where the sample releases a reservation for the second time.
pub const DOUBLE_RELEASE: Position = Position::new(490);

/// The first moment of the sample, 2026-03-14T08:02:00Z, in microseconds.
const START_MICROS: i64 = 1_773_475_320_000_000;

/// The events of the sample, in order. Ids are made from the seed, so that a store takes in the sample once.
///
/// # Errors
/// [`InvalidEvent`] when the warehouse makes something that is no event.
pub fn events() -> Result<Vec<(StreamName, NewEvent)>, InvalidEvent> {
    generate(SEED, EVENTS)
}

/// The first events of a warehouse from a seed, in order.
///
/// # Errors
/// [`InvalidEvent`] when the warehouse makes something that is no event.
pub fn generate(seed: u64, count: usize) -> Result<Vec<(StreamName, NewEvent)>, InvalidEvent> {
    let mut events = Vec::with_capacity(count);
    let mut steps = Simulator::new(seed);
    while events.len() < count {
        let Some(step) = steps.next().transpose()? else { break };
        let Step { stream, events: decided, .. } = step;
        events.extend(decided.into_iter().map(|event| (stream.clone(), event)));
    }
    events.truncate(count);
    Ok(events)
}
