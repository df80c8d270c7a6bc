//! The help: every shortcut.

use leptos::prelude::*;

use super::controls::sized_icon;
use super::dialog::Dialog;
use crate::state::browser::is_mac;
use crate::state::{App, SHORTCUTS};

/// The list of shortcuts.
#[component]
pub(crate) fn Help() -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
    let row = |(keys, what): (&'static [&'static str], &'static str)| {
        let here = |key: &'static str| if key == "Ctrl" && is_mac() { "⌘" } else { key };
        let keys = keys.iter().map(|key| view! { <kbd class="lf-kbd">{here(key)}</kbd> }).collect_view();
        view! { <tr><th scope="row">{what}</th><td><span class="lf-help-keys__set">{keys}</span></td></tr> }
    };
    view! {
        <Dialog labelled_by="help-title" on_close=close is_small=true>
            <header class="lf-dialog__head">
                <h2 class="lf-dialog__title lf-grow" id="help-title">"Keyboard"</h2>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| close()>
                    {sized_icon("x", 16)}
                </button>
            </header>
            <div class="lf-dialog__body lf-scroll" role="group" tabindex="0" aria-label="Keys and what they do">
                <table class="lf-help-keys">
                    <caption class="lf-vh">"Keys and what they do"</caption>
                    <tbody>{SHORTCUTS.into_iter().map(row).collect_view()}</tbody>
                </table>
                <p class="lf-help-keys__note">
                    "Single keys are off while you type."
                </p>
            </div>
        </Dialog>
    }
}
