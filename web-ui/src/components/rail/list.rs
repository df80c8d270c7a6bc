//! A list of any length in the rail, of which only the rows in view exist.

use std::hash::Hash;
use std::sync::Arc;

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::components::controls::is_modified;
use crate::components::dom::set;
use crate::model::window::{RowList, VisibleRows};
use crate::state::Root;
use crate::state::browser::breathe;

/// So many new rows are made in the task that has something else to list; more have a task of their own.
const AT_ONCE: usize = 6;

/// What the lists of the rail are scrolled by.
#[derive(Clone, Copy)]
pub(super) struct Scroller {
    pub(super) top: RwSignal<f64>,
    size: RwSignal<(f64, f64)>,
    layout: RwSignal<u64>,
    /// Of all lists: asking the style sheets makes the browser lay out what has changed.
    row_height: Memo<f64>,
}

impl Scroller {
    pub(super) fn new(root: Root, size: RwSignal<(f64, f64)>) -> Self {
        let row_height = Memo::new(move |_| {
            size.track();
            root.css_pixels("--lf-facet-h").unwrap_or(26.0)
        });
        Self { top: RwSignal::new(0.0), size, layout: RwSignal::new(0), row_height }
    }

    /// Something in the rail gets higher or lower in this turn: what is below it is looked for in the next.
    pub(super) fn layout_changes(self) {
        request_animation_frame(move || {
            let _ = self.layout.try_update(|number| *number += 1);
        });
    }
}

/// The list. Its rows are of one height.
#[component]
pub(super) fn FacetList<T, R, V>(
    label: &'static str,
    entries: Memo<Arc<Vec<T>>>,
    scroller: Scroller,
    row: R,
) -> impl IntoView
where
    T: Clone + Eq + Hash + Send + Sync + 'static,
    R: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let node = NodeRef::<html::Ul>::new();
    let begins_at = RwSignal::new(0.0);
    Effect::new(move |_| {
        scroller.layout.track();
        scroller.size.track();
        scroller.top.track();
        let Some(list) = node.get() else { return };
        let offset = f64::from(list.offset_top());
        if begins_at.get_untracked() != offset {
            begins_at.set(offset);
        }
    });
    let count = Memo::new(move |_| entries.with(|entries| entries.len()));
    Effect::new(move |_| {
        count.track();
        scroller.layout_changes();
    });
    let list = Memo::new(move |_| RowList {
        rows: count.get() as u64,
        row_height: scroller.row_height.get(),
        viewport_height: scroller.size.get().1,
    });
    let visible: Memo<VisibleRows> = Memo::new(move |_| list.get().visible_part(scroller.top.get() - begins_at.get()));
    let drawn = Memo::new(move |_| {
        let VisibleRows { first, end, .. } = visible.get();
        entries.with(|entries| {
            let range = usize::try_from(first).unwrap_or(0)..usize::try_from(end).unwrap_or(0).min(entries.len());
            range.filter_map(|index| Some((index, entries.get(index)?.clone()))).collect::<Vec<_>>()
        })
    });
    let made = made(drawn);
    // The one tab stop of the list is the button that last had the focus, or the first one where that is not drawn.
    Effect::new(move |_| {
        made.track();
        request_animation_frame(move || {
            if let Some(list) = node.try_get_untracked().flatten() {
                keep_stop(&list);
            }
        });
    });
    // The rows stand where they belong, also in the moment in which others are wanted and not made yet.
    let above = Memo::new(move |_| {
        let first = made.with(|made| made.first().map_or(0, |(index, _)| *index));
        #[expect(clippy::cast_precision_loss, reason = "rows of a list")]
        let first = first as f64;
        first * scroller.row_height.get()
    });
    let style = move || format!("height:{}px;padding-top:{}px", list.get().scroll_height(), above.get());
    let item = move |(index, entry): (usize, T)| {
        view! {
            <li class="lf-facet__item" data-index=index aria-posinset=index + 1 aria-setsize=move || count.get()>{row(entry)}</li>
        }
    };
    view! {
        <ul class="lf-facet__list" aria-label=label style=style node_ref=node on:keydown=press on:focusin=move |event| stop_at(&event)>
            <For each=move || made.get() key=Clone::clone children=item />
        </ul>
    }
}

/// The rows that exist: those that are `wanted`, many new ones a task later.
fn made<R: Clone + PartialEq + Send + Sync + 'static>(wanted: Memo<Vec<R>>) -> RwSignal<Vec<R>> {
    let made = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let rows = wanted.get();
        let new = made.with_untracked(|made: &Vec<R>| rows.iter().filter(|row| !made.contains(row)).count());
        if new <= AT_ONCE {
            made.set(rows);
            return;
        }
        spawn_local(async move {
            breathe().await;
            // The list may be gone by now.
            if let Some(rows) = wanted.try_get_untracked() {
                let _ = made.try_set(rows);
            }
        });
    });
    made
}

fn keep_stop(list: &web_sys::Element) {
    let find = |selector| list.query_selector(selector).ok().flatten();
    if find("[data-act][tabindex='0']").is_none()
        && let Some(first) = find("[data-act]")
    {
        set(&first, "tabindex", "0");
    }
}

fn stop_at(event: &FocusEvent) {
    let Some(button) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let list = button.closest("ul").ok().flatten().filter(|_| button.has_attribute("data-act"));
    let before = list.and_then(|list| list.query_selector("[data-act][tabindex='0']").ok().flatten());
    if let Some(before) = before {
        set(&before, "tabindex", "-1");
    }
    set(&button, "tabindex", "0");
}

/// Arrows go to the same button of the row above and below, and from one button of a row to the next.
fn press(event: KeyboardEvent) {
    if is_modified(&event) {
        return;
    }
    let next = match event.key().as_str() {
        "ArrowDown" => neighbour(&event, 1),
        "ArrowUp" => neighbour(&event, -1),
        "ArrowRight" => beside(&event, 1),
        "ArrowLeft" => beside(&event, -1),
        _ => return,
    };
    // At an end of the row or of the list the key does nothing: it does not step in the log.
    event.prevent_default();
    if let Some(button) = next {
        let _ = button.focus();
    }
}

fn beside(event: &KeyboardEvent, step: i32) -> Option<web_sys::HtmlElement> {
    let button = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let acts = button.closest("[data-index]").ok()??.query_selector_all("[data-act]").ok()?;
    let number = (0..acts.length()).find(|at| acts.item(*at).is_some_and(|act| button.is_same_node(Some(&act))))?;
    acts.item(number.checked_add_signed(step)?)?.dyn_into().ok()
}

fn neighbour(event: &KeyboardEvent, step: i32) -> Option<web_sys::HtmlElement> {
    let button = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let item = button.closest("[data-index]").ok()??;
    let index: i32 = item.get_attribute("data-index")?.parse().ok()?;
    let label = button.get_attribute("data-act").unwrap_or_default();
    let next = item.parent_element()?.query_selector(&format!("[data-index='{}']", index + step)).ok()??;
    let same = next.query_selector(&format!("[data-act='{label}']")).ok().flatten();
    let any = || next.query_selector("[data-act]").ok().flatten();
    same.or_else(any)?.dyn_into().ok()
}
