//! The state at one position.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::error::TimelineError;
use super::history::Place;
use super::walk::Span;
use super::window::{capacity, step};
use super::{Inner, Seek};
use crate::domain::{Position, Projection};
use crate::engine::CancelToken;

impl<P: Projection> Inner<P> {
    /// The state of a partition after `at`, which was reached. The answer is shared with what is kept.
    pub(super) async fn seek(
        &self,
        partition: &str,
        at: Position,
        taken: &mut Seek,
    ) -> Result<Option<Rc<P::State>>, TimelineError> {
        let host = self.store.host();
        let start = host.micros();
        let (place, number, capacity) = self.place(partition, at);
        let state = match place {
            Place::Known(state) => state.or_else(|| self.absent(partition)),
            Place::Within(span, count) => {
                let near = self.windows.borrow().nearest(number, span.after, at);
                let done = match &near {
                    Some((near, _)) => span.positions.partition_point(|position| position <= near),
                    None => 0,
                };
                let base = near.map(|(_, state)| state).or(span.base);
                let step = step(span.positions.len(), capacity);
                let mut passed = Vec::new();
                let mut index = done;
                let visit = |position: Position, state: &Rc<P::State>, _: &[_]| {
                    index += 1;
                    if index % step == 0 && index < count && capacity > 0 {
                        passed.push((position, Rc::clone(state)));
                    }
                    ControlFlow::Continue(())
                };
                let positions = &span.positions[done..count];
                taken.folds += positions.len();
                let state = self.walk(partition, self.begin(base), positions, &CancelToken::new(), visit).await?;
                if let Some(end) = span.positions[..count].last() {
                    let end = (*end, Rc::clone(&state));
                    self.windows.borrow_mut().keep(number, span.after, passed, end, capacity);
                }
                Some(state)
            }
        };
        taken.micros += host.micros() - start;
        Ok(state)
    }

    /// The place, the partition's number, and how many states a window may have.
    fn place(&self, partition: &str, at: Position) -> (Place<P::State>, u32, usize) {
        let histories = self.histories.borrow();
        let Some((number, history)) = histories.find(partition) else { return (Place::Known(None), 0, 0) };
        let capacity = capacity(self.options.memory_bytes, histories.largest_state);
        (history.place(at, histories.spacing), number, capacity)
    }

    /// The positions of a partition's events behind `after`, up to `to`, which was reached.
    pub(super) fn positions_of(&self, partition: &str, after: Position, to: Position) -> Vec<Position> {
        let histories = self.histories.borrow();
        histories.find(partition).map(|(_, history)| history.positions(after, to)).unwrap_or_default()
    }

    /// The last stretch in which a partition has an event at or before `at`, up to there.
    pub(super) fn span_before(&self, partition: &str, at: Position) -> Option<Span<P::State>> {
        self.histories.borrow().find(partition)?.1.span_before(at)
    }

    /// The first stretch in which a partition has an event in `from..=to`, up to `to`.
    pub(super) fn span_after(&self, partition: &str, from: Position, to: Position) -> Option<Span<P::State>> {
        let histories = self.histories.borrow();
        histories.find(partition)?.1.span_after(from, to, histories.spacing)
    }
}
