//! Projections as text, as an application in Rust asks them.

use leftfold_core::js::script::{ScriptScan, ScriptTimeline};
use leftfold_core::{
    CancelToken, Cursor, EventStore, ExpectedVersion, NewEvent, OpenOptions, Position, StreamName, TimelineError,
    indexed_db,
};
use leftfold_tests::fresh_name;
use wasm_bindgen_test::wasm_bindgen_test;

const TEXT: &str = "fromCategory('cart').foreachStream().when({
  $init: () => ({ units: 0 }),
  ItemAdded(state, event) {
    log('added', event.data.units)
    emit('totals', 'Counted', { units: event.data.units })
    linkTo('linked', event)
    state.units += event.data.units
    if (event.data.breaks) event.data.none.such
  },
}).filterBy((state) => state.units > 1).transformBy((state) => ({ doubled: state.units * 2 }))";

fn added(data: &str) -> NewEvent {
    NewEvent::json_text("ItemAdded", data.to_owned()).unwrap()
}

/// Two carts, and events that are left out, each for another reason.
async fn carts(name: &str) -> EventStore {
    let store = EventStore::open(indexed_db::open(name).await.unwrap(), OpenOptions::default()).await.unwrap();
    let events = [
        ("cart-1", added(r#"{"units":1}"#)),
        ("cart-1", NewEvent::json_text("ItemRemoved", "null").unwrap()),
        ("other-1", added(r#"{"units":7}"#)),
        ("cart-1", NewEvent::bytes("ItemAdded", "image/png", vec![1, 2]).unwrap()),
        ("cart-2", added(r#"{"units":5}"#)),
        ("cart-1", added(r#"{"units":3}"#)),
    ];
    for (stream, event) in events {
        append(&store, stream, event).await;
    }
    store
}

async fn append(store: &EventStore, stream: &str, event: NewEvent) {
    store.append(StreamName::new(stream).unwrap(), ExpectedVersion::Any, vec![event]).await.unwrap();
}

async fn end(store: EventStore, name: &str) {
    store.close().await;
    indexed_db::delete(name).await.unwrap();
}

fn at(position: u64) -> Position {
    Position::new(position)
}

#[wasm_bindgen_test]
async fn a_step_says_what_an_event_did_or_why_it_was_left_out() {
    let name = fresh_name();
    let store = carts(&name).await;
    append(&store, "cart-1", added(r#"{"units":2,"breaks":true}"#)).await;
    let timeline = ScriptTimeline::start(store.clone(), TEXT).await.unwrap();
    assert!(timeline.outline().is_partitioned && timeline.outline().has_result);

    let step = timeline.explain(at(6)).await.unwrap();
    assert_eq!((step.skipped, step.fault, step.partition.as_str()), (None, None, "cart-1"));
    let states = [&step.before, &step.after, &step.result].map(|state| state.as_deref().unwrap());
    assert_eq!(states, [r#"{"units":1}"#, r#"{"units":4}"#, r#"{"doubled":8}"#]);
    assert_eq!(step.logs, ["added 3"]);
    assert_eq!(step.emitted.len(), 2);
    assert!(step.emitted[0].contains(r#""kind":"emit""#) && step.emitted[0].contains(r#"{"units":3}"#));
    assert!(step.emitted[1].contains(r#""stream":"linked""#) && step.emitted[1].contains(r#""sequenceNumber":3"#));

    let first = timeline.explain(at(1)).await.unwrap();
    assert_eq!(
        (first.before, first.after.as_deref(), first.result.as_deref()),
        (None, Some(r#"{"units":1}"#), Some("null"))
    );

    for (position, reason) in [(2, "no handler"), (3, "other stream"), (4, "not JSON")] {
        let step = timeline.explain(at(position)).await.unwrap();
        assert_eq!((step.skipped.as_deref(), step.after), (Some(reason), None), "at {position}");
    }
    let failed = timeline.explain(at(7)).await.unwrap();
    let fault = failed.fault.unwrap();
    assert_eq!((fault.position, fault.line), (Some(at(7)), Some(8)));
    assert_eq!(failed.logs, ["added 2"]);

    let by =
        "fromAll().partitionBy((event) => event.data.units > 2 ? 'many' : undefined).when({ ItemAdded: (s) => s })";
    let partitioned = ScriptTimeline::start(store.clone(), by).await.unwrap();
    assert_eq!(partitioned.explain(at(1)).await.unwrap().skipped.as_deref(), Some("no partition"));
    assert_eq!(partitioned.explain(at(6)).await.unwrap().partition, "many");
    end(store, &name).await;
}

#[wasm_bindgen_test]
async fn results_are_told_for_every_position_and_clock_and_chance_that_were_asked_for() {
    let name = fresh_name();
    let store = carts(&name).await;
    let timeline = ScriptTimeline::start(store.clone(), TEXT).await.unwrap();
    let mut results = Vec::new();
    for (position, partition) in [(1, "cart-1"), (6, "cart-1"), (5, "cart-2"), (4, "cart-2")] {
        results.push(timeline.result_at(Cursor::Position(at(position)), partition).await.unwrap());
    }
    let results: Vec<_> = results.iter().map(Option::as_deref).collect();
    assert_eq!(results, [Some("null"), Some(r#"{"doubled":8}"#), Some(r#"{"doubled":10}"#), None]);
    assert_eq!(timeline.partitions_at(Cursor::Head).await.unwrap(), ["cart-1", "cart-2"]);
    assert_eq!(timeline.asked_for(), (false, false));
    for (source, asked_for) in [("Date.now()", (true, false)), ("Math.random()", (false, true))] {
        let text = format!("fromAll().when({{ $any: () => ({{ it: {source} }}) }})");
        let asking = ScriptTimeline::start(store.clone(), &text).await.unwrap();
        asking.state_at(Cursor::Head, "").await.unwrap();
        assert_eq!(asking.asked_for(), asked_for, "{source}");
    }
    end(store, &name).await;
}

#[wasm_bindgen_test]
async fn a_scan_finds_every_hit_goes_on_with_the_log_and_says_what_is_wrong_with_its_expression() {
    let name = fresh_name();
    let store = carts(&name).await;
    let scanned = async |scan: &mut ScriptScan| {
        let mut hits = Vec::new();
        while let Some(found) = scan.next_page().await.unwrap() {
            hits.extend(found.into_iter().map(Position::get));
        }
        hits
    };
    let mut scan = ScriptScan::start(store.clone(), TEXT, "state.units > 3 && event.data.units < 9").await.unwrap();
    assert_eq!(scanned(&mut scan).await, [5, 6]);
    append(&store, "cart-2", added(r#"{"units":1}"#)).await;
    append(&store, "cart-3", added(r#"{"units":1}"#)).await;
    assert_eq!((scanned(&mut scan).await, scan.scanned_to()), (vec![7], at(8)));
    assert!(ScriptScan::start(store.clone(), TEXT, "state.units >").await.is_err());
    let mut throws = ScriptScan::start(store.clone(), TEXT, "event.data.none.such").await.unwrap();
    let failed = throws.next_page().await.unwrap_err();
    assert!(matches!(failed, TimelineError::Fold { position, .. } if position == at(1)), "{failed}");
    end(store, &name).await;
}

/// Texts that all events pass alike are scanned by a loop of their own.
#[wasm_bindgen_test]
async fn an_expression_sees_all_of_an_event_and_its_state_and_changes_neither() {
    let name = fresh_name();
    let store = carts(&name).await;
    let alike = "fromAll().when({ $any(s, e) { s.events = (s.events ?? 0) + 1; s.last = e.data } })";
    let apart =
        "fromAll().partitionBy(() => 'all').when({ $any(s, e) { s.events = (s.events ?? 0) + 1; s.last = e.data } })";
    for (text, partition) in [(alike, ""), (apart, "all")] {
        let members = format!(
            "event.position === 5 && state.events === 4 && event.streamId === 'cart-2' && event.category === 'cart' \
             && event.eventType === 'ItemAdded' && event.sequenceNumber === 0 && event.eventNumber === 0 && event.isJson \
             && event.data.units === state.last.units && event.body === event.data && JSON.parse(event.bodyRaw).units > 0 \
             && event.created.endsWith('Z') && event.partition === '{partition}' && event.eventId.length === 36 \
             && event.none === undefined && JSON.parse(JSON.stringify(event)).position === 5"
        );
        let mut scan = ScriptScan::start(store.clone(), text, &members).await.unwrap();
        let mut hits = Vec::new();
        while let Some(found) = scan.next_page().await.unwrap() {
            hits.extend(found);
        }
        assert_eq!(hits, [at(5)], "{text}");
        for change in [
            "event.extra = 1",
            "event.eventType = 'x'",
            "event.data.units = 9",
            "state.events = 9",
            "delete state.events",
        ] {
            let mut scan = ScriptScan::start(store.clone(), text, change).await.unwrap();
            let failed = scan.next_page().await.unwrap_err();
            assert!(matches!(failed, TimelineError::Fold { position, .. } if position == at(1)), "{failed}");
            assert!(failed.to_string().contains("cannot change them"), "{change}: {failed}");
        }
    }
    end(store, &name).await;
}

/// It looks at a page at a time: what is found before an event that fails is not lost with its page.
#[wasm_bindgen_test]
async fn a_scan_finds_what_lies_before_an_event_that_fails_or_does_not_end() {
    let name = fresh_name();
    let store = carts(&name).await;
    let endless = "(() => { while (event.data.units === 3) {} return true })()";
    for expression in ["event.data.units === 3 ? event.data.none.such : true", endless] {
        let mut scan = ScriptScan::start(store.clone(), TEXT, expression).await.unwrap();
        let mut hits = Vec::new();
        let failed = loop {
            match scan.next_page().await {
                Ok(found) => hits.extend(found.unwrap().into_iter().map(Position::get)),
                Err(error) => break error,
            }
        };
        assert!(matches!(failed, TimelineError::Fold { position, .. } if position == at(6)), "{failed}");
        assert_eq!((hits, scan.next_page().await.unwrap_err().to_string()), (vec![1, 5], failed.to_string()));
    }
    end(store, &name).await;
}

#[wasm_bindgen_test]
async fn a_step_that_does_not_end_is_told_with_its_event_and_not_tried_again() {
    let name = fresh_name();
    let store = carts(&name).await;
    let texts = [
        "fromAll().when({ ItemAdded(s, e) { log('began'); s.n = e.position; while (e.position === 5) {} } })",
        "fromAll().when({ ItemAdded: (s, e) => ({ n: e.position, get it() { while (e.position === 5) {} return 1 } }) })",
        "fromAll().when({ ItemAdded(s, e) { s.n = e.position } }).transformBy((s) => { while (s.n === 5) {} return s })",
        "fromAll().partitionBy((e) => { while (e.position === 5) {} return 'a' }).when({ ItemAdded(s, e) { s.n = e.position } })",
    ];
    for (number, text) in texts.into_iter().enumerate() {
        let timeline = ScriptTimeline::start(store.clone(), text).await.unwrap();
        for _ in 0..2 {
            let fault = timeline.explain(at(5)).await.unwrap().fault.unwrap();
            assert!(fault.is_endless && fault.position == Some(at(5)), "{number}: {fault:?}");
        }
        let before = timeline.state_at(Cursor::Position(at(3)), if number == 3 { "a" } else { "" }).await.unwrap();
        assert!(before.is_some_and(|state| state.contains(r#""n":3"#)), "{number}");
    }
    end(store, &name).await;
}

/// Nobody looks at what is logged and emitted when the log is folded: then it fails nothing, and here it must not, either.
#[wasm_bindgen_test]
async fn a_step_is_what_the_fold_does_whatever_is_told_and_whatever_its_state_is() {
    let name = fresh_name();
    let store = carts(&name).await;
    let text = "fromAll().when({ $init: () => ({ known: {}, same: {} }), ItemAdded(s, e) {
      log(1n, Symbol.iterator, undefined, { n: 1n }); emit('totals', 'Counted', { n: 1n })
      s.known['at' + e.position] = undefined
      s.count = Object.keys(s.known).length
      s.other ??= s.same
      s.other.n = e.position
    } })";
    let timeline = ScriptTimeline::start(store.clone(), text).await.unwrap();
    let step = timeline.explain(at(6)).await.unwrap();
    let head = timeline.state_at(Cursor::Head, "").await.unwrap();
    assert_eq!((step.fault, &step.after), (None, &head));
    assert_eq!(head.as_deref(), Some(r#"{"known":{},"same":{"n":6},"count":4,"other":{"n":6}}"#));
    assert_eq!(step.logs, ["1 Symbol(Symbol.iterator) undefined [object Object]"]);
    assert_eq!(step.emitted.len(), 1);
    end(store, &name).await;
}

#[wasm_bindgen_test]
async fn what_is_left_out_of_the_batches_changes_no_state_and_no_hit() {
    const LENGTH: u64 = 30_000;
    let name = fresh_name();
    let options = OpenOptions::default().segment_bytes(64 * 1024).cache_bytes(0);
    let store = EventStore::open(indexed_db::open(&name).await.unwrap(), options).await.unwrap();
    let is_binary = |position: u64| (20_000..21_000).contains(&position) && position.is_multiple_of(3);
    let mut bulk = store.bulk().await.unwrap();
    for position in 1..=LENGTH {
        let event = if is_binary(position) {
            NewEvent::bytes("ItemAdded", "image/png", vec![1, 2]).unwrap()
        } else {
            added(&format!(r#"{{"units":{position}}}"#))
        };
        bulk.push(&StreamName::new(&format!("cart-{}", position % 7)).unwrap(), &event).await.unwrap();
    }
    bulk.finish().await.unwrap();
    append(&store, "cart-1", added(r#"{"units":0}"#)).await;

    let counting = "fromAll().foreachStream().when({
      $init: () => ({ items: 0, last: 0 }),
      ItemAdded(state, event) { state.items += 1; state.last = event.sequenceNumber },
    })";
    let counted = |at: u64, cart: u64| {
        let all = (1..=at).filter(|position| position % 7 == cart);
        let items = all.clone().filter(|position| !is_binary(*position)).count();
        let last = all.enumerate().filter(|(_, position)| !is_binary(*position)).map(|(number, _)| number).last();
        format!(r#"{{"items":{items},"last":{}}}"#, last.unwrap())
    };
    // The second one is told of no payload that the first one has not seen.
    for _ in 0..2 {
        let timeline = ScriptTimeline::start(store.clone(), counting).await.unwrap();
        timeline.build(|_| (), &CancelToken::new()).await.unwrap();
        for (position, cart) in [(LENGTH, 3), (20_500, 2), (20_001, 2), (19_998, 6), (8_000, 0), (22_222, 4)] {
            let state = timeline.state_at(Cursor::Position(at(position)), &format!("cart-{cart}")).await.unwrap();
            assert_eq!(state.unwrap(), counted(position, cart), "at {position}");
        }
        let carts = timeline.partitions_at(Cursor::Position(at(4))).await.unwrap();
        assert_eq!(carts, ["cart-1", "cart-2", "cart-3", "cart-4"]);
    }

    let seldom = "state.items === 3000 && (() => { try { return event.data.units > 0 } catch { return true } })()";
    let mut scan = ScriptScan::start(store.clone(), counting, seldom).await.unwrap();
    let mut hits = Vec::new();
    while let Some(found) = scan.next_page().await.unwrap() {
        hits.extend(found.into_iter().map(Position::get));
    }
    let expected: Vec<u64> =
        (0..7).map(|cart| (1..=LENGTH).filter(|at| at % 7 == cart && !is_binary(*at)).nth(2_999).unwrap()).collect();
    hits.sort_unstable();
    let mut wanted = expected;
    wanted.sort_unstable();
    assert_eq!((hits, scan.scanned_to()), (wanted, at(LENGTH + 1)));
    end(store, &name).await;
}
