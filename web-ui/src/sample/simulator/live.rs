//! The simulator on a store that others write to as well.

use leftfold_core::{
    AppendError, BoxError, Commit, Decider, DomainEvent, Durability, EventId, EventStore, ExpectedVersion,
    InvalidEvent, InvalidName, ReadError, StreamName, StreamReadOptions, StreamVersion, UpcastError, Upcasters,
};
use thiserror::Error;

use super::held::Held;
use super::world::{Command, Refusal, Subject, World};
use super::{refusal_of, written};
use crate::sample::catalog::PRODUCTS;
use crate::sample::fact::Fact;
use crate::sample::inventory::InventoryDecider;
use crate::sample::order::OrderDecider;
use crate::sample::payment::PaymentDecider;
use crate::sample::shipment::ShipmentDecider;
use crate::sample::upcasters;

/// How often a command is decided anew because another writer was first.
const MOST_RETRIES: u32 = 3;

/// Why the simulator cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The store did not take the events.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The store did not give the events of a stream.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event of the store cannot be lifted.
    #[error(transparent)]
    Upcast(#[from] UpcastError),
    /// An event of the store is not one of the warehouse's, or one cannot be written.
    #[error("{0}")]
    Event(BoxError),
}

impl From<InvalidEvent> for LiveError {
    fn from(error: InvalidEvent) -> Self {
        Self::Event(error.into())
    }
}

impl From<InvalidName> for LiveError {
    fn from(error: InvalidName) -> Self {
        Self::Event(error.into())
    }
}

/// A warehouse that goes on where the log of a store ends.
///
/// Every command is decided on the state of its stream in the store, and appended with the version that it saw; when another
/// writer was first, it is decided anew. The events happen when they are written: they have no time of their own.
pub struct LiveSimulator {
    store: EventStore,
    upcasters: Upcasters,
    world: World,
    shelves: Vec<Held<InventoryDecider>>,
}

impl LiveSimulator {
    /// A warehouse from a seed, whose virtual clock begins at a time in microseconds. Another seed gives other orders.
    ///
    /// # Errors
    /// [`LiveError`] when the upcasters of the sample are no chains.
    pub fn new(store: EventStore, seed: u64, opens_micros: i64) -> Result<Self, LiveError> {
        Ok(Self {
            store,
            upcasters: upcasters::chains().map_err(LiveError::Event)?,
            world: World::new(seed, opens_micros, false),
            shelves: PRODUCTS.iter().map(|_| Held::default()).collect(),
        })
    }

    /// Runs the next command. How many events came of it: none when it was refused.
    ///
    /// # Errors
    /// [`LiveError`]; nothing of this command was written then.
    pub async fn step(&mut self, durability: Durability) -> Result<usize, LiveError> {
        let request = self.world.next();
        let stream = StreamName::new(&request.stream)?;
        for _ in 0..MOST_RETRIES {
            let (outcome, expected, sellable) = self.decide(&stream, request.subject, &request.command).await?;
            let facts = match outcome {
                Ok(facts) => facts,
                Err(refusal) => {
                    self.world.refused(&request, refusal);
                    return Ok(0);
                }
            };
            let (mut events, mut ids) = (Vec::new(), Vec::new());
            for (index, fact) in facts.iter().enumerate() {
                let id = self.world.event_id(&request, index);
                events.push(written(&request, fact)?.with_id(EventId::new(id)));
                ids.push(id);
            }
            let commit = Commit::to_stream(stream.clone(), expected, events);
            match self.store.commit_with(commit, durability).await {
                Err(AppendError::WrongExpectedVersion { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    facts.iter().zip(ids).for_each(|(fact, id)| self.world.happened(&request, fact, id, sellable));
                    return Ok(facts.len());
                }
            }
        }
        self.world.refused(&request, Refusal::Other);
        Ok(0)
    }

    /// Decides on the state in the store: the events or the refusal, the version that was seen, and what can be sold then.
    async fn decide(
        &mut self,
        stream: &StreamName,
        subject: Subject,
        command: &Command,
    ) -> Result<(Result<Vec<Fact>, Refusal>, ExpectedVersion, Option<i64>), LiveError> {
        match (subject, command) {
            (Subject::Inventory(product), Command::Inventory(command)) => {
                let mut shelf = self.shelves.get_mut(product).map(std::mem::take).unwrap_or_default();
                self.catch_up(stream, &mut shelf).await?;
                let (version, decided) = (shelf.expected(), InventoryDecider.decide(&shelf.state, command));
                let sellable = decided
                    .iter()
                    .flatten()
                    .cloned()
                    .fold(shelf.state.clone(), |state, event| InventoryDecider.evolve(state, event));
                if let Some(kept) = self.shelves.get_mut(product) {
                    *kept = shelf;
                }
                let facts = decided.map(|events| events.into_iter().map(Fact::Inventory).collect());
                Ok((facts.map_err(|rejection| refusal_of(&rejection)), version, Some(sellable.sellable)))
            }
            (_, Command::Order(command)) => self.decide_fresh(OrderDecider, stream, command, Fact::Order).await,
            (_, Command::Payment(command)) => self.decide_fresh(PaymentDecider, stream, command, Fact::Payment).await,
            (_, Command::Shipment(command)) => {
                self.decide_fresh(ShipmentDecider, stream, command, Fact::Shipment).await
            }
            (_, Command::Inventory(_) | Command::EarlyRelease { .. }) => {
                Ok((Err(Refusal::Other), ExpectedVersion::Any, None))
            }
        }
    }

    async fn decide_fresh<D: Decider + Default>(
        &self,
        decider: D,
        stream: &StreamName,
        command: &D::Command,
        wrap: fn(D::Event) -> Fact,
    ) -> Result<(Result<Vec<Fact>, Refusal>, ExpectedVersion, Option<i64>), LiveError>
    where
        D::State: Default,
        D::Event: Clone,
    {
        let mut held = Held::<D>::default();
        self.catch_up(stream, &mut held).await?;
        let decided = decider.decide(&held.state, command).map_err(|_| Refusal::Other);
        Ok((decided.map(|events| events.into_iter().map(wrap).collect()), held.expected(), None))
    }

    /// Folds the events of the stream that are not folded yet. After an error the state is thrown away.
    async fn catch_up<D: Decider>(&self, stream: &StreamName, held: &mut Held<D>) -> Result<(), LiveError>
    where
        D::State: Default,
        D::Event: Clone,
    {
        let options = StreamReadOptions { from: Some(StreamVersion::new(held.version + 1)), ..Default::default() };
        for event in self.store.read_stream(stream, options).await? {
            let version = event.version().get();
            for lifted in self.upcasters.lift(event)? {
                let event = D::Event::from_recorded(&lifted).map_err(|error| LiveError::Event(error.into()))?;
                held.evolve(event);
            }
            held.version = version;
        }
        Ok(())
    }
}
