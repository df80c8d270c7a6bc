//! A projection as text that answers for every position of a log.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use futures_util::lock::Mutex;
use json_patch::PatchOperation;
use serde_json::Value;

use super::fault::ScriptFault;
use super::pack::Packer;
use super::sandbox::{Answer, Question, Worker};
use crate::domain::{Position, Query, QueryItem, RecordedEvent, StreamName};
use crate::engine::{CancelToken, Direction, EventStore, Events, Pace, ReadOptions};
use crate::timeline::{BuildProgress, Cursor, FindOptions, Seek, TimelineError};

/// Events whose states come over at once, when each of them is looked at.
const LOOKED_AT: u64 = 128;
/// How often a state is asked for that the worker has let go of meanwhile.
const TRIES: usize = 8;

/// What a projection's text says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptOutline {
    /// Which events it folds.
    pub query: Query,
    /// Whether there is more than one partition.
    pub is_partitioned: bool,
    /// The names of its handlers: event types, and special ones.
    pub handlers: Vec<String>,
    /// Whether the result differs from the state: there is a `transformBy` or a `filterBy`.
    pub has_result: bool,
}

/// What one event did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptStep {
    /// Why the event was left out, if it was.
    pub skipped: Option<String>,
    /// Its partition.
    pub partition: String,
    /// The state before it and after it, as JSON texts.
    pub before: Option<String>,
    /// The state after it.
    pub after: Option<String>,
    /// What `transformBy` and `filterBy` make of that.
    pub result: Option<String>,
    /// What was emitted, linked or copied, each as a JSON text: it is shown, and never written.
    pub emitted: Vec<String>,
    /// What was logged.
    pub logs: Vec<String>,
    /// How long the handler took, in microseconds, as exactly as the browser measures.
    pub micros: u64,
    /// What it failed with, if it did.
    pub fault: Option<ScriptFault>,
}

/// A projection as text that answers for every position of a store's log, as [`Timeline`](crate::Timeline) does for one in Rust.
///
/// The text is JavaScript in the words of KurrentDB's projections. It runs in a worker of its own, without network, storage or
/// document: a text that does not end stops itself and nothing else. The log is folded once, on demand or by
/// [`build`](Self::build); states are kept on the way, so that a seek folds at most a few thousand events of one partition.
/// States are JSON: what has no word in it is lost. Clock and chance are those of the event that is folded: its time, and
/// numbers that are the same for it on every run.
///
/// Clones are the same timeline; the last one dropped ends the worker.
#[derive(Clone)]
pub struct ScriptTimeline {
    inner: Rc<Inner>,
}

struct Inner {
    store: EventStore,
    outline: ScriptOutline,
    text: String,
    worker: Worker,
    packer: RefCell<Packer>,
    folded_to: Cell<Position>,
    failure: RefCell<Option<TimelineError>>,
    fault: RefCell<Option<ScriptFault>>,
    uses_clock: Cell<bool>,
    uses_chance: Cell<bool>,
    last_seek: Cell<Seek>,
    /// Held by whoever folds the log on.
    gate: Mutex<()>,
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
        let outline = outline(&worker.ask(Question::new("define").with("text", text)).await?)?;
        let inner = Inner {
            store,
            outline,
            text: text.to_owned(),
            worker,
            packer: RefCell::default(),
            folded_to: Cell::default(),
            failure: RefCell::default(),
            fault: RefCell::default(),
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

    /// Whether handlers have asked for the time of day, and for random numbers, as far as the log is folded.
    #[must_use]
    pub fn asked_for(&self) -> (bool, bool) {
        (self.inner.uses_clock.get(), self.inner.uses_chance.get())
    }

    /// Folds the log up to its head as it is now.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) at the next page once `cancel` was thrown.
    pub async fn build(
        &self,
        mut on_progress: impl FnMut(BuildProgress),
        cancel: &CancelToken,
    ) -> Result<(), TimelineError> {
        let head = self.inner.store.refresh().await?;
        let mut reading = None;
        loop {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let is_done = self.inner.grow_by_page(head, &mut reading).await?;
            on_progress(BuildProgress { folded_to: self.inner.folded_to.get().min(head), head });
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
        while to > 0 {
            let from = to.saturating_sub(LOOKED_AT);
            let (positions, states) = inner.states(partition, from, to).await?;
            for (index, position) in positions.iter().enumerate().rev() {
                if pointed(&states, index, pointer) != pointed(&states, index + 1, pointer) {
                    return Ok(inner.store.event(*position).await?);
                }
            }
            to = from;
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
        let mut done = 0;
        while start + done < end {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let count = LOOKED_AT.min(end - start - done);
            let from = if is_forwards { start + done } else { end - done - count };
            let (positions, states) = inner.states(&options.partition, from, from + count).await?;
            let events = inner.store.events_at(&positions).await?;
            let mut looked_at: Vec<_> = events.iter().zip(states.iter().skip(1)).collect();
            if !is_forwards {
                looked_at.reverse();
            }
            for (event, state) in looked_at {
                // Partitions that share a state see one another's events; before its own first one there is none to look at.
                let Some(state) = state.as_deref() else { continue };
                if inner.lifted(std::slice::from_ref(event))?.iter().any(|event| predicate(state, event)) {
                    return Ok(Some(event.position()));
                }
            }
            done += count;
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
        let events = inner.lifted(&[event])?;
        if events.is_empty() {
            return Ok(ScriptStep { skipped: Some("no payload".to_owned()), ..ScriptStep::default() });
        }
        let question = Question::new("explain").batch(&inner.packer.borrow_mut().pack(&events));
        let placed = inner.ask(question).await?;
        if let Some(reason) = placed.text("skipped") {
            return Ok(ScriptStep { skipped: Some(reason), ..ScriptStep::default() });
        }
        let partition = placed.text("partition").unwrap_or_default();
        let state = inner.state(before, &partition, "state").await?;
        let mut question = Question::new("explain").with("isPlaced", true);
        for (name, text) in [("text", state.text("state")), ("shared", state.text("shared"))] {
            if let Some(text) = text {
                question = question.with(name, text);
            }
        }
        let question = question.batch(&inner.packer.borrow_mut().pack(&events));
        let said = inner.ask(question).await?;
        Ok(ScriptStep {
            skipped: None,
            partition,
            before: said.text("before"),
            after: said.text("after"),
            result: said.text("result"),
            emitted: said.texts("emitted").into_iter().flatten().collect(),
            logs: said.texts("logs").into_iter().flatten().collect(),
            micros: said.count("micros"),
            fault: said.member("fault").map(super::sandbox::fault),
        })
    }

    /// All positions after whose event `expression`, JavaScript over `state` and `event`, is true: a history breakpoint. The
    /// log is folded once more, from its beginning to its head.
    ///
    /// `on_progress` is told how far it is and which were found since.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) soon after `cancel` was thrown.
    pub async fn find_all(
        &self,
        expression: &str,
        mut on_progress: impl FnMut(BuildProgress, &[Position]),
        cancel: &CancelToken,
    ) -> Result<(), TimelineError> {
        // A worker of its own: the one that answers is not held up, and an expression that does not end ends nothing else.
        let scanner = Self::start(self.inner.store.clone(), &self.inner.text).await.map_err(not_runnable)?;
        let inner = &scanner.inner;
        inner.ask(Question::new("scan").with("expression", expression)).await?;
        let head = inner.store.refresh().await?;
        let query = inner.outline.query.clone();
        let mut events =
            inner.store.read_known(ReadOptions { to: Some(head), query: Some(query), ..ReadOptions::default() });
        while let Some(page) = events.next_page().await? {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let Some(last) = page.last().map(RecordedEvent::position) else { continue };
            let bytes = inner.packer.borrow_mut().pack(&inner.lifted(&page)?);
            let answer = inner.ask(Question::new("scanned").batch(&bytes)).await?;
            on_progress(BuildProgress { folded_to: last, head }, &answer.positions("hits"));
        }
        on_progress(BuildProgress { folded_to: head, head }, &[]);
        Ok(())
    }
}

impl Inner {
    async fn reach(&self, cursor: Cursor) -> Result<Position, TimelineError> {
        let head = self.store.refresh().await?;
        let at = match cursor {
            Cursor::Position(at) => at.min(head),
            Cursor::Time(time) => self.store.with_log(|log| log.position_at(time)),
            Cursor::Head => head,
        };
        let mut reading = None;
        while !self.grow_by_page(at, &mut reading).await? {}
        Ok(at)
    }

    /// Folds one more page, and says whether `to` is reached.
    async fn grow_by_page(
        &self,
        to: Position,
        reading: &mut Option<(Position, Events)>,
    ) -> Result<bool, TimelineError> {
        if self.folded_to.get() >= to {
            return Ok(true);
        }
        let _gate = self.gate.lock().await;
        let folded_to = self.folded_to.get();
        if folded_to >= to {
            return Ok(true);
        }
        if let Some(error) = self.failure.borrow().clone() {
            return Err(error);
        }
        let mut events = match reading.take() {
            Some((at, events)) if at == folded_to => events,
            _ => {
                let (from, query) = (Some(folded_to.next()), Some(self.outline.query.clone()));
                self.store.read_known(ReadOptions { from, to: Some(to), query, ..ReadOptions::default() })
            }
        };
        let Some(page) = events.next_page().await? else {
            self.folded_to.set(to);
            return Ok(true);
        };
        self.fold_page(&page).await?;
        *reading = Some((self.folded_to.get(), events));
        Ok(false)
    }

    async fn fold_page(&self, page: &[RecordedEvent]) -> Result<(), TimelineError> {
        let Some(last) = page.last() else { return Ok(()) };
        let mut pace = Pace::new(&self.store);
        let upcasters = self.store.upcasters();
        let (mut payloads, mut unlifted, mut up_to) = (Vec::with_capacity(page.len()), None, last.position());
        for event in page {
            match upcasters.lift(event.clone()) {
                Ok(lifted) => payloads.extend(lifted),
                Err(error) => {
                    up_to = Position::new(event.position().get() - 1);
                    unlifted = Some(TimelineError::from(error));
                    break;
                }
            }
        }
        pace.step().await;
        // Nothing is awaited between packing and asking: names have the numbers of the order in which they are sent.
        let question = Question::new("fold").with("upTo", up_to.get() as f64);
        let question = question.batch(&self.packer.borrow_mut().pack(&payloads));
        match self.worker.ask(question).await {
            Ok(answer) => {
                self.folded_to.set(up_to);
                self.uses_clock.set(self.uses_clock.get() || answer.count("clock") > 0);
                self.uses_chance.set(self.uses_chance.get() || answer.count("chance") > 0);
                unlifted.map_or(Ok(()), |error| Err(self.fail(error)))
            }
            Err(fault) if fault.is_endless => Err(self.endless(fault, &payloads).await),
            Err(fault) => Err(self.failed(fault)),
        }
    }

    /// Notes that the projection failed.
    fn failed(&self, fault: ScriptFault) -> TimelineError {
        if let Some(position) = fault.position {
            self.folded_to.set(self.folded_to.get().max(Position::new(position.get() - 1)));
        }
        let error = self.fold_error(&fault);
        *self.fault.borrow_mut() = Some(fault);
        self.fail(error)
    }

    fn fail(&self, error: TimelineError) -> TimelineError {
        *self.failure.borrow_mut() = Some(error.clone());
        error
    }

    fn fold_error(&self, fault: &ScriptFault) -> TimelineError {
        let position = fault.position.unwrap_or_default();
        let of = |position| self.store.with_log(|log| log.row(position).map(|row| row.event_type));
        let reason = match fault.line {
            Some(line) => format!("{} (line {line} of the text)", fault.message),
            None => fault.message.clone(),
        };
        match of(position) {
            Some(event_type) => TimelineError::Fold { position, event_type, reason },
            None => TimelineError::NotJson { position, reason },
        }
    }

    /// The text does not end: the worker is gone, and with it all states. Another one looks for the event.
    async fn endless(&self, fault: ScriptFault, payloads: &[RecordedEvent]) -> TimelineError {
        let position = self.find_endless(payloads).await.ok().flatten();
        self.folded_to.set(Position::ZERO);
        self.failed(ScriptFault { position, ..fault })
    }

    /// Folds the log anew up to the batch, and in the batch has every event announced before its turn.
    async fn find_endless(&self, payloads: &[RecordedEvent]) -> Result<Option<Position>, TimelineError> {
        let Some(first) = payloads.first().map(RecordedEvent::position) else { return Ok(None) };
        let worker = Worker::start().await.map_err(not_runnable)?;
        let define = Question::new("define").with("text", self.text.as_str());
        worker.ask(define).await.map_err(not_runnable)?;
        let mut packer = Packer::default();
        let (to, query) = (Some(Position::new(first.get() - 1)), Some(self.outline.query.clone()));
        if to > Some(Position::ZERO) {
            let mut events = self.store.read_known(ReadOptions { to, query, ..ReadOptions::default() });
            while let Some(page) = events.next_page().await? {
                let bytes = packer.pack(&self.lifted(&page)?);
                worker.ask(Question::new("fold").with("upTo", 0).batch(&bytes)).await.map_err(not_runnable)?;
            }
        }
        let question = Question::new("fold").with("upTo", 0).with("announces", true).batch(&packer.pack(payloads));
        Ok(worker.ask(question).await.err().filter(|fault| fault.is_endless).and_then(|fault| fault.position))
    }

    async fn ask(&self, question: Question) -> Result<Answer, TimelineError> {
        self.worker.ask(question).await.map_err(|fault| self.fold_error(&fault))
    }

    async fn count(&self, at: Position, partition: &str) -> Result<u64, TimelineError> {
        let question = Question::new("count").with("partition", partition).with("at", at.get() as f64);
        Ok(self.ask(question).await?.count("count").min(at.get()))
    }

    /// The answer has the text of what is wanted, `state` or `result`, as `state`, if there is one.
    async fn state(&self, at: Position, partition: &str, wants: &str) -> Result<Answer, TimelineError> {
        let count = self.count(at, partition).await? as f64;
        let asked = |ask| Question::new(ask).with("partition", partition).with("wants", wants);
        for _ in 0..TRIES {
            let plan = self.ask(asked("plan").with("count", count)).await?;
            let positions = plan.positions("positions");
            self.last_seek.set(Seek { folds: positions.len(), ..Seek::default() });
            if positions.is_empty() {
                return Ok(plan);
            }
            let events = self.events(&positions).await?;
            let base = plan.count("base") as f64;
            let question = asked("state").with("base", base).batch(&self.packer.borrow_mut().pack(&events));
            let answer = self.ask(question).await?;
            // What was kept when the plan was made may be let go of while the log is folded on.
            if !answer.flag("isStale") {
                return Ok(answer);
            }
        }
        Err(out_of_step(at))
    }

    /// The states of a partition after `from` to `to` of its events, and the positions of all but the first.
    async fn states(
        &self,
        partition: &str,
        from: u64,
        to: u64,
    ) -> Result<(Vec<Position>, Vec<Option<String>>), TimelineError> {
        let asked = |ask| Question::new(ask).with("partition", partition).with("from", from as f64);
        for _ in 0..TRIES {
            let span = self.ask(asked("span").with("to", to as f64)).await?;
            let events = self.events(&span.positions("positions")).await?;
            let base = span.count("base") as f64;
            let question = asked("states").with("base", base).batch(&self.packer.borrow_mut().pack(&events));
            let answer = self.ask(question).await?;
            if !answer.flag("isStale") {
                return Ok((answer.positions("positions"), answer.texts("texts")));
            }
        }
        Err(out_of_step(Position::new(to)))
    }

    async fn events(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, TimelineError> {
        let events = self.store.events_at(positions).await?;
        self.lifted(&events)
    }

    fn lifted(&self, events: &[RecordedEvent]) -> Result<Vec<RecordedEvent>, TimelineError> {
        let upcasters = self.store.upcasters();
        let mut payloads = Vec::with_capacity(events.len());
        for event in events {
            payloads.extend(upcasters.lift(event.clone())?);
        }
        Ok(payloads)
    }
}

fn outline(said: &Answer) -> Result<ScriptOutline, ScriptFault> {
    let names: Vec<String> = said.texts("names").into_iter().flatten().collect();
    let unfit = |error: String| ScriptFault {
        message: format!("the text chooses events by a name that none has: {error}"),
        position: None,
        line: None,
        column: None,
        is_endless: false,
    };
    let query: Query = match said.text("source").as_deref() {
        Some("streams") => {
            let streams: Result<Vec<_>, _> = names.iter().map(|name| StreamName::new(name)).collect();
            QueryItem::of_streams(streams.map_err(|error| unfit(error.to_string()))?).into()
        }
        Some("categories") => QueryItem { categories: names, ..QueryItem::default() }.into(),
        _ => Query::everything(),
    };
    Ok(ScriptOutline {
        query,
        is_partitioned: said.text("partitionBy").is_some_and(|by| by != "none"),
        handlers: said.texts("types").into_iter().flatten().collect(),
        has_result: said.flag("hasResult"),
    })
}

fn out_of_step(position: Position) -> TimelineError {
    TimelineError::NotJson { position, reason: "the worker and the log do not agree".to_owned() }
}

fn not_runnable(fault: ScriptFault) -> TimelineError {
    TimelineError::NotJson { position: Position::ZERO, reason: fault.message }
}

fn json(text: Option<&str>) -> Value {
    // The worker's states are JSON texts; a text that is none reads as nothing.
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn pointed(states: &[Option<String>], index: usize, pointer: &str) -> Option<Value> {
    let state = states.get(index)?.as_deref()?;
    json(Some(state)).pointer(pointer).cloned()
}

fn check_pointer(pointer: &str) -> Result<(), TimelineError> {
    if pointer.is_empty() || pointer.starts_with('/') {
        return Ok(());
    }
    Err(TimelineError::InvalidPointer { pointer: pointer.to_owned(), reason: "it must be empty or begin with a slash" })
}
