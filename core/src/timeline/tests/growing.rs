//! Logs that grow, builds that are watched and stopped, followers.

use futures_util::stream::StreamExt;
use futures_util::task::noop_waker_ref;
use std::pin::pin;
use std::task::{Context, Poll};

use super::*;
use crate::engine::CancelToken;
use crate::timeline::{Cursor, TimelineError};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn later_events_of_any_handle_extend_the_timeline(
        rounds in vec((vec(drawn(), 0..25), any::<bool>(), 0..60_u64), 1..5),
        accounts in accounts(),
        options in options(),
    ) {
        let database = MemoryDatabase::new();
        let (here, there) = (open(&database, 300), open(&database, 300));
        let timeline = Timeline::new(here.clone(), accounts.clone(), options);
        for (events, is_here, at) in rounds {
            let writer = if is_here { &here } else { &there };
            block_on(writer.refresh()).unwrap();
            append(writer, &events);
            for partition in partitions_of(accounts.by) {
                let history = history(&there, &accounts, partition);
                let found = block_on(timeline.state_at(Position::new(at).into(), partition)).unwrap();
                prop_assert_eq!(found, state_in(&history, partition, at));
                let found = block_on(timeline.state_at(Cursor::Head, partition)).unwrap();
                prop_assert_eq!(found, state_in(&history, partition, u64::MAX));
            }
        }
        check_all(&timeline);
    }

    #[test]
    fn a_timeline_that_was_built_answers_like_one_that_was_not(events in log(), accounts in accounts(), options in options()) {
        let timeline = Timeline::new(filled(&events), accounts, options);
        let mut seen = Vec::new();
        block_on(timeline.build(|progress| seen.push(progress), &CancelToken::new())).unwrap();
        let head = Position::new(events.len() as u64);
        prop_assert!(seen.iter().all(|progress| progress.head == head));
        prop_assert!(seen.is_sorted_by_key(|progress| progress.folded_to));
        prop_assert_eq!(seen.last().unwrap().folded_to, head);
        prop_assert_eq!(timeline.stats().folded_to, head);
        check_all(&timeline);
    }
}

#[test]
fn a_build_that_is_cancelled_keeps_what_it_folded() {
    let accounts = Accounts { by: By::Nothing, query: Query::everything(), fails_at: None };
    let store = store();
    let events: Vec<_> = (0..10_000).map(|_| NewEvent::json("Deposited", &1).unwrap()).collect();
    block_on(store.append(StreamName::new("account-a").unwrap(), ExpectedVersion::Any, events)).unwrap();
    let timeline = Timeline::new(store, accounts, TimelineOptions::default().fold_bound(100));
    let cancel = CancelToken::new();
    let stopped = block_on(timeline.build(|_| cancel.cancel(), &cancel)).unwrap_err();
    assert_eq!((stopped.clone(), stopped.code()), (TimelineError::Aborted, "aborted"));
    let folded_to = timeline.stats().folded_to;
    assert!(folded_to > Position::ZERO && folded_to < Position::new(10_000), "{folded_to}");
    assert_eq!(timeline.stats().keyframes as u64, folded_to.get() / timeline.stats().spacing as u64);
    let state = block_on(timeline.state_at(Cursor::Head, "")).unwrap().unwrap();
    assert_eq!(state.total, 10_000);
}

#[test]
fn a_follower_is_given_the_latest_state_alone() {
    let store = filled(&[(0, 0, 1, 0), (1, 0, 5, 0)]);
    let accounts = Accounts { by: By::Stream, query: Query::everything(), fails_at: None };
    let timeline = Timeline::new(store.clone(), accounts, TimelineOptions::default());
    let mut followed = pin!(timeline.follow("account-b"));
    let mut context = Context::from_waker(noop_waker_ref());
    let mut next = || match followed.poll_next_unpin(&mut context) {
        Poll::Ready(Some(item)) => {
            let (head, state) = item.unwrap();
            Some(Some((head.get(), state.map(|state| state.total))))
        }
        Poll::Ready(None) => None,
        Poll::Pending => Some(None),
    };
    assert_eq!(next(), Some(Some((2, Some(5)))));
    assert_eq!(next(), Some(None), "nothing new");
    append(&store, &[(1, 0, 2, 0), (0, 0, 1, 0), (1, 0, 2, 0)]);
    assert_eq!(next(), Some(Some((5, Some(9)))));
    assert_eq!(next(), Some(None));
    block_on(store.close());
    assert_eq!(next(), None, "it ends with the store");
}
