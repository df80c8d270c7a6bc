//! Folding on in the worker, and asking it for states.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::join;
use futures_util::lock::Mutex;

use super::fault::ScriptFault;
use super::outline::ScriptOutline;
use super::pack::Packer;
use super::sandbox::{Answer, Question, Worker};
use crate::domain::{Position, RecordedEvent};
use crate::engine::{EventStore, Events};
use crate::timeline::{Cursor, Seek, TimelineError};

/// How often a state is asked for that the worker has let go of meanwhile.
const TRIES: usize = 8;

/// The log as it is read for the worker.
pub(super) struct Reading {
    /// Everything up to here is folded.
    at: Position,
    events: Events,
    /// A page that was read ahead; none in it at the end.
    next: Option<Option<Vec<RecordedEvent>>>,
}

/// What the clones of a timeline share.
pub(super) struct Inner {
    pub(super) store: EventStore,
    pub(super) outline: ScriptOutline,
    pub(super) text: String,
    pub(super) worker: RefCell<Rc<Worker>>,
    pub(super) packer: RefCell<Packer>,
    pub(super) folded_to: Cell<Position>,
    /// Why the log cannot be folded on, and the last position before that.
    pub(super) failure: RefCell<Option<(Position, TimelineError)>>,
    pub(super) fault: RefCell<Option<ScriptFault>>,
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
        let mut reading = None;
        while !self.grow_by_page(at, &mut reading).await? {}
        Ok(at)
    }

    /// Folds one more page, and says whether `to` is reached.
    pub(super) async fn grow_by_page(
        &self,
        to: Position,
        reading: &mut Option<Reading>,
    ) -> Result<bool, TimelineError> {
        if self.folded_to.get() >= to && !self.worker().has_ended() {
            return Ok(true);
        }
        let _gate = self.gate.lock().await;
        self.replace_worker().await?;
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
        let mut read = match reading.take() {
            Some(read) if read.at == folded_to => read,
            _ => {
                let options = self.outline.read_from(folded_to.next(), to);
                Reading { at: folded_to, events: self.store.read_known(options), next: None }
            }
        };
        let page = match read.next.take() {
            Some(page) => page,
            None => read.events.next_page().await?,
        };
        let Some(page) = page else {
            self.folded_to.set(to);
            return Ok(to == asked);
        };
        // While the worker folds a page, the next one is read.
        let (folded, next) = join(self.fold_page(page), read.events.next_page()).await;
        folded?;
        read.next = Some(next?);
        read.at = self.folded_to.get();
        *reading = Some(read);
        Ok(false)
    }

    async fn fold_page(&self, page: Vec<RecordedEvent>) -> Result<(), TimelineError> {
        let Some(mut up_to) = page.last().map(RecordedEvent::position) else { return Ok(()) };
        let mut unlifted = None;
        let payloads = {
            let upcasters = self.store.upcasters();
            let mut payloads = Vec::new();
            for event in if upcasters.is_empty() { &[][..] } else { &page[..] } {
                match upcasters.lift(event.clone()) {
                    Ok(lifted) => payloads.extend(lifted),
                    Err(error) => {
                        up_to = Position::new(event.position().get() - 1);
                        unlifted = Some(TimelineError::from(error));
                        break;
                    }
                }
            }
            if upcasters.is_empty() { page } else { payloads }
        };
        // Nothing is awaited between packing and asking: names have the numbers of the order in which they are sent.
        let question = Question::new("fold").with("upTo", up_to.get() as f64);
        let question = question.batch(&self.packer.borrow_mut().pack(&payloads));
        match self.worker().ask(question).await {
            Ok(answer) => {
                self.folded_to.set(up_to);
                self.folds.set(answer.count("taken"));
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

    /// Starts another worker where the one there was has ended; it knows nothing of the log. To be called with the gate held.
    async fn replace_worker(&self) -> Result<(), TimelineError> {
        if !self.worker().has_ended() {
            return Ok(());
        }
        let worker = Worker::start().await?;
        worker.ask(Question::new("define").with("text", self.text.as_str())).await?;
        self.worker.replace(Rc::new(worker));
        self.packer.take();
        self.folded_to.set(Position::ZERO);
        Ok(())
    }

    fn fold_error(&self, fault: &ScriptFault) -> TimelineError {
        let position = fault.position.unwrap_or_default();
        let of = |position| self.store.with_log(|log| log.row(position).map(|row| row.event_type));
        let reason = fault.in_words();
        match of(position) {
            Some(event_type) => TimelineError::Fold { position, event_type, reason },
            None => TimelineError::NotRunnable { reason },
        }
    }

    /// The text does not end: the worker is gone, and with it all states. Another one looks for the event.
    async fn endless(&self, fault: ScriptFault, payloads: &[RecordedEvent]) -> TimelineError {
        let position = self.find_endless(payloads).await.ok().flatten();
        self.failed(ScriptFault { position, ..fault })
    }

    /// Folds the log anew up to the batch, and in the batch has every event announced before its turn.
    async fn find_endless(&self, payloads: &[RecordedEvent]) -> Result<Option<Position>, TimelineError> {
        let Some(first) = payloads.first().map(RecordedEvent::position) else { return Ok(None) };
        let worker = Worker::start().await?;
        let define = Question::new("define").with("text", self.text.as_str());
        worker.ask(define).await?;
        let mut packer = Packer::default();
        let to = Position::new(first.get() - 1);
        if to > Position::ZERO {
            let mut events = self.store.read_known(self.outline.read_from(Position::ZERO.next(), to));
            while let Some(page) = events.next_page().await? {
                let bytes = packer.pack(&self.lifted(page)?);
                worker.ask(Question::new("fold").with("upTo", 0).batch(&bytes)).await?;
            }
        }
        let question = Question::new("fold").with("upTo", 0).with("announces", true).batch(&packer.pack(payloads));
        Ok(worker.ask(question).await.err().filter(|fault| fault.is_endless).and_then(|fault| fault.position))
    }

    pub(super) async fn ask(&self, question: Question) -> Result<Answer, TimelineError> {
        self.worker().ask(question).await.map_err(|fault| self.fold_error(&fault))
    }

    pub(super) async fn count(&self, at: Position, partition: &str) -> Result<u64, TimelineError> {
        // Another worker may have taken the place of the one that had come so far.
        while !self.grow_by_page(at, &mut None).await? {}
        let question = Question::new("count").with("partition", partition).with("at", at.get() as f64);
        Ok(self.ask(question).await?.count("count").min(at.get()))
    }

    /// The answer has the text of what is wanted, `state` or `result`, as `state`, if there is one.
    pub(super) async fn state(&self, at: Position, partition: &str, wants: &str) -> Result<Answer, TimelineError> {
        let count = self.count(at, partition).await? as f64;
        let asked = |ask| Question::new(ask).with("partition", partition).with("wants", wants);
        for _ in 0..TRIES {
            let plan = self.ask(asked("plan").with("count", count)).await?;
            if plan.flag("isStale") {
                break;
            }
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
    pub(super) async fn states(
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

fn out_of_step(position: Position) -> TimelineError {
    TimelineError::NotRunnable { reason: format!("the worker and the log do not agree at position {position}") }
}
