//! Folding on in the worker, and asking it for states.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::lock::Mutex;

use super::fault::ScriptFault;
use super::feed::{Answered, Feed};
use super::outline::ScriptOutline;
use super::pack::Packer;
use super::reads::Reads;
use super::sandbox::{Answer, Question, Worker};
use super::stalls::Stalls;
use crate::domain::{Position, RecordedEvent};
use crate::engine::EventStore;
use crate::timeline::{Cursor, Seek, TimelineError};

/// How often a state is asked for that the worker has let go of meanwhile.
pub(super) const TRIES: usize = 8;

/// What the clones of a timeline share.
pub(super) struct Inner {
    pub(super) store: EventStore,
    pub(super) outline: ScriptOutline,
    pub(super) text: String,
    pub(super) worker: RefCell<Rc<Worker>>,
    pub(super) packer: RefCell<Packer>,
    pub(super) reads: Reads,
    /// The number of the worker, counted from zero.
    pub(super) workers: Cell<u32>,
    /// The worker lacks a payload: it folds nothing any more, and another one must.
    pub(super) is_lacking: Cell<bool>,
    pub(super) folded_to: Cell<Position>,
    /// Why the log cannot be folded on, and the last position before that.
    pub(super) failure: RefCell<Option<(Position, TimelineError)>>,
    pub(super) fault: RefCell<Option<ScriptFault>>,
    /// What whoever asked last was told of a fault.
    pub(super) told_fault: RefCell<Option<ScriptFault>>,
    pub(super) stalls: Stalls,
    /// What is made of states did not come to an end: it is not tried again, as that takes the worker, and all states with it.
    pub(super) endless_result: RefCell<Option<TimelineError>>,
    /// An event at which the text did not come to an end when it was explained. It is not tried again, either.
    pub(super) endless_step: RefCell<Option<(Position, ScriptFault)>>,
    /// Events that handlers have taken.
    pub(super) folds: Cell<u64>,
    pub(super) uses_clock: Cell<bool>,
    pub(super) uses_chance: Cell<bool>,
    pub(super) last_seek: Cell<Seek>,
    /// Held by whoever folds the log on.
    pub(super) gate: Mutex<()>,
}

impl Inner {
    /// The position that a cursor means, never behind the head.
    pub(super) async fn position_of(&self, cursor: Cursor) -> Result<Position, TimelineError> {
        let head = self.store.refresh().await?;
        Ok(match cursor {
            Cursor::Position(at) => at.min(head),
            Cursor::Time(time) => self.store.with_log(|log| log.position_at(time)),
            Cursor::Head => head,
        })
    }

    pub(super) async fn reach(&self, cursor: Cursor) -> Result<Position, TimelineError> {
        let at = self.position_of(cursor).await?;
        self.grow_to(at).await?;
        Ok(at)
    }

    /// Folds up to a place. Another worker may have taken the place of the one that had come so far.
    pub(super) async fn grow_to(&self, at: Position) -> Result<(), TimelineError> {
        let mut feed = None;
        while !self.grow_by_page(at, &mut feed).await? {}
        Ok(())
    }

    /// Folds one more page, and says whether `to` is reached.
    pub(super) async fn grow_by_page(&self, to: Position, feed: &mut Option<Feed>) -> Result<bool, TimelineError> {
        if self.folded_to.get() >= to && !self.worker().has_ended() && !self.is_lacking.get() {
            return Ok(true);
        }
        let _gate = self.gate.lock().await;
        if self.worker().has_ended() || self.is_lacking.get() {
            self.begin_anew().await?;
        }
        let folded_to = self.folded_to.get();
        if folded_to >= to {
            return Ok(true);
        }
        let asked = to;
        let to = match self.failure.borrow().clone() {
            Some((last, error)) if folded_to >= last => return Err(error),
            Some((last, _)) => to.min(last),
            None => to,
        };
        let mut on = match feed.take() {
            Some(on) if on.is_at(folded_to, self) => on,
            _ => Feed::new(self, "fold", folded_to, to),
        };
        let Some(answered) = on.next(self).await? else {
            self.folded_to.set(to);
            return Ok(to == asked);
        };
        if self.folded(answered).await? {
            *feed = Some(on);
        }
        Ok(false)
    }

    /// Notes what was folded; `false` when all must be folded anew.
    async fn folded(&self, answered: Answered) -> Result<bool, TimelineError> {
        let Answered { after, up_to, said, error } = answered;
        match said {
            Ok(said) if self.reads.learn(&said) => {
                self.is_lacking.set(true);
                Ok(false)
            }
            Ok(said) => {
                self.folded_to.set(up_to);
                self.folds.set(said.count("taken"));
                self.uses_clock.set(self.uses_clock.get() || said.count("clock") > 0);
                self.uses_chance.set(self.uses_chance.get() || said.count("chance") > 0);
                error.map_or(Ok(true), |error| Err(self.fail(error)))
            }
            Err(fault) if fault.is_endless => self.endless(fault, after, up_to).await.map(|()| false),
            Err(fault) => Err(self.failed(self.traced(fault).await)),
        }
    }

    /// The fault of a state that cannot be kept, at the event that made it so. Where that is not found, the fault as it is.
    async fn traced(&self, fault: ScriptFault) -> ScriptFault {
        let (Some(partition), Some(at)) = (&fault.unkept, fault.position) else { return fault };
        let asked = |ask| Question::new(ask).with("partition", partition.as_str()).with("wants", "unit");
        let found = async {
            let worker = self.worker();
            let count = worker.ask(asked("count").with("at", at.get() as f64)).await?.count("count") as f64;
            let span = worker.ask(asked("span").with("from", count).with("to", count)).await?;
            let Ok(events) = self.events(&span.positions("positions")).await else { return Ok(()) };
            let question = asked("state").with("base", span.count("base") as f64);
            let question = question.batch(self.packer.borrow_mut().pack(&events));
            worker.ask(question).await.map(drop)
        };
        match found.await {
            Err(found) if found.position.is_some() => ScriptFault { unkept: None, ..found },
            _ => fault,
        }
    }

    /// Notes that the projection failed.
    fn failed(&self, fault: ScriptFault) -> TimelineError {
        let before = fault.position.map(|position| Position::new(position.get() - 1));
        if let Some(before) = before {
            self.folded_to.set(self.folded_to.get().max(before));
        }
        let error = self.fold_error(&fault);
        *self.fault.borrow_mut() = Some(fault);
        self.fail(error)
    }

    /// Notes why the log cannot be folded behind where it is folded to.
    fn fail(&self, error: TimelineError) -> TimelineError {
        *self.failure.borrow_mut() = Some((self.folded_to.get(), error.clone()));
        error
    }

    pub(super) fn worker(&self) -> Rc<Worker> {
        Rc::clone(&self.worker.borrow())
    }

    /// Starts another worker, which knows nothing of the log. To be called with the gate held.
    pub(super) async fn begin_anew(&self) -> Result<(), TimelineError> {
        let worker = Worker::start().await?;
        worker.ask(Question::new("define").with("text", self.text.as_str())).await?;
        self.worker.replace(Rc::new(worker));
        self.workers.set(self.workers.get() + 1);
        self.is_lacking.set(false);
        self.packer.take();
        self.folded_to.set(Position::ZERO);
        Ok(())
    }

    pub(super) fn fold_error(&self, fault: &ScriptFault) -> TimelineError {
        let position = fault.position.unwrap_or_default();
        let of = |position| self.store.with_log(|log| log.row(position).map(|row| row.event_type));
        let reason = fault.in_words();
        *self.told_fault.borrow_mut() = Some(fault.clone());
        match of(position) {
            Some(event_type) => TimelineError::Fold { position, event_type, reason },
            None => TimelineError::NotRunnable { reason },
        }
    }

    /// The text did not end: the worker is gone, and with it all states. Another one looks for the event. Where it finds none
    /// the machine stood still, not the text: the log is folded anew then.
    async fn endless(&self, fault: ScriptFault, after: Position, up_to: Position) -> Result<(), TimelineError> {
        match self.find_endless("fold", None, (after, up_to)).await {
            Ok(Some(position)) => Err(self.failed(ScriptFault { position: Some(position), ..fault })),
            Ok(None) | Err(_) if self.stalls.is_borne() => Ok(()),
            Ok(None) => Err(self.fold_error(&fault)),
            Err(error) => Err(error),
        }
    }

    /// Asks the worker. A state that reads an event when it is written may find that its payload was not sent: the answer is stale
    /// then, and whoever asks anew has the log folded by a worker that gets it.
    pub(super) async fn ask(&self, question: Question) -> Result<Answer, TimelineError> {
        self.answered(question).await.map_err(|fault| self.fold_error(&fault))
    }

    pub(super) async fn answered(&self, question: Question) -> Result<Answer, ScriptFault> {
        let workers = self.workers.get();
        let said = self.worker().ask(question).await?;
        if workers == self.workers.get() && said.flag("isMissing") && !self.is_lacking.get() {
            self.is_lacking.set(self.reads.learn(&said));
        }
        Ok(said)
    }

    pub(super) async fn count(&self, at: Position, partition: &str) -> Result<u64, TimelineError> {
        self.grow_to(at).await?;
        let question = Question::new("count").with("partition", partition).with("at", at.get() as f64);
        Ok(self.ask(question).await?.count("count").min(at.get()))
    }

    /// The answer has the text of what is wanted, `state` or `result`, as `state`, if there is one.
    pub(super) async fn state(&self, at: Position, partition: &str, wants: &str) -> Result<Answer, TimelineError> {
        if wants != "result" {
            return self.wanted(at, partition, wants).await;
        }
        if let Some(error) = &*self.endless_result.borrow() {
            return Err(error.clone());
        }
        self.wanted(at, partition, wants).await
    }

    /// Whether to ask once more: the worker was ended, maybe by what somebody else has asked. It announces the events then.
    pub(super) fn is_to_ask_again(&self, fault: &ScriptFault, announces: &mut bool) -> bool {
        fault.is_endless && !std::mem::replace(announces, true)
    }

    /// Why a state, or what is made of it, cannot be told.
    pub(super) fn unanswered(&self, at: Position, wants: &str, fault: ScriptFault) -> TimelineError {
        let position = fault.position.or_else(|| fault.is_endless.then_some(at));
        let error = self.fold_error(&ScriptFault { position, ..fault });
        if wants == "result" && fault.is_endless {
            *self.endless_result.borrow_mut() = Some(error.clone());
        }
        error
    }

    async fn wanted(&self, at: Position, partition: &str, wants: &str) -> Result<Answer, TimelineError> {
        let asked = |ask| Question::new(ask).with("partition", partition).with("wants", wants);
        let mut announces = false;
        for _ in 0..TRIES {
            let count = self.count(at, partition).await? as f64;
            let plan = match self.answered(asked("plan").with("count", count)).await {
                Err(fault) if self.is_to_ask_again(&fault, &mut announces) => continue,
                Err(fault) => return Err(self.unanswered(at, wants, fault)),
                Ok(plan) => plan,
            };
            if plan.flag("isStale") {
                continue;
            }
            let positions = plan.positions("positions");
            self.last_seek.set(Seek { folds: positions.len(), ..Seek::default() });
            if positions.is_empty() {
                return Ok(plan);
            }
            let events = self.events(&positions).await?;
            let base = plan.count("base") as f64;
            let question = asked("state").with("base", base).with("announces", announces);
            let question = question.batch(self.packer.borrow_mut().pack(&events));
            let answer = match self.answered(question).await {
                Err(fault) if self.is_to_ask_again(&fault, &mut announces) => continue,
                Err(fault) => return Err(self.unanswered(at, wants, fault)),
                Ok(answer) => answer,
            };
            // What was kept when the plan was made may be let go of while the log is folded on.
            if !answer.flag("isStale") {
                return Ok(answer);
            }
        }
        Err(out_of_step(at))
    }

    /// The states of a partition after `from` to `to` of its events, and the positions of all but the first. `at` is a position behind
    /// which none of these lies.
    pub(super) async fn states(
        &self,
        at: Position,
        partition: &str,
        from: u64,
        to: u64,
    ) -> Result<(Vec<Position>, Vec<Option<String>>), TimelineError> {
        let asked = |ask| Question::new(ask).with("partition", partition).with("from", from as f64);
        let mut announces = false;
        for _ in 0..TRIES {
            self.grow_to(at).await?;
            let span = self.ask(asked("span").with("to", to as f64)).await?;
            if span.flag("isStale") {
                continue;
            }
            let events = self.events(&span.positions("positions")).await?;
            let base = span.count("base") as f64;
            let question = asked("states").with("base", base).with("announces", announces);
            let question = question.batch(self.packer.borrow_mut().pack(&events));
            let answer = match self.answered(question).await {
                Err(fault) if self.is_to_ask_again(&fault, &mut announces) => continue,
                said => said.map_err(|fault| self.fold_error(&fault))?,
            };
            if !answer.flag("isStale") {
                return Ok((answer.positions("positions"), answer.texts("texts")));
            }
        }
        Err(out_of_step(at))
    }

    pub(super) async fn events(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, TimelineError> {
        self.lifted(self.store.events_at(positions).await?)
    }

    pub(super) fn lifted(&self, events: Vec<RecordedEvent>) -> Result<Vec<RecordedEvent>, TimelineError> {
        let upcasters = self.store.upcasters();
        if upcasters.is_empty() {
            return Ok(events);
        }
        let mut payloads = Vec::with_capacity(events.len());
        for event in events {
            payloads.extend(upcasters.lift(event)?);
        }
        Ok(payloads)
    }
}

pub(super) fn out_of_step(position: Position) -> TimelineError {
    TimelineError::NotRunnable { reason: format!("the worker and the log do not agree at position {position}") }
}
