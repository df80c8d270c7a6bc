//! What would have happened otherwise: a branch beside the log, which stays as it is.

mod bar;
mod dialogs;
mod edit;
mod export;
mod insert;
mod issue;
mod outcome;
mod row;
mod rows;
mod side;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::controls::{Segmented, icon};
use crate::model::format;
use crate::state::browser::is_typing;
use crate::state::{App, BranchView, WhatIfForm, is_undo, target_of};

use bar::Bar;
pub(crate) use dialogs::Dialogs as WhatIfDialogs;
use rows::{LIST, Rows, hold_focus};
use side::Side;

/// The page.
#[component]
pub(crate) fn WhatIf() -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    Effect::new(move |_| desk.want_rerun(app));
    Effect::new(move |_| desk.want_sides(app));
    let has_branch = Memo::new(move |_| desk.branch.with(Option::is_some));
    let press = move |event: KeyboardEvent| {
        if app.dialogs.get_untracked() > 0 || is_typing(&event) {
            return;
        }
        let with_control = event.ctrl_key() || event.meta_key();
        let key = event.key();
        let redoes = with_control
            && !event.alt_key()
            && ((event.shift_key() && key.eq_ignore_ascii_case("z"))
                || (!event.shift_key() && key.eq_ignore_ascii_case("y")));
        let undoes = is_undo(&event);
        if !undoes && !redoes {
            return;
        }
        // What is undone may be the place of the row that has the focus.
        let in_rows = target_of(&event)
            .is_some_and(|target| target.closest(&format!("#{LIST}")).is_ok_and(|list| list.is_some()));
        if in_rows {
            hold_focus(app);
        }
        let is_done = if undoes { desk.undo(app) } else { desk.redo(app) };
        if is_done {
            event.prevent_default();
        }
        if in_rows && desk.goal.with_untracked(Option::is_none) {
            desk.goal.set(desk.picked.get_untracked());
        }
    };
    let views = vec![(BranchView::Events, "Events".to_owned()), (BranchView::State, "State".to_owned())];
    let view = move || match desk.view.get() {
        BranchView::Events => "events",
        BranchView::State => "state",
    };
    view! {
        <div class="lf-main lf-main--whatif" id="main" role=app.root.main_role() data-view=view on:keydown=press>
            {move || if has_branch.get() {
                let views = views.clone();
                view! {
                    <Bar />
                    <div class="lf-viewswitch">
                        <Segmented label="View" options=views value=desk.view on_choose=move |view| desk.view.set(view) fills=true />
                    </div>
                    <Rows /><Side />
                }.into_any()
            } else {
                view! { <NoBranch /> }.into_any()
            }}
        </div>
    }
}

/// What to do while there is none.
#[component]
fn NoBranch() -> impl IntoView {
    let app = App::get();
    let fork = move |_| app.what_if.ask_for_name(app);
    view! {
        <section class="lf-pane lf-whatif__none lf-scroll" aria-labelledby="whatif-none">
            <h1 class="lf-first__title" id="whatif-none">"What if it had gone otherwise?"</h1>
            <p>
                "A branch leaves the log at the cursor. On it, events can be skipped, edited, moved and inserted, and every state is seen beside that of main."
            </p>
            <p class="lf-row lf-muted">{icon("lock")}"main is not changed: a branch is kept in this browser, apart from the log."</p>
            <div class="lf-row lf-whatif__none-acts">
                <button type="button" class="lf-btn lf-btn--primary lf-btn--lg" on:click=fork>
                    {icon("branch")}{move || format!("Fork at {}", format::position(app.follows.details.get()))}
                </button>
                <button type="button" class="lf-btn lf-btn--lg" on:click=move |_| app.what_if.form.set(Some(WhatIfForm::TakeIn))>
                    {icon("import")}"From a file…"
                </button>
            </div>
        </section>
    }
}
