//! Steps and playback.

use leftfold_core::Position;

use super::{Direction, Pace, StepUnit, Steps, Timeline, first_of};

/// The most steps that one tick takes: beyond it the pace is what the page can do.
const MOST_STEPS: usize = 5_000;

impl Timeline {
    pub(super) fn pause(&mut self) {
        self.playing = None;
        self.owed = 0.0;
    }

    pub(super) fn step(&mut self, unit: StepUnit, direction: Direction, steps: &dyn Steps) {
        self.pause();
        if let Some(next) = steps.neighbour(self.cursor, unit, direction) {
            self.move_to(next);
        }
    }

    pub(super) fn play(&mut self, direction: Direction) {
        if self.playing == Some(direction) {
            self.pace = self.pace.faster();
        } else {
            self.playing = Some(direction);
        }
        self.owed = 0.0;
        let forwards = direction == Direction::Forwards;
        if let Some((from, to)) = self.loop_range() {
            if !(from..=to).contains(&self.cursor) || self.cursor == if forwards { to } else { from } {
                self.move_to(if forwards { from } else { to });
            }
        } else if forwards && self.cursor == self.head && self.head > Position::ZERO {
            // Playing from the head shows the log from its start: there is nothing after the head to play.
            self.move_to(first_of(self.head));
        }
        self.pin();
    }

    /// The range that playback goes round in.
    fn loop_range(&self) -> Option<(Position, Position)> {
        self.range().filter(|_| self.is_looping)
    }

    pub(super) fn tick(&mut self, elapsed_ms: f64, steps: &dyn Steps) {
        let Some(direction) = self.playing else { return };
        let elapsed_ms = elapsed_ms.max(0.0);
        self.owed += match self.pace {
            Pace::PerSecond(number) => elapsed_ms / 1_000.0 * number,
            Pace::RealTime(factor) => elapsed_ms * 1_000.0 * factor,
        };
        let mut cursor = self.cursor;
        let mut taken = 0;
        let ended = loop {
            if taken == MOST_STEPS {
                self.owed = 0.0;
                break false;
            }
            let Some(next) = self.next_played(cursor, direction, steps) else {
                // A step that is not due yet may still be one that the log grows.
                break self.owed >= 1.0;
            };
            if next == cursor {
                self.owed = 0.0;
                break false;
            }
            let cost = self.cost(cursor, next, direction, steps);
            if self.owed < cost {
                break false;
            }
            self.owed -= cost;
            cursor = next;
            taken += 1;
        };
        if cursor != self.cursor {
            self.move_to(cursor);
        }
        if ended {
            self.pause();
        }
    }

    /// What a step costs of what is owed.
    fn cost(&self, from: Position, to: Position, direction: Direction, steps: &dyn Steps) -> f64 {
        match self.pace {
            Pace::PerSecond(_) => 1.0,
            Pace::RealTime(factor) => {
                let (earlier, later) = match direction {
                    Direction::Forwards => (from, to),
                    Direction::Backwards => (to, from),
                };
                let longest = Pace::LONGEST_GAP_MS * 1_000.0 * factor;
                #[expect(clippy::cast_precision_loss, reason = "a gap longer than 2^53 microseconds is cut anyway")]
                match (steps.micros_of(earlier), steps.micros_of(later)) {
                    // An event that happened before the one before it, or the way round the loop, takes no time.
                    (Some(earlier), Some(later)) => (later.saturating_sub(earlier) as f64).clamp(0.0, longest),
                    _ => longest,
                }
            }
        }
    }

    /// Where playback goes next; round again at the end of the loop.
    fn next_played(&self, cursor: Position, direction: Direction, steps: &dyn Steps) -> Option<Position> {
        let next = steps.neighbour(cursor, self.unit, direction);
        let Some((from, to)) = self.loop_range() else { return next };
        let is_inside = |position: &Position| (from..=to).contains(position);
        next.filter(is_inside).or_else(|| self.loop_start(cursor, direction, steps)).filter(is_inside)
    }

    /// The first stop of the unit in the loop, as seen in the direction.
    fn loop_start(&self, cursor: Position, direction: Direction, steps: &dyn Steps) -> Option<Position> {
        let (from, to) = self.loop_range()?;
        let edge = if direction == Direction::Forwards { from } else { to };
        match self.unit {
            StepUnit::Event => Some(edge),
            StepUnit::Match => {
                let outside = match direction {
                    Direction::Forwards => Position::new(edge.get().saturating_sub(1)),
                    Direction::Backwards => edge.next(),
                };
                steps.neighbour(outside, self.unit, direction)
            }
            StepUnit::Stream => {
                let back = direction.reversed();
                let mut first = cursor;
                for _ in 0..MOST_STEPS {
                    match steps.neighbour(first, self.unit, back) {
                        Some(next) if (from..=to).contains(&next) => first = next,
                        _ => break,
                    }
                }
                Some(first)
            }
        }
    }
}
