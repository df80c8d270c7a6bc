//! The simulator: a warehouse that never closes. It runs commands through the deciders and gives what they decide.

mod calendar;
mod draft;
mod held;
mod live;
mod random;
mod world;

use std::collections::HashMap;

use leftfold_core::{EventId, ExpectedVersion, InvalidEvent, NewEvent, StreamName, Timestamp};

use super::START_MICROS;
use super::catalog::PRODUCTS;
use super::early::EarlyEvent;
use super::fact::Fact;
use super::inventory::{InventoryDecider, InventoryRejection};
use super::order::OrderDecider;
use super::payment::PaymentDecider;
use super::shipment::ShipmentDecider;
use held::{Held, early_release};
pub use live::{LiveError, LiveSimulator};
use world::{Command, Refusal, Request, Subject, World};

/// What one command came to: events for one stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The stream.
    pub stream: StreamName,
    /// The version of the stream when it was decided.
    pub expected: ExpectedVersion,
    /// One event or more, with id, time, and metadata: `correlationId` is the order (or purchase order) that all is about,
    /// `causationId` the event or the command that led here.
    pub events: Vec<NewEvent>,
}

/// A warehouse from a seed, in memory: an endless iterator of what its commands come to, in the order of the virtual clock.
///
/// The same seed gives the same bytes, on every machine. The clock begins on 2026-03-14 at 08:02 and runs over as many days as
/// are asked for. Refused commands are counted and come to nothing. Of finished orders nothing is kept but their reservations.
pub struct Simulator {
    world: World,
    orders: HashMap<u32, Fulfilment>,
    shelves: Vec<Held<InventoryDecider>>,
    refusals: u64,
}

/// The streams of one order.
#[derive(Default)]
struct Fulfilment {
    order: Held<OrderDecider>,
    payment: Held<PaymentDecider>,
    shipment: Held<ShipmentDecider>,
}

impl Simulator {
    /// A warehouse from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            world: World::new(seed, START_MICROS, true),
            orders: HashMap::new(),
            shelves: PRODUCTS.iter().map(|_| Held::default()).collect(),
            refusals: 0,
        }
    }

    /// How many commands were refused until now.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.refusals
    }

    #[cfg(test)]
    pub(super) fn orders_under_way(&self) -> usize {
        self.orders.len()
    }

    /// Runs a command: the events, the version before them, and what can be sold then.
    fn run(&mut self, request: &Request) -> Result<(Vec<Fact>, ExpectedVersion, Option<i64>), Refusal> {
        if let Subject::Inventory(product) = request.subject {
            let shelf = self.shelves.get_mut(product).ok_or(Refusal::Other)?;
            let (facts, before) = match &request.command {
                Command::EarlyRelease { sku, units } => early_release(shelf, sku, *units, &request.correlation)?,
                Command::Inventory(command) => {
                    shelf.decide(command).map_err(|rejection| refusal_of(&rejection)).map(wrapped(Fact::Inventory))?
                }
                _ => return Err(Refusal::Other),
            };
            return Ok((facts, before, Some(shelf.state.sellable)));
        }
        let order = self.orders.entry(request.order.ok_or(Refusal::Other)?).or_default();
        let other = Refusal::Other;
        let (facts, before) = match &request.command {
            Command::Order(command) => order.order.decide(command).map_err(|_| other).map(wrapped(Fact::Order)),
            Command::Payment(command) => order.payment.decide(command).map_err(|_| other).map(wrapped(Fact::Payment)),
            Command::Shipment(command) => {
                order.shipment.decide(command).map_err(|_| other).map(wrapped(Fact::Shipment))
            }
            Command::Inventory(_) | Command::EarlyRelease { .. } => Err(other),
        }?;
        Ok((facts, before, None))
    }

    fn step(&mut self) -> Result<Step, InvalidEvent> {
        loop {
            let request = self.world.next();
            let outcome = self.run(&request);
            let mut events = Vec::new();
            let expected = match outcome {
                Ok((facts, expected, sellable)) => {
                    for (index, fact) in facts.into_iter().enumerate() {
                        let id = EventId::new(self.world.event_id(&request, index));
                        let time = Timestamp::from_micros(request.micros).unwrap_or_default();
                        events.push(written(&request, &fact)?.with_id(id).with_time(time));
                        self.world.happened(&request, &fact, id.uuid(), sellable);
                    }
                    expected
                }
                Err(refusal) => {
                    self.refusals += 1;
                    self.world.refused(&request, refusal);
                    ExpectedVersion::Any
                }
            };
            if let Some(order) = request.order.filter(|order| !self.world.knows(*order)) {
                self.orders.remove(&order);
            }
            if !events.is_empty() {
                return Ok(Step { stream: StreamName::new(&request.stream)?, expected, events });
            }
        }
    }
}

impl Iterator for Simulator {
    type Item = Result<Step, InvalidEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.step())
    }
}

/// An event as the release that runs writes it, with its metadata.
fn written(request: &Request, fact: &Fact) -> Result<NewEvent, InvalidEvent> {
    use leftfold_core::DomainEvent;
    let early = match (&request.command, fact) {
        (Command::EarlyRelease { sku, units }, _) => {
            Some(EarlyEvent::StockReleased { sku: (*sku).to_owned(), units: *units })
        }
        (_, Fact::Order(event)) if request.is_early => EarlyEvent::of_order(event),
        _ => None,
    };
    let event = match early {
        Some(early) => early.to_new_event()?,
        None => fact.to_new_event()?,
    };
    let (correlation, causation) = (&request.correlation, request.causation.hyphenated());
    event.with_metadata_text(format!(r#"{{"correlationId":"{correlation}","causationId":"{causation}"}}"#))
}

fn refusal_of(rejection: &InventoryRejection) -> Refusal {
    match rejection {
        InventoryRejection::InsufficientStock { .. } => Refusal::OutOfStock,
        _ => Refusal::Other,
    }
}

fn wrapped<E>(wrap: fn(E) -> Fact) -> impl FnOnce((Vec<E>, ExpectedVersion)) -> (Vec<Fact>, ExpectedVersion) {
    move |(events, before)| (events.into_iter().map(wrap).collect(), before)
}
