//! The timeline dock: transport, lanes, overview.

mod lanes;
mod overview;
mod scale;
mod transport;

use leptos::prelude::*;

use super::controls::sized_icon;
use super::dialog::Dialog;
use crate::state::App;
use lanes::Lanes;
use overview::Overview;
use transport::{AxisChoice, GoTo, SpeedChoice, StepChoice, Transport, ZoomButtons};

/// The dock at the bottom of the page.
#[component]
pub(crate) fn Dock() -> impl IntoView {
    view! {
        <section class="lf-dock" aria-label="Timeline">
            <Transport />
            <Lanes />
            <Overview />
        </section>
    }
}

/// What the dock of a narrow page has no room for.
#[component]
pub(crate) fn PlaybackSheet() -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
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
                <span class="lf-label">"Go to"</span><GoTo />
                <span class="lf-label">"Axis"</span><AxisChoice />
                <span class="lf-label">"Zoom"</span><ZoomButtons />
            </div>
        </Dialog>
    }
}
