//! A JSON value as a tree: flat rows, one tab stop, arrows move.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::controls::sized_icon;
use crate::model::changes::{Changes, Path};
use crate::model::json::Json;
use crate::model::tree::{Openness, RowChange, Shown, TreeRow, rows};

/// More rows than this are not drawn at once; the tree says how many are left.
const MOST_ROWS: usize = 2_000;

/// The value of a tree and what changed in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TreeValue {
    pub(crate) json: Json,
    pub(crate) changes: Changes,
}

/// The tree of a value.
#[component]
pub(crate) fn Tree(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<Option<Arc<TreeValue>>>,
    #[prop(into)] changes_only: Signal<bool>,
    open_depth: usize,
) -> impl IntoView {
    let toggled = RwSignal::new(BTreeSet::<Path>::new());
    let focused = RwSignal::new(Path::new());
    let all = Memo::new(move |_| {
        let openness = Openness { open_depth, toggled: toggled.get() };
        value.with(|value| {
            value
                .as_ref()
                .map(|value| rows(&value.json, &value.changes, &openness, changes_only.get()))
                .unwrap_or_default()
        })
    });
    let left = Memo::new(move |_| all.with(|all| all.len().saturating_sub(MOST_ROWS)));
    // The tab stop is the row that had focus last, or the first one when it is gone.
    let stop = Memo::new(move |_| {
        all.with(|all| {
            let path = focused.get();
            let known = all.iter().find(|row| row.path == path).or_else(|| all.first());
            known.map(|row| row.path.clone()).unwrap_or_default()
        })
    });
    let toggle = move |path: Path| {
        toggled.update(|toggled| {
            if !toggled.remove(&path) {
                toggled.insert(path);
            }
        });
    };
    let press = move |event: KeyboardEvent| {
        let rows = all.get_untracked();
        let now = rows.iter().position(|row| row.path == stop.get_untracked()).unwrap_or(0);
        let Some(row) = rows.get(now) else { return };
        let is_open = match row.shown {
            Shown::Container { is_open, .. } => Some(is_open),
            _ => None,
        };
        let parent = || rows[..now].iter().rposition(|other| other.depth() < row.depth());
        let next = match event.key().as_str() {
            "ArrowDown" => Some((now + 1).min(rows.len() - 1)),
            "ArrowUp" => Some(now.saturating_sub(1)),
            "Home" => Some(0),
            "End" => Some(rows.len() - 1),
            "ArrowRight" if is_open == Some(true) => Some((now + 1).min(rows.len() - 1)),
            "ArrowLeft" if is_open != Some(true) => parent().or(Some(now)),
            "ArrowRight" | "ArrowLeft" | "Enter" | " " => {
                if is_open.is_some() && !event.shift_key() {
                    toggle(row.path.clone());
                }
                Some(now)
            }
            _ => None,
        };
        let Some(next) = next.filter(|_| !event.shift_key()) else { return };
        event.prevent_default();
        focused.set(rows[next].path.clone());
        focus_row(&event, next);
    };
    let row_key = |row: &TreeRow| (row.path.clone(), format!("{:?}{:?}{:?}", row.shown, row.change, row.place));
    view! {
        <div class="lf-tree" role="tree" aria-label=move || label.get() on:keydown=press>
            <For each=move || { let mut rows = all.get(); rows.truncate(MOST_ROWS); rows } key=row_key let:row>
                <Row row=row stop=stop on_press=move |path: Path, is_container| {
                    focused.set(path.clone());
                    if is_container {
                        toggle(path);
                    }
                } />
            </For>
            <Show when=move || left.get() != 0>
                <p class="lf-tree__more">{move || format!("{} rows more: close some above to see them.", left.get())}</p>
            </Show>
        </div>
    }
}

fn focus_row(event: &KeyboardEvent, number: usize) {
    let tree = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(tree) = tree else { return };
    request_animation_frame(move || {
        let row = u32::try_from(number).ok().and_then(|number| tree.children().item(number));
        if let Some(row) = row.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = row.focus();
        }
    });
}

#[component]
fn Row<F>(row: TreeRow, stop: Memo<Path>, on_press: F) -> impl IntoView
where
    F: Fn(Path, bool) + Copy + Send + Sync + 'static,
{
    let level = row.depth() + 1;
    let (diff, mark) = match &row.change {
        RowChange::None => (None, ""),
        RowChange::Added => (Some("added"), "+"),
        RowChange::Changed { .. } => (Some("changed"), "~"),
        RowChange::Removed => (Some("removed"), "−"),
        RowChange::Within { .. } => (Some("within"), "•"),
    };
    let is_open = match row.shown {
        Shown::Container { is_open, .. } => Some(is_open),
        _ => None,
    };
    let told = match &row.change {
        RowChange::Added => Some("added "),
        RowChange::Removed => Some("removed "),
        _ => None,
    };
    let end = match &row.change {
        RowChange::Within { count } => Some(format!("{count} changed")),
        _ => None,
    };
    let (place, siblings) = row.place;
    let path = StoredValue::new(row.path.clone());
    let is_stop = Memo::new(move |_| path.with_value(|path| stop.with(|stop| stop == path)));
    let value = match row.change {
        RowChange::Changed { from } => {
            let to = text_of(&row.shown);
            let told = format!("changed from {from} to {to}");
            view! {
                <span class="lf-tree__val">
                    <span class="lf-vh">{told}</span>
                    <span class="lf-delta" aria-hidden="true">
                        <span class="lf-delta__old lf-clip">{from}</span><span class="lf-delta__arrow">"→"</span>
                        <span class="lf-delta__new lf-clip">{to}</span>
                    </span>
                </span>
            }
            .into_any()
        }
        _ => {
            let class = match row.shown {
                Shown::String(_) => "lf-tree__str",
                Shown::Number(_) => "lf-tree__num",
                Shown::Literal(_) => "lf-tree__lit",
                Shown::Container { .. } => "lf-tree__meta",
            };
            view! { <span class="lf-tree__val"><span class=class>{text_of(&row.shown)}</span></span> }.into_any()
        }
    };
    view! {
        <div
            class="lf-tree__row"
            role="treeitem"
            attr:aria-level=level.to_string()
            aria-setsize=siblings.to_string()
            aria-posinset=place.to_string()
            aria-expanded=is_open.map(|open| open.to_string())
            tabindex=move || if is_stop.get() { "0" } else { "-1" }
            style=format!("--d:{}", level - 1)
            data-diff=diff
            on:click=move |_| on_press(path.get_value(), is_open.is_some())
        >
            <span class="lf-tree__mark" aria-hidden="true">{mark}</span>
            <span class="lf-tree__tw">
                {is_open.map(|open| sized_icon(if open { "chevron-down" } else { "chevron-right" }, 12))}
            </span>
            {told.map(|told| view! { <span class="lf-vh">{told}</span> })}
            <span class="lf-tree__key">{row.key}</span>
            {value}
            {end.map(|end| view! { <span class="lf-tree__end">{end}</span> })}
        </div>
    }
}

fn text_of(shown: &Shown) -> String {
    match shown {
        Shown::String(text) | Shown::Number(text) | Shown::Literal(text) => text.clone(),
        Shown::Container { label, .. } => label.clone(),
    }
}
