//! The grid: which rows are drawn, where they stand, and how they are reached.

use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use leftfold_core::Position;
use leptos::ev::{KeyboardEvent, MouseEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::CURRENT_ROW;
use super::follow::Following;
use super::header::{Header, room_of_digits};
use super::kin::kin;
use super::map::Map;
use super::notices::Unseen;
use super::pool::Pool;
use super::row::Frame;
use super::scroll::Scroll;
use crate::components::canvas::use_size;
use crate::components::controls::{icon, is_modified};
use crate::model::columns::{Columns, Room};
use crate::model::filter::Rows;
use crate::model::format;
use crate::model::timeline::Command;
use crate::model::window::{RowList, VisibleRows};
use crate::state::browser::{FrameThrottle, next_frame};
use crate::state::{App, Root, SearchStatus};

/// Where the row of the playhead stands while the log follows it, as a share of the height.
const FOLLOW_AT: f64 = 0.6;
/// How long a row shows nothing in the place of what is still to be read, before it shows that something is to come.
const LATE_AFTER: Duration = Duration::from_millis(150);
/// Rows of two lines are higher than this.
const ONE_LINE: f64 = 36.0;

/// Where the focus is.
#[derive(Clone, Copy)]
enum Focus {
    /// On no row.
    Elsewhere,
    OnRow,
    /// On what holds the rows, or on another row, until that of the cursor is drawn.
    AwaitsRow,
}

/// The log as a grid, and its map.
#[component]
pub(super) fn Grid(following: Following, columns: RwSignal<Columns>) -> impl IntoView {
    let app = App::get();
    let outer = NodeRef::<html::Div>::new();
    let body = NodeRef::<html::Div>::new();
    let outer_size = use_size(outer);
    let size = use_size(body);
    let row_height = Memo::new(move |_| {
        size.track();
        app.root.css_pixels("--lf-row-h").unwrap_or(28.0)
    });
    let list = Memo::new(move |_| RowList {
        rows: app.filtered.with(|filtered| filtered.rows.len()),
        row_height: row_height.get(),
        viewport_height: size.get().1,
    });
    let scroll = Scroll::new(body, list);
    let visible: Memo<VisibleRows> = Memo::new(move |_| list.get().visible(scroll.top()));
    let positions = Memo::new(move |_| {
        let VisibleRows { first, end, .. } = visible.get();
        let rows: Arc<Rows> = app.rows();
        (first..end).filter_map(|row| Some((row, rows.at(row)?))).collect::<Vec<_>>()
    });
    let failure = Memo::new(move |_| app.payloads.first_failure());
    Effect::new(move |_| {
        // What failed is asked for again once it is forgotten.
        failure.track();
        let wanted = positions.with(|positions| positions.iter().map(|(_, position)| *position).collect::<Vec<_>>());
        app.payloads.want_page(app, wanted);
    });

    let current_row = Memo::new(move |_| {
        let cursor = app.follows.rows.get();
        app.filtered.with(|filtered| filtered.rows.row_near(cursor))
    });
    let was_clicked = StoredValue::new(false);
    let room = Memo::new(move |_| {
        let list = list.get();
        (list.viewport_height, list.row_height)
    });
    Effect::new(move |was_shown: Option<bool>| {
        let is_shown = size.get().1 > 0.0;
        if is_shown && was_shown == Some(false) {
            scroll.comes_back();
        }
        is_shown
    });
    // Before the log follows: what it is then moved by is counted from where its element stands.
    Effect::new(move |_| scroll.fit());
    // Follow: the row of the playhead stays at 60 % of the height, unless it was picked where it stands.
    Effect::new(move |_| {
        // News below the row moves nothing: what counts is where the row stands, and the room that there is.
        let (row, _, follows) = (current_row.get(), room.get(), following.is_on.get());
        let list = list.get_untracked();
        let Some(row) = row else { return };
        let was_clicked = was_clicked.try_update_value(std::mem::take).unwrap_or_default();
        let stays = was_clicked && list.shows(row, scroll.wanted());
        let top = list.scroll_to(row, FOLLOW_AT);
        if follows && !stays && list.viewport_height > 0.0 && (top - scroll.wanted()).abs() >= 0.5 {
            scroll.to(top);
        }
    });
    let wheel = move |event: WheelEvent| {
        // It sizes the page, or scrolls the columns.
        if event.ctrl_key() || event.shift_key() || event.delta_x().abs() > event.delta_y().abs() {
            return;
        }
        following.reader_moves(app);
        let list = list.get_untracked();
        if list.is_scaled() && event.delta_y() != 0.0 {
            event.prevent_default();
            app.moves();
            let rows = event.delta_y() / if event.delta_mode() == 0 { list.row_height } else { 1.0 };
            scroll.to(scroll.clamped(scroll.wanted() + rows * list.row_height / list.scale()));
        }
    };
    // To ask the browser who has the focus would make it style the page at once, and once more when all is written.
    let focus = StoredValue::new(Focus::Elsewhere);
    let go_to = move |position: Position| {
        app.send(Command::SetPositionClamped(position));
        let list = list.get_untracked();
        let row = app.rows().row_of(position).filter(|_| !following.is_on.get_untracked());
        if let Some(row) = row.filter(|row| !list.shows(*row, scroll.wanted())) {
            scroll.to(list.scroll_to(row, FOLLOW_AT));
        }
        let is_on_row = move || focus.try_get_value().is_some_and(|focus| !matches!(focus, Focus::Elsewhere));
        let from = (!is_on_row()).then(|| app.root.active());
        request_animation_frame(move || {
            request_animation_frame(move || {
                // Who has gone elsewhere by then is left there. The row may be written later still.
                let is_here = is_on_row() || from.is_some_and(|from| app.root.active() == from);
                if is_here && !focus_current(body) && is_within(body, app.root.active()) {
                    focus.set_value(Focus::AwaitsRow);
                }
            })
        });
    };
    // A key that is held down comes more often than a frame: the row that it has reached by then is gone to.
    let reached = StoredValue::new(None::<u64>);
    let frames = StoredValue::new_local(FrameThrottle::new());
    let press = move |event: KeyboardEvent| {
        if is_modified(&event) {
            return;
        }
        // The cursor itself counts: rows may be a moment behind it.
        let cursor = app.cursor.get_untracked();
        let near = app.filtered.with_untracked(|filtered| {
            let row = filtered.rows.row_near(cursor)?;
            Some((row, filtered.rows.at(row)?.cmp(&cursor)))
        });
        let Some((row_near, stands)) = near else { return };
        let reached_row = reached.get_value();
        let now = reached_row.unwrap_or(row_near);
        // Where the filter hides the event of the cursor, the row near it is the next one in its direction.
        let is_next = |side: Ordering| reached_row.is_none() && stands == side;
        let rows = list.get_untracked();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a viewport")]
        let page = (rows.viewport_height / rows.row_height.max(1.0)).max(2.0) as u64 - 1;
        let last = rows.rows.saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowDown" if is_next(Ordering::Greater) => now,
            "ArrowUp" if is_next(Ordering::Less) => now,
            "ArrowDown" => now + 1,
            "ArrowUp" => now.saturating_sub(1),
            "PageDown" => now + page,
            "PageUp" => now.saturating_sub(page),
            _ => return,
        };
        event.prevent_default();
        reached.set_value(Some(next.min(last)));
        let go = move || {
            let row = reached.try_update_value(Option::take).flatten();
            if let Some(position) = row.and_then(|row| app.rows().at(row)) {
                go_to(position);
            }
        };
        if event.repeat() { frames.with_value(|frames| frames.run(go)) } else { go() }
    };
    let is_current_drawn = Memo::new(move |_| {
        let cursor = app.follows.rows.get();
        positions.with(|positions| positions.iter().any(|(_, position)| *position == cursor))
    });
    let has_days = has_days(app);
    let room = Memo::new(move |_| Room {
        digits: room_of_digits(app),
        has_days: has_days.get(),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the width of an element")]
        width: outer_size.get().0 as u32,
        is_narrow: row_height.get() > ONE_LINE,
    });
    let shown = Memo::new(move |_| columns.with(|columns| columns.in_room(room.get())));
    let style = Memo::new(move |_| {
        let room = room.get();
        columns.with(|columns| format!("--cols:{};--least:{}px", columns.tracks(room), columns.least_width(room)))
    });
    let inner_style = move || format!("height:{}px", list.get().scroll_height());
    let origin = RwSignal::new(0_i64);
    let block_style = move || {
        let (visible, row_height) = (visible.get(), list.get().row_height);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "rows of some viewports")]
        let above = (visible.first as i64 - origin.get()) as f64 * row_height;
        format!("transform:translateY({}px)", visible.offset - above + scroll.shift())
    };
    let is_empty = Memo::new(move |_| list.get().rows == 0);
    let kin = kin(app);
    let is_late = late(positions);
    let block = NodeRef::<html::Div>::new();
    let pool = StoredValue::new_local(Pool::default());
    // A row that is still to be written is the one that it shows.
    let click = move |event: MouseEvent| {
        let row = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let row = row.and_then(|target| target.closest("[data-row]").ok().flatten());
        let Some(position) = row.and_then(|row| pool.with_value(|pool| pool.position_in(&row))) else { return };
        was_clicked.set_value(true);
        go_to(position);
    };
    let is_writing = StoredValue::new(false);
    let keep_focus = move |element: &web_sys::Element, write: &dyn Fn() -> Option<bool>| match focus.get_value() {
        Focus::Elsewhere => write(),
        Focus::OnRow => {
            let (written, has_left) = keep_focus(app.root, element, write);
            if has_left && !focus_current(body) {
                // Without a row the keys are heard by what holds them all.
                focus_on(body.get_untracked().as_deref());
                focus.set_value(Focus::AwaitsRow);
            }
            written
        }
        Focus::AwaitsRow => {
            let written = write();
            focus_current(body);
            written
        }
    };
    Effect::new(move |_| {
        let Some(element) = block.get() else { return };
        app.payloads.track();
        let cursor = app.follows.rows.get();
        let ahead = if app.is_live.get() { 0 } else { app.head.get().get().saturating_sub(cursor.get()) };
        let frame = Frame {
            app,
            epoch: app.epoch_tracked(),
            columns: shown.get(),
            has_days: has_days.get(),
            cursor,
            ahead,
            needle: app.search.needle.get(),
            kin: kin.get(),
            hits: app.breakpoint.hits.with(|hits| {
                let is_hit = |position: &Position| hits.has(*position);
                positions.with(|rows| rows.iter().map(|(_, position)| *position).filter(is_hit).collect())
            }),
            is_late: is_late.get(),
        };
        let frame = Cell::new(Some(frame));
        let is_done = positions.with(|rows| {
            let show = |frame| pool.try_update_value(|pool| pool.show(&element, frame, rows));
            keep_focus(&element, &|| frame.take().and_then(show))
        });
        if let Some(now) = pool.try_with_value(Pool::origin).filter(|now| *now != origin.get_untracked()) {
            origin.set(now);
        }
        if is_done == Some(false) && !is_writing.get_value() {
            is_writing.set_value(true);
            spawn_local(async move {
                loop {
                    next_frame().await;
                    // By then the log may no longer be shown.
                    let Some(element) = block.try_get_untracked().flatten() else { break };
                    app.draws();
                    let is_done = keep_focus(&element, &|| pool.try_update_value(Pool::go_on));
                    if is_done != Some(false) {
                        break;
                    }
                }
                is_writing.try_set_value(false);
            });
        }
    });
    Effect::new(move |_| {
        // The same rows have been here for a moment.
        if let Some(element) = block.get().filter(|_| is_late.get()) {
            pool.try_update_value(|pool| pool.put_in_order(&element));
        }
    });
    view! {
        <div class="lf-log__wrap">
            <div
                class="lf-log__grid"
                role="grid"
                aria-label="Events"
                aria-rowcount=move || list.get().rows.max(1) + 1
                aria-colcount=move || shown.with(Vec::len)
                aria-busy=move || app.filtered.with(|filtered| !filtered.is_settled).then_some("true")
                style=style
                node_ref=outer
                on:keydown=press
            >
                <Header columns=columns shown=shown room=room />
                <div
                    class="lf-log__body"
                    role="rowgroup"
                    node_ref=body
                    tabindex=move || if is_current_drawn.get() { "-1" } else { "0" }
                    on:scroll=move |_| scroll.scrolled(app)
                    on:wheel=wheel
                    on:touchmove=move |_| following.reader_moves(app)
                    on:click=click
                    on:focusin=move |event| focus.set_value(match event.target() == event.current_target() {
                        true => Focus::Elsewhere,
                        false => Focus::OnRow,
                    })
                    on:focusout=move |_| focus.set_value(Focus::Elsewhere)
                >
                    <div class="lf-log__inner" style=inner_style role="presentation">
                        <div class="lf-log__block" style=block_style role="presentation" node_ref=block></div>
                    </div>
                    <Show when=move || is_empty.get()><NoRows /></Show>
                </div>
            </div>
            <Map list=list scroll=scroll current_row=current_row following=following />
            <Unseen following=following />
        </div>
    }
}

/// What is absent, and the next step.
#[component]
fn NoRows() -> impl IntoView {
    let app = App::get();
    // What is not known yet is not said to be absent.
    let progress = move || {
        let head = format::grouped(app.head.get().get());
        if !app.filtered.with(|filtered| filtered.is_settled) {
            return Some(format!("Filtering {head} events…"));
        }
        let is_searching =
            app.search.shows_only_matches.get() && app.search.found.with(|found| found.status == SearchStatus::Running);
        let seen = move || app.search.found.with(|found| format::grouped(found.seen.get()));
        is_searching.then(|| format!("None yet: {} of {head} events searched.", seen()))
    };
    let text = move || {
        let needle = app.search.needle.get().filter(|_| app.search.shows_only_matches.get());
        if let Some(progress) = progress() {
            return progress;
        }
        let between = if app.shows_range_alone() { " between A and B" } else { "" };
        let among = app.only_these_in_words().map(|words| format!(" among the {words}")).unwrap_or_default();
        match (needle, app.filter.with(|filter| filter.is_empty())) {
            (Some(needle), true) => format!("No event{between}{among} has “{}”.", needle.text()),
            (Some(needle), false) => {
                format!("No event{between}{among} that passes the filter has “{}”.", needle.text())
            }
            (None, true) if !among.is_empty() => format!("No event{between} is{among}."),
            (None, _) => format!("No event{between}{among} passes the filter."),
        }
    };
    view! {
        <div class="lf-log__none" role="row" aria-rowindex="2">
            <div role="gridcell">
                <p>{text}</p>
                <button type="button" class="lf-btn" data-after=CURRENT_ROW on:click=move |_| app.clear_filters()>
                    {icon("x")}"Clear filters"
                </button>
            </div>
        </div>
    }
}

/// Whether the same rows have been shown for [`LATE_AFTER`].
fn late(positions: Memo<Vec<(u64, Position)>>) -> RwSignal<bool> {
    let is_late = RwSignal::new(false);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(Some(timer)) = timer.try_update_value(Option::take) {
            timer.clear();
        }
    };
    Effect::new(move |_| {
        positions.track();
        stop();
        if is_late.get_untracked() {
            is_late.set(false);
        }
        let next = set_timeout_with_handle(move || is_late.set(true), LATE_AFTER);
        timer.set_value(next.ok());
    });
    on_cleanup(stop);
    is_late
}

/// Whether times need their date.
pub(super) fn has_days(app: App) -> Memo<bool> {
    Memo::new(move |_| {
        let head = app.head.get();
        let has_days = app.with_log(|log| {
            let day = |position| log.running_time(position).map(|time| time.as_micros().div_euclid(86_400_000_000));
            day(Position::new(1)) != day(head)
        });
        has_days.unwrap_or_default()
    })
}

/// Writes rows. Whether the focus is to go to the row of the cursor: it stays with that one where it was there, and never goes
/// on to another row unasked.
fn keep_focus<T>(root: Root, block: &web_sys::Element, write: impl FnOnce() -> T) -> (T, bool) {
    let row_of = |element: &web_sys::Element| element.get_attribute("data-row");
    let is_current = |element: &web_sys::Element| element.get_attribute("aria-current").as_deref() == Some("true");
    let focused = root.active().filter(|element| block.contains(Some(element)));
    let before = focused.as_ref().map(|element| (row_of(element), is_current(element)));
    let written = write();
    let after = focused.as_ref().map(|element| (row_of(element), is_current(element)));
    let has_left = before
        .zip(after)
        .is_some_and(|((row, was_current), (row_now, is_current))| row != row_now || was_current && !is_current);
    (written, has_left)
}

/// Whether there is such a row.
fn focus_current(body: NodeRef<html::Div>) -> bool {
    let body = body.try_get_untracked().flatten();
    let current = body.and_then(|body| body.query_selector("[aria-current=true]").ok().flatten());
    let row = current.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok());
    focus_on(row.as_ref());
    row.is_some()
}

fn is_within(body: NodeRef<html::Div>, element: Option<web_sys::HtmlElement>) -> bool {
    let body = body.try_get_untracked().flatten();
    body.is_some_and(|body| body.contains(element.as_ref().map(AsRef::as_ref)))
}

fn focus_on(element: Option<&web_sys::HtmlElement>) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    if let Some(element) = element {
        let _ = element.focus_with_options(&options);
    }
}
