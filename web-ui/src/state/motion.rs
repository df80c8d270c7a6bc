//! Long work gives way to a page that somebody moves.

use std::pin::pin;

use futures_util::future::{LocalBoxFuture, select};
use leptos::prelude::*;

use super::App;
use super::browser::{breathe, next_frame, now_ms, sleep};

/// For how long after a movement the next one is expected, in milliseconds.
const MOVES_FOR_MS: f64 = 150.0;
/// Frames that are not drawn are not waited for longer than this.
const LONGEST_FRAME_MS: i32 = 100;

/// When the page was last moved, and what work is left to the frame that is drawn next.
#[derive(Clone, Copy)]
pub(crate) struct Motion {
    moved_at: StoredValue<f64>,
}

impl Motion {
    pub(super) fn new() -> Self {
        Self { moved_at: StoredValue::new(f64::NEG_INFINITY) }
    }
}

impl App {
    /// Notes that the cursor or the rows are being moved.
    pub(crate) fn moves(&self) {
        self.motion.moved_at.set_value(now_ms());
    }

    fn is_moving(&self) -> bool {
        self.motion.moved_at.try_get_value().is_some_and(|moved_at| now_ms() - moved_at < MOVES_FOR_MS)
    }

    /// What work on the open store awaits between two of its turns, of a millisecond each and what it takes to end one: while
    /// the page moves, the next frame.
    pub(super) fn pauses(self) -> impl Fn() -> LocalBoxFuture<'static, ()> + 'static {
        move || {
            Box::pin(async move {
                if self.is_moving() && !document().hidden() {
                    select(pin!(next_frame()), pin!(sleep(LONGEST_FRAME_MS))).await;
                }
                // The frame is drawn first.
                breathe().await;
            })
        }
    }
}
