//! Opening, closing, figures.

use futures_util::future::join_all;

use super::given::*;
use crate::domain::{Commit, ExpectedVersion, Position, Query};
use crate::engine::{EventStore, From, OpenOptions, ReadOptions};
use crate::storage::ClosedBecause;
use crate::testing::Fixture;

/// Several handles open a new store at once: it is one store.
pub async fn a_new_store_is_opened_several_times_at_once(fixture: &dyn Fixture) {
    let handles = join_all((0..5).map(|_| open(fixture))).await;
    assert!(handles.iter().all(|handle| handle.id() == handles[0].id() && handle.name() == handles[0].name()));
    let appends =
        handles.iter().enumerate().map(|(number, handle)| append(handle, "order-1", vec![numbered(number as u32)]));
    let mut positions: Vec<u64> = join_all(appends).await.iter().map(|result| result.first_position.get()).collect();
    positions.sort_unstable();
    assert_eq!(positions, [1, 2, 3, 4, 5]);
    let again = open(fixture).await;
    assert_eq!(again.id(), handles[0].id());
    assert_sound(&again, 5).await;
}

/// What was acknowledged is there after all handles were closed, or dropped.
pub async fn a_store_outlives_its_handles(fixture: &dyn Fixture) {
    for round in 0..6 {
        let store = open_small(fixture).await;
        assert_eq!(store.head().get(), u64::from(round) * 20, "what is stored is known as soon as it is open");
        append_each(&store, "order-1", round * 20..round * 20 + 20).await;
        if round % 2 == 0 {
            store.close().await;
        }
    }
    let store = open_small(fixture).await;
    assert_eq!(data_of(&all(&store).await), (0..120).collect::<Vec<_>>());
    assert_sound(&store, 120).await;
}

/// Every call on a closed handle fails with `storage-closed`; other handles are none the wiser.
pub async fn a_closed_handle(fixture: &dyn Fixture) {
    let (store, other) = (open(fixture).await, open(fixture).await);
    append(&store, "order-1", numbers(0..3)).await;
    let clone = store.clone();
    let mut bulk = done(store.bulk().await);
    assert_eq!(store.closed(), None);
    store.close().await;
    assert_eq!(clone.closed(), Some(ClosedBecause::ClosedHere));
    let commit = Commit::to_stream(stream("order-1"), ExpectedVersion::Any, vec![event("A")]);
    assert_eq!(clone.commit(commit).await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(clone.read_all(ReadOptions::default()).await.expect_err("it is closed").code(), "storage-closed");
    let of_stream = clone.read_stream(&stream("order-1"), Default::default()).await;
    assert_eq!(of_stream.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(clone.event(Position::new(1)).await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(clone.stream_version(&stream("order-1")).await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(clone.refresh().await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(clone.stats().await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(clone.verify().await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(clone.bulk().await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(bulk.push(&stream("order-1"), &event("A")).await.expect_err("it is closed").code(), "storage-closed");
    assert_eq!(bulk.finish().await.expect_err("it is closed").code(), "storage-closed");
    let ended = clone.subscribe(From::End, Query::everything()).await.expect_err("it is closed");
    assert_eq!(ended.code(), "storage-closed");
    // What is in memory still answers.
    assert_eq!(clone.head(), Position::new(3));
    clone.close().await;
    append(&other, "order-1", numbers(3..4)).await;
    assert_sound(&other, 4).await;
}

/// Closing waits for the appends in flight: each is answered, and what was acknowledged is there.
pub async fn closing_waits_for_appends(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    let appends =
        join_all((0..50).map(|number| store.append(stream("order-1"), ExpectedVersion::Any, vec![numbered(number)])));
    let (answers, ()) = futures_util::join!(appends, store.close());
    let stored = data_of(&all(&open(fixture).await).await);
    for (number, answer) in answers.iter().enumerate() {
        match answer {
            Ok(result) => assert_eq!(stored[result.first_position.get() as usize - 1], number as u32),
            Err(error) => assert_eq!(error.code(), "storage-closed"),
        }
    }
    assert_eq!(stored.len(), answers.iter().filter(|answer| answer.is_ok()).count());
}

/// The figures of a store.
pub async fn figures(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    for number in 0..60 {
        append(&store, &format!("order-{}", number % 4), vec![numbered(number)]).await;
    }
    append(&store, "card-1", vec![event("CardIssued"), event("CardIssued")]).await;
    until_sealed(&store, 3).await;
    let stats = done(store.stats().await);
    assert_eq!((stats.events, stats.streams), (62, 5));
    let types: Vec<_> = stats.types.iter().map(|count| (count.event_type.as_str(), count.count)).collect();
    assert_eq!(types, [("OrderPlaced", 60), ("CardIssued", 2)]);
    let data: usize = all(&store).await.iter().map(|event| event.data().len()).sum();
    assert!(stats.bytes as usize > data + 62 * 16, "{} bytes", stats.bytes);
    assert!(stats.resident_bytes > 0);
    let again = done(open_with(fixture, OpenOptions::default()).await.stats().await);
    assert_eq!((again.events, again.streams, again.types), (62, 5, stats.types));
}

/// Every handle has the figures of the log as it is, not as it was.
pub async fn figures_of_another_handle(fixture: &dyn Fixture) {
    let (store, other): (EventStore, EventStore) = (open(fixture).await, open(fixture).await);
    append(&store, "order-1", numbers(0..9)).await;
    assert_eq!(done(other.stats().await).events, 9);
}
