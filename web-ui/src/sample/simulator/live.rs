//! The simulator on a store that others write to as well.

use std::error::Error;

use leftfold_core::{
    BoxError, CommandContext, CommandError, Durability, EventId, EventStore, Executed, InvalidName, Position,
    Repository, SnapshotPolicy, StreamName,
};
use thiserror::Error;

use super::refusal_of;
use super::world::{Command, Refusal, Request, World};
use crate::sample::fact::Fact;
use crate::sample::inventory::InventoryDecider;
use crate::sample::order::OrderDecider;
use crate::sample::payment::PaymentDecider;
use crate::sample::shipment::ShipmentDecider;
use crate::sample::upcasters;

/// Why the simulator cannot go on.
#[derive(Debug, Error)]
#[error("{source}")]
pub struct LiveError {
    code: &'static str,
    source: BoxError,
}

impl LiveError {
    /// The stable code of the store's error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl<R: Error + 'static> From<CommandError<R>> for LiveError {
    fn from(error: CommandError<R>) -> Self {
        Self { code: error.code(), source: error.into() }
    }
}

impl From<InvalidName> for LiveError {
    fn from(error: InvalidName) -> Self {
        Self { code: "invalid-event", source: error.into() }
    }
}

/// A warehouse that goes on where the log of a store ends: it executes its commands by repositories of the store.
///
/// The events happen when they are written: their time is that of the store's clock.
pub struct LiveSimulator {
    store: EventStore,
    world: World,
    orders: Repository<OrderDecider>,
    payments: Repository<PaymentDecider>,
    inventory: Repository<InventoryDecider>,
    shipments: Repository<ShipmentDecider>,
}

/// The events of a command with their ids, and what can be sold after them.
struct Done {
    facts: Vec<(Fact, EventId)>,
    sellable: Option<i64>,
}

impl LiveSimulator {
    /// A warehouse from a seed, whose virtual clock begins at a time in microseconds. Another seed gives other orders. The
    /// upcasters of the sample are registered with the store where they are missing.
    ///
    /// # Errors
    /// [`LiveError`] when a type of the sample is no name.
    pub fn new(store: &EventStore, seed: u64, opens_micros: i64) -> Result<Self, LiveError> {
        upcasters::register(store)?;
        Ok(Self {
            store: store.clone(),
            world: World::new(seed, opens_micros, false),
            orders: Repository::new(store, OrderDecider),
            payments: Repository::new(store, PaymentDecider),
            inventory: Repository::new(store, InventoryDecider).with_snapshots(SnapshotPolicy::default()),
            shipments: Repository::new(store, ShipmentDecider),
        })
    }

    /// Runs the next command. How many events came of it: none when it was refused, or executed before.
    ///
    /// # Errors
    /// [`LiveError`]; nothing of this command was written then.
    pub async fn step(&mut self, durability: Durability) -> Result<usize, LiveError> {
        let request = self.world.next();
        let stream = StreamName::new(&request.stream)?;
        let mut context = CommandContext::default()
            .correlation_id(&request.correlation)
            .causation_id(request.causation.hyphenated().to_string())
            .durability(durability);
        if let Some(id) = request.command_id {
            context = context.command_id(id);
        }
        match self.execute(&stream, &request, context).await? {
            Ok(Done { facts, sellable }) => {
                for (fact, id) in &facts {
                    self.world.happened(&request, fact, id.uuid(), sellable);
                }
                Ok(facts.len())
            }
            Err(refusal) => {
                self.world.refused(&request, refusal);
                Ok(0)
            }
        }
    }

    async fn execute(
        &self,
        stream: &StreamName,
        request: &Request,
        context: CommandContext,
    ) -> Result<Result<Done, Refusal>, LiveError> {
        let other = Refusal::Other;
        match &request.command {
            Command::Order(command) => {
                let done = self.orders.execute(stream, command, context).await;
                self.outcome(done, Fact::Order, |_| None, |_| other)
            }
            Command::Payment(command) => {
                let done = self.payments.execute(stream, command, context).await;
                self.outcome(done, Fact::Payment, |_| None, |_| other)
            }
            Command::Shipment(command) => {
                let done = self.shipments.execute(stream, command, context).await;
                self.outcome(done, Fact::Shipment, |_| None, |_| other)
            }
            Command::Inventory(command) => {
                let done = self.inventory.execute(stream, command, context).await;
                self.outcome(done, Fact::Inventory, |state| Some(state.sellable), refusal_of)
            }
            Command::EarlyRelease { .. } => Ok(Err(other)),
        }
    }

    fn outcome<S, E, R: Error + 'static>(
        &self,
        done: Result<Executed<S, E>, CommandError<R>>,
        wrap: fn(E) -> Fact,
        sellable: impl Fn(&S) -> Option<i64>,
        refusal: impl Fn(&R) -> Refusal,
    ) -> Result<Result<Done, Refusal>, LiveError> {
        let done = match done {
            Ok(done) => done,
            Err(CommandError::Rejected(rejection)) => return Ok(Err(refusal(&rejection))),
            Err(error) => return Err(error.into()),
        };
        // Of a command that was executed before, nothing comes again.
        let new = done.commit.filter(|commit| !commit.duplicate);
        let positions = new.iter().flat_map(|commit| {
            let (first, last) = (commit.first_position.get(), commit.last_position.get());
            (first..=last).map(Position::new)
        });
        let ids = self.store.with_log(|log| positions.filter_map(|at| Some(log.row(at)?.id)).collect::<Vec<_>>());
        let facts = done.events.into_iter().map(wrap).zip(ids).collect();
        Ok(Ok(Done { facts, sellable: sellable(&done.state) }))
    }
}
