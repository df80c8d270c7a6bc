//! A row of the log.

use leftfold_core::Position;
use leptos::prelude::*;

use super::cells::{Cells, Indexed, Read};
use super::kin::{Kin, Link, Tie};
use crate::model::columns::Column;
use crate::state::App;

/// What every row is given.
#[derive(Clone, Copy)]
pub(super) struct RowFrame {
    pub(super) columns: Memo<Vec<Column>>,
    pub(super) has_days: Memo<bool>,
    pub(super) kin: Memo<Kin>,
}

/// An event as a row. What stands in the index is there at once; what stands in the payload when it was read.
///
/// The element outlives its row: it shows whichever `shown` says. A row is one view of plain values, so that a jump of the log
/// makes no element anew, runs one effect a row and writes only what differs.
#[component]
pub(super) fn EventRow(shown: Memo<(u64, Position)>, frame: RowFrame) -> impl IntoView {
    let app = App::get();
    let event = Memo::new(move |_| {
        let (row, position) = shown.get();
        Indexed::new(app, row, position)
    });
    let position = move || shown.get().1;
    let when = Memo::new(move |_| match position().cmp(&app.cursor.get()) {
        std::cmp::Ordering::Less => "past",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "future",
    });
    let read = Memo::new(move |_| Read::new(app, position()));
    let ahead =
        Memo::new(move |_| (when.get() == "now").then(|| app.head.get().get().saturating_sub(position().get())));
    let link = Memo::new(move |_| frame.kin.with(|kin| kin.link(position())));
    move || {
        let event = event.get()?;
        let when = when.get();
        let is_now = when == "now";
        let row = event.row;
        let cells = Cells { app, event, read: read.get(), has_days: frame.has_days.get(), ahead: ahead.get() };
        let columns = frame.columns.get().into_iter().zip(1..);
        let cells = columns.map(|(column, number)| {
            let lead = link.get().filter(|_| column == Column::Position).map(|link| connector(frame.kin, link));
            cells.cell(column, number, lead)
        });
        Some(view! {
            <div
                class="lf-log__row"
                role="row"
                aria-rowindex=row + 2
                aria-selected=is_now.to_string()
                aria-current=is_now.to_string()
                tabindex=if is_now { "0" } else { "-1" }
                data-when=when
                data-row=row
            >
                {cells.collect_view()}
            </div>
        })
    }
}

/// The line that joins the events of one correlation, with a node at each of them.
fn connector(kin: Memo<Kin>, link: Link) -> AnyView {
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
    view! { <span class=class title=words aria-hidden="true"></span>{spoken} }.into_any()
}
