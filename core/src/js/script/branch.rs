//! Branches of timelines that are made of text.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value;

use super::fault::ScriptFault;
use super::pack::Packer;
use super::sandbox::{Answer, Question, Worker};
use super::timeline::ScriptTimeline;
use crate::domain::{NewEvent, Position, Query, RecordedEvent, StreamName};
use crate::engine::EventStore;
use crate::timeline::{BranchError, Cursor, Divergence, Draft, TimelineError, Trunk};

/// The history up to a place, and what a projection as text would have made of it had it been another. It is changed as
/// [`Branch`](crate::Branch) is, and answers as that does, with JSON texts as states.
///
/// What is changed is folded in a worker of its own: a text that does not end on it harms neither the timeline nor its other
/// branches. A clone has the same changes, and is changed on its own.
#[derive(Clone)]
pub struct ScriptBranch {
    timeline: ScriptTimeline,
    draft: Draft,
    replays: Rc<RefCell<Option<Rc<Replay>>>>,
    fault: Rc<RefCell<Option<ScriptFault>>>,
}

impl fmt::Debug for ScriptBranch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptBranch").field("draft", &self.draft).finish_non_exhaustive()
    }
}

/// A worker that folds what the log does not have.
struct Replay {
    worker: Worker,
    packer: RefCell<Packer>,
}

impl Replay {
    async fn fold(
        &self,
        partition: &str,
        state: &UnitState,
        events: &[RecordedEvent],
        announces: bool,
    ) -> Result<Answer, ScriptFault> {
        let mut question = Question::new("replay").with("partition", partition).with("announces", announces);
        if let Some(text) = &state.unit {
            question = question.with("text", text.as_str());
        }
        // Nothing is awaited between packing and asking: names have the numbers of the order in which they are sent.
        let question = question.batch(self.packer.borrow_mut().pack(events));
        self.worker.ask(question).await
    }
}

/// A state, and what it is part of: partitions may share theirs.
#[derive(Clone)]
pub(crate) struct UnitState {
    /// All that must be known to fold on: a text that only the worker reads.
    unit: Option<String>,
    state: Option<String>,
    /// The states of all partitions that share one, as a JSON text.
    shared: Option<String>,
}

impl UnitState {
    fn of(said: &Answer) -> Self {
        Self { unit: said.text("unit"), state: said.text("state"), shared: said.text("shared") }
    }
}

impl ScriptTimeline {
    /// A branch of the history up to a place, with no change so far. Folds nothing.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn branch(&self, at: Cursor) -> Result<ScriptBranch, TimelineError> {
        let draft = Draft::new(self.inner().position_of(at).await?);
        Ok(ScriptBranch { timeline: self.clone(), draft, replays: Rc::default(), fault: Rc::default() })
    }
}

impl ScriptBranch {
    /// The place up to which it has the events of the log.
    #[must_use]
    pub fn at(&self) -> Position {
        self.draft.at()
    }

    /// The timeline that it is a branch of.
    #[must_use]
    pub fn timeline(&self) -> &ScriptTimeline {
        &self.timeline
    }

    /// Leaves an event out.
    ///
    /// # Errors
    /// [`BranchError::NoEvent`].
    pub fn skip(&mut self, position: Position) -> Result<(), BranchError> {
        self.draft.skip(position)
    }

    /// Gives an event other data.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub fn edit<T: Serialize + ?Sized>(&mut self, position: Position, data: &T) -> Result<(), BranchError> {
        self.draft.edit(position, data)
    }

    /// Inserts an event directly behind another, and gives its position.
    ///
    /// # Errors
    /// [`BranchError::NoEvent`].
    pub fn insert(&mut self, after: Position, stream: StreamName, event: NewEvent) -> Result<Position, BranchError> {
        self.draft.insert(&self.timeline.inner().store, after, stream, &event)
    }

    /// Moves an event directly behind another.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub fn move_behind(&mut self, position: Position, after: Position) -> Result<(), BranchError> {
        self.draft.move_behind(position, after)
    }

    /// Moves an event to a place of the log, as [`Branch::move_to`](crate::Branch::move_to) does.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub fn move_to(&mut self, position: Position, place: Position) -> Result<(), BranchError> {
        self.draft.move_to(position, place)
    }

    /// The events that were inserted, in the order in which they were.
    #[must_use]
    pub fn inserted(&self) -> &[RecordedEvent] {
        self.draft.inserted()
    }

    /// Takes all changes back.
    pub fn reset(&mut self) {
        self.draft.reset();
    }

    /// The state of a partition behind all events of the branch, as a JSON text; `None` when the partition does not exist there.
    ///
    /// The text may fail in the log and not in the branch, which can leave out the event at which it fails.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn state(&self, partition: &str) -> Result<Option<String>, TimelineError> {
        Ok(self.draft.state(self, partition).await?.state)
    }

    /// The state of a partition behind all that stands at a place of the log or before it, as
    /// [`Branch::state_at`](crate::Branch::state_at) has it.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn state_at(&self, place: Position, partition: &str) -> Result<Option<String>, TimelineError> {
        Ok(self.draft.state_at(self, place, partition).await?.state)
    }

    /// Where the branch differs from the log, and how at its end. A partition that does not exist is `null`. Partitions that
    /// share a part of their states part from the log together, where the first of them does.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn divergence(&self, partition: &str) -> Result<Divergence, TimelineError> {
        self.draft.divergence(self, partition).await
    }

    /// The first place behind which the branch has another state than the log, as
    /// [`Branch::first_difference`](crate::Branch::first_difference) has it.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn first_difference(&self, partition: &str) -> Result<Option<Position>, TimelineError> {
        self.draft.first_difference(self, partition).await
    }

    /// Why the branch could not be folded when that was last tried, with its place in the text; `None` if it could.
    #[must_use]
    pub fn fault(&self) -> Option<ScriptFault> {
        self.fault.borrow().clone()
    }

    async fn replay(&self) -> Result<Rc<Replay>, ScriptFault> {
        let known = self.replays.borrow().clone();
        if let Some(replay) = known.filter(|replay| !replay.worker.has_ended()) {
            return Ok(replay);
        }
        let worker = Worker::start().await?;
        worker.ask(Question::new("define").with("text", self.timeline.inner().text.as_str())).await?;
        let replay = Rc::new(Replay { worker, packer: RefCell::default() });
        *self.replays.borrow_mut() = Some(Rc::clone(&replay));
        Ok(replay)
    }

    /// What a fault says, of an event that may not be the log's.
    fn failed(&self, events: &[RecordedEvent], fault: ScriptFault) -> TimelineError {
        let event = events.iter().find(|event| Some(event.position()) == fault.position);
        let error = match event {
            Some(event) => TimelineError::Fold {
                position: event.position(),
                event_type: event.event_type().clone(),
                reason: fault.in_words(),
            },
            None => fault.clone().into(),
        };
        *self.fault.borrow_mut() = Some(fault);
        error
    }
}

impl Trunk for ScriptBranch {
    type State = UnitState;

    const FOLDED_EVENTS: usize = 4_096;

    fn store(&self) -> &EventStore {
        &self.timeline.inner().store
    }

    fn query(&self) -> &Query {
        &self.timeline.inner().outline.query
    }

    async fn state_at(&self, partition: &str, at: Position) -> Result<UnitState, TimelineError> {
        let inner = self.timeline.inner();
        let at = inner.reach(Cursor::Position(at)).await?;
        Ok(UnitState::of(&inner.state(at, partition, "unit").await?))
    }

    async fn positions(&self, partition: &str, after: Position, to: Position) -> Result<Vec<Position>, TimelineError> {
        let inner = self.timeline.inner();
        inner.reach(Cursor::Position(to)).await?;
        let question = Question::new("positions").with("partition", partition);
        let question = question.with("after", after.get() as f64).with("to", to.get() as f64);
        Ok(inner.ask(question).await?.positions("positions"))
    }

    async fn fold(
        &self,
        partition: &str,
        state: UnitState,
        events: &[RecordedEvent],
    ) -> Result<UnitState, TimelineError> {
        self.fault.take();
        let replay = self.replay().await?;
        let said = match replay.fold(partition, &state, events, false).await {
            // Another worker says which event it was.
            Err(_) if replay.worker.has_ended() => self.replay().await?.fold(partition, &state, events, true).await,
            said => said,
        };
        said.map(|said| UnitState::of(&said)).map_err(|fault| self.failed(events, fault))
    }

    fn value(&self, state: &UnitState, at: Position) -> Result<Value, TimelineError> {
        json(state.state.as_deref(), at)
    }

    fn whole_value(&self, state: &UnitState, at: Position) -> Result<Value, TimelineError> {
        let is_shared = self.timeline.inner().outline.is_shared;
        json(if is_shared { state.shared.as_deref() } else { state.state.as_deref() }, at)
    }
}

fn json(text: Option<&str>, at: Position) -> Result<Value, TimelineError> {
    let not_json = |error: serde_json::Error| TimelineError::NotJson { position: at, reason: error.to_string() };
    text.map_or(Ok(Value::Null), |text| serde_json::from_str(text).map_err(not_json))
}
