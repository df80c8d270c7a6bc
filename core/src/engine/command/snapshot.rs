//! Snapshots: states of deciders, kept so that a load folds only what came after.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{Decider, Position, StreamName, StreamVersion, UnknownTypes};
use crate::engine::store::EventStore;
use crate::storage::codec::{unwrap, wrap};
use crate::storage::{Derived, DerivedWrite, KeyRange, StorageError};

/// Snapshots that are looked at in one go: each is read with its state.
const PAGE: u32 = 100;

/// When a snapshot is written: behind the append, never before it is acknowledged.
///
/// A snapshot is written once `every` events came since the last one, and whenever a fold took longer than
/// `fold_budget`. Whatever is wrong with a snapshot, a load that meets it folds the whole stream instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotPolicy {
    /// Events of a stream between two snapshots; at least 1. Default 100.
    pub every: u64,
    /// The longest that a fold may take before the next one is spared. Default 10 ms.
    pub fold_budget: Duration,
}

impl Default for SnapshotPolicy {
    fn default() -> Self {
        Self { every: 100, fold_budget: Duration::from_millis(10) }
    }
}

impl SnapshotPolicy {
    /// A snapshot every `events` events.
    #[must_use]
    pub fn every(mut self, events: u64) -> Self {
        self.every = events.max(1);
        self
    }

    /// A snapshot also when a fold took longer.
    #[must_use]
    pub fn fold_budget(mut self, budget: Duration) -> Self {
        self.fold_budget = budget;
        self
    }

    /// Whether to write one at `version`, given the version of the last and how long the fold took.
    pub(super) fn is_due(&self, last: StreamVersion, version: StreamVersion, took: Duration) -> bool {
        let came = version.get().saturating_sub(last.get());
        came >= self.every || (came > 0 && took > self.fold_budget)
    }
}

/// What a snapshot record says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    decider: String,
    schema_version: u32,
    /// Whether events of types that the decider does not know were left out.
    skips_unknown_types: bool,
    stream_version: StreamVersion,
    /// The id of the event at that version: the snapshot is one of this very stream.
    event_id: String,
    state: Box<RawValue>,
}

/// A snapshot that a store has, without the state that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotInfo {
    /// The stream whose state it is.
    pub stream: StreamName,
    /// The name of the decider that folded it.
    pub decider: String,
    /// The version of the last event that is in it.
    pub version: StreamVersion,
    /// The position of that event.
    pub position: Position,
}

/// What a listing reads of a snapshot record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    decider: String,
    stream_version: StreamVersion,
    event_id: String,
}

impl EventStore {
    /// Every snapshot of the store that fits its log, in the order of their streams' names. A record that is broken, or that
    /// is none of this log, is left out, as a load leaves it out.
    ///
    /// Reads each snapshot, a page at a time, and lets other work go first between two pages.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn snapshots(&self) -> Result<Vec<SnapshotInfo>, StorageError> {
        let storage = &self.inner.storage;
        let mut found = Vec::new();
        let mut from = Bytes::new();
        loop {
            // No name begins with a byte of 255: it is none of UTF-8.
            let range = KeyRange { from, before: Bytes::from_static(&[0xff]) };
            let keys = storage.derived_keys(Derived::Snapshots, range, PAGE).await?;
            let Some(last) = keys.last() else { return Ok(found) };
            from = [last.as_ref(), &[0]].concat().into();
            let records = storage.derived(Derived::Snapshots, &keys).await?;
            let infos = keys.iter().zip(&records).filter_map(|(key, record)| info(self, key, record.as_ref()?));
            found.extend(infos);
            storage.host().breathe().await;
        }
    }
}

/// What a record says of itself, if it fits the log.
fn info(store: &EventStore, key: &Bytes, record: &Bytes) -> Option<SnapshotInfo> {
    let end = key.iter().position(|byte| *byte == 0)?;
    let stream = StreamName::new(std::str::from_utf8(&key[..end]).ok()?).ok()?;
    let listed: Listed = serde_json::from_slice(&unwrap(record)?).ok()?;
    let version = listed.stream_version;
    (event_id(store, &stream, version)? == listed.event_id).then_some(())?;
    let index = usize::try_from(version.get().checked_sub(1)?).ok()?;
    let position = store.with_log(|log| log.stream_positions(&stream).get(index).copied())?;
    Some(SnapshotInfo { stream, decider: listed.decider, version, position: position.into() })
}

/// The key of a stream's snapshot. Neither name holds a control character.
fn key(stream: &StreamName, decider: &str) -> Bytes {
    let mut key = Vec::with_capacity(stream.as_str().len() + 1 + decider.len());
    key.extend_from_slice(stream.as_str().as_bytes());
    key.push(0);
    key.extend_from_slice(decider.as_bytes());
    key.into()
}

/// The id of a stream's event, as text.
fn event_id(store: &EventStore, stream: &StreamName, version: StreamVersion) -> Option<String> {
    store.with_log(|log| {
        let index = usize::try_from(version.get().checked_sub(1)?).ok()?;
        let position = *log.stream_positions(stream).get(index)?;
        Some(log.row(position.into())?.id.to_string())
    })
}

/// The snapshot of a stream at `up_to` or before; `None` where there is none, or none that fits.
pub(super) async fn load<D: Decider>(
    store: &EventStore,
    decider: &D,
    unknown: UnknownTypes,
    stream: &StreamName,
    up_to: StreamVersion,
) -> Option<(D::State, StreamVersion)> {
    // A failure of the storage here is met again by the read of the stream, which can say so.
    let found = store.inner.storage.derived(Derived::Snapshots, &[key(stream, decider.name())]).await.ok()?;
    let json = unwrap(found.first()?.as_ref()?)?;
    let record: Record = serde_json::from_slice(&json).ok()?;
    let is_ours = record.decider == decider.name()
        && record.schema_version == decider.schema_version()
        // Where an unknown type fails, it must not hide in a snapshot.
        && (unknown == UnknownTypes::Skip || !record.skips_unknown_types)
        && record.stream_version <= up_to
        && event_id(store, stream, record.stream_version)? == record.event_id;
    let state = is_ours.then(|| serde_json::from_str(record.state.get()).ok())??;
    Some((state, record.stream_version))
}

/// Writes the snapshot of a stream at `version`, in the place of an older one.
pub(super) async fn save<D: Decider>(
    store: &EventStore,
    decider: &D,
    unknown: UnknownTypes,
    stream: &StreamName,
    version: StreamVersion,
    state: &D::State,
) -> Result<(), StorageError> {
    // A state that serde cannot write has no snapshots.
    let Ok(state) = serde_json::value::to_raw_value(state) else { return Ok(()) };
    let Some(event_id) = event_id(store, stream, version) else { return Ok(()) };
    let (decider, schema_version) = (decider.name().to_owned(), decider.schema_version());
    let skips_unknown_types = unknown == UnknownTypes::Skip;
    let record = Record { decider, schema_version, skips_unknown_types, stream_version: version, event_id, state };
    let Ok(json) = serde_json::to_vec(&record) else { return Ok(()) };
    let changes = vec![(key(stream, &record.decider), Some(wrap(&json)))];
    let write = DerivedWrite { table: Derived::Snapshots, guard: None, clear: Vec::new(), changes };
    store.inner.storage.write_derived(write).await.map(drop)
}
