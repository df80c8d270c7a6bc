use futures_executor::block_on;
use leftfold_core::{EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, StreamName};
use proptest::prelude::*;

use super::*;

/// An event of a made-up log: whose effect it is and which correlation it has, both by number, and how long its payload is.
type Drawn = (Option<usize>, Option<u8>, usize);

fn recorded(drawn: &[Drawn]) -> Vec<RecordedEvent> {
    block_on(async {
        let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await.expect("a store");
        let stream = StreamName::new("drawn").expect("a name");
        let mut ids: Vec<EventId> = Vec::new();
        for (cause, correlation, length) in drawn {
            let cause = cause.and_then(|number| ids.get(number)).map(ToString::to_string);
            let metadata =
                serde_json::json!({ "causationId": cause, "correlationId": correlation.map(|id| id.to_string()) });
            let event = NewEvent::json("Drawn", &"x".repeat(*length)).and_then(|event| event.with_metadata(&metadata));
            let event = event.expect("an event");
            store.append(stream.clone(), ExpectedVersion::Any, vec![event]).await.expect("stored");
            let head = store.head();
            ids.push(store.with_log(|log| log.row(head)).expect("a row").id);
        }
        let all: Vec<Position> = (1..=drawn.len() as u64).map(Position::new).collect();
        store.events_at(&all).await.expect("read")
    })
}

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let event = (prop::option::of(0..12_usize), prop::option::of(0..3_u8), 0..80_usize);
    proptest::collection::vec(event, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn kin_are_those_that_a_walk_over_everything_finds(drawn in drawn(), order in any::<prop::sample::Index>(), payloads in 1..30_usize, bytes in 1..4_000_usize) {
        let events = recorded(&drawn);
        let mut cache = PayloadCache::new(Limits { payloads, bytes });
        let first = order.index(events.len());
        for event in events.iter().cycle().skip(first).take(events.len()) {
            cache.keep(event.clone());
            let last = event.position();
            cache.forget_oldest(|at| at == last);
            let sizes = cache.kept.values().map(|(_, payload)| payload.bytes()).sum::<usize>();
            prop_assert_eq!(sizes, cache.bytes);
            prop_assert!(cache.kept.len() <= payloads);
            prop_assert!(cache.bytes <= bytes || cache.kept.len() == 1);
            prop_assert!(cache.has(last), "what is in view stays, however large it is");
        }
        let here: Vec<Rc<Payload>> = events.iter().filter_map(|event| cache.get(event.position())).collect();
        for payload in &here {
            let found = cache.kindred(payload);
            let positions = |is: &dyn Fn(&Payload) -> bool| {
                here.iter().filter(|other| is(other)).map(|other| other.event.position()).collect::<Vec<_>>()
            };
            let id = |payload: &Payload| payload.event.id().to_string();
            prop_assert_eq!(found.cause.into_iter().collect::<Vec<_>>(), positions(&|other| payload.causation.as_ref() == Some(&id(other))));
            prop_assert_eq!(found.effects, positions(&|other| other.causation.as_ref() == Some(&id(payload))));
            let same = positions(&|other| payload.correlation.is_some() && other.correlation == payload.correlation);
            prop_assert_eq!(found.same, same);
        }
    }
}

#[test]
fn what_was_used_last_stays() {
    let events = recorded(&[(None, None, 1), (None, None, 1), (None, None, 1), (None, None, 1), (None, None, 1)]);
    let mut cache = PayloadCache::new(Limits { payloads: 4, bytes: usize::MAX });
    for event in &events[..4] {
        cache.keep(event.clone());
    }
    assert!(cache.get(Position::new(1)).is_some());
    cache.keep(events[4].clone());
    cache.forget_oldest(|_| false);
    let here: Vec<u64> = (1..=5).filter(|at| cache.has(Position::new(*at))).collect();
    assert_eq!(here, [1, 4, 5]);
}
