//! The event log: a grid of any length, of which only the rows in view exist.

mod row;

use std::sync::Arc;

use leftfold_core::Position;
use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::canvas::use_size;
use super::controls::{icon, sized_icon};
use crate::model::filter::{Facet, Rows, Rule};
use crate::model::format;
use crate::model::timeline::Command;
use crate::model::window::{RowList, VisibleRows};
use crate::state::App;
use row::EventRow;

/// Where the row of the playhead stands while the log follows it, as a share of the height.
const FOLLOW_AT: f64 = 0.6;

/// The log.
#[component]
pub(crate) fn EventLog() -> impl IntoView {
    let app = App::get();
    let follows = RwSignal::new(true);
    let shown = Memo::new(move |_| app.filtered.with(|filtered| filtered.rows.len()));
    let count = move || {
        let (shown, head) = (shown.get(), app.head.get().get());
        if shown == head {
            format::counted(head, "event")
        } else {
            format!("{} of {}", format::grouped(shown), format::grouped(head))
        }
    };
    view! {
        <section class="lf-log lf-pane" aria-label="Event log">
            <div class="lf-log__bar">
                <Chips />
                <div class="lf-grow"></div>
                <span class="lf-log__count">{count}</span>
                <label class="lf-switch">
                    <input type="checkbox" role="switch" prop:checked=follows on:change:target=move |event| follows.set(event.target().checked()) />
                    "Follow"
                </label>
            </div>
            <Grid follows=follows />
        </section>
    }
}

/// The rules of the filter, each to take away.
#[component]
fn Chips() -> impl IntoView {
    let app = App::get();
    let rules = Memo::new(move |_| {
        app.filter
            .with(|filter| filter.rules().map(|(facet, name, rule)| (facet, name.to_owned(), rule)).collect::<Vec<_>>())
    });
    let chip = move |(facet, name, rule): (Facet, String, Rule)| {
        let verb = if rule == Rule::Only { "Only" } else { "Hide" };
        let removed = name.clone();
        view! {
            <span class="lf-chip">
                <span class="lf-clip">{format!("{verb}: {name}")}</span>
                <button
                    type="button"
                    class="lf-chip__x"
                    aria-label=format!("Remove filter: {} {name}", verb.to_lowercase())
                    on:click=move |_| app.filter.update(|filter| filter.set(facet, &removed, None))
                >
                    {sized_icon("x", 12)}
                </button>
            </span>
        }
    };
    view! {
        <div class="lf-log__chips">
            <For each=move || rules.get() key=|(facet, name, rule)| (*facet, name.clone(), *rule == Rule::Only) children=chip />
        </div>
    }
}

/// How much room the columns need: digits of a position, and whether times need their date.
fn columns(app: App) -> Memo<(usize, bool)> {
    Memo::new(move |_| {
        let head = app.timeline.with(|timeline| timeline.head());
        let has_days = app.with_log(|log| {
            let days = |position| log.running_time(position).map(|time| time.as_micros().div_euclid(86_400_000_000));
            days(Position::new(1)) != days(head)
        });
        (format::grouped(head.get()).len(), has_days.unwrap_or_default())
    })
}

#[component]
fn Grid(follows: RwSignal<bool>) -> impl IntoView {
    let app = App::get();
    let body = NodeRef::<html::Div>::new();
    let size = use_size(body);
    let scroll_top = RwSignal::new(0.0_f64);
    let row_height = Memo::new(move |_| {
        size.track();
        css_pixels("--lf-row-h").unwrap_or(28.0)
    });
    let list = Memo::new(move |_| RowList {
        rows: app.filtered.with(|filtered| filtered.rows.len()),
        row_height: row_height.get(),
        viewport_height: size.get().1,
    });
    let visible: Memo<VisibleRows> = Memo::new(move |_| list.get().visible(scroll_top.get()));
    let positions = Memo::new(move |_| {
        let VisibleRows { first, end, .. } = visible.get();
        let rows: Arc<Rows> = app.rows();
        (first..end).filter_map(|row| Some((row, rows.at(row)?))).collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        let wanted = positions.with(|positions| positions.iter().map(|(_, position)| *position).collect::<Vec<_>>());
        app.payloads.want_page(app, wanted);
    });

    let current_row = Memo::new(move |_| {
        let cursor = app.cursor.get();
        app.filtered.with(|filtered| filtered.rows.row_near(cursor))
    });
    let was_clicked = StoredValue::new(false);
    let scroll_to = move |top: f64| {
        // The frame after the last change may come when the log is no longer shown.
        if let Some(body) = body.try_get_untracked().flatten() {
            #[expect(clippy::cast_possible_truncation, reason = "at most eight million")]
            body.set_scroll_top(top.round() as i32);
            scroll_top.set(f64::from(body.scroll_top()));
        }
    };
    // Follow: the row of the playhead stays at 60 % of the height, unless it was picked where it stands.
    Effect::new(move |_| {
        let (row, list, follows) = (current_row.get(), list.get(), follows.get());
        let Some(row) = row else { return };
        let was_clicked = was_clicked.try_update_value(std::mem::take).unwrap_or_default();
        let stays = was_clicked && list.shows(row, scroll_top.get_untracked());
        if follows && !stays && list.viewport_height > 0.0 {
            // The element gets its new height in this turn; only then does it take the new offset.
            request_animation_frame(move || scroll_to(list.scroll_to(row, FOLLOW_AT)));
        }
    });
    let wheel = move |event: WheelEvent| {
        if app.is_live.get_untracked() || app.timeline.with_untracked(|timeline| timeline.playing().is_some()) {
            // Who scrolls while rows arrive wants to read them.
            follows.set(false);
        }
        let list = list.get_untracked();
        if list.is_scaled() {
            event.prevent_default();
            let rows = event.delta_y() / if event.delta_mode() == 0 { list.row_height } else { 1.0 };
            let wanted = scroll_top.get_untracked() + rows * list.row_height / list.scale();
            let wanted = wanted.clamp(0.0, list.scroll_height() - list.viewport_height);
            if let Some(body) = body.get_untracked() {
                #[expect(clippy::cast_possible_truncation, reason = "at most eight million")]
                body.set_scroll_top(wanted.round() as i32);
            }
            scroll_top.set(wanted);
        }
    };
    let scrolled = move |_| {
        if let Some(body) = body.get_untracked() {
            let top = f64::from(body.scroll_top());
            // In a scaled list the wheel moves by less than a scrolled pixel; its finer offset is kept.
            if (top - scroll_top.get_untracked()).abs() >= 1.0 {
                scroll_top.set(top);
            }
        }
    };
    let go_to_row = move |row: u64, takes_focus: bool| {
        let Some(position) = app.rows().at(row) else { return };
        app.send(Command::SetPositionClamped(position));
        let list = list.get_untracked();
        if !list.shows(row, scroll_top.get_untracked()) && !follows.get_untracked() {
            scroll_to(list.scroll_to(row, FOLLOW_AT));
        }
        if takes_focus {
            request_animation_frame(move || request_animation_frame(move || focus_current(body)));
        }
    };
    let press = move |event: KeyboardEvent| {
        let Some(now) = current_row.get_untracked() else { return };
        let rows = list.get_untracked();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a viewport")]
        let page = (rows.viewport_height / rows.row_height.max(1.0)).max(2.0) as u64 - 1;
        let last = rows.rows.saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowDown" => now + 1,
            "ArrowUp" => now.saturating_sub(1),
            "PageDown" => now + page,
            "PageUp" => now.saturating_sub(page),
            _ => return,
        };
        event.prevent_default();
        go_to_row(next.min(last), true);
    };
    let click = move |event: MouseEvent| {
        let Some(row) = clicked_row(&event) else { return };
        was_clicked.set_value(true);
        go_to_row(row, true);
    };
    let is_current_drawn = Memo::new(move |_| {
        let cursor = app.cursor.get();
        positions.with(|positions| positions.iter().any(|(_, position)| *position == cursor))
    });
    let columns = columns(app);
    let grid_style = move || {
        let (digits, has_days) = columns.get();
        format!("--pos-w:{}px;--time-w:{}px", 16 + digits.max(5) * 8, if has_days { 158 } else { 100 })
    };
    let inner_style = move || format!("height:{}px", list.get().scroll_height());
    let block_style = move || format!("transform:translateY({}px)", visible.get().offset);
    let is_empty = Memo::new(move |_| list.get().rows == 0);
    view! {
        <div class="lf-log__wrap">
            <div
                class="lf-log__grid"
                role="grid"
                aria-label="Events"
                aria-rowcount=move || list.get().rows + 1
                aria-colcount="5"
                style=grid_style
                on:keydown=press
            >
                <div class="lf-log__head" role="row" aria-rowindex="1">
                    <span class="lf-log__pos" role="columnheader">"#"</span>
                    <span role="columnheader">"Time"</span>
                    <span class="lf-log__stream" role="columnheader">"Stream @ version"</span>
                    <span role="columnheader">"Type"</span>
                    <span role="columnheader">"Summary"</span>
                </div>
                <div
                    class="lf-log__body"
                    role="rowgroup"
                    node_ref=body
                    tabindex=move || if is_current_drawn.get() { "-1" } else { "0" }
                    on:scroll=scrolled
                    on:wheel=wheel
                    on:click=click
                >
                    <div class="lf-log__inner" style=inner_style role="presentation">
                        <div class="lf-log__block" style=block_style role="presentation">
                            <For each=move || positions.get() key=|row| *row let((row, position))>
                                <EventRow row=row position=position has_days=Signal::derive(move || columns.get().1) />
                            </For>
                        </div>
                    </div>
                    <Show when=move || is_empty.get()>
                        <div class="lf-log__none" role="row">
                            <div role="gridcell">
                                <p>"No event passes the filter."</p>
                                <button type="button" class="lf-btn" on:click=move |_| app.filter.set(Default::default())>
                                    {icon("x")}"Clear filters"
                                </button>
                            </div>
                        </div>
                    </Show>
                </div>
            </div>
            <Map list=list scroll_top=scroll_top current_row=current_row scroll_to=scroll_to />
        </div>
    }
}

/// The whole log at the right edge: what is in view, and the playhead. Only a picture of the scroll offset; the log itself
/// scrolls by keyboard, wheel and touch.
#[component]
fn Map<F>(list: Memo<RowList>, scroll_top: RwSignal<f64>, current_row: Memo<Option<u64>>, scroll_to: F) -> impl IntoView
where
    F: Fn(f64) + Copy + Send + Sync + 'static,
{
    let node = NodeRef::<html::Div>::new();
    let share = move |pixels: f64, of: f64| if of > 0.0 { (pixels / of * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    let thumb = move || {
        let list = list.get();
        let height = share(list.viewport_height, list.scroll_height()).max(3.0);
        let top = share(scroll_top.get(), list.scroll_height() - list.viewport_height) / 100.0 * (100.0 - height);
        format!("--y:{top};height:{height}%")
    };
    let now = move || {
        #[expect(clippy::cast_precision_loss, reason = "a place on a map some hundred pixels high")]
        let at = current_row.get().map_or(0.0, |row| share(row as f64, list.get().rows as f64));
        format!("--y:{at}")
    };
    let drag = move |event: PointerEvent| {
        let Some(map) = node.get_untracked().filter(|_| event.buttons() & 1 == 1) else { return };
        let _ = map.set_pointer_capture(event.pointer_id());
        let bounds = map.get_bounding_client_rect();
        let list = list.get_untracked();
        let share = (f64::from(event.client_y()) - bounds.top()) / bounds.height().max(1.0);
        let top = share * list.scroll_height() - list.viewport_height / 2.0;
        scroll_to(top.clamp(0.0, (list.scroll_height() - list.viewport_height).max(0.0)));
    };
    view! {
        <div class="lf-log__map" aria-hidden="true" node_ref=node on:pointerdown=drag on:pointermove=drag>
            <i class="is-thumb" style=thumb></i>
            <i class="is-now" style=now></i>
        </div>
    }
}

fn clicked_row(event: &MouseEvent) -> Option<u64> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let row = target.closest("[data-row]").ok()??;
    row.get_attribute("data-row")?.parse().ok()
}

fn focus_current(body: NodeRef<html::Div>) {
    let Some(body) = body.try_get_untracked().flatten() else { return };
    let current = body.query_selector("[aria-current=true]").ok().flatten();
    if let Some(row) = current.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = row.focus_with_options(&options);
    }
}

fn css_pixels(token: &str) -> Option<f64> {
    let root = document().document_element()?;
    let style = window().get_computed_style(&root).ok()??;
    style.get_property_value(token).ok()?.trim().trim_end_matches("px").parse().ok()
}
