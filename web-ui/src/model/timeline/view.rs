//! The window of positions that the lanes show.

use leftfold_core::Position;

use super::Timeline;

/// The fewest events that the visible window shows.
const NARROWEST_WINDOW: u64 = 10;

impl Timeline {
    pub(super) fn set_window(&mut self, from: u64, to: u64) {
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
    pub(super) fn zoom(&mut self, factor: f64) {
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

    pub(super) fn keep_cursor_in_view(&mut self) {
        let Some((from, to)) = self.window else { return };
        let (from, to, cursor) = (from.get(), to.get(), self.cursor.get());
        let width = to - from + 1;
        if cursor > to {
            self.window = Some((Position::new(cursor + 1 - width.min(cursor)), self.cursor));
        } else if cursor < from {
            self.window = Some((self.cursor, Position::new((cursor + width - 1).min(self.view_head.get()))));
        }
    }

    pub(super) fn pan(&mut self, positions: i64) {
        let Some((from, to)) = self.window else { return };
        let start = from.get().saturating_add_signed(positions);
        let width = to.get() - from.get();
        let start = start.clamp(1, self.view_head.get().saturating_sub(width).max(1));
        self.set_window(start, start + width);
    }
}
