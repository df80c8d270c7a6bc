//! The menu of columns.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::controls::{icon, roved};
use crate::model::columns::{Column, Columns};

/// The button and the menu behind it.
#[component]
pub(super) fn ColumnsMenu(columns: RwSignal<Columns>) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (true, Some(menu)) = (is_open.get(), menu.get()) {
            request_animation_frame(move || focus_item(&menu, 0));
        }
    });
    let close = move || {
        is_open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let press = move |event: KeyboardEvent| {
        let Some(menu) = menu.get_untracked() else { return };
        match event.key().as_str() {
            "Escape" => close(),
            "Tab" => return is_open.set(false),
            key => {
                let items = items(&menu);
                let focused = document().active_element();
                let now = items.iter().position(|item| focused.as_ref().is_some_and(|it| it.is_same_node(Some(item))));
                let Some(next) = roved(key, now.unwrap_or(0), items.len().max(1)) else { return };
                focus_item(&menu, next);
            }
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // A click anywhere else takes the focus away from the menu.
    let leave = move |event: FocusEvent| {
        let next = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let stays = |node: Option<web_sys::Element>| node.is_some_and(|node| node.contains(next.as_ref()));
        let in_menu = next.is_some() && stays(menu.get_untracked().map(|node| (*node).clone().into()));
        let on_button = next.is_some() && stays(button.get_untracked().map(|node| (*node).clone().into()));
        if !in_menu && !on_button {
            is_open.set(false);
        }
    };
    let item = move |column: Column| {
        let is_shown = move || columns.with(|columns| columns.shows(column));
        view! {
            <button
                type="button"
                class="lf-menu__item"
                role="menuitemcheckbox"
                aria-checked=move || is_shown().to_string()
                tabindex="-1"
                on:click=move |_| columns.update(|columns| columns.toggle(column))
            >
                <span class="lf-stores__check" aria-hidden="true">{move || is_shown().then(|| icon("check"))}</span>
                {column.name()}
            </button>
        }
    };
    view! {
        <div class="lf-log__columns lf-hide-sm">
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost"
                aria-label="Columns"
                title="Columns"
                aria-haspopup="menu"
                aria-expanded=move || is_open.get().to_string()
                node_ref=button
                on:click=move |_| is_open.update(|open| *open = !*open)
            >
                {icon("columns")}
            </button>
            <Show when=move || is_open.get()>
                <div class="lf-menu" role="menu" aria-label="Columns" node_ref=menu on:keydown=press on:focusout=leave>
                    {Column::ALL.into_iter().filter(|column| *column != Column::Position).map(item).collect_view()}
                    <button
                        type="button"
                        class="lf-menu__item lf-stores__new"
                        role="menuitem"
                        tabindex="-1"
                        on:click=move |_| {
                            columns.set(Columns::default());
                            close();
                        }
                    >
                        {icon("rebuild")}"Usual columns and widths"
                    </button>
                </div>
            </Show>
        </div>
    }
}

fn items(menu: &web_sys::HtmlDivElement) -> Vec<web_sys::Element> {
    let Ok(found) = menu.query_selector_all("[role^=menuitem]") else { return Vec::new() };
    (0..found.length()).filter_map(|number| found.item(number)?.dyn_into().ok()).collect()
}

fn focus_item(menu: &web_sys::HtmlDivElement, number: usize) {
    let item = items(menu).into_iter().nth(number);
    if let Some(item) = item.and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
