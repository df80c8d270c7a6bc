//! What is looked up again some time after the log has grown.

use std::future::Future;

use leftfold_core::EventStore;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::sleep;

/// How long after news something is looked up again: some of it is written behind the appends.
const SETTLE_MS: u64 = 1_500;

/// Calls `forget` when another store is open, and `look` with the open store and its number: at once when it was opened, and
/// some time after each of its events, or after the last of many.
pub(super) fn after_news<F>(app: App, forget: impl Fn() + 'static, look: impl Fn(EventStore, u64) -> F + Copy + 'static)
where
    F: Future<Output = ()> + 'static,
{
    let is_waiting = StoredValue::new(false);
    Effect::new(move |before: Option<u64>| {
        let epoch = app.epoch.get();
        app.head.track();
        if before != Some(epoch) {
            forget();
        }
        if is_waiting.get_value() && before == Some(epoch) {
            return epoch;
        }
        is_waiting.set_value(true);
        spawn_local(async move {
            sleep(if before == Some(epoch) { SETTLE_MS } else { 0 }).await;
            is_waiting.set_value(false);
            if let Some(store) = app.store().filter(|_| app.epoch() == epoch) {
                look(store, epoch).await;
            }
        });
        epoch
    });
}

/// Keeps the size of the stored log in step with the open store.
pub(super) fn run(app: App) {
    after_news(
        app,
        move || app.stored_bytes.set(None),
        move |store, epoch| async move {
            // A size that cannot be had is not shown; the storage panel says why.
            if let Ok(stats) = store.stats().await
                && app.epoch() == epoch
            {
                // Nothing is stored yet where events are still being written: that is no size.
                app.stored_bytes.set(Some(stats.bytes).filter(|bytes| *bytes > 0));
            }
        },
    );
}
