//! What a branch has changed, whatever projection looks at it.

use serde::Serialize;

use super::BranchError;
use super::overlay::Overlay;
use crate::domain::{NewEvent, Position, RecordedEvent, StreamName, StreamVersion};
use crate::engine::EventStore;

/// The changes to a history up to a place: what they mean is said at [`Branch`](super::Branch).
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(super) at: Position,
    pub(super) overlay: Overlay,
}

impl Draft {
    /// No changes to the history up to a position of the log.
    pub(crate) fn new(at: Position) -> Self {
        Self { at, overlay: Overlay::default() }
    }

    /// The place up to which it has the events of the log.
    pub(crate) fn at(&self) -> Position {
        self.at
    }

    /// Leaves an event out.
    ///
    /// # Errors
    /// [`BranchError::NoEvent`].
    pub(crate) fn skip(&mut self, position: Position) -> Result<(), BranchError> {
        self.overlay.skip(self.known(position)?);
        Ok(())
    }

    /// Gives an event other data.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub(crate) fn edit<T: Serialize + ?Sized>(&mut self, position: Position, data: &T) -> Result<(), BranchError> {
        let position = self.known(position)?;
        let data = serde_json::to_vec(data).map_err(|error| BranchError::NotJson { reason: error.to_string() })?;
        self.overlay.edit(position, data.into());
        Ok(())
    }

    /// Inserts an event directly behind another, and gives its position.
    ///
    /// # Errors
    /// [`BranchError::NoEvent`].
    pub(crate) fn insert(
        &mut self,
        store: &EventStore,
        after: Position,
        stream: StreamName,
        event: &NewEvent,
    ) -> Result<Position, BranchError> {
        let after = self.place(after)?;
        let position = self.last().next();
        let recorded = self.record(store, position, stream, event);
        self.overlay.insert(recorded, after);
        Ok(position)
    }

    /// Moves an event directly behind another.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub(crate) fn move_behind(&mut self, position: Position, after: Position) -> Result<(), BranchError> {
        let (position, after) = (self.known(position)?, self.place(after)?);
        if position == after {
            return Err(BranchError::BehindItself { position });
        }
        self.overlay.put(position, after);
        Ok(())
    }

    /// Moves an event to a place of the log.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub(crate) fn move_to(&mut self, position: Position, place: Position) -> Result<(), BranchError> {
        let position = self.known(position)?;
        if place > self.at {
            return Err(BranchError::NoPlace { place, last: self.at });
        }
        self.overlay.put_at(position, place);
        Ok(())
    }

    /// The events that were inserted, in the order in which they were.
    pub(crate) fn inserted(&self) -> &[RecordedEvent] {
        self.overlay.inserted()
    }

    /// Takes all changes back.
    pub(crate) fn reset(&mut self) {
        self.overlay = Overlay::default();
    }

    /// The position of the last event.
    fn last(&self) -> Position {
        self.at.plus(self.overlay.inserted().len() as u64)
    }

    fn known(&self, position: Position) -> Result<Position, BranchError> {
        let last = self.last();
        let is_known = Position::ZERO < position && position <= last;
        if is_known { Ok(position) } else { Err(BranchError::NoEvent { position, last }) }
    }

    /// What an event may be put behind: another one, or the beginning.
    fn place(&self, after: Position) -> Result<Position, BranchError> {
        if after == Position::ZERO { Ok(after) } else { self.known(after) }
    }

    /// The event as an append would record it.
    fn record(&self, store: &EventStore, position: Position, stream: StreamName, event: &NewEvent) -> RecordedEvent {
        let now = store.host().now();
        let of_log = store.with_log(|log| {
            let positions = log.stream_positions(&stream);
            positions.partition_point(|position| u64::from(*position) <= self.at.get())
        });
        let inserted = self.overlay.inserted().iter().filter(|other| *other.stream() == stream).count();
        RecordedEvent {
            position,
            version: StreamVersion::new((of_log + inserted + 1) as u64),
            id: event.id().unwrap_or_else(|| store.new_id(now)),
            stream,
            event_type: event.event_type().clone(),
            schema_version: event.schema_version(),
            time: event.time().unwrap_or(now),
            recorded_at: now,
            content: event.content().clone(),
            data: event.data().clone(),
            metadata: event.metadata().clone(),
            tags: event.tags().into(),
        }
    }
}
