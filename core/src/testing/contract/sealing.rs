//! Sealing old entries into segments, and purging what they cover.

use super::given::*;
use crate::domain::{ExpectedVersion, Position};
use crate::engine::{EventStore, From, OpenOptions};
use crate::testing::{Fixture, Table};

/// Removes what sealed entries cover, as if nobody were known to lag behind.
async fn purge_by_force(fixture: &dyn Fixture) -> usize {
    let covered = covered_keys(fixture).await;
    for key in &covered {
        done(fixture.write_record(Table::Log, *key, None).await);
    }
    covered.len()
}

/// A sealed log is the same log: on the handle that sealed it, on others, and after reopening.
pub async fn a_sealed_log_is_the_same_log(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    append_each(&store, "order-1", 0..20).await;
    let early = all(&other).await;
    append_each(&store, "order-2", 20..200).await;
    until_sealed(&store, 10).await;
    let events = all(&store).await;
    assert_eq!(data_of(&events), (0..200).collect::<Vec<_>>());
    assert_eq!(events[..20], early);
    for handle in [&other, &open_small(fixture).await, &open(fixture).await] {
        assert_eq!(all(handle).await, events);
        assert_sound(handle, 200).await;
    }
    assert!(sealed_stretches(fixture).await.len() >= 10);
}

/// Once every handle has seen what is sealed, the entries covered go away; the log stays the same.
pub async fn covered_entries_are_purged(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append_each(&store, "order-1", 0..100).await;
    until_sealed(&store, 5).await;
    let is_purged = async || covered_keys(fixture).await.is_empty();
    until(&store, "what is covered was purged", is_purged).await;
    assert_sound(&open_small(fixture).await, 100).await;
    append_each(&store, "order-1", 100..120).await;
    assert_sound(&store, 120).await;
}

/// A handle that has not looked since long ago appends where the log ends now, not where it ended then: a freed key
/// never lets it in.
pub async fn a_handle_that_lags_behind(fixture: &dyn Fixture) {
    for (round, is_forced) in [(0, false), (1, true)] {
        let first = round * 300;
        let stale = open_small(fixture).await;
        append(&stale, "order-1", vec![numbered(first)]).await;
        let behind = stale.head().get();
        let busy = open_small(fixture).await;
        let sealed_before = done(busy.stats().await).segments;
        append_each(&busy, "order-2", first + 1..first + 120).await;
        until_sealed(&busy, sealed_before + 5).await;
        if is_forced {
            // The handles may have purged it themselves: either way keys behind the stale handle are free now.
            purge_by_force(fixture).await;
            let taken = log_keys(fixture).await.into_iter().filter(|key| *key > behind).count();
            assert!(taken < 119, "all of {taken} keys behind the stale handle are taken");
        }
        let wrong = stale.append(stream("order-2"), ExpectedVersion::NoStream, vec![numbered(first + 120)]).await;
        assert!(matches!(wrong, Err(crate::engine::AppendError::WrongExpectedVersion { .. })), "{wrong:?}");
        let result = done(stale.append(stream("order-1"), ExpectedVersion::Any, vec![numbered(first + 120)]).await);
        assert_eq!(result.first_position.get(), behind + 120);
        let events = behind as usize + 120;
        for handle in [&stale, &busy, &open_small(fixture).await] {
            assert_sound(handle, events).await;
        }
        stale.close().await;
        busy.close().await;
    }
}

/// A handle that lags behind also reads, follows and seals rightly, when what it had not seen is sealed and gone.
pub async fn a_handle_that_lags_behind_reads_on(fixture: &dyn Fixture) {
    let stale = open_small(fixture).await;
    append_each(&stale, "order-1", 0..3).await;
    let mut subscription = done(stale.subscribe(From::Start, crate::domain::Query::everything()).await);
    done(subscription.next().await);
    let busy = open_small(fixture).await;
    append_each(&busy, "order-2", 3..150).await;
    until_sealed(&busy, 5).await;
    purge_by_force(fixture).await;
    for number in 1..150_u32 {
        let event = done(subscription.next().await);
        assert_eq!((event.position().get(), done(event.json::<u32>())), (u64::from(number) + 1, number));
    }
    assert_eq!(all(&stale).await, all(&busy).await);
    append_each(&stale, "order-1", 150..200).await;
    append_each(&busy, "order-2", 200..250).await;
    for handle in [&stale, &busy, &open_small(fixture).await] {
        assert_sound(handle, 250).await;
    }
}

/// Reads in flight while their entries become segments give the same events.
pub async fn reads_while_segments_are_made(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append_each(&store, "order-1", 0..10).await;
    let other = open_small(fixture).await;
    let write = async {
        append_each(&store, "order-1", 10..150).await;
    };
    let read = async |handle: &EventStore| {
        for _ in 0..60 {
            let events = all(handle).await;
            assert_eq!(data_of(&events), (0..events.len() as u32).collect::<Vec<_>>());
        }
    };
    let verify = async {
        for _ in 0..20 {
            assert_eq!(done(other.verify().await).problems, []);
        }
    };
    futures_util::join!(write, read(&store), read(&other), verify);
    assert_sound(&store, 150).await;
}

/// Several handles seal at once, each with another size of segments: nobody's segment is lost or stands twice.
pub async fn several_handles_seal_at_once(fixture: &dyn Fixture) {
    let mut handles = Vec::new();
    for segment_bytes in [200, 600, 2_000] {
        handles.push(open_with(fixture, OpenOptions::default().segment_bytes(segment_bytes).cache_bytes(0)).await);
    }
    let write = async |store: &EventStore, number: u32| {
        for version in 0..60_u32 {
            append(store, &format!("order-{number}"), vec![numbered(number * 1_000 + version)]).await;
        }
    };
    futures_util::join!(write(&handles[0], 0), write(&handles[1], 1), write(&handles[2], 2));
    for handle in &handles {
        assert_sound(handle, 180).await;
    }
    let fresh = open_small(fixture).await;
    assert_sound(&fresh, 180).await;
    // Every segment that is stored is named by the log. Handles seal when they have nothing else to do.
    let is_tidy = async || {
        let keys = done(fixture.records(Table::Payload).await).len();
        let stretches = sealed_stretches(fixture).await.len();
        keys == stretches && stretches > 3
    };
    until(&fresh, "sealing came to rest", is_tidy).await;
}

/// A follower sees every event once while another handle writes, seals and purges, and while it seals itself.
pub async fn following_across_segments(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    let mut subscription = done(other.subscribe(From::Start, crate::domain::Query::everything()).await);
    for round in 0..10 {
        append_each(&store, "order-1", round * 20..round * 20 + 10).await;
        append_each(&other, "order-2", round * 20 + 10..round * 20 + 20).await;
        for number in round * 20..round * 20 + 20 {
            let event = done(subscription.next().await);
            assert_eq!((event.position(), done(event.json::<u32>())), (Position::new(u64::from(number) + 1), number));
        }
    }
    // Whichever handle held the lock has sealed.
    until(&store, "enough was sealed", async || sealed_stretches(fixture).await.len() >= 5).await;
    assert_eq!(done(subscription.try_next().await), None);
}
