//! The dialog of the history breakpoint: an expression, and whose state it is over.

mod strip;

use leptos::prelude::*;

use super::controls::{icon, sized_icon};
use super::dialog::Dialog;
use crate::model::breakpoint::{Breakpoint, LONGEST, Over};
use crate::state::App;

pub(crate) use strip::BreakpointStrip;

/// The dialog.
#[component]
pub(crate) fn BreakpointDialog() -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
    let before = app.breakpoint.set.get_untracked();
    let is_set = before.is_some();
    let names =
        app.texts.all.with_untracked(|texts| texts.all().iter().map(|text| text.name.clone()).collect::<Vec<_>>());
    // Where there is no other, what a person has written comes first.
    let first = names.first().cloned().map_or(Over::Event, Over::Projection);
    let (over, expression) = before.map_or((first, String::new()), |it| (it.over, it.expression));
    let over = RwSignal::new(over);
    let expression = RwSignal::new(expression);
    let is_wrong = RwSignal::new(false);
    let set = move || {
        let expression = expression.get_untracked().trim().to_owned();
        // The address counts bytes, the field letters.
        if expression.is_empty() || expression.len() > LONGEST {
            is_wrong.set(true);
            return;
        }
        app.set_breakpoint(Some(Breakpoint { over: over.get_untracked(), expression }));
        close();
    };
    let option = move |of: Over, label: String| {
        let (key, is_chosen) = (of.key(), over.with_untracked(|over| *over == of));
        view! { <option value=key selected=is_chosen>{label}</option> }
    };
    let kind = app.row(app.cursor.get_untracked()).map(|row| row.event_type.to_string()).unwrap_or_default();
    let example = move || match over.get() {
        Over::Event => format!("event.eventType === '{kind}'"),
        Over::Stream => "state.status === 'declined'".to_owned(),
        Over::Projection(_) => "state.units < 0".to_owned(),
    };
    view! {
        <Dialog labelled_by="breakpoint-title" on_close=close is_small=true>
            <form
                class="lf-break"
                on:submit=move |event| {
                    event.prevent_default();
                    set();
                }
            >
                <header class="lf-dialog__head">
                    <h2 class="lf-dialog__title lf-grow" id="breakpoint-title">"History breakpoint"</h2>
                    <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| close()>
                        {sized_icon("x", 16)}
                    </button>
                </header>
                <div class="lf-dialog__body lf-scroll">
                    <p class="lf-break__what">"Every event of the log after which the expression is true gets a mark, and playing stops at it."</p>
                    <label class="lf-label" for="breakpoint-over">"State of"</label>
                    <span class="lf-select lf-break__over">
                        <select
                            class="lf-select__el" id="breakpoint-over"
                            on:change:target=move |event| {
                                if let Some(chosen) = Over::of_key(&event.target().value()) {
                                    over.set(chosen);
                                }
                            }
                        >
                            {(!names.is_empty()).then(|| view! {
                                <optgroup label="Projections of this page">
                                    {names.into_iter().map(|name| option(Over::Projection(name.clone()), name)).collect_view()}
                                </optgroup>
                            })}
                            <optgroup label="Any log">
                                {option(Over::Stream, "The event's stream: its payloads, merged".to_owned())}
                                {option(Over::Event, "Nothing: the event alone".to_owned())}
                            </optgroup>
                        </select>
                        {icon("chevron-down")}
                    </span>
                    <label class="lf-label" for="breakpoint-expression">"Expression"</label>
                    <textarea
                        class="lf-break__text lf-mono" id="breakpoint-expression" rows="3" spellcheck="false" autocomplete="off" autofocus
                        maxlength=LONGEST.to_string()
                        aria-describedby="breakpoint-help" aria-invalid=move || is_wrong.get().to_string()
                        placeholder=example
                        prop:value=expression
                        on:input:target=move |event| { is_wrong.set(false); expression.set(event.target().value()); }
                        on:keydown=move |event| {
                            if event.key() == "Enter" && !event.shift_key() {
                                event.prevent_default();
                                set();
                            }
                        }
                    ></textarea>
                    <p class="lf-help lf-help--error" role="alert" hidden=move || !is_wrong.get()>
                        {move || if expression.with(|text| text.trim().is_empty()) {
                            "Write an expression, such as the one in the field.".to_owned()
                        } else {
                            format!("The expression has more than {LONGEST} bytes, which is more than an address has room for.")
                        }}
                    </p>
                    <p class="lf-help" id="breakpoint-help">
                        "JavaScript that is true or false. "<code>"state"</code>" is the state after the event, "<code>"event"</code>
                        " has "<code>"eventType"</code>", "<code>"streamId"</code>", "<code>"sequenceNumber"</code>", "<code>"eventId"</code>", "
                        <code>"data"</code>", "<code>"metadata"</code>" and "<code>"created"</code>". The projections to choose from are those that are written on the Projections page. Where there is a state, events \
                        that it leaves out are not looked at, nor are those that are not JSON."
                    </p>
                </div>
                <footer class="lf-dialog__foot">
                    <Show when=move || is_set>
                        <button
                            type="button" class="lf-btn lf-btn--danger"
                            on:click=move |_| { app.set_breakpoint(None); close(); }
                        >"Remove"</button>
                    </Show>
                    <div class="lf-grow"></div>
                    <button type="button" class="lf-btn" on:click=move |_| close()>"Cancel"</button>
                    <button type="submit" class="lf-btn lf-btn--primary">"Find hits"</button>
                </footer>
            </form>
        </Dialog>
    }
}
