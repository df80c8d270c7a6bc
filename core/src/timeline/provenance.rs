//! The event that last wrote a part of the state.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::error::TimelineError;
use super::pointer::Pointer;
use super::walk::Span;
use super::{Cursor, Inner, Timeline};
use crate::domain::{Position, Projection, RecordedEvent};
use crate::engine::CancelToken;

impl<P: Projection> Timeline<P> {
    /// The last event at or before `at` that changed the value which `pointer` names in a partition's state, as it is
    /// stored: [RFC 6901](https://www.rfc-editor.org/rfc/rfc6901), the empty pointer is the whole state. A value that
    /// appears or disappears has changed. `None` when no event did.
    ///
    /// Exact: every event is looked at, back to the one that is found. Stretches between keyframes in which the partition
    /// did not change are passed over; the others are folded, in turns of about a millisecond.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn provenance(
        &self,
        pointer: &str,
        at: Cursor,
        partition: &str,
    ) -> Result<Option<RecordedEvent>, TimelineError> {
        let pointer = Pointer::parse(pointer)?;
        let inner = &self.inner;
        let mut at = inner.reach(at).await?;
        while let Some(span) = inner.span_before(partition, at) {
            at = span.after;
            if let Some(found) = inner.last_change(&pointer, span, partition).await? {
                return Ok(inner.store.event(found).await?);
            }
        }
        Ok(None)
    }
}

impl<P: Projection> Inner<P> {
    async fn last_change(
        &self,
        pointer: &Pointer,
        span: Span<P::State>,
        partition: &str,
    ) -> Result<Option<Position>, TimelineError> {
        let not_json =
            |at| move |error: serde_json::Error| TimelineError::NotJson { position: at, reason: error.to_string() };
        let before = span.base.clone().or_else(|| self.absent(partition));
        let mut value = match &before {
            Some(state) => pointer.value_in(&**state).map_err(not_json(span.after))?,
            None => None,
        };
        let (mut found, mut failure) = (None, None);
        let visit = |position: Position, state: &Rc<P::State>, _: &[_]| match pointer.value_in(&**state) {
            Ok(now) => {
                if now != value {
                    (value, found) = (now, Some(position));
                }
                ControlFlow::Continue(())
            }
            Err(error) => {
                failure = Some(not_json(position)(error));
                ControlFlow::Break(())
            }
        };
        self.walk(partition, self.begin(span.base), &span.positions, &CancelToken::new(), visit).await?;
        failure.map_or(Ok(found), Err)
    }
}
