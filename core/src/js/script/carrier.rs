//! A text that carries read models on which somebody else keeps.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

use super::fault::ScriptFault;
use super::outline::{ScriptOutline, outline};
use super::pack::Packer;
use super::sandbox::{Question, Worker};
use crate::domain::RecordedEvent;
use crate::engine::{BatchError, BatchFailure, Placed};

/// A text in a worker that keeps nothing: states come with the question and go back with the answer. A worker that was ended,
/// because the text did not come to an end, is followed by another.
pub(in crate::js) struct Carrier {
    text: String,
    outline: ScriptOutline,
    folds: RefCell<Option<Rc<Folding>>>,
    /// Nothing is folded any more.
    is_stopped: Cell<bool>,
    /// Apart from the one that folds: what is made of a state may not come to an end either.
    results: RefCell<Option<Rc<Worker>>>,
}

/// A worker that folds, and what it knows.
struct Folding {
    worker: Worker,
    packer: RefCell<Packer>,
    /// Whether the batch that was placed last was placed here: it is known to no other worker.
    has_placed: Cell<bool>,
}

/// Events that were placed, and the run of them that is to be folded.
pub(in crate::js) struct Carried<'a> {
    pub(in crate::js) events: &'a [RecordedEvent],
    pub(in crate::js) partitions: &'a [Option<Rc<str>>],
    pub(in crate::js) run: Range<usize>,
}

async fn started(text: &str) -> Result<(Worker, ScriptOutline), ScriptFault> {
    let worker = Worker::start().await?;
    let outline = outline(&worker.ask(Question::new("define").with("text", text)).await?)?;
    Ok((worker, outline))
}

/// What is said of a fault at one of the events; a fault that names none is that of the event at `index`.
fn failure(events: &[RecordedEvent], index: usize, fault: ScriptFault) -> BatchFailure {
    let named = fault.position.and_then(|position| events.iter().position(|event| event.position() == position));
    let place = fault.line.map(|line| (line, fault.column.unwrap_or(1)));
    BatchFailure { index: named.unwrap_or(index), message: fault.in_words(), place }
}

impl Carrier {
    /// Starts a worker and has it read the text.
    ///
    /// # Errors
    /// [`ScriptFault`]: the text is no JavaScript, is not a projection, or cannot be run here.
    pub(in crate::js) async fn start(text: String) -> Result<Self, ScriptFault> {
        let (worker, outline) = started(&text).await?;
        let (folds, results) = (RefCell::new(Some(Rc::new(Folding::new(worker)))), RefCell::default());
        Ok(Self { text, outline, folds, is_stopped: Cell::new(false), results })
    }

    /// What the text says of itself.
    pub(in crate::js) fn outline(&self) -> &ScriptOutline {
        &self.outline
    }

    /// The partition that has what all others share; nobody else can have that name then.
    pub(in crate::js) fn shared_partition(&self) -> Option<&'static str> {
        (self.outline.is_shared && self.outline.is_partitioned).then_some("")
    }

    /// The JSON text of the state before any event, if there is one.
    ///
    /// # Errors
    /// [`ScriptFault`].
    pub(in crate::js) async fn beginning(&self) -> Result<Option<JsString>, ScriptFault> {
        let said = self.folding().await?.worker.ask(Question::new("beginning")).await?;
        Ok(said.js_text("text"))
    }

    /// Ends the worker that folds, once it has answered what it was asked. There is no other.
    pub(in crate::js) fn stop(&self) {
        self.is_stopped.set(true);
        self.folds.take();
    }

    async fn folding(&self) -> Result<Rc<Folding>, ScriptFault> {
        if self.is_stopped.get() {
            return Err(ScriptFault::of("the projection was stopped"));
        }
        let known = self.folds.borrow().clone();
        if let Some(folding) = known.filter(|folding| !folding.worker.has_ended()) {
            return Ok(folding);
        }
        let (worker, _) = started(&self.text).await?;
        let folding = Rc::new(Folding::new(worker));
        if !self.is_stopped.get() {
            *self.folds.borrow_mut() = Some(Rc::clone(&folding));
        }
        Ok(folding)
    }

    /// Tells the partitions of events.
    ///
    /// # Errors
    /// [`BatchError::Unavailable`].
    pub(in crate::js) async fn place(&self, events: &[RecordedEvent]) -> Result<Placed, BatchError> {
        if events.is_empty() {
            return Ok(Placed::default());
        }
        let folding = self.folding().await.map_err(unavailable)?;
        match folding.place(events, false).await {
            Err(_) if folding.worker.has_ended() => {}
            placed => return placed.or_else(|fault| Ok(unplaced(events, fault))),
        }
        let folding = self.folding().await.map_err(unavailable)?;
        folding.place(events, true).await.or_else(|fault| Ok(unplaced(events, fault)))
    }

    /// Folds a run of the events that were placed last: `state` gives the JSON text of a partition's state, `set` takes the one
    /// after the run.
    ///
    /// # Errors
    /// [`BatchError`].
    pub(in crate::js) async fn carry(
        &self,
        carried: Carried<'_>,
        state: impl Fn(&str) -> Result<Option<JsString>, BatchError>,
        mut set: impl FnMut(&Rc<str>, JsString),
    ) -> Result<(), BatchError> {
        let mut names: Vec<Rc<str>> = carried.partitions[carried.run.clone()].iter().flatten().cloned().collect();
        if names.is_empty() {
            return Ok(());
        }
        names.extend(self.shared_partition().map(Rc::from));
        names.sort_unstable();
        names.dedup();
        let texts = Array::new();
        for name in &names {
            texts.push(&state(name)?.map_or(JsValue::NULL, JsValue::from));
        }
        let folding = self.folding().await.map_err(unavailable)?;
        let after = match folding.carry(&carried, &names, &texts, false).await {
            Err(_) if folding.worker.has_ended() => {
                // Another worker says which event it was. A machine that stood still for a moment has folded them all by then.
                self.folding().await.map_err(unavailable)?.carry(&carried, &names, &texts, true).await
            }
            after => after,
        };
        let failed = |fault| BatchError::AtEvent(failure(carried.events, carried.run.start, fault));
        let after = after.map_err(failed)?;
        if after.len() != names.len() {
            return Err(BatchError::Unavailable("the worker gave other states than it was asked for".to_owned()));
        }
        for (name, text) in names.iter().zip(after) {
            set(name, text);
        }
        Ok(())
    }

    /// What `transformBy` and `filterBy` make of a state, both as JSON texts.
    ///
    /// # Errors
    /// [`ScriptFault`].
    pub(in crate::js) async fn result(&self, state: &JsString) -> Result<Option<JsString>, ScriptFault> {
        let known = self.results.borrow().clone();
        let worker = match known.filter(|worker| !worker.has_ended()) {
            Some(worker) => worker,
            None => {
                let worker = Rc::new(started(&self.text).await?.0);
                *self.results.borrow_mut() = Some(Rc::clone(&worker));
                worker
            }
        };
        Ok(worker.ask(Question::new("result").with("text", state)).await?.js_text("state"))
    }
}

fn unavailable(fault: ScriptFault) -> BatchError {
    BatchError::Unavailable(fault.message)
}

fn unplaced(events: &[RecordedEvent], fault: ScriptFault) -> Placed {
    // None of them is placed: which partitions those before it have is not known.
    Placed { partitions: Vec::new(), failure: Some(failure(events, 0, fault)) }
}

impl Folding {
    fn new(worker: Worker) -> Self {
        Self { worker, packer: RefCell::default(), has_placed: Cell::new(false) }
    }

    async fn place(&self, events: &[RecordedEvent], announces: bool) -> Result<Placed, ScriptFault> {
        self.has_placed.set(false);
        // Nothing is awaited between packing and asking: names have the numbers of the order in which they are sent.
        let question = Question::new("place").with("announces", announces);
        let question = question.batch(self.packer.borrow_mut().pack(events));
        let said = self.worker.ask(question).await?;
        let names: Vec<Rc<str>> = said.texts("names").into_iter().map(|name| name.unwrap_or_default().into()).collect();
        let named = |number: Option<usize>| number.and_then(|number| names.get(number).cloned());
        let partitions: Vec<_> = said.numbers("partitions").into_iter().take(events.len()).map(named).collect();
        let fault = said.member("fault").map(super::sandbox::fault);
        let failure = fault.map(|fault| BatchFailure { index: partitions.len(), ..failure(events, 0, fault) });
        self.has_placed.set(true);
        Ok(Placed { partitions, failure })
    }

    /// Places the events that another worker has placed.
    async fn place_again(&self, carried: &Carried<'_>, announces: bool) -> Result<(), ScriptFault> {
        let placed = self.place(carried.events, announces).await?;
        let differs = |index: &usize| placed.partitions.get(*index) != carried.partitions.get(*index);
        let Some(index) = (0..carried.events.len()).find(differs) else { return Ok(()) };
        self.has_placed.set(false);
        let position = Some(carried.events[index].position());
        Err(ScriptFault { position, ..ScriptFault::of("partitionBy gave two answers for one event") })
    }

    async fn carry(
        &self,
        carried: &Carried<'_>,
        names: &[Rc<str>],
        texts: &Array,
        announces: bool,
    ) -> Result<Vec<JsString>, ScriptFault> {
        // The worker that placed them may have ended since.
        if !self.has_placed.get() {
            self.place_again(carried, announces).await?;
        }
        let names: Array = names.iter().map(|name| JsValue::from(&**name)).collect();
        let question = Question::new("carry").with("from", carried.run.start as f64).with("to", carried.run.end as f64);
        let question = question.with("names", names).with("texts", texts).with("announces", announces);
        let said = self.worker.ask(question).await?;
        Ok(said.list("texts").into_iter().filter_map(|text| text.dyn_into().ok()).collect())
    }
}
