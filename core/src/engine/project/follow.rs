//! The task that keeps a projection up with the log.

use std::rc::{Rc, Weak};
use std::time::Duration;

use futures_util::future::select;
use futures_util::pin_mut;

use super::projector::Projector;
use crate::domain::{Position, Projection};
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

/// Waits until the log or a derived table has changed since `seen`, or for a while. `false` once the store is closed.
pub(super) async fn news(store: &EventStore, seen: Seen) -> bool {
    let inner = &store.inner;
    let grown = inner.signal.wait(seen.head, || inner.open_head());
    let changed = inner.derived_signal.wait(seen.changes, || Some(inner.derived_changes.get()));
    let recheck = inner.storage.host().sleep(RECHECK);
    pin_mut!(grown, changed);
    let either = select(grown, changed);
    select(either, recheck).await;
    store.closed().is_none()
}

/// Follows until the projection is stopped, or nobody holds it any more, or the store is closed.
pub(super) async fn follow<P: Projection>(projector: Weak<Projector<P>>) {
    loop {
        let Some(strong) = projector.upgrade() else { return };
        if strong.is_stopped.get() || strong.store.closed().is_some() {
            return;
        }
        let seen = seen(&strong.store);
        // A failure of the storage is met again, and then told, by whoever asks for something.
        let _ = strong.store.refresh().await;
        let _ = strong.work().await;
        let store = strong.store.clone();
        drop(strong);
        if !news(&store, seen).await {
            return;
        }
    }
}

/// Starts the task.
pub(super) fn start<P: Projection + 'static>(projector: &Rc<Projector<P>>) {
    let weak = Rc::downgrade(projector);
    projector.store.inner.storage.host().spawn(Box::pin(follow(weak)));
}
