//! Notes and errors in the lower corner.

use leptos::prelude::*;

use super::controls::{icon, sized_icon};
use crate::state::{App, Toast, ToastAction, ToastKind};

/// The notes that are shown now. Beneath a modal dialog nothing can be pressed or heard, so the dialog on top shows them.
///
/// The lists are there before what they announce; what was announced before stands in a list that announces nothing.
#[component]
pub(crate) fn Toasts() -> impl IntoView {
    let app = App::get();
    let first_new =
        app.toasts.with_untracked(|toasts| toasts.iter().map(|toast| toast.id + 1).max().unwrap_or_default());
    let cards = move |fits: fn(&Toast) -> bool, is_new: bool| {
        let shown = move || {
            let toasts = app.toasts.get();
            toasts.into_iter().filter(|toast| (toast.id >= first_new) == is_new && fits(toast)).collect::<Vec<_>>()
        };
        view! { <For each=shown key=|toast| toast.id let:toast><ToastCard toast=toast /></For> }
    };
    view! {
        <div class="lf-toasts" role="region" aria-label="Notes">
            <div class="lf-toasts__list">{cards(|_| true, false)}</div>
            <div class="lf-toasts__list" role="status" aria-atomic="false">
                {cards(|toast| toast.kind == ToastKind::Done, true)}
            </div>
            <div class="lf-toasts__list" role="alert" aria-atomic="false">
                {cards(|toast| toast.kind == ToastKind::Error, true)}
            </div>
        </div>
    }
}

#[component]
fn ToastCard(toast: Toast) -> impl IntoView {
    let app = App::get();
    let (class, name) = match toast.kind {
        ToastKind::Done => ("lf-toast lf-toast--ok", "ok"),
        ToastKind::Error => ("lf-toast lf-toast--error", "error"),
    };
    let id = toast.id;
    let has_acts = toast.code.is_some() || toast.action.is_some();
    let (code, action) = (toast.code, toast.action);
    let acts = has_acts.then(|| {
        let button = action.map(|ToastAction { label, run }| {
            let press = move |_| {
                app.dismiss(id);
                run();
            };
            view! { <button type="button" class="lf-btn lf-btn--sm" on:click=press>{label}</button> }
        });
        view! {
            <div class="lf-toast__acts">{button}{code.map(|code| view! { <span class="lf-toast__code">{code}</span> })}</div>
        }
    });
    view! {
        <div class=class>
            {icon(name)}
            <span class="lf-toast__title">{toast.title}</span>
            <button
                type="button"
                class="lf-btn lf-btn--ghost lf-btn--icon lf-btn--sm"
                aria-label="Close note"
                on:click=move |_| app.dismiss(id)
            >
                {sized_icon("x", 12)}
            </button>
            <span class="lf-toast__text">{toast.text}</span>
            {acts}
        </div>
    }
}
