//! What a row of a branch shows.

use leftfold_core::{ContentType, Position};
use leptos::prelude::*;

use super::WhatIfDesk;
use crate::model::branch::{Became, EventRef, JsonText};
use crate::model::diff_table::{DiffRow, DiffTable};
use crate::model::format;
use crate::model::json::Json;
use crate::model::summary::summary;
use crate::state::{App, colour_class};

/// How many differences of an edited event are named.
const MOST_DIFFERENCES: usize = 3;

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowView {
    pub(crate) event: EventRef,
    pub(crate) name: String,
    pub(crate) event_type: String,
    pub(crate) colour: String,
    pub(crate) shape: &'static str,
    /// The stream and its version.
    pub(crate) stream: String,
    pub(crate) summary: String,
    /// Path, before and after, of what is other.
    pub(crate) deltas: Vec<(String, String, String)>,
    pub(crate) became: Became,
    /// Whether it stands elsewhere than in the log.
    pub(crate) is_moved: bool,
    /// Whether a person has changed something about it.
    pub(crate) can_undo: bool,
}

impl WhatIfDesk {
    /// What the row of an event shows; follows changes.
    pub(crate) fn row(self, app: App, event: EventRef) -> Option<RowView> {
        let (arrangement, outcome) = (self.arrangement.get()?, self.outcome.get());
        let standing = arrangement.standing(event);
        let other = arrangement.edit_of(event).or_else(|| outcome.data_of(event));
        let became = Became::of(&arrangement, &outcome, event);
        let can_undo = !standing.is_as_in_log();
        let name = Self::name_of(event);
        match event {
            EventRef::Stored(position) => {
                let row = app.row(position)?;
                let payload = app.payloads.get(position);
                let deltas = match (&payload, other) {
                    (Some(payload), Some(data)) => deltas(lifted(app, &payload.event).as_ref(), data),
                    _ => Vec::new(),
                };
                Some(RowView {
                    event,
                    name,
                    event_type: row.event_type.to_string(),
                    colour: app.with_log(|log| log.type_index_of(position)).flatten().map(colour_class)?,
                    shape: app.facets.with_untracked(|facets| facets.shape_of(row.stream.category())),
                    stream: format!("{}@{}", row.stream, row.version),
                    summary: payload.map(|payload| payload.summary.clone()).unwrap_or_default(),
                    deltas,
                    became,
                    is_moved: standing.is_moved,
                    can_undo,
                })
            }
            EventRef::New(number) => {
                let inserted = arrangement.inserted(number)?;
                let category = inserted.stream.split('-').next().unwrap_or_default();
                let colour = app.facets.with_untracked(|facets| {
                    let index = facets.types.iter().position(|known| known.name == inserted.event_type);
                    index.and_then(|index| u32::try_from(index).ok()).map(colour_class).unwrap_or_default()
                });
                let json = Json::parse(inserted.data.as_str().as_bytes()).ok();
                Some(RowView {
                    event,
                    name: "new".to_owned(),
                    event_type: inserted.event_type.clone(),
                    colour,
                    shape: app.facets.with_untracked(|facets| facets.shape_of(category)),
                    stream: inserted.stream.clone(),
                    summary: json.as_ref().map(summary).unwrap_or_default(),
                    deltas: other.map(|data| deltas(json.as_ref(), data)).unwrap_or_default(),
                    became,
                    is_moved: standing.is_moved,
                    can_undo,
                })
            }
        }
    }

    /// Asks for the payloads of rows.
    pub(crate) fn want_payloads(self, app: App, events: &[EventRef]) {
        let stored = events.iter().filter_map(|event| match event {
            EventRef::Stored(position) => Some(*position),
            EventRef::New(_) => None,
        });
        app.payloads.want_page(app, stored.collect::<Vec<_>>());
    }
}

/// The data of an event in its newest shape.
pub(super) fn lifted(app: App, event: &leftfold_core::RecordedEvent) -> Option<Json> {
    if !matches!(event.content(), ContentType::Json) {
        return None;
    }
    let lifted = app.store()?.lift(event.clone()).ok()?;
    Json::parse(lifted.first()?.data()).ok()
}

fn deltas(before: Option<&Json>, data: &JsonText) -> Vec<(String, String, String)> {
    let Ok(after) = Json::parse(data.as_str().as_bytes()) else { return Vec::new() };
    let mut group = String::new();
    let mut found = Vec::new();
    for row in DiffTable::between(before.unwrap_or(&Json::Null), &after).rows {
        match row {
            DiffRow::Group(name) => group = name,
            DiffRow::Line { path, old, new, .. } => {
                let path = if group.is_empty() { path } else { format!("{group}.{path}") };
                found.push((path, old, new));
            }
        }
    }
    found.truncate(MOST_DIFFERENCES);
    found
}

/// How a place in the order is told.
pub(super) fn behind(after: EventRef, fork: Position) -> String {
    match after {
        EventRef::Stored(position) if position.next() == fork => "directly at the fork".to_owned(),
        EventRef::Stored(position) => format!("after {}", format::position(position)),
        EventRef::New(number) => format!("after new event {number}"),
    }
}
