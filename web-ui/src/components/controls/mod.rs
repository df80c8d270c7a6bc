//! Small controls that every panel uses.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// An icon that says nothing by itself.
pub(crate) fn icon(name: &'static str) -> impl IntoView {
    view! { <span class=format!("lf-icon lf-icon--{name}") aria-hidden="true"></span> }
}

/// An icon of 12 or 16 pixels.
pub(crate) fn sized_icon(name: &'static str, size: u8) -> impl IntoView {
    view! { <span class=format!("lf-icon lf-icon--{name} lf-icon--{size}") aria-hidden="true"></span> }
}

/// A row of choices of which one holds: one tab stop, arrows move.
#[component]
pub(crate) fn Segmented<T, F>(
    label: &'static str,
    #[prop(into)] options: Signal<Vec<(T, String)>>,
    #[prop(into)] value: Signal<T>,
    on_choose: F,
    #[prop(optional)] fills: bool,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
    F: Fn(T) + Copy + Send + Sync + 'static,
{
    let press = move |event: KeyboardEvent| {
        let options = options.get_untracked();
        let count = options.len();
        let Some(now) = options.iter().position(|(option, _)| *option == value.get_untracked()) else { return };
        let Some(next) = roved(&event, now, count) else { return };
        event.prevent_default();
        on_choose(options[next].0);
        focus_sibling(&event, next);
    };
    let item = move |(option, name): (T, String)| {
        let is_chosen = move || value.get() == option;
        view! {
            <button
                type="button"
                class="lf-seg__item"
                role="radio"
                aria-checked=move || is_chosen().to_string()
                tabindex=move || if is_chosen() { "0" } else { "-1" }
                on:click=move |_| on_choose(option)
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="lf-seg" class:lf-seg--fill=fills role="radiogroup" aria-label=label on:keydown=press>
            {move || options.get().into_iter().map(item).collect_view()}
        </div>
    }
}

/// Whether a key is pressed together with one that makes it mean something else.
pub(crate) fn is_modified(event: &KeyboardEvent) -> bool {
    event.shift_key() || event.ctrl_key() || event.meta_key() || event.alt_key()
}

/// Where an arrow, Home or End leads in a row of `count`.
pub(crate) fn roved(event: &KeyboardEvent, now: usize, count: usize) -> Option<usize> {
    if is_modified(event) {
        return None;
    }
    match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => Some((now + 1) % count),
        "ArrowLeft" | "ArrowUp" => Some((now + count - 1) % count),
        "Home" => Some(0),
        "End" => Some(count - 1),
        _ => None,
    }
}

/// Focuses the child with this number of the element that listens.
pub(crate) fn focus_sibling(event: &KeyboardEvent, number: usize) {
    let group = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(group) = group else { return };
    request_animation_frame(move || {
        let child = u32::try_from(number).ok().and_then(|number| group.children().item(number));
        if let Some(child) = child.and_then(|child| child.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = child.focus();
        }
    });
}

/// The items of a menu, in order.
pub(crate) fn menu_items(menu: &web_sys::Element) -> Vec<web_sys::Element> {
    let Ok(found) = menu.query_selector_all("[role^=menuitem]") else { return Vec::new() };
    let items = (0..found.length()).filter_map(|i| found.item(i)?.dyn_into::<web_sys::Element>().ok());
    // Some are there on a narrow page alone.
    items.filter(|item| item.client_width() > 0).collect()
}

/// Focuses the item with this number of a menu.
pub(crate) fn focus_menu_item(menu: &web_sys::Element, number: usize) {
    if let Some(item) = menu_items(menu).get(number).and_then(|item| item.dyn_ref::<web_sys::HtmlElement>()) {
        let _ = item.focus();
    }
}

/// Something is under way: shows nothing for 150 ms, then rows of the final height.
#[component]
pub(crate) fn Busy(label: &'static str) -> impl IntoView {
    let is_long = RwSignal::new(false);
    let handle = set_timeout_with_handle(move || is_long.set(true), Duration::from_millis(150));
    on_cleanup(move || {
        if let Ok(handle) = handle {
            handle.clear();
        }
    });
    // What is busy announces nothing, so the words stand outside of it.
    view! {
        <div class="lf-busy">
            <span class="lf-vh" role="status">{move || is_long.get().then_some(label)}</span>
            <div aria-busy="true">
                <Show when=move || is_long.get()>
                    {(0..12).map(|_| view! { <div class="lf-busy__row"></div> }).collect_view()}
                </Show>
            </div>
        </div>
    }
}

/// A node that takes the focus as soon as it is there; what stands in it is selected, so that typing replaces it.
pub(crate) fn focus_when_there() -> NodeRef<html::Input> {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = node.get() {
            let before = input.value();
            input.select();
            request_animation_frame(move || {
                let _ = input.focus();
                // A dialog has given it the focus before this frame: what was typed since is not to be typed over.
                if input.value() == before {
                    input.select();
                }
            });
        }
    });
    node
}
