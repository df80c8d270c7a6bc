//! A JSON value as a tree: flat rows of which those in view are drawn, one tab stop, arrows move.

mod element;
mod row;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::canvas::use_size;
use crate::components::controls::is_modified;
use crate::model::changes::Path;
use crate::model::tree::{FlatTree, Openness, TreeValue};
use crate::state::App;
use row::Row;
pub(crate) use rows::{RowWindow, Scroller};

/// The tree of a value. Somewhere within a scroller only the rows in view are drawn.
#[component]
pub(crate) fn Tree(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<Option<Arc<TreeValue>>>,
    #[prop(into)] changes_only: Signal<bool>,
    #[prop(into)] open_depth: Signal<usize>,
    #[prop(optional)] scroller: Option<Scroller>,
    /// The row that was chosen last.
    #[prop(optional)]
    chosen: Option<RwSignal<Path>>,
) -> impl IntoView {
    let chosen = chosen.unwrap_or_else(|| RwSignal::new(Path::new()));
    let toggled = RwSignal::new(BTreeMap::<Path, bool>::new());
    let tree = Memo::new(move |_| {
        let openness = Openness { open_depth: open_depth.get(), toggled: toggled.get() };
        let value = value.get();
        value.map(|value| FlatTree::new(value, &openness, changes_only.get())).unwrap_or_default()
    });
    let count = Memo::new(move |_| tree.with(FlatTree::len));
    let window = RowWindow::new(scroller, count, "--lf-tree-h");
    let node = NodeRef::<html::Div>::new();
    // Once the browser has laid it out: to ask before would make it do so then.
    let size = use_size(node);
    Effect::new(move |_| {
        size.track();
        window.track_size();
        if let Some(node) = node.get() {
            window.measure(&node);
        }
    });
    // The tab stop is the row that was chosen, or the first in view when that one is not.
    let stop = Memo::new(move |_| {
        let range = window.range();
        let chosen = tree.with(|tree| chosen.with(|path| tree.find(path)));
        chosen.filter(|number| range.contains(number)).unwrap_or(range.start)
    });
    // A chosen row may become another one, as when a member is added above it: the focus goes with it.
    let has_focus = StoredValue::new(false);
    Effect::new(move |before: Option<usize>| {
        let now = stop.get();
        if has_focus.get_value() && before.is_some_and(|before| before != now) {
            let path = tree.with_untracked(|tree| tree.row(now)).map(|row| row.path);
            if path.is_some_and(|path| chosen.with_untracked(|chosen| *chosen == path)) && holds_focus(node) {
                focus_row(node, now);
            }
        }
        now
    });
    let set_open = move |path: Path, is_open: bool| {
        toggled.update(|toggled| {
            toggled.insert(path, is_open);
        });
    };
    let press = move |event: KeyboardEvent| {
        // The row with the focus may no longer be the tab stop: another one was chosen, or it is out of view.
        let now = row_of(&event).unwrap_or_else(|| stop.get_untracked());
        let (last, open, parent) = tree.with_untracked(|tree| (tree.len(), tree.openness(now), tree.parent(now)));
        if last == 0 || is_modified(&event) {
            return;
        }
        let next = match event.key().as_str() {
            "ArrowDown" => (now + 1).min(last - 1),
            "ArrowUp" => now.saturating_sub(1),
            "Home" => 0,
            "End" => last - 1,
            "ArrowRight" if open == Some(true) => (now + 1).min(last - 1),
            "ArrowLeft" if open != Some(true) => parent.unwrap_or(now),
            "ArrowRight" | "ArrowLeft" | "Enter" | " " => {
                if let (Some(is_open), Some(row)) = (open, tree.with_untracked(|tree| tree.row(now))) {
                    set_open(row.path, !is_open);
                }
                now
            }
            _ => return,
        };
        event.prevent_default();
        let Some(row) = tree.with_untracked(|tree| tree.row(next)) else { return };
        chosen.set(row.path);
        window.show(next);
        focus_row(node, next);
    };
    let choose = move |path: Path, is_open: Option<bool>| {
        let was_chosen = chosen.with_untracked(|chosen| *chosen == path);
        chosen.set(path.clone());
        if let Some(is_open) = is_open {
            set_open(path, !is_open);
        } else if was_chosen {
            chosen.set(Path::new());
        }
    };
    let drawn = Memo::new(move |_| window.range());
    let space = move || {
        let (above, below) = window.space();
        format!("padding-top:calc(var(--lf-s2) + {above}px);padding-bottom:calc(var(--lf-s2) + {below}px)")
    };
    view! {
        <div
            class="lf-tree"
            role="tree"
            aria-label=move || label.get()
            style=space
            on:keydown=press
            on:focusin=move |_| has_focus.set_value(true)
            on:focusout=move |_| has_focus.set_value(false)
            node_ref=node
        >
            <For each=move || drawn.get() key=|number| *number let:number>
                <Row number=number tree=tree stop=stop chosen=chosen on_press=choose />
            </For>
        </div>
    }
}

/// The row that a key was pressed on.
fn row_of(event: &KeyboardEvent) -> Option<usize> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    target.closest("[data-row]").ok()??.get_attribute("data-row")?.parse().ok()
}

/// Asks the browser: an element that was taken away does not say that it has lost the focus.
fn holds_focus(tree: NodeRef<html::Div>) -> bool {
    let active = App::get().root.active();
    tree.get_untracked().is_some_and(|tree| active.is_some_and(|active| tree.contains(Some(&active))))
}

fn focus_row(tree: NodeRef<html::Div>, number: usize) {
    request_animation_frame(move || {
        let Some(tree) = tree.try_get_untracked().flatten() else { return };
        let row = tree.query_selector(&format!("[data-row=\"{number}\"]")).ok().flatten();
        if let Some(row) = row.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = row.focus_with_options(&options);
        }
    });
}
