//! The menu of columns.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::grid::has_days;
use super::header::{STEP, room_of_digits};
use crate::components::controls::{focus_menu_item, icon, menu_items, roved};
use crate::model::columns::{Column, Columns, Room};
use crate::state::App;

/// How the width of a column is set here.
const HOW: &str = "Left and right arrow: width; with Shift in larger steps. Backspace: its own width.";

/// The button and the menu behind it. Widths are set here too, so that the header needs no tab stop for each of its grips.
#[component]
pub(super) fn ColumnsMenu(columns: RwSignal<Columns>) -> impl IntoView {
    let app = App::get();
    let is_open = RwSignal::new(false);
    let has_days = has_days(app);
    let room = Memo::new(move |_| Room { digits: room_of_digits(app), has_days: has_days.get(), ..Room::default() });
    let said = RwSignal::new(String::new());
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (true, Some(menu)) = (is_open.get(), menu.get()) {
            request_animation_frame(move || focus_menu_item(&menu, 0));
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
            // They are for the width of the item that is there.
            "ArrowLeft" | "ArrowRight" => {}
            _ => {
                let items = menu_items(&menu);
                let focused = app.root.active();
                let now = items.iter().position(|item| focused.as_ref().is_some_and(|it| it.is_same_node(Some(item))));
                let Some(next) = roved(&event, now.unwrap_or(0), items.len().max(1)) else { return };
                focus_menu_item(&menu, next);
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
        let width = Memo::new(move |_| columns.with(|columns| columns.width(column, room.get())));
        // The last column takes the room that is left.
        let has_width =
            move || is_shown() && columns.with(|columns| columns.in_room(room.get()).last() != Some(&column));
        let resize = move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || !untrack(has_width) {
                return;
            }
            let (now, step) = (width.get_untracked(), if event.shift_key() { STEP * 4 } else { STEP });
            let next = match event.key().as_str() {
                "ArrowLeft" => Some(now.saturating_sub(step)),
                "ArrowRight" => Some(now + step),
                "Backspace" | "Delete" => None,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            columns.update(|columns| columns.resize(column, next));
            said.set(format!("{} pixels", width.get_untracked()));
        };
        view! {
            <button
                type="button"
                class="lf-menu__item"
                role="menuitemcheckbox"
                aria-checked=move || is_shown().to_string()
                tabindex="-1"
                aria-describedby="columns-how"
                on:click=move |_| columns.update(|columns| columns.toggle(column))
                on:keydown=resize
            >
                <span class="lf-stores__check" aria-hidden="true">{move || is_shown().then(|| icon("check"))}</span>
                {column.name()}
                <span class="lf-menu__end" aria-hidden="true">{move || has_width().then(|| format!("{} px", width.get()))}</span>
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
                <div class="lf-menu" role="menu" aria-label="Columns" tabindex="-1" node_ref=menu on:keydown=press on:focusout=leave>
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
                    <p class="lf-log__how" id="columns-how" role="presentation">{HOW}</p>
                </div>
            </Show>
            <span class="lf-vh" role="status">{move || said.get()}</span>
        </div>
    }
}
