//! Repeats of a commit that is stored.

use super::given::*;
use crate::domain::{Commit, CommitResult, Condition, ExpectedVersion, NewEvent, Position, Query};
use crate::engine::{AppendError, EventStore};
use crate::testing::Fixture;

fn repeated(original: &CommitResult) -> CommitResult {
    CommitResult { duplicate: true, ..original.clone() }
}

async fn assert_duplicate_id(store: &EventStore, commit: Commit, number: u32, position: u64) {
    let head = done(store.refresh().await);
    let expected = AppendError::DuplicateEventId { id: id(u128::from(number) + 1), position: Position::new(position) };
    assert_eq!(store.commit(commit).await, Err(expected));
    assert_eq!(done(store.refresh().await), head, "nothing was written");
}

fn two_streams() -> Commit {
    let first = write("order-1", ExpectedVersion::NoStream, numbers(0..2));
    let second = write("order-2", ExpectedVersion::Exact(Default::default()), numbers(2..5));
    commit_of(vec![first, second])
}

/// A repeat of all of a commit gives the original answer and says that it is a duplicate, whatever version it expects.
pub async fn a_repeat_gives_the_original_answer(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "other-1", vec![event("A")]).await;
    let original = done(store.commit(two_streams()).await);
    assert_eq!((original.first_position.get(), original.last_position.get()), (2, 6));
    let exact = ExpectedVersion::exact;
    for expected in [ExpectedVersion::Any, ExpectedVersion::NoStream, ExpectedVersion::StreamExists, exact(0), exact(9)]
    {
        let mut commit = two_streams();
        commit.writes.iter_mut().for_each(|write| write.expected = expected);
        assert_eq!(store.commit(commit).await, Ok(repeated(&original)), "expecting {expected}");
    }
    assert_eq!(store.head().get(), 6);
}

/// The repeat outranks version checks, check-only streams and conditions.
pub async fn a_repeat_outranks_every_check(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let mut commit = two_streams();
    commit.checks.push(crate::domain::StreamCheck { stream: stream("card-1"), expected: ExpectedVersion::NoStream });
    commit.conditions.push(Condition { query: Query::everything(), after: Position::ZERO });
    let original = done(store.commit(commit.clone()).await);
    append(&store, "card-1", vec![event("A")]).await;
    assert_eq!(store.commit(commit).await, Ok(repeated(&original)));
}

/// A repeat is known after later appends, after sealing, on other handles, and after reopening.
pub async fn a_repeat_is_known_for_ever(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    let other = open_small(fixture).await;
    let original = done(store.commit(two_streams()).await);
    append_each(&store, "order-1", 100..150).await;
    assert_eq!(store.commit(two_streams()).await, Ok(repeated(&original)));
    assert_eq!(other.commit(two_streams()).await, Ok(repeated(&original)));
    until_sealed(&store, 3).await;
    assert_eq!(store.commit(two_streams()).await, Ok(repeated(&original)));
    let again = open_small(fixture).await;
    assert_eq!(again.commit(two_streams()).await, Ok(repeated(&original)));
    assert_sound(&again, 55).await;
}

/// A commit of which only some events are stored is refused, and nothing of it is written.
pub async fn a_repeat_in_part_is_refused(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-1", numbers(0..2)).await;
    let more = commit_of(vec![write("order-1", ExpectedVersion::Any, numbers(0..3))]);
    assert_duplicate_id(&store, more, 0, 1).await;
    let last_known = commit_of(vec![write("order-1", ExpectedVersion::Any, vec![numbered(7), numbered(1)])]);
    assert_duplicate_id(&store, last_known, 1, 2).await;
    let without_id = commit_of(vec![write("order-1", ExpectedVersion::Any, vec![numbered(0), event("A")])]);
    assert_duplicate_id(&store, without_id, 0, 1).await;
    let beside = commit_of(vec![
        write("order-2", ExpectedVersion::Any, vec![numbered(8)]),
        write("order-1", ExpectedVersion::Any, vec![numbered(1)]),
    ]);
    assert_duplicate_id(&store, beside, 1, 2).await;
}

/// The same events in another stream or another order are no repeat.
pub async fn the_same_events_elsewhere_are_refused(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    done(store.commit(two_streams()).await);
    let elsewhere = commit_of(vec![write("order-3", ExpectedVersion::Any, numbers(0..2))]);
    assert_duplicate_id(&store, elsewhere, 0, 1).await;
    let turned = commit_of(vec![write("order-1", ExpectedVersion::Any, vec![numbered(1), numbered(0)])]);
    assert_duplicate_id(&store, turned, 1, 2).await;
    let mut swapped = two_streams();
    swapped.writes.reverse();
    assert_duplicate_id(&store, swapped, 2, 3).await;
    let mut exchanged = two_streams();
    let names = [stream("order-2"), stream("order-1")];
    exchanged.writes.iter_mut().zip(names).for_each(|(write, name)| write.stream = name);
    assert_duplicate_id(&store, exchanged, 0, 1).await;
}

/// A commit and its repeat in one group: one is stored, the other says so.
pub async fn a_repeat_in_the_same_group(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let (first, second) = futures_util::join!(store.commit(two_streams()), store.commit(two_streams()));
    let original = done(first);
    assert!(!original.duplicate);
    assert_eq!(second, Ok(repeated(&original)));
    assert_sound(&store, 5).await;
}

/// Two handles try the same commit at once: it is stored once, and both are given its positions.
pub async fn a_repeat_on_two_handles_at_once(fixture: &dyn Fixture) {
    let (one, two) = (open(fixture).await, open(fixture).await);
    for number in 0..20 {
        let events: Vec<NewEvent> = numbers(number * 2..number * 2 + 2);
        let try_on = |store: &EventStore| {
            let (store, events) = (store.clone(), events.clone());
            async move { store.append(stream("order-1"), ExpectedVersion::Any, events).await }
        };
        let (first, second) = futures_util::join!(try_on(&one), try_on(&two));
        let (first, second) = (done(first), done(second));
        assert_ne!(first.duplicate, second.duplicate, "exactly one wrote it");
        assert_eq!(CommitResult { duplicate: false, ..first }, CommitResult { duplicate: false, ..second });
    }
    assert_sound(&one, 40).await;
}

/// Without ids of the producer's, nothing is a repeat.
pub async fn without_ids_nothing_repeats(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    for position in 1..=3 {
        let result = append(&store, "order-1", vec![event("A")]).await;
        assert_eq!((result.first_position.get(), result.duplicate), (position, false));
    }
    let mut ids: Vec<_> = all(&store).await.iter().map(crate::domain::RecordedEvent::id).collect();
    assert!(ids.iter().all(|id| id.uuid().get_version_num() == 7));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}
