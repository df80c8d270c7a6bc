//! The timeline: where the page stands in the log, and the only ways to move it.
//!
//! [`Timeline`] is changed by [`Command`]s alone. Widgets push commands; tests drive it the same way. What a step means in
//! a stream or among the filtered events is answered by a [`Steps`], so that the timeline itself needs no log.

mod command;
mod moment;
mod pace;
mod playback;
mod view;

use leftfold_core::Position;

pub use command::{Axis, Command, Direction, NoSuchPosition, StepUnit, Steps};
pub use moment::{InvalidPlace, Place};
pub use pace::Pace;

/// Where the page stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    head: Position,
    cursor: Position,
    is_live: bool,
    pinned_head: Position,
    view_head: Position,
    playing: Option<Direction>,
    pace: Pace,
    is_looping: bool,
    unit: StepUnit,
    axis: Axis,
    window: Option<(Position, Position)>,
    cursor_a: Option<Position>,
    cursor_b: Option<Position>,
    owed: f64,
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
            pace: Pace::default(),
            is_looping: false,
            unit: StepUnit::default(),
            axis: Axis::default(),
            window: None,
            cursor_a: None,
            cursor_b: None,
            owed: 0.0,
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

    /// The pace of playback.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Whether playback goes round between the cursors A and B.
    #[must_use]
    pub fn is_looping(&self) -> bool {
        self.is_looping
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
            Command::SetPace(pace) => {
                self.pace = pace;
                self.owed = 0.0;
            }
            Command::SetLooping(is_looping) => self.is_looping = is_looping,
            Command::SetUnit(unit) => self.unit = unit,
            Command::SetAxis(axis) => self.axis = axis,
            Command::Tick { elapsed_ms } => self.tick(elapsed_ms, steps),
            Command::HeadGrew(head) => self.grow(head),
            Command::SetWindow { from, to } => self.set_window(from.get(), to.get()),
            Command::Zoom { factor } => self.zoom(factor),
            Command::PanBy(positions) => self.pan(positions),
            Command::Fit => {
                self.window = None;
                self.view_head = self.head;
            }
            Command::SetA(asked) => self.cursor_a = self.in_log(asked),
            Command::SetB(asked) => self.cursor_b = self.in_log(asked),
            Command::SetRange { a, b } => {
                self.cursor_a = self.in_log(Some(a));
                self.cursor_b = self.in_log(Some(b));
            }
            Command::ClearRange => {
                self.cursor_a = None;
                self.cursor_b = None;
            }
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
}

fn first_of(head: Position) -> Position {
    head.min(Position::new(1))
}

#[cfg(test)]
mod tests;
