//! Notes and errors in the lower corner.

use leptos::prelude::*;

use super::controls::{icon, sized_icon};
use crate::state::{App, Toast, ToastAction, ToastKind};

/// The notes that are shown now.
#[component]
pub(crate) fn Toasts() -> impl IntoView {
    let app = App::get();
    view! {
        <div class="lf-toasts" role="region" aria-label="Notes">
            <For each=move || app.toasts.get() key=|toast| toast.id let:toast>
                <ToastCard toast=toast />
            </For>
        </div>
    }
}

#[component]
fn ToastCard(toast: Toast) -> impl IntoView {
    let app = App::get();
    let (class, name, role) = match toast.kind {
        ToastKind::Done => ("lf-toast lf-toast--ok", "ok", "status"),
        ToastKind::Error => ("lf-toast lf-toast--error", "error", "alert"),
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
        <div class=class role=role>
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
