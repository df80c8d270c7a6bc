//! Commits over several streams, and conditions over the log.

use super::given::*;
use crate::domain::{Commit, Condition, ExpectedVersion, NewEvent, Position, Query, QueryItem, StreamCheck};
use crate::engine::{AppendError, EventStore};
use crate::testing::Fixture;

/// Several streams in one commit stand one after the other, in the order of the writes.
pub async fn several_streams_in_one_commit(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-2", vec![event("A")]).await;
    let commit = commit_of(vec![
        write("order-1", ExpectedVersion::NoStream, numbers(0..2)),
        write("order-2", ExpectedVersion::exact(1), numbers(2..3)),
        write("card-9", ExpectedVersion::Any, numbers(3..6)),
    ]);
    let result = done(store.commit(commit).await);
    assert_eq!((result.first_position.get(), result.last_position.get()), (2, 7));
    let ranges: Vec<_> = result
        .streams
        .iter()
        .map(|range| (range.stream.as_str(), range.first_version.get(), range.last_version.get()))
        .collect();
    assert_eq!(ranges, [("order-1", 1, 2), ("order-2", 2, 2), ("card-9", 1, 3)]);
    assert_eq!(data_of(&all(&store).await[1..]), [0, 1, 2, 3, 4, 5]);
    assert_sound(&store, 7).await;
}

/// One wrong expectation among several streams, and nothing is written to any.
pub async fn all_streams_or_none(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-2", vec![event("A")]).await;
    for wrong in 0..3 {
        let expected = |number| if number == wrong { ExpectedVersion::exact(5) } else { ExpectedVersion::NoStream };
        let writes = (0..3).map(|number| write(&format!("card-{number}"), expected(number), vec![event("A")]));
        let answer = store.commit(commit_of(writes.collect())).await;
        assert_eq!(answer, Err(conflict(&format!("card-{wrong}"), ExpectedVersion::exact(5), 0)));
    }
    assert_sound(&store, 1).await;
}

/// A stream that is only checked decides, and is not written to.
pub async fn streams_that_are_only_checked(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-1", numbers(0..2)).await;
    let commit = |expected: ExpectedVersion| Commit {
        writes: vec![write("card-1", ExpectedVersion::Any, vec![event("A")])],
        checks: vec![StreamCheck { stream: stream("order-1"), expected }],
        conditions: Vec::new(),
    };
    done(store.commit(commit(ExpectedVersion::exact(2))).await);
    done(store.commit(commit(ExpectedVersion::StreamExists)).await);
    done(store.commit(commit(ExpectedVersion::Any)).await);
    for wrong in [ExpectedVersion::NoStream, ExpectedVersion::exact(1), ExpectedVersion::exact(3)] {
        assert_eq!(store.commit(commit(wrong)).await, Err(conflict("order-1", wrong, 2)));
    }
    let version = |name| store.with_log(|log| log.stream_version(&stream(name)).get());
    assert_eq!((version("order-1"), version("card-1")), (2, 3));
    // A stream may be written to and checked at once: both must hold, on the version before the commit.
    let mut both = commit(ExpectedVersion::exact(2));
    both.checks.push(StreamCheck { stream: stream("card-1"), expected: ExpectedVersion::exact(3) });
    done(store.commit(both).await);
}

/// A commit of more than one record, with an event larger than a segment, is stored whole and comes back whole.
pub async fn a_commit_of_many_records(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let large = |len: usize| done(NewEvent::bytes("FileAdded", "application/octet-stream", vec![7; len]));
    let mut events: Vec<NewEvent> = (0..40).map(|number| large(10_000 + number)).collect();
    events.push(large(700_000));
    events.push(large(0));
    let result = append(&store, "file-1", events.clone()).await;
    assert_eq!((result.first_position.get(), result.last_position.get()), (1, 42));
    append(&store, "file-2", vec![event("A")]).await;
    for handle in [store, open(fixture).await] {
        let stored = all(&handle).await;
        assert!(stored.iter().zip(&events).all(|(stored, event)| stored.data() == &event.data()[..]));
        assert_sound(&handle, 43).await;
    }
}

/// What a condition's query can say, tried against a log where every answer is known.
pub async fn every_kind_of_condition(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let tagged = |event_type: &str, tags: &[&str]| done(event(event_type).with_tags(tags.iter().map(|name| tag(name))));
    append(&store, "course-1", vec![tagged("CourseDefined", &["course:c1"])]).await;
    append(&store, "course-2", vec![tagged("CourseDefined", &["course:c2"])]).await;
    append(&store, "student-1", vec![tagged("StudentSubscribed", &["course:c1", "student:s1"])]).await;
    append(&store, "student-2", vec![tagged("StudentSubscribed", &["course:c2", "student:s2"])]).await;
    append(&store, "course-1", vec![event("CourseClosed")]).await;

    let types = |names: &[&str]| names.iter().map(|name| done((*name).try_into())).collect::<Vec<_>>();
    let tags = |names: &[&str]| names.iter().map(|name| tag(name)).collect::<Vec<_>>();
    let item = QueryItem::default;
    let courses = || vec!["course".to_owned()];
    // Each query with the last position that matches it; 0 is none.
    let table: Vec<(Vec<QueryItem>, u64)> = vec![
        (vec![], 0),
        (vec![item()], 5),
        (vec![QueryItem { types: types(&["CourseDefined"]), ..item() }], 2),
        (vec![QueryItem { types: types(&["CourseDefined", "StudentSubscribed"]), ..item() }], 4),
        (vec![QueryItem { types: types(&["NeverSeen"]), ..item() }], 0),
        (vec![QueryItem { types: types(&["NeverSeen", "CourseDefined"]), ..item() }], 2),
        (vec![QueryItem { tags: tags(&["course:c1"]), ..item() }], 3),
        (vec![QueryItem { tags: tags(&["course:c1", "student:s1"]), ..item() }], 3),
        (vec![QueryItem { tags: tags(&["course:c1", "student:s2"]), ..item() }], 0),
        (vec![QueryItem { tags: tags(&["course:c1", "never:seen"]), ..item() }], 0),
        (vec![QueryItem { types: types(&["CourseDefined"]), tags: tags(&["course:c1"]), ..item() }], 1),
        (vec![QueryItem { types: types(&["CourseClosed"]), tags: tags(&["course:c1"]), ..item() }], 0),
        (vec![QueryItem { streams: vec![stream("course-1")], ..item() }], 5),
        (vec![QueryItem { streams: vec![stream("course-2"), stream("student-1")], ..item() }], 3),
        (vec![QueryItem { streams: vec![stream("course")], ..item() }], 0),
        (vec![QueryItem { streams: vec![stream("course-1")], types: types(&["CourseDefined"]), ..item() }], 1),
        (vec![QueryItem { streams: vec![stream("course-1")], tags: tags(&["student:s1"]), ..item() }], 0),
        (vec![QueryItem { categories: courses(), ..item() }], 5),
        (vec![QueryItem { categories: vec!["student".to_owned()], ..item() }], 4),
        (vec![QueryItem { categories: vec!["course-1".to_owned()], ..item() }], 0),
        (vec![QueryItem { categories: courses(), types: types(&["CourseDefined"]), ..item() }], 2),
        (vec![QueryItem { categories: courses(), types: types(&["StudentSubscribed"]), ..item() }], 0),
        (vec![QueryItem { categories: courses(), streams: vec![stream("student-1")], ..item() }], 0),
        (
            vec![
                QueryItem { types: types(&["CourseDefined"]), tags: tags(&["course:c1"]), ..item() },
                QueryItem { tags: tags(&["student:s1"]), ..item() },
                QueryItem { types: types(&["NeverSeen"]), ..item() },
            ],
            3,
        ),
    ];
    for (items, last) in table {
        assert_last_match(&store, &query(items), last).await;
    }
}

/// A condition holds after the last match, and fails everywhere before it, naming that match.
async fn assert_last_match(store: &EventStore, query: &Query, last: u64) {
    let head = store.head().get();
    for after in 0..=head + 1 {
        let condition = Condition { query: query.clone(), after: Position::new(after) };
        let mut commit = commit_of(vec![write("probe-1", ExpectedVersion::exact(1_000), vec![event("A")])]);
        commit.conditions.push(condition);
        // The wrong version keeps the probe out of the log; where the condition fails is asked for without it.
        let refused = store.commit(commit.clone()).await;
        assert_eq!(refused, Err(conflict("probe-1", ExpectedVersion::exact(1_000), 0)), "versions are judged first");
        if last > after {
            commit.writes[0].expected = ExpectedVersion::Any;
            let failed = AppendError::ConditionFailed { condition: 0, position: Position::new(last) };
            assert_eq!(store.commit(commit).await, Err(failed), "after {after}: {query:?}");
        } else {
            // It holds: a second condition that cannot hold is the one that is named.
            commit.writes[0].expected = ExpectedVersion::Any;
            commit.conditions.push(Condition { query: Query::everything(), after: Position::ZERO });
            let failed = AppendError::ConditionFailed { condition: 1, position: Position::new(head) };
            assert_eq!(store.commit(commit).await, Err(failed), "after {after}: {query:?}");
        }
    }
    assert_eq!(store.head().get(), head, "nothing was written");
}

/// A condition that holds lets the commit through, also one whose `after` lies beyond the head.
pub async fn a_condition_that_holds(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let with = |after: u64| {
        let mut commit = commit_of(vec![write("order-1", ExpectedVersion::Any, vec![event("A")])]);
        commit.conditions.push(Condition { query: Query::everything(), after: Position::new(after) });
        commit
    };
    done(store.commit(with(0)).await);
    done(store.commit(with(1)).await);
    done(store.commit(with(1_000)).await);
    done(store.commit(with(crate::domain::MAX_NUMBER)).await);
    let failed = AppendError::ConditionFailed { condition: 0, position: Position::new(4) };
    assert_eq!(store.commit(with(3)).await, Err(failed));
    assert_sound(&store, 4).await;
}

/// A condition sees what another handle has stored, and what an earlier commit of its own group stores.
pub async fn a_condition_sees_the_newest_events(fixture: &dyn Fixture) {
    let (one, two) = (open(fixture).await, open(fixture).await);
    let subscribe = |number: u32| {
        let event = done(numbered(number).with_tags([tag("course:c1")]));
        let mut commit = commit_of(vec![write(&format!("student-{number}"), ExpectedVersion::NoStream, vec![event])]);
        let query = query(vec![QueryItem { tags: vec![tag("course:c1")], ..QueryItem::default() }]);
        commit.conditions.push(Condition { query, after: Position::ZERO });
        commit
    };
    let neighbour = one.append(stream("card-1"), ExpectedVersion::Any, vec![event("A")]);
    let (neighbour, first, second) = futures_util::join!(neighbour, one.commit(subscribe(1)), one.commit(subscribe(2)));
    assert_eq!(done(neighbour).first_position.get(), 1);
    assert_eq!(done(first).first_position.get(), 2);
    let failed = AppendError::ConditionFailed { condition: 0, position: Position::new(2) };
    assert_eq!(second, Err(failed.clone()));
    assert_eq!(two.commit(subscribe(3)).await, Err(failed));
    assert_sound(&two, 2).await;
}

/// Two handles decide on the same condition at once: exactly one may.
pub async fn each_condition_has_one_winner(fixture: &dyn Fixture) {
    let (one, two) = (open(fixture).await, open(fixture).await);
    for round in 0..20 {
        let seat = tag(&format!("seat:{round}"));
        let take = |store: &EventStore, number: u32| {
            let (store, seat) = (store.clone(), seat.clone());
            let event = done(numbered(number).with_tags([seat.clone()]));
            let mut commit = commit_of(vec![write(&format!("guest-{number}"), ExpectedVersion::Any, vec![event])]);
            let query = query(vec![QueryItem { tags: vec![seat], ..QueryItem::default() }]);
            commit.conditions.push(Condition { query, after: Position::ZERO });
            async move { store.commit(commit).await }
        };
        let (first, second) = futures_util::join!(take(&one, round * 2), take(&two, round * 2 + 1));
        assert!(first.is_ok() != second.is_ok(), "one must have it: {first:?}, {second:?}");
    }
    assert_sound(&one, 20).await;
}
