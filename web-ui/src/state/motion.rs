//! Long work gives way to a page that somebody moves.

use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;

use super::App;
use super::browser::{breathe, frame_or_moment, now_ms};

/// For how long after a movement the next one is expected, in milliseconds.
const MOVES_FOR_MS: f64 = 150.0;
/// What was drawn so long ago belongs to this frame, in milliseconds.
const OF_THIS_FRAME_MS: f64 = 12.0;
/// So many frames in a row may be left to the rows and the details alone.
const MOST_FULL_FRAMES: u32 = 3;

/// When the page was last moved, and when a frame last had much to draw.
#[derive(Clone, Copy)]
pub(crate) struct Motion {
    moved_at: StoredValue<f64>,
    drew_at: StoredValue<f64>,
}

impl Motion {
    pub(super) fn new() -> Self {
        let long_ago = || StoredValue::new(f64::NEG_INFINITY);
        Self { moved_at: long_ago(), drew_at: long_ago() }
    }
}

impl App {
    /// Notes that the cursor or the rows are being moved.
    pub(crate) fn moves(&self) {
        self.motion.moved_at.set_value(now_ms());
    }

    /// Notes that this frame has rows or details to draw, and little room for more.
    pub(crate) fn draws(&self) {
        self.motion.drew_at.set_value(now_ms());
    }

    fn is_moving(&self) -> bool {
        is_within(self.motion.moved_at, MOVES_FOR_MS)
    }

    /// What work on the open store awaits between two of its turns, of a millisecond each and what it takes to end one: while
    /// the page moves, the next frame that has little else to draw.
    pub(super) fn pauses(self) -> impl Fn() -> LocalBoxFuture<'static, ()> + 'static {
        move || {
            Box::pin(async move {
                for _ in 0..=MOST_FULL_FRAMES {
                    let is_moving = self.is_moving() && !document().hidden();
                    if is_moving {
                        frame_or_moment().await;
                    }
                    // The frame is drawn first.
                    breathe().await;
                    if !is_moving || !is_within(self.motion.drew_at, OF_THIS_FRAME_MS) {
                        break;
                    }
                }
            })
        }
    }
}

/// Whether this was less than so many milliseconds ago. The page may be gone.
fn is_within(at: StoredValue<f64>, ms: f64) -> bool {
    at.try_get_value().is_some_and(|at| now_ms() - at < ms)
}
