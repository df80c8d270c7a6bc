//! Branches: a history that is not the log's.

mod draft;
mod fold;
mod overlay;
mod sorted;
mod trunk;

use std::fmt;
use std::rc::Rc;

use json_patch::PatchOperation;
use serde::Serialize;
use thiserror::Error;

use super::error::TimelineError;
use super::{Cursor, Timeline};
use crate::domain::{NewEvent, Position, Projection, RecordedEvent, StreamName};
pub(crate) use draft::Draft;
#[cfg(all(feature = "script", target_arch = "wasm32"))]
pub(crate) use trunk::Trunk;

/// The history up to a place, and what would have become of the state had it been another: without an event, with other
/// data, with an event more, in another order. The log is never touched, and knows nothing of it.
///
/// **Contract.** A branch has the events of the log up to its place, and none behind it, whatever is appended. It is a list:
/// an event is inserted or moved directly behind another, wherever that stands by then, or to the beginning, which is
/// position 0. Every position of the log has a place besides, which stays where it is, whatever becomes of its event: an event
/// can be moved there too, and states be asked for there. A moved event is the same event elsewhere: it keeps its position,
/// which is its name, its version, id, times and all that is recorded of it. An inserted one has the position that an
/// append would have given it: the next behind the place of the branch, and on from there. What was skipped stays in its
/// place, unseen.
///
/// Events are folded as they always are: those that match the projection's query, lifted by the store's upcasters. The data
/// of an edit is what the projection is given, in its newest shape; of an event that upcasters split it is that of the first
/// part. An inserted event is lifted from its schema version on, as if it had been appended.
///
/// **Cost.** A state is folded from the last one that the branch shares with the log, which a seek gives; the changes
/// themselves take memory by their number alone.
///
/// ```
/// # use leftfold_core::{BoxError, RecordedEvent};
/// # use leftfold_core::{Cursor, EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, Position};
/// # use leftfold_core::{Projection, StreamName, Timeline, TimelineOptions};
/// # struct UnitsOnHand;
/// # impl Projection for UnitsOnHand {
/// #     type State = i64;
/// #     fn name(&self) -> &str { "units-on-hand" }
/// #     fn initial(&self) -> i64 { 0 }
/// #     fn apply(&self, units: &mut i64, event: &RecordedEvent) -> Result<(), BoxError> {
/// #         *units += event.json::<i64>()?;
/// #         Ok(())
/// #     }
/// # }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # futures_executor::block_on(async {
/// # let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
/// # let stream = StreamName::new("inventory-aero")?;
/// # let moves = [40, -25, 3, 3].map(|units| NewEvent::json("StockMoved", &units).expect("an event"));
/// # store.append(stream, ExpectedVersion::Any, moves.to_vec()).await?;
/// # let timeline = Timeline::new(store, UnitsOnHand, TimelineOptions::default());
/// // 40, -25, 3, 3: the last two are one release that was told twice.
/// assert_eq!(timeline.state_at(Cursor::Head, "").await?, Some(21));
/// let mut branch = timeline.branch(Cursor::Head).await?;
/// branch.skip(Position::new(4))?;
/// assert_eq!(branch.state("").await?, Some(18));
/// assert_eq!(branch.divergence("").await?.first_position, Some(Position::new(4)));
/// # Ok(())
/// # })
/// # }
/// ```
pub struct Branch<P: Projection> {
    timeline: Timeline<P>,
    draft: Draft,
}

/// Why a branch cannot be changed like this.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BranchError {
    /// There is no such event in the branch.
    #[error("the branch has no event at position {position}: its last one is {last}")]
    NoEvent {
        /// The position that was given.
        position: Position,
        /// The position of the last event, inserted ones among them.
        last: Position,
    },
    /// An event cannot stand behind itself.
    #[error("the event at position {position} cannot be moved behind itself")]
    BehindItself {
        /// Its position.
        position: Position,
    },
    /// There is no such place in the branch: only positions of the log have one.
    #[error("the branch has no place {place}: its last one is {last}")]
    NoPlace {
        /// The place that was given.
        place: Position,
        /// The last place, up to which it has the events of the log.
        last: Position,
    },
    /// Data cannot be written as JSON.
    #[error("the data is not JSON: {reason}")]
    NotJson {
        /// What serde says.
        reason: String,
    },
}

impl BranchError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "invalid-input"
    }
}

/// How a branch differs from the log, in one partition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Divergence {
    /// The first position behind whose place the states differ, 0 for the beginning; `None` if they never do. The place of
    /// an event that was moved away or skipped is still where the log has it.
    pub first_position: Option<Position>,
    /// The operations that make the log's state at the place of the branch that of the branch.
    pub diff: Vec<PatchOperation>,
}

impl<P: Projection> Clone for Branch<P> {
    fn clone(&self) -> Self {
        Self { timeline: self.timeline.clone(), draft: self.draft.clone() }
    }
}

impl<P: Projection> fmt::Debug for Branch<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Branch").field("draft", &self.draft).finish_non_exhaustive()
    }
}

impl<P: Projection> Timeline<P> {
    /// A branch of the history up to a place, with no change so far. Folds nothing.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn branch(&self, at: Cursor) -> Result<Branch<P>, TimelineError> {
        let at = self.inner.position_of(at).await?;
        Ok(Branch { timeline: self.clone(), draft: Draft::new(at) })
    }
}

impl<P: Projection> Branch<P> {
    /// The place up to which it has the events of the log.
    #[must_use]
    pub fn at(&self) -> Position {
        self.draft.at()
    }

    /// The projection.
    #[must_use]
    pub fn projection(&self) -> &P {
        self.timeline.projection()
    }

    /// Leaves an event out.
    ///
    /// # Errors
    /// [`BranchError::NoEvent`].
    pub fn skip(&mut self, position: Position) -> Result<(), BranchError> {
        self.draft.skip(position)
    }

    /// Gives an event other data.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub fn edit<T: Serialize + ?Sized>(&mut self, position: Position, data: &T) -> Result<(), BranchError> {
        self.draft.edit(position, data)
    }

    /// Inserts an event directly behind another, and gives its position. Without an id or a time of its own it is given new
    /// ones, as by an append.
    ///
    /// # Errors
    /// [`BranchError::NoEvent`].
    pub fn insert(&mut self, after: Position, stream: StreamName, event: NewEvent) -> Result<Position, BranchError> {
        self.draft.insert(self.timeline.store(), after, stream, &event)
    }

    /// Moves an event directly behind another.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub fn move_behind(&mut self, position: Position, after: Position) -> Result<(), BranchError> {
        self.draft.move_behind(position, after)
    }

    /// Moves an event to a place of the log: directly behind the event of that position or, where that was moved away, to where
    /// it stood; in front of what was put there before. Place 0 is the beginning. At its own place it stands as in the log again.
    ///
    /// # Errors
    /// [`BranchError`]; nothing is changed then.
    pub fn move_to(&mut self, position: Position, place: Position) -> Result<(), BranchError> {
        self.draft.move_to(position, place)
    }

    /// The events that were inserted, in the order in which they were.
    #[must_use]
    pub fn inserted(&self) -> &[RecordedEvent] {
        self.draft.inserted()
    }

    /// Takes all changes back.
    pub fn reset(&mut self) {
        self.draft.reset();
    }

    /// The state of a partition behind all events of the branch; `None` when the partition does not exist there.
    ///
    /// The projection may fail in the log and not in the branch, which can leave out the event at which it fails.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn state(&self, partition: &str) -> Result<Option<P::State>, TimelineError> {
        Ok(self.draft.state(&self.timeline, partition).await?.map(Rc::unwrap_or_clone))
    }

    /// The state of a partition behind all that stands at a place of the log or before it, also what was moved there from
    /// behind it; `None` when the partition does not exist there. Behind the last place it is that of the end.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn state_at(&self, place: Position, partition: &str) -> Result<Option<P::State>, TimelineError> {
        Ok(self.draft.state_at(&self.timeline, place, partition).await?.map(Rc::unwrap_or_clone))
    }

    /// Where the branch differs from the log, and how at its end. A partition that does not exist is `null`.
    ///
    /// States are compared as JSON, at the places that were changed: between those, equal states stay equal.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn divergence(&self, partition: &str) -> Result<Divergence, TimelineError> {
        self.draft.divergence(&self.timeline, partition).await
    }

    /// The first place behind which the branch has another state than the log, or has one where the log cannot be folded; `None`
    /// if there is none. It is that of [`divergence`](Self::divergence), without the state at the end: what lies behind the
    /// place is not folded.
    ///
    /// # Errors
    /// [`TimelineError`].
    pub async fn first_difference(&self, partition: &str) -> Result<Option<Position>, TimelineError> {
        self.draft.first_difference(&self.timeline, partition).await
    }
}
