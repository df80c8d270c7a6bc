//! Clock, random source and scheduler outside of a browser.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::{self, FutureExt, LocalBoxFuture};

use crate::domain::Timestamp;
use crate::storage::Host;

/// The host of native programs. A background task runs at once, as far as it gets, and goes on whenever another task
/// is spawned; the storage in memory never waits, so that each ends in its first run.
#[derive(Default)]
pub struct NativeHost {
    tasks: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    is_running: Cell<bool>,
}

impl fmt::Debug for NativeHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeHost").finish_non_exhaustive()
    }
}

impl Host for NativeHost {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::trusted(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system has a random source");
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        self.tasks.borrow_mut().push(task);
        if self.is_running.replace(true) {
            return;
        }
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting = Vec::new();
        loop {
            let round: Vec<_> = self.tasks.borrow_mut().drain(..).collect();
            if round.is_empty() {
                break;
            }
            for mut task in round {
                if task.poll_unpin(&mut context).is_pending() {
                    waiting.push(task);
                }
            }
        }
        self.tasks.borrow_mut().extend(waiting);
        self.is_running.set(false);
    }

    fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
        future::pending().boxed_local()
    }

    fn breathe(&self) -> LocalBoxFuture<'static, ()> {
        future::ready(()).boxed_local()
    }
}
