//! A table of which only the rows in view are drawn.

use std::fmt::Debug;

use leptos::html;
use leptos::prelude::*;

use crate::components::tree::{RowWindow, Scroller};

/// The rows in view of a table of `count` rows. `row_at` gives what a row shows and follows changes; `draw` draws it.
#[component]
pub(crate) fn Rows<R, F, D, V>(
    scroller: Scroller,
    count: Memo<usize>,
    columns: usize,
    row_at: F,
    draw: D,
    /// Told which rows are drawn.
    #[prop(optional)]
    drawn: Option<RwSignal<Vec<R>>>,
) -> impl IntoView
where
    R: Clone + Debug + PartialEq + Send + Sync + 'static,
    F: Fn(usize) -> Option<R> + Copy + Send + Sync + 'static,
    D: Fn(usize, R) -> V + Copy + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let window = RowWindow::new(Some(scroller), count, "--lf-cmp-h");
    let node = NodeRef::<html::Tbody>::new();
    Effect::new(move |_| {
        count.track();
        window.track_size();
        if let Some(node) = node.get() {
            window.measure(&node);
        }
    });
    let rows =
        Memo::new(move |_| window.range().filter_map(|number| Some((number, row_at(number)?))).collect::<Vec<_>>());
    if let Some(drawn) = drawn {
        Effect::new(move |_| drawn.set(rows.with(|rows| rows.iter().map(|(_, row)| row.clone()).collect())));
    }
    let spacer = move |pixels: f64| {
        (pixels > 0.0).then(|| view! {
            <tr class="lf-cmp__space" aria-hidden="true"><td colspan=columns.to_string() style=format!("height:{pixels}px")></td></tr>
        })
    };
    view! {
        <tbody node_ref=node>
            {move || spacer(window.space().0)}
            <For each=move || rows.get() key=|(number, row)| (*number, format!("{row:?}")) let((number, row))>
                {draw(number, row)}
            </For>
            {move || spacer(window.space().1)}
        </tbody>
    }
}
