//! Upcasters that are functions of the page, and lifting events on their way out.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use serde::Deserialize;
use serde_json::value::RawValue;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::failure::{Failure, reason};
use super::members::kept;
use super::options::{function, object};
use super::value::Whole;
use super::{glue, recorded};
use crate::domain::{
    BoxError, EventType, Payload, RecordedEvent, SchemaVersion, UpcastError, Upcaster, UpcasterTaken, Upcasters,
};

/// Lifts the payloads of one event type from one schema version to the next.
#[derive(Deserialize, Tsify)]
#[tsify(rename = "Upcaster")]
pub(super) struct UpcasterInput {
    /// The type that it lifts.
    r#type: String,
    /// The schema version that it lifts; what it gives has the next one.
    #[tsify(type = "number")]
    from: Whole,
    /// Gives the data of the next schema version; or a list of payloads, when the event is split, gets another type or is
    /// dropped. A list all of whose members have a string `type` and `data`, and nothing else, is one: so is `[]`.
    #[serde(deserialize_with = "kept")]
    #[tsify(type = "(data: Json, event: RecordedEvent) => Json | { type: string; data: Json }[]")]
    upcast: JsValue,
}

thread_local! {
    /// What the upcaster that failed last has thrown. The engine keeps its text alone.
    static THROWN: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

struct JsUpcaster {
    event_type: EventType,
    from: SchemaVersion,
    upcast: Function,
}

/// Reads an upcaster.
///
/// # Errors
/// `invalid-input`, which names the member.
pub(super) fn upcaster(value: JsValue) -> Result<Rc<dyn Upcaster>, Failure> {
    const CODE: &str = "invalid-input";
    let input: UpcasterInput = object(CODE, "upcaster", value)?;
    let event_type = EventType::new(&input.r#type).map_err(|error| Failure::member(CODE, "type", error))?;
    let from = u32::try_from(input.from.0).map_err(|error| Failure::member(CODE, "from", error))?;
    let upcast =
        function("upcast", input.upcast)?.ok_or_else(|| Failure::member(CODE, "upcast", "a function is expected"))?;
    Ok(Rc::new(JsUpcaster { event_type, from: SchemaVersion(from), upcast }))
}

impl Upcaster for JsUpcaster {
    fn event_type(&self) -> &EventType {
        &self.event_type
    }

    fn from(&self) -> SchemaVersion {
        self.from
    }

    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let lifted =
            recorded::one(event).map_err(JsValue::from).and_then(|event| glue::call_upcast(&self.upcast, &event));
        let lifted = lifted.map_err(|thrown| {
            let reason = reason(&thrown);
            THROWN.replace(Some(thrown));
            reason
        })?;
        let payload = |at: u32| {
            let name = lifted.get(at).as_string();
            let event_type = name.map_or_else(|| Ok(event.event_type().clone()), |name| EventType::new(&name))?;
            let data = RawValue::from_string(lifted.get(at + 1).as_string().unwrap_or_default())?;
            Ok(Payload { event_type, data })
        };
        (0..lifted.length()).step_by(2).map(payload).collect()
    }
}

/// The events as the upcasters lift them: the payloads of each in order, or in reverse when a read goes backwards.
///
/// # Errors
/// `upcast-failed`.
pub(super) fn lift(
    upcasters: &Upcasters,
    events: Vec<RecordedEvent>,
    is_backwards: bool,
) -> Result<Vec<RecordedEvent>, Failure> {
    if upcasters.is_empty() {
        return Ok(events);
    }
    let mut all = Vec::with_capacity(events.len());
    for event in events {
        THROWN.take();
        let mut lifted = upcasters
            .lift(event)
            .map_err(|error| Failure::from(error).caused_by(THROWN.take().unwrap_or(JsValue::UNDEFINED)))?;
        if is_backwards {
            lifted.reverse();
        }
        all.append(&mut lifted);
    }
    Ok(all)
}

impl From<UpcastError> for Failure {
    fn from(error: UpcastError) -> Self {
        Self::new("upcast-failed", &error)
            .with("position", error.position)
            .with("type", error.event_type.as_str())
            .with("schemaVersion", error.schema_version.0)
    }
}

impl From<UpcasterTaken> for Failure {
    fn from(error: UpcasterTaken) -> Self {
        Self::new("invalid-input", &error)
            .with("type", error.event_type.as_str())
            .with("schemaVersion", error.schema_version.0)
    }
}
