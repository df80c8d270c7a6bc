//! What a branch of a timeline in Rust asks of it.

use std::rc::Rc;

use serde_json::Value;

use super::trunk::Trunk;
use crate::domain::{BoxError, Position, Projection, Query, RecordedEvent};
use crate::engine::{EventStore, Pace};
use crate::timeline::diff::json_of;
use crate::timeline::error::TimelineError;
use crate::timeline::histories::fold_error;
use crate::timeline::{Seek, Timeline};

impl<P: Projection> Trunk for Timeline<P> {
    /// `None` while the partition does not exist.
    type State = Option<Rc<P::State>>;

    fn store(&self) -> &EventStore {
        &self.inner.store
    }

    fn query(&self) -> &Query {
        &self.inner.query
    }

    async fn state_at(&self, partition: &str, at: Position) -> Result<Self::State, TimelineError> {
        self.inner.grow(at).await?;
        self.inner.seek(partition, at, &mut Seek::default()).await
    }

    async fn positions(&self, partition: &str, after: Position, to: Position) -> Result<Vec<Position>, TimelineError> {
        self.inner.grow(to).await?;
        Ok(self.inner.positions_of(partition, after, to))
    }

    async fn fold(
        &self,
        partition: &str,
        mut state: Self::State,
        events: &[RecordedEvent],
    ) -> Result<Self::State, TimelineError> {
        let projection = &self.inner.projection;
        let mut pace = Pace::new(&self.inner.store);
        let mut done = 0_u32;
        // A projection is told of events in the order of the log; where that is not the branch's, run by run.
        for run in events.chunk_by(|a, b| a.position() <= b.position()) {
            projection.prepare(run);
            for event in run {
                let failed = |error: BoxError| fold_error(event, &error);
                if projection.partition(event).map_err(failed)?.as_deref() == Some(partition) {
                    let state = state.get_or_insert_with(|| Rc::new(projection.initial()));
                    projection.apply(Rc::make_mut(state), event).map_err(failed)?;
                }
                done += 1;
                if done.is_multiple_of(16) {
                    pace.step().await;
                }
            }
        }
        Ok(state)
    }

    fn value(&self, state: &Self::State, at: Position) -> Result<Value, TimelineError> {
        json_of(state.as_deref(), at)
    }
}
