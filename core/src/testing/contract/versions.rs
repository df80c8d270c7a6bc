//! Expected versions, and who is first.

use super::given::*;
use crate::domain::{ExpectedVersion, Position};
use crate::engine::StreamReadOptions;
use crate::testing::Fixture;

/// The whole table of expected versions, on an empty stream and on one at 2; a conflict says what was expected and
/// what is, and writes nothing.
pub async fn every_expected_version(fixture: &dyn Fixture) {
    use ExpectedVersion::{Any, NoStream, StreamExists};
    let exact = ExpectedVersion::exact;
    let table = [
        (Any, true, true),
        (NoStream, true, false),
        (exact(0), true, false),
        (StreamExists, false, true),
        (exact(2), false, true),
        (exact(1), false, false),
        (exact(3), false, false),
    ];
    let store = open(fixture).await;
    for (number, (expected, on_empty, on_two)) in table.into_iter().enumerate() {
        for (actual, is_ok) in [(0, on_empty), (2, on_two)] {
            let name = format!("row{number}-at{actual}");
            if actual == 2 {
                append(&store, &name, vec![event("A"), event("B")]).await;
            }
            let head = store.head();
            let answer = store.append(stream(&name), expected, vec![event("C")]).await;
            if is_ok {
                let result = done(answer);
                assert_eq!(result.first_position, head.next(), "{expected} on {actual}");
                assert_eq!(result.last_position, head.next());
                assert_eq!(result.streams[0].first_version.get(), actual + 1);
                assert_eq!(result.streams[0].last_version.get(), actual + 1);
                assert!(!result.duplicate);
            } else {
                assert_eq!(answer, Err(conflict(&name, expected, actual)), "{expected} on {actual}");
                assert_eq!(done(store.refresh().await), head, "a conflict writes nothing");
            }
        }
    }
    let again = open(fixture).await;
    assert_eq!(all(&again).await, all(&store).await);
}

/// A conflict leaves the log as it was: for this handle, for others, and after reopening.
pub async fn a_conflict_writes_nothing(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-1", numbers(0..2)).await;
    let before = all(&store).await;
    let answer = store.append(stream("order-1"), ExpectedVersion::exact(1), numbers(2..50)).await;
    assert_eq!(answer, Err(conflict("order-1", ExpectedVersion::exact(1), 2)));
    assert_eq!(all(&store).await, before);
    let other = open(fixture).await;
    assert_eq!(all(&other).await, before);
    // The ids of what was refused are free.
    let result = done(other.append(stream("order-1"), ExpectedVersion::exact(2), numbers(2..3)).await);
    assert_eq!((result.first_position.get(), result.duplicate), (3, false));
}

/// Positions count through the whole log and versions through each stream, without gap.
pub async fn positions_and_versions_have_no_gap(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    for number in 0..60 {
        append(&store, &format!("order-{}", number % 7), numbers(number * 2..number * 2 + 1 + number % 2)).await;
    }
    assert_sound(&store, 90).await;
    let third = done(store.read_stream(&stream("order-3"), StreamReadOptions::default()).await);
    let versions: Vec<u64> = third.iter().map(|event| event.version().get()).collect();
    assert_eq!(versions, (1..=versions.len() as u64).collect::<Vec<_>>());
    assert!(third.iter().all(|event| event.stream().as_str() == "order-3"));
}

/// A version check is exact, also where another handle has appended and this one has not looked.
pub async fn the_version_is_the_log_s_not_the_handle_s(fixture: &dyn Fixture) {
    let (one, two) = (open(fixture).await, open(fixture).await);
    append(&one, "order-1", numbers(0..3)).await;
    let answer = two.append(stream("order-1"), ExpectedVersion::NoStream, vec![event("A")]).await;
    assert_eq!(answer, Err(conflict("order-1", ExpectedVersion::NoStream, 3)));
    let result = done(two.append(stream("order-1"), ExpectedVersion::exact(3), vec![event("A")]).await);
    assert_eq!(result.first_position, Position::new(4));
    let answer = one.append(stream("order-1"), ExpectedVersion::exact(3), vec![event("A")]).await;
    assert_eq!(answer, Err(conflict("order-1", ExpectedVersion::exact(3), 4)));
}

/// Two handles race for every version of one stream: each version has exactly one winner, and both make progress.
pub async fn each_version_has_one_winner(fixture: &dyn Fixture) {
    let (one, two) = (open(fixture).await, open(fixture).await);
    for version in 0..40_u32 {
        let expected = ExpectedVersion::exact(version.into());
        let of_one = one.append(stream("order-1"), expected, vec![numbered(version * 2)]);
        let of_two = two.append(stream("order-1"), expected, vec![numbered(version * 2 + 1)]);
        let (of_one, of_two) = futures_util::join!(of_one, of_two);
        let loser = match (of_one, of_two) {
            (Ok(result), Err(error)) | (Err(error), Ok(result)) => {
                assert_eq!(result.first_position.get(), u64::from(version) + 1);
                error
            }
            both => panic!("one must win and one must lose: {both:?}"),
        };
        assert_eq!(loser, conflict("order-1", expected, u64::from(version) + 1));
    }
    assert_sound(&one, 40).await;
    assert_eq!(all(&one).await, all(&two).await);
}

/// Two handles append to streams of their own at once: nobody fails, nothing is lost.
pub async fn writers_of_different_streams_do_not_fail_each_other(fixture: &dyn Fixture) {
    let (one, two) = (open_small(fixture).await, open_small(fixture).await);
    let write = async |store: &crate::engine::EventStore, name: &str, first: u32| {
        for version in 0..60 {
            let expected = ExpectedVersion::exact(version.into());
            done(store.append(stream(name), expected, vec![numbered(first + version)]).await);
        }
    };
    futures_util::join!(write(&one, "order-1", 0), write(&two, "order-2", 1_000));
    assert_sound(&one, 120).await;
    assert_sound(&two, 120).await;
}
