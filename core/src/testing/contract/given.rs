//! What the cases begin with. Everything here panics where a test should fail.

use std::fmt::Debug;

use crate::domain::{
    Commit, CommitResult, EventId, ExpectedVersion, NewEvent, Query, QueryItem, RecordedEvent, StreamName, StreamWrite,
    Tag, Timestamp,
};
use crate::engine::{AppendError, EventStore, OpenOptions, ReadOptions};
use crate::testing::{Fixture, Table};

/// Segments of a few events.
pub(super) const SMALL: usize = 600;

pub(super) fn done<T, E: Debug>(result: Result<T, E>) -> T {
    result.expect("it succeeds")
}

pub(super) async fn open(fixture: &dyn Fixture) -> EventStore {
    open_with(fixture, OpenOptions::default()).await
}

pub(super) async fn open_small(fixture: &dyn Fixture) -> EventStore {
    open_with(fixture, OpenOptions::default().segment_bytes(SMALL).cache_bytes(0)).await
}

pub(super) async fn open_with(fixture: &dyn Fixture, options: OpenOptions) -> EventStore {
    done(EventStore::open(done(fixture.open().await), options).await)
}

pub(super) fn stream(name: &str) -> StreamName {
    done(StreamName::new(name))
}

pub(super) fn tag(name: &str) -> Tag {
    done(Tag::new(name))
}

pub(super) fn id(number: u128) -> EventId {
    EventId::from_bytes(number.to_be_bytes())
}

pub(super) fn time(micros: i64) -> Timestamp {
    done(Timestamp::from_micros(micros))
}

/// An event without an id of its own.
pub(super) fn event(event_type: &str) -> NewEvent {
    done(NewEvent::json(event_type, &event_type.len()))
}

/// An event with the id and the data `number`, which happened at that microsecond.
pub(super) fn numbered(number: u32) -> NewEvent {
    let event = done(NewEvent::json("OrderPlaced", &number));
    event.with_id(id(u128::from(number) + 1)).with_time(time(i64::from(number)))
}

/// Numbered events.
pub(super) fn numbers(range: std::ops::Range<u32>) -> Vec<NewEvent> {
    range.map(numbered).collect()
}

pub(super) fn write(name: &str, expected: ExpectedVersion, events: Vec<NewEvent>) -> StreamWrite {
    StreamWrite { stream: stream(name), expected, events }
}

pub(super) fn commit_of(writes: Vec<StreamWrite>) -> Commit {
    Commit { writes, ..Commit::default() }
}

/// Appends, whatever the version.
pub(super) async fn append(store: &EventStore, name: &str, events: Vec<NewEvent>) -> CommitResult {
    done(store.append(stream(name), ExpectedVersion::Any, events).await)
}

/// Appends numbered events one by one.
pub(super) async fn append_each(store: &EventStore, name: &str, range: std::ops::Range<u32>) {
    for number in range {
        append(store, name, vec![numbered(number)]).await;
    }
}

pub(super) fn conflict(name: &str, expected: ExpectedVersion, actual: u64) -> AppendError {
    AppendError::WrongExpectedVersion {
        stream: stream(name),
        expected,
        actual: crate::domain::StreamVersion::new(actual),
    }
}

pub(super) fn query(items: Vec<QueryItem>) -> Query {
    Query { items }
}

pub(super) async fn all(store: &EventStore) -> Vec<RecordedEvent> {
    done(store.read_all(ReadOptions::default()).await)
}

/// The numbers that the data of events are.
pub(super) fn data_of(events: &[RecordedEvent]) -> Vec<u32> {
    events.iter().map(|event| done(event.json())).collect()
}

pub(super) fn positions_of(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position().get()).collect()
}

/// Asserts that positions have no gap, versions count in each stream, and nothing is damaged.
pub(super) async fn assert_sound(store: &EventStore, events: usize) {
    let all = all(store).await;
    assert_eq!(positions_of(&all), (1..=events as u64).collect::<Vec<_>>());
    let mut versions = std::collections::HashMap::<&str, u64>::new();
    for event in &all {
        let version = versions.entry(event.stream().as_str()).or_default();
        *version += 1;
        assert_eq!(event.version().get(), *version, "version of {event:?}");
    }
    let found = done(store.verify().await);
    assert_eq!(found.problems, []);
    assert_eq!(found.events, events as u64);
}

/// Waits for what happens in the background: looks, and lets others work, until `is_so`.
pub(super) async fn until(store: &EventStore, what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..10_000 {
        if is_so().await {
            return;
        }
        done(store.refresh().await);
        store.host().breathe().await;
    }
    panic!("it never came to be that {what}");
}

/// Waits until so many segments are sealed.
pub(super) async fn until_sealed(store: &EventStore, segments: u64) {
    let enough = async || done(store.stats().await).segments >= segments;
    until(store, "enough was sealed", enough).await;
}

/// The keys of the log's entries.
pub(super) async fn log_keys(fixture: &dyn Fixture) -> Vec<u64> {
    done(fixture.records(Table::Log).await).into_iter().map(|(key, _)| key).collect()
}

/// The stretches that sealed entries cover: their key, and the last position.
pub(super) async fn sealed_stretches(fixture: &dyn Fixture) -> Vec<(u64, u64)> {
    let is_sealed = |(key, bytes): (u64, bytes::Bytes)| {
        let count = u32::from_le_bytes(bytes[4..8].try_into().expect("a header has eight bytes"));
        (bytes[0] == 2).then_some((key, key + u64::from(count) - 1))
    };
    done(fixture.records(Table::Log).await).into_iter().filter_map(is_sealed).collect()
}

/// The keys of entries that sealed ones cover: they are no part of the log any more, and wait to be removed.
pub(super) async fn covered_keys(fixture: &dyn Fixture) -> Vec<u64> {
    let stretches = sealed_stretches(fixture).await;
    let is_covered = |key: &u64| stretches.iter().any(|(sealed, last)| (sealed + 1..=*last).contains(key));
    log_keys(fixture).await.into_iter().filter(is_covered).collect()
}
