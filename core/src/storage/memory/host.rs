//! Clock, random source and scheduler outside of a browser.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::{self, FutureExt, LocalBoxFuture};

use crate::domain::Timestamp;
use crate::storage::Host;

/// The host of native programs. A background task runs at once, as far as it gets, and goes on whenever another task
/// is spawned, until none of them has woken another; the storage in memory never waits.
#[derive(Default)]
pub struct NativeHost {
    tasks: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    is_running: Cell<bool>,
    /// When the clock that measures was first asked.
    started: OnceCell<Instant>,
}

/// Whether a task has woken another, or itself.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
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

    fn micros(&self) -> f64 {
        self.started.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e6
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system has a random source");
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        self.tasks.borrow_mut().push(task);
        if self.is_running.replace(true) {
            return;
        }
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut waiting: Vec<LocalBoxFuture<'static, ()>> = Vec::new();
        loop {
            let was_woken = woken.0.swap(false, Ordering::Relaxed);
            let mut round: Vec<_> = self.tasks.borrow_mut().drain(..).collect();
            if was_woken {
                round.append(&mut waiting);
            }
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
