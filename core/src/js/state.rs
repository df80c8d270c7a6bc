//! States of folds: values of the page that can be written as JSON.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::JsString;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;
use wasm_bindgen::prelude::*;

use super::failure::reason;
use super::glue;

/// A state. Copies share its JSON text, and become a value of their own when they are folded on.
pub(super) struct State(RefCell<Form>);

enum Form {
    /// A value that nobody else refers to.
    Live(JsValue),
    Text(JsString),
    /// A copy of what cannot be written as JSON, and why it cannot.
    Broken(Rc<str>),
}

impl State {
    /// The state of a JSON text.
    pub(super) fn of_text(text: JsString) -> Self {
        Self(RefCell::new(Form::Text(text)))
    }

    /// The value, to be folded on.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn live(&self) -> Result<JsValue, String> {
        let value = match &*self.0.borrow() {
            Form::Live(value) => return Ok(value.clone()),
            Form::Text(text) => parse(text)?,
            Form::Broken(reason) => return Err(reason.to_string()),
        };
        self.0.replace(Form::Live(value.clone()));
        Ok(value)
    }

    /// Takes another value.
    pub(super) fn set(&mut self, value: JsValue) {
        *self.0.get_mut() = Form::Live(value);
    }

    /// The value, for whoever asked for it to keep.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn into_value(self) -> Result<JsValue, String> {
        match self.0.into_inner() {
            Form::Live(value) => Ok(value),
            Form::Text(text) => parse(&text),
            Form::Broken(reason) => Err(reason.to_string()),
        }
    }

    /// The value, to be looked at.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn view(&self) -> Result<JsValue, String> {
        match &*self.0.borrow() {
            Form::Live(value) => Ok(glue::view(value)),
            Form::Text(text) => parse(text),
            Form::Broken(reason) => Err(reason.to_string()),
        }
    }

    /// About how many bytes it takes while it is kept.
    pub(super) fn kept_bytes(&self) -> usize {
        self.fold_up().map_or(0, |text| text.length() as usize)
    }

    /// The JSON text, which it is from now on.
    pub(super) fn fold_up(&self) -> Result<JsString, Rc<str>> {
        let text = match &*self.0.borrow() {
            Form::Live(value) => glue::state_text(value).map_err(|thrown| Rc::from(reason(&thrown)))?,
            Form::Text(text) => return Ok(text.clone()),
            Form::Broken(reason) => return Err(Rc::clone(reason)),
        };
        self.0.replace(Form::Text(text.clone()));
        Ok(text)
    }
}

fn parse(text: &JsString) -> Result<JsValue, String> {
    glue::parse(text).map_err(|thrown| reason(&thrown))
}

impl Clone for State {
    fn clone(&self) -> Self {
        let form = self.fold_up().map_or_else(Form::Broken, Form::Text);
        Self(RefCell::new(form))
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The value stays what it is: it is folded on after it was written.
        let text = match &*self.0.borrow() {
            Form::Live(value) => glue::state_text(value).map_err(|thrown| S::Error::custom(reason(&thrown)))?,
            Form::Text(text) => text.clone(),
            Form::Broken(reason) => return Err(S::Error::custom(reason)),
        };
        RawValue::from_string(text.into()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self::of_text(text.get().into()))
    }
}
