//! Small pictures of what the choices lead to.

use leptos::html;
use leptos::prelude::*;

use crate::components::canvas::{BarArea, Palette, draw_stacked, fit, use_palette, use_size};
use crate::model::axis::Scale;
use crate::model::histogram::{Bar, COLOURS, Histogram};
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
        let histogram = dots.with_value(|dots| density(dots, count));
        let split = (width * 0.52 / BAR).round() * BAR;
        let area = BarArea {
            scale: Scale { from: 0.0, to: 1.0 },
            left: 4.0,
            top: 14.0,
            width: width - 8.0,
            height: height - 14.0,
        };
        let half = histogram.bars.len() * 52 / 100;
        for (alpha, is_shown) in [(1.0, 0..half), (0.34, half..usize::MAX)] {
            let mut part = histogram.clone();
            for (_, bar) in part.bars.iter_mut().enumerate().filter(|(i, _)| !is_shown.contains(i)) {
                bar.rate = 0.0;
            }
            pen.set_global_alpha(alpha);
            draw_stacked(&pen, &part, &area, &palette);
        }
        pen.set_global_alpha(1.0);
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

/// Equal parts of the events, as bars over a lane of length 1.
fn density(dots: &[(u32, i64)], count: usize) -> Histogram {
    let mut before = dots.first().map_or(0, |(_, micros)| *micros);
    let bar = |part: &[(u32, i64)]| {
        let mut bar = Bar::default();
        for (type_index, _) in part {
            bar.counts[*type_index as usize % COLOURS] += 1;
        }
        let end = part.last().map_or(before, |(_, micros)| *micros);
        #[expect(clippy::cast_precision_loss, reason = "a length that is drawn")]
        let seconds = (end - before) as f64 / 1e6;
        before = end;
        Bar { seconds, ..bar }
    };
    let bars: Vec<Bar> = dots.chunks(dots.len().div_ceil(count.max(1)).max(1)).map(bar).collect();
    #[expect(clippy::cast_precision_loss, reason = "some tens of bars")]
    let step = 1.0 / bars.len().max(1) as f64;
    Histogram::new(bars, 0.0, step)
}

/// The type index and the moment, in microseconds, of every event of the sample.
fn sample_dots() -> Vec<(u32, i64)> {
    let mut types: Vec<String> = Vec::new();
    let mut dots = Vec::new();
    let mut latest = i64::MIN;
    for (_, event) in sample::events().unwrap_or_default() {
        let name = event.event_type().as_str();
        let index = types.iter().position(|known| known == name).unwrap_or_else(|| {
            types.push(name.to_owned());
            types.len() - 1
        });
        latest = latest.max(event.time().map_or(0, leftfold_core::Timestamp::as_micros));
        dots.push((u32::try_from(index).unwrap_or(0), latest));
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
