//! A switch that stops long work.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};

/// A switch that stops long work, such as an import. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Rc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    is_cancelled: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl CancelToken {
    /// A switch that nobody has thrown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws the switch, for good. Work that waits for something wakes up.
    pub fn cancel(&self) {
        self.0.is_cancelled.set(true);
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Whether the switch was thrown.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.get()
    }

    /// Has the task woken when the switch is thrown.
    pub(crate) fn wake_on_cancel(&self, context: &Context<'_>) {
        let mut waiting = self.0.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
    }
}
