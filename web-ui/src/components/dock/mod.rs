//! The timeline dock: transport, lanes, overview.

mod blocks;
mod bookmark_list;
mod choices;
mod cursors;
mod density;
mod flags;
mod fork;
mod goto;
mod hits;
mod lane;
mod lanes;
mod overview;
mod pointer;
mod range;
mod ruler;
mod signals;
mod transport;

use leptos::prelude::*;

use super::controls::sized_icon;
use super::dialog::Dialog;
use super::in_turn::InTurn;
use crate::model::place::PageView;
use crate::state::App;
pub(crate) use bookmark_list::BookmarkList;
use choices::{AxisChoice, SpeedChoice, StepChoice, ZoomButtons};
use fork::Fork;
use goto::GoTo;
use lanes::Lanes;
use overview::Overview;
use range::RangeButtons;
use transport::Transport;

/// The dock at the bottom of the page; a lower one where the page is not about the log.
#[component]
pub(crate) fn Dock() -> impl IntoView {
    let app = App::get();
    let is_unmarked = Memo::new(move |_| !app.has_signals());
    let is_compact = Memo::new(move |_| app.page.get() != PageView::Debugger);
    let has_branch = Memo::new(move |_| Fork::is_shown(app));
    view! {
        <section
            class="lf-dock"
            class:lf-dock--unmarked=move || is_unmarked.get()
            class:lf-dock--compact=move || is_compact.get()
            class:lf-dock--fork=move || has_branch.get()
            aria-label="Timeline"
        >
            <InTurn turn=1 class="lf-transport"><Transport /></InTurn>
            <InTurn turn=2 class="lf-tl lf-tl--waits"><Lanes /></InTurn>
            <InTurn turn=2 class="lf-ov lf-ov--waits"><Overview /></InTurn>
        </section>
    }
}

/// What the dock of a narrow page has no room for.
#[component]
pub(crate) fn PlaybackSheet() -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
    let bookmarks = Memo::new(move |_| app.bookmarks.all.with(|all| all.all().len()));
    view! {
        <Dialog labelled_by="playback-title" on_close=close is_small=true>
            <header class="lf-dialog__head">
                <h2 class="lf-dialog__title lf-grow" id="playback-title">"Playback"</h2>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| close()>
                    {sized_icon("x", 16)}
                </button>
            </header>
            <div class="lf-dialog__body lf-dialog__pad lf-sheet">
                <span class="lf-label">"Step"</span><StepChoice />
                <span class="lf-label">"Speed"</span><SpeedChoice />
                <span class="lf-label">"A–B"</span><RangeButtons />
                <span class="lf-label">"Go to"</span><GoTo id="goto-sheet" />
                <span class="lf-label">"Axis"</span><AxisChoice />
                <span class="lf-label">"Zoom"</span><ZoomButtons />
                <span class="lf-label">"Marks"</span>
                <button type="button" class="lf-btn" on:click=move |_| app.show_bookmarks(None)>
                    {move || format!("Bookmarks · {}", bookmarks.get())}
                </button>
            </div>
        </Dialog>
    }
}
