//! The state at the head, as the log grows.

use futures_core::Stream;
use futures_util::stream;

use super::error::TimelineError;
use super::{Cursor, Timeline};
use crate::domain::{Position, Projection};

impl<P: Projection + 'static> Timeline<P> {
    /// The head and a partition's state there: at once, and again whenever the head has grown, by this handle or by
    /// others. Whoever is slow is given the latest state alone. Ends when the store is closed, or after the first error.
    pub fn follow(
        &self,
        partition: &str,
    ) -> impl Stream<Item = Result<(Position, Option<P::State>), TimelineError>> + use<P> {
        let start = (self.clone(), partition.to_owned(), None);
        stream::unfold(Some(start), |following| async move {
            let (timeline, partition, seen) = following?;
            if let Some(seen) = seen {
                timeline.store().head_after(seen).await.ok()?;
            }
            let head = timeline.store().head();
            match timeline.state_at(Cursor::Position(head), &partition).await {
                Ok(state) => Some((Ok((head, state)), Some((timeline, partition, Some(head))))),
                Err(_) if timeline.store().closed().is_some() => None,
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}
