//! Calls in flight at once.

use futures_util::future::join_all;

use super::given::*;
use crate::domain::{ExpectedVersion, Position};
use crate::engine::{AppendError, EventStore};
use crate::storage::Durability;
use crate::testing::Fixture;

/// Many calls in flight at once stand in the log in the order of the calls.
pub async fn the_order_of_calls_is_the_order_of_positions(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    for round in 0..3_u32 {
        let append = |number: u32| {
            let number = round * 200 + number;
            store.append(stream(&format!("order-{}", number % 9)), ExpectedVersion::Any, vec![numbered(number)])
        };
        let answers = join_all((0..200).map(append)).await;
        let positions: Vec<u64> = answers.into_iter().map(|answer| done(answer).first_position.get()).collect();
        let first = u64::from(round) * 200 + 1;
        assert_eq!(positions, (first..first + 200).collect::<Vec<_>>());
    }
    assert_eq!(data_of(&all(&store).await), (0..600).collect::<Vec<_>>());
    assert_sound(&store, 600).await;
}

/// Each call of a group is judged on its own: what is wrong with one never fails another.
pub async fn one_conflict_never_fails_its_neighbours(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-1", vec![numbered(1_000)]).await;
    let calls = (0..60_u32).map(|number| match number % 4 {
        0 => store.append(stream("order-1"), ExpectedVersion::NoStream, vec![numbered(number)]),
        1 => store.append(stream("order-2"), ExpectedVersion::exact((number / 4).into()), vec![numbered(number)]),
        2 => store.append(stream("order-3"), ExpectedVersion::Any, vec![numbered(1_000)]),
        _ => store.append(stream("order-4"), ExpectedVersion::Any, vec![numbered(number)]),
    });
    let taken = AppendError::DuplicateEventId { id: id(1_001), position: Position::new(1) };
    let mut position = 1;
    for (number, answer) in join_all(calls).await.into_iter().enumerate() {
        match number % 4 {
            0 => assert_eq!(answer, Err(conflict("order-1", ExpectedVersion::NoStream, 1))),
            2 => assert_eq!(answer, Err(taken.clone())),
            _ => {
                position += 1;
                assert_eq!(done(answer).first_position.get(), position, "call {number}");
            }
        }
    }
    assert_sound(&store, 31).await;
}

/// The second call of a group stands on the first: versions count on within it.
pub async fn a_group_counts_on_within_itself(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let append = |expected| store.append(stream("order-1"), ExpectedVersion::exact(expected), vec![event("A")]);
    let answers = join_all([0, 1, 1, 2, 0, 3].map(append)).await;
    let exact = ExpectedVersion::exact;
    let refused: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().cloned()).collect();
    let expected = [None, None, Some((1, 2)), None, Some((0, 3)), None];
    let expected = expected.map(|error| error.map(|(wanted, actual)| conflict("order-1", exact(wanted), actual)));
    assert_eq!(refused, expected);
    assert_sound(&store, 4).await;
}

/// Groups of two handles at once: nothing is lost, and each handle's calls keep their order.
pub async fn groups_of_two_handles(fixture: &dyn Fixture) {
    let (one, two) = (open_small(fixture).await, open_small(fixture).await);
    let write = async |store: &EventStore, name: &str, first: u32| {
        for round in 0..5 {
            let append = |number: u32| {
                let events = vec![numbered(first + round * 30 + number)];
                store.append(stream(name), ExpectedVersion::exact((round * 30 + number).into()), events)
            };
            for answer in join_all((0..30).map(append)).await {
                done(answer);
            }
        }
    };
    futures_util::join!(write(&one, "order-1", 0), write(&two, "order-2", 1_000));
    assert_sound(&one, 300).await;
    assert_sound(&two, 300).await;
    for (name, first) in [("order-1", 0), ("order-2", 1_000)] {
        let events = done(one.read_stream(&stream(name), Default::default()).await);
        assert_eq!(data_of(&events), (first..first + 150).collect::<Vec<_>>());
    }
}

/// Calls with either durability share a transaction, and all of them are answered.
pub async fn durabilities_in_one_group(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let calls = (0..20_u32).map(|number| {
        let commit = commit_of(vec![write("order-1", ExpectedVersion::Any, vec![numbered(number)])]);
        let durability = if number % 2 == 0 { Durability::Strict } else { Durability::Relaxed };
        store.commit_with(commit, durability)
    });
    for (number, answer) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(done(answer).first_position.get(), number as u64 + 1);
    }
    assert_sound(&store, 20).await;
}

/// A caller who goes away takes nothing with it: its commit is stored or not, and its neighbours are answered.
pub async fn a_caller_who_goes_away(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    for number in 0..10 {
        let gone = store.append(stream("order-1"), ExpectedVersion::Any, vec![numbered(number * 2)]);
        let mut gone = Box::pin(gone);
        let stays = store.append(stream("order-2"), ExpectedVersion::Any, vec![numbered(number * 2 + 1)]);
        // It is polled once, so that its call is made, and then dropped.
        if let std::task::Poll::Ready(answer) = futures_util::poll!(&mut gone) {
            done(answer);
        }
        drop(gone);
        done(stays.await);
    }
    let of_stays = done(store.read_stream(&stream("order-2"), Default::default()).await);
    assert_eq!(of_stays.len(), 10);
    assert_sound(&store, done(store.refresh().await).get() as usize).await;
}
