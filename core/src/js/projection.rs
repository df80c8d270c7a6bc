//! The class `Projection`.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, JsString, Promise};
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::failure::{Describe, Failure, Unanswered};
use super::folded::{Asked, Folded};
use super::members::kept;
use super::options::{function, options, text};
use super::signal::{Abort, signal};
use super::state::State;
use super::store::promise;
use super::value::{Whole, whole};
use super::{glue, reports};
use crate::domain::Position;
use crate::engine::{
    self, BatchProjection, CancelToken, EventStore, ProjectionError, ProjectionOptions, ProjectionProgress,
    RunningProjection,
};
use crate::storage::StorageError;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A projection that is kept up with the log. Its state is kept in the store, together with the position that it stands at,
 * and serves every tab; one tab at a time folds, and another takes over when that one is closed, dies or freezes.
 *
 * It goes on until `stop` is called or its store is closed; letting go of this object does not end it.
 */
export class Projection<S> {
  private constructor();
  /** The name. */
  readonly name: string;
  /** The position that the state stands at, as it was last heard of here. */
  readonly checkpoint: number;
  /** The state of a partition, as it is stored; undefined where no event has come to it. It is the caller's to change. */
  state(partition?: string): Promise<S | undefined>;
  /** What the projection makes of the state; without a transformation of its own, the state. */
  result(partition?: string): Promise<Json | undefined>;
  /** The names of the partitions, in the order of their UTF-8. A projection that is not partitioned has one, "". */
  partitions(options?: PartitionsOptions): Promise<string[]>;
  /** How it stands. */
  status(): Promise<ProjectionStatus>;
  /** Waits until the state has every event up to `position`, or up to the head as it is now. Rejects when it has failed. */
  caughtUp(position?: number): Promise<void>;
  /** Makes the state anew from the beginning, beside the one that answers, which it replaces at the end. */
  rebuild(options?: RebuildOptions): Promise<void>;
  /** Leaves out the event at which it has failed, keeps a record of that, and goes on. */
  skip(position: number, reason: string): Promise<void>;
  /** No longer folds in this tab. The state can still be read. */
  stop(): void;
}"#;

/// Which partitions to list.
#[derive(Default, Deserialize, Tsify)]
#[serde(default)]
pub(super) struct PartitionsOptions {
    /// Only those whose names come after this one.
    #[tsify(optional)]
    after: Option<String>,
    /// At most so many.
    #[tsify(optional, type = "number")]
    limit: Option<Whole>,
}

/// Looking on while a projection is rebuilt.
#[derive(Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RebuildOptions {
    /// Told after every step how many positions of how many are folded.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "(done: number, total: number) => void")]
    on_progress: JsValue,
    /// Gives the rebuild up: the state from before stays.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "AbortSignal")]
    signal: JsValue,
}

/// What a projection is doing.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProjectionState {
    Rebuilding,
    Following,
    Failed,
    Stopped,
}

/// The event at which a projection has failed.
#[derive(Serialize, Tsify)]
pub(super) struct ProjectionFailure {
    /// Where it stands.
    position: u64,
    /// What was thrown there.
    message: String,
}

/// How a projection stands.
#[derive(Serialize, Tsify)]
pub(super) struct ProjectionStatus {
    /// The position that the state stands at.
    checkpoint: u64,
    /// Positions between that and the head.
    lag: u64,
    /// What it is doing.
    state: ProjectionState,
    /// Why it has failed, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    error: Option<ProjectionFailure>,
}

impl From<engine::ProjectionStatus> for ProjectionStatus {
    fn from(status: engine::ProjectionStatus) -> Self {
        let failure = |failure: engine::ProjectionFailure| ProjectionFailure {
            position: failure.position.get(),
            message: failure.message,
        };
        Self {
            checkpoint: status.checkpoint.get(),
            lag: status.lag,
            state: match status.state {
                engine::ProjectionState::Rebuilding => ProjectionState::Rebuilding,
                engine::ProjectionState::Following => ProjectionState::Following,
                engine::ProjectionState::Failed => ProjectionState::Failed,
                engine::ProjectionState::Stopped => ProjectionState::Stopped,
            },
            error: status.failure.map(failure),
        }
    }
}

type Running = RunningProjection<Folded>;

/// How long whoever folds a text may make no progress: longer than it takes to find out that the text does not come to an end.
const TEXT_PATIENCE: Duration = Duration::from_secs(12);

/// A projection that is kept up with the log.
#[wasm_bindgen(js_name = Projection, skip_typescript)]
pub struct JsProjection {
    inner: Rc<dyn Calls>,
}

impl std::fmt::Debug for JsProjection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsProjection").field("name", &self.inner.name()).finish_non_exhaustive()
    }
}

#[wasm_bindgen(js_class = Projection)]
impl JsProjection {
    /// The name.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn name(&self) -> String {
        self.inner.name()
    }

    /// The position that the state stands at, as it was last heard of here.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn checkpoint(&self) -> f64 {
        self.inner.checkpoint()
    }

    /// The state of a partition.
    #[wasm_bindgen(skip_typescript)]
    pub fn state(&self, partition: JsValue) -> Promise {
        Rc::clone(&self.inner).state(&partition)
    }

    /// What the projection makes of the state.
    #[wasm_bindgen(skip_typescript)]
    pub fn result(&self, partition: JsValue) -> Promise {
        Rc::clone(&self.inner).result(&partition)
    }

    /// The names of the partitions.
    #[wasm_bindgen(skip_typescript)]
    pub fn partitions(&self, options: JsValue) -> Promise {
        Rc::clone(&self.inner).partitions(options)
    }

    /// How it stands.
    #[wasm_bindgen(skip_typescript)]
    pub fn status(&self) -> Promise {
        Rc::clone(&self.inner).status()
    }

    /// Waits until the state has every event up to a position.
    #[wasm_bindgen(js_name = caughtUp, skip_typescript)]
    pub fn caught_up(&self, position: JsValue) -> Promise {
        Rc::clone(&self.inner).caught_up(&position)
    }

    /// Makes the state anew.
    #[wasm_bindgen(skip_typescript)]
    pub fn rebuild(&self, options: JsValue) -> Promise {
        Rc::clone(&self.inner).rebuild(options)
    }

    /// Leaves out the event at which it has failed.
    #[wasm_bindgen(skip_typescript)]
    pub fn skip(&self, position: JsValue, reason: JsValue) -> Promise {
        Rc::clone(&self.inner).skip(&position, &reason)
    }

    /// No longer folds in this tab.
    #[wasm_bindgen(skip_typescript)]
    pub fn stop(&self) {
        self.inner.stop();
    }
}

/// The calls of a projection: the class makes them through a table, for their code is in the rest of the package.
trait Calls {
    fn name(&self) -> String;
    fn checkpoint(&self) -> f64;
    fn state(self: Rc<Self>, partition: &JsValue) -> Promise;
    fn result(self: Rc<Self>, partition: &JsValue) -> Promise;
    fn partitions(self: Rc<Self>, options: JsValue) -> Promise;
    fn status(self: Rc<Self>) -> Promise;
    fn caught_up(self: Rc<Self>, position: &JsValue) -> Promise;
    fn rebuild(self: Rc<Self>, options: JsValue) -> Promise;
    fn skip(self: Rc<Self>, position: &JsValue, reason: &JsValue) -> Promise;
    fn stop(&self);
}

struct Inner {
    name: String,
    checkpoint: Cell<Position>,
    /// The functions of the page, which may refer to the object of this projection, are let go of once the store is closed.
    running: RefCell<Result<Running, StorageError>>,
}

/// Runs a projection.
///
/// # Errors
/// `invalid-input`, `invalid-query`, `projection-failed`, or the storage's.
pub(super) async fn project(store: EventStore, asked: Asked) -> Result<JsValue, Failure> {
    let folded = asked.begin().await?;
    let name = folded.outline().name;
    let options = match folded {
        Folded::Functions(_) => ProjectionOptions::default(),
        Folded::Text(_) => ProjectionOptions::default().patience(TEXT_PATIENCE),
    };
    let running = store.project_batches(folded, options).await?;
    let checkpoint = Cell::new(running.checkpoint().await?);
    let inner = Rc::new(Inner { name, checkpoint, running: RefCell::new(Ok(running.clone())) });
    let kept = Rc::clone(&inner);
    let closed = store.until_closed();
    drop(store);
    spawn_local(async move {
        // It is held here, whoever lets go of the object.
        running.watch(|checkpoint| kept.checkpoint.set(checkpoint)).await;
        drop(running);
        // One that was stopped can be read, and so keeps its functions; it is no longer held here.
        let stopped = Rc::downgrade(&kept);
        drop(kept);
        if let Some(because) = closed.await
            && let Some(stopped) = stopped.upgrade()
        {
            *stopped.running.borrow_mut() = Err(StorageError::Closed { because });
        }
    });
    Ok(JsProjection { inner }.into())
}

fn partition(value: &JsValue) -> Result<String, Failure> {
    if value.is_undefined() { Ok(String::new()) } else { text("invalid-input", "partition", value) }
}

fn position(value: &JsValue) -> Result<Position, Failure> {
    whole("invalid-input", "position", value).map(Position::new)
}

impl Calls for Inner {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn checkpoint(&self) -> f64 {
        self.checkpoint.get().get() as f64
    }

    fn state(self: Rc<Self>, partition: &JsValue) -> Promise {
        self.call(self::partition(partition), async |inner, partition| {
            let running = inner.running()?;
            value(state(&running, &partition).await?)
        })
    }

    fn result(self: Rc<Self>, partition: &JsValue) -> Promise {
        self.call(self::partition(partition), async |inner, partition| {
            let running = inner.running()?;
            match (state(&running, &partition).await?, running.projection()) {
                (Some(state), Folded::Text(text)) => value(Some(text.result(state).await?)),
                (state, _) => value(state),
            }
        })
    }

    fn partitions(self: Rc<Self>, options: JsValue) -> Promise {
        let options = self::options::<PartitionsOptions>("invalid-input", options);
        self.call(options, async |inner, PartitionsOptions { after, limit }| {
            let limit = limit.map_or(u32::MAX, |limit| u32::try_from(limit.0).unwrap_or(u32::MAX));
            let running = inner.running()?;
            // What the partitions of a text share is kept as one of them, which sorts before all others.
            let after = after.or_else(|| shared_partition(running.projection()).map(str::to_owned));
            let names = running.partitions(after.as_deref(), limit).await;
            reports::value(&names.map_err(|error| failure(error, running.projection()))?)
        })
    }

    fn status(self: Rc<Self>) -> Promise {
        self.call(Ok(()), async |inner, ()| {
            let running = inner.running()?;
            let status = running.status().await.map_err(|error| failure(error, running.projection()))?;
            inner.checkpoint.set(status.checkpoint);
            reports::value(&ProjectionStatus::from(status))
        })
    }

    fn caught_up(self: Rc<Self>, position: &JsValue) -> Promise {
        let position = if position.is_undefined() { Ok(None) } else { self::position(position).map(Some) };
        self.call(position, async |inner, position| {
            let running = inner.running()?;
            running.caught_up(position).await.map_err(|error| failure(error, running.projection()))?;
            inner.look(&running).await
        })
    }

    fn rebuild(self: Rc<Self>, options: JsValue) -> Promise {
        let options = self::options::<RebuildOptions>("invalid-input", options)
            .and_then(|options| Ok((function("onProgress", options.on_progress)?, signal(options.signal)?)));
        self.call(options, async |inner, (on_progress, signal)| {
            let running = inner.running()?;
            let cancel = CancelToken::new();
            let abort = signal.as_ref().map(|signal| Abort::listen(signal, &cancel));
            let outcome = rebuild(&running, on_progress, &cancel).await;
            drop(abort);
            outcome.map_err(|error| {
                let is_cancelled = matches!(error, ProjectionError::Cancelled { .. });
                let failure = failure(error, running.projection());
                match signal {
                    Some(signal) if is_cancelled => failure.caused_by(signal.reason()),
                    _ => failure,
                }
            })?;
            inner.look(&running).await
        })
    }

    fn skip(self: Rc<Self>, position: &JsValue, reason: &JsValue) -> Promise {
        let arguments =
            self::position(position).and_then(|position| Ok((position, text("invalid-input", "reason", reason)?)));
        self.call(arguments, async |inner, (position, reason)| {
            let running = inner.running()?;
            running.skip(position, &reason).await.map_err(|error| failure(error, running.projection()))?;
            Ok(JsValue::UNDEFINED)
        })
    }

    fn stop(&self) {
        if let Ok(running) = &*self.running.borrow() {
            running.stop();
            if let Folded::Text(text) = running.projection() {
                text.stop();
            }
        }
    }
}

impl Inner {
    fn call<T: 'static>(
        self: Rc<Self>,
        arguments: Result<T, Failure>,
        call: impl AsyncFnOnce(Rc<Self>, T) -> Result<JsValue, Failure> + 'static,
    ) -> Promise {
        promise(arguments, async move |arguments| call(self, arguments).await)
    }

    fn running(&self) -> Result<Running, Failure> {
        Ok(self.running.borrow().clone()?)
    }

    /// What was waited for is seen at once.
    async fn look(&self, running: &Running) -> Result<JsValue, Failure> {
        self.checkpoint.set(running.checkpoint().await?);
        Ok(JsValue::UNDEFINED)
    }
}

fn shared_partition(folded: &Folded) -> Option<&'static str> {
    match folded {
        Folded::Functions(_) => None,
        Folded::Text(text) => text.shared_partition(),
    }
}

/// The state of a partition, as handlers have it.
async fn state(running: &Running, partition: &str) -> Result<Option<State>, Failure> {
    let failed = |error| failure(error, running.projection());
    let Some(shared) = shared_partition(running.projection()) else {
        return running.state(partition).await.map_err(failed);
    };
    if partition == shared {
        return Ok(None);
    }
    let both = running.states(&[partition, shared]).await.map_err(failed)?;
    let Ok([Some(own), Some(shared)]) = <[Option<State>; 2]>::try_from(both) else { return Ok(None) };
    let texts = (own.fold_up(), shared.fold_up());
    let (Ok(own), Ok(shared)) = texts else { return Err(Failure::of_projection("the state cannot be read")) };
    Ok(Some(State::of_text(JsString::from("[").concat(&own).concat(&",".into()).concat(&shared).concat(&"]".into()))))
}

fn value(state: Option<State>) -> Result<JsValue, Failure> {
    state.map_or(Ok(JsValue::UNDEFINED), |state| state.into_value().map_err(Failure::of_projection))
}

async fn rebuild(
    running: &Running,
    on_progress: Option<Function>,
    cancel: &CancelToken,
) -> Result<(), ProjectionError> {
    let tell = |done: u64, total: u64| {
        let Some(on_progress) = &on_progress else { return };
        if let Err(thrown) = on_progress.call2(&JsValue::UNDEFINED, &(done as f64).into(), &(total as f64).into()) {
            glue::report(&thrown);
        }
    };
    let mut told = None;
    let progress = |progress: ProjectionProgress| {
        if cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        tell(progress.done, progress.total);
        told = Some(progress);
        // The page may have given it up when it was told.
        if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    running.rebuild(progress).await?;
    match told {
        Some(ProjectionProgress { done, total }) if done < total => tell(total, total),
        Some(_) => {}
        // Whoever follows the log was faster.
        None => {
            let done = running.checkpoint().await?.get();
            tell(done, done);
        }
    }
    Ok(())
}

/// An error of a projection, with what its functions have thrown.
fn failure(error: ProjectionError, folded: &Folded) -> Failure {
    let cause = match (&error, folded) {
        (ProjectionError::Failed { failure, .. }, Folded::Functions(functions)) => {
            functions.thrown_at(failure.position)
        }
        _ => JsValue::UNDEFINED,
    };
    let failure = Failure::from(error);
    if cause.is_undefined() { failure } else { failure.caused_by(cause) }
}

impl From<ProjectionError> for Failure {
    fn from(error: ProjectionError) -> Self {
        let failure = Self::new(error.code(), &error);
        match error {
            ProjectionError::InvalidName(error) => error.describe(failure.with("member", "name")),
            ProjectionError::InvalidQuery(error) => error.describe(failure),
            ProjectionError::Failed { name, failure: at } => {
                let failure = failure
                    .with("projection", name)
                    .with("position", at.position)
                    .with("type", at.event_type)
                    .with("message", at.message)
                    .with("reason", Unanswered::Failed);
                let numbers = [("line", at.line), ("column", at.column)];
                let known = numbers.into_iter().filter_map(|(name, number)| Some((name, number?)));
                known.fold(failure, |failure, (name, number)| failure.with(name, number))
            }
            ProjectionError::Unavailable { name, .. } => {
                failure.with("projection", name).with("reason", Unanswered::Failed)
            }
            ProjectionError::Superseded { name, stored, own } => {
                let failure = failure.with("projection", name).with("stored", stored).with("own", own);
                failure.with("reason", Unanswered::Superseded)
            }
            ProjectionError::Rebuilding { name, checkpoint, head } => {
                let failure = failure.with("projection", name).with("checkpoint", checkpoint).with("head", head);
                failure.with("reason", Unanswered::Rebuilding)
            }
            ProjectionError::Stopped { name } | ProjectionError::Cancelled { name } => failure.with("projection", name),
            ProjectionError::NothingToSkip { name, position } => {
                failure.with("projection", name).with("position", position)
            }
            ProjectionError::Storage(error) => error.describe(failure),
        }
    }
}
