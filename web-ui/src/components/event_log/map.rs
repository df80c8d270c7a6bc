//! The whole log at the right edge: what is in view, the matches of the search, and the playhead.

use leftfold_core::Position;
use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;

use super::follow::Following;
use super::scroll::Scroll;
use crate::model::filter::Rows;
use crate::model::window::RowList;
use crate::state::App;

/// How many marks a map has at most: one for every few pixels.
const MARKS: u64 = 160;

/// The map. Only a picture of the scroll offset; the log itself scrolls by keyboard, wheel and touch.
#[component]
pub(super) fn Map(
    list: Memo<RowList>,
    scroll: Scroll,
    current_row: Memo<Option<u64>>,
    following: Following,
) -> impl IntoView {
    let app = App::get();
    let node = NodeRef::<html::Div>::new();
    let share = move |pixels: f64, of: f64| if of > 0.0 { (pixels / of * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    let thumb = move || {
        let list = list.get();
        let height = share(list.viewport_height, list.scroll_height()).max(3.0);
        let top = share(scroll.top(), list.scroll_height() - list.viewport_height) / 100.0 * (100.0 - height);
        format!("--y:{top};height:{height}%")
    };
    let now = move || {
        #[expect(clippy::cast_precision_loss, reason = "a place on a map some hundred pixels high")]
        let at = current_row.get().map_or(0.0, |row| share(row as f64, list.get().rows as f64));
        format!("--y:{at}")
    };
    let marks = Memo::new(move |_| {
        if app.search.needle.with(Option::is_none) {
            return Vec::new();
        }
        let rows = app.rows();
        app.matches.with(|matches| marks(&rows, &matches.rows))
    });
    let drag = move |event: PointerEvent| {
        let Some(map) = node.get_untracked().filter(|_| event.buttons() & 1 == 1) else { return };
        let _ = map.set_pointer_capture(event.pointer_id());
        following.reader_moves(app);
        let bounds = map.get_bounding_client_rect();
        let list = list.get_untracked();
        let share = (f64::from(event.client_y()) - bounds.top()) / bounds.height().max(1.0);
        app.moves();
        scroll.to(scroll.clamped(share * list.scroll_height() - list.viewport_height / 2.0));
    };
    view! {
        <div class="lf-log__map" aria-hidden="true" node_ref=node on:pointerdown=drag on:pointermove=drag>
            <i class="is-thumb" style=thumb></i>
            <For each=move || marks.get() key=|mark| *mark let:mark>
                <i class="is-hit" style=format!("--y:{}", mark_share(mark))></i>
            </For>
            <i class="is-now" style=now></i>
        </div>
    }
}

/// The parts of the map, of [`MARKS`] equal ones, in which there is a match.
fn marks(rows: &Rows, matches: &Rows) -> Vec<u64> {
    let count = rows.len();
    let parts = count.min(MARKS);
    let has_match = |part: &u64| {
        let first = rows.at(part * count / parts);
        let last = rows.at((part + 1) * count / parts - 1);
        let (Some(first), Some(last)) = (first, last) else { return false };
        let before = Position::new(first.get().saturating_sub(1));
        matches.count_up_to(last) > matches.count_up_to(before)
    };
    let scaled = |part: u64| if parts < MARKS { part * MARKS / parts } else { part };
    (0..parts).filter(has_match).map(scaled).collect()
}

#[expect(clippy::cast_precision_loss, reason = "at most the number of marks")]
fn mark_share(mark: u64) -> f64 {
    mark as f64 * 100.0 / MARKS as f64
}
