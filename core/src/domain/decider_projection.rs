//! One stream as a projection: its state as a decider sees it.

use super::{
    BoxError, Decider, DecodeError, DomainEvent, Projection, Query, QueryItem, RecordedEvent, StreamName, UnknownTypes,
};

/// The projection of one stream whose read model is the state of a decider: a timeline of it is the history of what
/// decisions rested on.
///
/// It has one partition, the unnamed one, which begins with the decider's initial state. Its name is that of the stream.
#[derive(Clone, Debug)]
pub struct DeciderProjection<D> {
    decider: D,
    stream: StreamName,
    unknown_types: UnknownTypes,
}

impl<D: Decider> DeciderProjection<D> {
    /// The projection of `stream`. An event of a type that the decider does not know fails it.
    #[must_use]
    pub fn new(decider: D, stream: StreamName) -> Self {
        Self { decider, stream, unknown_types: UnknownTypes::Fail }
    }

    /// The same projection with another answer to unknown types.
    #[must_use]
    pub fn unknown_types(mut self, unknown_types: UnknownTypes) -> Self {
        self.unknown_types = unknown_types;
        self
    }

    /// The decider.
    #[must_use]
    pub fn decider(&self) -> &D {
        &self.decider
    }
}

impl<D: Decider> Projection for DeciderProjection<D> {
    type State = D::State;

    fn name(&self) -> &str {
        self.stream.as_str()
    }

    fn version(&self) -> u32 {
        self.decider.schema_version()
    }

    fn query(&self) -> Query {
        QueryItem::of_streams([self.stream.clone()]).into()
    }

    fn initial(&self) -> D::State {
        self.decider.initial_state()
    }

    fn apply(&self, state: &mut D::State, event: &RecordedEvent) -> Result<(), BoxError> {
        let event = match D::Event::from_recorded(event) {
            Err(DecodeError::UnknownType { .. }) if self.unknown_types == UnknownTypes::Skip => return Ok(()),
            decoded => decoded?,
        };
        let before = std::mem::replace(state, self.decider.initial_state());
        *state = self.decider.evolve(before, event);
        Ok(())
    }
}
