//! Reading.

use futures_util::TryStreamExt;

use super::given::*;
use crate::domain::{Position, Query, QueryItem, RecordedEvent, StreamVersion};
use crate::engine::{Direction, EventStore, ReadOptions, StreamFilter, StreamReadOptions};
use crate::testing::Fixture;

const DIRECTIONS: [Direction; 2] = [Direction::Forwards, Direction::Backwards];

fn bounds(limit: u64) -> Vec<Option<u64>> {
    [None, Some(0), Some(1), Some(2), Some(limit - 1), Some(limit), Some(limit + 5)].into()
}

/// What a read with these bounds must give of `1..=head`.
fn expected(head: u64, from: Option<u64>, to: Option<u64>, is_backwards: bool, limit: Option<usize>) -> Vec<u64> {
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) if from > to => (to, from),
        (from, to) => (from.unwrap_or(0), to.unwrap_or(u64::MAX)),
    };
    let mut found: Vec<u64> = (1..=head).filter(|number| (from..=to).contains(number)).collect();
    if is_backwards {
        found.reverse();
    }
    found.truncate(limit.unwrap_or(usize::MAX));
    found
}

/// The log and a stream, in both directions, with every kind of bound and limit; bounds are inclusive and may be given
/// in either order.
pub async fn directions_bounds_and_limits(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    for number in 0..40 {
        append(&store, if number % 2 == 0 { "order-1" } else { "order-2" }, vec![numbered(number)]).await;
    }
    for direction in DIRECTIONS {
        let is_backwards = direction == Direction::Backwards;
        for limit in [None, Some(0), Some(1), Some(7), Some(1_000)] {
            for (from, to) in bounds(40).into_iter().flat_map(|from| bounds(40).into_iter().map(move |to| (from, to))) {
                let position = |bound: Option<u64>| bound.map(Position::new);
                let (first, last) = (position(from), position(to));
                let options = ReadOptions { from: first, to: last, direction, limit, ..ReadOptions::default() };
                let found = positions_of(&done(store.read_all(options.clone()).await));
                assert_eq!(found, expected(40, from, to, is_backwards, limit), "{options:?}");
            }
            for (from, to) in bounds(20).into_iter().flat_map(|from| bounds(20).into_iter().map(move |to| (from, to))) {
                let version = |bound: Option<u64>| bound.map(StreamVersion::new);
                let options = StreamReadOptions { from: version(from), to: version(to), direction, limit };
                let events = done(store.read_stream(&stream("order-2"), options).await);
                let versions: Vec<u64> = events.iter().map(|event| event.version().get()).collect();
                assert_eq!(versions, expected(20, from, to, is_backwards, limit), "{options:?}");
                assert!(events.iter().all(|event| event.position().get() == event.version().get() * 2));
            }
        }
    }
    let none = done(store.read_stream(&stream("order-3"), StreamReadOptions::default()).await);
    assert_eq!(none, []);
}

/// A read longer than a page comes page by page, in bounded pages, with nothing lost at the seams; as a stream as well.
pub async fn pages(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    for round in 0..5_u32 {
        append(&store, &format!("order-{round}"), numbers(round * 2_000..round * 2_000 + 2_000)).await;
    }
    let odd = Query::from(QueryItem { streams: vec![stream("order-1"), stream("order-3")], ..QueryItem::default() });
    for query in [None, Some(Query::everything()), Some(odd)] {
        for direction in DIRECTIONS {
            let options = ReadOptions { direction, query: query.clone(), ..ReadOptions::default() };
            let mut events = done(store.read(options.clone()).await);
            let mut paged: Vec<RecordedEvent> = Vec::new();
            let mut pages = 0;
            while let Some(page) = done(events.next_page().await) {
                assert!(!page.is_empty() && page.len() <= 4096, "a page of {}", page.len());
                paged.extend(page);
                pages += 1;
            }
            let total =
                if query.as_ref().is_some_and(|query| !query.items[0].streams.is_empty()) { 4_000 } else { 10_000 };
            assert_eq!(paged.len(), total);
            assert!(total < 4_096 || pages > 1);
            let mut positions = positions_of(&paged);
            assert!(positions.is_sorted_by(|a, b| if direction == Direction::Forwards { a < b } else { a > b }));
            positions.sort_unstable();
            positions.dedup();
            assert_eq!(positions.len(), total);
            let streamed: Vec<RecordedEvent> = done(done(store.read(options).await).into_stream().try_collect().await);
            assert_eq!(streamed, paged);
        }
    }
}

/// A read shows the log as it was when it began.
pub async fn a_read_is_of_one_moment(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append_each(&store, "order-1", 0..30).await;
    for direction in DIRECTIONS {
        let before = store.head().get() as usize;
        let mut events = done(store.read(ReadOptions { direction, ..ReadOptions::default() }).await);
        append_each(&store, "order-1", before as u32..before as u32 + 20).await;
        let mut read = Vec::new();
        while let Some(page) = done(events.next_page().await) {
            read.extend(page);
        }
        assert_eq!(read.len(), before);
    }
}

/// A read begins with what other handles have stored until then.
pub async fn a_read_sees_other_handles_commits(fixture: &dyn Fixture) {
    let (one, two) = (open(fixture).await, open(fixture).await);
    for number in 0..10 {
        append(&one, "order-1", vec![numbered(number)]).await;
        assert_eq!(all(&two).await.len(), number as usize + 1);
        assert_eq!(done(two.stream_version(&stream("order-1")).await).get(), u64::from(number) + 1);
        let of_stream = done(two.read_stream(&stream("order-1"), StreamReadOptions::default()).await);
        assert_eq!(of_stream.len(), number as usize + 1);
    }
    assert_eq!(all(&one).await, all(&two).await);
}

/// Queries by type, stream, category and tag, alone, together and as alternatives, with bounds and limits.
pub async fn queries(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    for number in 0..90_u32 {
        let event_type = ["OrderPlaced", "OrderPaid", "OrderShipped"][number as usize % 3];
        let mut tags = vec![tag(&format!("number:{}", number % 5))];
        if number % 2 == 0 {
            tags.push(tag("even"));
        }
        let event = done(event(event_type).with_tags(tags));
        let category = if number % 7 == 0 { "card" } else { "order" };
        append(&store, &format!("{category}-{}", number % 4), vec![event]).await;
    }
    let events = all(&store).await;
    let item = QueryItem::default;
    let types = vec![done("OrderPaid".try_into()), done("NeverSeen".try_into())];
    let items = [
        item(),
        QueryItem { types: types.clone(), ..item() },
        QueryItem { tags: vec![tag("even")], ..item() },
        QueryItem { tags: vec![tag("even"), tag("number:3")], ..item() },
        QueryItem { tags: vec![tag("never:seen")], ..item() },
        QueryItem { streams: vec![stream("order-1"), stream("card-0"), stream("none-1")], ..item() },
        QueryItem { categories: vec!["card".to_owned()], ..item() },
        QueryItem { categories: vec!["order".to_owned()], types, ..item() },
        QueryItem { streams: vec![stream("order-1")], tags: vec![tag("number:1")], ..item() },
    ];
    let matches = |item: &QueryItem, event: &RecordedEvent| {
        let name = event.stream().as_str();
        let category = &name[..name.find('-').unwrap_or(name.len())];
        (item.types.is_empty() || item.types.contains(event.event_type()))
            && item.tags.iter().all(|tag| event.tags().contains(tag))
            && (item.streams.is_empty() || item.streams.contains(event.stream()))
            && (item.categories.is_empty() || item.categories.iter().any(|name| name == category))
    };
    let mut queries = vec![query(vec![])];
    for (number, first) in items.iter().enumerate() {
        queries.push(query(vec![first.clone()]));
        queries.extend(items[number + 1..].iter().map(|second| query(vec![first.clone(), second.clone()])));
    }
    for query in queries {
        for (direction, limit, from) in [
            (Direction::Forwards, None, None),
            (Direction::Backwards, None, None),
            (Direction::Forwards, Some(3), Some(Position::new(20))),
            (Direction::Backwards, Some(3), Some(Position::new(20))),
        ] {
            let fits = |event: &&RecordedEvent| query.items.iter().any(|item| matches(item, event));
            let mut expected: Vec<u64> = events.iter().filter(fits).map(|event| event.position().get()).collect();
            expected.retain(|position| from.is_none_or(|from| *position >= from.get()));
            if direction == Direction::Backwards {
                expected.reverse();
            }
            expected.truncate(limit.unwrap_or(usize::MAX));
            let options = ReadOptions { from, direction, limit, query: Some(query.clone()), ..ReadOptions::default() };
            assert_eq!(positions_of(&done(store.read_all(options.clone()).await)), expected, "{options:?}");
        }
    }
}

/// The time of a position is the latest time up to it; a time is a cut through the log.
pub async fn times(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    let times = [-50, 10, 5, 20, 20, 15, 30];
    for micros in times {
        append(&store, "order-1", vec![event("A").with_time(time(micros))]).await;
    }
    for handle in [store.clone(), open_small(fixture).await] {
        let running = handle.with_log(|log| {
            let of = |position| log.running_time(Position::new(position)).map(|time| time.as_micros());
            (1..=8).map(of).collect::<Vec<_>>()
        });
        assert_eq!(running, [Some(-50), Some(10), Some(10), Some(20), Some(20), Some(20), Some(30), None]);
        for (micros, position) in [(-51, 0), (-50, 1), (9, 1), (10, 3), (19, 3), (20, 6), (29, 6), (30, 7), (99, 7)] {
            let at = handle.with_log(|log| log.position_at(time(micros)));
            assert_eq!(at.get(), position, "the position at {micros}");
        }
        let between = async |from: Option<i64>, to: Option<i64>, direction| {
            let (from_time, to_time) = (from.map(time), to.map(time));
            let options = ReadOptions { from_time, to_time, direction, ..ReadOptions::default() };
            positions_of(&done(handle.read_all(options).await))
        };
        assert_eq!(between(Some(10), Some(20), Direction::Forwards).await, [2, 3, 4, 5, 6]);
        assert_eq!(between(Some(20), Some(10), Direction::Backwards).await, [6, 5, 4, 3, 2]);
        assert_eq!(between(None, Some(-50), Direction::Forwards).await, [1]);
        assert_eq!(between(Some(21), None, Direction::Forwards).await, [7]);
        assert_eq!(between(Some(31), None, Direction::Forwards).await, [0; 0]);
        assert_eq!(between(Some(11), Some(19), Direction::Forwards).await, [0; 0]);
    }
}

/// The lists of streams, categories, types and tags, with their counts.
pub async fn listings(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    for (name, event_type, count) in [("order-2", "A", 3), ("card-1", "B", 1), ("order-10", "A", 2), ("plain", "B", 1)]
    {
        for _ in 0..count {
            append(&store, name, vec![done(event(event_type).with_tags([tag(&format!("of:{event_type}"))]))]).await;
        }
    }
    append(&store, "order-2", vec![event("C")]).await;
    for handle in [store.clone(), open_small(fixture).await] {
        assert_listings(&handle);
    }
}

fn assert_listings(store: &EventStore) {
    store.with_log(|log| {
        let list = |filter: StreamFilter| -> Vec<(String, u64, u64)> {
            let info = |info: crate::engine::StreamInfo| {
                (info.stream.to_string(), info.version.get(), info.last_position.get())
            };
            log.streams(&filter).into_iter().map(info).collect()
        };
        let all = list(StreamFilter::default());
        let expected = [("card-1", 1, 4), ("order-10", 2, 6), ("order-2", 4, 8), ("plain", 1, 7)];
        assert_eq!(all, expected.map(|(name, version, last)| (name.to_owned(), version, last)));
        let orders = StreamFilter { category: Some("order".to_owned()), ..StreamFilter::default() };
        assert_eq!(list(orders.clone()), all[1..3]);
        let after = StreamFilter { after: Some("order-10".to_owned()), limit: Some(1), ..orders };
        assert_eq!(list(after), all[2..3]);
        let prefix = StreamFilter { prefix: Some("order-1".to_owned()), ..StreamFilter::default() };
        assert_eq!(list(prefix), all[1..2]);
        let plain = StreamFilter { category: Some("plain".to_owned()), ..StreamFilter::default() };
        assert_eq!(list(plain), all[3..]);
        assert_eq!(list(StreamFilter { limit: Some(0), ..StreamFilter::default() }), []);

        assert_eq!(log.stream_count(), 4);
        let categories: Vec<_> = log.categories().into_iter().map(|c| (c.category, c.streams, c.events)).collect();
        let expected = [("order", 2, 6), ("card", 1, 1), ("plain", 1, 1)];
        assert_eq!(categories, expected.map(|(name, streams, events)| (name.to_owned(), streams, events)));
        let types: Vec<_> = log.types().into_iter().map(|count| (count.event_type.to_string(), count.count)).collect();
        assert_eq!(types, [("A".to_owned(), 5), ("B".to_owned(), 2), ("C".to_owned(), 1)]);
        let tags: Vec<_> = log.tags().into_iter().map(|count| (count.tag.to_string(), count.count)).collect();
        assert_eq!(tags, [("of:A".to_owned(), 5), ("of:B".to_owned(), 2)]);
        let type_numbers: Vec<_> = (0..10).map(|position| log.type_index_of(Position::new(position))).collect();
        let expected = [None, Some(0), Some(0), Some(0), Some(1), Some(0), Some(0), Some(1), Some(2), None];
        assert_eq!(type_numbers, expected);
        assert_eq!(log.stream_positions(&stream("order-2")), [1, 2, 3, 8]);
        let row = log.row(Position::new(6)).expect("it is there");
        assert_eq!((row.stream.as_str(), row.version.get(), row.event_type.as_str()), ("order-10", 2, "A"));
        assert_eq!(log.stream_index_of(Position::new(6)).and_then(|n| log.stream_name(n)), Some(&row.stream));
        assert!(log.row(Position::ZERO).is_none() && log.row(Position::new(9)).is_none());
    });
}

/// Events by position, in whatever order they are asked for; what is not there is left out.
pub async fn events_by_position(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append_each(&store, "order-1", 0..80).await;
    until_sealed(&store, 2).await;
    let wanted = [70, 3, 3, 80, 1, 0, 81, 40].map(Position::new);
    let events = done(store.events_at(&wanted).await);
    assert_eq!(data_of(&events), [69, 2, 2, 79, 0, 39]);
    assert_eq!(done(store.event(Position::new(80)).await).map(|event| event.version().get()), Some(80));
    assert_eq!(done(store.event(Position::new(81)).await), None);
    assert_eq!(done(store.event(Position::ZERO).await), None);
}

/// An empty store answers everything with nothing.
pub async fn an_empty_store(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    assert_eq!(store.head(), Position::ZERO);
    assert_eq!(all(&store).await, []);
    let backwards = ReadOptions { direction: Direction::Backwards, ..ReadOptions::default() };
    assert_eq!(done(store.read_all(backwards).await), []);
    assert_eq!(store.with_log(|log| log.position_at(time(0))), Position::ZERO);
    assert!(done(store.verify().await).is_ok());
    let stats = done(store.stats().await);
    assert_eq!((stats.events, stats.streams, stats.segments, stats.bytes), (0, 0, 0, 0));
}
