//! Bulk appends.

use std::ops::ControlFlow;

use super::given::*;
use crate::domain::{ExpectedVersion, Position};
use crate::engine::{Bulk, EventStore};
use crate::testing::{Fixture, Table};

async fn push_each(bulk: &mut Bulk, range: std::ops::Range<u32>) {
    for number in range {
        done(bulk.push(&stream(&format!("order-{}", number % 10)), &numbered(number)).await);
    }
}

/// Everything that is stored of segments.
async fn segment_records(fixture: &dyn Fixture) -> usize {
    done(fixture.records(Table::Index).await).len() + done(fixture.records(Table::Payload).await).len()
}

/// Nothing of a bulk is there before it ends, and all of it afterwards: in the order of the pushes, for every handle.
pub async fn a_bulk_is_all_or_nothing(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    append(&store, "order-1", vec![numbered(9_000)]).await;
    let mut bulk = done(store.bulk().await);
    push_each(&mut bulk, 0..500).await;
    assert!(segment_records(fixture).await > 10, "much of it is written already");
    for handle in [&store, &other, &open_small(fixture).await] {
        assert_eq!(done(handle.refresh().await).get(), 1);
        assert_eq!(all(handle).await.len(), 1);
        assert!(done(handle.verify().await).is_ok());
    }
    let report = done(bulk.finish().await);
    assert_eq!((report.events, report.streams, report.duplicates), (500, 10, 0));
    assert_eq!((report.first_position.get(), report.last_position.get()), (2, 501));
    assert_eq!(store.head().get(), 501);
    for handle in [&store, &other, &open_small(fixture).await] {
        assert_eq!(data_of(&all(handle).await[1..]), (0..500).collect::<Vec<_>>());
        assert_sound(handle, 501).await;
    }
    // A walk says how far it is, piece by piece, and ends where it is told to.
    let mut told = Vec::new();
    let walked = store.verify_with(|at| {
        told.push(at.get());
        ControlFlow::Continue(())
    });
    assert_eq!(done(walked.await).events, 501);
    assert!(told.len() > 10 && told.is_sorted() && told.last() == Some(&501), "{told:?}");
    let broken_off = done(
        store.verify_with(|at| if at.get() < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }).await,
    );
    assert!((100..501).contains(&broken_off.events) && broken_off.is_ok(), "{broken_off:?}");
    // Version checks count what the bulk has stored.
    let answer = other.append(stream("order-1"), ExpectedVersion::exact(51), vec![event("A")]).await;
    assert_eq!(done(answer).first_position.get(), 502);
}

/// A bulk that is repeated stores nothing twice, and a repeat in part stores the rest.
pub async fn a_bulk_leaves_out_what_is_stored(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append(&store, "order-3", vec![numbered(3)]).await;
    for (range, events, duplicates) in [(0..100, 99, 1), (0..100, 0, 100), (50..150, 50, 50), (0..0, 0, 0)] {
        let mut bulk = done(store.bulk().await);
        push_each(&mut bulk, range).await;
        let head = store.head().get();
        let report = done(bulk.finish().await);
        assert_eq!((report.events, report.duplicates), (events, duplicates));
        let first = if events == 0 { Position::ZERO } else { Position::new(head + 1) };
        assert_eq!(report.first_position, first);
    }
    let mut bulk = done(store.bulk().await);
    push_each(&mut bulk, 200..210).await;
    push_each(&mut bulk, 200..210).await;
    let report = done(bulk.finish().await);
    assert_eq!((report.events, report.duplicates), (10, 10));
    assert_sound(&open_small(fixture).await, 160).await;
}

/// Two bulks with the same events at once: they are stored once.
pub async fn two_bulks_with_the_same_events(fixture: &dyn Fixture) {
    let (one, two) = (open_small(fixture).await, open_small(fixture).await);
    let mut bulks = [done(one.bulk().await), done(two.bulk().await)];
    for number in 0..300 {
        for (bulk, shift) in bulks.iter_mut().zip([0, 100]) {
            push_each(bulk, number + shift..number + shift + 1).await;
        }
    }
    let [first, second] = bulks;
    let (first, second) = futures_util::join!(first.finish(), second.finish());
    let (first, second) = (done(first), done(second));
    assert_eq!(first.events + second.events, 400);
    assert_eq!(first.duplicates + second.duplicates, 200);
    for handle in [&one, &two, &open_small(fixture).await] {
        let mut stored = data_of(&all(handle).await);
        assert_sound(handle, 400).await;
        stored.sort_unstable();
        assert_eq!(stored, (0..400).collect::<Vec<_>>());
    }
}

/// A bulk that is abandoned, or dropped, leaves nothing behind.
pub async fn a_bulk_given_up_leaves_nothing(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append(&store, "order-1", vec![numbered(9_000)]).await;
    for is_dropped in [false, true] {
        let mut bulk = done(store.bulk().await);
        push_each(&mut bulk, 0..300).await;
        assert!(segment_records(fixture).await > 0);
        if is_dropped {
            drop(bulk)
        } else {
            bulk.abandon().await
        }
        until(&store, "all of it was removed", async || segment_records(fixture).await == 0).await;
        assert_sound(&store, 1).await;
    }
    // Its ids are free.
    let result = append(&store, "order-1", numbers(0..3)).await;
    assert!(!result.duplicate);
}

/// Appends on this handle and others go on while a bulk is under way; it stands behind them all.
pub async fn appends_go_on_beside_a_bulk(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    let mut bulk = done(store.bulk().await);
    for round in 0..20 {
        push_each(&mut bulk, round * 10..round * 10 + 10).await;
        append(&store, "card-1", vec![numbered(10_000 + round)]).await;
        append(&other, "card-2", vec![numbered(20_000 + round)]).await;
    }
    let report = done(bulk.finish().await);
    assert_eq!((report.first_position.get(), report.last_position.get()), (41, 240));
    append(&other, "card-2", vec![event("A")]).await;
    for handle in [&store, &other] {
        assert_sound(handle, 241).await;
    }
}

/// A bulk whose events another commit stores meanwhile leaves those out, and keeps its order.
pub async fn a_commit_may_overtake_a_bulk(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    let mut bulk = done(store.bulk().await);
    push_each(&mut bulk, 0..100).await;
    append(&other, "card-1", numbers(20..30)).await;
    push_each(&mut bulk, 100..120).await;
    append(&store, "card-1", numbers(90..95)).await;
    let report = done(bulk.finish().await);
    assert_eq!((report.events, report.duplicates), (105, 15));
    let stored = data_of(&all(&other).await);
    let expected: Vec<u32> = (20..30).chain(90..95).chain((0..20).chain(30..90).chain(95..120)).collect();
    assert_eq!(stored, expected);
    assert_sound(&open_small(fixture).await, 120).await;
}

/// Many segments in a moment: each has a key of its own.
pub async fn many_segments_in_a_moment(fixture: &dyn Fixture) {
    let options = crate::engine::OpenOptions::default().segment_bytes(1);
    let store: EventStore = open_with(fixture, options).await;
    let mut bulk = done(store.bulk().await);
    push_each(&mut bulk, 0..1_000).await;
    assert_eq!(done(bulk.finish().await).events, 1_000);
    let again = open_with(fixture, options).await;
    assert_eq!(data_of(&all(&again).await), (0..1_000).collect::<Vec<_>>());
    assert_eq!(done(again.stats().await).segments, 1_000);
    assert_sound(&again, 1_000).await;
}
