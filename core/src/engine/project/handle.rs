//! What an application holds of a projection.

use std::fmt;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::batch::BatchProjection;
use super::error::ProjectionError;
use super::fold::decode_state;
use super::follow::{news, seen, start};
use super::options::{ProjectionMode, ProjectionOptions};
use super::projector::Projector;
use super::record::{Head, ProjectionState, ProjectionStatus, SkippedEvent};
use crate::domain::limits::MAX_DEFINITION_NAME_BYTES;
use crate::domain::{Position, Projection, check_name};
use crate::engine::EventStore;
use crate::storage::{Derived, KeyRange};

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProjectionProgress {
    /// Positions folded.
    pub done: u64,
    /// Positions to fold.
    pub total: u64,
}

/// A projection that is kept up with the log. Clones are the same; when the last one is dropped, this handle of the store
/// no longer runs it. What was stored stays.
pub struct RunningProjection<P: BatchProjection> {
    projector: Rc<Projector<P>>,
}

impl<P: BatchProjection> Clone for RunningProjection<P> {
    fn clone(&self) -> Self {
        Self { projector: Rc::clone(&self.projector) }
    }
}

impl<P: BatchProjection> fmt::Debug for RunningProjection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningProjection").field("name", &self.projector.name()).finish_non_exhaustive()
    }
}

impl EventStore {
    /// Runs a projection: catches up with the log, then follows it. Its read model is kept in the store and serves every
    /// handle; one handle at a time does the work, and another takes over when that one is closed, dies or freezes.
    ///
    /// A version greater than the stored one builds its read model beside it and takes its place once it has caught up. A
    /// projection that had failed is tried again.
    ///
    /// # Errors
    /// [`ProjectionError`]: `Superseded` when a greater version is stored.
    ///
    /// ```
    /// # use leftfold_core::{BoxError, Projection, Query, RecordedEvent};
    /// # futures_executor::block_on(async {
    /// use leftfold_core::{
    ///     EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, ProjectionOptions, StreamName,
    /// };
    ///
    /// struct EventsByStream;
    /// impl Projection for EventsByStream {
    ///     type State = u64;
    ///     fn name(&self) -> &str { "events-by-stream" }
    ///     fn initial(&self) -> u64 { 0 }
    ///     fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<std::borrow::Cow<'e, str>>, BoxError> {
    ///         Ok(Some(event.stream().as_str().into()))
    ///     }
    ///     fn apply(&self, state: &mut u64, _: &RecordedEvent) -> Result<(), BoxError> {
    ///         *state += 1;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
    /// let counts = store.project(EventsByStream, ProjectionOptions::default()).await?;
    /// let stream = StreamName::new("order-1")?;
    /// store.append(stream, ExpectedVersion::Any, vec![NewEvent::json("OrderPlaced", &1)?]).await?;
    /// counts.caught_up(None).await?;
    /// assert_eq!(counts.state("order-1").await?, Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn project<P: Projection + 'static>(
        &self,
        projection: P,
        options: ProjectionOptions,
    ) -> Result<RunningProjection<P>, ProjectionError> {
        let running = self.project_batches(projection, options).await?;
        if options.mode == ProjectionMode::Inline {
            self.inner.register_inline(&running.projector);
        }
        Ok(running)
    }

    /// The same for a projection whose code may answer later. It cannot take part in appends: it always comes behind them.
    ///
    /// # Errors
    /// [`ProjectionError`], as [`project`](Self::project).
    pub async fn project_batches<P: BatchProjection + 'static>(
        &self,
        projection: P,
        options: ProjectionOptions,
    ) -> Result<RunningProjection<P>, ProjectionError> {
        let projector = Projector::new(self, projection, options);
        check_name("projection name", &projector.name, MAX_DEFINITION_NAME_BYTES)?;
        projector.query.check()?;
        self.refresh().await?;
        let projector = Rc::new(projector);
        let (_, head) = projector.look().await?;
        let (stored, own) = (head.active.version, projector.version);
        if stored > own {
            return Err(ProjectionError::Superseded { name: projector.name(), stored, own });
        }
        let generations = [Some(&head.active), head.building.as_ref()];
        if generations.into_iter().flatten().any(|generation| generation.version == own && generation.failure.is_some())
        {
            retry(&projector).await?;
        }
        start(&projector);
        Ok(RunningProjection { projector })
    }
}

async fn retry<P: BatchProjection>(projector: &Projector<P>) -> Result<(), ProjectionError> {
    let version = projector.version;
    projector
        .change(|head, _| {
            let own = [Some(&mut head.active), head.building.as_mut()].into_iter().flatten();
            own.filter(|generation| generation.version == version).for_each(|generation| generation.failure = None);
            Ok(())
        })
        .await
}

impl<P: BatchProjection + 'static> RunningProjection<P> {
    /// The projection.
    #[must_use]
    pub fn projection(&self) -> &P {
        &self.projector.projection
    }

    /// The position that the read model stands at: every event up to there is in it.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub async fn checkpoint(&self) -> Result<Position, ProjectionError> {
        Ok(self.projector.look().await?.1.active.checkpoint)
    }

    /// The read model of a partition as it is stored; `None` where no event has come to it. A projection without any
    /// partition yet gives its initial state under the empty name.
    ///
    /// It may lag behind the log; [`caught_up`](Self::caught_up) waits until it does not.
    ///
    /// # Errors
    /// [`ProjectionError`]: `Rebuilding` when only the read model of an older version is there, and has another shape.
    pub async fn state(&self, partition: &str) -> Result<Option<P::State>, ProjectionError> {
        Ok(self.states(&[partition]).await?.pop().flatten())
    }

    /// The read models of several partitions, as they stood at one moment.
    ///
    /// # Errors
    /// As [`state`](Self::state).
    pub async fn states(&self, partitions: &[&str]) -> Result<Vec<Option<P::State>>, ProjectionError> {
        let projector = &self.projector;
        loop {
            let (_, head) = projector.look().await?;
            let keys: Vec<_> =
                partitions.iter().map(|partition| projector.keys.partition(head.active.number, partition)).collect();
            let found = projector.store.inner.storage.derived(Derived::Projections, &keys).await?;
            // Two transactions: the read model must not have been swapped for another one in between.
            let is_unnamed_absent =
                partitions.iter().zip(&found).any(|(name, record)| name.is_empty() && record.is_none());
            let is_without_partitions = is_unnamed_absent && self.names(&head, None, 1).await?.is_empty();
            if projector.look().await?.1.active.number != head.active.number {
                continue;
            }
            let mut states = Vec::with_capacity(partitions.len());
            for (partition, record) in partitions.iter().zip(found) {
                states.push(match record {
                    Some(record) => match decode_state(&record) {
                        Some(state) => Some(state),
                        None => return Err(self.unreadable().await?),
                    },
                    None if partition.is_empty() && is_without_partitions => projector.projection.unnamed(),
                    None => None,
                });
            }
            return Ok(states);
        }
    }

    /// What to say of a read model that is damaged or of an older version's shape. A damaged one is built anew.
    async fn unreadable(&self) -> Result<ProjectionError, ProjectionError> {
        let version = self.projector.version;
        let checkpoint = self
            .projector
            .change(|head, _| {
                if head.active.version == version && head.building.is_none() {
                    head.begin_building(version);
                }
                Ok(head.building.as_ref().map_or(Position::ZERO, |building| building.checkpoint))
            })
            .await?;
        let name = self.projector.name();
        Ok(ProjectionError::Rebuilding { name, checkpoint, head: self.projector.store.head() })
    }

    /// Up to `limit` names of partitions behind `after`, in the order of their bytes.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub async fn partitions(&self, after: Option<&str>, limit: u32) -> Result<Vec<String>, ProjectionError> {
        loop {
            let (_, head) = self.projector.look().await?;
            let names = self.names(&head, after, limit).await?;
            // The read model must not have been swapped for another one in between.
            if self.projector.look().await?.1.active.number == head.active.number {
                return Ok(names);
            }
        }
    }

    async fn names(&self, head: &Head, after: Option<&str>, limit: u32) -> Result<Vec<String>, ProjectionError> {
        let projector = &self.projector;
        let mut range = projector.keys.generation(head.active.number);
        if let Some(after) = after {
            let mut from = projector.keys.partition(head.active.number, after).to_vec();
            from.push(0);
            range = KeyRange { from: from.into(), ..range };
        }
        let keys = projector.store.inner.storage.derived_keys(Derived::Projections, range, limit).await?;
        Ok(keys.iter().filter_map(|key| projector.keys.name_of(key)).collect())
    }

    /// Tells the checkpoint, now and whenever it may have changed, until the store is closed or the projection stopped. All
    /// the while the projection is held.
    pub async fn watch(&self, mut told: impl FnMut(Position)) {
        loop {
            let seen = seen(&self.projector.store);
            if self.projector.is_stopped.get() {
                return;
            }
            // A failure of the storage is met again, and then told, by whoever asks for something.
            if let Ok(checkpoint) = self.checkpoint().await {
                told(checkpoint);
            }
            if !news(&self.projector.store, seen).await {
                return;
            }
        }
    }

    /// How the projection stands.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub async fn status(&self) -> Result<ProjectionStatus, ProjectionError> {
        let projector = &self.projector;
        let (_, head) = projector.look().await?;
        let own = projector.own(&head).unwrap_or(&head.active);
        let failure = own.failure.clone();
        let building = head.building.as_ref().filter(|_| projector.is_building(&head));
        let state = if projector.is_stopped.get() {
            ProjectionState::Stopped
        } else if failure.is_some() {
            ProjectionState::Failed
        } else if projector.is_building(&head) || own.version != projector.version {
            ProjectionState::Rebuilding
        } else {
            ProjectionState::Following
        };
        let log_head = projector.store.head().get();
        Ok(ProjectionStatus {
            checkpoint: head.active.checkpoint,
            lag: log_head.saturating_sub(head.active.checkpoint.get()),
            state,
            failure,
            version: head.active.version,
            rebuilding_at: building.map(|building| building.checkpoint),
            skipped: own.skipped.clone(),
            is_running_here: projector.leads(),
            events_per_second: projector.events_per_second.get(),
        })
    }

    /// Waits until the read model of this version has every event up to `position`; without one, up to the head as it is
    /// when the call is made, other handles' commits included. So a writer reads what it wrote.
    ///
    /// # Errors
    /// [`ProjectionError`]: `Failed`, `Stopped`, `Superseded`, or the storage's.
    pub async fn caught_up(&self, position: Option<Position>) -> Result<(), ProjectionError> {
        let projector = &self.projector;
        let head = projector.store.refresh().await?;
        let position = position.unwrap_or(head);
        loop {
            let seen = seen(&projector.store);
            self.check_alive()?;
            let (_, head) = projector.look().await?;
            let version = projector.version;
            if head.active.version == version && head.active.checkpoint >= position {
                return Ok(());
            }
            self.check(&head)?;
            projector.work().await?;
            let (_, head) = projector.look().await?;
            if head.active.version == version && head.active.checkpoint >= position {
                return Ok(());
            }
            self.check(&head)?;
            news(&projector.store, seen).await;
        }
    }

    fn check_alive(&self) -> Result<(), ProjectionError> {
        if let Some(because) = self.projector.store.closed() {
            return Err(crate::storage::StorageError::closed(because).into());
        }
        if self.projector.is_stopped.get() {
            return Err(ProjectionError::Stopped { name: self.projector.name() });
        }
        Ok(())
    }

    fn check(&self, head: &Head) -> Result<(), ProjectionError> {
        let (name, own) = (self.projector.name(), self.projector.version);
        let stored = Projector::<P>::newest(head);
        if head.active.version > own || (stored > own && self.projector.own(head).is_none()) {
            return Err(ProjectionError::Superseded { name, stored, own });
        }
        match self.projector.own(head).and_then(|generation| generation.failure.clone()) {
            Some(failure) => Err(ProjectionError::Failed { name, failure }),
            None => Ok(()),
        }
    }

    /// Builds the read model anew, beside the one that answers, which it replaces once it has caught up. `progress` is told
    /// how far it is, first before anything is done and last when all is, and may give it up until then. A page that ends meanwhile does not undo what was done: the projection goes on
    /// with it when it is run again.
    ///
    /// # Errors
    /// [`ProjectionError`]: `Cancelled`, `Failed` at an event, `Stopped`.
    pub async fn rebuild(
        &self,
        mut progress: impl FnMut(ProjectionProgress) -> ControlFlow<()>,
    ) -> Result<(), ProjectionError> {
        let projector = &self.projector;
        let version = projector.version;
        let total = projector.store.head().get();
        if progress(ProjectionProgress { done: 0, total }).is_break() {
            return Err(ProjectionError::Cancelled { name: projector.name() });
        }
        let mut number = projector
            .change(|head, clear| {
                let stored = Projector::<P>::newest(head);
                if stored > version {
                    return Err(ProjectionError::Superseded { name: projector.name(), stored, own: version });
                }
                clear.extend(head.building.take().map(|other| projector.keys.generation(other.number)));
                head.begin_building(version);
                Ok(head.next_generation - 1)
            })
            .await?;
        loop {
            let seen = seen(&projector.store);
            self.check_alive()?;
            let (_, head) = projector.look().await?;
            if head.active.number >= number {
                let done = head.active.checkpoint.get();
                // It is done: there is nothing left to give up.
                let _ = progress(ProjectionProgress { done, total: done });
                return Ok(());
            }
            let Some(building) = head.building.as_ref().filter(|building| building.version == version) else {
                // Another handle has given it up, or has a newer version.
                self.check(&head)?;
                return Err(ProjectionError::Cancelled { name: projector.name() });
            };
            // Another handle may have begun anew meanwhile: its rebuild is as good.
            number = building.number;
            if let Some(failure) = building.failure.clone() {
                if head.active.version == version {
                    self.give_up(number).await?;
                }
                return Err(ProjectionError::Failed { name: projector.name(), failure });
            }
            let total = projector.store.head().get();
            let done = ProjectionProgress { done: building.checkpoint.get(), total };
            if progress(done).is_break() {
                let is_given_up = self.give_up(number).await?;
                let name = projector.name();
                return if is_given_up { Err(ProjectionError::Cancelled { name }) } else { Ok(()) };
            }
            if !projector.step_if_leading().await? {
                news(&projector.store, seen).await;
            }
        }
    }

    /// Ends a rebuild before its time; `false` if it was swapped in the last moment, and answers now.
    async fn give_up(&self, number: u32) -> Result<bool, ProjectionError> {
        let projector = &self.projector;
        projector
            .change(|head, clear| {
                let building = head.building.take_if(|building| building.number == number);
                clear.extend(building.as_ref().map(|_| projector.keys.generation(number)));
                Ok(building.is_some())
            })
            .await
    }

    /// Tries again after a failure, with the same event.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub async fn retry(&self) -> Result<(), ProjectionError> {
        retry(&self.projector).await
    }

    /// Leaves out the event at which the projection has failed, and goes on behind it. The read model keeps a record of it.
    ///
    /// # Errors
    /// [`ProjectionError::NothingToSkip`] when it has not failed there.
    pub async fn skip(&self, position: Position, reason: &str) -> Result<(), ProjectionError> {
        let projector = &self.projector;
        let version = projector.version;
        projector
            .change(|head, _| {
                let failed =
                    [Some(&mut head.active), head.building.as_mut()].into_iter().flatten().find(|generation| {
                        let is_failed = generation.failure.as_ref().is_some_and(|failure| failure.position == position);
                        generation.version == version && is_failed
                    });
                let Some(generation) = failed else {
                    return Err(ProjectionError::NothingToSkip { name: projector.name(), position });
                };
                generation.failure = None;
                generation.skipped.push(SkippedEvent { position, reason: reason.to_owned() });
                Ok(())
            })
            .await
    }

    /// No longer runs the projection on this handle. Its read model can still be read.
    pub fn stop(&self) {
        self.projector.is_stopped.set(true);
        self.projector.release_lead();
        self.projector.store.inner.derived_changed();
    }
}
