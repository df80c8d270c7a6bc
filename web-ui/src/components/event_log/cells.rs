//! The cells of a row.

use std::rc::Rc;
use std::sync::Arc;

use leftfold_core::{Position, Row, Timestamp};
use leptos::prelude::*;

use super::marked::marked;
use crate::model::columns::Column;
use crate::model::format;
use crate::state::{App, Payload, Trouble};

/// What is known of the payload of a row.
#[derive(Clone, PartialEq)]
enum Summary {
    Waiting,
    Failed(Trouble),
    Text(String),
}

/// What the cells of one row are made from.
#[derive(Clone)]
pub(super) struct Cell {
    app: App,
    event: Arc<Row>,
    colour: String,
    shape: &'static str,
    has_days: Memo<bool>,
    summary: Memo<Summary>,
    /// Where the match is, if none of the cells shows it.
    note: Memo<Option<&'static str>>,
}

impl Cell {
    pub(super) fn new(app: App, event: Arc<Row>, colour: String, shape: &'static str, has_days: Memo<bool>) -> Self {
        let position = event.position;
        let summary = Memo::new(move |_| match app.payloads.get(position) {
            Some(payload) => Summary::Text(payload.summary.clone()),
            None => app.payloads.failure(position).map_or(Summary::Waiting, Summary::Failed),
        });
        let names = Arc::clone(&event);
        let note = Memo::new(move |_| {
            let needle = app.search.needle.get()?;
            let is_seen = needle.is_in(names.stream.as_str()) || needle.is_in(names.event_type.as_str());
            let is_summed = summary.with(|summary| matches!(summary, Summary::Text(text) if needle.is_in(text)));
            if is_seen || is_summed {
                return None;
            }
            let payload = app.payloads.get(position)?;
            needle.place_in(&payload.event).map(|place| place.note())
        });
        Self { app, event, colour, shape, has_days, summary, note }
    }

    fn text(&self, text: String) -> impl Fn() -> AnyView + use<> {
        let needle = self.app.search.needle;
        move || needle.with(|needle| marked(&text, needle.as_ref()))
    }

    /// A text of the payload or its metadata, once it was read.
    fn read(&self, text: fn(&Payload) -> Option<String>) -> AnyView {
        let (app, position) = (self.app, self.event.position);
        let read = Memo::new(move |_| app.payloads.get(position).map(|payload: Rc<Payload>| text(&payload)));
        let shown = move || match read.get() {
            None => skeleton(),
            Some(None) => view! { <span class="lf-log__dim">"–"</span> }.into_any(),
            Some(Some(text)) => app.search.needle.with(|needle| {
                view! { <span class="lf-clip" title=text.clone()>{marked(&text, needle.as_ref())}</span> }.into_any()
            }),
        };
        view! { {shown} }.into_any()
    }
}

/// A cell; `lead` stands before its text.
pub(super) fn cell(made: &Cell, column: Column, number: usize, lead: Option<AnyView>) -> AnyView {
    let event = &made.event;
    let (class, inner) = match column {
        Column::Position => ("lf-log__pos", view! { {lead}{format::grouped(event.position.get())} }.into_any()),
        Column::Time => ("lf-log__time", time(event.time, made.has_days)),
        Column::RecordedAt => ("lf-log__time", {
            let position = event.position;
            let (app, has_days) = (made.app, made.has_days);
            let when = Memo::new(move |_| app.payloads.get(position).map(|payload| payload.event.recorded_at()));
            view! { {move || when.get().map_or_else(skeleton, |when| time(when, has_days))} }.into_any()
        }),
        Column::Stream => {
            let name = made.text(event.stream.to_string());
            let version = format!("@{}", event.version);
            ("lf-log__stream", view! { {name}<span class="lf-log__dim">{version}</span> }.into_any())
        }
        Column::Type => {
            let name = made.text(event.event_type.to_string());
            let (class, shape) = (format!("lf-sw {}", made.colour), made.shape);
            (
                "lf-log__type",
                view! { <i class=class data-shape=shape></i><span class="lf-clip">{name}</span> }.into_any(),
            )
        }
        Column::SchemaVersion => ("lf-log__num", view! { {event.schema_version.to_string()} }.into_any()),
        Column::Size => ("lf-log__num", made.read(|payload| Some(format::bytes(payload.event.data().len() as u64)))),
        Column::Tags => {
            let tags: Vec<String> = event.tags.iter().map(ToString::to_string).collect();
            ("lf-log__id", view! { {made.text(tags.join(", "))} }.into_any())
        }
        Column::Id => ("lf-log__id", view! { {event.id.to_string()} }.into_any()),
        Column::Correlation => ("lf-log__id", made.read(|payload| payload.correlation.clone())),
        Column::Causation => ("lf-log__id", made.read(|payload| payload.causation.clone())),
        Column::Summary => ("lf-log__sum", summary(made)),
    };
    view! { <span class=class role="gridcell" aria-colindex=number>{inner}</span> }.into_any()
}

fn summary(made: &Cell) -> AnyView {
    let (app, position, note) = (made.app, made.event.position, made.note);
    let (summary, needle) = (made.summary, app.search.needle);
    let text = move || {
        match summary.get() {
        Summary::Waiting => skeleton(),
        Summary::Failed(trouble) => {
            view! { <span class="lf-log__failed" title=trouble.message>{format!("Payload not readable: {}", trouble.code)}</span> }
                .into_any()
        }
        Summary::Text(text) => needle.with(|needle| marked(&text, needle.as_ref())),
    }
    };
    let badge = move || note.get().map(|note| view! { <mark class="lf-log__note">{note}</mark> });
    view! { <span class="lf-clip">{text}</span>{badge}{move || ahead(app, position)} }.into_any()
}

/// How many events come after the current one.
fn ahead(app: App, position: Position) -> Option<AnyView> {
    let is_now = app.cursor.get() == position;
    let rest = app.head.get().get().checked_sub(position.get()).filter(|rest| is_now && *rest > 0)?;
    let text = format!("{} ahead", format::grouped(rest));
    Some(view! { <span class="lf-badge lf-badge--moment">{text}</span> }.into_any())
}

/// Nothing for 150 ms, then a bar of about the length of a text.
fn skeleton() -> AnyView {
    view! { <span class="lf-log__skel" aria-hidden="true"></span> }.into_any()
}

fn time(time: Timestamp, has_days: Memo<bool>) -> AnyView {
    let clock = format::clock(time);
    let date = format!("{} ", format::date(time));
    view! {
        {move || {
            let (dim, plain) = if has_days.get() { (date.clone(), &clock[..8]) } else { (clock[..6].to_owned(), &clock[6..]) };
            view! { <span class="lf-log__dim">{dim}</span>{plain.to_owned()} }
        }}
    }
    .into_any()
}
