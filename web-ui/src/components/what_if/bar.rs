//! The bar of a branch: which one, where it leaves the log, and what can be done with it.

use leptos::prelude::*;

use crate::components::controls::{icon, sized_icon};
use crate::model::format;
use crate::state::{App, WhatIfForm};

/// The bar.
#[component]
pub(super) fn Bar() -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    let name = Memo::new(move |_| desk.branch.with(|branch| branch.as_ref().map(|branch| branch.name().to_owned())));
    let names = Memo::new(move |_| {
        desk.all.with(|all| all.all().iter().map(|branch| branch.name().to_owned()).collect::<Vec<_>>())
    });
    let fork = Memo::new(move |_| desk.branch.with(|branch| branch.as_ref().map(|branch| branch.fork())));
    let reruns = Memo::new(move |_| desk.branch.with(|branch| branch.as_ref().is_some_and(|branch| branch.reruns)));
    let knows = Memo::new(move |_| desk.knows_commands(app));
    let is_deciding = Memo::new(move |_| desk.is_deciding(app));
    let failure = Memo::new(move |_| desk.rerun_failure(app));
    let until = Memo::new(move |_| desk.decided_until(app));
    let tally = move || {
        let changes = desk.arrangement.with(|all| all.as_ref().map_or(0, |all| all.change_count()));
        let mut parts = vec![format::counted(changes as u64, "change")];
        let outcome = desk.outcome.get();
        if is_deciding.get() {
            parts.push("deciding commands…".to_owned());
        } else if let Some(failure) = failure.get() {
            parts.push(format!("commands cannot be re-run: {}", failure.trouble.message));
        } else if reruns.get() && knows.get() {
            parts.push(format!("{} re-run", format::counted(outcome.decided, "command")));
            parts.push(format!("{} rejected", format::grouped(outcome.refused.len() as u64)));
            if !outcome.unreached.is_empty() {
                parts.push(format!("{} not reached", format::grouped(outcome.unreached.len() as u64)));
            }
            parts.extend(until.get().map(|until| format!("up to {}", format::position(until))));
        }
        parts.join(" · ")
    };
    let has_outcome = Memo::new(move |_| desk.outcome.with(|outcome| !outcome.touched().is_empty()));
    let open = move |form: fn() -> WhatIfForm| move |_| desk.form.set(Some(form()));
    view! {
        <div class="lf-pagebar lf-whatif__bar">
            <h1 class="lf-vh">{move || format!("What-if branch {}", name.get().unwrap_or_default())}</h1>
            <span class="lf-fork"><i class="lf-lane-key lf-lane-key--main"></i>"main"</span>
            <span class="lf-muted lf-whatif__versus">"versus"</span>
            <label class="lf-select lf-whatif__which">
                <span class="lf-vh">"Branch"</span>
                <select class="lf-select__el lf-strong" prop:value=move || name.get().unwrap_or_default()
                    on:change:target=move |event| desk.choose(app, event.target().value())>
                    {move || names.get().into_iter().map(|own| {
                        let (value, key) = (own.clone(), own.clone());
                        view! { <option value=key selected=move || name.get().as_ref() == Some(&value)>{own}</option> }
                    }).collect_view()}
                </select>
                {icon("chevron-down")}
            </label>
            {move || fork.get().map(|fork| view! {
                <button type="button" class="lf-badge lf-badge--moment lf-whatif__fork" title="Go to the fork" on:click=move |_| app.jump_to(fork)>
                    {sized_icon("branch", 12)}{format!("Fork at {}", format::position(fork))}
                </button>
            })}
            <span class="lf-muted lf-whatif__counts" role="status" title=tally>{tally}</span>
            <Show when=move || failure.with(Option::is_some)>
                <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| desk.try_again()>"Try again"</button>
            </Show>
            <Show when=move || has_outcome.get()>
                <button type="button" class="lf-btn lf-btn--sm" on:click=open(|| WhatIfForm::Outcome)>{icon("rebuild")}"List them"</button>
            </Show>
            <div class="lf-grow"></div>
            <span class="lf-muted lf-row lf-whatif__lock" title="main is not changed">{icon("lock")}<span class="lf-whatif__words">"main is not changed"</span></span>
            <Show when=move || knows.get()>
                <label class="lf-switch">
                    <input type="checkbox" role="switch" prop:checked=move || reruns.get()
                        on:change:target=move |event| desk.set_reruns(app, event.target().checked()) />
                    "Re-run affected commands"
                </label>
            </Show>
            <div class="lf-row lf-whatif__acts">
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Undo change" title="Undo change  Ctrl Z"
                    aria-disabled=move || (!desk.can.get().0).then_some("true") on:click=move |_| { desk.undo(app); }>{icon("undo")}</button>
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Redo change" title="Redo change  Ctrl Y"
                    aria-disabled=move || (!desk.can.get().1).then_some("true") on:click=move |_| { desk.redo(app); }>{icon("redo")}</button>
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Rename branch" title="Rename branch"
                    on:click=open(|| WhatIfForm::Rename)>{icon("edit")}</button>
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="New branch at the cursor" title="New branch at the cursor"
                    on:click=move |_| desk.ask_for_name(app)>{icon("plus")}</button>
                <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Branch from a file" title="Branch from a file"
                    on:click=open(|| WhatIfForm::TakeIn)>{icon("import")}</button>
                <button type="button" class="lf-btn" title="Export branch" on:click=open(|| WhatIfForm::Export)>{icon("export")}<span class="lf-whatif__words">"Export branch"</span></button>
                <button type="button" class="lf-btn lf-btn--danger" title="Delete branch" on:click=move |_| desk.delete(app)>{icon("trash")}<span class="lf-whatif__words">"Delete branch"</span></button>
            </div>
        </div>
    }
}
