//! The upcasters of a handle on a store.

use std::rc::Rc;

use super::store::EventStore;
use crate::domain::{RecordedEvent, UpcastError, Upcaster, UpcasterTaken, Upcasters};

impl EventStore {
    /// Adds an upcaster to this handle. Repositories, projections and timelines lift every event that they fold; what
    /// [`read`](Self::read) and [`subscribe`](Self::subscribe) give is what is stored, for [`lift`](Self::lift).
    ///
    /// Register all upcasters before anything is folded: what was folded already is not folded again.
    ///
    /// # Errors
    /// [`UpcasterTaken`] when the step has one already.
    pub fn register_upcaster(&self, upcaster: Rc<dyn Upcaster>) -> Result<(), UpcasterTaken> {
        Rc::make_mut(&mut self.inner.upcasters.borrow_mut()).add(upcaster)
    }

    /// The upcasters registered here.
    #[must_use]
    pub fn upcasters(&self) -> Rc<Upcasters> {
        Rc::clone(&self.inner.upcasters.borrow())
    }

    /// Lifts an event as far as there are upcasters: one payload as a rule, none when it is dropped, several when it is
    /// split.
    ///
    /// # Errors
    /// [`UpcastError`] of the first step that fails.
    pub fn lift(&self, event: RecordedEvent) -> Result<Vec<RecordedEvent>, UpcastError> {
        self.upcasters().lift(event)
    }
}
