//! What was issued in this tab, the newest first.

use std::sync::Arc;

use leptos::prelude::*;

use super::outcome::EventLinks;
use crate::model::format;
use crate::sample::commands::IssueError;
use crate::state::{App, CommandOutcome};

/// The list.
#[component]
pub(super) fn History() -> impl IntoView {
    let history = App::get().desk.history;
    let count = Memo::new(move |_| history.with(|history| history.len() as u64));
    view! {
        <aside class="lf-pane" aria-labelledby="issued-title">
            <div class="lf-pane__head">
                <h2 class="lf-pane__title" id="issued-title">"Issued in this tab"</h2>
                <span class="lf-grow"></span>
                <span class="lf-muted">{move || format::counted(count.get(), "command")}</span>
            </div>
            <Show when=move || count.get() == 0>
                <p class="lf-history__none">"Nothing yet. A command that is issued is listed here, with what became of it."</p>
            </Show>
            <ol class="lf-history lf-scroll" tabindex="0" aria-label="Issued commands" hidden=move || count.get() == 0>
                <For each=move || history.get() key=|outcome| outcome.number children=entry />
            </ol>
        </aside>
    }
}

fn entry(outcome: Arc<CommandOutcome>) -> impl IntoView {
    let (class, word) = match &outcome.result {
        Ok(_) => ("lf-badge lf-badge--ok", "Accepted"),
        Err(IssueError::Rejected { .. }) => ("lf-badge lf-badge--warn", "Rejected"),
        Err(IssueError::Conflict { .. }) => ("lf-badge lf-badge--danger", "Conflict"),
        Err(_) => ("lf-badge lf-badge--danger", "Failed"),
    };
    let result = match &outcome.result {
        Ok(issued) if issued.events.is_empty() => view! { <p class="lf-muted">"Nothing to do"</p> }.into_any(),
        Ok(issued) => view! { <EventLinks issued=issued.clone() /> }.into_any(),
        Err(error) => view! { <p class="lf-history__why">{error.to_string()}</p> }.into_any(),
    };
    let command_id = outcome.command_id.to_string();
    view! {
        <li class="lf-history__item">
            <div class="lf-row">
                <strong class="lf-strong">{outcome.label}</strong>
                <span class=class>{word}</span>
                <span class="lf-grow"></span>
                <span class="lf-mono lf-muted">{format::clock(outcome.at)}</span>
            </div>
            <p class="lf-history__on lf-clip">
                <span class="lf-mono">{outcome.stream.to_string()}</span>
                {format!(" at version {}", format::grouped(outcome.decided.get()))}
            </p>
            {result}
            <p class="lf-history__id lf-mono lf-clip" title=command_id.clone()><span class="lf-vh">"Command id "</span>{command_id.clone()}</p>
        </li>
    }
}
