//! The sample: a day in a warehouse, made by code from a seed, and a simulator that goes on in the same way.

mod warehouse;

use leftfold_core::{EventId, InvalidEvent, NewEvent, StreamName, Timestamp};
use uuid::Uuid;

use warehouse::Warehouse;

/// The store that the sample and the simulator write to.
pub const STORE: &str = "order-fulfilment";
/// The seed of the sample.
pub const SEED: u64 = 1204;
/// How many events the sample has.
pub const EVENTS: usize = 6_400;

/// The first moment of the sample: 2026-03-14T08:02:00Z.
const START_MICROS: i64 = 1_773_475_320_000_000;

/// The events of the sample, in order. Ids are made from the seed, so that a store takes in the sample once.
///
/// # Errors
/// [`InvalidEvent`] when the warehouse makes something that is no event.
pub fn events() -> Result<Vec<(StreamName, NewEvent)>, InvalidEvent> {
    let mut warehouse = Warehouse::new(SEED, START_MICROS);
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("leftfold:sample:{SEED}").as_bytes());
    (0..EVENTS)
        .map(|number| {
            let fact = warehouse.next();
            let id = EventId::new(Uuid::new_v5(&namespace, &number.to_le_bytes()));
            let time = Timestamp::from_micros(fact.micros).unwrap_or_default();
            Ok((StreamName::new(&fact.stream)?, fact.into_event()?.with_id(id).with_time(time)))
        })
        .collect()
}

/// Goes on in a warehouse of its own, an event at a time.
pub struct Simulator {
    warehouse: Warehouse,
}

impl Simulator {
    /// A warehouse from a seed. Another seed gives other orders, so that two simulators do not write the same streams.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { warehouse: Warehouse::new(seed, START_MICROS) }
    }

    /// The next event. It has no time and no id: it happens when it is written.
    ///
    /// # Errors
    /// [`InvalidEvent`] when the warehouse makes something that is no event.
    pub fn next_event(&mut self) -> Result<(StreamName, NewEvent), InvalidEvent> {
        let fact = self.warehouse.next();
        Ok((StreamName::new(&fact.stream)?, fact.into_event()?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn the_sample_is_the_same_every_time() {
        assert_eq!(events().expect("events"), events().expect("events"));
    }

    #[test]
    fn the_sample_has_twelve_types_in_four_categories_in_order_of_time() {
        let events = events().expect("events");
        assert_eq!(events.len(), EVENTS);
        let types: BTreeSet<&str> = events.iter().map(|(_, event)| event.event_type().as_str()).collect();
        let categories: BTreeSet<&str> = events.iter().map(|(stream, _)| stream.category()).collect();
        assert_eq!(types.len(), 12, "{types:?}");
        assert_eq!(categories.into_iter().collect::<Vec<_>>(), ["inventory", "order", "payment", "shipment"]);
        assert!(events.windows(2).all(|pair| pair[0].1.time() <= pair[1].1.time()));
        let ids: BTreeSet<_> = events.iter().map(|(_, event)| event.id()).collect();
        assert_eq!(ids.len(), EVENTS);
    }

    #[test]
    fn every_order_begins_with_being_placed() {
        let mut first = BTreeMap::new();
        for (stream, event) in events().expect("events") {
            first.entry(stream.to_string()).or_insert(event.event_type().to_string());
        }
        assert!(first.iter().filter(|(stream, _)| stream.starts_with("order-")).all(|(_, kind)| kind == "OrderPlaced"));
    }

    #[test]
    fn the_simulator_goes_on_and_on() {
        let mut simulator = Simulator::new(7);
        let made: BTreeSet<String> =
            (0..20_000).map(|_| simulator.next_event().expect("an event").0.to_string()).collect();
        assert!(made.len() > 2_000);
    }
}
