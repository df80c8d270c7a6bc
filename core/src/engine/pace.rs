//! Long work that stays out of everyone's way.

use super::store::EventStore;
use crate::domain::Timestamp;

/// How long work goes on before others get their turn, in microseconds: a read that comes meanwhile waits so long, each
/// time it has something to do.
const TURN_MICROS: u64 = 1_000;

/// Gives way to other work of the thread whenever a turn of a millisecond is over.
#[derive(Debug)]
pub(crate) struct Pace {
    store: EventStore,
    since: Timestamp,
}

impl Pace {
    /// A pace whose first turn begins now.
    pub(crate) fn new(store: &EventStore) -> Self {
        let store = store.clone();
        let since = store.inner.storage.host().now();
        Self { store, since }
    }

    /// Lets others go first if the turn is over. To be called after every small piece of work.
    pub(crate) async fn step(&mut self) {
        let host = self.store.inner.storage.host();
        // A clock that was set back ends the turn too.
        if host.now().as_micros().abs_diff(self.since.as_micros()) >= TURN_MICROS {
            host.breathe().await;
            self.since = host.now();
        }
    }
}
