//! A row of a tree.

use leptos::html;
use leptos::prelude::*;

use super::element::{RowElement, open_of};
use crate::model::changes::Path;
use crate::model::tree::FlatTree;

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
    F: Fn(Path, Option<bool>) + Copy + Send + Sync + 'static,
{
    let row = Memo::new(move |_| tree.with(|tree| tree.row(number)));
    let is_stop = Memo::new(move |_| stop.get() == number);
    let is_chosen =
        Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| chosen.with(|chosen| *chosen == row.path))));
    let press = move |_| {
        if let Some(row) = row.get_untracked() {
            on_press(row.path, open_of(&row.shown));
        }
    };
    let node = NodeRef::<html::Div>::new();
    let element = StoredValue::new_local(None::<RowElement>);
    Effect::new(move |_| {
        let (Some(node), Some(row)) = (node.get(), row.get()) else { return };
        element.update_value(|element| {
            if element.is_none() {
                *element = RowElement::new(AsRef::<web_sys::Element>::as_ref(&node).clone());
            }
            if let Some(element) = element {
                element.show(row);
            }
        });
    });
    view! {
        <div
            class="lf-tree__row"
            role="treeitem"
            aria-selected=move || is_chosen.get().to_string()
            tabindex=move || if is_stop.get() { "0" } else { "-1" }
            data-row=number.to_string()
            on:click=press
            node_ref=node
        ></div>
    }
}
