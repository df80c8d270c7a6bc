//! What a branch changes: which events stand elsewhere, are left out, are others, or are new.

use bytes::Bytes;

use super::sorted::Sorted;
use crate::domain::{Position, RecordedEvent};

/// The changes of a branch, small beside the log.
///
/// Every position of the log has a *place*, which it keeps whatever becomes of its event; place 0 is the beginning. Events
/// that were moved or inserted are *put* behind a place, one behind the other, in front of the next place.
#[derive(Clone, Debug, Default)]
pub(super) struct Overlay {
    /// What was put behind a place, in order. No list is empty.
    put: Sorted<Vec<Position>>,
    /// Behind which place an event was put.
    places: Sorted<Position>,
    skipped: Sorted<()>,
    /// The data of events that are others.
    edits: Sorted<Bytes>,
    /// Events that are new, numbered on behind those of the log.
    inserted: Vec<RecordedEvent>,
}

impl Overlay {
    pub(super) fn skip(&mut self, event: Position) {
        self.skipped.set(event, ());
    }

    pub(super) fn edit(&mut self, event: Position, data: Bytes) {
        self.edits.set(event, data);
    }

    /// Puts an event directly behind another, wherever that stands; position 0 is the beginning.
    pub(super) fn put(&mut self, event: Position, after: Position) {
        self.take(event);
        match self.places.get(after).copied() {
            Some(place) => self.put_in(place, self.index_in(place, after) + 1, event),
            None => self.put_in(after, 0, event),
        }
    }

    /// Puts an event directly behind a place, in front of what was put there before. At its own it stands as in the log.
    pub(super) fn put_at(&mut self, event: Position, place: Position) {
        self.take(event);
        if event != place {
            self.put_in(place, 0, event);
        }
    }

    fn put_in(&mut self, place: Position, index: usize, event: Position) {
        self.put.entry(place).insert(index, event);
        self.places.set(event, place);
    }

    /// Puts a new event directly behind another.
    pub(super) fn insert(&mut self, event: RecordedEvent, after: Position) {
        let position = event.position();
        self.inserted.push(event);
        self.put(position, after);
    }

    /// Takes an event from where it was put.
    fn take(&mut self, event: Position) {
        let Some(place) = self.places.remove(event) else { return };
        let list = self.put.entry(place);
        list.retain(|other| *other != event);
        if list.is_empty() {
            self.put.remove(place);
        }
    }

    fn index_in(&self, place: Position, event: Position) -> usize {
        self.put.get(place).and_then(|list| list.iter().position(|other| *other == event)).unwrap_or_default()
    }

    pub(super) fn inserted(&self) -> &[RecordedEvent] {
        &self.inserted
    }

    /// The data that an event has instead of its own.
    pub(super) fn data_of(&self, event: Position) -> Option<&Bytes> {
        self.edits.get(event)
    }

    /// The places up to one that are not as they were, ascending.
    pub(super) fn changed_places(&self, to: Position) -> Vec<Position> {
        let events = self.skipped.keys().chain(self.edits.keys()).chain(self.places.keys());
        let mut places: Vec<_> = events.chain(self.put.keys()).filter(|place| *place <= to).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The events of the log among `events`, which ascend, that stand where they did; with those among `from..=to` that
    /// have other data now, which may belong to another partition.
    pub(super) fn staying(&self, mut events: Vec<Position>, from: Position, to: Position) -> Vec<Position> {
        events.extend(self.edits.within(from, to).iter().map(|(event, _)| *event));
        events.sort_unstable();
        events.dedup();
        events.retain(|event| !self.places.has(*event) && !self.skipped.has(*event));
        events
    }

    /// The events from place `from` to place `to`, with `staying` as those that the log has there, in the branch's order.
    pub(super) fn order(&self, staying: &[Position], from: Position, to: Position) -> Vec<Position> {
        let mut order = Vec::with_capacity(staying.len());
        let mut staying = staying;
        for (place, put) in self.put.within(from, to) {
            let before = staying.partition_point(|event| event <= place);
            order.extend_from_slice(&staying[..before]);
            staying = &staying[before..];
            order.extend(put.iter().filter(|event| !self.skipped.has(**event)));
        }
        order.extend_from_slice(staying);
        order
    }
}
