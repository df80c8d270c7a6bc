//! What goes wrong beneath a store: nothing acknowledged is lost, nothing is half written, every answer is right, and
//! the store goes on.

use std::{cell::RefCell, rc::Rc};

use futures_util::future::join_all;
use leftfold_core::{
    AppendError, ClosedBecause, Commit, CommitResult, EventId, EventStore, ExpectedVersion, From, Host, MemoryDatabase,
    NewEvent, OpenOptions, Position, Query, ReadOptions, Storage, StorageError, StreamName, StreamWrite,
    testing::{Call, Faults, FaultyStorage, Moment, SimHost, Table},
};
use proptest::prelude::*;
use uuid::Uuid;

/// A database on a host with a seed, and handles on it that can be made to fail.
struct World {
    host: Rc<SimHost>,
    database: MemoryDatabase,
}

impl World {
    fn new(seed: u64) -> Self {
        let host = SimHost::new(seed);
        let database = MemoryDatabase::on_host("faults", host.clone());
        Self { host, database }
    }

    fn storage(&self, faults: &Rc<Faults>) -> Rc<dyn Storage> {
        FaultyStorage::around(self.database.open(), faults)
    }

    async fn open(&self, faults: &Rc<Faults>) -> EventStore {
        let options = OpenOptions::default().segment_bytes(600).cache_bytes(0);
        EventStore::open(self.storage(faults), options).await.unwrap()
    }

    async fn open_well(&self) -> EventStore {
        self.open(&Faults::new()).await
    }

    /// Asserts that a fresh handle finds exactly these events, in this order, and nothing damaged.
    async fn assert_log(&self, numbers: &[u32]) {
        let store = self.open_well().await;
        assert_eq!(numbers_in(&store).await, numbers);
        assert_eq!(store.verify().await.unwrap().problems, []);
    }
}

fn stream(number: u32) -> StreamName {
    StreamName::new(&format!("order-{number}")).unwrap()
}

fn event(number: u32) -> NewEvent {
    let id = EventId::new(Uuid::from_u128(u128::from(number) + 1));
    NewEvent::json("OrderPlaced", &number).unwrap().with_id(id)
}

async fn append(store: &EventStore, number: u32) -> Result<CommitResult, AppendError> {
    store.append(stream(1), ExpectedVersion::Any, vec![event(number)]).await
}

async fn numbers_in(store: &EventStore) -> Vec<u32> {
    let events = store.read_all(ReadOptions::default()).await.unwrap();
    for (row, event) in events.iter().enumerate() {
        assert_eq!(event.position().get(), row as u64 + 1);
    }
    events.iter().map(|event| event.json().unwrap()).collect()
}

fn aborted() -> StorageError {
    StorageError::Aborted { reason: "the disk went away".to_owned() }
}

fn full() -> StorageError {
    StorageError::QuotaExceeded { reason: "no room".to_owned() }
}

#[test]
fn an_append_that_fails_writes_nothing_and_can_be_tried_again() {
    for error in [aborted(), full(), StorageError::Unavailable { reason: "private".to_owned() }] {
        let world = World::new(1);
        world.host.run(async {
            let faults = Faults::new();
            let store = world.open(&faults).await;
            append(&store, 0).await.unwrap();
            faults.fail(Call::Append, 0, Moment::Before, error.clone());
            assert_eq!(append(&store, 1).await, Err(AppendError::Storage(error.clone())));
            assert_eq!(store.head().get(), 1);
            world.assert_log(&[0]).await;
            let again = append(&store, 1).await.unwrap();
            assert_eq!((again.first_position.get(), again.duplicate), (2, false));
            world.assert_log(&[0, 1]).await;
        });
    }
}

/// The answer of a write was lost: the caller is told of a failure, tries again, and learns that it is stored.
#[test]
fn an_append_whose_answer_is_lost_is_a_duplicate_when_it_is_tried_again() {
    let world = World::new(2);
    world.host.run(async {
        let faults = Faults::new();
        let store = world.open(&faults).await;
        append(&store, 0).await.unwrap();
        faults.fail(Call::Append, 0, Moment::After, aborted());
        let exact = ExpectedVersion::exact(1);
        let failed = store.append(stream(1), exact, vec![event(1), event(2)]).await;
        assert_eq!(failed, Err(AppendError::Storage(aborted())));
        let again = store.append(stream(1), exact, vec![event(1), event(2)]).await.unwrap();
        assert_eq!((again.first_position.get(), again.last_position.get(), again.duplicate), (2, 3, true));
        append(&store, 3).await.unwrap();
        world.assert_log(&[0, 1, 2, 3]).await;
    });
}

/// Each answer of a group that fails is right: what is a repeat is told so, and all else is told of the failure, for
/// what was judged of it was judged on what may not be so.
#[test]
fn when_a_group_fails_every_call_of_it_is_told() {
    for moment in [Moment::Before, Moment::After] {
        let world = World::new(3);
        world.host.run(async {
            let faults = Faults::new();
            let store = world.open(&faults).await;
            append(&store, 0).await.unwrap();
            faults.fail(Call::Append, 0, moment, aborted());
            let calls = [
                (ExpectedVersion::Any, event(0)),
                (ExpectedVersion::exact(7), event(1)),
                (ExpectedVersion::exact(1), event(2)),
                (ExpectedVersion::exact(2), event(3)),
                (ExpectedVersion::exact(2), event(2)),
            ];
            let answers = join_all(calls.map(|(expected, event)| store.append(stream(1), expected, vec![event]))).await;
            if moment == Moment::After {
                assert!(answers[0].as_ref().unwrap().duplicate);
            }
            for answer in &answers[1..] {
                assert_eq!(answer, &Err(AppendError::Storage(aborted())), "{moment:?}");
            }
            let stored = if moment == Moment::Before { vec![0] } else { vec![0, 2, 3] };
            world.assert_log(&stored).await;
            // The group after it is judged on what is.
            let next = append(&store, 4).await.unwrap();
            assert_eq!(next.first_position.get(), stored.len() as u64 + 1);
        });
    }
}

/// A handle that lags behind judges by what it knows. When the storage then fails, that judgement must not be given.
#[test]
fn a_failure_is_never_told_as_a_conflict() {
    let world = World::new(4);
    world.host.run(async {
        let faults = Faults::new();
        faults.lose_nudges(true);
        let stale = world.open(&faults).await;
        let other = world.open_well().await;
        for number in 0..3 {
            append(&other, number).await.unwrap();
        }
        assert_eq!(stale.head(), Position::ZERO);
        for moment in [Moment::Before, Moment::After] {
            faults.fail(Call::Append, 0, moment, aborted());
            let answer = stale.append(stream(1), ExpectedVersion::exact(3), vec![event(9)]).await;
            assert_eq!(answer, Err(AppendError::Storage(aborted())), "{moment:?}");
        }
        let conflict = stale.append(stream(1), ExpectedVersion::exact(3), vec![event(8)]).await;
        assert!(matches!(conflict, Err(AppendError::WrongExpectedVersion { actual, .. }) if actual.get() == 4));
    });
}

/// A storage without room refuses what does not fit, whole, and takes what does.
#[test]
fn without_room_nothing_is_half_written() {
    let world = World::new(5);
    world.host.run(async {
        let faults = Faults::new();
        let store = world.open(&faults).await;
        append(&store, 0).await.unwrap();
        faults.leave_room(2_000);
        // One commit over two streams and many records; none of it fits.
        let large = |number: u32| {
            let id = EventId::new(Uuid::from_u128(1_000 + u128::from(number)));
            NewEvent::bytes("FileAdded", "application/octet-stream", vec![0; 40_000]).unwrap().with_id(id)
        };
        let writes = [1, 2].map(|number| StreamWrite {
            stream: stream(number),
            expected: ExpectedVersion::Any,
            events: (number * 10..number * 10 + 5).map(large).collect(),
        });
        let commit = Commit { writes: writes.into(), ..Commit::default() };
        let refused = store.commit(commit.clone()).await.unwrap_err();
        assert_eq!(refused.code(), "quota-exceeded");
        world.assert_log(&[0]).await;
        append(&store, 1).await.unwrap();
        let mut bulk = store.bulk().await.unwrap();
        let mut error = None;
        for number in 2..100 {
            if let Err(refused) = bulk.push(&stream(3), &event(number)).await {
                error = Some(refused);
                break;
            }
        }
        assert_eq!(error.unwrap().code(), "quota-exceeded");
        // Whoever goes on all the same is refused, and the store is none the worse for it.
        assert_eq!(bulk.push(&stream(3), &event(100)).await.unwrap_err().code(), "storage-aborted");
        assert_eq!(bulk.finish().await.unwrap_err().code(), "storage-aborted");
        world.assert_log(&[0, 1]).await;
        faults.heal();
        let stored = store.commit(commit).await.unwrap();
        assert_eq!((stored.first_position.get(), stored.last_position.get()), (3, 12));
        assert_eq!(store.verify().await.unwrap().problems, []);
    });
}

/// A bulk whose last step fails, at whatever moment, is stored whole or not at all; tried again, it is stored once.
#[test]
fn a_bulk_that_fails_is_whole_or_nothing() {
    for (call, moment) in [
        (Call::Stage, Moment::Before),
        (Call::Stage, Moment::After),
        (Call::Append, Moment::Before),
        (Call::Append, Moment::After),
    ] {
        for skip in 0..4 {
            let world = World::new(6);
            world.host.run(async {
                let faults = Faults::new();
                let store = world.open(&faults).await;
                append(&store, 0).await.unwrap();
                faults.fail(call, skip, moment, aborted());
                let mut attempts = 0;
                loop {
                    attempts += 1;
                    let outcome = async {
                        let mut bulk = store.bulk().await?;
                        for number in 1..150 {
                            bulk.push(&stream(number % 5), &event(number)).await?;
                        }
                        bulk.finish().await
                    };
                    match outcome.await {
                        Err(error) => assert_eq!(error, AppendError::Storage(aborted())),
                        Ok(report) => {
                            assert_eq!(report.events + report.duplicates, 149);
                            break;
                        }
                    }
                    world.host.settle();
                    let stored = numbers_in(&world.open_well().await).await;
                    assert!(stored.len() == 1 || stored.len() == 150, "{} events are there", stored.len());
                    assert_eq!(store.verify().await.unwrap().problems, []);
                }
                assert_eq!(attempts, 1 + faults.happened());
                world.host.settle();
                world.assert_log(&(0..150).collect::<Vec<_>>()).await;
            });
        }
    }
}

/// A caller may drop the future of a bulk at any turn. What was published stays whole, what was not is nothing.
#[test]
fn a_bulk_that_is_dropped_at_any_turn_is_whole_or_nothing() {
    let mut outcomes = [0, 0];
    for turns in 0..300 {
        let world = World::new(7);
        let faults = Faults::new();
        faults.delay(turns, 12);
        let left = RefCell::new(turns);
        world.host.run(async {
            let store = world.open(&faults).await;
            append(&store, 0).await.unwrap();
            let mut import = Box::pin(async {
                let mut bulk = store.bulk().await.unwrap();
                for number in 1..150 {
                    bulk.push(&stream(2), &event(number)).await.unwrap();
                }
                bulk.finish().await.unwrap()
            });
            // It is given so many turns, and is then dropped wherever it stands.
            std::future::poll_fn(|context| {
                let mut left = left.borrow_mut();
                match left.checked_sub(1) {
                    None => std::task::Poll::Ready(()),
                    Some(rest) => {
                        *left = rest;
                        std::future::Future::poll(import.as_mut(), context).map(|_| ())
                    }
                }
            })
            .await;
            drop(import);
            append(&store, 1_000).await.unwrap();
            drop(store);
        });
        world.host.settle();
        world.host.run(async {
            let stored = numbers_in(&world.open_well().await).await;
            let is_whole = stored.len() > 2;
            outcomes[usize::from(is_whole)] += 1;
            let expected: Vec<u32> = if is_whole { (0..150).chain([1_000]).collect() } else { vec![0, 1_000] };
            world.assert_log(&expected).await;
        });
    }
    assert!(outcomes[0] > 20 && outcomes[1] > 20, "it was dropped before and after: {outcomes:?}");
}

/// Sealing that fails, at whatever step, leaves the log as it is, and is done later.
#[test]
fn sealing_that_fails_loses_nothing() {
    for call in [Call::Seal, Call::Purge] {
        for moment in [Moment::Before, Moment::After] {
            let world = World::new(8);
            world.host.run(async {
                let faults = Faults::new();
                let store = world.open(&faults).await;
                for round in 0..6 {
                    faults.fail(call, round % 3, moment, if round % 2 == 0 { aborted() } else { full() });
                    for number in round * 30..round * 30 + 30 {
                        append(&store, number).await.unwrap();
                    }
                    assert_eq!(numbers_in(&store).await, (0..round * 30 + 30).collect::<Vec<_>>());
                }
                assert!(faults.happened() > 2, "{call:?} failed {} times", faults.happened());
                world.assert_log(&(0..180).collect::<Vec<_>>()).await;
                assert!(store.stats().await.unwrap().segments > 3);
                assert_eq!(store.verify().await.unwrap().problems, []);
            });
        }
    }
}

/// Opening that fails leaves nothing behind, and works the next time.
#[test]
fn opening_that_fails_can_be_tried_again() {
    for call in [Call::Meta, Call::Entries, Call::Indexes] {
        for moment in [Moment::Before, Moment::After] {
            let world = World::new(9);
            world.host.run(async {
                let first = world.open_well().await;
                for number in 0..60 {
                    append(&first, number).await.unwrap();
                }
                first.close().await;
                world.host.settle();
                let faults = Faults::new();
                faults.fail(call, 0, moment, aborted());
                let failed = EventStore::open(world.storage(&faults), OpenOptions::default()).await.unwrap_err();
                assert_eq!(failed, aborted());
                assert_eq!(numbers_in(&world.open(&faults).await).await.len(), 60);
            });
        }
    }
}

/// A read that fails says so, and gives everything the next time. Callers who share a catch-up share its failure: none
/// of them is told that it has seen the news.
#[test]
fn reads_that_fail_are_never_told_as_done() {
    let world = World::new(10);
    world.host.run(async {
        let faults = Faults::new();
        faults.lose_nudges(true);
        faults.delay(10, 3);
        let stale = world.open(&faults).await;
        let other = world.open_well().await;
        for number in 0..40 {
            append(&other, number).await.unwrap();
        }
        for _ in 0..20 {
            let fresh = world.open(&faults).await;
            append(&other, numbers_in(&other).await.len() as u32).await.unwrap();
            let length = other.head().get();
            faults.fail(Call::Entries, 0, Moment::Before, aborted());
            faults.fail(Call::Entries, 0, Moment::After, aborted());
            for answer in join_all((0..8).map(|_| fresh.refresh())).await {
                match answer {
                    Ok(head) => assert_eq!(head.get(), length, "it was told that it has seen all"),
                    Err(error) => assert_eq!(error, aborted()),
                }
            }
            faults.heal();
            faults.lose_nudges(true);
        }
        faults.fail(Call::Payloads, 0, Moment::Before, aborted());
        assert!(stale.read_all(ReadOptions::default()).await.is_err());
        assert_eq!(numbers_in(&stale).await, numbers_in(&other).await);
    });
}

/// A follower that lost every nudge learns of news by looking for itself, or when an append of its own meets them.
#[test]
fn lost_nudges_delay_a_follower_and_no_more() {
    let host = SimHost::with_timers(11);
    let world = World { database: MemoryDatabase::on_host("nudges", host.clone()), host };
    world.host.run(async {
        let faults = Faults::new();
        faults.lose_nudges(true);
        let deaf = world.open(&faults).await;
        let other = world.open_well().await;
        let mut subscription = deaf.subscribe(From::Start, Query::everything()).await.unwrap();
        for number in 0..20 {
            append(&other, number).await.unwrap();
            assert_eq!(subscription.next().await.unwrap().json::<u32>().unwrap(), number);
        }
    });
}

/// An append that is refused may have met others' commits in its transaction. Those who wait for them must be woken,
/// for the nudge that comes later finds the head where it is.
#[test]
fn a_refused_append_wakes_the_followers_of_its_handle() {
    let world = World::new(12);
    world.host.run(async {
        let faults = Faults::new();
        faults.lose_nudges(true);
        let store = world.open(&faults).await;
        let other = world.open_well().await;
        append(&store, 0).await.unwrap();
        let mut subscription = store.subscribe(From::End, Query::everything()).await.unwrap();
        // In a task of its own: nothing else wakes it.
        let (sender, next) = futures_channel::oneshot::channel();
        let follower = async move { sender.send(subscription.next().await).unwrap() };
        world.host.spawn(Box::pin(follower));
        world.host.settle();
        append(&other, 1).await.unwrap();
        let refused = store.append(stream(1), ExpectedVersion::NoStream, vec![event(2)]).await;
        assert_eq!(refused.unwrap_err().code(), "wrong-expected-version");
        assert_eq!(next.await.unwrap().unwrap().json::<u32>().unwrap(), 1);
    });
}

/// A tab that dies takes nothing with it: what it was told is stored is stored, every commit is whole, and the others
/// go on.
#[test]
fn a_tab_killed_in_the_middle_of_appends() {
    for seed in 0..60 {
        let world = World::new(seed);
        let faults = Faults::new();
        faults.delay(seed, 3);
        let acknowledged = RefCell::new(Vec::new());
        world.host.run(async {
            let dying = world.open(&faults).await;
            let other = world.open_well().await;
            // It appends pairs until it dies; the last one is in flight then.
            let appends = async {
                for pair in 0_u32.. {
                    let events = vec![event(pair * 2), event(pair * 2 + 1)];
                    let result = dying.append(stream(1), ExpectedVersion::exact(u64::from(pair) * 2), events).await;
                    acknowledged.borrow_mut().push((pair, result.unwrap()));
                }
            };
            let death = async {
                for number in 0..20 + seed as u32 {
                    other.append(stream(2), ExpectedVersion::Any, vec![event(10_000 + number)]).await.unwrap();
                }
                faults.kill();
            };
            futures_util::future::select(Box::pin(appends), Box::pin(death)).await;
            for number in 0..60 {
                other.append(stream(2), ExpectedVersion::Any, vec![event(20_000 + number)]).await.unwrap();
            }
            assert_eq!(other.verify().await.unwrap().problems, []);
        });
        world.host.run(async {
            let stored = numbers_in(&world.open_well().await).await;
            for (pair, result) in acknowledged.borrow().iter() {
                let row = result.first_position.get() as usize - 1;
                assert_eq!(stored[row..row + 2], [pair * 2, pair * 2 + 1], "what was acknowledged is there");
            }
            let of_dead: Vec<u32> = stored.iter().copied().filter(|number| *number < 10_000).collect();
            assert_eq!(of_dead, (0..of_dead.len() as u32).collect::<Vec<_>>());
            assert!(of_dead.len().is_multiple_of(2), "no commit is there in half");
            assert!(of_dead.len() / 2 - acknowledged.borrow().len() <= 1, "only the last one was in flight");
        });
    }
}

/// What a bulk that never ended has written is removed once it is old enough that no bulk can be that slow.
#[test]
fn leftovers_of_a_dead_bulk_are_removed_in_the_end() {
    let world = World::new(13);
    let segments = || world.database.records(Table::Payload).len();
    world.host.run(async {
        let faults = Faults::new();
        let dying = world.open(&faults).await;
        for number in 0..40 {
            append(&dying, number).await.unwrap();
        }
        let mut bulk = dying.bulk().await.unwrap();
        for number in 100..200 {
            bulk.push(&stream(1), &event(number)).await.unwrap();
        }
        faults.kill();
        drop(bulk);
    });
    world.host.settle();
    let with_leftovers = segments();
    for (hours, is_removed) in [(1, false), (20, false), (30, true)] {
        world.host.advance(hours * 3_600 * 1_000_000);
        world.host.run(async { world.assert_log(&(0..40).collect::<Vec<_>>()).await });
        world.host.settle();
        assert_eq!(segments() < with_leftovers, is_removed, "after {hours} more hours");
    }
    world.host.run(async { world.assert_log(&(0..40).collect::<Vec<_>>()).await });
}

/// As many segments within one second as would meet by chance if their keys were drawn one by one.
#[test]
fn no_two_segments_of_a_handle_have_one_key() {
    let world = World::new(15);
    world.host.run(async {
        let options = OpenOptions::default().segment_bytes(1);
        let store = EventStore::open(world.database.open(), options).await.unwrap();
        let mut bulk = store.bulk().await.unwrap();
        for number in 0..10_000 {
            bulk.push(&stream(number % 10), &event(number)).await.unwrap();
        }
        assert_eq!(bulk.finish().await.unwrap().events, 10_000);
        assert_eq!(world.database.records(Table::Index).len(), 10_000);
    });
}

#[test]
fn a_storage_that_is_closed_says_so() {
    let world = World::new(14);
    world.host.run(async {
        let faults = Faults::new();
        let store = world.open(&faults).await;
        append(&store, 0).await.unwrap();
        let closed = StorageError::Closed { because: ClosedBecause::ConnectionLost };
        faults.fail(Call::Append, 0, Moment::Before, closed.clone());
        assert_eq!(append(&store, 1).await, Err(AppendError::Storage(closed)));
        world.assert_log(&[0]).await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 100, ..ProptestConfig::default() })]

    /// Three handles append, each its own numbers in order and each trying again until it is told that a number is stored,
    /// while any call of any of them may fail before or after its effect. In the end every number is there once, each
    /// handle's in order, and nothing is damaged.
    #[test]
    fn writers_who_try_again_lose_and_repeat_nothing(seed: u64, failures in prop::collection::vec((0..11_usize, 0..40_u32, any::<bool>()), 0..60)) {
        const WRITERS: u32 = 3;
        const EACH: u32 = 40;
        let world = World::new(seed);
        world.host.run(async {
            let write = async |writer: u32| {
                let faults = Faults::new();
                faults.delay(seed ^ u64::from(writer), 3);
                let store = world.open(&faults).await;
                for (number, (call, skip, is_before)) in failures.iter().enumerate() {
                    if number as u32 % WRITERS == writer {
                        let moment = if *is_before { Moment::Before } else { Moment::After };
                        faults.fail(Call::ALL[*call], *skip, moment, aborted());
                    }
                }
                for number in writer * 1_000..writer * 1_000 + EACH {
                    loop {
                        match store.append(stream(number % 4), ExpectedVersion::Any, vec![event(number)]).await {
                            Ok(_) => break,
                            Err(error) => assert_eq!(error, AppendError::Storage(aborted())),
                        }
                    }
                }
            };
            futures_util::join!(write(0), write(1), write(2));
        });
        world.host.settle();
        world.host.run(async {
            let stored = numbers_in(&world.open_well().await).await;
            assert_eq!(stored.len() as u32, WRITERS * EACH);
            for writer in 0..WRITERS {
                let first = writer * 1_000;
                let of_writer: Vec<u32> =
                    stored.iter().copied().filter(|number| (first..first + EACH).contains(number)).collect();
                assert_eq!(of_writer, (first..first + EACH).collect::<Vec<_>>());
            }
            world.assert_log(&stored).await;
        });
    }
}
