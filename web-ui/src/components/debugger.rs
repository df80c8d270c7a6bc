//! The debugger: filters, log and inspector.

use leptos::prelude::*;

use super::controls::Segmented;
use super::event_log::EventLog;
use super::in_turn::InTurn;
use super::inspector::Inspector;
use super::rail::Rail;
use crate::model::format;
use crate::model::place::View;
use crate::state::{App, Phase};

/// The panes of the debugger; a narrow page shows one at a time.
#[component]
pub(crate) fn Debugger() -> impl IntoView {
    let app = App::get();
    let view = move || match app.view.get() {
        View::Log => "log",
        View::Inspect => "inspect",
        View::Filters => "filters",
    };
    let inspector = move || (!app.has_inspector.get()).then_some("closed");
    let title = move || {
        let name = match app.phase.get() {
            Phase::Open { name } => name,
            _ => String::new(),
        };
        format!("Debugger: {name} at event {}", format::grouped(app.follows.details.get().get()))
    };
    let options = Signal::derive(move || {
        let rules = app.filter.with(|filter| filter.len());
        let filters = if rules == 0 { "Filters".to_owned() } else { format!("Filters · {rules}") };
        vec![(View::Log, "Log".to_owned()), (View::Inspect, "Inspector".to_owned()), (View::Filters, filters)]
    });
    view! {
        <div class="lf-main lf-main--debugger" id="main" role=app.root.main_role() data-view=view data-inspector=inspector>
            <h1 class="lf-vh">{title}</h1>
            <div class="lf-viewswitch">
                <Segmented label="View" options=options value=app.view on_choose=move |view| app.view.set(view) fills=true />
            </div>
            <InTurn turn=4 class="lf-rail lf-pane"><Rail /></InTurn>
            <EventLog />
            <InTurn turn=3 class="lf-insp lf-pane"><Inspector /></InTurn>
        </div>
    }
}
