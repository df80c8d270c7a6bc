//! Lenses: everything whose state can be looked at, at every position of a log, whatever the type of its state.
//!
//! A [`Lens`] is a timeline that gives its states as JSON. [`Lenses`] has one for each projection of a store, for each stream and
//! for the log as a whole.

mod branch;
mod counts;
mod lenses;
mod merge;
mod scenario;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "wasm32")]
mod text;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leftfold_core::{
    BuildProgress, CancelToken, Cursor, PatchOperation, Position, Projection, Query, Timeline, TimelineError,
};

use crate::model::json::Json;

pub use branch::{LensBranch, New, Plan, id_of_new};
pub use lenses::{Breathe, Lenses, WHOLE_LOG};
pub use scenario::{ScenarioError, of_branch, of_range};

/// The answer of a lens, when it comes. Dropping it stops the work; what was folded is kept.
pub type LensFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, TimelineError>> + 'a>>;

/// A timeline that gives its states as JSON. The unnamed partition is `""`.
pub trait Lens {
    /// Its name: that of the projection, of the stream, or [`WHOLE_LOG`].
    fn name(&self) -> &str;

    /// Folds the log up to its head, and tells `on_progress` after every page. Not needed before any other question.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) once `cancel` was thrown.
    fn build<'a>(
        &'a self,
        on_progress: &'a mut dyn FnMut(BuildProgress),
        cancel: &'a CancelToken,
    ) -> LensFuture<'a, ()>;

    /// The partitions that have an event at or before a place, in the order of their first events.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn partitions_at(&self, at: Cursor) -> LensFuture<'_, Vec<Rc<str>>>;

    /// The state of a partition; `None` when the partition does not exist there.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn state_at<'a>(&'a self, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Json>>;

    /// The operations that make the state at `a` that at `b`, as JSON Patch.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn diff<'a>(&'a self, a: Cursor, b: Cursor, partition: &'a str) -> LensFuture<'a, Vec<PatchOperation>>;

    /// The last event at or before a place that changed the value which a JSON Pointer names; `None` when none did.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn last_write<'a>(&'a self, pointer: &'a str, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Position>>;

    /// The history as a plan has it; `None` when there are no branches of this lens.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn branch<'a>(&'a self, _plan: &'a Plan) -> Option<LensFuture<'a, Box<dyn LensBranch>>> {
        None
    }

    /// The events that it is made of; `None` when that is not known.
    fn query(&self) -> Option<Query> {
        None
    }
}

impl<P: Projection + 'static> Lens for Timeline<P> {
    fn name(&self) -> &str {
        self.projection().name()
    }

    fn build<'a>(
        &'a self,
        on_progress: &'a mut dyn FnMut(BuildProgress),
        cancel: &'a CancelToken,
    ) -> LensFuture<'a, ()> {
        Box::pin(Timeline::build(self, on_progress, cancel))
    }

    fn partitions_at(&self, at: Cursor) -> LensFuture<'_, Vec<Rc<str>>> {
        Box::pin(Timeline::partitions_at(self, at))
    }

    fn state_at<'a>(&'a self, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Json>> {
        Box::pin(async move {
            let Some(state) = Timeline::state_at(self, at, partition).await? else { return Ok(None) };
            match Json::of(&state) {
                Ok(json) => Ok(Some(json)),
                Err(error) => {
                    let position = self.position_of(at).await?;
                    Err(TimelineError::NotJson { position, reason: error.to_string() })
                }
            }
        })
    }

    fn diff<'a>(&'a self, a: Cursor, b: Cursor, partition: &'a str) -> LensFuture<'a, Vec<PatchOperation>> {
        Box::pin(Timeline::diff(self, a, b, partition))
    }

    fn last_write<'a>(&'a self, pointer: &'a str, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Position>> {
        Box::pin(async move {
            let event = self.provenance(pointer, at, partition).await?;
            Ok(event.map(|event| event.position()))
        })
    }

    fn branch<'a>(&'a self, plan: &'a Plan) -> Option<LensFuture<'a, Box<dyn LensBranch>>> {
        Some(Box::pin(async move {
            let mut branch = Timeline::branch(self, plan.end.into()).await?;
            branch::carry_out(&mut branch, plan)?;
            Ok(Box::new(branch) as Box<dyn LensBranch>)
        }))
    }

    fn query(&self) -> Option<Query> {
        Some(self.projection().query())
    }
}
