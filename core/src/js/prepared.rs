//! Events as objects of the page for a fold: some dozens at a time are made of one JSON text, as the fold comes to them.

use std::collections::VecDeque;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::recorded;
use crate::domain::RecordedEvent;

/// Events that are made at once: a fraction of a millisecond.
const CHUNK: usize = 64;

/// Pages kept: two that fold at the same time do not get into each other's way.
const PAGES: usize = 2;

/// The events that come next.
#[derive(Default)]
pub(super) struct Prepared {
    pages: VecDeque<Page>,
}

struct Page {
    events: Vec<RecordedEvent>,
    chunks: Vec<Option<Array>>,
}

/// Whether two events are the same payload of the same event. Both are alive, so that bytes at one place are the same.
fn is_same(a: &RecordedEvent, b: &RecordedEvent) -> bool {
    a.position() == b.position()
        && std::ptr::eq(a.data(), b.data())
        && a.event_type() == b.event_type()
        && a.schema_version() == b.schema_version()
}

impl Page {
    fn place(&self, event: &RecordedEvent) -> Option<usize> {
        let first = self.events.partition_point(|other| other.position() < event.position());
        let payloads = self.events[first..].iter().take_while(|other| other.position() == event.position());
        payloads.enumerate().find(|(_, other)| is_same(other, event)).map(|(at, _)| first + at)
    }

    fn object(&mut self, at: usize) -> Result<JsValue, Failure> {
        let chunk = at / CHUNK;
        let array = match &self.chunks[chunk] {
            Some(array) => array,
            None => {
                let end = self.events.len().min((chunk + 1) * CHUNK);
                self.chunks[chunk].insert(recorded::page(&self.events[chunk * CHUNK..end])?)
            }
        };
        Ok(array.get((at % CHUNK) as u32))
    }
}

impl Prepared {
    /// Takes note of events in the order of the log.
    pub(super) fn expect(&mut self, events: &[RecordedEvent]) {
        self.pages.truncate(PAGES - 1);
        let chunks = vec![None; events.len().div_ceil(CHUNK)];
        self.pages.push_front(Page { events: events.to_vec(), chunks });
    }

    /// Lets go of the page that ends with an event, which was folded.
    pub(super) fn folded(&mut self, event: &RecordedEvent) {
        self.pages.retain(|page| !page.events.last().is_some_and(|last| is_same(last, event)));
    }

    /// The object of an event, which need not have been expected.
    ///
    /// # Errors
    /// As [`recorded::page`].
    pub(super) fn object(&mut self, event: &RecordedEvent) -> Result<JsValue, Failure> {
        let places = self.pages.iter().map(|page| page.place(event));
        match places.enumerate().find_map(|(page, at)| Some((page, at?))) {
            Some((page, at)) => self.pages[page].object(at),
            None => recorded::one(event),
        }
    }
}
