//! Projections that are functions of the page.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Function, JsString, Object};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::failure::{Failure, reason};
use super::glue;
use super::members::kept;
use super::options::{QueryInput, object};
use super::prepared::Prepared;
use super::state::State;
use super::value::Whole;
use crate::domain::{BoxError, Position, Projection, Query, RecordedEvent};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A fold. Of the same events it must always make the same state: no clock, no random numbers, nothing but the event.
 *
 * States are JSON. What is not (a Date, NaN, a Map, a function, a member that is undefined) fails the projection when the state is
 * written.
 *
 * Keys of `when` are event types, and three that have the meaning of KurrentDB's projections:
 *
 * - `$init()` gives the state to begin with. It is another way to write `initial`; a definition has one of the two, or
 *   begins with `{}`.
 * - `$any(state, event)` is called for events whose type has no handler of its own, not besides one.
 * - `$deleted(state, event)` is called when the stream of the partition was deleted, and needs `partitionBy: "stream"`.
 *   Nothing is ever deleted in Leftfold; logs that come from KurrentDB have events that say so: `$streamDeleted` in the
 *   stream, or `$metadata` with the greatest `$tb` in its metadata stream. They are given to no other handler then.
 *
 * An event that has no handler is left out. A handler that returns undefined has changed the state that it was given, or
 * left it as it is; anything else that it returns is the new state. What an event holds is frozen, in a state too: replace
 * it there, or copy it first.
 */
export interface ProjectionDefinition<S> {
  /** The name, unique in its store: 1 to 255 bytes. */
  name: string;
  /** The version of the fold; a greater one builds the state anew. Default 1. */
  version?: number;
  /** Which events are folded, as they are stored. Default: every event. */
  query?: Query;
  /** The state to begin with, of every partition, or a function that gives it; it is called once. */
  initial?: S | (() => S);
  /** The handlers. */
  when?: { [typeOrSpecial: string]: (state: S, event: RecordedEvent) => S | void };
  /** A state for each stream, or for each text that the function gives; undefined leaves the event out. Default: one state. */
  partitionBy?: "stream" | ((event: RecordedEvent) => string | undefined);
  /**
   * The definition as text, instead of functions, in the words of KurrentDB's projections. It runs in a worker without
   * network, storage or document, and a text that does not come to an end stops its own projection alone. The worker comes
   * from a frame: where the page has a Content-Security-Policy, it must allow inline scripts there, and workers from blob
   * addresses. `Projection.result` is what `transformBy` and `filterBy` make of the state. Clock and chance are those of the event; the
   * time zone is UTC and the locale English, wherever it runs.
   *
   * Its states are JSON like all others; where it is not kept up with the log, but a timeline, members that are undefined are not
   * told, and fail nothing. Nothing may be kept outside of the state: a variable of the text has what was folded last, which need not be
   * the event before. Where that makes a difference in the events that are tried, it fails the projection.
   */
  source?: string;
}"#;

const CODE: &str = "invalid-input";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Input {
    name: String,
    #[serde(default)]
    version: Option<Whole>,
    #[serde(default)]
    query: Option<QueryInput>,
    #[serde(default, deserialize_with = "kept")]
    initial: JsValue,
    #[serde(default, deserialize_with = "kept")]
    when: JsValue,
    #[serde(default, deserialize_with = "kept")]
    partition_by: JsValue,
}

enum PartitionBy {
    Nothing,
    Stream,
    Function(Function),
}

/// A projection whose handlers are functions of the page.
pub(super) struct Definition {
    name: String,
    version: u32,
    query: Query,
    initial: JsString,
    handlers: HashMap<String, Function>,
    any: Option<Function>,
    deleted: Option<Function>,
    partition_by: PartitionBy,
    prepared: RefCell<Prepared>,
    /// What was thrown last, and at which event. The engine keeps its text alone.
    thrown: RefCell<Option<(Position, JsValue)>>,
}

impl Definition {
    /// Reads a definition.
    ///
    /// # Errors
    /// `invalid-input` or `invalid-query`, which names the member.
    pub(super) fn new(value: JsValue) -> Result<Self, Failure> {
        let input: Input = object(CODE, "definition", value)?;
        let version = input.version.map_or(Ok(1), |version| u32::try_from(version.0));
        let mut handlers = handlers(&input.when)?;
        let (init, any, deleted) = (handlers.remove("$init"), handlers.remove("$any"), handlers.remove("$deleted"));
        if let Some(unknown) = ["$initShared", "$created"].into_iter().find(|name| handlers.contains_key(*name)) {
            return Err(Failure::member(CODE, format!("when.{unknown}"), "there is no such handler"));
        }
        let (begin, member) = match (init, is_nothing(&input.initial)) {
            (Some(_), false) => {
                return Err(Failure::member(CODE, "initial", "it is given already by `when.$init`"));
            }
            (Some(init), true) => (init.into(), "when.$init"),
            (None, false) => (input.initial, "initial"),
            (None, true) => (Object::new().into(), "initial"),
        };
        let initial = glue::initial_text(&begin)
            .map_err(|thrown| Failure::member(CODE, member, reason(&thrown)).caused_by(thrown))?;
        let partition_by = partition_by(&input.partition_by)?;
        if deleted.is_some() && !matches!(partition_by, PartitionBy::Stream) {
            return Err(Failure::member(CODE, "when.$deleted", "it needs partitionBy: \"stream\""));
        }
        Ok(Self {
            name: input.name,
            version: version.map_err(|error| Failure::member(CODE, "version", error))?,
            query: input.query.map(|query| query.read("query")).transpose()?.unwrap_or_else(Query::everything),
            initial,
            handlers,
            any,
            deleted,
            partition_by,
            prepared: RefCell::default(),
            thrown: RefCell::default(),
        })
    }

    /// What was thrown at a position, if it was the last to be thrown.
    pub(super) fn thrown_at(&self, position: Position) -> JsValue {
        let thrown = self.thrown.borrow();
        let thrown = thrown.as_ref().filter(|(at, _)| *at == position);
        thrown.map_or(JsValue::UNDEFINED, |(_, thrown)| thrown.clone())
    }

    /// An event as an object of the page.
    ///
    /// # Errors
    /// `corrupt`.
    pub(super) fn object_of(&self, event: &RecordedEvent) -> Result<JsValue, Failure> {
        self.prepared.borrow_mut().object(event)
    }

    /// Calls a function with an event, and keeps what it throws.
    fn call<T>(&self, event: &RecordedEvent, call: impl FnOnce(&JsValue) -> Result<T, JsValue>) -> Result<T, BoxError> {
        self.object_of(event).map_err(JsValue::from).and_then(|object| call(&object)).map_err(|thrown| {
            let reason = reason(&thrown);
            self.thrown.replace(Some((event.position(), thrown)));
            reason.into()
        })
    }

    /// The stream whose deletion an event tells, if there is a handler for that.
    fn deleted_stream<'e>(&self, event: &'e RecordedEvent) -> Option<&'e str> {
        self.deleted.as_ref()?;
        let stream = event.stream().as_str();
        match event.event_type().as_str() {
            "$streamDeleted" => Some(stream),
            "$metadata" => stream.strip_prefix("$$").filter(|_| is_truncated_to_nothing(event)),
            _ => None,
        }
    }

    fn handler_of(&self, event: &RecordedEvent) -> Option<&Function> {
        if self.deleted_stream(event).is_some() {
            return self.deleted.as_ref();
        }
        self.handlers.get(event.event_type().as_str()).or(self.any.as_ref())
    }
}

pub(super) fn is_nothing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// Whether metadata of a stream says that all of the stream lies before its beginning.
fn is_truncated_to_nothing(event: &RecordedEvent) -> bool {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(rename = "$tb")]
        truncated_before: i64,
    }
    event.json::<Metadata>().is_ok_and(|metadata| metadata.truncated_before == i64::MAX)
}

fn handlers(when: &JsValue) -> Result<HashMap<String, Function>, Failure> {
    if !when.is_object() || when.is_function() || Array::is_array(when) {
        return Err(Failure::member(CODE, "when", "an object of handlers is expected"));
    }
    let entries = Object::entries(when.unchecked_ref());
    let named = entries.iter().map(|entry| {
        let entry = Array::from(&entry);
        let name = entry.get(0).as_string().unwrap_or_default();
        match entry.get(1).dyn_into() {
            Ok(handler) => Ok((name, handler)),
            Err(_) => Err(Failure::member(CODE, format!("when.{name}"), "a function is expected")),
        }
    });
    named.collect()
}

fn partition_by(value: &JsValue) -> Result<PartitionBy, Failure> {
    match value.dyn_ref::<Function>() {
        _ if is_nothing(value) => Ok(PartitionBy::Nothing),
        Some(function) => Ok(PartitionBy::Function(function.clone())),
        None if value.as_string().as_deref() == Some("stream") => Ok(PartitionBy::Stream),
        None => Err(Failure::member(CODE, "partitionBy", "\"stream\" or a function is expected")),
    }
}

impl Projection for Definition {
    type State = State;

    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn query(&self) -> Query {
        self.query.clone()
    }

    fn initial(&self) -> State {
        State::of_text(self.initial.clone())
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        if let Some(stream) = self.deleted_stream(event) {
            return Ok(Some(stream.into()));
        }
        if self.handler_of(event).is_none() {
            return Ok(None);
        }
        match &self.partition_by {
            PartitionBy::Nothing => Ok(Some("".into())),
            PartitionBy::Stream => Ok(Some(event.stream().as_str().into())),
            PartitionBy::Function(function) => {
                let name = self.call(event, |object| glue::call_partition(function, object))?;
                Ok(name.map(Cow::Owned))
            }
        }
    }

    fn apply(&self, state: &mut State, event: &RecordedEvent) -> Result<(), BoxError> {
        let Some(handler) = self.handler_of(event) else { return Ok(()) };
        let before = state.live()?;
        let after = self.call(event, |object| glue::call_handler(handler, &before, object))?;
        state.set(after);
        self.prepared.borrow_mut().folded(event);
        Ok(())
    }

    fn prepare(&self, events: &[RecordedEvent]) {
        self.prepared.borrow_mut().expect(events);
    }

    fn kept_bytes(&self, state: &State, _: Option<&State>) -> usize {
        state.kept_bytes()
    }
}
