//! The first event after which something holds.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::error::TimelineError;
use super::{Cursor, FindOptions, Timeline};
use crate::domain::{Position, Projection, RecordedEvent};
use crate::engine::{CancelToken, Direction, Pace};

impl<P: Projection> Timeline<P> {
    /// The first position at or after [`from`](FindOptions::from) after whose event `predicate` holds; backwards, the
    /// last one at or before it. `None` when there is none up to the head, or back to the beginning.
    ///
    /// The predicate is asked after every event of the partition, with the state after it and the event as it was lifted;
    /// of an event that was split, with each of its payloads, until one answers. Forwards it is asked in the log's order,
    /// and the log is folded no further than needed. Backwards it goes from stretch to stretch, each in the log's order.
    ///
    /// Works in turns of about a millisecond.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) soon after `cancel` was thrown.
    pub async fn find_first(
        &self,
        predicate: impl FnMut(&P::State, &RecordedEvent) -> bool,
        options: &FindOptions,
        cancel: &CancelToken,
    ) -> Result<Option<Position>, TimelineError> {
        match options.direction {
            Direction::Forwards => self.find_forwards(predicate, options, cancel).await,
            Direction::Backwards => self.find_backwards(predicate, options, cancel).await,
        }
    }

    async fn find_forwards(
        &self,
        mut predicate: impl FnMut(&P::State, &RecordedEvent) -> bool,
        options: &FindOptions,
        cancel: &CancelToken,
    ) -> Result<Option<Position>, TimelineError> {
        let inner = &self.inner;
        let head = inner.store.refresh().await?;
        let mut from = options.from.unwrap_or_default().max(Position::new(1));
        let mut pace = Pace::new(&inner.store);
        let mut reading = None;
        loop {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let folded_to = inner.folded_to.get();
            while let Some(span) = inner.span_after(&options.partition, from, folded_to) {
                let mut found = None;
                let visit = |position: Position, state: &Rc<P::State>, payloads: &[RecordedEvent]| {
                    if position >= from && payloads.iter().any(|event| predicate(state, event)) {
                        found = Some(position);
                        return ControlFlow::Break(());
                    }
                    ControlFlow::Continue(())
                };
                let end = span.positions.last().map_or(folded_to, |last| *last);
                inner.walk(&options.partition, inner.begin(span.base), &span.positions, cancel, visit).await?;
                if found.is_some() {
                    return Ok(found.filter(|found| *found <= head));
                }
                from = end.next();
            }
            from = from.max(folded_to.next());
            if from > head {
                return Ok(None);
            }
            let grown = inner.grow_by_page(head, &mut reading, &mut pace).await;
            // What was folded before a failure is searched first.
            if inner.folded_to.get() == folded_to {
                grown?;
            }
        }
    }

    async fn find_backwards(
        &self,
        mut predicate: impl FnMut(&P::State, &RecordedEvent) -> bool,
        options: &FindOptions,
        cancel: &CancelToken,
    ) -> Result<Option<Position>, TimelineError> {
        let inner = &self.inner;
        let from = options.from.map_or(Cursor::Head, Cursor::Position);
        let mut at = inner.position_of(from).await?;
        let (mut pace, mut reading) = (Pace::new(&inner.store), None);
        while !inner.grow_by_page(at, &mut reading, &mut pace).await? {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
        }
        while let Some(span) = inner.span_before(&options.partition, at) {
            at = span.after;
            let mut found = None;
            let visit = |position: Position, state: &Rc<P::State>, payloads: &[RecordedEvent]| {
                if payloads.iter().any(|event| predicate(state, event)) {
                    found = Some(position);
                }
                ControlFlow::Continue(())
            };
            inner.walk(&options.partition, inner.begin(span.base), &span.positions, cancel, visit).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
