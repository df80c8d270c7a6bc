//! States, differences and partitions.

use super::*;
use crate::engine::CancelToken;
use crate::timeline::Cursor;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_state_is_the_fold_up_to_its_position(
        events in log(),
        accounts in accounts(),
        options in options(),
        segment_bytes in prop_oneof![Just(300_usize), Just(1 << 18)],
        first in vec(0..80_u64, 0..6),
    ) {
        let store = open(&MemoryDatabase::new(), segment_bytes);
        append(&store, &events);
        let timeline = Timeline::new(store, accounts.clone(), options);
        for at in first {
            for partition in partitions_of(accounts.by) {
                let expected = state_in(&history(timeline.store(), &accounts, partition), partition, at);
                prop_assert_eq!(block_on(timeline.state_at(Position::new(at).into(), partition)).unwrap(), expected);
            }
        }
        check_all(&timeline);
        let stats = timeline.stats();
        prop_assert!(stats.is_bound_kept == (stats.spacing <= options.fold_bound));
        if options.memory_bytes > 1 << 20 {
            prop_assert!(stats.is_bound_kept);
        } else {
            prop_assert!(stats.kept_bytes <= options.memory_bytes, "{:?}", stats);
        }
    }

    #[test]
    fn a_time_means_the_last_position_until_then(events in log(), accounts in accounts(), micros in 0..600_i64) {
        let store = filled(&events);
        let time = Timestamp::from_micros(micros * 1_000_000).unwrap();
        let at = store.with_log(|log| log.position_at(time));
        let timeline = Timeline::new(store, accounts.clone(), TimelineOptions::default().fold_bound(5));
        for partition in partitions_of(accounts.by) {
            let expected = state_in(&history(timeline.store(), &accounts, partition), partition, at.get());
            prop_assert_eq!(block_on(timeline.state_at(time.into(), partition)).unwrap(), expected);
        }
        prop_assert_eq!(block_on(timeline.position_of(Cursor::Time(time))).unwrap(), at);
    }

    #[test]
    fn a_difference_turns_one_state_into_the_other(
        events in log(),
        accounts in accounts(),
        options in options(),
        pairs in vec((0..70_u64, 0..70_u64), 1..8),
    ) {
        let timeline = Timeline::new(filled(&events), accounts.clone(), options);
        for (a, b) in pairs {
            for partition in partitions_of(accounts.by) {
                let history = history(timeline.store(), &accounts, partition);
                let json = |at| serde_json::to_value(state_in(&history, partition, at)).unwrap();
                let patch = block_on(timeline.diff(Position::new(a).into(), Position::new(b).into(), partition)).unwrap();
                let mut patched = json(a);
                json_patch::patch(&mut patched, &patch).unwrap();
                prop_assert_eq!(patched, json(b));
                prop_assert_eq!(patch.is_empty(), json(a) == json(b));
            }
        }
    }

    #[test]
    fn partitions_are_those_with_events(events in log(), accounts in accounts(), options in options()) {
        let timeline = Timeline::new(filled(&events), accounts.clone(), options);
        for at in (0..=head_of(timeline.store())).rev() {
            let mut expected: Vec<(Position, &str)> = Vec::new();
            for partition in partitions_of(accounts.by) {
                let history = history(timeline.store(), &accounts, partition);
                let first = history.first().map(|(event, _)| event.position());
                expected.extend(first.filter(|first| first.get() <= at).map(|first| (first, partition)));
            }
            expected.sort_unstable();
            let found = block_on(timeline.partitions_at(Position::new(at).into())).unwrap();
            let found: Vec<&str> = found.iter().map(|name| &**name).collect();
            prop_assert_eq!(found, expected.into_iter().map(|(_, name)| name).collect::<Vec<_>>());
        }
    }
}

/// A log of `events` deposits, all in one partition.
fn deposits(events: usize) -> EventStore {
    filled(&vec![(0, 0, 1, 0); events])
}

fn unnamed() -> Accounts {
    Accounts { by: By::Nothing, query: Query::everything(), fails_at: None }
}

#[test]
fn dragging_the_playhead_folds_a_handful() {
    // So many that keyframes stand no closer than the bound.
    let store = store();
    for _ in 0..3 {
        let events: Vec<_> = (0..10_000).map(|_| NewEvent::json("Deposited", &1).unwrap()).collect();
        block_on(store.append(StreamName::new("account-a").unwrap(), ExpectedVersion::Any, events)).unwrap();
    }
    let options = TimelineOptions::default().fold_bound(320).memory_bytes(64_000);
    let timeline = Timeline::new(store, unnamed(), options);
    block_on(timeline.build(|_| (), &CancelToken::new())).unwrap();
    assert_eq!((timeline.stats().spacing, timeline.stats().is_bound_kept), (320, true));
    let at = |position| block_on(timeline.state_at(Position::new(position).into(), "")).unwrap().unwrap().total;
    assert_eq!(at(630), 630);
    assert_eq!(timeline.last_seek().folds, 310, "the first seek folds from its keyframe");
    for position in (330..630).rev() {
        assert_eq!(at(position), position as i64);
        assert!(timeline.last_seek().folds < 16, "{:?} at {position}", timeline.last_seek());
    }
    for position in 331..630 {
        assert_eq!(at(position), position as i64);
        assert!(timeline.last_seek().folds <= 1, "{:?} at {position}", timeline.last_seek());
    }
}

#[test]
fn a_seek_folds_the_events_of_its_partition_alone() {
    let events: Vec<Drawn> = (0..1_000).map(|at| (u8::from(at % 200 == 0), 0, 1, 0)).collect();
    let accounts = Accounts { by: By::Stream, ..unnamed() };
    let timeline = Timeline::new(filled(&events), accounts, TimelineOptions::default());
    let state = block_on(timeline.state_at(Position::new(950).into(), "account-b")).unwrap().unwrap();
    assert_eq!((state.total, timeline.last_seek().folds), (5, 0), "it did not change since");
    block_on(timeline.build(|_| (), &CancelToken::new())).unwrap();
    let state = block_on(timeline.state_at(Position::new(750).into(), "account-b")).unwrap().unwrap();
    assert_eq!((state.total, timeline.last_seek().folds), (4, 4));
}

#[test]
fn a_timeline_without_memory_says_that_it_breaks_the_bound() {
    let options = TimelineOptions::default().fold_bound(10).memory_bytes(0);
    let timeline = Timeline::new(deposits(200), unnamed(), options);
    check_all(&timeline);
    let stats = timeline.stats();
    assert_eq!((stats.keyframes, stats.kept_bytes, stats.is_bound_kept), (0, 0, false));
    assert_eq!(stats.spacing, 320, "5, then the bound, then doubled at 10, 20, 40, 80 and 160 events");
}

#[test]
fn partitions_that_change_seldom_need_no_keyframes() {
    let events: Vec<Drawn> = (0..300).map(|at: u16| ((at % 3) as u8, 0, 1, 0)).collect();
    let accounts = Accounts { by: By::Stream, ..unnamed() };
    let options = TimelineOptions::default().fold_bound(101).memory_bytes(0);
    let timeline = Timeline::new(filled(&events), accounts, options);
    check_all(&timeline);
    let stats = timeline.stats();
    assert_eq!((stats.keyframes, stats.partitions, stats.is_bound_kept), (0, 3, true));
}

#[test]
fn keyframes_stand_closer_than_the_bound_where_there_is_room() {
    let timeline = Timeline::new(deposits(95), unnamed(), TimelineOptions::default().fold_bound(10));
    assert_eq!(timeline.stats().folded_to, Position::ZERO, "nothing is folded before it is asked for");
    block_on(timeline.state_at(Position::new(35).into(), "")).unwrap();
    let stats = timeline.stats();
    assert_eq!((stats.folded_to, stats.keyframes, stats.is_bound_kept), (Position::new(35), 7, true));
    block_on(timeline.state_at(Cursor::Head, "")).unwrap();
    assert_eq!((timeline.stats().folded_to, timeline.stats().keyframes), (Position::new(95), 19));
}

#[test]
fn where_there_is_little_room_keyframes_stand_at_the_bound() {
    // From 5 events to 10, and from there to 11: no keyframe before stands at a multiple of it.
    let options = TimelineOptions::default().fold_bound(11).memory_bytes(2_400);
    let timeline = Timeline::new(deposits(100), unnamed(), options);
    check_all(&timeline);
    let stats = timeline.stats();
    assert_eq!((stats.spacing, stats.is_bound_kept), (11, true), "{stats:?}");
}
