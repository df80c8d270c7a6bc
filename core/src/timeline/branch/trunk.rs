//! Folding what a branch has changed: from the last state that it shares with the log.

use serde_json::Value;

use super::Divergence;
use super::draft::Draft;
use super::overlay::Overlay;
use crate::domain::{ContentType, Position, Query, RecordedEvent};
use crate::engine::EventStore;
use crate::timeline::error::TimelineError;

/// The timeline that a branch goes off from, as far as a branch asks for it.
pub(crate) trait Trunk {
    /// The state of a partition, with what must be known to fold on.
    type State: Clone;

    /// Events read and folded together.
    const FOLDED_EVENTS: usize = 512;

    fn store(&self) -> &EventStore;

    /// Which events are folded.
    fn query(&self) -> &Query;

    /// The state of a partition in the log.
    fn state_at(&self, partition: &str, at: Position) -> impl Future<Output = Result<Self::State, TimelineError>>;

    /// The positions of a partition's events behind `after`, up to `to`.
    fn positions(
        &self,
        partition: &str,
        after: Position,
        to: Position,
    ) -> impl Future<Output = Result<Vec<Position>, TimelineError>>;

    /// Folds those of the events into a state that are of its partition. They may come in any order.
    fn fold(
        &self,
        partition: &str,
        state: Self::State,
        events: &[RecordedEvent],
    ) -> impl Future<Output = Result<Self::State, TimelineError>>;

    /// The state as JSON, `null` where the partition does not exist.
    ///
    /// # Errors
    /// [`TimelineError::NotJson`].
    fn value(&self, state: &Self::State, at: Position) -> Result<Value, TimelineError>;

    /// The same with all that the state of the partition may come to depend on.
    ///
    /// # Errors
    /// [`TimelineError::NotJson`].
    fn whole_value(&self, state: &Self::State, at: Position) -> Result<Value, TimelineError> {
        self.value(state, at)
    }
}

/// The place before.
fn before(place: Position) -> Position {
    Position::new(place.get().saturating_sub(1))
}

impl Draft {
    /// The state of a partition behind all events of the branch.
    pub(crate) async fn state<T: Trunk>(&self, trunk: &T, partition: &str) -> Result<T::State, TimelineError> {
        self.state_at(trunk, self.at, partition).await
    }

    /// The state of a partition behind all that stands at a place or before it. Behind the last place it is that of the end.
    pub(crate) async fn state_at<T: Trunk>(
        &self,
        trunk: &T,
        to: Position,
        partition: &str,
    ) -> Result<T::State, TimelineError> {
        let to = to.min(self.at);
        let Some(first) = self.overlay.changed_places(to).first().copied() else {
            return trunk.state_at(partition, to).await;
        };
        let state = trunk.state_at(partition, before(first)).await?;
        let events = match trunk.positions(partition, before(first), to).await {
            Ok(positions) => positions,
            // The log cannot be folded up to here. The branch may be able to: it looks at every event itself.
            Err(TimelineError::Fold { .. } | TimelineError::Upcast(_)) => {
                (first.get().max(1)..=to.get()).map(Position::new).collect()
            }
            Err(error) => return Err(error),
        };
        let staying = self.overlay.staying(events, first, to);
        self.fold(trunk, &self.overlay, partition, state, &self.overlay.order(&staying, first, to)).await
    }

    /// Where the branch differs from the log, and how at its end.
    pub(crate) async fn divergence<T: Trunk>(&self, trunk: &T, partition: &str) -> Result<Divergence, TimelineError> {
        let Some(first) = self.first_difference(trunk, partition).await? else { return Ok(Divergence::default()) };
        let there = trunk.state_at(partition, self.at).await?;
        let here = self.state(trunk, partition).await?;
        let (there, here) = (trunk.value(&there, self.at)?, trunk.value(&here, self.at)?);
        Ok(Divergence { first_position: Some(first), diff: json_patch::diff(&there, &here).0 })
    }

    /// The first place behind which the branch has another state than the log, or a state where the log cannot be folded.
    pub(crate) async fn first_difference<T: Trunk>(
        &self,
        trunk: &T,
        partition: &str,
    ) -> Result<Option<Position>, TimelineError> {
        for place in self.overlay.changed_places(self.at) {
            // Up to here the states are equal, and equal states stay equal for as long as the events are the same.
            let state = trunk.state_at(partition, before(place)).await?;
            let own: Vec<_> = Some(place).filter(|place| *place > Position::ZERO).into_iter().collect();
            let staying = self.overlay.staying(own.clone(), place, place);
            let branch = self.overlay.order(&staying, place, place);
            let there = self.fold(trunk, &Overlay::default(), partition, state.clone(), &own).await;
            let here = self.fold(trunk, &self.overlay, partition, state, &branch).await;
            let (there, here) = match (there, here) {
                (Err(TimelineError::Fold { .. } | TimelineError::Upcast(_)), Ok(_)) => return Ok(Some(place)),
                (there, here) => (there?, here?),
            };
            if trunk.whole_value(&there, place)? != trunk.whole_value(&here, place)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Folds events in the order given, as the overlay has them.
    async fn fold<T: Trunk>(
        &self,
        trunk: &T,
        overlay: &Overlay,
        partition: &str,
        mut state: T::State,
        order: &[Position],
    ) -> Result<T::State, TimelineError> {
        for part in order.chunks(T::FOLDED_EVENTS) {
            let (payloads, failure) = self.payloads(trunk, overlay, part).await?;
            state = trunk.fold(partition, state, &payloads).await?;
            if let Some(error) = failure {
                return Err(error);
            }
        }
        Ok(state)
    }

    /// The payloads of events, up to the first that cannot be lifted.
    async fn payloads<T: Trunk>(
        &self,
        trunk: &T,
        overlay: &Overlay,
        order: &[Position],
    ) -> Result<(Vec<RecordedEvent>, Option<TimelineError>), TimelineError> {
        let store = trunk.store();
        let stored: Vec<_> = order.iter().copied().filter(|event| *event <= self.at).collect();
        let mut stored = store.events_at(&stored).await?.into_iter();
        let upcasters = store.upcasters();
        let mut payloads = Vec::with_capacity(order.len());
        for position in order {
            let event = match position.get().checked_sub(self.at.get() + 1) {
                Some(number) => overlay.inserted().get(number as usize).cloned(),
                None => stored.next(),
            };
            let Some(event) = event.filter(|event| trunk.query().matches(event)) else { continue };
            let lifted = match upcasters.lift(event) {
                Ok(lifted) => lifted,
                Err(error) => return Ok((payloads, Some(error.into()))),
            };
            let own = payloads.len();
            payloads.extend(lifted);
            if let (Some(data), Some(payload)) = (overlay.data_of(*position), payloads.get_mut(own)) {
                payload.data = data.clone();
                payload.content = ContentType::Json;
            }
        }
        Ok((payloads, None))
    }
}
