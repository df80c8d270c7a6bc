//! Upcasters: from an older shape of a payload to the next, when events are read.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::value::RawValue;
use thiserror::Error;

use super::limits::{MAX_DATA_BYTES, MAX_UPCAST_PAYLOADS, MAX_UPCAST_STEPS};
use super::{BoxError, ContentType, EventType, Position, RecordedEvent, SchemaVersion};

/// A payload of one schema version.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The type, which an upcaster may change.
    pub event_type: EventType,
    /// The data as JSON text.
    pub data: Box<RawValue>,
}

/// Lifts the payloads of one event type from one schema version to the next.
pub trait Upcaster {
    /// The type that it lifts.
    fn event_type(&self) -> &EventType;

    /// The schema version that it lifts; what it gives has the next one.
    fn from(&self) -> SchemaVersion;

    /// The payloads of the next schema version: one as a rule, several when the event is split, none when it is dropped.
    /// `event` is the event as far as it is lifted.
    ///
    /// It must not call the store and wait for the answer (`block_on`, `now_or_never`): the store is at work here, and
    /// what it would wait for may be this very call.
    ///
    /// # Errors
    /// The reason why this payload cannot be lifted.
    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError>;
}

/// An upcaster made of a function from the JSON of one schema version to that of the next.
pub struct JsonUpcaster<F> {
    event_type: EventType,
    from: SchemaVersion,
    lift: F,
}

impl<F: Fn(serde_json::Value) -> Result<serde_json::Value, BoxError>> JsonUpcaster<F> {
    /// Lifts payloads of `event_type` from schema version `from` to the next.
    pub fn new(event_type: EventType, from: u32, lift: F) -> Self {
        Self { event_type, from: SchemaVersion(from), lift }
    }
}

impl<F: Fn(serde_json::Value) -> Result<serde_json::Value, BoxError>> Upcaster for JsonUpcaster<F> {
    fn event_type(&self) -> &EventType {
        &self.event_type
    }

    fn from(&self) -> SchemaVersion {
        self.from
    }

    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let data = (self.lift)(event.json()?)?;
        Ok(vec![Payload { event_type: event.event_type().clone(), data: serde_json::value::to_raw_value(&data)? }])
    }
}

impl<F> std::fmt::Debug for JsonUpcaster<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JsonUpcaster({} {})", self.event_type, self.from)
    }
}

/// Why an event could not be lifted. The log keeps it as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the event at position {position} of type {event_type}, schema version {schema_version}, cannot be upcast: {reason}"
)]
#[non_exhaustive]
pub struct UpcastError {
    /// Where the event stands.
    pub position: Position,
    /// The type that the failing upcaster lifts.
    pub event_type: EventType,
    /// The schema version that the failing upcaster lifts.
    pub schema_version: SchemaVersion,
    /// What it says.
    pub reason: String,
}

/// An upcaster that cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{event_type} has an upcaster from schema version {schema_version} already")]
#[non_exhaustive]
pub struct UpcasterTaken {
    /// The type.
    pub event_type: EventType,
    /// The schema version.
    pub schema_version: SchemaVersion,
}

/// One step of a lift: what an upcaster made of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct UpcastStep {
    /// The event before the step.
    pub before: RecordedEvent,
    /// The payloads after it, each with everything else of the event.
    pub after: Vec<RecordedEvent>,
}

/// The upcasters of a store: for each type and schema version at most one. Together they are chains.
#[derive(Clone, Default)]
pub struct Upcasters {
    by_type: HashMap<EventType, HashMap<SchemaVersion, Rc<dyn Upcaster>>>,
}

impl std::fmt::Debug for Upcasters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let steps = self.by_type.iter().flat_map(|(name, from)| from.keys().map(move |version| (name, version)));
        f.debug_set().entries(steps).finish()
    }
}

impl Upcasters {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_type.is_empty()
    }

    /// Adds an upcaster.
    ///
    /// # Errors
    /// [`UpcasterTaken`] when its step has one already.
    pub fn add(&mut self, upcaster: Rc<dyn Upcaster>) -> Result<(), UpcasterTaken> {
        let (event_type, schema_version) = (upcaster.event_type().clone(), upcaster.from());
        let chain = self.by_type.entry(event_type.clone()).or_default();
        if chain.contains_key(&schema_version) {
            return Err(UpcasterTaken { event_type, schema_version });
        }
        chain.insert(schema_version, upcaster);
        Ok(())
    }

    fn step_of(&self, event: &RecordedEvent) -> Option<&Rc<dyn Upcaster>> {
        self.step(event.event_type(), event.schema_version())
    }

    fn step(&self, event_type: &EventType, from: SchemaVersion) -> Option<&Rc<dyn Upcaster>> {
        self.by_type.get(event_type)?.get(&from)
    }

    /// Whether an event of this type and schema version is lifted.
    pub(crate) fn lifts(&self, event_type: &EventType, from: SchemaVersion) -> bool {
        self.step(event_type, from).is_some()
    }

    /// Lifts an event as far as there are upcasters: the payloads in order, each as an event that is equal to the stored
    /// one in all but type, schema version and data. An event that no upcaster lifts is given as it is.
    ///
    /// # Errors
    /// [`UpcastError`] of the first step that fails.
    pub fn lift(&self, event: RecordedEvent) -> Result<Vec<RecordedEvent>, UpcastError> {
        match self.step_of(&event) {
            None => Ok(vec![event]),
            Some(_) => self.walk(event, &mut |_| {}),
        }
    }

    /// Every step that lifts an event, in the order in which they are taken; none when no upcaster lifts it.
    ///
    /// # Errors
    /// [`UpcastError`] of the first step that fails, with the steps before it.
    pub fn steps(&self, event: RecordedEvent) -> (Vec<UpcastStep>, Option<UpcastError>) {
        let mut steps = Vec::new();
        let outcome = self.walk(event, &mut |step| steps.push(step));
        (steps, outcome.err())
    }

    /// Depth first: what one payload becomes stands before what the next becomes.
    fn walk(&self, event: RecordedEvent, seen: &mut dyn FnMut(UpcastStep)) -> Result<Vec<RecordedEvent>, UpcastError> {
        let mut waiting = vec![event];
        let mut lifted = Vec::new();
        let mut steps = 0;
        while let Some(event) = waiting.pop() {
            let Some(upcaster) = self.step_of(&event) else {
                lifted.push(event);
                continue;
            };
            let failed = |reason: String| UpcastError {
                position: event.position(),
                event_type: event.event_type().clone(),
                schema_version: event.schema_version(),
                reason,
            };
            steps += 1;
            if steps > MAX_UPCAST_STEPS {
                return Err(failed(format!("it takes more than {MAX_UPCAST_STEPS} steps")));
            }
            let payloads = upcaster.upcast(&event).map_err(|error| failed(error.to_string()))?;
            if payloads.len() > MAX_UPCAST_PAYLOADS {
                let reason = format!("{} payloads, at most {MAX_UPCAST_PAYLOADS} are allowed", payloads.len());
                return Err(failed(reason));
            }
            if let Some(long) = payloads.iter().find(|payload| payload.data.get().len() > MAX_DATA_BYTES) {
                let reason = format!("{} bytes of data, at most {MAX_DATA_BYTES} are allowed", long.data.get().len());
                return Err(failed(reason));
            }
            let version = SchemaVersion(event.schema_version().0.saturating_add(1));
            let after: Vec<_> = payloads.into_iter().map(|payload| with_payload(&event, payload, version)).collect();
            waiting.extend(after.iter().rev().cloned());
            seen(UpcastStep { before: event, after });
        }
        Ok(lifted)
    }
}

fn with_payload(event: &RecordedEvent, payload: Payload, schema_version: SchemaVersion) -> RecordedEvent {
    let text: Box<str> = payload.data.into();
    RecordedEvent {
        event_type: payload.event_type,
        schema_version,
        content: ContentType::Json,
        data: text.into_string().into_bytes().into(),
        ..event.clone()
    }
}
