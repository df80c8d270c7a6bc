//! Projections that fail.

use super::*;
use crate::engine::{CancelToken, Direction};
use crate::timeline::{Cursor, FindOptions, TimelineError};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_timeline_answers_for_every_position_before_the_failure(
        events in vec(drawn(), 1..60),
        accounts in accounts(),
        options in options(),
        fails_at in 1..60_u64,
        first in vec(0..60_u64, 0..4),
    ) {
        let failing = Accounts { fails_at: Some(Position::new(fails_at)), ..accounts.clone() };
        let timeline = Timeline::new(filled(&events), failing, options);
        let partitions = partitions_of(accounts.by);
        // What the projection does not fold cannot fail it.
        let folded = partitions.iter().flat_map(|partition| history(timeline.store(), &accounts, partition));
        let fails = folded.map(|(event, _)| event.position().get()).any(|position| position == fails_at);
        let head = events.len() as u64;
        for at in first.into_iter().map(|at| at.min(head)).chain(0..=head).chain((0..=head).rev()) {
            for partition in &partitions {
                let found = block_on(timeline.state_at(Position::new(at).into(), partition));
                if fails && at >= fails_at {
                    let error = found.unwrap_err();
                    prop_assert_eq!(error.code(), "projection-failed");
                    let event_type = block_on(timeline.store().event(Position::new(fails_at))).unwrap().unwrap();
                    let event_type = event_type.event_type().clone();
                    let reason = "out of luck".to_owned();
                    prop_assert_eq!(error, TimelineError::Fold { position: Position::new(fails_at), event_type, reason });
                } else {
                    let history = history(timeline.store(), &accounts, partition);
                    prop_assert_eq!(found.unwrap(), state_in(&history, partition, at), "{} at {}", partition, at);
                }
            }
        }
        let built = block_on(timeline.build(|_| (), &CancelToken::new()));
        prop_assert_eq!(built.is_err(), fails);
        prop_assert_eq!(timeline.stats().folded_to.get(), if fails { fails_at - 1 } else { head });
        if fails {
            let names = block_on(timeline.partitions_at(Position::new(fails_at - 1).into())).unwrap();
            for name in names {
                let history = history(timeline.store(), &accounts, &name);
                prop_assert!(history[0].0.position().get() < fails_at);
            }
        }
    }
}

#[test]
fn a_search_finds_what_lies_before_the_failure() {
    let accounts = Accounts { by: By::Nothing, query: Query::everything(), fails_at: Some(Position::new(50)) };
    let timeline = Timeline::new(filled(&vec![(0, 0, 1, 0); 80]), accounts, TimelineOptions::default().fold_bound(10));
    let find = |wanted: i64, direction, from: u64| {
        let options = FindOptions { direction, from: Some(Position::new(from)), ..FindOptions::default() };
        block_on(timeline.find_first(|state, _| state.total == wanted, &options, &CancelToken::new()))
    };
    assert_eq!(find(49, Direction::Forwards, 1), Ok(Some(Position::new(49))));
    assert_eq!(find(50, Direction::Forwards, 1).unwrap_err().code(), "projection-failed");
    assert_eq!(find(3, Direction::Backwards, 49), Ok(Some(Position::new(3))));
    assert_eq!(find(3, Direction::Backwards, 50).unwrap_err().code(), "projection-failed");
    let wrote = block_on(timeline.provenance("/total", Position::new(49).into(), "")).unwrap().unwrap();
    assert_eq!(wrote.position(), Position::new(49));
    assert_eq!(block_on(timeline.diff(Cursor::Head, Cursor::Head, "")).unwrap_err().code(), "projection-failed");
}

#[test]
fn a_store_that_was_closed_is_named() {
    let accounts = Accounts { by: By::Nothing, query: Query::everything(), fails_at: None };
    let timeline = Timeline::new(filled(&[(0, 0, 1, 0)]), accounts, TimelineOptions::default());
    block_on(timeline.store().close());
    let refused = block_on(timeline.state_at(Cursor::Head, "")).unwrap_err();
    assert_eq!(refused.code(), "storage-closed");
}
