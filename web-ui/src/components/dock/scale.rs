//! Positions on the axis of the lanes, and the other way round.

use leftfold_core::{Position, Timestamp};

use crate::model::axis::Scale;
use crate::model::histogram::{Dot, Histogram};
use crate::model::timeline::Axis;
use crate::state::App;

/// The value of a position on an axis.
pub(super) fn value_of(app: App, axis: Axis, position: Position) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "positions and microseconds are below 2^53")]
    match axis {
        Axis::Position => position.get() as f64,
        Axis::Time => {
            let time = app.with_log(|log| log.running_time(position)).flatten().unwrap_or_default();
            time.as_micros() as f64
        }
    }
}

/// The scale of a range of positions.
pub(super) fn scale_of(app: App, axis: Axis, (from, to): (Position, Position)) -> Scale {
    Scale { from: value_of(app, axis, from), to: value_of(app, axis, to) }
}

/// The position at a value of an axis; on the time axis the last one at or before that time.
pub(super) fn position_of(app: App, axis: Axis, value: f64) -> Position {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the timeline clamps it to the log")]
    match axis {
        Axis::Position => Position::new(value.round().max(0.0) as u64),
        Axis::Time => {
            let time = Timestamp::from_micros(value.floor() as i64).unwrap_or_default();
            app.with_log(|log| log.position_at(time)).unwrap_or_default()
        }
    }
}

/// The density of a range of positions in at most `most` bars; follows the filter and the log.
pub(super) fn histogram(app: App, axis: Axis, (from, to): (Position, Position), most: usize) -> Histogram {
    let scale = scale_of(app, axis, (from, to));
    let rows = app.rows();
    let bars = match axis {
        Axis::Position => most.min(usize::try_from(to.get() + 1 - from.get().min(to.get())).unwrap_or(most)),
        Axis::Time => most,
    };
    let seconds = (axis == Axis::Time && scale.to > scale.from).then(|| (scale.to - scale.from) / 1e6);
    let made = app.with_log(|log| {
        let last = to.min(log.head());
        let first_row = rows.count_up_to(Position::new(from.get().saturating_sub(1)));
        let mut next_row = first_row;
        let dots = (from.get().max(1)..=last.get()).map(|number| {
            let position = Position::new(number);
            let passes = rows.at(next_row) == Some(position);
            next_row += u64::from(passes);
            let micros = log.running_time(position).unwrap_or_default().as_micros();
            #[expect(clippy::cast_precision_loss, reason = "positions and microseconds are below 2^53")]
            let value = if axis == Axis::Time { micros as f64 } else { number as f64 };
            let type_index = if passes { log.type_index_of(position) } else { None };
            Dot { value, type_index, micros }
        });
        Histogram::new(dots, scale, bars.max(1), seconds)
    });
    made.unwrap_or_default()
}
