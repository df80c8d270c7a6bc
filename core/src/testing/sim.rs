//! A host whose every decision follows from a seed.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use fastrand::Rng;
use futures_channel::oneshot;
use futures_util::future::{FutureExt, LocalBoxFuture, poll_fn};

use crate::domain::Timestamp;
use crate::storage::Host;

/// Where the clock begins: 2026-03-14T09:00Z.
const START_MICROS: i64 = 1_773_478_800_000_000;
/// How far the clock moves each time that it is read.
const TICK_MICROS: i64 = 1;
/// Sleeps that may end for one run, before it counts as standing still.
const MAX_WAKES: u32 = 10_000;

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Flag {
    fn raised() -> Arc<Self> {
        Arc::new(Self(AtomicBool::new(true)))
    }

    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }

    fn is_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct Task {
    flag: Arc<Flag>,
    future: LocalBoxFuture<'static, ()>,
}

/// A host that runs its tasks one poll at a time, in an order drawn from a seed, with a clock that moves only when it
/// is read or when all sleep. The same seed gives the same run.
///
/// A task is polled only after its waker was called: a waker that is forgotten shows itself as a run that stands still,
/// which [`run`](Self::run) reports.
pub struct SimHost {
    rng: RefCell<Rng>,
    now: Cell<i64>,
    tasks: RefCell<Vec<Task>>,
    /// Sleepers: when they wake. `None`: sleeps never end.
    sleepers: Option<RefCell<Vec<Sleeper>>>,
}

/// When it wakes, and what wakes it.
type Sleeper = (i64, oneshot::Sender<()>);

impl fmt::Debug for SimHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimHost").field("tasks", &self.tasks.borrow().len()).finish_non_exhaustive()
    }
}

impl SimHost {
    /// A host where sleeps never end: whoever waits must be woken.
    #[must_use]
    pub fn new(seed: u64) -> Rc<Self> {
        Rc::new(Self::with(seed, None))
    }

    /// A host where a sleep ends once all else stands still, at no cost of real time.
    #[must_use]
    pub fn with_timers(seed: u64) -> Rc<Self> {
        Rc::new(Self::with(seed, Some(RefCell::default())))
    }

    fn with(seed: u64, sleepers: Option<RefCell<Vec<Sleeper>>>) -> Self {
        let rng = RefCell::new(Rng::with_seed(seed));
        Self { rng, now: Cell::new(START_MICROS), tasks: RefCell::default(), sleepers }
    }

    /// Lets time pass.
    pub fn advance(&self, micros: i64) {
        self.now.set(self.now.get() + micros);
    }

    /// Runs `future` and all tasks until `future` ends.
    ///
    /// # Panics
    /// When it has not ended and nothing can go on.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let flag = Flag::raised();
        let mut wakes = 0;
        loop {
            let ready: Vec<usize> = {
                let tasks = self.tasks.borrow();
                tasks.iter().enumerate().filter(|(_, task)| task.flag.is_up()).map(|(number, _)| number).collect()
            };
            let choices = ready.len() + usize::from(flag.is_up());
            if choices == 0 {
                wakes += 1;
                let goes_on = wakes < MAX_WAKES && self.wake_a_sleeper();
                assert!(goes_on, "nothing can go on: a waker was forgotten, or two wait for each other");
                continue;
            }
            let choice = self.rng.borrow_mut().usize(..choices);
            if let Some(number) = ready.get(choice) {
                self.poll_task(*number);
            } else if flag.take() {
                let waker = Waker::from(Arc::clone(&flag));
                if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return result;
                }
            }
        }
    }

    /// Runs the background tasks until none can go on.
    pub fn settle(&self) {
        loop {
            let ready = self.tasks.borrow().iter().position(|task| task.flag.is_up());
            let Some(number) = ready else { return };
            self.poll_task(number);
        }
    }

    fn poll_task(&self, number: usize) {
        // The task is out of the list while it runs, for it may spawn others.
        let mut task = self.tasks.borrow_mut().swap_remove(number);
        task.flag.take();
        let waker = Waker::from(Arc::clone(&task.flag));
        if task.future.poll_unpin(&mut Context::from_waker(&waker)).is_pending() {
            self.tasks.borrow_mut().push(task);
        }
    }

    fn wake_a_sleeper(&self) -> bool {
        let Some(sleepers) = &self.sleepers else { return false };
        let mut sleepers = sleepers.borrow_mut();
        let next = (0..sleepers.len()).min_by_key(|number| sleepers[*number].0);
        let Some(next) = next else { return false };
        let (time, sleeper) = sleepers.swap_remove(next);
        self.now.set(self.now.get().max(time));
        // One that was dropped while it slept needs no waking.
        let _ = sleeper.send(());
        true
    }
}

/// Lets others go first `times` times.
pub(super) async fn give_way(times: u32) {
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Host for SimHost {
    fn now(&self) -> Timestamp {
        self.now.set(self.now.get() + TICK_MICROS);
        Timestamp::trusted(self.now.get())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.rng.borrow_mut().fill(bytes);
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        self.tasks.borrow_mut().push(Task { flag: Flag::raised(), future: task });
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let Some(sleepers) = &self.sleepers else { return std::future::pending().boxed_local() };
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        let end = self.now.get().saturating_add(micros);
        let (sender, ended) = oneshot::channel();
        sleepers.borrow_mut().push((end, sender));
        ended.map(|_| ()).boxed_local()
    }

    fn breathe(&self) -> LocalBoxFuture<'static, ()> {
        give_way(1).boxed_local()
    }
}
