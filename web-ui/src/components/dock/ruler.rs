//! The ruler: ticks and labels along the axis.

use leptos::html;
use leptos::prelude::*;

use super::lane::Lane;
use crate::components::canvas::{Palette, fit, use_palette};
use crate::model::axis::{Tick, position_ticks, readable, time_ticks, version_ticks};
use crate::model::timeline::Axis;
use crate::state::browser::FrameThrottle;

/// The ruler. It is painted anew when its ticks change, or when a label comes under a flag or out from under it.
#[component]
pub(super) fn Ruler(lane: Lane) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let palette = use_palette();
    let width = Memo::new(move |_| lane.size.get().0);
    let ticks = Memo::new(move |_| {
        let width = width.get();
        lane.layout.with(|layout| match layout.axis {
            Axis::Position => position_ticks(layout.scale, width),
            Axis::Time => time_ticks(layout.scale, width),
            Axis::Stream => version_ticks(layout.scale, width),
        })
    });
    let is_readable = Memo::new(move |_| {
        let width = width.get();
        let mut over = Vec::with_capacity(3);
        over.extend(lane.handle.get());
        let (a, b) = lane.cursors.get();
        let flags = [a, b].into_iter().zip(lane.flags.get()).filter(|(_, place)| !place.is_low);
        over.extend(flags.filter_map(|(share, place)| Some(place.edges(share? * width, width))));
        ticks.with(|ticks| readable(ticks, width, &over))
    });
    let throttle = StoredValue::new_local(FrameThrottle::new());
    // Of which size the canvas was, and of which font: to set a font makes the browser settle the styles of the page.
    let written_in = StoredValue::new(None);
    let paint = move || {
        let (Some(canvas), Some(width)) = (canvas.get_untracked(), width.try_get_untracked()) else { return };
        let height = lane.rows.get_untracked().ruler;
        let Some(pen) = fit(&canvas, (width, height)).filter(|_| width > 0.0 && height > 0.0) else { return };
        palette.with_untracked(|palette| {
            let now = Some((width, height, window().device_pixel_ratio(), palette.font.clone()));
            if written_in.with_value(|before| *before != now) {
                pen.set_font(&palette.font);
                written_in.set_value(now);
            }
            ticks.with_untracked(|ticks| {
                is_readable.with_untracked(|is| draw(&pen, (width, height), ticks, is, palette))
            });
        });
    };
    Effect::new(move |_| {
        width.track();
        lane.rows.track();
        palette.track();
        ticks.track();
        is_readable.track();
        throttle.with_value(|throttle| throttle.run(paint));
    });
    view! { <canvas class="lf-ruler" node_ref=canvas aria-hidden="true"></canvas> }
}

fn draw(
    pen: &web_sys::CanvasRenderingContext2d,
    (width, height): (f64, f64),
    ticks: &[Tick],
    is_readable: &[bool],
    palette: &Palette,
) {
    pen.set_fill_style_str(&palette.sunken);
    pen.fill_rect(0.0, 0.0, width, height);
    pen.set_fill_style_str(&palette.line);
    pen.fill_rect(0.0, height - 1.0, width, 1.0);
    for (tick, is_readable) in ticks.iter().zip(is_readable) {
        let x = (tick.share * width).round();
        let is_major = tick.label.is_some();
        let length = if is_major { 8.0 } else { 4.0 };
        pen.set_fill_style_str(if is_major { &palette.text_3 } else { &palette.line_2 });
        pen.fill_rect(x, height - length, 1.0, length);
        if let Some(label) = tick.label.as_ref().filter(|_| *is_readable) {
            let _ = pen.fill_text(label, x + 4.0, height - 9.0);
        }
    }
}
