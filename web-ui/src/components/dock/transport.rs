//! Transport: play, step, speed, go to, and where the cursor is.

use leptos::prelude::*;

use super::choices::{AxisChoice, SpeedChoice, StepChoice, ZoomButtons};
use super::goto::GoTo;
use super::range::RangeButtons;
use crate::components::controls::icon;
use crate::model::format;
use crate::model::timeline::{Command, Direction};
use crate::state::{App, Overlay};

/// The row of playback controls.
#[component]
pub(super) fn Transport() -> impl IntoView {
    let app = App::get();
    let is_playing = Memo::new(move |_| app.timeline.with(|timeline| timeline.playing().is_some()));
    let button =
        move |label: &'static str, symbol: &'static str, key: &'static str, class: &'static str, command: Command| {
            view! {
                <button
                    type="button"
                    class=format!("lf-btn lf-btn--icon lf-btn--ghost {class}")
                    aria-label=label
                    title=label
                    aria-keyshortcuts=key
                    on:click=move |_| app.send(command)
                >
                    {icon(symbol)}
                </button>
            }
        };
    let play_label = move || if is_playing.get() { "Pause" } else { "Play" };
    // Names are read when somebody comes to the button: they need not be other ones in every frame.
    let here = move || format!("Bookmark {}", format::position(app.follows.details.get()));
    let is_marked = Memo::new(move |_| app.bookmarks.all.with(|all| all.at(app.cursor.get()).is_some()));
    let mark_title = move || {
        let verb = if is_marked.get() { "Rename the bookmark at" } else { "Bookmark" };
        format!("{verb} {} (B)", format::position(app.follows.details.get()))
    };
    view! {
        <div class="lf-transport" role="toolbar" aria-label="Playback" aria-controls="playhead">
            <div class="lf-transport__group lf-transport__group--play">
                {button("To start", "to-start", "Home", "lf-hide-sm", Command::ToStart)}
                {button("Step back", "step-back", "ArrowLeft", "", Command::Step(Direction::Backwards))}
                <button
                    type="button"
                    class="lf-btn lf-btn--icon lf-transport__play"
                    aria-label=play_label
                    title=play_label
                    aria-keyshortcuts="Space"
                    on:click=move |_| app.send(Command::TogglePlay)
                >
                    {move || if is_playing.get() { icon("pause").into_any() } else { icon("play").into_any() }}
                </button>
                {button("Step forward", "step-fwd", "ArrowRight", "", Command::Step(Direction::Forwards))}
                {button("To end, live", "to-end", "End", "", Command::GoLive)}
            </div>
            <div class="lf-transport__group lf-hide-sm">
                <span class="lf-transport__label lf-hide-lg" aria-hidden="true">"Step"</span>
                <StepChoice />
            </div>
            <div class="lf-hide-sm"><SpeedChoice /></div>
            <div class="lf-hide-sm"><RangeButtons /></div>
            <span class="lf-rule lf-hide-sm"></span>
            <div class="lf-hide-sm"><GoTo id="goto" /></div>
            <Readout />
            <div class="lf-grow"></div>
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost lf-mark"
                data-set=move || is_marked.get().then_some("")
                aria-label=here
                title=mark_title
                aria-keyshortcuts="B"
                on:click=move |_| app.bookmark_cursor()
            >
                {icon("bookmark")}
            </button>
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost lf-show-sm"
                aria-label="More playback controls: step unit, speed, loop, axis"
                title="More playback controls: step unit, speed, loop, axis"
                aria-haspopup="dialog"
                on:click=move |_| app.overlay.set(Some(Overlay::Playback))
            >
                {icon("more")}
            </button>
            <div class="lf-hide-sm"><ZoomButtons /></div>
            <div class="lf-hide-sm"><AxisChoice /></div>
        </div>
    }
}

/// Where the cursor is: position and time.
#[component]
fn Readout() -> impl IntoView {
    let app = App::get();
    let time = Memo::new(move |_| {
        let time = app.with_log(|log| log.running_time(app.cursor.get())).flatten();
        time.map(|time| format!("{} {}", format::date(time), format::clock(time))).unwrap_or_default()
    });
    let head = Memo::new(move |_| format::grouped(app.head.get().get()));
    // As wide as the last position and the time are long: nothing beside it is laid out anew while the cursor moves.
    let lengths = Memo::new(move |_| (head.with(String::len), time.with(String::len)));
    let style = move || {
        let (head, time) = lengths.get();
        format!("--ch:{head};--tch:{time}")
    };
    view! {
        <output class="lf-readout" id="readout" aria-live="off" style=style>
            <span class="lf-readout__line lf-apart">
                <span>
                    <span class="lf-readout__now">{move || format::grouped(app.cursor.get().get())}</span>
                    <span class="lf-readout__sep">" / "</span>
                    {head}
                </span>
                <span class="lf-readout__sep">"·"</span>
                <span>{time}</span>
            </span>
        </output>
    }
}
