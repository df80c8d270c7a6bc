//! The overview: the whole log, with the visible window as a brush.

use leftfold_core::Position;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;

use super::scale::{histogram, position_of, scale_of, value_of};
use crate::components::canvas::{fit, use_palette, use_size};
use crate::model::format;
use crate::model::timeline::{Command, Timeline};
use crate::state::App;
use crate::state::browser::FrameThrottle;

/// The width of a bar with its gap, in CSS pixels.
const BAR: f64 = 3.0;
/// How near to an end of the window a press takes hold of it, in CSS pixels.
const GRIP: f64 = 12.0;

/// What a press takes hold of.
#[derive(Clone, Copy, PartialEq)]
enum Hold {
    Start,
    End,
    /// The window, so far from its first position.
    Window(f64),
}

/// The overview lane.
#[component]
pub(super) fn Overview() -> impl IntoView {
    let app = App::get();
    let canvas = NodeRef::<html::Canvas>::new();
    let lane = NodeRef::<html::Div>::new();
    let (size, palette) = (use_size(canvas), use_palette());
    let axis = Memo::new(move |_| app.timeline.with(Timeline::axis));
    let window = Memo::new(move |_| app.timeline.with(Timeline::window));
    let whole = Memo::new(move |_| {
        let last = app.timeline.with(Timeline::view_head);
        (Position::new(1).min(last), last)
    });
    let scale = Memo::new(move |_| scale_of(app, axis.get(), whole.get()));
    let share_of = move |position: Position| scale.get().share_of(value_of(app, axis.get(), position)) * 100.0;
    let bars = Memo::new(move |_| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the pixels of a lane")]
        let most = (size.get().0 / BAR).floor().max(1.0) as usize;
        histogram(app, axis.get(), whole.get(), most)
    });
    let split = Memo::new(move |_| share_of(app.cursor.get()));
    let throttle = StoredValue::new_local(FrameThrottle::new());
    let paint = move || {
        let (Some(canvas), Some(size)) = (canvas.get_untracked(), size.try_get_untracked()) else { return };
        let Some(pen) = fit(&canvas, size).filter(|_| size.0 > 0.0) else { return };
        palette.with_untracked(|palette| {
            pen.set_fill_style_str(&palette.sunken);
            pen.fill_rect(0.0, 0.0, size.0, size.1);
            pen.set_fill_style_str(&palette.text_3);
            bars.with_untracked(|bars| {
                #[expect(clippy::cast_precision_loss, reason = "some hundred bars")]
                let step = size.0 / bars.bars.len().max(1) as f64;
                let mut x = 0.0;
                for bar in &bars.bars {
                    if bar.rate > 0.0 {
                        let height = (bar.rate / bars.top * (size.1 - 8.0)).clamp(2.0, size.1 - 8.0);
                        pen.set_global_alpha(if x / size.0 * 100.0 > split.get_untracked() { 0.5 } else { 1.0 });
                        pen.fill_rect(x, size.1 - 3.0 - height, (step - 1.0).max(1.0), height);
                    }
                    x += step;
                }
            });
        });
    };
    Effect::new(move |_| {
        size.track();
        palette.track();
        bars.track();
        split.track();
        throttle.with_value(|throttle| throttle.run(paint));
    });

    let held = StoredValue::new(None::<Hold>);
    let value_at = move |event: &PointerEvent| {
        let bounds = lane.get_untracked()?.get_bounding_client_rect();
        Some(scale.get_untracked().value_at((f64::from(event.client_x()) - bounds.left()) / bounds.width().max(1.0)))
    };
    let move_to = move |hold: Hold, value: f64| {
        let (from, to) = window.get_untracked();
        let position = position_of(app, axis.get_untracked(), value);
        let (from, to) = match hold {
            Hold::Start => (position.min(to), to),
            Hold::End => (from, position.max(from)),
            Hold::Window(before) => {
                let width = to.get() - from.get();
                let start = position_of(app, axis.get_untracked(), value - before).get().max(1);
                let start = start.min(whole.get_untracked().1.get().saturating_sub(width).max(1));
                (Position::new(start), Position::new(start + width))
            }
        };
        app.send(Command::SetWindow { from, to });
    };
    let down = move |event: PointerEvent| {
        let (Some(value), Some(lane)) = (value_at(&event), lane.get_untracked()) else { return };
        let _ = lane.set_pointer_capture(event.pointer_id());
        let bounds = lane.get_bounding_client_rect();
        let x = f64::from(event.client_x()) - bounds.left();
        let (from, to) = window.get_untracked();
        let at =
            |position| scale.get_untracked().share_of(value_of(app, axis.get_untracked(), position)) * bounds.width();
        let (start, end) = (at(from), at(to));
        let hold = if (x - start).abs() <= GRIP && (x - start).abs() <= (x - end).abs() {
            Hold::Start
        } else if (x - end).abs() <= GRIP {
            Hold::End
        } else {
            let first = value_of(app, axis.get_untracked(), from);
            let last = value_of(app, axis.get_untracked(), to);
            let is_inside = (first..=last).contains(&value);
            Hold::Window(if is_inside { value - first } else { (last - first) / 2.0 })
        };
        held.set_value(Some(hold));
        move_to(hold, value);
    };
    let dragged = move |event: PointerEvent| {
        if let (Some(hold), Some(value)) = (held.get_value(), value_at(&event)) {
            move_to(hold, value);
        }
    };
    let press = move |event: KeyboardEvent, hold: Hold| {
        let (from, to) = window.get_untracked();
        let step = ((to.get() + 1 - from.get()) / 20).max(1);
        let moved = |position: Position, forwards: bool| {
            if forwards { position.plus(step) } else { Position::new(position.get().saturating_sub(step).max(1)) }
        };
        let forwards = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => true,
            "ArrowLeft" | "ArrowDown" => false,
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
                aria-valuemin="1"
                aria-valuemax=move || whole.get().1.get()
                aria-valuenow=move || of(window.get()).get()
                aria-valuetext=move || format!("event {}", format::grouped(of(window.get()).get()))
                on:keydown=move |event| press(event, hold)
            ></span>
        }
    };
    let brush = move || {
        let (from, to) = window.get();
        format!("--a:{};--b:{}", share_of(from), share_of(to))
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
                on:pointerup=move |_| held.set_value(None)
                on:pointercancel=move |_| held.set_value(None)
            >
                <canvas
                    node_ref=canvas
                    role="img"
                    aria-label=move || format!("Event rate over all {} events", format::grouped(whole.get().1.get()))
                ></canvas>
                <div class="lf-brush" style=brush>
                    {grip(Hold::Start, "lf-brush__grip", "Window start", |(from, _)| from)}
                    {grip(Hold::End, "lf-brush__grip lf-brush__grip--end", "Window end", |(_, to)| to)}
                </div>
                <span class="lf-ov__now lf-at" style=move || format!("--x:{}", split.get())></span>
            </div>
        </div>
    }
}
