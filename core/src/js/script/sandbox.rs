//! The worker, as seen from here: questions and answers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint32Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::fault::ScriptFault;
use crate::domain::Position;

/// The worker's parts, in their order.
const PROGRAM: [&str; 12] = [
    include_str!("worker/lockdown.js"),
    include_str!("worker/calendar.js"),
    include_str!("worker/dialect.js"),
    include_str!("worker/members.js"),
    include_str!("worker/event.js"),
    include_str!("worker/exact.js"),
    include_str!("worker/unit.js"),
    include_str!("worker/fold.js"),
    include_str!("worker/outside.js"),
    include_str!("worker/carry.js"),
    include_str!("worker/view.js"),
    include_str!("worker/serve.js"),
];

#[wasm_bindgen(module = "/src/js/script/host.js")]
extern "C" {
    type Sandbox;

    #[wasm_bindgen(constructor)]
    fn new() -> Sandbox;

    #[wasm_bindgen(method, catch)]
    async fn start(this: &Sandbox, program: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn ask(this: &Sandbox, question: &JsValue, moved: &Array) -> Promise;

    #[wasm_bindgen(method)]
    fn stop(this: &Sandbox);

    #[wasm_bindgen(method, getter, js_name = hasEnded)]
    fn has_ended(this: &Sandbox) -> bool;
}

/// A worker. Dropping it ends it, whatever it does.
pub(super) struct Worker(Sandbox);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// A question in the making.
pub(super) struct Question {
    members: Object,
    moved: Array,
}

impl Question {
    pub(super) fn new(ask: &str) -> Self {
        Self { members: Object::new(), moved: Array::new() }.with("ask", ask)
    }

    pub(super) fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // A plain object of ours takes every member.
        let _ = Reflect::set(&self.members, &name.into(), &value.into());
        self
    }

    /// A batch of events, which goes over without another copy.
    pub(super) fn batch(self, batch: ArrayBuffer) -> Self {
        self.moved.push(&batch);
        self.with("batch", batch)
    }
}

/// A question that was asked: what the worker answers, or what the projection did, or that it was ended.
pub(super) struct Asked(JsFuture);

impl Future for Asked {
    type Output = Result<Answer, ScriptFault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let said = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(said.map(Answer).map_err(|error| fault(Answer(error))))
    }
}

/// An answer of the worker. It is not trusted: what has another shape reads as nothing.
pub(super) struct Answer(JsValue);

impl Answer {
    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    pub(super) fn count(&self, name: &str) -> u64 {
        let number = self.get(name).as_f64().unwrap_or_default();
        if number.is_finite() && number > 0.0 { number as u64 } else { 0 }
    }

    pub(super) fn millis(&self, name: &str) -> f64 {
        self.get(name).as_f64().filter(|millis| millis.is_finite()).unwrap_or_default()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_truthy()
    }

    pub(super) fn texts(&self, name: &str) -> Vec<Option<String>> {
        self.get(name)
            .dyn_ref::<Array>()
            .map_or_else(Vec::new, |list| list.iter().map(|text| text.as_string()).collect())
    }

    pub(super) fn positions(&self, name: &str) -> Vec<Position> {
        let packed: Option<Uint32Array> = self.get(name).dyn_into().ok();
        packed.map_or_else(Vec::new, |packed| packed.to_vec().into_iter().map(Position::from).collect())
    }

    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let value = self.get(name);
        value.is_object().then_some(Self(value))
    }
}

impl Worker {
    /// Starts a worker.
    ///
    /// # Errors
    /// Where there is no page, or its policy forbids frames and workers.
    pub(super) async fn start() -> Result<Self, ScriptFault> {
        let program = format!("'use strict'; {{\n{}\n}}", PROGRAM.join("\n"));
        // Held before anything is waited for: whoever gives up waiting ends it.
        let worker = Self(Sandbox::new());
        worker.0.start(&program).await.map_err(|error| fault(Answer(error)))?;
        Ok(worker)
    }

    /// Whether it answers nothing any more, for whatever reason.
    pub(super) fn has_ended(&self) -> bool {
        self.0.has_ended()
    }

    /// Asks the worker, at once; whoever waits for the answer may do so later.
    pub(super) fn post(&self, question: Question) -> Asked {
        Asked(self.0.ask(&question.members, &question.moved).into())
    }

    /// Asks the worker.
    ///
    /// # Errors
    /// What the projection did, or that it was ended.
    pub(super) async fn ask(&self, question: Question) -> Result<Answer, ScriptFault> {
        self.post(question).await
    }
}

/// What the worker, or whoever watches over it, says of a fault.
pub(super) fn fault(said: Answer) -> ScriptFault {
    let number = |name| Some(said.count(name)).filter(|number| *number > 0);
    ScriptFault {
        message: said.text("message").unwrap_or_else(|| "the projection failed without a word".to_owned()),
        position: number("position").map(Position::new),
        line: number("line"),
        column: number("column"),
        is_endless: said.flag("isEndless"),
        unkept: said.text("unkept"),
    }
}

#[cfg(feature = "js")]
impl Answer {
    /// Numbers of a list; -1 is none.
    pub(super) fn numbers(&self, name: &str) -> Vec<Option<usize>> {
        let packed: Option<js_sys::Int32Array> = self.get(name).dyn_into().ok();
        let numbers = packed.map_or_else(Vec::new, |packed| packed.to_vec());
        numbers.into_iter().map(|number| usize::try_from(number).ok()).collect()
    }

    /// The values of a list, as they are.
    pub(super) fn list(&self, name: &str) -> Vec<JsValue> {
        self.get(name).dyn_ref::<Array>().map_or_else(Vec::new, |list| list.iter().collect())
    }

    /// A text that stays in JavaScript.
    pub(super) fn js_text(&self, name: &str) -> Option<js_sys::JsString> {
        self.get(name).dyn_into().ok()
    }
}
