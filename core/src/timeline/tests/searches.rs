//! Provenance and history breakpoints against brute force.

use super::*;
use crate::engine::{CancelToken, Direction};
use crate::timeline::{Cursor, FindOptions, TimelineError};

const POINTERS: [&str; 9] =
    ["", "/total", "/by_type", "/by_type/Deposited", "/last", "/recent", "/recent/0", "/recent/1", "/recent/1/x"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn provenance_is_the_last_change(
        events in log(),
        accounts in accounts(),
        options in options(),
        places in vec(0..70_u64, 1..6),
    ) {
        let timeline = Timeline::new(filled(&events), accounts.clone(), options);
        for partition in partitions_of(accounts.by) {
            let history = history(timeline.store(), &accounts, partition);
            let value = |at: u64, pointer: &str| {
                let state = state_in(&history, partition, at)?;
                serde_json::to_value(state).unwrap().pointer(pointer).cloned()
            };
            for (at, pointer) in places.iter().flat_map(|at| POINTERS.map(|pointer| (*at, pointer))) {
                let changed = |at: &u64| value(*at, pointer) != value(at - 1, pointer);
                let expected = (1..=at.min(events.len() as u64)).rev().find(changed);
                let found = block_on(timeline.provenance(pointer, Position::new(at).into(), partition)).unwrap();
                let found = found.map(|event| event.position().get());
                prop_assert_eq!(found, expected, "{} at {} in {:?}", pointer, at, partition);
            }
        }
    }

    #[test]
    fn the_first_is_found(
        events in log(),
        accounts in accounts(),
        options in options(),
        from in proptest::option::of(0..75_u64),
        is_backwards in any::<bool>(),
        wanted in -3..4_i64,
        is_built in any::<bool>(),
    ) {
        let timeline = Timeline::new(filled(&events), accounts.clone(), options);
        if is_built {
            block_on(timeline.build(|_| (), &CancelToken::new())).unwrap();
        }
        let holds = |state: &Account, event: &RecordedEvent| {
            state.total == wanted && event.event_type().as_str() != "Corrected"
        };
        for partition in partitions_of(accounts.by) {
            let history = history(timeline.store(), &accounts, partition);
            let fits = |(event, state): &&(RecordedEvent, Account)| {
                let at = event.position().get();
                let is_in = if is_backwards { from.is_none_or(|from| at <= from) } else { from.is_none_or(|from| at >= from) };
                is_in && holds(state, event)
            };
            let expected = if is_backwards { history.iter().rfind(fits) } else { history.iter().find(fits) };
            let options = FindOptions {
                from: from.map(Position::new),
                direction: if is_backwards { Direction::Backwards } else { Direction::Forwards },
                partition: partition.to_owned(),
            };
            let found = block_on(timeline.find_first(holds, &options, &CancelToken::new())).unwrap();
            prop_assert_eq!(found, expected.map(|(event, _)| event.position()));
        }
    }
}

fn deposits(events: usize, fold_bound: usize) -> Timeline<Accounts> {
    let accounts = Accounts { by: By::Nothing, query: Query::everything(), fails_at: None };
    Timeline::new(filled(&vec![(0, 0, 1, 0); events]), accounts, TimelineOptions::default().fold_bound(fold_bound))
}

#[test]
fn a_search_stops_when_it_is_cancelled() {
    for direction in [Direction::Forwards, Direction::Backwards] {
        let timeline = deposits(100, 10);
        let (cancel, mut asked) = (CancelToken::new(), 0);
        let predicate = |_: &Account, _: &RecordedEvent| {
            asked += 1;
            if asked == 20 {
                cancel.cancel();
            }
            false
        };
        let options = FindOptions { direction, ..FindOptions::default() };
        let stopped = block_on(timeline.find_first(predicate, &options, &cancel)).unwrap_err();
        assert_eq!(stopped, TimelineError::Aborted);
        assert!(asked < 50, "{asked}");
        let state = block_on(timeline.state_at(Cursor::Head, "")).unwrap().unwrap();
        assert_eq!(state.total, 100, "the timeline is as good as before");
    }
}

#[test]
fn a_search_folds_no_further_than_it_needs() {
    let events: Vec<_> = (0..10_000).map(|_| NewEvent::json("Deposited", &1).unwrap()).collect();
    let store = store();
    block_on(store.append(StreamName::new("account-a").unwrap(), ExpectedVersion::Any, events)).unwrap();
    let accounts = Accounts { by: By::Nothing, query: Query::everything(), fails_at: None };
    let timeline = Timeline::new(store, accounts, TimelineOptions::default());
    let (options, cancel) = (FindOptions::default(), CancelToken::new());
    let found = block_on(timeline.find_first(|state, _| state.total == 70, &options, &cancel)).unwrap();
    assert_eq!(found, Some(Position::new(70)));
    assert!(timeline.stats().folded_to < Position::new(10_000));
}

#[test]
fn a_text_that_is_no_pointer_is_refused() {
    let timeline = deposits(3, 10);
    for text in ["total", "/to~tal", "/total~", "/~2"] {
        let refused = block_on(timeline.provenance(text, Cursor::Head, "")).unwrap_err();
        assert_eq!(refused.code(), "invalid-input", "{refused}");
        assert!(refused.to_string().contains(text), "{refused}");
    }
}
