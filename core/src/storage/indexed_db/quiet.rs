//! Waiting until appends pause, so that work behind the scenes does not stand in their way.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use futures_util::future::select;
use js_sys::Date;

use super::host::sleep;

/// A pause of this length is one.
const PAUSE_MILLIS: f64 = 40.0;
/// Bytes that may be appended before work is not put off any longer: until it is done they are held in memory.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What was appended lately.
#[derive(Default)]
pub(super) struct Quiet {
    last_append: Cell<f64>,
    bytes: Cell<usize>,
    waiting: Cell<Option<Waker>>,
}

impl Quiet {
    /// Takes note of an append.
    pub(super) fn note(&self, bytes: usize) {
        self.last_append.set(Date::now());
        self.bytes.set(self.bytes.get() + bytes);
        if self.bytes.get() >= MOST_BYTES
            && let Some(waiting) = self.waiting.take()
        {
            waiting.wake();
        }
    }

    /// Ends when nothing has been appended for a moment, or very much since the last time that this ended.
    pub(super) async fn pause(self: Rc<Self>) {
        loop {
            // A clock that was set back counts as a pause.
            let since = (Date::now() - self.last_append.get()).abs();
            if since >= PAUSE_MILLIS || self.bytes.get() >= MOST_BYTES {
                break;
            }
            let much = poll_fn(|context| {
                self.waiting.set(Some(context.waker().clone()));
                if self.bytes.get() >= MOST_BYTES { Poll::Ready(()) } else { Poll::Pending }
            });
            let rest = Duration::from_millis((PAUSE_MILLIS - since) as u64 + 1);
            select(Box::pin(sleep(rest)), much).await;
        }
        self.bytes.set(0);
    }
}
