//! Folding a branch: from the last state that it shares with the log.

use std::rc::Rc;

use super::Branch;
use super::overlay::Overlay;
use crate::domain::{ContentType, Position, Projection, RecordedEvent};
use crate::engine::Pace;
use crate::timeline::Seek;
use crate::timeline::error::TimelineError;
use crate::timeline::histories::fold_error;

/// Events read and lifted together.
const FOLDED_EVENTS: usize = 512;

/// The place before.
fn before(place: Position) -> Position {
    Position::new(place.get().saturating_sub(1))
}

impl<P: Projection> Branch<P> {
    /// The state of a partition behind all events of the branch.
    pub(super) async fn fold_to_end(&self, partition: &str) -> Result<Option<Rc<P::State>>, TimelineError> {
        let inner = &self.timeline.inner;
        let Some(first) = self.overlay.changed_places(self.at).first().copied() else {
            inner.grow(self.at).await?;
            return inner.seek(partition, self.at, &mut Seek::default()).await;
        };
        let state = self.state_before(partition, first).await?;
        let events = match inner.grow(self.at).await {
            Ok(()) => inner.positions_of(partition, before(first), self.at),
            // The log cannot be folded up to here. The branch may be able to: it looks at every event itself.
            Err(TimelineError::Fold { .. } | TimelineError::Upcast(_)) => {
                (first.get().max(1)..=self.at.get()).map(Position::new).collect()
            }
            Err(error) => return Err(error),
        };
        let staying = self.overlay.staying(events, first, self.at);
        self.fold(&self.overlay, partition, state, &self.overlay.order(&staying, first, self.at)).await
    }

    /// The first place behind which the branch has another state than the log.
    pub(super) async fn first_difference(&self, partition: &str) -> Result<Option<Position>, TimelineError> {
        for place in self.overlay.changed_places(self.at) {
            // Up to here the states are equal, and equal states stay equal for as long as the events are the same.
            let state = self.state_before(partition, place).await?;
            let own: Vec<_> = Some(place).filter(|place| *place > Position::ZERO).into_iter().collect();
            let staying = self.overlay.staying(own.clone(), place, place);
            let branch = self.overlay.order(&staying, place, place);
            let there = self.fold(&Overlay::default(), partition, state.clone(), &own).await?;
            let here = self.fold(&self.overlay, partition, state, &branch).await?;
            if self.json_of(there.as_deref(), place)? != self.json_of(here.as_deref(), place)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// The state of the log before the event at `place`.
    async fn state_before(&self, partition: &str, place: Position) -> Result<Option<Rc<P::State>>, TimelineError> {
        let inner = &self.timeline.inner;
        inner.grow(before(place)).await?;
        inner.seek(partition, before(place), &mut Seek::default()).await
    }

    /// Folds events in the order given, as the overlay has them. Without a state the partition does not exist yet.
    async fn fold(
        &self,
        overlay: &Overlay,
        partition: &str,
        mut state: Option<Rc<P::State>>,
        order: &[Position],
    ) -> Result<Option<Rc<P::State>>, TimelineError> {
        let inner = &self.timeline.inner;
        let mut pace = Pace::new(&inner.store);
        let mut done = 0_u32;
        for part in order.chunks(FOLDED_EVENTS) {
            let (payloads, failure) = self.payloads(overlay, part).await?;
            // A projection is told of events in the order of the log; where that is not the branch's, run by run.
            for run in payloads.chunk_by(|a, b| a.position() <= b.position()) {
                inner.projection.prepare(run);
                for event in run {
                    let failed = |error: crate::domain::BoxError| fold_error(event, &error);
                    if inner.projection.partition(event).map_err(failed)?.as_deref() == Some(partition) {
                        let state = state.get_or_insert_with(|| Rc::new(inner.projection.initial()));
                        inner.projection.apply(Rc::make_mut(state), event).map_err(failed)?;
                    }
                    done += 1;
                    if done.is_multiple_of(16) {
                        pace.step().await;
                    }
                }
            }
            if let Some(error) = failure {
                return Err(error);
            }
        }
        Ok(state)
    }

    /// The payloads of events, up to the first that cannot be lifted.
    async fn payloads(
        &self,
        overlay: &Overlay,
        order: &[Position],
    ) -> Result<(Vec<RecordedEvent>, Option<TimelineError>), TimelineError> {
        let inner = &self.timeline.inner;
        let stored: Vec<_> = order.iter().copied().filter(|event| *event <= self.at).collect();
        let mut stored = inner.store.events_at(&stored).await?.into_iter();
        let mut payloads = Vec::with_capacity(order.len());
        for position in order {
            let event = match position.get().checked_sub(self.at.get() + 1) {
                Some(number) => overlay.inserted().get(number as usize).cloned(),
                None => stored.next(),
            };
            let Some(event) = event.filter(|event| inner.query.matches(event)) else { continue };
            let (lifted, failure) = inner.lift(std::slice::from_ref(&event));
            if let Some((_, error)) = failure {
                return Ok((payloads, Some(error)));
            }
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
