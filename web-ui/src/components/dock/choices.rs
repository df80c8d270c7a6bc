//! Choices of playback: what a step passes over, how fast it goes, what lies along x.

use leptos::prelude::*;

use crate::components::controls::{Segmented, icon};
use crate::model::timeline::{Axis, Command, Pace, StepUnit, Timeline};
use crate::state::{App, Gesture, Layout};

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
    let options = named(&[(Axis::Position, "Position"), (Axis::Time, "Time"), (Axis::Stream, "Stream version")]);
    let value = Signal::derive(move || app.timeline.with(Timeline::axis));
    view! {
        <Segmented label="Timeline axis" options=Signal::stored(options) value=value on_choose=move |axis| app.send(Command::SetAxis(axis)) />
    }
}

/// How fast playback goes.
#[component]
pub(super) fn SpeedChoice() -> impl IntoView {
    let app = App::get();
    let pace = Memo::new(move |_| app.timeline.with(Timeline::pace));
    let option = move |of: Pace| {
        let label = of.label();
        view! { <option value=label.clone() selected=move || pace.get() == of>{label.clone()}</option> }
    };
    let title = move || match pace.get() {
        Pace::PerSecond(number) => format!("Speed: {number} steps a second"),
        Pace::RealTime(factor) => {
            format!("Speed: {factor} times as fast as it happened. Gaps in which nothing happens are cut to one second")
        }
    };
    view! {
        <label class="lf-select lf-speed" title=title>
            <span class="lf-vh">"Speed"</span>
            <select
                class="lf-select__el"
                prop:value=move || pace.get().label()
                on:change:target=move |event| {
                    if let Some(pace) = Pace::of_label(&event.target().value()) {
                        app.send(Command::SetPace(pace));
                    }
                }
            >
                <optgroup label="Events per second">{Pace::PER_SECOND.into_iter().map(option).collect_view()}</optgroup>
                <optgroup label="Times real time">{Pace::REAL_TIME.into_iter().map(option).collect_view()}</optgroup>
            </select>
            {icon("chevron-down")}
        </label>
    }
}

/// Zoom of the lanes.
#[component]
pub(super) fn ZoomButtons() -> impl IntoView {
    let app = App::get();
    let is_zoomed = Memo::new(move |_| app.timeline.with(Timeline::is_zoomed));
    let button =
        move |label: &'static str, symbol: &'static str, key: &'static str, is_off: Signal<bool>, run: fn(App)| {
            view! {
                <button
                    type="button"
                    class="lf-btn lf-btn--icon lf-btn--ghost"
                    aria-label=label
                    title=format!("{label} ({key})")
                    aria-keyshortcuts=key
                    disabled=is_off
                    on:click=move |_| run(app)
                >
                    {icon(symbol)}
                </button>
            }
        };
    let is_whole = Signal::derive(move || !is_zoomed.get());
    view! {
        <div class="lf-transport__group">
            {button("Zoom out", "zoom-out", "-", is_whole, |app| zoom(app, 2.0))}
            {button("Zoom in", "zoom-in", "+", Signal::stored(false), |app| zoom(app, 0.5))}
            {button("Fit all events", "fit", "0", Signal::stored(false), |app| app.send(Command::Fit))}
        </div>
    }
}

/// Zooms around the playhead, or around the middle when it is not in view.
fn zoom(app: App, factor: f64) {
    let layout = Layout::now(app);
    Gesture::default().zoom(app, &layout, layout.anchor(app), factor);
}
