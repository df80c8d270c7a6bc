//! All or nothing: repeats, cancelling, failing sources, dropped imports.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll, Waker};

use futures_executor::block_on;
use futures_util::{FutureExt, StreamExt, stream};

use super::super::{CancelToken, ImportError, ImportOptions, ImportWatch, Progress, import};
use super::{all, chunks, import_into, store};

/// A file of a thousand events in order of time, or in the file's order, that takes many slices.
fn file(with_times: bool) -> String {
    let header = if with_times { "stream,type,time,n" } else { "stream,type,when,n" };
    let rows =
        (0..1_000).map(|n| format!("\ns-{},A,2020-01-01T00:00:00.{:06}Z,{}", n % 7, 1_000 - n, "x".repeat(n % 90)));
    rows.fold(header.to_owned(), |text, row| text + &row)
}

#[test]
fn a_second_import_stores_nothing() {
    for with_times in [true, false] {
        let (store, file) = (store(), file(with_times));
        let first = import_into(&store, file.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((first.events, first.streams, first.duplicates), (1_000, 7, 0));
        assert_eq!((first.first_position.get(), first.last_position.get()), (1, 1_000));
        let before = all(&store);
        let again = import_into(&store, file.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((again.events, again.duplicates, again.first_position.get()), (0, 1_000, 0));
        let more = format!("{file}\ns-1,B,2021-01-01T00:00:00Z,");
        let more = import_into(&store, more.as_bytes(), &ImportOptions::default()).unwrap();
        assert_eq!((more.events, more.duplicates, more.first_position.get()), (1, 1_000, 1_001));
        assert_eq!(all(&store)[..1_000], before);
    }
}

#[test]
fn equal_rows_stay_two_events() {
    let store = store();
    let file = b"stream,type,time\ns,A,2020-01-01\ns,A,2020-01-01\n";
    assert_eq!(import_into(&store, file, &ImportOptions::default()).unwrap().events, 2);
    assert_eq!(import_into(&store, file, &ImportOptions::default()).unwrap().duplicates, 2);
}

#[test]
fn progress_grows_to_the_whole() {
    for with_times in [true, false] {
        let file = file(with_times);
        let seen = RefCell::new(Vec::<Progress>::new());
        let watch =
            ImportWatch::new().total_bytes(file.len() as u64).on_progress(|progress| seen.borrow_mut().push(progress));
        block_on(import(&store(), chunks(file.as_bytes(), 1_000), &ImportOptions::default(), watch)).unwrap();
        let seen = seen.into_inner();
        let grows = |pair: &[Progress]| {
            pair[0].bytes <= pair[1].bytes && pair[0].events <= pair[1].events && pair[0].stored <= pair[1].stored
        };
        assert!(seen.len() > 20 && seen.windows(2).all(grows));
        let bytes = file.len() as u64;
        assert_eq!(seen.last(), Some(&Progress { bytes, total_bytes: bytes, events: 1_000, stored: 1_000 }));
    }
}

#[test]
fn cancelled_anywhere_nothing_is_stored() {
    for with_times in [true, false] {
        let file = file(with_times);
        let steps = Cell::new(0_u32);
        let count = ImportWatch::new().on_progress(|_| steps.set(steps.get() + 1));
        block_on(import(&store(), chunks(file.as_bytes(), 3_000), &ImportOptions::default(), count)).unwrap();
        for stop_at in 0..steps.get() {
            let (store, token, step) = (store(), CancelToken::new(), Cell::new(0_u32));
            let cancel = |_| {
                if step.replace(step.get() + 1) == stop_at {
                    token.cancel();
                }
            };
            let watch = ImportWatch::new().cancel(token.clone()).on_progress(cancel);
            let result = block_on(import(&store, chunks(file.as_bytes(), 3_000), &ImportOptions::default(), watch));
            assert!(matches!(result, Err(ImportError::Aborted)), "at {stop_at}: {result:?}");
            assert!(all(&store).is_empty());
        }
    }
}

/// A source that never answers must not keep the user from cancelling.
#[test]
fn cancelling_wakes_an_import_that_waits_for_its_source() {
    let (store, token, file) = (store(), CancelToken::new(), file(false));
    let source = chunks(file.as_bytes(), 100_000).chain(stream::pending());
    let options = ImportOptions::default();
    let mut import = Box::pin(import(&store, source, &options, ImportWatch::new().cancel(token.clone())));
    let mut context = Context::from_waker(Waker::noop());
    assert!(import.poll_unpin(&mut context).is_pending());
    let woken = block_on(async {
        let cancel = async {
            token.cancel();
            futures_util::future::pending::<()>().await;
        };
        futures_util::future::select(import, Box::pin(cancel)).await
    });
    let futures_util::future::Either::Left((result, _)) = woken else { panic!("the import must end first") };
    assert!(matches!(result, Err(ImportError::Aborted)), "{result:?}");
    assert!(all(&store).is_empty());
}

#[test]
fn a_source_that_fails_leaves_nothing() {
    for with_times in [true, false] {
        let (store, file) = (store(), file(with_times));
        let broken = stream::iter([Err(std::io::Error::other("the gzip stream is cut off"))]);
        let source = chunks(file.as_bytes(), 20_000).chain(broken);
        let error = block_on(import(&store, source, &ImportOptions::default(), ImportWatch::new())).unwrap_err();
        assert_eq!(error.to_string(), "the file cannot be read: the gzip stream is cut off");
        assert_eq!(error.code(), "invalid-input");
        assert!(all(&store).is_empty());
    }
}

#[test]
fn a_dropped_import_leaves_nothing_and_the_store_goes_on() {
    let (store, file) = (store(), file(false));
    let options = ImportOptions::default();
    let source = chunks(file.as_bytes(), 20_000).chain(stream::pending());
    let mut dropped = Box::pin(import(&store, source, &options, ImportWatch::new()));
    let poll = dropped.poll_unpin(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(poll, Poll::Pending));
    drop(dropped);
    assert!(all(&store).is_empty());
    assert_eq!(import_into(&store, file.as_bytes(), &options).unwrap().events, 1_000);
}

/// An invalid row in the last line, after events have been handed over already.
#[test]
fn a_late_fault_leaves_nothing() {
    for with_times in [true, false] {
        let (store, file) = (store(), file(with_times) + "\nonly one column");
        let error = import_into(&store, file.as_bytes(), &ImportOptions::default()).unwrap_err();
        assert!(matches!(&error, ImportError::InvalidRow(fault) if fault.line == 1_002), "{error}");
        assert!(all(&store).is_empty());
    }
}
