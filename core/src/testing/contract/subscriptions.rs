//! Subscriptions: catch up, then follow.

use futures_util::{StreamExt, TryStreamExt};

use super::given::*;
use crate::domain::{Position, Query, QueryItem};
use crate::engine::{EventStore, From, Subscription};
use crate::testing::Fixture;

async fn subscribe(store: &EventStore, from: From) -> Subscription {
    done(store.subscribe(from, Query::everything()).await)
}

async fn take(subscription: &mut Subscription, count: usize) -> Vec<u32> {
    let mut numbers = Vec::new();
    for _ in 0..count {
        numbers.push(done(done(subscription.next().await).json()));
    }
    numbers
}

/// A subscription gives what is stored, then what is appended here and elsewhere, without gap or repeat.
pub async fn catch_up_then_follow(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    append_each(&store, "order-1", 0..30).await;
    let mut subscription = subscribe(&store, From::Start).await;
    assert!(!subscription.is_caught_up());
    assert_eq!(take(&mut subscription, 30).await, (0..30).collect::<Vec<_>>());
    assert!(subscription.is_caught_up());
    assert_eq!(subscription.position(), Position::new(30));
    assert_eq!(done(subscription.try_next().await), None);
    // One waits for the next event while another handle stores it.
    for number in 30..50 {
        let writer = if number % 2 == 0 { &store } else { &other };
        let (given, _) = futures_util::join!(subscription.next(), append(writer, "order-1", vec![numbered(number)]));
        let given = done(given);
        assert_eq!((given.position().get(), done(given.json::<u32>())), (u64::from(number) + 1, number));
    }
    // Sealing went on meanwhile, and nothing was given twice.
    assert_sound(&store, 50).await;
}

/// Where a subscription may begin: at the start, behind a position, at the end.
pub async fn where_a_subscription_begins(fixture: &dyn Fixture) {
    let (store, other) = (open(fixture).await, open(fixture).await);
    append_each(&other, "order-1", 0..10).await;
    let mut start = subscribe(&store, From::Start).await;
    let mut after = subscribe(&store, From::After(Position::new(7))).await;
    let mut end = subscribe(&store, From::End).await;
    let mut beyond = subscribe(&store, From::After(Position::new(11))).await;
    assert_eq!(end.position(), Position::new(10));
    append_each(&other, "order-1", 10..14).await;
    assert_eq!(take(&mut start, 14).await, (0..14).collect::<Vec<_>>());
    assert_eq!(take(&mut after, 7).await, (7..14).collect::<Vec<_>>());
    assert_eq!(take(&mut end, 4).await, (10..14).collect::<Vec<_>>());
    assert_eq!(take(&mut beyond, 3).await, (11..14).collect::<Vec<_>>());
}

/// A subscription to a query gives what matches and moves on past what does not, over many pages.
pub async fn subscriptions_to_a_query(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let tagged = |number: u32| {
        let tags = (number.is_multiple_of(3)).then(|| tag("third"));
        done(numbered(number).with_tags(tags))
    };
    append(&store, "order-1", (0..3_000).map(tagged).collect()).await;
    let thirds = Query::from(QueryItem { tags: vec![tag("third")], ..QueryItem::default() });
    let mut subscription = done(store.subscribe(From::Start, thirds).await);
    let expected: Vec<u32> = (0..3_000).step_by(3).collect();
    assert_eq!(take(&mut subscription, 1_000).await, expected);
    assert_eq!(done(subscription.try_next().await), None);
    assert_eq!(subscription.position(), Position::new(3_000), "what does not match is behind it");
    append(&store, "order-1", (3_000..3_005).map(tagged).collect()).await;
    assert_eq!(take(&mut subscription, 2).await, [3_000, 3_003]);
    let mut nothing = done(store.subscribe(From::Start, query(vec![])).await);
    assert_eq!(done(nothing.try_next().await), None);
    assert_eq!(nothing.position(), Position::new(3_005));
}

/// Several followers on several handles, while two handles write many at once and segments are sealed: every follower
/// is given everything once, in order.
pub async fn followers_miss_nothing_while_segments_are_sealed(fixture: &dyn Fixture) {
    const EVENTS: usize = 240;
    let (one, two) = (open_small(fixture).await, open_small(fixture).await);
    let follow = async |store: &EventStore, from: From| {
        let events = subscribe(store, from).await.into_stream().take(EVENTS);
        positions_of(&done(events.try_collect::<Vec<_>>().await))
    };
    let write = async |store: &EventStore, first: u32| {
        for number in (first..first + EVENTS as u32 / 2).step_by(4) {
            append(store, &format!("order-{first}"), numbers(number..number + 4)).await;
        }
    };
    let followers = async {
        futures_util::join!(
            follow(&one, From::Start),
            follow(&two, From::Start),
            follow(&two, From::After(Position::ZERO))
        )
    };
    let (given, (), ()) = futures_util::join!(followers, write(&one, 0), write(&two, 1_000));
    let expected: Vec<u64> = (1..=EVENTS as u64).collect();
    assert_eq!(given, (expected.clone(), expected.clone(), expected));
}

/// A slow follower is given everything, whenever it asks.
pub async fn a_slow_follower(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    let mut subscription = subscribe(&store, From::Start).await;
    for number in 0..200 {
        append(&store, "order-1", vec![numbered(number)]).await;
        if number % 10 == 9 {
            assert_eq!(take(&mut subscription, 1).await, [number / 10]);
        }
    }
    assert_eq!(take(&mut subscription, 180).await, (20..200).collect::<Vec<_>>());
    assert!(subscription.is_caught_up());
}

/// The head's changes reach those who wait for them: own appends, other handles', and bulks.
pub async fn the_head_moves(fixture: &dyn Fixture) {
    let (store, other) = (open(fixture).await, open(fixture).await);
    let mut changes = Box::pin(store.head_changes());
    let (head, _) = futures_util::join!(changes.next(), append(&store, "order-1", numbers(0..2)));
    assert_eq!(head, Some(Position::new(2)));
    let (head, _) = futures_util::join!(changes.next(), append(&other, "order-1", numbers(2..5)));
    assert_eq!(head, Some(Position::new(5)));
    let import = async {
        let mut bulk = done(other.bulk().await);
        for event in numbers(5..9) {
            done(bulk.push(&stream("order-1"), &event).await);
        }
        done(bulk.finish().await)
    };
    let (head, _) = futures_util::join!(changes.next(), import);
    assert_eq!(head, Some(Position::new(9)));
    let (end, ()) = futures_util::join!(changes.next(), store.close());
    assert_eq!(end, None);
}

/// Closing the handle ends its subscriptions, also those that wait, with `storage-closed`.
pub async fn closing_ends_a_subscription(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    append(&store, "order-1", numbers(0..1)).await;
    let mut subscription = subscribe(&store, From::End).await;
    let (next, ()) = futures_util::join!(subscription.next(), store.close());
    assert_eq!(next.expect_err("it is closed").code(), "storage-closed");
    let mut stream = Box::pin(subscription.into_stream());
    assert_eq!(stream.next().await.map(|next| next.map_err(|error| error.code())), Some(Err("storage-closed")));
    assert!(stream.next().await.is_none());
}
