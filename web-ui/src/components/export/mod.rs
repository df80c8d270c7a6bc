//! Export: which events go to a file, and in which format.

use std::sync::Arc;

use leftfold_core::Position;
use leftfold_core::formats::ExportFormat;
use leptos::prelude::*;

use super::controls::sized_icon;
use super::dialog::Dialog;
use crate::model::filter::Rows;
use crate::model::format;
use crate::state::{App, Extent};

/// The formats: name, and what each is for.
const FORMATS: [(ExportFormat, &str, &str); 4] = [
    (
        ExportFormat::Leftfold,
        "Leftfold",
        "Everything, with a hash chain: imported again it gives an equal log, or is refused.",
    ),
    (ExportFormat::Ndjson, "NDJSON", "One JSON object a line. Events whose data is no JSON are left out."),
    (ExportFormat::CloudEvents, "CloudEvents", "A batch of CloudEvents 1.0 in JSON, for brokers and gateways."),
    (ExportFormat::Csv, "CSV", "One row an event, for spreadsheets; data and metadata as JSON."),
];

/// Which of the events.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Range,
    Listed,
}

/// The dialog.
#[component]
pub(crate) fn ExportDialog() -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
    let chosen = RwSignal::new(ExportFormat::default());
    let range = Memo::new(move |_| app.timeline.with(|timeline| timeline.range()));
    let listed = Memo::new(move |_| {
        let rows = app.filtered.with(|filtered| filtered.is_settled.then(|| Arc::clone(&filtered.rows)))?;
        matches!(*rows, Rows::Some(_)).then_some(rows)
    });
    // What the log shows is what is asked for, where that is not all of it.
    let part = RwSignal::new(match untrack(|| (app.shows_range_alone(), listed.with(Option::is_some))) {
        (true, _) => Part::Range,
        (false, true) => Part::Listed,
        (false, false) => Part::Whole,
    });
    let extent = move || match (part.get(), range.get(), listed.get()) {
        (Part::Range, Some((a, b)), _) => Extent::Range(a, b),
        (Part::Listed, _, Some(rows)) => Extent::Listed(rows),
        _ => Extent::Whole,
    };
    // While rows are filtered anew nobody knows which they are.
    let is_known = move || part.get() != Part::Listed || listed.with(Option::is_some);
    let count = move || match extent() {
        Extent::Whole => app.head.get().get(),
        Extent::Range(a, b) => b.get() + 1 - a.get(),
        Extent::Listed(rows) => rows.len(),
    };
    let is_report = RwSignal::new(false);
    let may_report = Memo::new(move |_| chosen.get() == ExportFormat::Leftfold && extent() == Extent::Whole);
    let run = move |_| {
        let is_report = is_report.get_untracked() && may_report.get_untracked();
        app.export(chosen.get_untracked(), untrack(extent), is_report);
        close();
    };
    let formats = FORMATS.map(|(of, name, about)| {
        let id = format!("export-{}", of.name());
        view! {
            <label class="lf-check">
                <input
                    type="radio" name="export-format" aria-describedby=id.clone()
                    prop:checked=move || chosen.get() == of on:change=move |_| chosen.set(of)
                />
                {name}
            </label>
            <p class="lf-export__about" id=id>{about}</p>
        }
    });
    let between = move |(a, b): (Position, Position)| {
        view! {
            <label class="lf-check">
                <input type="radio" name="export-extent" prop:checked=move || part.get() == Part::Range on:change=move |_| part.set(Part::Range) />
                {format!("Between A and B: {} to {}", format::position(a), format::position(b))}
            </label>
        }
    };
    let shown = move |rows: Arc<Rows>| {
        view! {
            <label class="lf-check">
                <input type="radio" name="export-extent" prop:checked=move || part.get() == Part::Listed on:change=move |_| part.set(Part::Listed) />
                {format!("The events that the log lists: {}", format::grouped(rows.len()))}
            </label>
        }
    };
    view! {
        <Dialog labelled_by="export-title" on_close=close is_small=true>
            <header class="lf-dialog__head">
                <h2 class="lf-dialog__title lf-grow" id="export-title">"Export"</h2>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| close()>
                    {sized_icon("x", 16)}
                </button>
            </header>
            <div class="lf-dialog__body lf-scroll">
                <fieldset class="lf-export__choice"><legend>"Format"</legend>{formats}</fieldset>
                <fieldset class="lf-export__choice">
                    <legend>"Events"</legend>
                    <label class="lf-check">
                        <input type="radio" name="export-extent" prop:checked=move || part.get() == Part::Whole on:change=move |_| part.set(Part::Whole) />
                        {move || format!("The whole log: {}", format::counted(app.head.get().get(), "event"))}
                    </label>
                    {move || range.get().map(between)}
                    {move || listed.get().map(shown)}
                </fieldset>
                <fieldset class="lf-export__choice" disabled=move || !may_report.get()>
                    <legend>"Report"</legend>
                    <label class="lf-check">
                        <input
                            type="checkbox" aria-describedby="export-report"
                            prop:checked=is_report on:change:target=move |event| is_report.set(event.target().checked())
                        />
                        "With what I made of it"
                    </label>
                    <p class="lf-export__about" id="export-report">
                        "Bookmarks, projections written here, branches and this very view go with the whole log, in format Leftfold: who imports the file sees the same."
                    </p>
                </fieldset>
            </div>
            <footer class="lf-dialog__foot">
                <span class="lf-grow lf-muted">
                    {move || if app.exporting.with(Option::is_some) {
                        "Another export is under way."
                    } else {
                        "As stored: upcasters have no say in it."
                    }}
                </span>
                <button
                    type="button" class="lf-btn lf-btn--primary" autofocus
                    disabled=move || app.exporting.with(Option::is_some) || app.head.get() == Position::ZERO || !is_known()
                    on:click=run
                >
                    {move || format!("Export {}", format::counted(count(), "event"))}
                </button>
            </footer>
        </Dialog>
    }
}
