//! A row of the log.

use std::sync::Arc;

use leftfold_core::{Position, Row};
use leptos::prelude::*;

use super::cells::{Cell, cell};
use super::kin::{Kin, Tie};
use crate::model::columns::Column;
use crate::state::{App, colour_class};

/// What every row is given.
#[derive(Clone, Copy)]
pub(super) struct RowFrame {
    pub(super) columns: Memo<Vec<Column>>,
    pub(super) has_days: Memo<bool>,
    pub(super) kin: Memo<Kin>,
}

/// An event as a row. What stands in the index is there at once; what stands in the payload when it was read.
#[component]
pub(super) fn EventRow(row: u64, position: Position, frame: RowFrame) -> impl IntoView {
    let app = App::get();
    let event: Arc<Row> = Arc::new(app.row(position)?);
    let colour = app.with_log(|log| log.type_index_of(position)).flatten().map(colour_class).unwrap_or_default();
    let shape = app.facets.with_untracked(|facets| facets.shape_of(event.stream.category()));
    let when = Memo::new(move |_| match position.cmp(&app.cursor.get()) {
        std::cmp::Ordering::Less => "past",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "future",
    });
    let is_now = move || when.get() == "now";
    let made = Cell::new(app, event, colour, shape, frame.has_days);
    let link = Memo::new(move |_| frame.kin.with(|kin| kin.link(position)));
    let cells = move || {
        let cells = frame.columns.get().into_iter().zip(1..).map(|(column, number)| {
            let lead = (column == Column::Position).then(|| view! { {move || connector(frame.kin, link)} }.into_any());
            cell(&made, column, number, lead)
        });
        cells.collect_view()
    };
    Some(view! {
        <div
            class="lf-log__row"
            role="row"
            aria-rowindex=row + 2
            aria-selected=move || is_now().to_string()
            aria-current=move || is_now().then_some("true")
            tabindex=move || if is_now() { "0" } else { "-1" }
            data-when=move || when.get()
            data-row=row
        >
            {cells}
        </div>
    })
}

/// The line that joins the events of one correlation, with a node at each of them.
fn connector(kin: Memo<Kin>, link: Memo<Option<super::kin::Link>>) -> Option<AnyView> {
    let link = link.get()?;
    let mut class = "lf-log__corr".to_owned();
    for (holds, name) in [(link.is_first, "first"), (link.is_last, "last"), (link.tie.is_some(), "node")] {
        if holds {
            class.push_str(" lf-log__corr--");
            class.push_str(name);
        }
    }
    let words = match link.tie {
        None | Some(Tie::Current) => None,
        Some(Tie::Cause) => {
            class.push_str(" lf-log__corr--cause");
            Some("cause of the current event".to_owned())
        }
        Some(Tie::Effect) => {
            class.push_str(" lf-log__corr--effect");
            Some("caused by the current event".to_owned())
        }
        Some(Tie::Same) => Some(kin.with_untracked(|kin| {
            kin.correlation
                .as_ref()
                .map_or_else(|| "same correlation".to_owned(), |id| format!("same correlation: {id}"))
        })),
    };
    let spoken = words.clone().map(|words| view! { <span class="lf-vh">{words}", "</span> });
    Some(view! { <span class=class title=words aria-hidden="true"></span>{spoken} }.into_any())
}
