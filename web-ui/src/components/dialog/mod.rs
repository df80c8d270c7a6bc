//! A modal dialog: focus stays inside, Escape closes, focus goes back.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

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
    let node = NodeRef::<html::Dialog>::new();
    // The browser gives the focus back only when a dialog is closed, not when it is taken away.
    let opener = StoredValue::new_local(document().active_element());
    on_cleanup(move || {
        let opener = opener.try_get_value().flatten().and_then(|opener| opener.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(opener) = opener.filter(|opener| opener.is_connected()) {
            request_animation_frame(move || {
                let has_moved_on = document().active_element().is_some_and(|now| now.tag_name() != "BODY");
                if !has_moved_on {
                    let _ = opener.focus();
                }
            });
        }
    });
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // Already open or not in the document: then there is nothing left to show.
            let _ = dialog.show_modal();
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
            on:mousedown=press_outside
        >
            <section class=format!("lf-dialog {class}") class:lf-dialog--sm=move || is_small.get()>{children()}</section>
        </dialog>
    }
}
