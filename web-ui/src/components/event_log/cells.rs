//! The cells of a row.

use std::rc::Rc;

use leftfold_core::{Row, Timestamp};
use leptos::prelude::*;

use super::part::{Look, Part, marked};
use super::row::Frame;
use crate::model::columns::Column;
use crate::model::format;
use crate::model::payload_cache::Payload;
use crate::state::colour_class;

/// More of a text than this is in no view; what is left out is not laid out either.
const MOST_CHARS: usize = 400;

/// What a cell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) column: Column,
    pub(super) parts: Vec<Part>,
    /// Whether it shows that its payload is still being read.
    pub(super) waits: bool,
    pub(super) title: Option<String>,
}

impl Column {
    /// The class of its cells.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Position => "lf-log__pos",
            Self::Time | Self::RecordedAt => "lf-log__time",
            Self::Stream => "lf-log__stream",
            Self::Type => "lf-log__type",
            Self::SchemaVersion | Self::Size => "lf-log__num",
            Self::Tags | Self::Id | Self::Correlation | Self::Causation => "lf-log__id",
            Self::Summary => "lf-log__sum",
        }
    }
}

/// What the cells of one row are made from.
pub(super) struct Cells<'a> {
    pub(super) frame: &'a Frame,
    pub(super) event: &'a Row,
    /// The payload, or `None` until it was read.
    pub(super) payload: Option<Rc<Payload>>,
    pub(super) is_now: bool,
    /// What is said of its tie to the current event.
    pub(super) tie: Option<String>,
    /// Whether the breakpoint holds after it.
    pub(super) is_hit: bool,
}

impl Cells<'_> {
    pub(super) fn all(&self) -> Vec<Cell> {
        self.frame.columns.iter().map(|column| self.cell(*column)).collect()
    }

    fn cell(&self, column: Column) -> Cell {
        let event = self.event;
        let parts = match column {
            Column::Position => {
                let tie = self.tie.iter().map(|tie| Part::Text(Look::Spoken, format!("{tie}, ")));
                let hit = self.is_hit.then(|| Part::Text(Look::Spoken, "breakpoint hit, ".to_owned()));
                tie.chain(hit).chain([Part::plain(format::grouped(event.position.get()))]).collect()
            }
            Column::Time => self.time(event.time),
            Column::RecordedAt => return self.read(column, |payload| Some(self.time(payload.event.recorded_at()))),
            Column::Stream => {
                let mut parts = self.text(event.stream.as_str());
                parts.push(Part::dim(format!("@{}", event.version)));
                parts
            }
            Column::Type => {
                let app = self.frame.app;
                let number = app.with_log(|log| log.type_index_of(event.position)).flatten();
                let shape = app.facets.with_untracked(|facets| facets.shape_of(event.stream.category()));
                let mut parts = vec![Part::Swatch { colour: number.map(colour_class).unwrap_or_default(), shape }];
                parts.extend(self.text(event.event_type.as_str()));
                parts
            }
            Column::SchemaVersion => vec![Part::plain(event.schema_version.to_string())],
            Column::Size => {
                return self
                    .read(column, |payload| Some(vec![Part::plain(format::bytes(payload.event.data().len() as u64))]));
            }
            Column::Tags => {
                let tags: Vec<String> = event.tags.iter().map(ToString::to_string).collect();
                self.text(&tags.join(", "))
            }
            Column::Id => vec![Part::plain(event.id.to_string())],
            Column::Correlation => return self.id(column, |payload| payload.correlation.clone()),
            Column::Causation => return self.id(column, |payload| payload.causation.clone()),
            Column::Summary => return self.summary(),
        };
        Cell { column, parts, waits: false, title: None }
    }

    fn text(&self, text: &str) -> Vec<Part> {
        marked(text.chars().take(MOST_CHARS).collect(), self.frame.needle.as_deref())
    }

    /// What stands in the payload or its metadata, once it was read.
    fn read(&self, column: Column, parts: impl FnOnce(&Payload) -> Option<Vec<Part>>) -> Cell {
        let read = self.payload.as_ref().map(|payload| parts(payload).unwrap_or_else(|| vec![Part::dim("–")]));
        Cell { column, waits: read.is_none() && self.frame.is_late, parts: read.unwrap_or_default(), title: None }
    }

    fn id(&self, column: Column, id: fn(&Payload) -> Option<String>) -> Cell {
        let title = self.payload.as_ref().and_then(|payload| id(payload));
        let cell = self.read(column, |payload| id(payload).map(|id| self.text(&id)));
        Cell { title, ..cell }
    }

    fn summary(&self) -> Cell {
        let frame = self.frame;
        let (mut parts, mut title) = (Vec::new(), None);
        // What stands at the right end comes first: the text takes what is left of the line.
        if self.is_now && frame.ahead > 0 {
            parts.push(Part::Text(Look::Ahead, format!("{} ahead", format::grouped(frame.ahead))));
        }
        let mut waits = false;
        if let Some(payload) = &self.payload {
            parts.extend(self.place_of_match(payload).map(|place| Part::Text(Look::Note, place.to_owned())));
            parts.extend(self.text(&payload.summary));
        } else if let Some(trouble) = frame.app.payloads.failure(self.event.position) {
            parts.push(Part::Text(Look::Failed, format!("Payload not readable: {}", trouble.code)));
            title = Some(trouble.message);
        } else {
            // The text that is to come has its node already.
            parts.push(Part::plain(""));
            waits = frame.is_late;
        }
        Cell { column: Column::Summary, parts, waits, title }
    }

    /// Where the match is, if none of the cells shows it.
    fn place_of_match(&self, payload: &Payload) -> Option<&'static str> {
        let needle = self.frame.needle.as_deref()?;
        let shown = [self.event.stream.as_str(), self.event.event_type.as_str(), &payload.summary];
        let is_seen = shown.into_iter().any(|text| needle.is_in(text));
        if is_seen { None } else { needle.place_in(&payload.event).map(|place| place.note()) }
    }

    fn time(&self, time: Timestamp) -> Vec<Part> {
        let clock = format::clock(time);
        let (dim, plain) = if self.frame.has_days {
            (format!("{} ", format::date(time)), &clock[..8])
        } else {
            (clock[..6].to_owned(), &clock[6..])
        };
        vec![Part::dim(dim), Part::plain(plain)]
    }
}
