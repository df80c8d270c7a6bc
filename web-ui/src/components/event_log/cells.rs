//! The cells of a row.

use std::rc::Rc;
use std::sync::Arc;

use leftfold_core::{Position, Row, Timestamp};
use leptos::prelude::*;

use super::marked::marked;
use crate::model::columns::Column;
use crate::model::format;
use crate::state::{App, Payload, Trouble, colour_class};

/// What is known of an event from the index.
#[derive(Clone, PartialEq)]
pub(super) struct Indexed {
    /// Its row, counted from 0.
    pub(super) row: u64,
    event: Arc<Row>,
    colour: String,
    shape: &'static str,
}

impl Indexed {
    pub(super) fn new(app: App, row: u64, position: Position) -> Option<Self> {
        let event = Arc::new(app.row(position)?);
        let colour = app.with_log(|log| log.type_index_of(position)).flatten().map(colour_class).unwrap_or_default();
        let shape = app.facets.with_untracked(|facets| facets.shape_of(event.stream.category()));
        Some(Self { row, event, colour, shape })
    }
}

/// What is known of the payload of a row.
#[derive(Clone, PartialEq)]
enum Summary {
    Waiting,
    Failed(Trouble),
    Text(String),
}

/// What is known of an event from its payload; follows arrivals and the search.
#[derive(Clone, PartialEq)]
pub(super) struct Read {
    summary: Summary,
    /// Where the match is, if none of the cells shows it.
    note: Option<&'static str>,
}

impl Read {
    pub(super) fn new(app: App, position: Position) -> Self {
        let payload = app.payloads.get(position);
        let summary = match &payload {
            Some(payload) => Summary::Text(payload.summary.clone()),
            None => app.payloads.failure(position).map_or(Summary::Waiting, Summary::Failed),
        };
        let note = app.search.needle.get().zip(payload).and_then(|(needle, payload)| {
            let names = [payload.event.stream().as_str(), payload.event.event_type().as_str(), &payload.summary];
            let is_seen = names.into_iter().any(|text| needle.is_in(text));
            if is_seen { None } else { needle.place_in(&payload.event).map(|place| place.note()) }
        });
        Self { summary, note }
    }
}

/// What the cells of one row are made from.
pub(super) struct Cells {
    pub(super) app: App,
    pub(super) event: Indexed,
    pub(super) read: Read,
    pub(super) has_days: bool,
    /// How many events come after it, in the row of the cursor.
    pub(super) ahead: Option<u64>,
}

impl Cells {
    /// A cell; `lead` stands before its text.
    pub(super) fn cell(&self, column: Column, number: usize, lead: Option<AnyView>) -> AnyView {
        let event = &*self.event.event;
        let (class, inner) = match column {
            Column::Position => ("lf-log__pos", view! { {lead}{format::grouped(event.position.get())} }.into_any()),
            Column::Time => ("lf-log__time", self.time(event.time)),
            Column::RecordedAt => ("lf-log__time", {
                let when = self.payload().map(|payload| payload.event.recorded_at());
                when.map_or_else(skeleton, |when| self.time(when))
            }),
            Column::Stream => {
                let version = format!("@{}", event.version);
                let name = self.text(event.stream.as_str());
                ("lf-log__stream", view! { {name}<span class="lf-log__dim">{version}</span> }.into_any())
            }
            Column::Type => {
                let (class, shape) = (format!("lf-sw {}", self.event.colour), self.event.shape);
                let name = self.text(event.event_type.as_str());
                (
                    "lf-log__type",
                    view! { <i class=class data-shape=shape></i><span class="lf-clip">{name}</span> }.into_any(),
                )
            }
            Column::SchemaVersion => ("lf-log__num", view! { {event.schema_version.to_string()} }.into_any()),
            Column::Size => {
                ("lf-log__num", self.read(|payload| Some(format::bytes(payload.event.data().len() as u64))))
            }
            Column::Tags => {
                let tags: Vec<String> = event.tags.iter().map(ToString::to_string).collect();
                ("lf-log__id", self.text(&tags.join(", ")))
            }
            Column::Id => ("lf-log__id", view! { {event.id.to_string()} }.into_any()),
            Column::Correlation => ("lf-log__id", self.read(|payload| payload.correlation.clone())),
            Column::Causation => ("lf-log__id", self.read(|payload| payload.causation.clone())),
            Column::Summary => ("lf-log__sum", self.summary()),
        };
        view! { <span class=class role="gridcell" aria-colindex=number>{inner}</span> }.into_any()
    }

    fn payload(&self) -> Option<Rc<Payload>> {
        self.app.payloads.get(self.event.event.position)
    }

    fn text(&self, text: &str) -> AnyView {
        self.app.search.needle.with(|needle| marked(text, needle.as_ref()))
    }

    /// A text of the payload or its metadata, once it was read.
    fn read(&self, text: fn(&Payload) -> Option<String>) -> AnyView {
        match self.payload().map(|payload| text(&payload)) {
            None => skeleton(),
            Some(None) => view! { <span class="lf-log__dim">"–"</span> }.into_any(),
            Some(Some(text)) => {
                let shown = self.text(&text);
                view! { <span class="lf-clip" title=text>{shown}</span> }.into_any()
            }
        }
    }

    fn summary(&self) -> AnyView {
        // One element for both, since every jump goes from the one to the other in all rows.
        let class = if self.read.summary == Summary::Waiting { "lf-log__skel" } else { "lf-clip" };
        let text = match &self.read.summary {
            Summary::Waiting => self.text(""),
            Summary::Failed(trouble) => {
                let (reason, code) = (trouble.message.clone(), format!("Payload not readable: {}", trouble.code));
                view! { <span class="lf-log__failed" title=reason>{code}</span> }.into_any()
            }
            Summary::Text(text) => self.text(text),
        };
        let badge = self.read.note.map(|note| view! { <mark class="lf-log__note">{note}</mark> });
        let ahead = self.ahead.filter(|rest| *rest > 0).map(|rest| {
            view! { <span class="lf-badge lf-badge--moment">{format!("{} ahead", format::grouped(rest))}</span> }
        });
        view! { <span class=class>{text}</span>{badge}{ahead} }.into_any()
    }

    fn time(&self, time: Timestamp) -> AnyView {
        let clock = format::clock(time);
        let (dim, plain) = if self.has_days {
            (format!("{} ", format::date(time)), clock[..8].to_owned())
        } else {
            (clock[..6].to_owned(), clock[6..].to_owned())
        };
        view! { <span class="lf-log__dim">{dim}</span>{plain} }.into_any()
    }
}

/// Nothing for 150 ms, then a bar of about the length of a text.
fn skeleton() -> AnyView {
    view! { <span class="lf-log__skel" aria-hidden="true"></span> }.into_any()
}
