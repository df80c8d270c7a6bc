//! Why there is nothing to see, and where.

use leftfold_core::Position;
use leptos::prelude::*;

use crate::components::controls::icon;
use crate::model::format;
use crate::state::{App, Failure};

/// A failure with its code, the way to the event that it names, and another try, unless it can only fail again.
#[component]
pub(crate) fn Failed(failure: Failure, #[prop(optional)] is_final: bool) -> impl IntoView {
    let app = App::get();
    view! {
        <div class="lf-insp__failed" role="alert">
            <p class="lf-insp__failed-what">{icon("error")}<span>{failure.trouble.message}</span></p>
            <p class="lf-mono lf-muted">{failure.trouble.code}</p>
            <div class="lf-insp__empty-acts">
                {(!is_final).then(|| view! {
                    <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| app.try_again()>"Try again"</button>
                })}
                {failure.at.map(|at| view! {
                    <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| visit(app, at)>
                        {format!("Go to event {}", format::position(at))}
                    </button>
                })}
            </div>
        </div>
    }
}

/// Nothing is there: what is absent, and the next step.
#[component]
pub(crate) fn Nothing(#[prop(into)] title: String, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <div class="lf-insp__empty">
            <p class="lf-insp__empty-title">{title}</p>
            <p>{text}</p>
        </div>
    }
}

/// Goes to an event that is known to be there.
pub(super) fn visit(app: App, at: Position) {
    // An event never leaves the log; a store that was left meanwhile has nothing to go to.
    let _ = app.go_to(at);
}

/// The colour and shape of an event's type and category, and its type.
#[derive(Clone, PartialEq)]
pub(super) struct Sign {
    pub(super) colour: String,
    pub(super) shape: &'static str,
    pub(super) event_type: String,
}

impl Sign {
    /// The sign of the event at a position.
    pub(super) fn of(app: App, at: Position) -> Option<Self> {
        let row = app.row(at)?;
        let colour = app.with_log(|log| log.type_index_of(at)).flatten().map(crate::state::colour_class)?;
        let shape = app.facets.with_untracked(|facets| facets.shape_of(row.stream.category()));
        Some(Self { colour, shape, event_type: row.event_type.to_string() })
    }
}
