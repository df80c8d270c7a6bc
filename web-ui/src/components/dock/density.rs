//! The bars of a lane, from the counts that the page keeps.

use leftfold_core::{Position, Timestamp};

use crate::model::histogram::{Bar, COLOURS, Edges, Histogram};
use crate::model::timeline::Axis;
use crate::state::{App, Layout};

/// The density of what a layout shows in about `wanted` bars, of the events up to `view_head`: a page that is pinned shows the
/// log as it was. Follows the filter and the log. What it costs depends on the number of bars alone.
pub(super) fn histogram(app: App, layout: &Layout, view_head: Position, wanted: f64) -> Histogram {
    let is_time = layout.axis == Axis::Time;
    let edges = Edges::new(layout.scale, wanted, if is_time { 0.0 } else { 0.5 });
    let made = app.density.with_counts(app, |count_up_to| {
        let bars = app.with_log(|log| {
            let last = view_head.min(log.head());
            let time = |position: Position| {
                let position = position.clamp(Position::new(1).min(last), last);
                log.running_time(position).unwrap_or_default().as_micros()
            };
            let mut bars = Vec::with_capacity(edges.count);
            let mut before: Option<(Position, [u32; COLOURS], i64)> = None;
            for edge in edges.values() {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the log")]
                let position = if is_time {
                    log.position_at(Timestamp::from_micros(edge as i64 - 1).unwrap_or_default())
                } else {
                    Position::new(edge.max(0.0) as u64)
                };
                let position = position.min(last);
                let (counts, micros) = match before {
                    Some((same, counts, micros)) if same == position => (counts, micros),
                    _ => (count_up_to(position), if is_time { 0 } else { time(position) }),
                };
                if let Some((_, counts_before, micros_before)) = before {
                    #[expect(clippy::cast_precision_loss, reason = "the length of a bar")]
                    let seconds = if is_time { edges.step / 1e6 } else { (micros - micros_before) as f64 / 1e6 };
                    let counts = std::array::from_fn(|i| counts[i].saturating_sub(counts_before[i]));
                    bars.push(Bar { counts, seconds, rate: 0.0 });
                }
                before = Some((position, counts, micros));
            }
            bars
        });
        Histogram::new(bars.unwrap_or_default(), edges.first, edges.step)
    });
    made.unwrap_or_default()
}
