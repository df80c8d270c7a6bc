//! Folding the events of one partition from a state that is known.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::Inner;
use super::error::TimelineError;
use super::histories::fold_error;
use crate::domain::{Position, Projection, RecordedEvent};
use crate::engine::{CancelToken, Pace};

/// Events read and lifted together.
const WALKED_EVENTS: usize = 512;

/// A part of one partition's history: events that follow one another, and the state before the first of them.
pub(super) struct Span<S> {
    /// The state before; none where the partition does not exist yet.
    pub(super) base: Option<Rc<S>>,
    /// The position of the last event before; zero where there is none.
    pub(super) after: Position,
    /// The events, ascending.
    pub(super) positions: Vec<Position>,
}

impl<P: Projection> Inner<P> {
    /// Folds the events at `positions` into `state`, as far as they are of `partition`. `visit` is told of each event of
    /// the log: its position, the state after it and its payloads in the partition.
    pub(super) async fn walk(
        &self,
        partition: &str,
        mut state: Rc<P::State>,
        positions: &[Position],
        cancel: &CancelToken,
        mut visit: impl FnMut(Position, &Rc<P::State>, &[RecordedEvent]) -> ControlFlow<()>,
    ) -> Result<Rc<P::State>, TimelineError> {
        let mut pace = Pace::new(&self.store);
        for part in positions.chunks(WALKED_EVENTS) {
            let events = self.store.events_at(part).await?;
            let (payloads, failure) = self.lift(&events);
            self.projection.prepare(&payloads);
            let mut own = Vec::new();
            for (done, payloads) in payloads.chunk_by(|a, b| a.position() == b.position()).enumerate() {
                own.clear();
                for event in payloads {
                    let failed = |error: crate::domain::BoxError| fold_error(event, &error);
                    if self.projection.partition(event).map_err(failed)?.as_deref() == Some(partition) {
                        self.projection.apply(Rc::make_mut(&mut state), event).map_err(failed)?;
                        own.push(event.clone());
                    }
                }
                if visit(payloads[0].position(), &state, &own).is_break() {
                    return Ok(state);
                }
                if done % 16 == 15 {
                    if cancel.is_cancelled() {
                        return Err(TimelineError::Aborted);
                    }
                    pace.step().await;
                }
            }
            if let Some((_, error)) = failure {
                return Err(error);
            }
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
        }
        Ok(state)
    }

    /// The state before a partition's first event: the unnamed partition is always there, others begin with an event.
    pub(super) fn absent(&self, partition: &str) -> Option<Rc<P::State>> {
        partition.is_empty().then(|| Rc::new(self.projection.initial()))
    }

    /// The state that a fold begins with.
    pub(super) fn begin(&self, base: Option<Rc<P::State>>) -> Rc<P::State> {
        base.unwrap_or_else(|| Rc::new(self.projection.initial()))
    }
}
