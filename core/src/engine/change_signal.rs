//! Waking those who wait for something to change.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Wakers of everyone who waits. A waiter looks at the thing itself: a signal carries no truth.
#[derive(Debug, Default)]
pub(crate) struct ChangeSignal {
    waiting: RefCell<Vec<Waker>>,
}

impl ChangeSignal {
    /// Wakes all.
    pub(crate) fn notify(&self) {
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Ends once `look()` gives something else than `seen`, or nothing.
    pub(crate) async fn wait<T: PartialEq>(&self, seen: T, look: impl Fn() -> Option<T>) -> Option<T> {
        poll_fn(|context| match look() {
            Some(found) if found == seen => {
                let mut waiting = self.waiting.borrow_mut();
                if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                    waiting.push(context.waker().clone());
                }
                Poll::Pending
            }
            moved => Poll::Ready(moved),
        })
        .await
    }
}
