//! Timelines of projections as text: the same answers as those of functions, from the worker that runs the text.

use std::cell::RefCell;

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

use super::definition::is_nothing;
use super::failure::{Failure, Unanswered, reason};
use super::script::{ScriptBranch, ScriptFault, ScriptTimeline};
use super::timeline::patch_value;
use super::{glue, recorded};
use crate::domain::{Position, RecordedEvent};
use crate::engine::{CancelToken, EventStore};
use crate::timeline::{Cursor, FindOptions, TimelineError};

const CODE: &str = "invalid-input";

/// The text of a definition; `None` when it is made of functions.
///
/// # Errors
/// `invalid-input`: it is no text, or there are functions besides.
pub(super) fn text_of(definition: &JsValue) -> Result<Option<String>, Failure> {
    let get = |name: &str| Reflect::get(definition, &name.into()).unwrap_or_default();
    let source = get("source");
    if !definition.is_object() || is_nothing(&source) {
        return Ok(None);
    }
    let text = source.as_string().ok_or_else(|| Failure::member(CODE, "source", "a text is expected"))?;
    if let Some(besides) = ["when", "initial", "partitionBy", "query"].into_iter().find(|name| !is_nothing(&get(name)))
    {
        return Err(Failure::member(CODE, besides, "the text of `source` says it already"));
    }
    Ok(Some(text))
}

/// Starts the worker of a text.
///
/// # Errors
/// `projection-failed`, with the place in the text as far as it is known.
pub(super) async fn start(store: EventStore, text: String) -> Result<ScriptTimeline, Failure> {
    ScriptTimeline::start(store, &text).await.map_err(of_fault)
}

pub(super) fn of_fault(fault: ScriptFault) -> Failure {
    placed(Failure::new("projection-failed", &fault).with("reason", Unanswered::Failed), &fault)
}

fn placed(failure: Failure, fault: &ScriptFault) -> Failure {
    let with = |failure: Failure, name: &str, number: Option<u64>| match number {
        Some(number) => failure.with(name, number),
        None => failure,
    };
    with(with(failure, "line", fault.line), "column", fault.column)
}

fn failure(timeline: &ScriptTimeline, error: TimelineError) -> Failure {
    with_place(timeline.fault_of(&error), error)
}

/// An error of a branch.
pub(super) fn of_branch(branch: &ScriptBranch, error: TimelineError) -> Failure {
    with_place(branch.fault().or_else(|| branch.timeline().fault_of(&error)), error)
}

fn with_place(fault: Option<ScriptFault>, error: TimelineError) -> Failure {
    let is_its = |fault: &ScriptFault| matches!(&error, TimelineError::Fold { position, .. } if fault.position == Some(*position));
    match fault.filter(is_its) {
        Some(fault) => placed(error.into(), &fault),
        None => error.into(),
    }
}

/// A branch of the history up to a position.
pub(super) async fn branch(timeline: &ScriptTimeline, at: Position) -> Result<ScriptBranch, Failure> {
    timeline.branch(at.into()).await.map_err(|error| failure(timeline, error))
}

pub(super) async fn state_at(timeline: &ScriptTimeline, at: Cursor, partition: &str) -> Result<JsValue, Failure> {
    match timeline.state_at(at, partition).await.map_err(|error| failure(timeline, error))? {
        Some(state) => glue::parse(&state.into()).map_err(Failure::Made),
        None => Ok(JsValue::UNDEFINED),
    }
}

pub(super) async fn diff(timeline: &ScriptTimeline, a: Cursor, b: Cursor, partition: &str) -> Result<JsValue, Failure> {
    patch_value(&timeline.diff(a, b, partition).await.map_err(|error| failure(timeline, error))?)
}

pub(super) async fn provenance(
    timeline: &ScriptTimeline,
    pointer: &str,
    at: Cursor,
    partition: &str,
) -> Result<JsValue, Failure> {
    match timeline.provenance(pointer, at, partition).await.map_err(|error| failure(timeline, error))? {
        Some(event) => recorded::one(&event),
        None => Ok(JsValue::UNDEFINED),
    }
}

/// The first position after whose event the function holds. One that throws ends the search.
pub(super) async fn find_first(
    timeline: &ScriptTimeline,
    predicate: &Function,
    options: &FindOptions,
    cancel: &CancelToken,
) -> Result<JsValue, Failure> {
    let failed = RefCell::new(None);
    let holds = |state: &str, event: &RecordedEvent| {
        let asked = glue::parse(&state.into()).map_err(Failure::Made).and_then(|state| {
            let event_object = recorded::one(event)?;
            predicate.call2(&JsValue::UNDEFINED, &state, &event_object).map_err(|thrown| {
                let position = event.position();
                let message = format!("the predicate failed at position {position}: {}", reason(&thrown));
                Failure::new("aborted", message).with("position", position).caused_by(thrown)
            })
        });
        asked.map(|answer| answer.is_truthy()).unwrap_or_else(|error| {
            failed.borrow_mut().get_or_insert(error);
            true
        })
    };
    let found = timeline.find_first(holds, options, cancel).await;
    if let Some(failed) = failed.into_inner() {
        return Err(failed);
    }
    let found = found.map_err(|error| failure(timeline, error))?;
    Ok(found.map_or(JsValue::UNDEFINED, |position| (position.get() as f64).into()))
}
