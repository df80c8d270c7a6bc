//! The transport: play, step, speed, exact position, axis.

use leftfold_core::Position;
use leptos::prelude::*;

use crate::components::controls::{Segmented, icon};
use crate::model::format;
use crate::model::timeline::{Axis, Command, Direction, SPEEDS, StepUnit, Timeline};
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
                <span class="lf-transport__label lf-hide-lg">"Step"</span>
                <StepChoice />
            </div>
            <div class="lf-hide-sm"><SpeedChoice /></div>
            <span class="lf-rule lf-hide-sm"></span>
            <div class="lf-hide-sm"><GoTo /></div>
            <Readout />
            <div class="lf-grow"></div>
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost lf-show-sm"
                aria-label="More playback controls: step unit, speed, position, axis"
                title="More playback controls"
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

fn named<T>(options: &[(T, &str)]) -> Vec<(T, String)>
where
    T: Copy,
{
    options.iter().map(|(value, name)| (*value, (*name).to_owned())).collect()
}

/// What a step passes over.
#[component]
pub(super) fn StepChoice() -> impl IntoView {
    let app = App::get();
    let options = named(&[(StepUnit::Event, "Event"), (StepUnit::Stream, "Same stream"), (StepUnit::Match, "Match")]);
    let value = Signal::derive(move || app.timeline.with(Timeline::unit));
    view! {
        <Segmented label="Step unit" options=Signal::stored(options) value=value on_choose=move |unit| app.send(Command::SetUnit(unit)) />
    }
}

/// What the lanes show along x.
#[component]
pub(super) fn AxisChoice() -> impl IntoView {
    let app = App::get();
    let options = named(&[(Axis::Position, "Position"), (Axis::Time, "Time")]);
    let value = Signal::derive(move || app.timeline.with(Timeline::axis));
    view! {
        <Segmented label="Timeline axis" options=Signal::stored(options) value=value on_choose=move |axis| app.send(Command::SetAxis(axis)) />
    }
}

/// How fast playback goes.
#[component]
pub(super) fn SpeedChoice() -> impl IntoView {
    let app = App::get();
    let speed = Memo::new(move |_| app.timeline.with(Timeline::speed));
    let option = move |of: f64| {
        view! { <option value=of.to_string() selected=move || speed.get() == of>{format!("{of}×")}</option> }
    };
    view! {
        <label class="lf-select" title="Playback speed">
            <span class="lf-vh">"Speed"</span>
            <select
                class="lf-select__el"
                prop:value=move || speed.get().to_string()
                on:change:target=move |event| {
                    if let Ok(speed) = event.target().value().parse() {
                        app.send(Command::SetSpeed(speed));
                    }
                }
            >
                {SPEEDS.into_iter().map(option).collect_view()}
            </select>
            {icon("chevron-down")}
        </label>
    }
}

/// Goes to an exact position; what the log does not have is refused and stays in the field.
#[component]
pub(super) fn GoTo() -> impl IntoView {
    let app = App::get();
    let typed = RwSignal::new(None::<String>);
    let is_wrong = RwSignal::new(false);
    let shown = move || typed.get().unwrap_or_else(|| app.cursor.get().to_string());
    let go = move || {
        let Some(text) = typed.get_untracked() else { return };
        let digits: String = text.chars().filter(|c| !matches!(c, ',' | '#' | ' ')).collect();
        let is_there = digits.parse().is_ok_and(|number| app.go_to(Position::new(number)).is_ok());
        is_wrong.set(!is_there);
        if is_there {
            typed.set(None);
        }
    };
    let forget = move || {
        typed.set(None);
        is_wrong.set(false);
    };
    let title = move || {
        if is_wrong.get() {
            format!("There is no such position: the log has 1 to {}", format::grouped(app.head.get().get()))
        } else {
            "Go to position".to_owned()
        }
    };
    view! {
        <label class="lf-field lf-field--num lf-goto" class:lf-field--invalid=move || is_wrong.get() title=title>
            <span class="lf-vh">"Go to position"</span>
            <span class="lf-field__affix" aria-hidden="true">"#"</span>
            <input
                class="lf-field__input"
                inputmode="numeric"
                autocomplete="off"
                aria-invalid=move || is_wrong.get().then_some("true")
                prop:value=shown
                on:input:target=move |event| {
                    is_wrong.set(false);
                    typed.set(Some(event.target().value()));
                }
                on:keydown=move |event| match event.key().as_str() {
                    "Enter" => go(),
                    "Escape" => forget(),
                    _ => {}
                }
                on:change=move |_| go()
            />
        </label>
    }
}

/// Zoom of the lanes.
#[component]
pub(super) fn ZoomButtons() -> impl IntoView {
    let app = App::get();
    let is_zoomed = Memo::new(move |_| app.timeline.with(Timeline::is_zoomed));
    let button = move |label: &'static str, symbol: &'static str, command: Command, needs_zoom: bool| {
        view! {
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost"
                aria-label=label
                title=label
                disabled=move || needs_zoom && !is_zoomed.get()
                on:click=move |_| app.send(command)
            >
                {icon(symbol)}
            </button>
        }
    };
    view! {
        <div class="lf-transport__group">
            {button("Zoom out", "zoom-out", Command::Zoom { factor: 2.0 }, true)}
            {button("Zoom in", "zoom-in", Command::Zoom { factor: 0.5 }, false)}
            {button("Fit all events", "fit", Command::Fit, false)}
        </div>
    }
}

/// Where the cursor is: position and time.
#[component]
fn Readout() -> impl IntoView {
    let app = App::get();
    let time = move || {
        let time = app.with_log(|log| log.running_time(app.cursor.get())).flatten();
        time.map(|time| format!("{} {}", format::date(time), format::clock(time)))
    };
    view! {
        <output class="lf-readout" id="readout" aria-live="off">
            <span>
                <span class="lf-readout__now">{move || format::grouped(app.cursor.get().get())}</span>
                <span class="lf-readout__sep">" / "</span>
                {move || format::grouped(app.head.get().get())}
            </span>
            <span class="lf-readout__sep">"·"</span>
            <span>{time}</span>
        </output>
    }
}
