//! The inspector: the event at the cursor, state as it stood there, the difference between two moments, and who wrote what.

mod blame_tab;
mod causes;
mod copy;
mod diff_tab;
mod event_tab;
mod field_history;
mod payload;
mod state_tab;
mod table;
mod trouble;
mod whose;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::controls::{focus_sibling, icon, roved};
use crate::model::format;
use crate::model::place::{InspectorTab, View};
use crate::state::App;
use blame_tab::BlameTab;
use diff_tab::DiffTab;
use event_tab::EventTab;
use state_tab::StateTab;
pub(crate) use table::Rows;
use trouble::Sign;
pub(crate) use trouble::{Failed, Nothing};
pub(crate) use whose::Whose;

/// The inspector.
#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let app = App::get();
    let row = Memo::new(move |_| app.row(app.follows.details.get()));
    let changed = Memo::new(move |_| {
        let shown = app.state_views.at_cursor.shown();
        let value = shown.and_then(|shown| shown.answer.ok()?.value.clone());
        value.map_or(0, |value| value.changes.tally().total())
    });
    // Folded while somebody looks: on a narrow page only when the inspector is the pane that shows.
    Effect::new(move |_| {
        if is_in_view(app) {
            app.state_views.want(app);
        }
    });
    Effect::new(move |_| {
        let at = app.follows.details.get();
        if is_in_view(app) && at.get() > 0 {
            app.payloads.want_one(app, at);
        }
    });
    let press = move |event: KeyboardEvent| {
        let all = InspectorTab::ALL;
        let now = all.iter().position(|one| *one == app.tab.get_untracked()).unwrap_or(0);
        if let Some(next) = roved(&event, now, all.len()) {
            event.prevent_default();
            app.tab.set(all[next]);
            focus_sibling(&event, next);
        }
    };
    let is_selected = move |one: InspectorTab| app.tab.get() == one;
    let tab = move |one: InspectorTab| {
        let key = one.key();
        view! {
            <button
                type="button" class="lf-tab" role="tab" id=format!("t-{key}") aria-controls=format!("p-{key}")
                aria-selected=move || is_selected(one).to_string()
                tabindex=move || if is_selected(one) { "0" } else { "-1" }
                on:click=move |_| app.tab.set(one)
            >
                {one.title()}
                {(one == InspectorTab::State).then(|| view! {
                    <span
                        class="lf-tab__n"
                        title="Changed paths"
                        data-none=move || (changed.get() == 0).then_some("")
                        style=move || format!("--ch:{}", changed.get().to_string().len())
                    >
                        <span class="lf-apart">{changed}</span>
                    </span>
                })}
            </button>
        }
    };
    let panel = move |one: InspectorTab| {
        let key = one.key();
        let content = move || {
            is_selected(one).then(|| match one {
                InspectorTab::Event => view! { <EventTab row=row /> }.into_any(),
                InspectorTab::State => view! { <StateTab /> }.into_any(),
                InspectorTab::Diff => view! { <DiffTab /> }.into_any(),
                InspectorTab::Blame => view! { <BlameTab /> }.into_any(),
            })
        };
        view! {
            <div class="lf-insp__panel" role="tabpanel" id=format!("p-{key}") aria-labelledby=format!("t-{key}")
                hidden=move || !is_selected(one)>
                {content}
            </div>
        }
    };
    let sign = Memo::new(move |_| Sign::of(app, app.follows.details.get()));
    let swatch =
        move || sign.get().map(|sign| view! { <i class=format!("lf-sw {}", sign.colour) data-shape=sign.shape></i> });
    let room = move || format!("--ch:{}", format::position(app.head.get()).len());
    let text =
        move |of: fn(&leftfold_core::Row) -> String| move || row.with(|row| row.as_ref().map(of).unwrap_or_default());
    view! {
        <section class="lf-insp lf-pane" aria-label="Inspector">
            <div class="lf-insp__head" data-after="#show-inspector">
                <span class="lf-insp__sign"><span class="lf-apart">{swatch}</span></span>
                <h2 class="lf-insp__title"><span class="lf-clip lf-apart">{text(|row| row.event_type.to_string())}</span></h2>
                <div class="lf-insp__acts">
                    {app.root.is_page().then(|| view! {
                        <button
                            type="button"
                            class="lf-btn lf-btn--icon lf-btn--ghost lf-btn--sm"
                            aria-label="Copy link to this moment"
                            title="Copy link to this moment"
                            on:click=move |_| app.copy_link()
                        >
                            {icon("link")}
                        </button>
                    })}
                    <button
                        type="button"
                        class="lf-btn lf-btn--icon lf-btn--ghost lf-btn--sm"
                        aria-label="What if: branch from this event"
                        title="What if: branch from this event"
                        on:click=move |_| app.what_if.ask_for_name(app)
                    >
                        {icon("branch")}
                    </button>
                    <button
                        type="button"
                        class="lf-btn lf-btn--icon lf-btn--ghost lf-btn--sm"
                        aria-label="Close inspector"
                        title="Close inspector"
                        on:click=move |_| if app.is_narrow.get_untracked() { app.view.set(View::Log) } else { app.has_inspector.set(false) }
                    >
                        {icon("x")}
                    </button>
                </div>
                // What is of no fixed length comes last.
                <div class="lf-insp__sub lf-mono">
                    <div class="lf-insp__line lf-apart">
                        <span class="lf-insp__at" style=room>{text(|row| format::position(row.position))}</span>
                        <span>{text(|row| format::clock(row.time))}</span>
                        <span class="lf-clip">{text(|row| format!("{}@{}", row.stream, row.version))}</span>
                    </div>
                </div>
            </div>
            <div class="lf-tabs" role="tablist" aria-label="Inspector" on:keydown=press>
                {InspectorTab::ALL.map(tab).collect_view()}
            </div>
            {InspectorTab::ALL.map(panel).collect_view()}
        </section>
    }
}

/// Whether somebody can see it; follows changes.
fn is_in_view(app: App) -> bool {
    let (view, has_inspector) = (app.view.get(), app.has_inspector.get());
    if app.is_narrow.get() { view == View::Inspect } else { has_inspector }
}
