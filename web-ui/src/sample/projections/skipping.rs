//! A projection that leaves some events out.

use std::borrow::Cow;
use std::collections::BTreeSet;

use leftfold_core::{BoxError, Position, Projection, Query, RecordedEvent};

/// The projection without some events: its history beside a read model that skipped them.
#[derive(Clone, Debug)]
pub struct Skipping<P> {
    projection: P,
    skipped: BTreeSet<Position>,
}

impl<P> Skipping<P> {
    /// Leaves these events out.
    pub fn new(projection: P, skipped: impl IntoIterator<Item = Position>) -> Self {
        Self { projection, skipped: skipped.into_iter().collect() }
    }
}

impl<P: Projection> Projection for Skipping<P> {
    type State = P::State;

    fn name(&self) -> &str {
        self.projection.name()
    }

    fn version(&self) -> u32 {
        self.projection.version()
    }

    fn query(&self) -> Query {
        self.projection.query()
    }

    fn initial(&self) -> P::State {
        self.projection.initial()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        if self.skipped.contains(&event.position()) { Ok(None) } else { self.projection.partition(event) }
    }

    fn apply(&self, state: &mut P::State, event: &RecordedEvent) -> Result<(), BoxError> {
        self.projection.apply(state, event)
    }
}
