//! Loading: the state of a stream, from its snapshot and the events behind it.

use std::rc::Rc;
use std::time::Duration;

use super::error::{CommandError, LoadError};
use super::repository::Repository;
use super::snapshot;
use crate::domain::{
    Decider, DecodeError, DomainEvent, NewEvent, Position, RecordedEvent, StreamName, StreamVersion, UnknownTypes,
    Upcasters,
};
use crate::engine::{EventStore, Pace, StreamReadOptions};

/// A state, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded<S> {
    /// The state.
    pub state: S,
    /// The version of the stream that it is the state of; zero: the stream has no events.
    pub version: StreamVersion,
    /// The version of the snapshot that it was folded from, if one was.
    pub snapshot: Option<StreamVersion>,
    /// The number of stored events that were folded.
    pub folded: u64,
}

/// Folds the events of a page, lifted and decoded.
pub(super) struct Folder<'a, D> {
    pub(super) decider: &'a D,
    pub(super) upcasters: Rc<Upcasters>,
    pub(super) unknown: UnknownTypes,
}

impl<D: Decider> Folder<'_, D> {
    /// What an event of the log is for the decider.
    pub(super) fn decode(&self, event: RecordedEvent) -> Result<Vec<D::Event>, LoadError> {
        let position = event.position();
        let mut known = Vec::new();
        for lifted in self.upcasters.lift(event)? {
            match D::Event::from_recorded(&lifted) {
                Ok(event) => known.push(event),
                Err(DecodeError::UnknownType { .. }) if self.unknown == UnknownTypes::Skip => {}
                Err(source) => return Err(LoadError::Decode { position, source }),
            }
        }
        Ok(known)
    }

    /// What events of the log are for the decider, in their order.
    pub(super) fn decode_all(&self, events: Vec<RecordedEvent>) -> Result<Vec<D::Event>, LoadError> {
        let mut known = Vec::with_capacity(events.len());
        for event in events {
            known.extend(self.decode(event)?);
        }
        Ok(known)
    }

    pub(super) fn fold(&self, state: D::State, event: RecordedEvent) -> Result<D::State, LoadError> {
        let events = self.decode(event)?;
        Ok(events.into_iter().fold(state, |state, event| self.decider.evolve(state, event)))
    }

    /// Folds events that are not stored yet, which would stand at `position`: this program made them, in the newest shape.
    /// Refuses what could not be read back once it is stored.
    pub(super) fn fold_new(
        &self,
        state: D::State,
        events: &[NewEvent],
        position: Position,
    ) -> Result<D::State, CommandError<D::Rejection>> {
        events.iter().try_fold(state, |state, event| {
            let (event_type, schema_version) = (event.event_type(), event.schema_version());
            if self.upcasters.lifts(event_type, schema_version) {
                return Err(CommandError::OutdatedSchema { event_type: event_type.clone(), schema_version });
            }
            let event = D::Event::from_new(event).map_err(|source| LoadError::Decode { position, source })?;
            Ok(self.decider.evolve(state, event))
        })
    }
}

impl<D: Decider + 'static> Repository<D> {
    /// The state of a stream as it is now: its snapshot, if there is a good one, and every event behind it.
    ///
    /// Takes time in proportion to the events behind the snapshot, in slices that let others work.
    ///
    /// # Errors
    /// [`LoadError`].
    pub async fn load(&self, stream: &StreamName) -> Result<Loaded<D::State>, LoadError> {
        let store = self.store();
        store.refresh().await?;
        self.load_known(store, stream).await
    }

    pub(super) async fn load_known(
        &self,
        store: &EventStore,
        stream: &StreamName,
    ) -> Result<Loaded<D::State>, LoadError> {
        let version = store.with_log(|log| log.stream_version(stream));
        let began = store.inner.storage.host().now();
        let found = match self.snapshots() {
            Some(_) => snapshot::load(store, self.decider(), self.unknown_types(), stream, version).await,
            None => None,
        };
        let snapshot = found.as_ref().map(|(_, version)| *version);
        let mut state = found.map_or_else(|| self.decider().initial_state(), |(state, _)| state);
        let from = snapshot.unwrap_or_default();
        if version > from {
            let folder = self.folder();
            let options = StreamReadOptions { from: Some(from.next()), to: Some(version), ..Default::default() };
            let mut pace = Pace::new(store);
            for (number, event) in store.read_stream_known(stream, options).await?.into_iter().enumerate() {
                state = folder.fold(state, event)?;
                if number % 64 == 63 {
                    pace.step().await;
                }
            }
        }
        let took = store.inner.storage.host().now().as_micros().abs_diff(began.as_micros());
        let loaded = Loaded { state, version, snapshot, folded: version.get() - from.get() };
        self.keep(stream, &loaded.state, loaded.version, from, Duration::from_micros(took));
        Ok(loaded)
    }

    /// Writes a snapshot in the background if one is due.
    pub(super) fn keep(
        &self,
        stream: &StreamName,
        state: &D::State,
        version: StreamVersion,
        last: StreamVersion,
        took: Duration,
    ) {
        if !self.snapshots().is_some_and(|policy| policy.is_due(last, version, took)) {
            return;
        }
        let (store, decider) = (self.store().clone(), self.shared_decider());
        let (stream, state, unknown) = (stream.clone(), state.clone(), self.unknown_types());
        self.store().inner.storage.host().spawn(Box::pin(async move {
            // One that cannot be written is not missed: the next load folds more.
            let _ = snapshot::save(&store, &*decider, unknown, &stream, version, &state).await;
        }));
    }
}
