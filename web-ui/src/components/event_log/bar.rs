//! The bar above the log: search, rules of the filter, count, follow, columns.

use leptos::prelude::*;

use super::announcer::CountAnnouncer;
use super::columns_menu::ColumnsMenu;
use super::find::Find;
use super::follow::Following;
use crate::components::controls::{icon, sized_icon};
use crate::model::columns::Columns;
use crate::model::filter::{Facet, Rule};
use crate::model::format;
use crate::model::timeline::Timeline;
use crate::state::{App, Overlay};

/// The bar.
#[component]
pub(super) fn Bar(following: Following, columns: RwSignal<Columns>) -> impl IntoView {
    let app = App::get();
    let shown = Memo::new(move |_| app.filtered.with(|filtered| (filtered.rows.len(), filtered.is_settled)));
    let count = move || match (shown.get(), app.head.get().get()) {
        ((_, false), _) => "Filtering…".to_owned(),
        ((shown, true), head) if shown == head => format::counted(head, "event"),
        ((shown, true), head) => format!("{} of {}", format::grouped(shown), format::grouped(head)),
    };
    view! {
        <div class="lf-log__bar">
            <Find />
            <Chips />
            <RangeChip />
            <OnlyChip />
            <div class="lf-grow lf-hide-sm"></div>
            <span class="lf-log__count">{count}</span>
            <CountAnnouncer />
            <label class="lf-switch" title="Keep the playhead in view">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=following.is_on
                    on:change:target=move |event| following.set(app, event.target().checked())
                />
                "Follow"
            </label>
            <button
                type="button" class="lf-btn lf-btn--ghost lf-btn--icon" id="breakpoint" aria-haspopup="dialog"
                aria-label="History breakpoint" title="History breakpoint: mark every event after which an expression is true"
                on:click=move |_| app.overlay.set(Some(Overlay::Breakpoint))
            >
                {icon("breakpoint")}
            </button>
            <ColumnsMenu columns=columns />
            <Show when=move || !app.has_inspector.get()>
                <button
                    type="button"
                    class="lf-btn lf-hide-sm"
                    id="show-inspector"
                    data-after=".lf-insp [role=tab][aria-selected=true]"
                    on:click=move |_| app.has_inspector.set(true)
                >
                    "Show inspector"
                </button>
            </Show>
        </div>
    }
}

/// While A and B are set: whether only what lies between them is listed.
#[component]
fn RangeChip() -> impl IntoView {
    let app = App::get();
    let range = Memo::new(move |_| app.timeline.with(Timeline::range));
    let title = move || {
        range.get().map(|(from, to)| {
            format!("List only the events from A to B, {} to {}", format::position(from), format::position(to))
        })
    };
    view! {
        <Show when=move || range.get().is_some()>
            <button
                type="button"
                class="lf-btn lf-btn--sm lf-log__range"
                aria-pressed=move || app.only_range.get().to_string()
                title=title
                on:click=move |_| app.toggle_range_alone()
            >
                "Only A–B"
            </button>
        </Show>
    }
}

/// What the events that are shown alone have in common, to take away.
#[component]
fn OnlyChip() -> impl IntoView {
    let app = App::get();
    let words = Memo::new(move |_| app.only_these_in_words());
    let chip = move |words: &'static str| {
        view! {
            <span class="lf-chip" data-after="#breakpoint">
                <span class="lf-clip">{format!("Only: {words}")}</span>
                <button
                    type="button" class="lf-chip__x" aria-label=format!("Remove filter: only {words}")
                    on:click=move |_| app.only_these.set(None)
                >
                    {sized_icon("x", 12)}
                </button>
            </span>
        }
    };
    view! { {move || words.get().map(chip)} }
}

/// The rules of the filter, each to take away.
#[component]
fn Chips() -> impl IntoView {
    let app = App::get();
    let rules = Memo::new(move |_| {
        app.filter
            .with(|filter| filter.rules().map(|(facet, name, rule)| (facet, name.to_owned(), rule)).collect::<Vec<_>>())
    });
    let chip = move |(facet, name, rule): (Facet, String, Rule)| {
        let verb = rule.verb();
        let removed = name.clone();
        view! {
            <span class="lf-chip" role="listitem">
                <span class="lf-clip">{format!("{verb}: {name}")}</span>
                <button
                    type="button"
                    class="lf-chip__x"
                    aria-label=format!("Remove filter: {} {name}", verb.to_lowercase())
                    on:click=move |_| app.remove_rule(facet, &removed)
                >
                    {sized_icon("x", 12)}
                </button>
            </span>
        }
    };
    view! {
        <Show when=move || rules.with(|rules| !rules.is_empty())>
            <div class="lf-log__chips" role="list" aria-label="Filters">
                <For each=move || rules.get() key=|(facet, name, rule)| (*facet, name.clone(), *rule == Rule::Only) children=chip />
            </div>
        </Show>
    }
}
