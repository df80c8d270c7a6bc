//! The task that keeps a projection up with the log.

use std::rc::{Rc, Weak};
use std::time::Duration;

use futures_util::future::select;
use futures_util::pin_mut;

use super::batch::BatchProjection;
use super::projector::Projector;
use crate::domain::Position;
use crate::engine::EventStore;

/// How long to wait for news before looking again: nudges may be lost, and a leader may have frozen.
const RECHECK: Duration = Duration::from_secs(2);

/// What a wait begins with: anything else afterwards is news.
pub(super) struct Seen {
    head: Position,
    changes: u64,
}

pub(super) fn seen(store: &EventStore) -> Seen {
    Seen { head: store.head(), changes: store.inner.derived_changes.get() }
}

/// Waits until the log or a derived table has changed since `seen`, or for a while. `false` once the store is closed. The
/// wait does not hold the store: it is closed when nobody else holds it.
pub(super) fn news(store: &EventStore, seen: Seen) -> impl Future<Output = bool> + use<> {
    let inner = &store.inner;
    let recheck = inner.storage.host().sleep(RECHECK);
    let (signal, derived_signal) = (Rc::clone(&inner.signal), Rc::clone(&inner.derived_signal));
    let inner = Rc::downgrade(inner);
    async move {
        let grown = signal.wait(seen.head, || inner.upgrade()?.open_head());
        let changed = derived_signal.wait(seen.changes, || Some(inner.upgrade()?.derived_changes.get()));
        pin_mut!(grown, changed);
        let either = select(grown, changed);
        select(either, recheck).await;
        inner.upgrade().is_some_and(|inner| inner.open_head().is_some())
    }
}

/// Follows until the projection is stopped, or nobody holds it any more, or the store is closed.
pub(super) async fn follow<P: BatchProjection>(projector: Weak<Projector<P>>) {
    loop {
        let Some(strong) = projector.upgrade() else { return };
        if strong.is_stopped.get() || strong.store.closed().is_some() {
            // Whoever holds the projection on must not hold others up.
            strong.release_lead();
            return;
        }
        let seen = seen(&strong.store);
        // A failure of the storage is met again, and then told, by whoever asks for something.
        let _ = strong.store.refresh().await;
        let _ = strong.work().await;
        let news = news(&strong.store, seen);
        drop(strong);
        // Once the store is closed, the next round ends.
        news.await;
    }
}

/// Starts the task.
pub(super) fn start<P: BatchProjection + 'static>(projector: &Rc<Projector<P>>) {
    let weak = Rc::downgrade(projector);
    projector.store.inner.storage.host().spawn(Box::pin(follow(weak)));
}
