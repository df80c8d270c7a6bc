//! What became of the commands behind the events of a branch: those that are rejected now, with why, and what follows from them.

use leptos::prelude::*;

use super::dialogs::Head;
use crate::components::dialog::Dialog;
use crate::model::branch::EventRef;
use crate::model::format;
use crate::state::{App, WhatIfDesk};

/// The most that are listed; the rest is found in the rows.
const MOST_LISTED: usize = 200;

/// The list.
#[component]
pub(super) fn OutcomeDialog() -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    let outcome = desk.outcome.get_untracked();
    let go = move |event: EventRef| {
        desk.form.set(None);
        desk.pick(app, event);
        desk.goal.set(Some(event));
    };
    let item = move |event: EventRef, said: String| {
        let kind = match event {
            EventRef::Stored(position) => {
                app.row(position).map(|row| format!("{} {}", format::position(position), row.event_type))
            }
            EventRef::New(_) => None,
        };
        let name = kind.unwrap_or_else(|| WhatIfDesk::name_of(event));
        view! {
            <li class="lf-whatif__said">
                <button type="button" class="lf-btn lf-btn--sm lf-mono" on:click=move |_| go(event)>{name}</button>
                <span>{said}</span>
            </li>
        }
    };
    let refused: Vec<_> = outcome
        .refused
        .iter()
        .map(|(event, refused)| (*event, format!("{}: {}", refused.command, refused.reason)))
        .collect();
    let unreached: Vec<_> = outcome
        .unreached
        .iter()
        .map(|(event, cause)| (*event, format!("follows from {}, which does not happen", WhatIfDesk::name_of(*cause))))
        .collect();
    let redecided: Vec<_> = outcome
        .redecided
        .iter()
        .map(|(event, redecided)| (*event, format!("{} comes to other data", redecided.command)))
        .collect();
    let part = move |title: &'static str, all: Vec<(EventRef, String)>| {
        (!all.is_empty()).then(|| {
            let count = all.len();
            let more = count.saturating_sub(MOST_LISTED);
            view! {
                <h3 class="lf-whatif__part">{format!("{title}: {}", format::grouped(count as u64))}</h3>
                <ul class="lf-whatif__list" aria-label=title>
                    {all.into_iter().take(MOST_LISTED).map(|(event, said)| item(event, said)).collect_view()}
                </ul>
                {(more > 0).then(|| view! { <p class="lf-help">{format!("and {} more, in the rows", format::grouped(more as u64))}</p> })}
            }
        })
    };
    view! {
        <Dialog labelled_by="whatif-outcome" on_close=move || desk.form.set(None) class="lf-whatif__form">
            <Head id="whatif-outcome" title="Commands on this branch".to_owned() />
            <div class="lf-dialog__body lf-dialog__pad lf-scroll">
                <p class="lf-help">{format!("{} decided anew.", format::counted(outcome.decided, "command"))}</p>
                {part("Would now be rejected", refused)}
                {part("Not reached", unreached)}
                {part("Decided otherwise", redecided)}
            </div>
        </Dialog>
    }
}
