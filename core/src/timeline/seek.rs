//! The state at one position.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::error::TimelineError;
use super::walk::Span;
use super::window::{capacity, step};
use super::{Inner, Seek};
use crate::domain::{Position, Projection};
use crate::engine::CancelToken;

/// A state, or what must be folded to have it.
enum Place<S> {
    Known(Option<Rc<S>>),
    Folded {
        partition: u32,
        span: Span<S>,
        /// How many events of the span are folded into its base already.
        done: usize,
        /// How many events of the span lie before the place.
        count: usize,
        capacity: usize,
    },
}

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
        let state = match self.place(partition, at) {
            Place::Known(state) => state.or_else(|| self.absent(partition)),
            Place::Folded { partition: number, span, done, count, capacity } => {
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
                let state = self.walk(partition, self.begin(span.base), positions, &CancelToken::new(), visit).await?;
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

    fn place(&self, partition: &str, at: Position) -> Place<P::State> {
        let (tail, keyframes) = (self.tail.borrow(), self.keyframes.borrow());
        let Some(number) = tail.partitions.number(partition) else { return Place::Known(None) };
        let stretch = keyframes.stretch_of(at);
        let end = keyframes.frames.get(stretch);
        let base = keyframes.base_of(stretch);
        let touches = end.map_or(&tail.touches, |frame| &*frame.touches);
        let positions = touches.of(number);
        let count = positions.partition_point(|position| *position <= at);
        let state_of = |states: &super::keyframes::States<P::State>| states.get(&number).cloned();
        if count == 0 {
            return Place::Known(base.and_then(|frame| state_of(&frame.states)));
        }
        let is_end_true = end.is_some() || !tail.spoiled.contains(&number);
        if count == positions.len() && is_end_true {
            return Place::Known(state_of(end.map_or(&tail.states, |frame| &frame.states)));
        }
        let after = base.map_or(Position::ZERO, |frame| frame.at);
        let near = self.windows.borrow().nearest(number, after, at);
        let done = near.as_ref().map_or(0, |(near, _)| positions.partition_point(|position| position <= near));
        let base = near.map(|(_, state)| state).or_else(|| base.and_then(|frame| state_of(&frame.states)));
        let capacity = capacity(self.options.memory_bytes, keyframes.largest_state);
        Place::Folded { partition: number, span: Span { base, after, positions }, done, count, capacity }
    }
}
