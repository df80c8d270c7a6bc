//! Waking those who wait for the log to grow.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::domain::Position;

/// Wakers of everyone who waits. A waiter looks at the head itself: a signal carries no truth.
#[derive(Debug, Default)]
pub(crate) struct HeadSignal {
    waiting: RefCell<Vec<Waker>>,
}

impl HeadSignal {
    /// Wakes all, when the head has moved or the store was closed.
    pub(crate) fn notify(&self) {
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Ends once `head()` gives another position than `seen`, or nothing (closed).
    pub(crate) async fn wait(&self, seen: Position, head: impl Fn() -> Option<Position>) -> Option<Position> {
        poll_fn(|context| match head() {
            Some(position) if position == seen => {
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
