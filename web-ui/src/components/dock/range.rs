//! Buttons of the cursors A and B and of the loop between them.

use leptos::prelude::*;

use super::cursors::Which;
use crate::components::controls::{icon, sized_icon};
use crate::model::format;
use crate::model::timeline::{Command, Timeline};
use crate::state::App;

/// Set A, set B, loop, clear.
#[component]
pub(super) fn RangeButtons() -> impl IntoView {
    let app = App::get();
    let is_looping = Memo::new(move |_| app.timeline.with(Timeline::is_looping));
    let range = Memo::new(move |_| app.timeline.with(Timeline::range));
    let has_any = Memo::new(move |_| app.timeline.with(|t| t.cursor_a().is_some() || t.cursor_b().is_some()));
    let setter = move |which: Which, key: &'static str| {
        let at = Memo::new(move |_| app.timeline.with(|timeline| which.of(timeline)));
        let label = format!("Set cursor {}", which.letter());
        let title = move || {
            let now = at.get().map(|at| format!(", now {}", format::position(at))).unwrap_or_default();
            format!("Set cursor {} at the playhead{now} ({key})", which.letter())
        };
        let is_b = which == Which::B;
        view! {
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost lf-setter"
                class:lf-setter--b=is_b
                data-set=move || at.get().is_some().then_some("")
                aria-label=label
                title=title
                aria-keyshortcuts=key
                on:click=move |_| app.send(which.set(Some(app.cursor.get_untracked())))
            >
                {which.letter()}
            </button>
        }
    };
    let loop_title = move || match range.get() {
        Some((from, to)) => format!("Loop between {} and {}", format::position(from), format::position(to)),
        None => "Loop between the cursors A and B, once both are set".to_owned(),
    };
    view! {
        <div class="lf-transport__group">
            {setter(Which::A, "A")}
            {setter(Which::B, "Shift+A")}
            <button
                type="button"
                class="lf-btn"
                aria-label="Loop A–B"
                title=loop_title
                aria-pressed=move || is_looping.get().to_string()
                on:click=move |_| app.send(Command::SetLooping(!is_looping.get_untracked()))
            >
                {icon("loop")}
                <span class="lf-hide-lg">"Loop A–B"</span>
            </button>
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost"
                aria-label="Clear A and B"
                title="Clear A and B"
                disabled=move || !has_any.get()
                on:click=move |_| app.send(Command::ClearRange)
            >
                {sized_icon("x", 12)}
            </button>
        </div>
    }
}
