//! How far every open handle has seen the log, as locks that the browser lets go of when the handle's page dies.
//!
//! A handle holds a lock whose name says a position that it has seen. Entries up to a position may be removed when no
//! held lock says less: a handle that opens later reads the log after it took its lock, and so sees at least as much.
//! A frozen page keeps its lock, and with it the entries that it has not seen.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen_futures::spawn_local;

use super::host::sleep;
use super::lock::{Held, Mode, SharedLocks};
use crate::domain::Position;

/// A lock is renewed at most this often.
const RENEWAL: Duration = Duration::from_millis(250);

pub(super) struct Seen {
    locks: SharedLocks,
    /// What the names of all handles on this store begin with.
    prefix: String,
    /// What the names of this handle's locks end with.
    handle: String,
    held: RefCell<Option<Held>>,
    head: Cell<Position>,
    is_renewing: Cell<bool>,
    is_closed: Cell<bool>,
}

impl Seen {
    /// Takes the first lock, which says that nothing was seen. To be done before the log is read. A browser that refuses
    /// this lock, which nobody else can hold, refuses all: it counts as one without.
    pub(super) async fn begin(store: &str, handle: &str, locks: SharedLocks) -> Rc<Self> {
        let mut seen = Self {
            locks,
            prefix: format!("leftfold:{store}:seen:"),
            handle: handle.to_owned(),
            held: RefCell::new(None),
            head: Cell::new(Position::ZERO),
            is_renewing: Cell::new(false),
            is_closed: Cell::new(false),
        };
        seen.take().await;
        if !seen.is_held() {
            seen.locks = None;
        }
        Rc::new(seen)
    }

    async fn take(&self) {
        let Some(locks) = &self.locks else { return };
        let name = format!("{}{}:{}", self.prefix, self.head.get(), self.handle);
        if let Some(held) = locks.take(&name, Mode::Shared).await
            && !self.is_closed.get()
        {
            // The lock before is let go of only now that the new one is held.
            self.held.replace(Some(held));
        }
    }

    /// The locks, where the browser has them and grants them.
    pub(super) fn locks(&self) -> SharedLocks {
        self.locks.clone()
    }

    /// Whether this handle holds a lock, so that no key behind what it has seen can be freed.
    pub(super) fn is_held(&self) -> bool {
        self.held.borrow().is_some()
    }

    /// Notes that the log was seen up to `head`; the lock follows soon.
    pub(super) fn note(self: &Rc<Self>, head: Position) {
        self.head.set(head);
        if self.locks.is_none() || self.is_closed.get() || self.is_renewing.replace(true) {
            return;
        }
        let seen = Rc::clone(self);
        spawn_local(async move {
            sleep(RENEWAL).await;
            seen.is_renewing.set(false);
            if !seen.is_closed.get() {
                seen.take().await;
            }
        });
    }

    /// Whether every handle is known to have seen the log up to `position`.
    pub(super) async fn by_all(&self, position: Position) -> bool {
        let Some(locks) = &self.locks else { return false };
        if self.head.get() < position {
            return false;
        }
        // This handle's own lock may lag behind what it has seen, and a lock that was let go of may still be listed.
        self.take().await;
        let Some(names) = locks.held().await else { return false };
        let of_others = names.iter().filter_map(|name| {
            let (seen, handle) = name.strip_prefix(&self.prefix)?.split_once(':')?;
            (handle != self.handle).then_some(seen)
        });
        let position = position.get();
        of_others.into_iter().all(|seen| seen.parse::<u64>().is_ok_and(|seen| seen >= position))
    }

    pub(super) fn close(&self) {
        self.is_closed.set(true);
        self.held.take();
    }
}
