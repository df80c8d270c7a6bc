//! A row of the log.

use leftfold_core::Position;
use leptos::prelude::*;

use crate::model::format;
use crate::state::{App, colour_class};

/// An event as a row. Everything but the summary and the moment is known at once, from the index.
#[component]
pub(super) fn EventRow(row: u64, position: Position, #[prop(into)] has_days: Signal<bool>) -> impl IntoView {
    let app = App::get();
    let event = app.row(position)?;
    let colour = app.with_log(|log| log.type_index_of(position)).flatten().map(colour_class).unwrap_or_default();
    let shape = app.facets.with_untracked(|facets| facets.shape_of(event.stream.category()));
    let when = Memo::new(move |_| match position.cmp(&app.cursor.get()) {
        std::cmp::Ordering::Less => "past",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "future",
    });
    let is_now = move || when.get() == "now";
    let summary = move || app.payloads.get(position).map(|payload| payload.summary.clone());
    let clock = format::clock(event.time);
    let (coarse, fine) = clock.split_at(6);
    let (coarse, fine, short) = (coarse.to_owned(), fine.to_owned(), clock[..8].to_owned());
    let date = format!("{} ", format::date(event.time));
    let time = move || {
        if has_days.get() {
            view! { <span class="lf-log__dim">{date.clone()}</span>{short.clone()} }.into_any()
        } else {
            view! { <span class="lf-log__dim">{coarse.clone()}</span>{fine.clone()} }.into_any()
        }
    };
    Some(view! {
        <div
            class="lf-log__row"
            role="row"
            aria-rowindex=row + 2
            aria-selected=move || is_now().to_string()
            aria-current=move || is_now().then_some("true")
            tabindex=move || if is_now() { "0" } else { "-1" }
            data-when=move || when.get()
            data-row=row
        >
            <span class="lf-log__pos" role="gridcell">{format::grouped(position.get())}</span>
            <span class="lf-log__time" role="gridcell">{time}</span>
            <span class="lf-log__stream" role="gridcell">
                {event.stream.to_string()}<span class="lf-log__dim">{format!("@{}", event.version)}</span>
            </span>
            <span class="lf-log__type" role="gridcell">
                <i class=format!("lf-sw {colour}") data-shape=shape></i><span class="lf-clip">{event.event_type.to_string()}</span>
            </span>
            <span class="lf-log__sum" role="gridcell"><span class="lf-clip">{summary}</span></span>
        </div>
    })
}
