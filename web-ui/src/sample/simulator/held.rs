//! The state of a stream that is held in memory, with its version.

use leftfold_core::{Decider, ExpectedVersion, StreamVersion};

use super::world::Refusal;
use crate::sample::early;
use crate::sample::fact::Fact;
use crate::sample::inventory::{InventoryDecider, InventoryEvent};

pub(super) struct Held<D: Decider> {
    decider: D,
    pub(super) state: D::State,
    pub(super) version: u64,
}

impl<D: Decider + Default> Default for Held<D> {
    fn default() -> Self {
        let decider = D::default();
        Self { state: decider.initial_state(), decider, version: 0 }
    }
}

impl<D: Decider> Held<D>
where
    D::State: Default,
    D::Event: Clone,
{
    /// Decides, and takes in what was decided: the events, and the version before them.
    pub(super) fn decide(&mut self, command: &D::Command) -> Result<(Vec<D::Event>, ExpectedVersion), D::Rejection> {
        let events = self.decider.decide(&self.state, command)?;
        let before = self.expected();
        events.iter().for_each(|event| self.evolve(event.clone()));
        Ok((events, before))
    }

    pub(super) fn evolve(&mut self, event: D::Event) {
        self.state = self.decider.evolve(std::mem::take(&mut self.state), event);
        self.version += 1;
    }

    pub(super) fn expected(&self) -> ExpectedVersion {
        ExpectedVersion::Exact(StreamVersion::new(self.version))
    }
}

/// Runs the early handler. The event is known by its shape of today, in which it names the order of its message.
pub(super) fn early_release(
    shelf: &mut Held<InventoryDecider>,
    sku: &str,
    units: u32,
    order: &str,
) -> Result<(Vec<Fact>, ExpectedVersion), Refusal> {
    early::release(&shelf.state, sku, units).map_err(|_| Refusal::Other)?;
    let before = shelf.expected();
    let released = InventoryEvent::StockReleased { order: order.to_owned(), sku: sku.to_owned(), units };
    shelf.evolve(released.clone());
    Ok((vec![Fact::Inventory(released)], before))
}
