//! The event log: a grid of any length, of which only the rows in view exist.

mod announcer;
mod bar;
mod cells;
mod columns_menu;
mod element;
mod find;
mod follow;
mod grid;
mod header;
mod kin;
mod map;
mod notices;
mod part;
mod pool;
mod row;
mod scroll;

use leptos::prelude::*;

use super::breakpoint::BreakpointStrip;
use crate::model::columns::Columns;
use crate::state::browser::{remember, remembered};
use bar::Bar;
use follow::Following;
use grid::Grid;
use notices::{PayloadTrouble, SearchNotice};

/// Where the row of the playhead is found.
pub(crate) const CURRENT_ROW: &str = "[role=grid] [aria-current=true]";
const COLUMNS_KEY: &str = "leftfold.columns";

/// The log.
#[component]
pub(crate) fn EventLog() -> impl IntoView {
    let following = Following::new();
    let columns = RwSignal::new(remembered(COLUMNS_KEY).map_or_else(Columns::default, |text| Columns::read(&text)));
    Effect::new(move |_| {
        let chosen = columns.get();
        let text = (chosen != Columns::default()).then(|| chosen.write());
        remember(COLUMNS_KEY, text.as_deref());
    });
    view! {
        <section class="lf-log lf-pane" aria-label="Event log">
            <Bar following=following columns=columns />
            <PayloadTrouble />
            <BreakpointStrip />
            <Grid following=following columns=columns />
            <SearchNotice />
        </section>
    }
}
