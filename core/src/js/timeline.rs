//! The class `Timeline`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::branch::{self, JsBranch};
use super::definition::Definition;
use super::failure::{Failure, Unanswered, reason};
use super::members::kept;
use super::options::{Direction, function, options, text};
use super::script::ScriptTimeline;
use super::signal::{Abort, signal};
use super::state::State;
use super::store::promise;
use super::value::{Whole, moment, whole};
use super::{glue, recorded, reports};
use crate::domain::{Position, RecordedEvent};
use crate::engine::{CancelToken, EventStore};
use crate::timeline::{self, Cursor, PatchOperation, Timeline, TimelineError, TimelineOptions};

const CODE: &str = "invalid-input";

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A place in the history: after a position, or after the last position whose time is at or before a time. */
export type Cursor = number | { time: TimeInput };

/** A place in a state: a JSON Pointer, RFC 6901. */
export type Pointer = string;

/** One operation of a JSON Patch, RFC 6902. */
export type JsonPatchOperation = { op: "add" | "replace" | "test"; path: string; value: Json } | { op: "remove"; path: string } | { op: "move" | "copy"; from: string; path: string };

/** Where and how to search a timeline. */
export interface FindOptions extends FindBounds {
  /** Cancels the search. */
  signal?: AbortSignal;
}

/**
 * A projection that answers for every position of a log, as if the log had been folded from its beginning up to there.
 * Positions behind the head mean the head. The partition without a name, that of a projection that is not partitioned, has
 * its initial state before its first event; others exist from their first event on. What is handed out is the caller's to
 * change.
 */
export class Timeline<S> {
  private constructor();
  /** The state at a place; undefined when the partition does not exist there. */
  stateAt(at: Cursor, partition?: string): Promise<S | undefined>;
  /** What makes the state at `a` that at `b`. Where the partition does not exist the state is null. */
  diff(a: Cursor, b: Cursor, partition?: string): Promise<JsonPatchOperation[]>;
  /** The last event at or before a place that changed the part of the state that `pointer` names, "" all of it. */
  provenance(pointer: Pointer, at: Cursor, partition?: string): Promise<RecordedEvent | undefined>;
  /**
   * The first position from `from` on after whose event `predicate` holds; backwards, the last one at or before it. The
   * state that the predicate is given can be looked at during the call, and not be changed.
   */
  findFirst(predicate: (state: S, event: RecordedEvent) => boolean, options?: FindOptions): Promise<number | undefined>;
  /** The history up to a position, to be changed: what would have become of the state? */
  branch(at: number): Promise<Branch<S>>;
  /** What the last `stateAt` or `diff` took: events folded, and microseconds. */
  lastSeek(): Seek;
  /** Ends searches and lets go of what is kept. Calls reject with `aborted` afterwards. */
  close(): void;
}"#;

/// Where and how to search.
#[derive(Default, Deserialize, Tsify)]
#[tsify(rename = "FindBounds")]
#[serde(default)]
pub(super) struct FindOptions {
    /// The position to begin with. Default: the first forwards, the head backwards.
    #[tsify(optional, type = "number")]
    from: Option<Whole>,
    /// Default `forwards`.
    #[tsify(optional)]
    direction: Option<Direction>,
    /// The partition. Default: the one without a name.
    #[tsify(optional)]
    partition: Option<String>,
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "AbortSignal")]
    signal: JsValue,
}

/// What a seek took.
#[derive(Serialize, Tsify)]
pub(super) struct Seek {
    /// Events folded.
    folds: usize,
    /// Microseconds, as exactly as the browser measures.
    micros: f64,
}

/// A projection that answers for every position of a log.
#[wasm_bindgen(js_name = Timeline, skip_typescript)]
pub struct JsTimeline {
    inner: Box<dyn Calls>,
}

impl std::fmt::Debug for JsTimeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsTimeline").finish_non_exhaustive()
    }
}

#[wasm_bindgen(js_class = Timeline)]
impl JsTimeline {
    /// The state at a place.
    #[wasm_bindgen(js_name = stateAt, skip_typescript)]
    pub fn state_at(&self, at: JsValue, partition: JsValue) -> Promise {
        self.inner.state_at(&at, &partition)
    }

    /// What makes the state at one place that at another.
    #[wasm_bindgen(skip_typescript)]
    pub fn diff(&self, a: JsValue, b: JsValue, partition: JsValue) -> Promise {
        self.inner.diff(&a, &b, &partition)
    }

    /// The event that last changed a part of the state.
    #[wasm_bindgen(skip_typescript)]
    pub fn provenance(&self, pointer: JsValue, at: JsValue, partition: JsValue) -> Promise {
        self.inner.provenance(&pointer, &at, &partition)
    }

    /// The first position after whose event something holds.
    #[wasm_bindgen(js_name = findFirst, skip_typescript)]
    pub fn find_first(&self, predicate: JsValue, options: JsValue) -> Promise {
        self.inner.find_first(predicate, options)
    }

    /// A branch of the history.
    #[wasm_bindgen(skip_typescript)]
    pub fn branch(&self, at: JsValue) -> Promise {
        self.inner.branch(&at)
    }

    /// What the last seek took.
    #[wasm_bindgen(js_name = lastSeek, skip_typescript)]
    pub fn last_seek(&self) -> Result<JsValue, JsValue> {
        self.inner.last_seek()
    }

    /// Ends searches and lets go of what is kept.
    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        self.inner.close();
    }
}

/// The calls of a timeline: the class makes them through a table, for their code is in the rest of the package.
trait Calls {
    fn state_at(&self, at: &JsValue, partition: &JsValue) -> Promise;
    fn diff(&self, a: &JsValue, b: &JsValue, partition: &JsValue) -> Promise;
    fn provenance(&self, pointer: &JsValue, at: &JsValue, partition: &JsValue) -> Promise;
    fn find_first(&self, predicate: JsValue, options: JsValue) -> Promise;
    fn branch(&self, at: &JsValue) -> Promise;
    fn last_seek(&self) -> Result<JsValue, JsValue>;
    fn close(&self);
}

struct Inner {
    /// None once it was closed.
    open: RefCell<Option<Open>>,
    searches: Rc<Searches>,
}

/// What answers.
#[derive(Clone)]
enum Open {
    Functions(Timeline<Definition>),
    Text(ScriptTimeline),
}

/// What a timeline was asked for with.
pub(super) enum Asked {
    Functions(Box<Definition>),
    Text(String),
}

impl Asked {
    /// Reads a definition.
    ///
    /// # Errors
    /// `invalid-input` or `invalid-query`, which names the member.
    pub(super) fn new(definition: JsValue) -> Result<Self, Failure> {
        match super::text::text_of(&definition)? {
            Some(text) => Ok(Self::Text(text)),
            None => Ok(Self::Functions(Box::new(Definition::new(definition)?))),
        }
    }
}

/// The switches of the searches under way, by their numbers.
#[derive(Default)]
struct Searches {
    begun: Cell<u32>,
    cancels: RefCell<BTreeMap<u32, CancelToken>>,
}

/// A search that is under way, and ends with the timeline.
struct Begun {
    searches: Rc<Searches>,
    number: u32,
    cancel: CancelToken,
}

impl Begun {
    fn among(searches: &Rc<Searches>) -> Self {
        let cancel = CancelToken::new();
        let number = searches.begun.replace(searches.begun.get().wrapping_add(1));
        searches.cancels.borrow_mut().insert(number, cancel.clone());
        Self { searches: Rc::clone(searches), number, cancel }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.searches.cancels.borrow_mut().remove(&self.number);
    }
}

/// The timeline of a definition.
///
/// # Errors
/// `projection-failed` for a text that cannot be run. What cannot be read is told by whoever asks for it.
pub(super) async fn timeline(store: EventStore, asked: Asked) -> Result<JsValue, Failure> {
    let open = match asked {
        Asked::Functions(definition) => Open::Functions(Timeline::new(store, *definition, TimelineOptions::default())),
        Asked::Text(text) => Open::Text(super::text::start(store, text).await?),
    };
    let inner = Inner { open: RefCell::new(Some(open)), searches: Rc::default() };
    Ok(JsTimeline { inner: Box::new(inner) }.into())
}

pub(super) fn partition(value: &JsValue) -> Result<String, Failure> {
    if value.is_undefined() { Ok(String::new()) } else { text(CODE, "partition", value) }
}

fn cursor(name: &str, value: &JsValue) -> Result<Cursor, Failure> {
    if value.is_object() {
        let time = Reflect::get(value, &"time".into()).map_err(Failure::Made)?;
        let time = moment(&time).map_err(|problem| Failure::member(CODE, format!("{name}.time"), problem))?;
        return Ok(time.into());
    }
    Ok(Position::new(whole(CODE, name, value)?).into())
}

impl Calls for Inner {
    fn state_at(&self, at: &JsValue, partition: &JsValue) -> Promise {
        let arguments = cursor("at", at).and_then(|at| Ok((at, self::partition(partition)?)));
        self.call(arguments, async |timeline, (at, partition)| {
            let timeline = match timeline {
                Open::Functions(timeline) => timeline,
                Open::Text(text) => return super::text::state_at(&text, at, &partition).await,
            };
            let state =
                timeline.state_at(at, &partition).await.map_err(|error| failure(error, timeline.projection()))?;
            match state {
                Some(state) => state.into_value().map_err(Failure::of_projection),
                None => Ok(JsValue::UNDEFINED),
            }
        })
    }

    fn diff(&self, a: &JsValue, b: &JsValue, partition: &JsValue) -> Promise {
        let arguments = cursor("a", a).and_then(|a| Ok((a, cursor("b", b)?, self::partition(partition)?)));
        self.call(arguments, async |timeline, (a, b, partition)| {
            let timeline = match timeline {
                Open::Functions(timeline) => timeline,
                Open::Text(text) => return super::text::diff(&text, a, b, &partition).await,
            };
            let patch = timeline.diff(a, b, &partition).await.map_err(|error| failure(error, timeline.projection()))?;
            patch_value(&patch)
        })
    }

    fn provenance(&self, pointer: &JsValue, at: &JsValue, partition: &JsValue) -> Promise {
        let arguments = text(CODE, "pointer", pointer)
            .and_then(|pointer| Ok((pointer, cursor("at", at)?, self::partition(partition)?)));
        self.call(arguments, async |timeline, (pointer, at, partition)| {
            let timeline = match timeline {
                Open::Functions(timeline) => timeline,
                Open::Text(text) => return super::text::provenance(&text, &pointer, at, &partition).await,
            };
            let event = timeline.provenance(&pointer, at, &partition).await;
            match event.map_err(|error| failure(error, timeline.projection()))? {
                Some(event) => recorded::one(&event),
                None => Ok(JsValue::UNDEFINED),
            }
        })
    }

    fn find_first(&self, predicate: JsValue, options: JsValue) -> Promise {
        let arguments = function("predicate", predicate).and_then(|predicate| {
            let predicate = predicate.ok_or_else(|| Failure::member(CODE, "predicate", "a function is expected"))?;
            let options = self::options::<FindOptions>(CODE, options)?;
            let signal = signal(options.signal)?;
            let options = timeline::FindOptions {
                from: options.from.map(|from| Position::new(from.0)),
                direction: options.direction.unwrap_or_default().into(),
                partition: options.partition.unwrap_or_default(),
            };
            // From the call on: the timeline may be closed before the search is first given a turn.
            Ok((predicate, options, signal, Begun::among(&self.searches)))
        });
        self.call(arguments, async |timeline, (predicate, options, signal, begun)| {
            let abort = signal.as_ref().map(|signal| Abort::listen(signal, &begun.cancel));
            let timeline = match timeline {
                Open::Functions(timeline) => timeline,
                Open::Text(text) => {
                    let found = super::text::find_first(&text, &predicate, &options, &begun.cancel).await;
                    drop(abort);
                    return found;
                }
            };
            let search = Search { predicate, definition: timeline.projection(), failed: RefCell::default() };
            let found = timeline.find_first(|state, event| search.holds(state, event), &options, &begun.cancel).await;
            drop(abort);
            drop(begun);
            if let Some(failed) = search.failed.take() {
                return Err(failed);
            }
            match found {
                Ok(Some(position)) => Ok((position.get() as f64).into()),
                Ok(None) => Ok(JsValue::UNDEFINED),
                Err(error) => {
                    let is_aborted = matches!(error, TimelineError::Aborted);
                    let failure = failure(error, timeline.projection());
                    Err(match signal {
                        Some(signal) if is_aborted && signal.aborted() => failure.caused_by(signal.reason()),
                        _ => failure,
                    })
                }
            }
        })
    }

    fn branch(&self, at: &JsValue) -> Promise {
        let at = whole(CODE, "at", at).map(Position::new);
        self.call(at, async |timeline, at| {
            let branch = match timeline {
                Open::Functions(timeline) => {
                    let branch = timeline.branch(at.into()).await;
                    branch::Kind::Functions(branch.map_err(|error| failure(error, timeline.projection()))?)
                }
                Open::Text(timeline) => branch::Kind::Text(super::text::branch(&timeline, at).await?),
            };
            Ok(JsBranch::from(branch).into())
        })
    }

    fn last_seek(&self) -> Result<JsValue, JsValue> {
        let seek = match &*self.open.borrow() {
            Some(Open::Functions(timeline)) => timeline.last_seek(),
            Some(Open::Text(timeline)) => timeline.last_seek(),
            None => timeline::Seek::default(),
        };
        Ok(reports::value(&Seek { folds: seek.folds, micros: seek.micros })?)
    }

    fn close(&self) {
        self.open.take();
        self.searches.cancels.take().into_values().for_each(|cancel| cancel.cancel());
    }
}

impl Inner {
    fn call<T: 'static>(
        &self,
        arguments: Result<T, Failure>,
        call: impl AsyncFnOnce(Open, T) -> Result<JsValue, Failure> + 'static,
    ) -> Promise {
        let timeline = self.open.borrow().clone();
        let timeline = timeline.ok_or_else(|| Failure::new("aborted", "the timeline was closed"));
        let arguments = arguments.and_then(|arguments| Ok((timeline?, arguments)));
        promise(arguments, async move |(timeline, arguments)| call(timeline, arguments).await)
    }
}

/// A predicate at work.
struct Search<'a> {
    predicate: Function,
    definition: &'a Definition,
    failed: RefCell<Option<Failure>>,
}

impl Search<'_> {
    /// A predicate that throws ends the search, as if it had found what it looks for.
    fn holds(&self, state: &State, event: &RecordedEvent) -> bool {
        let view = state.view().map_err(Failure::of_projection);
        let position = event.position();
        let asked = view.and_then(|state| {
            let event = self.definition.object_of(event)?;
            self.predicate.call2(&JsValue::UNDEFINED, &state, &event).map_err(|thrown| {
                let message = format!("the predicate failed at position {position}: {}", reason(&thrown));
                Failure::new("aborted", message).with("position", position).caused_by(thrown)
            })
        });
        asked.map(|answer| answer.is_truthy()).unwrap_or_else(|failed| {
            self.failed.borrow_mut().get_or_insert(failed);
            true
        })
    }
}

/// A JSON Patch as a value.
pub(super) fn patch_value(patch: &[PatchOperation]) -> Result<JsValue, Failure> {
    let text = serde_json::to_string(patch).map_err(Failure::of_projection)?;
    glue::parse(&text.into()).map_err(Failure::Made)
}

/// An error of a timeline, with what its functions have thrown.
pub(super) fn failure(error: TimelineError, definition: &Definition) -> Failure {
    let cause = match &error {
        TimelineError::Fold { position, .. } => definition.thrown_at(*position),
        _ => JsValue::UNDEFINED,
    };
    let failure = Failure::from(error);
    if cause.is_undefined() { failure } else { failure.caused_by(cause) }
}

impl From<TimelineError> for Failure {
    fn from(error: TimelineError) -> Self {
        let failure = Self::new(error.code(), &error);
        match error {
            TimelineError::Fold { position, event_type, reason } => {
                let failure = failure.with("position", position).with("type", event_type.as_str());
                failure.with("message", reason).with("reason", Unanswered::Failed)
            }
            TimelineError::Upcast(error) => error.into(),
            TimelineError::Read(error) => error.into(),
            TimelineError::InvalidPointer { .. } => failure.with("member", "pointer"),
            TimelineError::NotJson { position, .. } => {
                failure.with("position", position).with("reason", Unanswered::Failed)
            }
            TimelineError::NotRunnable { .. } => failure.with("reason", Unanswered::Failed),
            TimelineError::Aborted => failure,
        }
    }
}
