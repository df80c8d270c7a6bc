//! What is kept up with the log for a page: a projection made of its functions, or one made of text.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use js_sys::JsString;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::definition::Definition;
use super::failure::Failure;
use super::options::object;
use super::script::{Carried, Carrier};
use super::state::State;
use super::text;
use super::value::Whole;
use crate::domain::RecordedEvent;
use crate::engine::{BatchError, BatchOutline, BatchProjection, Placed};

const CODE: &str = "invalid-input";

/// What a projection was asked for with.
pub(super) enum Asked {
    Functions(Box<Definition>),
    Text { name: String, version: u32, text: String },
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Named {
    name: String,
    #[serde(default)]
    version: Option<Whole>,
}

impl Asked {
    /// Reads a definition.
    ///
    /// # Errors
    /// `invalid-input` or `invalid-query`, which names the member.
    pub(super) fn new(definition: JsValue) -> Result<Self, Failure> {
        let Some(text) = text::text_of(&definition)? else {
            return Ok(Self::Functions(Box::new(Definition::new(definition)?)));
        };
        let Named { name, version } = object(CODE, "definition", definition)?;
        let version = version.map_or(Ok(1), |version| u32::try_from(version.0));
        let version = version.map_err(|error| Failure::member(CODE, "version", error))?;
        Ok(Self::Text { name, version, text })
    }

    /// What can be run of it.
    ///
    /// # Errors
    /// `projection-failed`: a text that cannot be run.
    pub(super) async fn begin(self) -> Result<Folded, Failure> {
        match self {
            Self::Functions(definition) => Ok(Folded::Functions(definition)),
            Self::Text { name, version, text } => {
                let carrier = Carrier::start(text).await.map_err(text::of_fault)?;
                let beginning = carrier.beginning().await.map_err(text::of_fault)?;
                Ok(Folded::Text(Box::new(Texts { name, version, carrier, beginning })))
            }
        }
    }
}

/// A projection that is kept up with the log.
pub(super) enum Folded {
    Functions(Box<Definition>),
    Text(Box<Texts>),
}

/// A projection made of text.
pub(super) struct Texts {
    name: String,
    version: u32,
    carrier: Carrier,
    /// The state before any event.
    beginning: Option<JsString>,
}

impl Texts {
    /// The partition besides its own that the state of a partition is made of.
    pub(super) fn shared_partition(&self) -> Option<&'static str> {
        self.carrier.shared_partition()
    }

    /// What `transformBy` and `filterBy` make of a state.
    ///
    /// # Errors
    /// `projection-failed`.
    pub(super) async fn result(&self, state: State) -> Result<State, Failure> {
        if !self.carrier.outline().has_result {
            return Ok(state);
        }
        let text = state.fold_up().map_err(Failure::of_projection)?;
        let result = self.carrier.result(&text).await.map_err(text::of_fault)?;
        Ok(State::of_text(result.unwrap_or_else(|| "null".into())))
    }

    /// Ends the worker: nothing is folded any more.
    pub(super) fn stop(&self) {
        self.carrier.stop();
    }
}

impl BatchProjection for Folded {
    type State = State;

    fn outline(&self) -> BatchOutline {
        match self {
            Self::Functions(definition) => definition.outline(),
            Self::Text(text) => {
                let query = text.carrier.outline().query.clone();
                BatchOutline { name: text.name.clone(), version: text.version, query }
            }
        }
    }

    fn unnamed(&self) -> Option<State> {
        match self {
            Self::Functions(definition) => definition.unnamed(),
            Self::Text(text) => text.beginning.clone().map(State::of_text),
        }
    }

    fn new_partition(&self) -> Option<State> {
        match self {
            Self::Functions(definition) => definition.new_partition(),
            // With the clock of its first event: the worker makes it there.
            Self::Text(_) => None,
        }
    }

    fn shared_partition(&self) -> Option<Rc<str>> {
        match self {
            Self::Functions(_) => None,
            Self::Text(text) => text.shared_partition().map(Rc::from),
        }
    }

    fn run_length(&self, is_careful: bool) -> usize {
        match self {
            Self::Functions(definition) => definition.run_length(is_careful),
            // The worker says by itself which event it was.
            Self::Text(_) => usize::MAX,
        }
    }

    async fn place(&self, events: &[RecordedEvent], known: &HashMap<Rc<str>, State>) -> Result<Placed, BatchError> {
        match self {
            Self::Functions(definition) => BatchProjection::place(&**definition, events, known).await,
            Self::Text(text) => text.carrier.place(events).await,
        }
    }

    async fn fold(
        &self,
        events: &[RecordedEvent],
        partitions: &[Option<Rc<str>>],
        run: Range<usize>,
        states: &mut HashMap<Rc<str>, State>,
    ) -> Result<(), BatchError> {
        let text = match self {
            Self::Functions(definition) => {
                return BatchProjection::fold(&**definition, events, partitions, run, states).await;
            }
            Self::Text(text) => text,
        };
        let mut after = Vec::new();
        let state = |name: &str| {
            let text = states.get(name).map(State::fold_up).transpose();
            text.map_err(|reason| BatchError::Unavailable(reason.to_string()))
        };
        let carried = Carried { events, partitions, run };
        text.carrier.carry(carried, state, |name, text| after.push((Rc::clone(name), State::of_text(text)))).await?;
        states.extend(after);
        Ok(())
    }
}
