//! Buttons that copy something.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::controls::icon;
use crate::state::browser::copy_text;
use crate::state::{App, Trouble};

/// Copies a text and says so.
pub(super) fn copy(app: App, what: &'static str, text: String) {
    spawn_local(async move {
        if copy_text(&text).await {
            app.note(&format!("{what} copied"), shortened(&text));
        } else {
            let trouble = Trouble::new("The browser keeps the clipboard closed.", "aborted");
            app.complain(&format!("{what} not copied"), trouble);
        }
    });
}

/// A button that copies what `text` gives at that moment; it is of no use while there is nothing.
#[component]
pub(super) fn CopyButton<F>(what: &'static str, label: &'static str, text: F) -> impl IntoView
where
    F: Fn() -> Option<String> + Copy + Send + Sync + 'static,
{
    let app = App::get();
    let press = move |_| {
        if let Some(text) = untrack(text) {
            copy(app, what, text);
        }
    };
    view! {
        <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" on:click=press>
            {icon("copy")}{label}
        </button>
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
