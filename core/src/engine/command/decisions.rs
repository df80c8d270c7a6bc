//! Several decisions in one commit.

use super::context::CommandContext;
use super::error::{CommandError, LoadError};
use super::load::Folder;
use super::repository::{Repository, repeated, stored_events};
use crate::domain::{
    Commit, CommitResult, Condition, Decider, ExpectedVersion, Position, StreamCheck, StreamName, StreamVersion,
    StreamWrite,
};
use crate::engine::{AppendError, EventStore};

/// How often decisions are made anew after a conflict.
const RETRIES: u32 = 3;

/// Decisions that will be stored together, or not at all.
#[derive(Debug)]
pub struct Decisions {
    store: EventStore,
    context: CommandContext,
    commit: Commit,
    /// Where the events stand that the command has stored before.
    done: Vec<Position>,
}

impl EventStore {
    /// Makes decisions over several streams and stores their events in one commit: all of them, or none.
    ///
    /// `decide` may be called again, when another writer was first: it must do nothing but decide. A context that names an
    /// expected version is of no use here, for it names no stream; it is ignored.
    ///
    /// # Errors
    /// Those of `decide`, and [`AppendError`]; nothing was stored then.
    ///
    /// ```
    /// # use leftfold_core::{Decider, DomainEvent};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    /// # enum AccountEvent { Moved { by: i64 } }
    /// # impl DomainEvent for AccountEvent {}
    /// # #[derive(Debug, PartialEq, thiserror::Error)]
    /// # #[error("not enough")]
    /// # struct NotEnough;
    /// # struct Account;
    /// # impl Decider for Account {
    /// #     type State = i64;
    /// #     type Command = i64;
    /// #     type Event = AccountEvent;
    /// #     type Rejection = NotEnough;
    /// #     fn name(&self) -> &str { "account" }
    /// #     fn initial_state(&self) -> i64 { 0 }
    /// #     fn decide(&self, state: &i64, by: &i64) -> Result<Vec<AccountEvent>, NotEnough> {
    /// #         if state + by < 0 { return Err(NotEnough) }
    /// #         Ok(vec![AccountEvent::Moved { by: *by }])
    /// #     }
    /// #     fn evolve(&self, state: i64, AccountEvent::Moved { by }: AccountEvent) -> i64 { state + by }
    /// # }
    /// # futures_executor::block_on(async {
    /// # use leftfold_core::{CommandContext, Decisions, EventStore, MemoryDatabase, OpenOptions, Repository, StreamName};
    /// # let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
    /// # let accounts = Repository::new(&store, Account);
    /// let (from, to) = (StreamName::new("account-1")?, StreamName::new("account-2")?);
    /// accounts.execute(&from, &100, CommandContext::default()).await?;
    /// store
    ///     .decide_together(CommandContext::default(), async |work: &mut Decisions| {
    ///         work.decide(&accounts, &from, &-40).await?;
    ///         work.decide(&accounts, &to, &40).await
    ///     })
    ///     .await?;
    /// assert_eq!(accounts.load(&to).await?.state, 40);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn decide_together<T, E>(
        &self,
        context: CommandContext,
        decide: impl AsyncFn(&mut Decisions) -> Result<T, E>,
    ) -> Result<(T, Option<CommitResult>), E>
    where
        E: From<AppendError>,
    {
        let mut left = RETRIES;
        loop {
            let (store, context) = (self.clone(), context.clone());
            let mut work = Decisions { store, context, commit: Commit::default(), done: Vec::new() };
            let answer = decide(&mut work).await?;
            match work.store_all().await {
                Ok(result) => return Ok((answer, result)),
                Err(error) if left > 0 && may_be_retried(&error) => left -= 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn may_be_retried(error: &AppendError) -> bool {
    matches!(
        error,
        AppendError::WrongExpectedVersion { .. }
            | AppendError::ConditionFailed { .. }
            | AppendError::DuplicateEventId { .. }
    )
}

impl Decisions {
    /// Decides on a command for a stream, as it is with the decisions made before. The events are stored with the rest.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn decide<D: Decider + 'static>(
        &mut self,
        repository: &Repository<D>,
        stream: &StreamName,
        command: &D::Command,
    ) -> Result<Vec<D::Event>, CommandError<D::Rejection>> {
        let loaded = repository.load(stream).await?;
        let is_first = !self.commit.writes.iter().any(|write| write.stream == *stream);
        if is_first && let Some(done) = repository.done_before(stream, &self.context, &loaded).await? {
            self.done.extend(stored_events(&self.store, &self.context, stream.as_str()));
            return Ok(done.events);
        }
        let folder = repository.folder();
        let state = self.with_staged(&folder, stream, loaded.state)?;
        let events = repository.decider().decide(&state, command).map_err(CommandError::Rejected)?;
        self.stage(&folder, stream, loaded.version, state, &events)?;
        Ok(events)
    }

    fn with_staged<D: Decider>(
        &self,
        folder: &Folder<'_, D>,
        stream: &StreamName,
        state: D::State,
    ) -> Result<D::State, LoadError> {
        let staged = self.commit.writes.iter().find(|write| write.stream == *stream);
        let events = staged.map_or(&[][..], |write| &write.events);
        let position = self.store.head().next();
        folder.fold_new(state, events).map_err(|source| LoadError::Decode { position, source })
    }

    fn stage<D: Decider>(
        &mut self,
        folder: &Folder<'_, D>,
        stream: &StreamName,
        version: StreamVersion,
        state: D::State,
        events: &[D::Event],
    ) -> Result<(), CommandError<D::Rejection>> {
        let expected = ExpectedVersion::Exact(version);
        let staged = self.commit.writes.iter().position(|write| write.stream == *stream);
        let first = staged.map_or(0, |at| self.commit.writes[at].events.len());
        let new = self.context.dress(stream.as_str(), first, events)?;
        let position = self.store.head().next();
        folder.fold_new(state, &new).map_err(|source| LoadError::Decode { position, source })?;
        match staged {
            Some(at) => self.commit.writes[at].events.extend(new),
            // The decision rests on the stream although it adds nothing to it.
            None if new.is_empty() => self.check(stream.clone(), expected),
            None => {
                self.commit.checks.retain(|check| check.stream != *stream);
                self.commit.writes.push(StreamWrite { stream: stream.clone(), expected, events: new });
            }
        }
        Ok(())
    }

    /// Has the commit fail unless a stream is as expected, without writing to it.
    pub fn check(&mut self, stream: StreamName, expected: ExpectedVersion) {
        let check = StreamCheck { stream, expected };
        if !self.commit.checks.contains(&check) {
            self.commit.checks.push(check);
        }
    }

    /// Has the commit fail if an event that matches a query lies behind a position.
    pub fn require(&mut self, condition: Condition) {
        self.commit.conditions.push(condition);
    }

    async fn store_all(self) -> Result<Option<CommitResult>, AppendError> {
        if self.commit.writes.is_empty() {
            let mut positions = self.done;
            positions.sort_unstable();
            return Ok(repeated(&self.store.events_at(&positions).await?));
        }
        self.store.commit_as(self.commit, self.context.durability).await.map(Some)
    }
}
