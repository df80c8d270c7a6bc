//! The overview: the whole log, with the visible window as a brush.

use leftfold_core::Position;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;

use super::density::histogram;
use crate::components::canvas::{BarArea, draw_plain, fit, use_palette, use_size};
use crate::components::controls::is_modified;
use crate::model::format;
use crate::model::timeline::{Axis, Command, Timeline};
use crate::state::browser::FrameThrottle;
use crate::state::{App, Layout};

/// The width of a bar with its gap, in CSS pixels.
const BAR: f64 = 3.0;
/// How near to an end of the window a press takes hold of it, in CSS pixels.
const GRIP: f64 = 12.0;

/// What a press takes hold of.
#[derive(Clone, Copy, PartialEq)]
enum Hold {
    Start,
    End,
    /// The window, so far from its start, as a share of the width.
    Window(f64),
}

/// The overview lane.
#[component]
pub(super) fn Overview() -> impl IntoView {
    let app = App::get();
    let canvas = NodeRef::<html::Canvas>::new();
    let lane = NodeRef::<html::Div>::new();
    let (size, palette) = (use_size(canvas), use_palette());
    // The whole log is no stream: beside the axis of one stream it is laid out by position.
    let axis = Memo::new(move |_| match app.timeline.with(Timeline::axis) {
        Axis::Time => Axis::Time,
        Axis::Position | Axis::Stream => Axis::Position,
    });
    let window = Memo::new(move |_| app.timeline.with(Timeline::window));
    let whole = Memo::new(move |_| {
        let last = app.timeline.with(Timeline::view_head);
        (Position::new(1).min(last), last)
    });
    let layout = Memo::new(move |_| {
        app.epoch_tracked();
        Layout::new(app, axis.get(), whole.get(), None)
    });
    let bars = Memo::new(move |_| {
        let wanted = (size.get().0 / BAR).max(1.0);
        layout.with(|layout| histogram(app, layout, whole.get().1, wanted))
    });
    // The window as shares: on the axis of positions its ends lie between two events.
    let brush = Memo::new(move |_| {
        let window = window.get();
        layout.with(|layout| {
            let scale = Layout::new(app, axis.get(), window, None).scale;
            let share = |value| layout.scale.share_of(value).clamp(0.0, 1.0);
            (share(scale.from), share(scale.to))
        })
    });
    let now = Memo::new(move |_| layout.with(|layout| layout.share_of(app, app.cursor.get())));
    let throttle = StoredValue::new_local(FrameThrottle::new());
    let paint = move || {
        let (Some(canvas), Some(size)) = (canvas.get_untracked(), size.try_get_untracked()) else { return };
        let Some(pen) = fit(&canvas, size).filter(|_| size.0 > 0.0) else { return };
        palette.with_untracked(|palette| {
            pen.set_fill_style_str(&palette.sunken);
            pen.fill_rect(0.0, 0.0, size.0, size.1);
            pen.set_fill_style_str(&palette.text_3);
            bars.with_untracked(|bars| {
                let scale = layout.with_untracked(|layout| layout.scale);
                let area = BarArea { scale, left: 0.0, top: 5.0, width: size.0, height: size.1 - 8.0 };
                draw_plain(&pen, bars, &area);
            });
        });
    };
    Effect::new(move |_| {
        size.track();
        palette.track();
        bars.track();
        layout.track();
        throttle.with_value(|throttle| throttle.run(paint));
    });

    let held = StoredValue::new(None::<Hold>);
    let frames = StoredValue::new_local(FrameThrottle::new());
    // The left edge and the width of the lane as they were at the press, and where the pointer is.
    let place = StoredValue::new((0.0, 1.0, 0.0));
    let follow = move || {
        let Some(hold) = held.get_value() else { return };
        let (left, width, x) = place.get_value();
        let share = (x - left) / width;
        let (from, to) = window.get_untracked();
        layout.with_untracked(|layout| {
            let (from, to) = match hold {
                Hold::Start => (layout.position_at(app, share).min(to), to),
                Hold::End => (from, layout.position_at(app, share).max(from)),
                Hold::Window(before) => {
                    let length = to.get() - from.get();
                    let start = layout.position_at(app, share - before).get().max(1);
                    let start = start.min(layout.range.1.get().saturating_sub(length).max(1));
                    (Position::new(start), Position::new(start + length))
                }
            };
            app.send(Command::SetWindow { from, to });
        });
    };
    let down = move |event: PointerEvent| {
        let Some(lane) = lane.get_untracked().filter(|_| event.button() == 0) else { return };
        // A pointer that is gone already cannot be captured; then there is nothing to follow.
        let _ = lane.set_pointer_capture(event.pointer_id());
        let bounds = lane.get_bounding_client_rect();
        let (left, width, x) = (bounds.left(), bounds.width().max(1.0), f64::from(event.client_x()));
        place.set_value((left, width, x));
        let share = (x - left) / width;
        let (start, end) = brush.get_untracked();
        let (to_start, to_end) = ((share - start).abs() * width, (share - end).abs() * width);
        let hold = if to_start <= GRIP && to_start <= to_end {
            Hold::Start
        } else if to_end <= GRIP {
            Hold::End
        } else {
            // A press beside the window brings its middle there.
            Hold::Window(if (start..=end).contains(&share) { share - start } else { (end - start) / 2.0 })
        };
        held.set_value(Some(hold));
        if !(start..=end).contains(&share) {
            follow();
        }
    };
    let dragged = move |event: PointerEvent| {
        if held.get_value().is_some() {
            place.update_value(|place| place.2 = f64::from(event.client_x()));
            frames.with_value(|frames| frames.run(follow));
        }
    };
    let release = move |event: PointerEvent| {
        let is_moved = place.with_value(|place| (place.2 - f64::from(event.client_x())).abs() > 0.0);
        if is_moved {
            place.update_value(|place| place.2 = f64::from(event.client_x()));
            follow();
        }
        held.set_value(None);
    };
    let edges = move |hold: Hold| {
        let (from, to) = window.get();
        if hold == Hold::Start { (whole.get().0, to) } else { (from, whole.get().1) }
    };
    let press = move |event: KeyboardEvent, hold: Hold| {
        if is_modified(&event) {
            return;
        }
        let (from, to) = window.get_untracked();
        let step = ((to.get() + 1 - from.get()) / 20).max(1);
        let moved = |position: Position, forwards: bool| {
            if forwards { position.plus(step) } else { Position::new(position.get().saturating_sub(step).max(1)) }
        };
        let forwards = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => true,
            "ArrowLeft" | "ArrowDown" => false,
            "Home" | "End" => {
                let (first, last) = edges(hold);
                event.prevent_default();
                let at = if event.key() == "Home" { first } else { last };
                let (from, to) = if hold == Hold::Start { (at, to) } else { (from, at) };
                app.send(Command::SetWindow { from, to });
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let (from, to) = match hold {
            Hold::Start => (moved(from, forwards).min(to), to),
            _ => (from, moved(to, forwards).max(from)),
        };
        app.send(Command::SetWindow { from, to });
    };
    let grip = move |hold: Hold, class: &'static str, label: &'static str, of: fn((Position, Position)) -> Position| {
        view! {
            <span
                class=class
                role="slider"
                tabindex="0"
                aria-label=label
                aria-valuemin=move || edges(hold).0.get()
                aria-valuemax=move || edges(hold).1.get()
                aria-valuenow=move || of(window.get()).get()
                aria-valuetext=move || format!("event {}", format::grouped(of(window.get()).get()))
                on:keydown=move |event| press(event, hold)
            ></span>
        }
    };
    let brush_style = move || {
        let (from, to) = brush.get();
        format!("--a:{};--b:{}", from * 100.0, to * 100.0)
    };
    view! {
        <div class="lf-ov">
            <div class="lf-ov__label">"All events"</div>
            <div
                class="lf-lanes"
                role="group"
                aria-label="Visible window"
                node_ref=lane
                on:pointerdown=down
                on:pointermove=dragged
                on:pointerup=release
                on:pointercancel=move |_| held.set_value(None)
            >
                <canvas
                    node_ref=canvas
                    role="img"
                    aria-label=move || format!("Event rate over all {} events", format::grouped(whole.get().1.get()))
                ></canvas>
                <div class="lf-veil lf-at" style=move || format!("--x:{}", now.get().clamp(0.0, 1.0) * 100.0)></div>
                <div class="lf-brush" style=brush_style>
                    {grip(Hold::Start, "lf-brush__grip", "Window start", |(from, _)| from)}
                    {grip(Hold::End, "lf-brush__grip lf-brush__grip--end", "Window end", |(_, to)| to)}
                </div>
                <span class="lf-ov__now lf-at" style=move || format!("--x:{}", now.get() * 100.0)></span>
            </div>
        </div>
    }
}
