//! The timeline: where the page stands in the log, and the only ways to move it.
//!
//! [`Timeline`] is changed by [`Command`]s alone. Widgets push commands; tests drive it the same way. What a step means in
//! a stream or among the filtered events is answered by a [`Steps`], so that the timeline itself needs no log.

use leftfold_core::Position;

/// How many steps a second playback takes at speed 1.
pub const STEPS_PER_SECOND: f64 = 8.0;
/// The speeds on offer, slowest first.
pub const SPEEDS: [f64; 8] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
/// The fewest events that the visible window shows.
const NARROWEST_WINDOW: u64 = 10;

/// Towards the head, or towards the first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To higher positions.
    Forwards,
    /// To lower positions.
    Backwards,
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
}

impl Axis {
    /// Its name in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Time => "time",
        }
    }

    /// The axis of this name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        [Self::Position, Self::Time].into_iter().find(|axis| axis.key() == key)
    }
}

/// Finds the neighbour of an event by a step unit.
pub trait Steps {
    /// The nearest position after or before `from` that the unit stops at.
    fn neighbour(&self, from: Position, unit: StepUnit, direction: Direction) -> Option<Position>;
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
    /// Play in a direction; again in the same direction doubles the speed.
    Play(Direction),
    /// Stop playing.
    Pause,
    /// Play forwards, or stop.
    TogglePlay,
    /// Set the speed, as a factor of [`STEPS_PER_SECOND`]; clamped to the [`SPEEDS`].
    SetSpeed(f64),
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
    /// Show the whole log in the lanes.
    Fit,
    /// Put cursor A at this position, clamped to the log, or take it away.
    SetA(Option<Position>),
    /// Put cursor B at this position, clamped to the log, or take it away.
    SetB(Option<Position>),
}

/// The log has no event at this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchPosition {
    /// What was asked for.
    pub asked: Position,
    /// The last position there is.
    pub head: Position,
}

/// Where the page stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    head: Position,
    cursor: Position,
    is_live: bool,
    pinned_head: Position,
    view_head: Position,
    playing: Option<Direction>,
    speed: f64,
    unit: StepUnit,
    axis: Axis,
    window: Option<(Position, Position)>,
    cursor_a: Option<Position>,
    cursor_b: Option<Position>,
    owed_steps: f64,
}

impl Timeline {
    /// A timeline that follows the head of a log.
    #[must_use]
    pub fn new(head: Position) -> Self {
        Self {
            head,
            cursor: head,
            is_live: true,
            pinned_head: head,
            view_head: head,
            playing: None,
            speed: 1.0,
            unit: StepUnit::default(),
            axis: Axis::default(),
            window: None,
            cursor_a: None,
            cursor_b: None,
            owed_steps: 0.0,
        }
    }

    /// The last position of the log; zero when it is empty.
    #[must_use]
    pub fn head(&self) -> Position {
        self.head
    }

    /// The position that the page looks at; zero only in an empty log.
    #[must_use]
    pub fn cursor(&self) -> Position {
        self.cursor
    }

    /// Whether the cursor follows the head.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.is_live
    }

    /// How many events came since the cursor was pinned.
    #[must_use]
    pub fn events_since_pinned(&self) -> u64 {
        if self.is_live { 0 } else { self.head.get() - self.pinned_head.get() }
    }

    /// The direction of playback, if it plays.
    #[must_use]
    pub fn playing(&self) -> Option<Direction> {
        self.playing
    }

    /// The factor of playback speed.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// What a step passes over.
    #[must_use]
    pub fn unit(&self) -> StepUnit {
        self.unit
    }

    /// What the lanes show along x.
    #[must_use]
    pub fn axis(&self) -> Axis {
        self.axis
    }

    /// The last position that the lanes and the overview reach. A pinned page keeps its picture still while the log grows
    /// behind it, until the cursor is taken there.
    #[must_use]
    pub fn view_head(&self) -> Position {
        self.view_head
    }

    /// The first and last position that the lanes show; both zero in an empty log.
    #[must_use]
    pub fn window(&self) -> (Position, Position) {
        self.window.unwrap_or((first_of(self.view_head), self.view_head))
    }

    /// Whether the lanes show less than the whole log.
    #[must_use]
    pub fn is_zoomed(&self) -> bool {
        self.window.is_some()
    }

    /// Cursor A, if it is set: what a comparison starts from.
    #[must_use]
    pub fn cursor_a(&self) -> Option<Position> {
        self.cursor_a
    }

    /// Cursor B, if it is set: what a comparison leads to.
    #[must_use]
    pub fn cursor_b(&self) -> Option<Position> {
        self.cursor_b
    }

    /// The range between the cursors A and B, the lower one first, when both are set.
    #[must_use]
    pub fn range(&self) -> Option<(Position, Position)> {
        let (a, b) = (self.cursor_a?, self.cursor_b?);
        Some((a.min(b), a.max(b)))
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`NoSuchPosition`] from [`Command::SetPosition`]; the timeline is then as before.
    pub fn apply(&mut self, command: Command, steps: &dyn Steps) -> Result<(), NoSuchPosition> {
        match command {
            Command::SetPosition(asked) => {
                if asked < first_of(self.head) || asked > self.head || asked == Position::ZERO {
                    return Err(NoSuchPosition { asked, head: self.head });
                }
                self.pause();
                self.move_to(asked);
            }
            Command::SetPositionClamped(asked) => {
                self.pause();
                self.move_to(asked);
            }
            Command::Step(direction) => self.step(self.unit, direction, steps),
            Command::StepBy(unit, direction) => self.step(unit, direction, steps),
            Command::ToStart => {
                self.pause();
                self.move_to(first_of(self.head));
            }
            Command::GoLive => {
                self.pause();
                self.is_live = true;
                self.cursor = self.head;
                self.view_head = self.head;
                self.keep_cursor_in_view();
            }
            Command::Pin => self.pin(),
            Command::Play(direction) => self.play(direction),
            Command::Pause => self.pause(),
            Command::TogglePlay => match self.playing {
                Some(_) => self.pause(),
                None => self.play(Direction::Forwards),
            },
            Command::SetSpeed(speed) => self.speed = speed.clamp(SPEEDS[0], SPEEDS[SPEEDS.len() - 1]),
            Command::SetUnit(unit) => self.unit = unit,
            Command::SetAxis(axis) => self.axis = axis,
            Command::Tick { elapsed_ms } => self.tick(elapsed_ms, steps),
            Command::HeadGrew(head) => self.grow(head),
            Command::SetWindow { from, to } => self.set_window(from.get(), to.get()),
            Command::Zoom { factor } => self.zoom(factor),
            Command::Fit => {
                self.window = None;
                self.view_head = self.head;
            }
            Command::SetA(asked) => self.cursor_a = self.in_log(asked),
            Command::SetB(asked) => self.cursor_b = self.in_log(asked),
        }
        Ok(())
    }

    fn in_log(&self, asked: Option<Position>) -> Option<Position> {
        asked.filter(|_| self.head > Position::ZERO).map(|asked| asked.clamp(first_of(self.head), self.head))
    }

    fn pin(&mut self) {
        if self.is_live {
            self.is_live = false;
            self.pinned_head = self.head;
        }
    }

    fn pause(&mut self) {
        self.playing = None;
        self.owed_steps = 0.0;
    }

    fn move_to(&mut self, asked: Position) {
        let cursor = asked.clamp(first_of(self.head), self.head);
        if cursor != self.cursor {
            self.pin();
        }
        self.cursor = cursor;
        if cursor > self.view_head {
            self.view_head = self.head;
        }
        self.keep_cursor_in_view();
    }

    fn step(&mut self, unit: StepUnit, direction: Direction, steps: &dyn Steps) {
        self.pause();
        if let Some(next) = steps.neighbour(self.cursor, unit, direction) {
            self.move_to(next);
        }
    }

    fn play(&mut self, direction: Direction) {
        if self.playing == Some(direction) {
            self.speed = (self.speed * 2.0).min(SPEEDS[SPEEDS.len() - 1]);
        } else {
            self.playing = Some(direction);
            self.owed_steps = 0.0;
        }
        // Playing from the head shows the log from its start: there is nothing after the head to play.
        if direction == Direction::Forwards && self.cursor == self.head && self.head > Position::ZERO {
            self.move_to(first_of(self.head));
        }
        self.pin();
    }

    fn tick(&mut self, elapsed_ms: f64, steps: &dyn Steps) {
        let Some(direction) = self.playing else { return };
        self.owed_steps += elapsed_ms.max(0.0) / 1000.0 * STEPS_PER_SECOND * self.speed;
        let mut cursor = self.cursor;
        let mut ended = false;
        while self.owed_steps >= 1.0 && !ended {
            self.owed_steps -= 1.0;
            match steps.neighbour(cursor, self.unit, direction) {
                Some(next) => cursor = next,
                None => ended = true,
            }
        }
        if cursor != self.cursor {
            self.move_to(cursor);
        }
        if ended {
            self.pause();
        }
    }

    fn grow(&mut self, head: Position) {
        // News may arrive out of order from several tabs; the log only grows.
        if head <= self.head {
            return;
        }
        let was_empty = self.head == Position::ZERO;
        self.head = head;
        if self.is_live || was_empty {
            self.cursor = head;
            self.view_head = head;
            self.is_live = true;
            self.keep_cursor_in_view();
        }
    }

    fn set_window(&mut self, from: u64, to: u64) {
        let last = self.view_head.get();
        let (from, to) = (from.min(to), from.max(to));
        let from = from.clamp(1.min(last), last.saturating_sub(NARROWEST_WINDOW - 1).max(1.min(last)));
        let to = to.clamp((from + NARROWEST_WINDOW - 1).min(last), last);
        let is_whole = from <= 1 && to == last;
        self.window = if is_whole { None } else { Some((Position::new(from), Position::new(to))) };
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "zooming is a gesture: a position off by one among 2^53 cannot be seen"
    )]
    fn zoom(&mut self, factor: f64) {
        let (from, to) = self.window();
        if to == Position::ZERO {
            return;
        }
        let (from, to) = (from.get() as f64, to.get() as f64);
        let width = ((to - from + 1.0) * factor)
            .min(self.view_head.get() as f64)
            .max((NARROWEST_WINDOW as f64).min(self.view_head.get() as f64));
        let cursor = self.cursor.get() as f64;
        let anchor = if cursor < from || cursor > to { f64::midpoint(from, to) } else { cursor };
        let share = (anchor - from) / (to - from).max(1.0);
        let start =
            (anchor - share * (width - 1.0)).round().clamp(1.0, (self.view_head.get() as f64 - width + 1.0).max(1.0));
        self.set_window(start as u64, (start + width - 1.0).round() as u64);
    }

    fn keep_cursor_in_view(&mut self) {
        let Some((from, to)) = self.window else { return };
        let (from, to, cursor) = (from.get(), to.get(), self.cursor.get());
        let width = to - from + 1;
        if cursor > to {
            self.window = Some((Position::new(cursor + 1 - width.min(cursor)), self.cursor));
        } else if cursor < from {
            self.window = Some((self.cursor, Position::new((cursor + width - 1).min(self.view_head.get()))));
        }
    }
}

fn first_of(head: Position) -> Position {
    head.min(Position::new(1))
}

#[cfg(test)]
mod tests;
