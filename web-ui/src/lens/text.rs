//! A projection that is written in the page, as a lens.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::lock::Mutex;
use leftfold_core::js::script::{ScriptBranch, ScriptTimeline};
use leftfold_core::{
    BranchError, BuildProgress, CancelToken, Cursor, EventStore, NewEvent, PatchOperation, Position, RecordedEvent,
    StreamName, TimelineError,
};
use serde_json::value::RawValue;

use super::branch::{Changes, carry_out};
use super::{Lens, LensBranch, LensFuture, Plan};
use crate::model::json::Json;
use crate::model::texts::ProjectionText;

/// A projection as text, whose worker is started when it is first asked, and ends with the lens or when it is sent to rest.
pub(super) struct TextLens {
    store: EventStore,
    text: ProjectionText,
    timeline: Mutex<Option<ScriptTimeline>>,
    /// In milliseconds since 1970.
    asked_at: Cell<f64>,
}

impl TextLens {
    pub(super) fn new(store: EventStore, text: ProjectionText) -> Self {
        Self { store, text, timeline: Mutex::new(None), asked_at: Cell::new(f64::NEG_INFINITY) }
    }

    /// When it was last asked.
    pub(super) fn asked_at(&self) -> f64 {
        self.asked_at.get()
    }

    /// Ends the worker once it has answered; the next question folds anew.
    pub(super) fn rest(&self) {
        if let Some(mut timeline) = self.timeline.try_lock() {
            *timeline = None;
        }
    }

    pub(super) fn text(&self) -> &ProjectionText {
        &self.text
    }

    /// The timeline. What does not start is tried anew at the next question; a worker that was ended is not.
    pub(super) async fn timeline(&self) -> Result<ScriptTimeline, TimelineError> {
        self.asked_at.set(js_sys::Date::now());
        let mut timeline = self.timeline.lock().await;
        if let Some(timeline) = &*timeline {
            return Ok(timeline.clone());
        }
        let started = ScriptTimeline::start(self.store.clone(), &self.text.source).await?;
        Ok(timeline.insert(started).clone())
    }
}

impl Lens for TextLens {
    fn name(&self) -> &str {
        &self.text.name
    }

    fn build<'a>(
        &'a self,
        on_progress: &'a mut dyn FnMut(BuildProgress),
        cancel: &'a CancelToken,
    ) -> LensFuture<'a, ()> {
        Box::pin(async move { self.timeline().await?.build(on_progress, cancel).await })
    }

    fn partitions_at(&self, at: Cursor) -> LensFuture<'_, Vec<Rc<str>>> {
        Box::pin(async move {
            let partitions = self.timeline().await?.partitions_at(at).await?;
            Ok(partitions.into_iter().map(Rc::from).collect())
        })
    }

    fn state_at<'a>(&'a self, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Json>> {
        Box::pin(async move {
            let state = self.timeline().await?.state_at(at, partition).await?;
            state.map(|text| json(&text)).transpose()
        })
    }

    fn diff<'a>(&'a self, a: Cursor, b: Cursor, partition: &'a str) -> LensFuture<'a, Vec<PatchOperation>> {
        Box::pin(async move { self.timeline().await?.diff(a, b, partition).await })
    }

    fn last_write<'a>(&'a self, pointer: &'a str, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Position>> {
        Box::pin(async move {
            let event = self.timeline().await?.provenance(pointer, at, partition).await?;
            Ok(event.map(|event| event.position()))
        })
    }

    fn branch<'a>(&'a self, plan: &'a Plan) -> Option<LensFuture<'a, Box<dyn LensBranch>>> {
        Some(Box::pin(async move {
            let mut branch = self.timeline().await?.branch(plan.end.into()).await?;
            carry_out(&mut branch, plan)?;
            Ok(Box::new(branch) as Box<dyn LensBranch>)
        }))
    }
}

impl Changes for ScriptBranch {
    fn leave_out(&mut self, position: Position) -> Result<(), BranchError> {
        self.skip(position)
    }

    fn give(&mut self, position: Position, data: &RawValue) -> Result<(), BranchError> {
        self.edit(position, data)
    }

    fn add(&mut self, stream: StreamName, event: NewEvent) -> Result<Position, BranchError> {
        self.insert(Position::ZERO, stream, event)
    }

    fn put(&mut self, position: Position, place: Position) -> Result<(), BranchError> {
        self.move_to(position, place)
    }

    fn put_behind(&mut self, position: Position, after: Position) -> Result<(), BranchError> {
        self.move_behind(position, after)
    }
}

impl LensBranch for ScriptBranch {
    fn state_at<'a>(&'a self, place: Position, partition: &'a str) -> LensFuture<'a, Option<Json>> {
        Box::pin(async move {
            let state = ScriptBranch::state_at(self, place, partition).await?;
            state.map(|text| json(&text)).transpose()
        })
    }

    fn inserted(&self) -> &[RecordedEvent] {
        ScriptBranch::inserted(self)
    }

    fn first_difference<'a>(&'a self, partition: &'a str) -> LensFuture<'a, Option<Position>> {
        Box::pin(ScriptBranch::first_difference(self, partition))
    }
}

fn json(text: &str) -> Result<Json, TimelineError> {
    serde_json::from_str(text)
        .map_err(|error| TimelineError::NotRunnable { reason: format!("the state is no JSON: {error}") })
}
