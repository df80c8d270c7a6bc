//! How positions lie on the axis of the lanes, and the other way round.

use std::sync::Arc;

use leftfold_core::{Position, Timestamp};
use leptos::prelude::*;

use super::App;
use crate::model::axis::Scale;
use crate::model::timeline::{Axis, Command, Timeline};

/// The stream whose events the axis of stream versions shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StreamOfLane {
    pub(crate) name: String,
    /// The positions of its events: version *n* stands at *n* − 1.
    pub(crate) positions: Arc<[u32]>,
}

impl StreamOfLane {
    /// The stream of the event at the cursor; follows the cursor and the log.
    pub(crate) fn memo(app: App) -> Memo<Option<Self>> {
        let number = Memo::new(move |_| {
            let is_wanted = app.timeline.with(Timeline::axis) == Axis::Stream;
            let cursor = app.cursor.get();
            app.epoch.track();
            if is_wanted { app.with_log(|log| log.stream_index_of(cursor)).flatten() } else { None }
        });
        Memo::new(move |_| {
            app.head.track();
            let number = number.get()?;
            app.with_log(|log| {
                let name = log.stream_name(number)?;
                Some(Self { name: name.to_string(), positions: log.stream_positions(name).into() })
            })?
        })
    }

    /// How many of its events stand at or before a position.
    fn version_at(&self, position: Position) -> usize {
        self.positions.partition_point(|at| u64::from(*at) <= position.get())
    }

    /// The first and the last version of a range of positions.
    pub(crate) fn versions(&self, (from, to): (Position, Position)) -> (usize, usize) {
        let before = self.version_at(Position::new(from.get().saturating_sub(1)));
        (before + 1, self.version_at(to))
    }

    fn position_of(&self, version: usize) -> Option<Position> {
        let last = self.positions.len();
        self.positions.get(version.clamp(1, last.max(1)) - 1).map(|at| Position::from(*at))
    }
}

/// A stretch of the log, laid out along an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) axis: Axis,
    pub(crate) range: (Position, Position),
    pub(crate) scale: Scale,
    pub(crate) stream: Option<StreamOfLane>,
}

impl Layout {
    /// What the lanes show now.
    pub(crate) fn now(app: App) -> Self {
        let (axis, range) = app.timeline.with_untracked(|timeline| (timeline.axis(), timeline.window()));
        let cursor = app.cursor.get_untracked();
        let stream = app.row(cursor).filter(|_| axis == Axis::Stream).and_then(|row| {
            let positions = app.with_log(|log| log.stream_positions(&row.stream).into())?;
            Some(StreamOfLane { name: row.stream.to_string(), positions })
        });
        Self::new(app, axis, range, stream)
    }

    /// A range of positions along an axis. Without a stream, the axis of stream versions is that of positions.
    pub(crate) fn new(app: App, axis: Axis, range: (Position, Position), stream: Option<StreamOfLane>) -> Self {
        let axis = if axis == Axis::Stream && stream.is_none() { Axis::Position } else { axis };
        let mut layout = Self { axis, range, scale: Scale { from: 0.0, to: 1.0 }, stream };
        let (from, to) = range;
        layout.scale = match (axis, &layout.stream) {
            (Axis::Stream, Some(stream)) => {
                let (first, last) = stream.versions(range);
                Scale { from: number(first as u64) - 1.0, to: number(last as u64) + 1.0 }
            }
            // Every event has a place as wide as any other; the ends of the lane are between two of them.
            (Axis::Position | Axis::Stream, _) => Scale { from: number(from.get()) - 0.5, to: number(to.get()) + 0.5 },
            (Axis::Time, _) => {
                let (from, to) = (layout.value_of(app, from), layout.value_of(app, to));
                let margin = if to > from { (to - from) * 0.003 } else { 500_000.0 };
                Scale { from: from - margin, to: to + margin }
            }
        };
        layout
    }

    /// The value of a position on the axis. A position that is none of the stream lies where its next event would.
    pub(crate) fn value_of(&self, app: App, position: Position) -> f64 {
        match (self.axis, &self.stream) {
            (Axis::Stream, Some(stream)) => {
                let version = stream.version_at(position);
                let is_behind = version == stream.positions.len() && !self.shows(position);
                number((version + usize::from(is_behind)) as u64)
            }
            (Axis::Position | Axis::Stream, _) => number(position.get()),
            (Axis::Time, _) => {
                let time = app.with_log(|log| log.running_time(position)).flatten().unwrap_or_default();
                #[expect(clippy::cast_precision_loss, reason = "microseconds of this age are below 2^53")]
                let micros = time.as_micros() as f64;
                micros
            }
        }
    }

    /// The share of the width at which a position stands; outside of 0 to 1 when it is not in view.
    pub(crate) fn share_of(&self, app: App, position: Position) -> f64 {
        self.scale.share_of(self.value_of(app, position))
    }

    /// What keeps its place when keys zoom: the playhead, or the middle when it is not in view.
    pub(crate) fn anchor(&self, app: App) -> f64 {
        let share = self.share_of(app, app.cursor.get_untracked());
        if (0.0..=1.0).contains(&share) { share } else { 0.5 }
    }

    /// Whether a mark at a position is to be seen.
    pub(crate) fn shows(&self, position: Position) -> bool {
        let is_in_range = (self.range.0..=self.range.1).contains(&position);
        match (self.axis, &self.stream) {
            (Axis::Stream, Some(stream)) => {
                let is_of_stream =
                    u32::try_from(position.get()).is_ok_and(|at| stream.positions.binary_search(&at).is_ok());
                is_in_range && is_of_stream
            }
            _ => is_in_range,
        }
    }

    /// The event at a share of the width: the nearest one, on the axis of time the last one at or before it.
    pub(crate) fn position_at(&self, app: App, share: f64) -> Position {
        let value = self.scale.value_at(share);
        let position = match (self.axis, &self.stream) {
            (Axis::Stream, Some(stream)) => stream.position_of(whole(value)).unwrap_or_default(),
            (Axis::Position | Axis::Stream, _) => Position::new(whole(value) as u64),
            (Axis::Time, _) => until(app, value),
        };
        position.clamp(self.range.0, self.range.1)
    }

    /// The positions that lie in a part of the axis; the ends of `whole` where the part reaches its ends.
    fn range_of(&self, app: App, part: Scale, (first, last): (Position, Position)) -> (Position, Position) {
        match (self.axis, &self.stream) {
            (Axis::Stream, Some(stream)) => {
                let (from, to) = (whole(part.from + 1.0), whole(part.to - 1.0));
                let from = if from <= 1 { first } else { stream.position_of(from).unwrap_or(first) };
                let to = if to >= stream.positions.len() { last } else { stream.position_of(to).unwrap_or(last) };
                (from, to)
            }
            (Axis::Position | Axis::Stream, _) => {
                (Position::new(whole(part.from.ceil()) as u64), Position::new(whole(part.to.floor()) as u64))
            }
            (Axis::Time, _) => (until(app, part.from.ceil() - 1.0).next(), until(app, part.to)),
        }
    }
}

/// The last position at or before a moment in microseconds.
fn until(app: App, micros: f64) -> Position {
    #[expect(clippy::cast_possible_truncation, reason = "a moment between two of the log")]
    let time = Timestamp::from_micros(micros.floor() as i64).unwrap_or_default();
    app.with_log(|log| log.position_at(time)).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "positions are below 2^53")]
fn number(of: u64) -> f64 {
    of as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0, and the timeline clamps it")]
fn whole(value: f64) -> usize {
    value.round().max(0.0) as usize
}

/// Zooming and panning. What a gesture asks for is kept as exactly as it was asked, though the window is one of whole
/// events: many small moves add up.
#[derive(Clone, Copy, Default)]
pub(crate) struct Gesture {
    asked: Option<(Scale, Axis, (Position, Position))>,
}

impl Gesture {
    /// Shows so many times as much, keeping what stands at a share of the width.
    pub(crate) fn zoom(&mut self, app: App, layout: &Layout, share: f64, factor: f64) {
        self.show(app, layout, |scale| scale.zoomed(share, factor));
    }

    /// Shows what lies so many widths further on.
    pub(crate) fn pan(&mut self, app: App, layout: &Layout, share: f64) {
        self.show(app, layout, |scale| scale.panned(share));
    }

    fn show(&mut self, app: App, layout: &Layout, change: impl FnOnce(&Scale) -> Scale) {
        let now = || app.timeline.with_untracked(Timeline::window);
        let before = now();
        let last = app.timeline.with_untracked(Timeline::view_head);
        let whole = (Position::new(1).min(last), last);
        let whole_scale = Layout::new(app, layout.axis, whole, layout.stream.clone()).scale;
        let kept = self.asked.filter(|(_, axis, window)| *axis == layout.axis && *window == before);
        let base = kept.map_or(layout.scale, |(scale, ..)| scale);
        let asked = change(&base).within(whole_scale);
        let (from, to) = layout.range_of(app, asked, whole);
        app.send(Command::SetWindow { from, to });
        // At the narrowest window a gesture asks in vain; it must not have to be taken back later.
        let is_in_vain = now() == before && asked.length() < base.length() && to <= from.plus(9);
        self.asked = Some((if is_in_vain { base } else { asked }, layout.axis, now()));
    }
}
