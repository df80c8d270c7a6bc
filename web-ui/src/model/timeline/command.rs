//! What can be done to a timeline, and what it asks of the log.

use leftfold_core::Position;

use super::Pace;

/// Towards the head, or towards the first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To higher positions.
    Forwards,
    /// To lower positions.
    Backwards,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Forwards => Self::Backwards,
            Self::Backwards => Self::Forwards,
        }
    }
}

/// What one step passes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepUnit {
    /// To the neighbouring event.
    #[default]
    Event,
    /// To the neighbouring event of the same stream.
    Stream,
    /// To the neighbouring event that passes the filter.
    Match,
}

/// What the lanes show along x.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// Equal widths hold equal numbers of events.
    #[default]
    Position,
    /// Equal widths hold equal times.
    Time,
    /// One block for each event of the stream of the event at the cursor.
    Stream,
}

impl Axis {
    /// Every axis, as the choice lists them.
    pub const ALL: [Self; 3] = [Self::Position, Self::Time, Self::Stream];

    /// Its name in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Time => "time",
            Self::Stream => "stream",
        }
    }

    /// The axis of this name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|axis| axis.key() == key)
    }
}

/// What the timeline asks of the log.
pub trait Steps {
    /// The nearest position after or before `from` that the unit stops at.
    fn neighbour(&self, from: Position, unit: StepUnit, direction: Direction) -> Option<Position>;

    /// When the event at a position happened, in microseconds.
    fn micros_of(&self, position: Position) -> Option<i64>;
}

/// A change of the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Go to exactly this position; refused when the log has no such event. For programs and typed input.
    SetPosition(Position),
    /// Go as near to this position as the log allows. For drags.
    SetPositionClamped(Position),
    /// Take one step in the chosen unit.
    Step(Direction),
    /// Take one step in the given unit.
    StepBy(StepUnit, Direction),
    /// To the first event.
    ToStart,
    /// To the head, and stay there as it grows.
    GoLive,
    /// Stay where the cursor is.
    Pin,
    /// Play in a direction; again in the same direction goes to the next faster pace.
    Play(Direction),
    /// Stop playing.
    Pause,
    /// Play forwards, or stop.
    TogglePlay,
    /// Play at this pace.
    SetPace(Pace),
    /// Let playback go round between the cursors A and B, while both are set.
    SetLooping(bool),
    /// Choose what a step passes over.
    SetUnit(StepUnit),
    /// Choose what the lanes show along x.
    SetAxis(Axis),
    /// Let this much time pass while playing.
    Tick {
        /// Milliseconds since the last tick.
        elapsed_ms: f64,
    },
    /// The log has grown to this head.
    HeadGrew(Position),
    /// Show this range of positions in the lanes; clamped to the log.
    SetWindow {
        /// The first position shown.
        from: Position,
        /// The last position shown.
        to: Position,
    },
    /// Show more (above 1) or fewer (below 1) events, keeping the cursor in place where it is in view.
    Zoom {
        /// The factor by which the number of shown events changes.
        factor: f64,
    },
    /// Show what lies this many positions further on, as many events as before.
    PanBy(i64),
    /// Show the whole log in the lanes.
    Fit,
    /// Put cursor A at this position, clamped to the log, or take it away.
    SetA(Option<Position>),
    /// Put cursor B at this position, clamped to the log, or take it away.
    SetB(Option<Position>),
    /// Put both cursors at once; clamped to the log.
    SetRange {
        /// Where cursor A goes.
        a: Position,
        /// Where cursor B goes.
        b: Position,
    },
    /// Take both cursors away.
    ClearRange,
}

/// The log has no event at this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchPosition {
    /// What was asked for.
    pub asked: Position,
    /// The last position there is.
    pub head: Position,
}
