//! The header of the log: a title for every column, and a grip that sets its width.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::model::columns::{Column, Columns, MAX_WIDTH, MIN_WIDTH, Room};
use crate::model::format;
use crate::state::App;

/// How far an arrow moves a grip, in pixels; with Shift it is four times as much.
pub(super) const STEP: u32 = 8;

/// How many digits and separators the positions have room for.
pub(super) fn room_of_digits(app: App) -> u32 {
    u32::try_from(format::grouped(app.head.get().get()).len()).unwrap_or(u32::MAX)
}

/// The header row.
#[component]
pub(super) fn Header(columns: RwSignal<Columns>, shown: Memo<Vec<Column>>, room: Memo<Room>) -> impl IntoView {
    let cells = move || {
        let shown = shown.get();
        let last = shown.len().saturating_sub(1);
        let cell = |(index, column): (usize, Column)| {
            let class = match column {
                Column::Position => "lf-log__pos",
                _ => "",
            };
            // The last column takes the room that is left, the first the room that its digits need.
            let has_grip = index != last && column != Column::Position;
            let grip = has_grip.then(|| view! { <Grip column=column columns=columns room=room /> });
            view! {
                <span class=class role="columnheader" aria-colindex=index + 1>
                    <span class="lf-clip">{column.title()}</span>{grip}
                </span>
            }
        };
        shown.into_iter().enumerate().map(cell).collect_view()
    };
    view! { <div class="lf-log__head" role="row" aria-rowindex="1">{cells}</div> }
}

/// The grip at the right end of a title, for the pointer. No tab stop: by keyboard widths are set in the menu of columns.
#[component]
fn Grip(column: Column, columns: RwSignal<Columns>, room: Memo<Room>) -> impl IntoView {
    let width = Memo::new(move |_| columns.with(|columns| columns.width(column, room.get())));
    let began = StoredValue::new(None::<(i32, u32)>);
    let resize = move |width: Option<u32>| columns.update(|columns| columns.resize(column, width));
    let press = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        let grip = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(grip) = grip {
            let _ = grip.set_pointer_capture(event.pointer_id());
        }
        began.set_value(Some((event.client_x(), width.get_untracked())));
    };
    let drag = move |event: PointerEvent| {
        let Some((from, width)) = began.with_value(|began| *began).filter(|_| event.buttons() & 1 == 1) else { return };
        resize(Some(width.saturating_add_signed(event.client_x() - from)));
    };
    let key = move |event: KeyboardEvent| {
        let now = width.get_untracked();
        let step = if event.shift_key() { STEP * 4 } else { STEP };
        let next = match event.key().as_str() {
            "ArrowLeft" => Some(now.saturating_sub(step)),
            "ArrowRight" => Some(now + step),
            "Home" => Some(MIN_WIDTH),
            "End" => Some(MAX_WIDTH),
            "Enter" => None,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        resize(next);
    };
    view! {
        <span
            class="lf-log__grip"
            role="separator"
            tabindex="-1"
            aria-orientation="vertical"
            aria-label=format!("Width of column {}", column.name())
            aria-valuemin=MIN_WIDTH
            aria-valuemax=MAX_WIDTH
            aria-valuenow=move || width.get()
            aria-valuetext=move || format!("{} pixels", width.get())
            title="Drag, or use the arrow keys; double click or Enter for its own width"
            on:pointerdown=press
            on:pointermove=drag
            on:pointerup=move |_| began.set_value(None)
            on:dblclick=move |_| resize(None)
            on:keydown=key
        ></span>
    }
}
