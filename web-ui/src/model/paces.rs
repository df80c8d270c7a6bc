//! How closely the parts of the page follow the cursor while it moves.
//!
//! The lanes follow it in every frame. Rows follow every step, but while it leaps from place to place in quick succession only
//! so often that they could be read; and so do the details of the event under it, in another frame than the rows. Details leap
//! to where the rows have leapt: what was read for these is not read again a few thousand events further on. A move that
//! stands alone is followed by all at once, and so is the last one of many as soon as it is time. A frame that has something
//! else to show of the event under the cursor, a state that was folded, leaves them where they are.

/// A step: what is no further, in events, is mostly in view and in memory already.
const STEP: u64 = 64;
/// The least time between two leaps of the rows, or of the details, in milliseconds.
const BETWEEN_LEAPS_MS: f64 = 100.0;
/// The least time between two steps of the details, in milliseconds.
const BETWEEN_STEPS_MS: f64 = 64.0;
/// How long details keep out of the way of rows that have leapt, in milliseconds: three frames.
const BEHIND_ROWS_MS: f64 = 46.0;
/// A move this long after the one before stands alone, in milliseconds.
const ALONE_AFTER_MS: f64 = 150.0;

/// What follows the cursor now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The rows of the log, to the cursor.
    pub rows: bool,
    /// The details of an event, to where [`Paces::details`] says.
    pub details: bool,
}

/// Where the parts of the page are, and when they got there. Positions are counted as in the log; times are milliseconds of any
/// clock that does not run backwards.
#[derive(Clone, Copy, Debug)]
pub struct Paces {
    cursor: u64,
    rows: u64,
    details: u64,
    moved_at: f64,
    leapt_at: f64,
    details_at: f64,
    has_answered: bool,
}

impl Paces {
    /// All at one place, for long.
    #[must_use]
    pub fn new(cursor: u64) -> Self {
        let long_ago = f64::NEG_INFINITY;
        Self {
            cursor,
            rows: cursor,
            details: cursor,
            moved_at: long_ago,
            leapt_at: long_ago,
            details_at: long_ago,
            has_answered: false,
        }
    }

    /// Whether a part is still somewhere else than the cursor: then [`step`](Self::step) is to be called in every frame.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.rows != self.cursor || self.details != self.cursor
    }

    /// Where the details are: at the cursor, or at the rows while these leap behind it.
    #[must_use]
    pub fn details(&self) -> u64 {
        self.details
    }

    /// Something else is shown in this frame: what follows the cursor waits for the next one, unless the move stands alone.
    pub fn answer(&mut self) {
        self.has_answered = true;
    }

    /// Says what follows the cursor now. To be called when it moves, and in every frame while something
    /// [is behind](Self::is_behind).
    pub fn step(&mut self, cursor: u64, now_ms: f64) -> Due {
        let mut is_alone = false;
        if cursor != self.cursor {
            is_alone = now_ms - self.moved_at >= ALONE_AFTER_MS;
            (self.cursor, self.moved_at) = (cursor, now_ms);
        }
        let has_room = !std::mem::take(&mut self.has_answered);
        let leaps = self.rows.abs_diff(cursor) > STEP;
        let wanted = if leaps && !is_alone { self.rows } else { cursor };
        let between = if self.details.abs_diff(wanted) > STEP { BETWEEN_LEAPS_MS } else { BETWEEN_STEPS_MS };
        let is_time = now_ms - self.details_at >= between && now_ms - self.leapt_at >= BEHIND_ROWS_MS;
        let details = self.details != wanted && (is_alone || is_time && has_room);
        if details {
            (self.details, self.details_at) = (wanted, now_ms);
        }
        let is_free = !details && has_room && (!leaps || now_ms - self.leapt_at >= BETWEEN_LEAPS_MS);
        let rows = self.rows != cursor && (is_alone || is_free);
        if rows {
            self.rows = cursor;
            if leaps {
                self.leapt_at = now_ms;
            }
        }
        Due { rows, details }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FRAME: f64 = 16.0;

    #[test]
    fn a_move_that_stands_alone_is_followed_by_all_at_once() {
        let mut paces = Paces::new(1);
        assert_eq!(paces.step(900_000, 0.0), Due { rows: true, details: true });
        assert_eq!(paces.step(3, ALONE_AFTER_MS), Due { rows: true, details: true });
        assert!(!paces.is_behind());
    }

    #[test]
    fn rows_follow_a_walk_in_every_frame_but_those_of_the_details() {
        let mut paces = Paces::new(1);
        assert_eq!(paces.step(2, 0.0), Due { rows: true, details: true });
        let mut details = 0;
        for frame in 1..200_u32 {
            let due = paces.step(2 + u64::from(frame), f64::from(frame) * FRAME);
            assert_ne!(due.rows, due.details, "in frame {frame}");
            details += u32::from(due.details);
        }
        assert_eq!(details, 49);
    }

    #[test]
    fn a_frame_that_shows_an_answer_shows_no_other_rows_and_no_other_details() {
        let mut paces = Paces::new(1);
        assert_eq!(paces.step(2, 0.0), Due { rows: true, details: true });
        paces.answer();
        assert_eq!(paces.step(3, BETWEEN_STEPS_MS), Due::default());
        assert!(paces.is_behind());
        assert_eq!(paces.step(3, BETWEEN_STEPS_MS + FRAME), Due { rows: false, details: true });
        assert_eq!(paces.step(3, BETWEEN_STEPS_MS + 2.0 * FRAME), Due { rows: true, details: false });
        paces.answer();
        assert_eq!(paces.step(9, 1_000.0), Due { rows: true, details: true });
    }

    proptest! {
        /// However the cursor moves: rows and details end up at it, leaps keep their distance, details are where the rows are or
        /// near to the cursor, and rows and details never follow in the same frame, unless the move stands alone.
        #[test]
        fn parts_keep_their_distance_and_arrive(moves in prop::collection::vec((0_u64..2_000_000, 0_u8..12), 1..60)) {
            let mut paces = Paces::new(0);
            let (mut rows, mut details, mut now) = (0, 0, 0.0);
            let (mut cursor, mut leapt_at, mut details_at) = (0, f64::NEG_INFINITY, f64::NEG_INFINITY);
            let mut moved_at = f64::NEG_INFINITY;
            let still = std::iter::repeat_n((None, 0), 20);
            for (to, waits) in moves.into_iter().map(|(to, waits)| (Some(to), waits)).chain(still) {
                for frame in 0..=waits {
                    let goes = to.filter(|to| frame == 0 && *to != cursor);
                    let is_alone = goes.is_some() && now - moved_at >= ALONE_AFTER_MS;
                    if let Some(to) = goes {
                        (cursor, moved_at) = (to, now);
                    }
                    let due = paces.step(cursor, now);
                    let leaps = due.rows && u64::abs_diff(rows, cursor) > STEP;
                    if due.rows {
                        prop_assert!(!leaps || is_alone || now - leapt_at >= BETWEEN_LEAPS_MS);
                        prop_assert_ne!(rows, cursor);
                        rows = cursor;
                    }
                    if due.details {
                        prop_assert!(is_alone || now - details_at >= BETWEEN_STEPS_MS);
                        prop_assert!(is_alone || !due.rows);
                        let is_near = u64::abs_diff(rows, cursor) <= STEP;
                        let goes_to = if is_near || is_alone { cursor } else { rows };
                        prop_assert_ne!(details, goes_to);
                        (details, details_at) = (goes_to, now);
                    }
                    prop_assert_eq!(paces.details(), details);
                    if leaps {
                        leapt_at = now;
                    }
                    prop_assert_eq!(paces.is_behind(), rows != cursor || details != cursor);
                    now += FRAME;
                }
            }
            prop_assert_eq!((rows, details), (cursor, cursor));
        }
    }
}
