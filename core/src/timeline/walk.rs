//! Folding the events of one partition from a state that is known.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::Inner;
use super::error::TimelineError;
use super::grow::{Tail, fold_error};
use super::keyframes::Keyframes;
use super::touches::Touches;
use crate::domain::{Position, Projection, RecordedEvent};
use crate::engine::{CancelToken, Pace};

/// Events read and lifted together.
const WALKED_EVENTS: usize = 512;

/// A part of one partition's history: its events in one stretch, and the state before the first of them.
pub(super) struct Span<S> {
    /// The state before; none where the partition does not exist yet.
    pub(super) base: Option<Rc<S>>,
    /// The stretch begins behind this position.
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

/// What a partition did in one stretch.
struct Stretch<'a, S> {
    base: Option<&'a Rc<S>>,
    after: Position,
    touches: &'a Touches,
    /// The partition's state is the very one that the stretch began with.
    is_unchanged: bool,
}

impl<'a, S> Stretch<'a, S> {
    fn new(keyframes: &'a Keyframes<S>, tail: &'a Tail<S>, stretch: usize, partition: u32) -> Self {
        let base = keyframes.base_of(stretch);
        let end = keyframes.frames.get(stretch);
        let after = base.map_or(Position::ZERO, |frame| frame.at);
        let base = base.and_then(|frame| frame.states.get(&partition));
        let is_unchanged = end.is_some_and(|end| match (base, end.states.get(&partition)) {
            (Some(base), Some(end)) => Rc::ptr_eq(base, end),
            (base, end) => base.is_none() && end.is_none(),
        });
        Self { base, after, touches: end.map_or(&tail.touches, |frame| &*frame.touches), is_unchanged }
    }

    /// The span of the events that fit, if there are any.
    fn span(&self, partition: u32, last: Position) -> Option<Span<S>> {
        if self.is_unchanged {
            return None;
        }
        let mut positions = self.touches.of(partition);
        positions.truncate(positions.partition_point(|position| *position <= last));
        (!positions.is_empty()).then(|| Span { base: self.base.cloned(), after: self.after, positions })
    }
}

impl<P: Projection> Inner<P> {
    /// The last stretch in which the partition has events at or before `at`, up to there.
    pub(super) fn span_before(&self, partition: &str, at: Position) -> Option<Span<P::State>> {
        let (tail, keyframes) = (self.tail.borrow(), self.keyframes.borrow());
        let number = tail.partitions.number(partition)?;
        let stretches = (0..=keyframes.stretch_of(at)).rev();
        stretches
            .map(|stretch| Stretch::new(&keyframes, &tail, stretch, number))
            .find_map(|found| found.span(number, at))
    }

    /// The first stretch in which the partition has events in `from..=to`, from the beginning of the stretch on.
    pub(super) fn span_after(&self, partition: &str, from: Position, to: Position) -> Option<Span<P::State>> {
        let (tail, keyframes) = (self.tail.borrow(), self.keyframes.borrow());
        let number = tail.partitions.number(partition)?;
        let stretches = keyframes.stretch_of(from)..=keyframes.stretch_of(to);
        stretches
            .map(|stretch| Stretch::new(&keyframes, &tail, stretch, number))
            .filter_map(|found| found.span(number, to))
            .find(|span| span.positions.last().is_some_and(|last| *last >= from))
    }
}
