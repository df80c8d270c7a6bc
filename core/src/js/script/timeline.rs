//! A projection as text that answers for every position of a log.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use futures_util::lock::Mutex;
use json_patch::PatchOperation;
use serde_json::Value;

use super::fault::ScriptFault;
use super::inner::Inner;
use super::outline::{ScriptOutline, ScriptStep, outline};
use super::reads::Reads;
use super::sandbox::{Question, Worker};
use super::stalls::Stalls;
use crate::domain::{Position, RecordedEvent};
use crate::engine::{CancelToken, Direction, EventStore, Pace};
use crate::timeline::{BuildProgress, Cursor, FindOptions, Seek, TimelineError};

/// Events whose states come over at once, when each of them is looked at: at first, and at most.
const FIRST_LOOKED_AT: u64 = 16;
const MOST_LOOKED_AT: u64 = 128;
/// Bytes that these states should have together.
const LOOKED_AT_BYTES: usize = 4 * 1024 * 1024;

/// A projection as text that answers for every position of a store's log, as [`Timeline`](crate::Timeline) does for one in Rust.
///
/// The text is JavaScript in the words of KurrentDB's projections. It runs in a worker of its own, without network, storage or
/// document: a text that does not end stops itself and nothing else. The log is folded once, on demand or by
/// [`build`](Self::build); states are kept on the way, so that a seek folds at most a few thousand events of one partition.
/// States are JSON: what that has no word for fails the timeline when a state is kept. Clock and chance are those of the event that is folded: its time, and
/// numbers that are the same for it on every run.
///
/// Clones are the same timeline; the last one dropped ends the worker.
#[derive(Clone)]
pub struct ScriptTimeline {
    pub(super) inner: Rc<Inner>,
}

impl fmt::Debug for ScriptTimeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptTimeline").field("folded_to", &self.inner.folded_to.get()).finish_non_exhaustive()
    }
}

impl ScriptTimeline {
    /// Starts a worker and has it read the text. Nothing of the log is read yet.
    ///
    /// # Errors
    /// [`ScriptFault`]: the text is no JavaScript, is not a projection, or cannot be run here.
    pub async fn start(store: EventStore, text: &str) -> Result<Self, ScriptFault> {
        let worker = Worker::start().await?;
        let said = worker.ask(Question::new("define").with("text", text)).await?;
        let outline = outline(&said)?;
        let reads = Reads::of(text, &outline, &said);
        let inner = Inner {
            store,
            outline,
            text: text.to_owned(),
            worker: RefCell::new(Rc::new(worker)),
            packer: RefCell::default(),
            reads,
            workers: Cell::default(),
            is_lacking: Cell::default(),
            folded_to: Cell::default(),
            failure: RefCell::default(),
            fault: RefCell::default(),
            told_fault: RefCell::default(),
            stalls: Stalls::default(),
            endless_result: RefCell::default(),
            endless_step: RefCell::default(),
            folds: Cell::default(),
            uses_clock: Cell::default(),
            uses_chance: Cell::default(),
            last_seek: Cell::default(),
            gate: Mutex::new(()),
        };
        Ok(Self { inner: Rc::new(inner) })
    }

    /// What the text says of itself.
    #[must_use]
    pub fn outline(&self) -> &ScriptOutline {
        &self.inner.outline
    }

    /// Why the log cannot be folded on, with its place in the text; `None` while it can.
    #[must_use]
    pub fn fault(&self) -> Option<ScriptFault> {
        self.inner.fault.borrow().clone()
    }

    /// What an error of this timeline says with its place in the text, as far as it is of the text and the last one that was told, or the
    /// one of [`fault`](Self::fault).
    #[must_use]
    pub fn fault_of(&self, error: &TimelineError) -> Option<ScriptFault> {
        let is_its = |fault: &ScriptFault| match error {
            TimelineError::Fold { position, reason, .. } => {
                fault.position == Some(*position) && fault.in_words() == *reason
            }
            TimelineError::NotRunnable { reason } => fault.in_words() == *reason,
            _ => false,
        };
        let known = [&self.inner.fault, &self.inner.told_fault].map(|fault| fault.borrow().clone());
        known.into_iter().flatten().find(is_its)
    }

    /// Whether handlers have asked for the time of day, and for random numbers, as far as the log is folded.
    #[must_use]
    pub fn asked_for(&self) -> (bool, bool) {
        (self.inner.uses_clock.get(), self.inner.uses_chance.get())
    }

    /// How many events its handlers have taken, as far as the log is folded.
    #[must_use]
    pub fn folds(&self) -> u64 {
        self.inner.folds.get()
    }

    /// Folds the log up to its head as it is now.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) at the next page once `cancel` was thrown.
    pub async fn build(
        &self,
        on_progress: impl FnMut(BuildProgress),
        cancel: &CancelToken,
    ) -> Result<(), TimelineError> {
        self.build_to(Cursor::Head, on_progress, cancel).await
    }

    /// Folds the log up to a place, unless it is; progress is told of that place as of a head.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) at the next page once `cancel` was thrown.
    pub async fn build_to(
        &self,
        at: Cursor,
        mut on_progress: impl FnMut(BuildProgress),
        cancel: &CancelToken,
    ) -> Result<(), TimelineError> {
        let head = self.inner.position_of(at).await?;
        let mut feed = None;
        // Another worker begins at the start again; what is told does not go back.
        let mut folded_to = Position::ZERO;
        loop {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let is_done = self.inner.grow_by_page(head, &mut feed).await?;
            folded_to = folded_to.max(self.inner.folded_to.get().min(head));
            on_progress(BuildProgress { folded_to, head });
            if is_done {
                return Ok(());
            }
        }
    }

    /// The state of a partition, as a JSON text; `None` when the partition does not exist there. The unnamed partition is `""`.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn state_at(&self, at: Cursor, partition: &str) -> Result<Option<String>, TimelineError> {
        self.asked(at, partition, "state").await
    }

    /// What `transformBy` and `filterBy` make of that state, as a JSON text; the state where the text has neither.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn result_at(&self, at: Cursor, partition: &str) -> Result<Option<String>, TimelineError> {
        self.asked(at, partition, "result").await
    }

    async fn asked(&self, at: Cursor, partition: &str, wants: &str) -> Result<Option<String>, TimelineError> {
        let at = self.inner.reach(at).await?;
        let start = self.inner.store.host().micros();
        let answer = self.inner.state(at, partition, wants).await?;
        let last_seek = self.inner.last_seek.get();
        self.inner.last_seek.set(Seek { micros: self.inner.store.host().micros() - start, ..last_seek });
        Ok(answer.text("state"))
    }

    /// What the last [`state_at`](Self::state_at) took.
    #[must_use]
    pub fn last_seek(&self) -> Seek {
        self.inner.last_seek.get()
    }

    /// The partitions that have an event at or before a place, in the order of their first events.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn partitions_at(&self, at: Cursor) -> Result<Vec<String>, TimelineError> {
        let at = self.inner.reach(at).await?;
        let answer = self.inner.ask(Question::new("partitions").with("at", at.get() as f64)).await?;
        Ok(answer.texts("names").into_iter().flatten().collect())
    }

    /// The operations that make the state at `a` that at `b`: [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902). A partition that
    /// does not exist is `null`.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn diff(&self, a: Cursor, b: Cursor, partition: &str) -> Result<Vec<PatchOperation>, TimelineError> {
        let (before, after) = (self.state_at(a, partition).await?, self.state_at(b, partition).await?);
        let value = |state: Option<String>| state.map_or(Value::Null, |state| json(Some(&state)));
        Ok(json_patch::diff(&value(before), &value(after)).0)
    }

    /// The last event at or before `at` that changed the value which `pointer` names ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901))
    /// in a partition's state. A value that appears or disappears has changed.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn provenance(
        &self,
        pointer: &str,
        at: Cursor,
        partition: &str,
    ) -> Result<Option<RecordedEvent>, TimelineError> {
        check_pointer(pointer)?;
        let inner = &self.inner;
        let at = inner.reach(at).await?;
        let mut to = inner.count(at, partition).await?;
        let mut at_once = FIRST_LOOKED_AT;
        let mut pace = Pace::new(&inner.store);
        while to > 0 {
            let from = to.saturating_sub(at_once);
            let (positions, states) = inner.states(at, partition, from, to).await?;
            let mut after = pointed(states.get(positions.len()), pointer);
            for (position, state) in positions.iter().zip(&states).rev() {
                // Reading a state takes as long as it is large.
                pace.step().await;
                let before = pointed(Some(state), pointer);
                if before != after {
                    return Ok(inner.store.event(*position).await?);
                }
                after = before;
            }
            to = from;
            at_once = looked_at_next(&states);
        }
        Ok(None)
    }

    /// The first position at or after [`from`](FindOptions::from) after whose event `predicate` holds of the state, as a JSON
    /// text, and the event; backwards, the last one at or before it.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) soon after `cancel` was thrown.
    pub async fn find_first(
        &self,
        mut predicate: impl FnMut(&str, &RecordedEvent) -> bool,
        options: &FindOptions,
        cancel: &CancelToken,
    ) -> Result<Option<Position>, TimelineError> {
        let inner = &self.inner;
        let is_forwards = options.direction == Direction::Forwards;
        let bound = if is_forwards { Cursor::Head } else { options.from.map_or(Cursor::Head, Cursor::Position) };
        let bound = inner.reach(bound).await?;
        let end = inner.count(bound, &options.partition).await?;
        let start = match options.from.filter(|_| is_forwards) {
            Some(from) => inner.count(Position::new(from.get().saturating_sub(1)), &options.partition).await?,
            None => 0,
        };
        let (mut done, mut at_once) = (0, FIRST_LOOKED_AT);
        let mut pace = Pace::new(&inner.store);
        while start + done < end {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let count = at_once.min(end - start - done);
            let from = if is_forwards { start + done } else { end - done - count };
            let (positions, states) = inner.states(bound, &options.partition, from, from + count).await?;
            let events = inner.store.events_at(&positions).await?;
            let mut looked_at: Vec<_> = events.iter().zip(states.iter().skip(1)).collect();
            if !is_forwards {
                looked_at.reverse();
            }
            for (event, state) in looked_at {
                pace.step().await;
                if cancel.is_cancelled() {
                    return Err(TimelineError::Aborted);
                }
                // Partitions that share a state see one another's events; before its own first one there is none to look at.
                let Some(state) = state.as_deref() else { continue };
                if inner.lifted(vec![event.clone()])?.iter().any(|event| predicate(state, event)) {
                    return Ok(Some(event.position()));
                }
            }
            done += count;
            at_once = looked_at_next(&states);
        }
        Ok(None)
    }

    /// What the event at a position did, or why it was left out.
    ///
    /// # Errors
    /// [`TimelineError`]; a fault of the text at this very event is part of the answer.
    pub async fn explain(&self, at: Position) -> Result<ScriptStep, TimelineError> {
        let inner = &self.inner;
        let before = Position::new(at.get().saturating_sub(1));
        inner.reach(Cursor::Position(before)).await?;
        let Some(event) = inner.store.event(at).await? else { return Ok(ScriptStep::default()) };
        let events = inner.lifted(vec![event])?;
        if events.is_empty() {
            return Ok(ScriptStep { skipped: Some("no payload".to_owned()), ..ScriptStep::default() });
        }
        inner.explain(before, &events).await
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }
}

fn json(text: Option<&str>) -> Value {
    // The worker's states are JSON texts; a text that is none reads as nothing.
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn pointed(state: Option<&Option<String>>, pointer: &str) -> Option<Value> {
    let mut state = json(Some(state?.as_deref()?));
    state.pointer_mut(pointer).map(Value::take)
}

/// How many states to ask for behind these: large ones would hold the page up, and its memory never shrinks.
fn looked_at_next(states: &[Option<String>]) -> u64 {
    let longest = states.iter().flatten().map(String::len).max().unwrap_or_default();
    let fit = LOOKED_AT_BYTES / longest.max(1);
    (fit as u64).clamp(2, MOST_LOOKED_AT)
}

fn check_pointer(pointer: &str) -> Result<(), TimelineError> {
    if pointer.is_empty() || pointer.starts_with('/') {
        return Ok(());
    }
    Err(TimelineError::InvalidPointer { pointer: pointer.to_owned(), reason: "it must be empty or begin with a slash" })
}
