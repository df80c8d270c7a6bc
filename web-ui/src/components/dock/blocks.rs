//! The axis of stream versions: one block for each event of the stream.

use leftfold_core::Position;
use leptos::prelude::*;
use web_sys::CanvasRenderingContext2d;

use super::lane::Lane;
use crate::components::canvas::Palette;
use crate::model::histogram::COLOURS;

/// The widest block, in CSS pixels.
const WIDEST: f64 = 10.0;

/// Paints the blocks in a lane that begins at `top`. Where there are more events than pixels, one stands for its pixel.
pub(super) fn draw(pen: &CanvasRenderingContext2d, lane: Lane, (top, height): (f64, f64), palette: &Palette) {
    let app = lane.app;
    pen.set_font(&palette.font);
    let width = lane.size.get_untracked().0;
    let cursor = app.cursor.get_untracked();
    lane.layout.with_untracked(|layout| {
        let Some(stream) = &layout.stream else { return };
        let (first, last) = stream.versions(layout.range);
        if first > last {
            pen.set_fill_style_str(&palette.text_3);
            let _ = pen.fill_text(&format!("No event of {} in view", stream.name), 12.0, top + height / 2.0 + 4.0);
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "some hundred thousand events at most")]
        let cell = width / (last + 2 - first) as f64;
        let block = (cell - 2.0).clamp(1.0, WIDEST);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least one")]
        let stride = (1.0_f64 / cell).ceil().max(1.0) as usize;
        app.with_log(|log| {
            for version in (first..=last).step_by(stride) {
                let Some(position) = stream.positions.get(version - 1).map(|at| Position::from(*at)) else { break };
                let colour = log.type_index_of(position).unwrap_or(0) as usize % COLOURS;
                #[expect(clippy::cast_precision_loss, reason = "a version")]
                let x = layout.scale.share_of(version as f64) * width;
                let is_future = position > cursor;
                pen.set_global_alpha(if is_future { 0.5 } else { 1.0 });
                if let Some(style) = palette.types.get(colour) {
                    pen.set_fill_style_str(style);
                }
                pen.fill_rect(x + 3.0, top + height / 2.0, block, height / 2.0 - 1.0);
                pen.set_global_alpha(1.0);
                let room = cell - block - 10.0;
                let Some(row) = (room > 30.0).then(|| log.row(position)).flatten() else { continue };
                let name = row.event_type.as_str();
                let is_room = pen.measure_text(name).is_ok_and(|size| size.width() < room);
                if is_room {
                    pen.set_fill_style_str(if is_future { &palette.text_3 } else { &palette.text });
                    let _ = pen.fill_text(name, x + block + 8.0, top + height - 8.0);
                }
            }
        });
    });
}
