//! Long work that stays out of everyone's way.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::store::{EventStore, Inner};
use crate::domain::Timestamp;
use crate::storage::Storage;

/// What long work of a handle awaits between two turns, in the place of the host's own pause.
pub(super) type Pause = Rc<dyn Fn() -> LocalBoxFuture<'static, ()>>;

/// How long work goes on before others get their turn, in microseconds: a read that comes meanwhile waits so long, each
/// time it has something to do.
const TURN_MICROS: u64 = 1_000;
/// A pause of the host longer than this says that it has little time, in microseconds.
const LONG_PAUSE_MICROS: u64 = 4_000;
/// For how long it is taken to have little time then, in microseconds.
const PRESSED_MICROS: u64 = 300_000;

/// Gives way to other work of the thread whenever a turn of a millisecond is over.
pub(crate) struct Pace {
    storage: Rc<dyn Storage>,
    pause: Option<Pause>,
    pressed_at: Rc<Cell<Timestamp>>,
    since: Timestamp,
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("since", &self.since).finish_non_exhaustive()
    }
}

impl Pace {
    /// A pace whose first turn begins now.
    pub(crate) fn new(store: &EventStore) -> Self {
        Self::of(&store.inner)
    }

    /// The same for work of the handle itself.
    pub(super) fn of(inner: &Inner) -> Self {
        let storage = Rc::clone(&inner.storage);
        let since = storage.host().now();
        Self { storage, pause: inner.pause.borrow().clone(), pressed_at: Rc::clone(&inner.pressed_at), since }
    }

    /// Lets others go first if the turn is over. To be called after every small piece of work.
    pub(crate) async fn step(&mut self) {
        let host = self.storage.host();
        let now = host.now();
        // A clock that was set back ends the turn too.
        if passed(self.since, now) >= TURN_MICROS {
            match &self.pause {
                Some(pause) => pause().await,
                None => host.breathe().await,
            }
            self.since = host.now();
            if self.pause.is_some() && passed(now, self.since) >= LONG_PAUSE_MICROS {
                self.pressed_at.set(self.since);
            }
        }
    }
}

fn passed(since: Timestamp, now: Timestamp) -> u64 {
    now.as_micros().abs_diff(since.as_micros())
}

impl Inner {
    /// Whether a host that says when work goes on has lately let it wait for long: then less is done in one go.
    pub(super) fn is_pressed(&self) -> bool {
        passed(self.pressed_at.get(), self.storage.host().now()) < PRESSED_MICROS
    }
}

impl EventStore {
    /// Sets what long work of this handle awaits whenever it has gone on for a millisecond, from now on: a page that is
    /// being scrolled can let it wait for the next frame. Without it, work lets one turn of the event loop pass. Where it lets
    /// work wait for some milliseconds, reads fetch less in one go for a while.
    ///
    /// Work goes on once the future is ready; one that never is stops it for good.
    pub fn pause_work_by(&self, pause: impl Fn() -> LocalBoxFuture<'static, ()> + 'static) {
        *self.inner.pause.borrow_mut() = Some(Rc::new(pause));
    }
}
