//! A row of a tree.

use leptos::prelude::*;

use crate::components::controls::sized_icon;
use crate::model::changes::{Path, Tally};
use crate::model::tree::{FlatTree, RowChange, Shown, TreeRow};

/// The row with a number. It stays the same element whatever it shows, so that it keeps the focus.
#[component]
pub(super) fn Row<F>(
    number: usize,
    tree: Memo<FlatTree>,
    stop: Memo<usize>,
    chosen: RwSignal<Path>,
    on_press: F,
) -> impl IntoView
where
    F: Fn(Path, bool) + Copy + Send + Sync + 'static,
{
    let row = Memo::new(move |_| tree.with(|tree| tree.row(number)));
    let is_stop = Memo::new(move |_| stop.get() == number);
    let is_chosen =
        Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| chosen.with(|chosen| *chosen == row.path))));
    let text = move |of: fn(&TreeRow) -> String| move || row.with(|row| row.as_ref().map(of));
    let is_open = move || row.with(|row| open_of(&row.as_ref()?.shown).map(|open| open.to_string()));
    let diff = move || row.with(|row| marks(&row.as_ref()?.change).0);
    let press = move |_| {
        if let Some(row) = row.get_untracked() {
            let is_container = open_of(&row.shown).is_some();
            on_press(row.path, is_container);
        }
    };
    view! {
        <div
            class="lf-tree__row"
            role="treeitem"
            prop:ariaLevel=move || row.with(|row| row.as_ref().map_or(1, |row| row.depth() + 1)).to_string()
            aria-setsize=text(|row| row.place.1.to_string())
            aria-posinset=text(|row| row.place.0.to_string())
            aria-expanded=is_open
            aria-selected=move || is_chosen.get().to_string()
            tabindex=move || if is_stop.get() { "0" } else { "-1" }
            style=text(|row| format!("--d:{}", row.depth()))
            data-row=number.to_string()
            data-diff=diff
            on:click=press
        >
            {move || row.get().map(content)}
        </div>
    }
}

fn open_of(shown: &Shown) -> Option<bool> {
    match shown {
        Shown::Container { is_open, .. } => Some(*is_open),
        _ => None,
    }
}

/// The kind of a change and its sign.
fn marks(change: &RowChange) -> (Option<&'static str>, &'static str) {
    match change {
        RowChange::None => (None, ""),
        RowChange::Added => (Some("added"), "+"),
        RowChange::Changed { .. } => (Some("changed"), "~"),
        RowChange::Removed => (Some("removed"), "−"),
        RowChange::Within { .. } => (Some("within"), "•"),
    }
}

fn content(row: TreeRow) -> impl IntoView {
    let (_, mark) = marks(&row.change);
    let is_open = open_of(&row.shown);
    let told = match &row.change {
        RowChange::Added => Some("added "),
        RowChange::Removed => Some("removed "),
        _ => None,
    };
    let end = match &row.change {
        RowChange::Within { tally } => Some(view! { <span>{within(*tally)}</span> }.into_any()),
        RowChange::Changed { by: Some(by), .. } => {
            Some(view! { <span class="lf-delta__by">{by.clone()}</span> }.into_any())
        }
        _ => None,
    };
    let value = match row.change {
        RowChange::Changed { from, .. } => {
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
        <span class="lf-tree__mark" aria-hidden="true">{mark}</span>
        <span class="lf-tree__tw">
            {is_open.map(|open| sized_icon(if open { "chevron-down" } else { "chevron-right" }, 12))}
        </span>
        {told.map(|told| view! { <span class="lf-vh">{told}</span> })}
        <span class="lf-tree__key">{row.key}</span>
        {value}
        {end.map(|end| view! { <span class="lf-tree__end">{end}</span> })}
    }
}

/// `3 changed`, `1 added`.
fn within(tally: Tally) -> String {
    let parts = [(tally.added, "added"), (tally.changed, "changed"), (tally.removed, "removed")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    parts.collect::<Vec<_>>().join(", ")
}

fn text_of(shown: &Shown) -> String {
    match shown {
        Shown::String(text) | Shown::Number(text) | Shown::Literal(text) => text.clone(),
        Shown::Container { label, .. } => label.clone(),
    }
}
