//! The playhead, and the cursors A and B with the band between them.

use std::time::Duration;

use leftfold_core::Position;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::lane::Lane;
use crate::components::controls::is_modified;
use crate::model::format;
use crate::model::timeline::{Axis, Command, Direction, Timeline};
use crate::state::App;

/// How often what the playhead says changes while the timeline plays.
const SPOKEN_EVERY: Duration = Duration::from_secs(1);

/// Where a key moves a slider of positions: by one, or by a tenth of what is shown.
fn moved(app: App, key: &str, from: Position) -> Option<Position> {
    let (first, last) = app.timeline.with_untracked(Timeline::window);
    let tenth = ((last.get() + 1).saturating_sub(first.get()) / 10).max(1);
    let back = |by: u64| Position::new(from.get().saturating_sub(by).max(1));
    match key {
        "ArrowLeft" | "ArrowDown" => Some(back(1)),
        "ArrowRight" | "ArrowUp" => Some(from.next()),
        "PageUp" => Some(from.plus(tenth)),
        "PageDown" => Some(back(tenth)),
        "Home" => Some(first),
        "End" => Some(last),
        _ => None,
    }
}

/// The playhead.
#[component]
pub(super) fn Playhead(lane: Lane) -> impl IntoView {
    let app = lane.app;
    let press = move |event: KeyboardEvent| {
        if is_modified(&event) {
            return;
        }
        let key = event.key();
        let command = match key.as_str() {
            "ArrowLeft" | "ArrowDown" => Command::Step(Direction::Backwards),
            "ArrowRight" | "ArrowUp" => Command::Step(Direction::Forwards),
            "Home" => Command::ToStart,
            "End" => Command::GoLive,
            _ => match moved(app, &key, app.cursor.get_untracked()) {
                Some(position) => Command::SetPositionClamped(position),
                None => return,
            },
        };
        event.prevent_default();
        app.send_by_key(&event, command);
    };
    let words = move || {
        let (cursor, head) = (app.follows.details.get(), app.head.get());
        let kind = app.row(cursor).map(|row| format!(", {}", row.event_type)).unwrap_or_default();
        format!("event {} of {}{kind}", format::grouped(cursor.get()), format::grouped(head.get()))
    };
    let spoken = at_ease(app, words);
    let is_in_view = Memo::new(move |_| (-0.001..=1.001).contains(&lane.playhead.get()));
    view! {
        <div
            class="lf-playhead lf-at"
            id="playhead"
            data-hold="playhead"
            // Out of view it waits at the nearer end, unseen until it has the focus.
            style=move || format!("--x:{}", lane.playhead.get().clamp(0.0, 1.0) * 100.0)
            data-out=move || (!is_in_view.get()).then_some("")
            role="slider"
            tabindex="0"
            aria-label="Playhead"
            aria-orientation="horizontal"
            aria-valuemin="1"
            aria-valuemax=move || app.head.get().get()
            aria-valuenow=move || app.cursor.get().get()
            aria-valuetext=move || spoken.get()
            on:keydown=press
        >
            <span class="lf-playhead__handle" aria-hidden="true">{move || format::grouped(app.cursor.get().get())}</span>
        </div>
    }
}

/// A text that changes at most once a second while the timeline plays, so that it can be heard to its end.
fn at_ease(app: App, words: impl Fn() -> String + Copy + 'static) -> RwSignal<String> {
    let text = RwSignal::new(untrack(words));
    let is_playing = Memo::new(move |_| app.timeline.with(|timeline| timeline.playing().is_some()));
    let is_waiting = StoredValue::new(false);
    Effect::new(move |_| {
        let now = words();
        if !is_playing.get() {
            text.set(now);
        } else if !is_waiting.get_value() {
            is_waiting.set_value(true);
            set_timeout(
                move || {
                    if is_waiting.try_set_value(false).is_none() {
                        let _ = text.try_set(untrack(words));
                    }
                },
                SPOKEN_EVERY,
            );
        }
    });
    text
}

/// One of the cursors A and B.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Which {
    A,
    B,
}

impl Which {
    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    pub(super) fn of(self, timeline: &Timeline) -> Option<Position> {
        match self {
            Self::A => timeline.cursor_a(),
            Self::B => timeline.cursor_b(),
        }
    }

    pub(super) fn set(self, to: Option<Position>) -> Command {
        match self {
            Self::A => Command::SetA(to),
            Self::B => Command::SetB(to),
        }
    }
}

/// The band between the cursors, and the cursors.
#[component]
pub(super) fn Range(lane: Lane) -> impl IntoView {
    let band = Memo::new(move |_| match lane.cursors.get() {
        (Some(a), Some(b)) => {
            let (from, to) = (a.min(b).clamp(0.0, 1.0), a.max(b).clamp(0.0, 1.0));
            (to > from).then_some((from * 100.0, to * 100.0))
        }
        _ => None,
    });
    view! {
        <div
            class="lf-band"
            hidden=move || band.get().is_none()
            style=move || band.get().map(|(from, to)| format!("--a:{from};--b:{to}"))
        ></div>
        <CursorOf lane=lane which=Which::A />
        <CursorOf lane=lane which=Which::B />
    }
}

#[component]
fn CursorOf(lane: Lane, which: Which) -> impl IntoView {
    let app = lane.app;
    let at = Memo::new(move |_| app.timeline.with(|timeline| which.of(timeline)));
    let share = Memo::new(move |_| {
        let (a, b) = lane.cursors.get();
        if which == Which::A { a } else { b }
    });
    let is_in_view = Memo::new(move |_| share.get().is_some_and(|share| (-0.001..=1.001).contains(&share)));
    let number = move || at.get().unwrap_or_default().get();
    let press = move |event: KeyboardEvent| {
        if is_modified(&event) {
            return;
        }
        let Some(now) = at.get_untracked() else { return };
        let key = event.key();
        let to = match key.as_str() {
            "Delete" | "Backspace" => None,
            _ => match moved(app, &key, now) {
                Some(to) => Some(to),
                None => return,
            },
        };
        event.prevent_default();
        event.stop_propagation();
        app.send(which.set(to));
    };
    let is_b = which == Which::B;
    let place = Memo::new(move |_| lane.flags.get()[usize::from(is_b)]);
    let title = move || {
        let outside =
            lane.layout.with(|layout| layout.axis == Axis::Stream && !layout.shows(at.get().unwrap_or_default()));
        let outside = if outside { ", outside of this stream" } else { "" };
        format!("cursor {}, event {}{outside}", which.letter(), format::grouped(number()))
    };
    view! {
        <div
            class="lf-cursor lf-at"
            class:lf-cursor--b=is_b
            class:is-left=move || place.get().is_left
            class:is-low=move || place.get().is_low
            data-hold=if is_b { "b" } else { "a" }
            data-after="#playhead"
            hidden=move || share.get().is_none()
            data-out=move || (!is_in_view.get()).then_some("")
            style=move || format!("--x:{}", share.get().unwrap_or(0.0).clamp(0.0, 1.0) * 100.0)
            role="slider"
            tabindex="0"
            aria-label=format!("Cursor {}", which.letter())
            aria-orientation="horizontal"
            aria-valuemin="1"
            aria-valuemax=move || app.head.get().get()
            aria-valuenow=number
            aria-valuetext=title
            on:keydown=press
        >
            <span class="lf-cursor__flag" aria-hidden="true">{which.letter()}</span>
        </div>
    }
}
