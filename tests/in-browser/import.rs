//! Imports into the IndexedDB of this browser: all of a file or nothing, once however often, and there after a reopening.

use std::cell::Cell;
use std::convert::Infallible;

use futures_util::stream;
use leftfold_core::formats::{CancelToken, ImportError, ImportOptions, ImportReport, ImportWatch, import};
use leftfold_core::{EventStore, OpenOptions, ReadOptions, RecordedEvent, indexed_db};
use leftfold_tests::fresh_name;
use wasm_bindgen_test::wasm_bindgen_test;

const EVENTS: usize = 5_000;

/// Small segments, so that the import stages many of them.
async fn open(name: &str) -> EventStore {
    let options = OpenOptions::default().segment_bytes(16 * 1024);
    EventStore::open(indexed_db::open(name).await.unwrap(), options).await.unwrap()
}

/// Orders, one after the other: the file goes back in time with every order.
fn file() -> String {
    let mut file = "order_id,event_type,occurred_at,note\n".to_owned();
    for n in 0..EVENTS {
        let (order, step) = (n / 5, n % 5);
        file += &format!("{order},Step{step},2026-03-14T09:00:{:02}.{order:03}Z,\"note {n}, and so on\"\n", step * 7);
    }
    file
}

async fn import_file(store: &EventStore, watch: ImportWatch<'_>) -> Result<ImportReport, ImportError> {
    let file = file();
    let source = stream::iter(file.as_bytes().chunks(10_000).map(Ok::<_, Infallible>));
    let options = ImportOptions { category: Some("order".to_owned()), ..ImportOptions::default() };
    import(store, source, &options, watch).await
}

async fn all(store: &EventStore) -> Vec<RecordedEvent> {
    store.read_all(ReadOptions::default()).await.unwrap()
}

#[wasm_bindgen_test]
async fn a_file_is_one_history_after_a_reopening_and_is_stored_once() {
    let name = fresh_name();
    let store = open(&name).await;
    let report = import_file(&store, ImportWatch::new()).await.unwrap();
    assert_eq!((report.events, report.streams, report.duplicates), (EVENTS as u64, EVENTS as u64 / 5, 0));
    store.close().await;

    let store = open(&name).await;
    let events = all(&store).await;
    assert_eq!(events.len(), EVENTS);
    assert!(events.windows(2).all(|pair| pair[0].time() <= pair[1].time()));
    for event in &events {
        assert_eq!(event.event_type().as_str(), format!("Step{}", event.version().get() - 1));
        let order: u64 = event.stream().as_str().strip_prefix("order-").unwrap().parse().unwrap();
        let note = format!("{{\"note\":\"note {}, and so on\"}}", order * 5 + event.version().get() - 1);
        assert_eq!(event.data(), note.as_bytes());
    }

    let again = import_file(&store, ImportWatch::new()).await.unwrap();
    assert_eq!((again.events, again.duplicates), (0, EVENTS as u64));
    assert_eq!(store.head().get(), EVENTS as u64);
    store.close().await;
    indexed_db::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_cancelled_import_leaves_nothing_and_the_next_one_stores_all() {
    let name = fresh_name();
    let store = open(&name).await;
    let (token, has_stored) = (CancelToken::new(), Cell::new(false));
    let watch = ImportWatch::new().cancel(token.clone()).on_progress(|progress| {
        // Far enough that segments are written already.
        if progress.stored > EVENTS as u64 / 2 {
            has_stored.set(true);
            token.cancel();
        }
    });
    let result = import_file(&store, watch).await;
    assert!(has_stored.get() && matches!(result, Err(ImportError::Aborted)), "{result:?}");
    assert!(all(&store).await.is_empty());
    store.close().await;

    let store = open(&name).await;
    assert!(all(&store).await.is_empty());
    assert_eq!(import_file(&store, ImportWatch::new()).await.unwrap().events, EVENTS as u64);
    assert_eq!(all(&store).await.len(), EVENTS);
    store.close().await;
    indexed_db::delete(&name).await.unwrap();
}
