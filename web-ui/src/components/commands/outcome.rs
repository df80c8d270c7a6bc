//! What became of the command that was issued last.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;

use crate::components::controls::icon;
use crate::components::event_log::CURRENT_ROW;
use crate::model::format;
use crate::sample::commands::{IssueError, Issued};
use crate::state::{App, CommandOutcome};

/// The last outcome, as what it is: accepted, refused by the domain, in conflict, or an error.
#[component]
pub(super) fn OutcomeView() -> impl IntoView {
    let app = App::get();
    let outcome = app.desk.outcome;
    view! { <div class="lf-command__outcome" aria-live="polite">{move || outcome.get().map(|outcome| shown(app, &outcome))}</div> }
}

fn shown(app: App, outcome: &Arc<CommandOutcome>) -> AnyView {
    let desk = app.desk;
    let stream = outcome.stream.to_string();
    match &outcome.result {
        Ok(issued) => {
            let title = match (issued.events.len() as u64, issued.duplicate) {
                (0, _) => "Accepted: there was nothing to do".to_owned(),
                (count, true) => format!("Accepted before: {} of this command stand there", format::counted(count, "event")),
                (count, false) => format!("Accepted: {} appended", format::counted(count, "event")),
            };
            view! {
                <section class="lf-verdict lf-verdict--ok" aria-label="Outcome">
                    {icon("ok")}
                    <div>
                        <p class="lf-verdict__title">{title}</p>
                        <p>{format!("{stream} is at version {} now.", format::grouped(issued.loaded.version.get()))}</p>
                        <EventLinks issued=issued.clone() />
                    </div>
                </section>
            }
            .into_any()
        }
        Err(IssueError::Rejected { reason }) => view! {
            <section class="lf-verdict lf-verdict--warn" aria-label="Outcome">
                {icon("minus")}
                <div>
                    <p class="lf-verdict__title">{format!("Rejected: {reason}")}</p>
                    <p>"A rule of the domain said no; nothing was stored. What you typed is still here."</p>
                </div>
            </section>
        }
        .into_any(),
        Err(IssueError::Conflict { decided, actual }) => {
            let (decided, actual) = (format::grouped(decided.get()), format::grouped(actual.get()));
            view! {
                <section class="lf-verdict lf-verdict--danger" aria-label="Outcome">
                    {icon("error")}
                    <div>
                        <p class="lf-verdict__title">{format!("Version conflict: the stream is at version {actual}, you decided at {decided}")}</p>
                        <p>{format!("Somebody appended to {stream} meanwhile; nothing of yours was stored. What you typed is still here.")}</p>
                        <p class="lf-verdict__acts" data-after=".lf-command [type=submit]">
                            <button type="button" class="lf-btn lf-btn--primary lf-btn--sm" on:click=move |_| desk.load_again(app, true)>
                                {icon("rebuild")}"Load again and retry"
                            </button>
                            <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| desk.load_again(app, false)>"Load again"</button>
                            <span class="lf-mono lf-muted">"wrong-expected-version"</span>
                        </p>
                    </div>
                </section>
            }
            .into_any()
        }
        Err(error) => view! {
            <section class="lf-verdict lf-verdict--danger" role="alert" aria-label="Outcome">
                {icon("error")}
                <div>
                    <p class="lf-verdict__title">"The command could not be issued"</p>
                    <p>{error.to_string()}</p>
                    <p class="lf-verdict__acts" data-after=".lf-command [type=submit]">
                        <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| desk.issue(app)>"Try again"</button>
                        <span class="lf-mono lf-muted">{error.code()}</span>
                    </p>
                </div>
            </section>
        }
        .into_any(),
    }
}

/// The events of a command, each a way to its place in the log.
#[component]
pub(super) fn EventLinks(issued: Issued) -> impl IntoView {
    let app = App::get();
    let link = move |(position, kind): (Position, String)| {
        view! {
            <li>
                <button type="button" class="lf-btn lf-btn--link" on:click=move |_| app.open_in_debugger(position)>
                    <span class="lf-mono">{format::position(position)}</span>" "{kind}
                </button>
            </li>
        }
    };
    view! { <ul class="lf-verdict__events" data-after=CURRENT_ROW>{issued.events.into_iter().map(link).collect_view()}</ul> }
}
