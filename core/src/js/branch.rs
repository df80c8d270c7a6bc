//! The class `Branch`.

use std::cell::RefCell;

use js_sys::{Array, JsString, Promise};
use serde_json::value::RawValue;
use wasm_bindgen::prelude::*;

use super::commit;
use super::definition::Definition;
use super::failure::{Failure, reason};
use super::glue;
use super::options::text;
use super::script::ScriptBranch;
use super::store::promise;
use super::timeline::{failure, partition, patch_value};
use super::value::whole;
use crate::domain::{NewEvent, Position, StreamName};
use crate::timeline::{Branch, BranchError, Divergence};

const CODE: &str = "invalid-input";

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How a branch differs from the log. */
export interface Divergence {
  /** The first position behind whose place the states differ, 0 for the beginning; absent if they never do. */
  firstPosition?: number;
  /** What makes the log's state at the place of the branch that of the branch. */
  diff: JsonPatchOperation[];
}

/**
 * The history up to a position, and what would have become of the state had it been another. The log is never touched.
 *
 * A branch is a list: an event is inserted or moved directly behind another, wherever that stands by then; position 0 is the
 * beginning. A moved event is the same event elsewhere: it keeps its position, which is its name, its version, its id and its
 * times. The first one that is inserted has the position behind that of the branch, the next the one behind that. What cannot be
 * done throws `invalid-input`, and changes nothing. It goes on working when its timeline is closed.
 */
export class Branch<S> {
  private constructor();
  /** Leaves an event out. */
  skip(position: number): void;
  /** Gives an event other data, in the shape that handlers are given. */
  edit(position: number, data: Json): void;
  /** Inserts an event directly behind another. Upcasters lift it from its schema version on, as if it had been appended. */
  insert(after: number, stream: string, event: NewEvent): void;
  /** Moves an event directly behind another. */
  move(position: number, after: number): void;
  /** Takes all changes back. */
  reset(): void;
  /** The state behind all events; undefined when the partition does not exist there. */
  state(partition?: string): Promise<S | undefined>;
  /** Where the states differ from those of the log, and how at the end. Where the partition does not exist the state is null. */
  divergence(partition?: string): Promise<Divergence>;
}"#;

/// A history that is not the log's.
#[wasm_bindgen(js_name = Branch, skip_typescript)]
pub struct JsBranch {
    inner: Box<dyn Calls>,
}

impl std::fmt::Debug for JsBranch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsBranch").finish_non_exhaustive()
    }
}

impl From<Kind> for JsBranch {
    fn from(branch: Kind) -> Self {
        Self { inner: Box::new(RefCell::new(branch)) }
    }
}

#[wasm_bindgen(js_class = Branch)]
impl JsBranch {
    /// Leaves an event out.
    #[wasm_bindgen(skip_typescript)]
    pub fn skip(&self, position: JsValue) -> Result<(), JsValue> {
        self.inner.skip(&position)
    }

    /// Gives an event other data.
    #[wasm_bindgen(skip_typescript)]
    pub fn edit(&self, position: JsValue, data: JsValue) -> Result<(), JsValue> {
        self.inner.edit(&position, &data)
    }

    /// Inserts an event.
    #[wasm_bindgen(skip_typescript)]
    pub fn insert(&self, after: JsValue, stream: JsValue, event: JsValue) -> Result<(), JsValue> {
        self.inner.insert(&after, &stream, &event)
    }

    /// Moves an event.
    #[wasm_bindgen(js_name = move, skip_typescript)]
    pub fn move_behind(&self, position: JsValue, after: JsValue) -> Result<(), JsValue> {
        self.inner.move_behind(&position, &after)
    }

    /// Takes all changes back.
    #[wasm_bindgen(skip_typescript)]
    pub fn reset(&self) {
        self.inner.reset();
    }

    /// The state behind all events.
    #[wasm_bindgen(skip_typescript)]
    pub fn state(&self, partition: JsValue) -> Promise {
        self.inner.state(&partition)
    }

    /// Where and how it differs from the log.
    #[wasm_bindgen(skip_typescript)]
    pub fn divergence(&self, partition: JsValue) -> Promise {
        self.inner.divergence(&partition)
    }
}

/// The calls of a branch: the class makes them through a table, for their code is in the rest of the package.
trait Calls {
    fn skip(&self, position: &JsValue) -> Result<(), JsValue>;
    fn edit(&self, position: &JsValue, data: &JsValue) -> Result<(), JsValue>;
    fn insert(&self, after: &JsValue, stream: &JsValue, event: &JsValue) -> Result<(), JsValue>;
    fn move_behind(&self, position: &JsValue, after: &JsValue) -> Result<(), JsValue>;
    fn reset(&self);
    fn state(&self, partition: &JsValue) -> Promise;
    fn divergence(&self, partition: &JsValue) -> Promise;
}

/// A branch of functions, or of a text.
#[derive(Clone)]
pub(super) enum Kind {
    Functions(Branch<Definition>),
    Text(ScriptBranch),
}

impl Kind {
    fn skip(&mut self, position: Position) -> Result<(), BranchError> {
        match self {
            Self::Functions(branch) => branch.skip(position),
            Self::Text(branch) => branch.skip(position),
        }
    }

    fn edit(&mut self, position: Position, data: &RawValue) -> Result<(), BranchError> {
        match self {
            Self::Functions(branch) => branch.edit(position, data),
            Self::Text(branch) => branch.edit(position, data),
        }
    }

    fn insert(&mut self, after: Position, stream: StreamName, event: NewEvent) -> Result<Position, BranchError> {
        match self {
            Self::Functions(branch) => branch.insert(after, stream, event),
            Self::Text(branch) => branch.insert(after, stream, event),
        }
    }

    fn move_behind(&mut self, position: Position, after: Position) -> Result<(), BranchError> {
        match self {
            Self::Functions(branch) => branch.move_behind(position, after),
            Self::Text(branch) => branch.move_behind(position, after),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Functions(branch) => branch.reset(),
            Self::Text(branch) => branch.reset(),
        }
    }

    async fn state(&self, partition: &str) -> Result<JsValue, Failure> {
        match self {
            Self::Functions(branch) => {
                let state = branch.state(partition).await.map_err(|error| failure(error, branch.projection()))?;
                state.map_or(Ok(JsValue::UNDEFINED), |state| state.into_value().map_err(Failure::of_projection))
            }
            Self::Text(branch) => {
                let state = branch.state(partition).await.map_err(|error| super::text::of_branch(branch, error))?;
                state.map_or(Ok(JsValue::UNDEFINED), |state| glue::parse(&state.into()).map_err(Failure::Made))
            }
        }
    }

    async fn divergence(&self, partition: &str) -> Result<Divergence, Failure> {
        match self {
            Self::Functions(branch) => {
                branch.divergence(partition).await.map_err(|error| failure(error, branch.projection()))
            }
            Self::Text(branch) => {
                branch.divergence(partition).await.map_err(|error| super::text::of_branch(branch, error))
            }
        }
    }
}

fn position(member: &str, value: &JsValue) -> Result<Position, Failure> {
    whole(CODE, member, value).map(Position::new)
}

fn refused(member: &'static str) -> impl Fn(BranchError) -> Failure {
    move |error| Failure::member(error.code(), member, &error)
}

impl Calls for RefCell<Kind> {
    fn skip(&self, position: &JsValue) -> Result<(), JsValue> {
        let position = self::position("position", position)?;
        Ok(self.borrow_mut().skip(position).map_err(refused("position"))?)
    }

    fn edit(&self, position: &JsValue, data: &JsValue) -> Result<(), JsValue> {
        let position = self::position("position", position)?;
        let not_json = |problem: String| Failure::member(CODE, "data", problem);
        let text: JsString =
            glue::state_text(data).map_err(|thrown| not_json(reason(&thrown)).caused_by(thrown.clone()))?;
        let data = RawValue::from_string(text.into()).map_err(|error| not_json(error.to_string()))?;
        Ok(self.borrow_mut().edit(position, &data).map_err(refused("position"))?)
    }

    fn insert(&self, after: &JsValue, stream: &JsValue, event: &JsValue) -> Result<(), JsValue> {
        let after = position("after", after)?;
        let stream = text(CODE, "stream", stream)?;
        let stream = StreamName::new(&stream).map_err(|error| Failure::member(CODE, "stream", error))?;
        if Array::is_array(event) {
            return Err(Failure::member("invalid-event", "event", "one event is expected").into());
        }
        for event in commit::events(event)? {
            self.borrow_mut().insert(after, stream.clone(), event).map_err(refused("after"))?;
        }
        Ok(())
    }

    fn move_behind(&self, position: &JsValue, after: &JsValue) -> Result<(), JsValue> {
        let position = self::position("position", position)?;
        let after = self::position("after", after)?;
        let moved = self.borrow_mut().move_behind(position, after);
        Ok(moved.map_err(|error| match &error {
            BranchError::NoEvent { position: unknown, .. } if *unknown == position => refused("position")(error),
            _ => refused("after")(error),
        })?)
    }

    fn reset(&self) {
        self.borrow_mut().reset();
    }

    fn state(&self, partition: &JsValue) -> Promise {
        ask(self, partition, async |branch, partition| branch.state(&partition).await)
    }

    fn divergence(&self, partition: &JsValue) -> Promise {
        ask(self, partition, async |branch, partition| {
            let found = branch.divergence(&partition).await?;
            let divergence = js_sys::Object::new();
            let set = |name: &str, value: JsValue| {
                js_sys::Reflect::set(&divergence, &name.into(), &value).map_err(Failure::Made)
            };
            if let Some(first) = found.first_position {
                set("firstPosition", (first.get() as f64).into())?;
            }
            set("diff", patch_value(&found.diff)?)?;
            Ok(divergence.into())
        })
    }
}

/// Asks the branch as it is now: what is changed while the answer is made has no part in it.
fn ask(
    branch: &RefCell<Kind>,
    partition: &JsValue,
    ask: impl AsyncFnOnce(Kind, String) -> Result<JsValue, Failure> + 'static,
) -> Promise {
    let branch = branch.borrow().clone();
    promise(self::partition(partition), async move |partition| ask(branch, partition).await)
}
