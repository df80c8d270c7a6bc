//! The inspector: the event at the cursor, and state as it stood there.

mod event_tab;
mod state_tab;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::controls::{focus_sibling, icon, roved};
use crate::model::format;
use crate::model::place::InspectorTab as Tab;
use crate::state::{App, View};
use event_tab::EventTab;
use state_tab::StateTab;

const TABS: [Tab; 2] = [Tab::Event, Tab::State];

/// The inspector.
#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let app = App::get();
    let tab = app.tab;
    let row = Memo::new(move |_| app.row(app.cursor.get()));
    let changed = Memo::new(move |_| app.state_views.shown().map_or(0, |view| view.changes.tally().total()));
    // Folded while somebody looks: on a narrow page only when the inspector is the pane that shows.
    Effect::new(move |_| {
        app.cursor.track();
        app.state_of.track();
        app.view.track();
        if is_in_view(app) {
            app.state_views.refresh(app);
        }
    });
    Effect::new(move |_| {
        app.view.track();
        let at = app.cursor.get();
        if is_in_view(app) && at.get() > 0 {
            app.payloads.want_one(app, at);
        }
    });
    let press = move |event: KeyboardEvent| {
        let now = TABS.iter().position(|one| *one == tab.get_untracked()).unwrap_or(0);
        if let Some(next) = roved(&event.key(), now, TABS.len()) {
            event.prevent_default();
            tab.set(TABS[next]);
            focus_sibling(&event, next);
        }
    };
    let selected = move |one: Tab| move || (tab.get() == one).to_string();
    let index = move |one: Tab| move || if tab.get() == one { "0" } else { "-1" };
    let swatch = move || {
        row.with(|row| {
            let row = row.as_ref()?;
            let colour =
                app.with_log(|log| log.type_index_of(row.position)).flatten().map(crate::state::colour_class)?;
            let shape = app.facets.with(|facets| facets.shape_of(row.stream.category()));
            Some(view! { <i class=format!("lf-sw {colour}") data-shape=shape></i> })
        })
    };
    let text =
        move |of: fn(&leftfold_core::Row) -> String| move || row.with(|row| row.as_ref().map(of).unwrap_or_default());
    view! {
        <section class="lf-insp lf-pane" aria-label="Inspector">
            <div class="lf-insp__head">
                {swatch}
                <h2 class="lf-insp__title lf-clip">{text(|row| row.event_type.to_string())}</h2>
                <div class="lf-insp__acts">
                    <button
                        type="button"
                        class="lf-btn lf-btn--icon lf-btn--ghost lf-btn--sm"
                        aria-label="Copy link to this moment"
                        title="Copy link to this moment"
                        on:click=move |_| app.copy_link()
                    >
                        {icon("link")}
                    </button>
                </div>
                <div class="lf-insp__sub lf-mono">
                    <span>{text(|row| format::position(row.position))}</span>
                    <span class="lf-clip">{text(|row| format!("{}@{}", row.stream, row.version))}</span>
                    <span>{text(|row| format::clock(row.time))}</span>
                </div>
            </div>
            <div class="lf-tabs" role="tablist" aria-label="Inspector" on:keydown=press>
                <button type="button" class="lf-tab" role="tab" id="t-event" aria-controls="p-event"
                    aria-selected=selected(Tab::Event) tabindex=index(Tab::Event) on:click=move |_| tab.set(Tab::Event)>
                    "Event"
                </button>
                <button type="button" class="lf-tab" role="tab" id="t-state" aria-controls="p-state"
                    aria-selected=selected(Tab::State) tabindex=index(Tab::State) on:click=move |_| tab.set(Tab::State)>
                    "State"
                    <span class="lf-tab__n" title="Changed paths" hidden=move || changed.get() == 0>{move || changed.get()}</span>
                </button>
            </div>
            <div class="lf-insp__panel" role="tabpanel" id="p-event" aria-labelledby="t-event" hidden=move || tab.get() != Tab::Event>
                <Show when=move || tab.get() == Tab::Event><EventTab row=row /></Show>
            </div>
            <div class="lf-insp__panel" role="tabpanel" id="p-state" aria-labelledby="t-state" hidden=move || tab.get() != Tab::State>
                <Show when=move || tab.get() == Tab::State><StateTab row=row /></Show>
            </div>
        </section>
    }
}

fn is_in_view(app: App) -> bool {
    let is_narrow = window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width <= 900.0);
    !is_narrow || app.view.get_untracked() == View::Inspect
}
