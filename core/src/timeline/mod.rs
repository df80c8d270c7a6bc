//! Timelines: projections that answer for every position of a log.

mod branch;
mod diff;
mod error;
mod find;
mod follow;
mod grow;
mod histories;
mod history;
mod options;
mod pointer;
mod provenance;
mod seek;
#[cfg(test)]
mod tests;
mod walk;
mod window;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use futures_util::lock::Mutex;

pub use branch::{Branch, BranchError, Divergence};
#[cfg(all(feature = "script", target_arch = "wasm32"))]
pub(crate) use branch::{Draft, Trunk};
pub use error::TimelineError;
pub use json_patch::PatchOperation;
pub use options::{BuildProgress, Cursor, FindOptions, Seek, TimelineOptions, TimelineStats};

use crate::domain::{Position, Projection, Query};
use crate::engine::{CancelToken, EventStore, Pace};
use histories::Histories;
use window::Windows;

/// A projection that answers for every position of a store's log.
///
/// Every answer is the fold of the log up to its position, as if it had been made from the beginning: the same events,
/// lifted by the store's upcasters, applied in order. Upcasters must be registered before the timeline is made. Positions
/// behind the head mean the head. The log may grow at any time, by any handle; what was answered stays true.
///
/// **How it is done.** The log is folded once, on demand or by [`build`](Self::build). Of every partition the positions of
/// its events are noted, and its state is kept after every few of them, and at least after every
/// [`fold_bound`](TimelineOptions::fold_bound): a keyframe. A seek begins at the keyframe before its position, or at a state that the seeks before it have kept nearby,
/// and reads and folds the events of its partition alone: always fewer than the bound, none at a keyframe and behind the
/// partition's last event. Finding its place takes O(log events). A partition that does not change costs nothing, however
/// long the log grows; keyframes of one partition share what the state shares with its clones.
///
/// **Memory.** Beside the read model at the head, which is always in memory: 4 bytes an event, and the keyframes. What these
/// cost is asked of [`Projection::kept_bytes`]. Three quarters of the budget are for them, and the last quarter is for
/// states near the last seeks. Keyframes begin close to one another. Whenever they take half of their share, every second
/// one goes and the distance between them doubles, up to the bound; beyond the bound, when they take all of it. The bound
/// is broken then, and [`stats`](Self::stats) says so.
///
/// **Errors.** Where the projection or an upcaster fails at an event, the timeline answers for every position before it,
/// and gives that error for those at or behind it.
///
/// **Partitions.** The unnamed partition is always there: before its first event its state is
/// [`initial`](Projection::initial). Any other exists from its first event on.
///
/// Clones are the same timeline. A future of it that is dropped stops its work; what was folded is kept.
///
/// ```
/// # use leftfold_core::{BoxError, RecordedEvent};
/// use leftfold_core::{Cursor, EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, Position};
/// use leftfold_core::{Projection, StreamName, Timeline, TimelineOptions};
///
/// struct UnitsOnHand;
/// impl Projection for UnitsOnHand {
///     type State = i64;
///
///     fn name(&self) -> &str { "units-on-hand" }
///     fn initial(&self) -> i64 { 0 }
///     fn apply(&self, units: &mut i64, event: &RecordedEvent) -> Result<(), BoxError> {
///         *units += event.json::<i64>()?;
///         Ok(())
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # futures_executor::block_on(async {
/// let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
/// let stream = StreamName::new("inventory-aero")?;
/// let moves = vec![NewEvent::json("StockReplenished", &40)?, NewEvent::json("StockReserved", &-25)?];
/// store.append(stream, ExpectedVersion::Any, moves).await?;
///
/// let timeline = Timeline::new(store, UnitsOnHand, TimelineOptions::default());
/// assert_eq!(timeline.state_at(Position::new(1).into(), "").await?, Some(40));
/// assert_eq!(timeline.state_at(Cursor::Head, "").await?, Some(15));
/// let wrote = timeline.provenance("", Cursor::Head, "").await?.expect("an event wrote it");
/// assert_eq!(wrote.event_type().as_str(), "StockReserved");
/// # Ok(())
/// # })
/// # }
/// ```
pub struct Timeline<P: Projection> {
    inner: Rc<Inner<P>>,
}

struct Inner<P: Projection> {
    store: EventStore,
    projection: P,
    query: Query,
    options: TimelineOptions,
    histories: RefCell<Histories<P::State>>,
    /// Why the event behind `folded_to` cannot be folded.
    failure: RefCell<Option<TimelineError>>,
    windows: RefCell<Windows<P::State>>,
    /// Everything up to here is folded.
    folded_to: Cell<Position>,
    /// Held by whoever folds the log on.
    gate: Mutex<()>,
    last_seek: Cell<Seek>,
    stats: Cell<TimelineStats>,
}

impl<P: Projection> Clone for Timeline<P> {
    fn clone(&self) -> Self {
        Self { inner: Rc::clone(&self.inner) }
    }
}

impl<P: Projection> fmt::Debug for Timeline<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, folded_to) = (self.inner.projection.name(), self.inner.folded_to.get());
        f.debug_struct("Timeline").field("projection", &name).field("folded_to", &folded_to).finish_non_exhaustive()
    }
}

impl<P: Projection> Timeline<P> {
    /// A timeline of `projection` over the log of `store`. Nothing is read yet.
    #[must_use]
    pub fn new(store: EventStore, projection: P, options: TimelineOptions) -> Self {
        let histories = Histories::new(options.fold_bound.max(1));
        let stats = histories.stats(Position::ZERO);
        let inner = Inner {
            store,
            query: projection.query(),
            projection,
            options,
            histories: RefCell::new(histories),
            failure: RefCell::default(),
            windows: RefCell::default(),
            folded_to: Cell::default(),
            gate: Mutex::new(()),
            last_seek: Cell::default(),
            stats: Cell::new(stats),
        };
        Self { inner: Rc::new(inner) }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &EventStore {
        &self.inner.store
    }

    /// The projection.
    #[must_use]
    pub fn projection(&self) -> &P {
        &self.inner.projection
    }

    /// Folds the log up to its head as it is now, in turns of about a millisecond, and tells `on_progress` after every
    /// page. Questions may be asked meanwhile; without a build, each builds as far as it needs.
    ///
    /// # Errors
    /// [`TimelineError`]; [`Aborted`](TimelineError::Aborted) at the next page once `cancel` was thrown.
    pub async fn build(
        &self,
        mut on_progress: impl FnMut(BuildProgress),
        cancel: &CancelToken,
    ) -> Result<(), TimelineError> {
        let head = self.inner.store.refresh().await?;
        let mut pace = Pace::new(&self.inner.store);
        let mut reading = None;
        loop {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let is_done = self.inner.grow_by_page(head, &mut reading, &mut pace).await?;
            on_progress(BuildProgress { folded_to: self.inner.folded_to.get().min(head), head });
            if is_done {
                return Ok(());
            }
        }
    }

    /// The state of a partition; `None` when the partition does not exist there. The unnamed partition is `""`.
    ///
    /// Folds at most the bound of events, once the timeline is built up to there.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn state_at(&self, at: Cursor, partition: &str) -> Result<Option<P::State>, TimelineError> {
        let at = self.inner.reach(at).await?;
        let mut taken = Seek::default();
        let state = self.inner.seek(partition, at, &mut taken).await?;
        self.inner.last_seek.set(taken);
        Ok(state.map(Rc::unwrap_or_clone))
    }

    /// The position that a cursor means: that of a time, or of the head. It is never behind the head.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn position_of(&self, cursor: Cursor) -> Result<Position, TimelineError> {
        self.inner.position_of(cursor).await
    }

    /// The partitions that have an event at or before a place, in the order of their first events. Folds nothing, once the
    /// timeline is built up to there.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn partitions_at(&self, at: Cursor) -> Result<Vec<Rc<str>>, TimelineError> {
        let at = self.inner.reach(at).await?;
        Ok(self.inner.histories.borrow().names_at(at))
    }

    /// What the last [`state_at`](Self::state_at) or [`diff`](Self::diff) took; a diff is two seeks, counted together.
    #[must_use]
    pub fn last_seek(&self) -> Seek {
        self.inner.last_seek.get()
    }

    /// What is kept, as of the last page that was folded.
    #[must_use]
    pub fn stats(&self) -> TimelineStats {
        self.inner.stats.get()
    }
}
