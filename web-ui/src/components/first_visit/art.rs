//! Small pictures of what the choices lead to.

use leptos::html;
use leptos::prelude::*;

use crate::components::canvas::{BarArea, Palette, draw_bars, fit, use_palette, use_size};
use crate::model::axis::Scale;
use crate::model::histogram::{Dot, Histogram};
use crate::sample;

const BAR: f64 = 8.0;

/// The density of the sample, halfway scrubbed.
#[component]
pub(super) fn SampleArt() -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let (size, palette) = (use_size(canvas), use_palette());
    let dots = StoredValue::new(sample_dots());
    Effect::new(move |_| {
        let (width, height) = size.get();
        let Some(canvas) = canvas.get().filter(|_| width > 0.0) else { return };
        let Some(pen) = fit(&canvas, (width, height)) else { return };
        let palette = palette.get();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some tens of bars")]
        let count = (width / BAR) as usize;
        let histogram = dots.with_value(|dots| {
            let last = dots.last().map_or(0.0, |dot| dot.value);
            Histogram::new(dots.iter().copied(), Scale { from: 0.0, to: last }, count, None)
        });
        let split = (width * 0.52 / BAR).round() * BAR;
        let area = BarArea { left: 4.0, top: 14.0, height: height - 14.0, step: BAR, split };
        draw_bars(&pen, &histogram, &area, &palette);
        pen.set_fill_style_str(&palette.moment_edge);
        pen.fill_rect(split, 0.0, 2.0, height);
        pen.begin_path();
        pen.move_to(split - 6.0, 0.0);
        pen.line_to(split + 8.0, 0.0);
        pen.line_to(split + 1.0, 9.0);
        pen.fill();
    });
    view! { <canvas node_ref=canvas aria-hidden="true"></canvas> }
}

fn sample_dots() -> Vec<Dot> {
    let mut types: Vec<String> = Vec::new();
    let mut dots = Vec::new();
    for (_, event) in sample::events().unwrap_or_default() {
        let name = event.event_type().as_str();
        let index = types.iter().position(|known| known == name).unwrap_or_else(|| {
            types.push(name.to_owned());
            types.len() - 1
        });
        #[expect(clippy::cast_precision_loss, reason = "the sample has some thousand events")]
        let value = dots.len() as f64;
        let micros = event.time().map_or(0, leftfold_core::Timestamp::as_micros);
        dots.push(Dot { value, type_index: u32::try_from(index).ok(), micros });
    }
    dots
}

/// Events that arrive at the live edge, in four lanes.
#[component]
pub(super) fn LiveArt() -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let (size, palette) = (use_size(canvas), use_palette());
    Effect::new(move |_| {
        let (width, height) = size.get();
        let Some(canvas) = canvas.get().filter(|_| width > 0.0) else { return };
        if let Some(pen) = fit(&canvas, (width, height)) {
            draw_live(&pen, (width, height), &palette.get());
        }
    });
    view! { <canvas node_ref=canvas aria-hidden="true"></canvas> }
}

fn draw_live(pen: &web_sys::CanvasRenderingContext2d, (width, height): (f64, f64), palette: &Palette) {
    const LANES: u32 = 4;
    let mut random = 5_u32;
    let mut next = move || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(random >> 8) / f64::from(1_u32 << 24)
    };
    let edge = width * 0.82;
    for lane in 1..=LANES {
        let y = (height * f64::from(lane) / f64::from(LANES + 1)).round();
        pen.set_global_alpha(1.0);
        pen.set_fill_style_str(&palette.line_2);
        pen.fill_rect(0.0, y, width, 1.0);
        let mut x = next() * 20.0;
        while x < edge {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below twelve")]
            let colour = (next() * 12.0) as usize;
            pen.set_global_alpha(0.25 + 0.75 * x / edge);
            pen.set_fill_style_str(palette.types.get(colour).map_or("", String::as_str));
            pen.begin_path();
            let _ = pen.arc(x, y + 0.5, 4.0, 0.0, std::f64::consts::TAU);
            pen.fill();
            x += 12.0 + next() * 42.0;
        }
    }
    pen.set_global_alpha(1.0);
    pen.set_fill_style_str(&palette.live);
    pen.fill_rect(width * 0.84, 0.0, 2.0, height);
    pen.begin_path();
    let _ = pen.arc(width * 0.84 + 1.0, height - 8.0, 5.0, 0.0, std::f64::consts::TAU);
    pen.fill();
}
