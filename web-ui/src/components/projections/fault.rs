//! A projection that has stopped at an event, and the ways on.

use leftfold_core::{Position, ProjectionFailure};
use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::event_log::CURRENT_ROW;
use crate::model::format;
use crate::state::{App, CardState};

/// Where and why it stopped.
#[component]
pub(super) fn Fault(state: CardState) -> impl IntoView {
    let failure =
        Memo::new(move |_| state.status.with(|status| status.as_ref().and_then(|status| status.failure.clone())));
    let trouble = move || {
        let trouble = state.trouble.get().filter(|_| failure.with(Option::is_none))?;
        Some(view! {
            <div class="lf-fault" role="alert">
                <p class="lf-fault__title">"Its read model is not there"</p>
                <p class="lf-fault__msg">{trouble.message}</p>
                <p class="lf-muted lf-mono">{trouble.code}</p>
            </div>
        })
    };
    view! { {move || failure.get().map(|failure| view! { <Failure state=state failure=failure /> })} {trouble} }
}

#[component]
fn Failure(state: CardState, failure: ProjectionFailure) -> impl IntoView {
    let app = App::get();
    let position = failure.position;
    let is_asking = RwSignal::new(false);
    let stream = app.row(position).map(|row| format!(" · {}", row.stream)).unwrap_or_default();
    let last_good = format::position(Position::new(position.get().saturating_sub(1)));
    let note = move || {
        let is_before = state.shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.at == shown.wanted));
        let shown = if is_before { "" } else { " It is shown." };
        format!("The last good state is from {last_good}.{shown} Later events wait here until you choose.")
    };
    view! {
        <div class="lf-fault" role="alert">
            <p class="lf-fault__title">{format!("Stopped at {}", format::position(position))}</p>
            <p class="lf-fault__msg">{failure.message}</p>
            <p class="lf-muted lf-mono">{failure.event_type}{stream}" · projection-failed"</p>
        </div>
        <p class="lf-fault__note">{note}</p>
        <div class="lf-fault__acts">
            <button type="button" class="lf-btn lf-btn--primary lf-btn--sm" data-after=CURRENT_ROW on:click=move |_| app.open_in_debugger(position)>
                "Open in debugger"
            </button>
            <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| app.projections.retry(app, state, position)>"Retry"</button>
            <button type="button" class="lf-btn lf-btn--sm" aria-haspopup="dialog" on:click=move |_| is_asking.set(true)>"Skip event"</button>
        </div>
        <Show when=move || is_asking.get()>
            <SkipDialog state=state position=position on_close=move || is_asking.set(false) />
        </Show>
    }
}

/// Asks why an event is to be left out.
#[component]
fn SkipDialog<F>(state: CardState, position: Position, on_close: F) -> impl IntoView
where
    F: Fn() + Copy + Send + Sync + 'static,
{
    let app = App::get();
    let reason = RwSignal::new(String::new());
    let is_missing = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let reason = reason.get_untracked().trim().to_owned();
        if reason.is_empty() {
            is_missing.set(true);
            return;
        }
        on_close();
        app.projections.skip(app, state, position, reason);
    };
    view! {
        <Dialog labelled_by="skip-title" on_close=on_close is_small=true>
            <form class="lf-dialog__form" on:submit=submit novalidate>
                <header class="lf-dialog__head">
                    <h2 class="lf-dialog__title" id="skip-title">{format!("Skip {} in {}?", format::position(position), state.card.name)}</h2>
                </header>
                <div class="lf-dialog__body lf-dialog__pad">
                    <p>"This read model goes on without the event, and keeps a record that it does. The event stays in the log."</p>
                    <label class="lf-label lf-fault__reason" for="skip-reason">"Reason"</label>
                    <div class="lf-field" class:lf-field--invalid=move || is_missing.get()>
                        <input class="lf-field__input" id="skip-reason" autofocus autocomplete="off" maxlength="200"
                            aria-describedby="skip-help" aria-invalid=move || is_missing.get().then_some("true")
                            prop:value=reason
                            on:input:target=move |event| {
                                is_missing.set(false);
                                reason.set(event.target().value());
                            } />
                    </div>
                    <p class="lf-help" class:lf-help--error=move || is_missing.get() id="skip-help">
                        {move || if is_missing.get() { "Say why, for those who come after you." } else { "Kept with the read model." }}
                    </p>
                </div>
                <footer class="lf-dialog__foot">
                    <span class="lf-grow"></span>
                    <button type="button" class="lf-btn lf-btn--ghost" on:click=move |_| on_close()>"Cancel"</button>
                    <button type="submit" class="lf-btn lf-btn--primary">"Skip event"</button>
                </footer>
            </form>
        </Dialog>
    }
}

/// The events that a read model leaves out, with the reasons.
#[component]
pub(super) fn Skipped(state: CardState) -> impl IntoView {
    let app = App::get();
    let skipped = Memo::new(move |_| {
        state.status.with(|status| status.as_ref().map(|status| status.skipped.clone()).unwrap_or_default())
    });
    let line = move || {
        let skipped = skipped.get();
        let last = skipped.last()?.clone();
        let others = skipped.len() - 1;
        let others = (others > 0).then(|| format!(" and {} before", format::counted(others as u64, "event")));
        Some(view! {
            <p class="lf-card__skipped">
                "Leaves out "
                <button type="button" class="lf-btn lf-btn--link" data-after=CURRENT_ROW on:click=move |_| app.open_in_debugger(last.position)>
                    {format::position(last.position)}
                </button>
                {others}": "{last.reason}
            </p>
        })
    };
    view! { {line} }
}
