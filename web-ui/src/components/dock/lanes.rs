//! The lanes: ruler, density and playhead over the visible window.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;

use super::scale::{histogram, position_of, scale_of, value_of};
use crate::components::canvas::{BarArea, Palette, draw_bars, fit, use_palette, use_size};
use crate::model::axis::{Tick, position_ticks, time_ticks};
use crate::model::format;
use crate::model::histogram::{Histogram, unit_of};
use crate::model::timeline::{Axis, Command, Direction, Timeline};
use crate::state::App;
use crate::state::browser::FrameThrottle;

/// The width of a bar with its gap, in CSS pixels.
const BAR: f64 = 8.0;
/// The height of the ruler; the stylesheet says the same.
const RULER: f64 = 26.0;

/// The lanes with their labels.
#[component]
pub(super) fn Lanes() -> impl IntoView {
    let app = App::get();
    let canvas = NodeRef::<html::Canvas>::new();
    let lanes = NodeRef::<html::Div>::new();
    let (size, palette) = (use_size(canvas), use_palette());
    let axis = Memo::new(move |_| app.timeline.with(Timeline::axis));
    let window = Memo::new(move |_| app.timeline.with(Timeline::window));
    let scale = Memo::new(move |_| scale_of(app, axis.get(), window.get()));
    let bars = Memo::new(move |_| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the pixels of a lane")]
        let most = (size.get().0 / BAR).ceil().max(1.0) as usize;
        histogram(app, axis.get(), window.get(), most)
    });
    let share = Memo::new(move |_| scale.get().share_of(value_of(app, axis.get(), app.cursor.get())));
    let in_view = Memo::new(move |_| {
        let (from, to) = window.get();
        (from..=to).contains(&app.cursor.get())
    });

    let throttle = StoredValue::new_local(FrameThrottle::new());
    let paint = move || {
        let (Some(canvas), Some(size)) = (canvas.get_untracked(), size.try_get_untracked()) else { return };
        let Some(pen) = fit(&canvas, size).filter(|_| size.0 > 0.0) else { return };
        let scale = scale.get_untracked();
        let ticks = match axis.get_untracked() {
            Axis::Position => position_ticks(scale, size.0),
            Axis::Time => time_ticks(scale, size.0),
        };
        palette.with_untracked(|palette| {
            let split = share.get_untracked() * size.0;
            draw_ruler(&pen, size, &ticks, split, palette);
            bars.with_untracked(|bars| draw_density(&pen, size, bars, split, palette));
        });
    };
    Effect::new(move |_| {
        size.track();
        palette.track();
        scale.track();
        bars.track();
        share.track();
        throttle.with_value(|throttle| throttle.run(paint));
    });

    let drag = StoredValue::new_local(FrameThrottle::new());
    let go_to = move |client_x: f64| {
        let Some(lanes) = lanes.get_untracked() else { return };
        let bounds = lanes.get_bounding_client_rect();
        let value = scale.get_untracked().value_at((client_x - bounds.left()) / bounds.width().max(1.0));
        let (from, to) = window.get_untracked();
        let position = position_of(app, axis.get_untracked(), value).clamp(from, to);
        app.send(Command::SetPositionClamped(position));
    };
    let pointer = move |event: PointerEvent| {
        if event.buttons() & 1 == 0 {
            return;
        }
        if let Some(lanes) = lanes.get_untracked() {
            let _ = lanes.set_pointer_capture(event.pointer_id());
        }
        let x = f64::from(event.client_x());
        drag.with_value(|drag| drag.run(move || go_to(x)));
    };
    let release = move |event: PointerEvent| go_to(f64::from(event.client_x()));
    let press = move |event: KeyboardEvent| {
        let (from, to) = window.get_untracked();
        let tenth = ((to.get() + 1 - from.get()) / 10).max(1);
        let cursor = app.cursor.get_untracked();
        let command = match event.key().as_str() {
            _ if event.shift_key() => return,
            "ArrowLeft" | "ArrowDown" => Command::Step(Direction::Backwards),
            "ArrowRight" | "ArrowUp" => Command::Step(Direction::Forwards),
            "PageUp" => Command::SetPositionClamped(cursor.plus(tenth)),
            "PageDown" => Command::SetPositionClamped(leftfold_core::Position::new(cursor.get().saturating_sub(tenth))),
            "Home" => Command::ToStart,
            "End" => Command::GoLive,
            _ => return,
        };
        event.prevent_default();
        app.send(command);
    };
    let spoken = move || {
        let (cursor, head) = (app.cursor.get(), app.head.get());
        let kind = app.row(cursor).map(|row| format!(", {}", row.event_type)).unwrap_or_default();
        format!("event {} of {}{kind}", format::grouped(cursor.get()), format::grouped(head.get()))
    };
    let unit = Memo::new(move |_| bars.with(|bars| unit_of(bars.top)));
    let peak = move || {
        bars.with(|bars| {
            let top = format::short(bars.top * unit.get().1);
            if bars.is_cut { format!("cut at {top}") } else { format!("peak {top}") }
        })
    };
    let axis_name = move || match axis.get() {
        Axis::Position => "Position",
        Axis::Time => "Time",
    };
    let described = move || {
        let (from, to) = window.get();
        format!(
            "Events per {} for events {} to {}, stacked by event type",
            unit.get().0,
            format::grouped(from.get()),
            format::grouped(to.get())
        )
    };
    view! {
        <div class="lf-tl">
            <div class="lf-tl__labels" aria-hidden="true">
                <span>{axis_name}</span>
                <span class="is-tall"><span>{move || format!("Events / {}", unit.get().0)}</span><span>{peak}</span></span>
            </div>
            <div
                class="lf-lanes"
                node_ref=lanes
                on:pointerdown=pointer
                on:pointermove=pointer
                on:pointerup=release
            >
                <canvas node_ref=canvas role="img" aria-label=described></canvas>
                <div
                    class="lf-playhead lf-at"
                    id="playhead"
                    style=move || format!("--x:{}", share.get() * 100.0)
                    hidden=move || !in_view.get()
                    role="slider"
                    tabindex="0"
                    aria-label="Playhead"
                    aria-orientation="horizontal"
                    aria-valuemin="1"
                    aria-valuemax=move || app.head.get().get()
                    aria-valuenow=move || app.cursor.get().get()
                    aria-valuetext=spoken
                    on:keydown=press
                >
                    <span class="lf-playhead__handle" aria-hidden="true" data-edge=move || edge(share.get(), size.get().0)>
                        {move || format::grouped(app.cursor.get().get())}
                    </span>
                </div>
            </div>
        </div>
    }
}

/// At which edge the handle would be cut off, if any.
fn edge(share: f64, width: f64) -> Option<&'static str> {
    let x = share * width;
    if x < 36.0 {
        Some("start")
    } else if x > width - 36.0 {
        Some("end")
    } else {
        None
    }
}

fn draw_ruler(
    pen: &web_sys::CanvasRenderingContext2d,
    (width, _): (f64, f64),
    ticks: &[Tick],
    playhead: f64,
    palette: &Palette,
) {
    pen.set_fill_style_str(&palette.sunken);
    pen.fill_rect(0.0, 0.0, width, RULER);
    pen.set_fill_style_str(&palette.line);
    pen.fill_rect(0.0, RULER - 1.0, width, 1.0);
    pen.set_font(&palette.font);
    for tick in ticks {
        let x = (tick.share * width).round();
        let height = if tick.label.is_some() { 8.0 } else { 4.0 };
        pen.set_fill_style_str(if tick.label.is_some() { &palette.text_3 } else { &palette.line_2 });
        pen.fill_rect(x, RULER - height, 1.0, height);
        let Some(label) = &tick.label else { continue };
        let label_width = pen.measure_text(label).map_or(60.0, |metrics| metrics.width());
        let is_free = x + 6.0 + label_width < playhead - 36.0 || x + 2.0 > playhead + 36.0;
        if x > 0.0 && x + 4.0 + label_width < width && is_free {
            let _ = pen.fill_text(label, x + 4.0, RULER - 9.0);
        }
    }
}

fn draw_density(
    pen: &web_sys::CanvasRenderingContext2d,
    (width, height): (f64, f64),
    bars: &Histogram,
    split: f64,
    palette: &Palette,
) {
    let lane = height - RULER;
    pen.set_fill_style_str(&palette.line);
    for third in [1.0, 2.0] {
        pen.fill_rect(0.0, (RULER + lane * third / 3.0).round(), width, 1.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "some hundred bars")]
    let step = width / bars.bars.len().max(1) as f64;
    let area = BarArea { left: 0.0, top: RULER + 4.0, height: lane - 5.0, step, split };
    draw_bars(pen, bars, &area, palette);
}
