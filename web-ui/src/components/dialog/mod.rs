//! A modal dialog: focus stays inside, Escape closes, focus goes back.

use leptos::html;
use leptos::prelude::*;

use super::toast::Toasts;
use crate::state::App;

/// The frame of a dialog. `on_close` is called for Escape and for a press outside; it takes the dialog away.
#[component]
pub(crate) fn Dialog<F>(
    /// The id of its title.
    #[prop(optional)]
    labelled_by: Option<&'static str>,
    /// Its name, where it has no title.
    #[prop(optional)]
    label: Option<&'static str>,
    on_close: F,
    #[prop(optional, into)] is_small: Signal<bool>,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView
where
    F: Fn() + Copy + Send + Sync + 'static,
{
    let app = App::get();
    let node = NodeRef::<html::Dialog>::new();
    // The browser gives the focus back only when a dialog is closed, not when it is taken away.
    let opener = StoredValue::new_local(app.focus.opener());
    app.dialogs.update(|dialogs| *dialogs += 1);
    // In somebody else's page it lies over its element alone, and that page stays in use.
    let is_modal = app.root.is_page();
    let number = app.dialogs.get_untracked();
    let is_on_top = Memo::new(move |_| app.dialogs.get() <= number);
    on_cleanup(move || {
        let _ = app.dialogs.try_update(|dialogs| *dialogs -= 1);
        app.focus.give_back(opener.try_get_value().flatten());
    });
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // Already open or not in the document: then there is nothing left to show.
            let _ = if is_modal {
                dialog.show_modal()
            } else {
                {
                    dialog.show();
                    Ok(())
                }
            };
        }
    });
    let press_outside = move |event: web_sys::MouseEvent| {
        let outside = node
            .get_untracked()
            .is_some_and(|dialog| event.target().is_some_and(|target| js_sys::Object::is(&target, &dialog)));
        if outside {
            on_close();
        }
    };
    view! {
        <dialog
            node_ref=node
            class="lf-layer"
            aria-labelledby=labelled_by
            aria-label=label
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                on_close();
            }
            on:keydown=move |event: web_sys::KeyboardEvent| {
                // What is not modal, the browser does not cancel.
                if !is_modal && event.key() == "Escape" && !event.default_prevented() {
                    event.prevent_default();
                    on_close();
                }
            }
            on:mousedown=press_outside
        >
            <section class=format!("lf-dialog {class}") class:lf-dialog--sm=move || is_small.get()>{children()}</section>
            <Show when=move || is_on_top.get()><Toasts /></Show>
        </dialog>
    }
}
