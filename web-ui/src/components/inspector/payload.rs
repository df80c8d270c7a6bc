//! The payload of an event: as upcasters lift it, and as it is stored.

use std::sync::Arc;

use crate::model::changes::{Change, Changes};
use crate::model::format;
use crate::model::json::Json;
use crate::model::tree::TreeValue;
use crate::state::{Failure, Trouble};
use leftfold_core::{ContentType, RecordedEvent, UpcastError, Upcasters};

/// A payload to look at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// JSON as a tree.
    Tree(Arc<TreeValue>),
    /// Bytes, or nothing, in words.
    Words(String),
}

/// A step of the lift.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) title: String,
    /// What it changed: `+ order, ~ lines`.
    pub(super) what: String,
}

/// What upcasters make of an event.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lifted {
    /// The payload of today, with what differs from the stored one.
    pub(super) shape: Shape,
    pub(super) version: String,
    pub(super) steps: Vec<Step>,
    pub(super) failure: Option<Failure>,
}

/// The payload as it is stored.
pub(super) fn stored(event: &RecordedEvent) -> Shape {
    shape(event, Changes::default())
}

fn shape(event: &RecordedEvent, changes: Changes) -> Shape {
    match event.content() {
        ContentType::Bytes(kind) => Shape::Words(format!("{} of {kind}", format::bytes(event.data().len() as u64))),
        ContentType::Json => match Json::parse(event.data()) {
            Ok(json) => Shape::Tree(Arc::new(TreeValue { json, changes })),
            Err(error) => Shape::Words(error.to_string()),
        },
    }
}

fn json_of(event: &RecordedEvent) -> Json {
    Json::parse(event.data()).unwrap_or_default()
}

/// What upcasters make of it; `None` when none lifts it.
pub(super) fn lifted(event: &RecordedEvent, upcasters: &Upcasters) -> Option<Lifted> {
    let (taken, error) = upcasters.steps(event.clone());
    if taken.is_empty() && error.is_none() {
        return None;
    }
    let mut steps = vec![Step {
        title: format!("{} v{}, as stored", event.event_type(), event.schema_version()),
        what: format::bytes(event.data().len() as u64),
    }];
    steps.extend(taken.iter().map(|step| match step.after.as_slice() {
        [] => Step { title: format!("{} is dropped", step.before.event_type()), what: String::new() },
        [after] => Step {
            title: format!("{} v{}", after.event_type(), after.schema_version()),
            what: what_changed(&json_of(&step.before), &json_of(after)),
        },
        several => Step {
            title: format!("split into {}", format::counted(several.len() as u64, "payload")),
            what: several.iter().map(|after| after.event_type().to_string()).collect::<Vec<_>>().join(", "),
        },
    }));
    let payloads = upcasters.lift(event.clone()).unwrap_or_default();
    let (shape, version) = match payloads.as_slice() {
        [one] => (shape(one, Changes::between(&json_of(event), &json_of(one))), format!("v{}", one.schema_version())),
        [] if error.is_some() => (Shape::Words("It cannot be lifted.".to_owned()), "lifted".to_owned()),
        [] => (Shape::Words("Dropped: no payload is folded.".to_owned()), "lifted".to_owned()),
        several => {
            let json = Json::Array(several.iter().map(json_of).collect());
            (Shape::Tree(Arc::new(TreeValue { json, changes: Changes::default() })), "lifted".to_owned())
        }
    };
    Some(Lifted { shape, version, steps, failure: error.map(|error| failure_of(&error)) })
}

fn failure_of(error: &UpcastError) -> Failure {
    Failure { trouble: Trouble::new(error.to_string(), "upcast-failed"), at: None }
}

fn what_changed(before: &Json, after: &Json) -> String {
    let changes = Changes::between(before, after);
    let part = |(path, change): (Vec<String>, &Change)| {
        let mark = match change {
            Change::Added => "+",
            Change::Changed { .. } => "~",
            Change::Removed { .. } => "−",
        };
        format!("{mark} {}", path.join("."))
    };
    let parts: Vec<String> = changes.listed().into_iter().map(part).collect();
    if parts.is_empty() { "nothing changed".to_owned() } else { parts.join(", ") }
}
