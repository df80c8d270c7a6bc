//! Several decisions in one commit.

use super::context::CommandContext;
use super::error::CommandError;
use super::load::Folder;
use super::repository::{Repository, is_repeat, repeated, stored_events};
use crate::domain::{
    Commit, CommitResult, Condition, Decider, ExpectedVersion, InvalidCommit, Position, StreamCheck, StreamName,
    StreamVersion, StreamWrite,
};
use crate::engine::judge::Judge;
use crate::engine::{AppendError, EventStore};

/// How often decisions are made anew after a conflict.
const RETRIES: u32 = 3;
/// What event ids are numbered within: the events of a command are one row, whatever their streams.
const SCOPE: &str = "together";

/// Decisions that will be stored together, or not at all.
#[derive(Debug)]
pub struct Decisions {
    store: EventStore,
    context: CommandContext,
    commit: Commit,
    /// Where the events stand that the command has stored before.
    done: Vec<Position>,
    /// Whether anything was decided, rather than told of what was stored.
    has_decided: bool,
}

impl EventStore {
    /// Makes decisions over several streams and stores their events in one commit: all of them, or none.
    ///
    /// `decide` may be called again, when another writer was first: it must do nothing but decide. A context that names an
    /// expected version is of no use here, for it names no stream; it is ignored.
    ///
    /// What the decisions rest on holds at the commit: every stream that was decided on is as it was seen, and what
    /// [`check`](Decisions::check) and [`require`](Decisions::require) ask for is so. Without events there is no commit, and
    /// the answer is `None`; all of that is then judged on the log as it is by now.
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
        let mut may_be_repeat = context.command_id.is_some();
        loop {
            let (store, context) = (self.clone(), context.clone());
            let (commit, done) = (Commit::default(), Vec::new());
            let mut work = Decisions { store, context, commit, done, has_decided: false };
            let answer = decide(&mut work).await?;
            let has_decided = work.has_decided;
            match work.store_all().await.transpose() {
                // The answer was made of decisions that are not what is stored; the next one is made of what is.
                Some(outcome) if may_be_repeat && has_decided && is_repeat(&outcome) => may_be_repeat = false,
                Some(Err(error)) if left > 0 && is_conflict(&error) => left -= 1,
                outcome => return Ok((answer, outcome.transpose()?)),
            }
        }
    }
}

fn is_conflict(error: &AppendError) -> bool {
    matches!(error, AppendError::WrongExpectedVersion { .. } | AppendError::ConditionFailed { .. })
}

impl Decisions {
    /// Decides on a command for a stream, as it is with the decisions made before. The events are stored with the rest.
    ///
    /// When the context's command id has stored its events before, nothing is decided: it gives those of the stream.
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
        let done = stored_events(&self.store, &self.context, SCOPE);
        if !done.is_empty() {
            let mut stored = self.store.events_at(&done).await?;
            self.done = done;
            stored.retain(|event| event.stream() == stream);
            return Ok(repository.folder().decode_all(stored)?);
        }
        self.has_decided = true;
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
    ) -> Result<D::State, CommandError<D::Rejection>> {
        let staged = self.commit.writes.iter().find(|write| write.stream == *stream);
        let events = staged.map_or(&[][..], |write| &write.events);
        folder.fold_new(state, events, self.store.head().next())
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
        let new = self.context.dress(SCOPE, self.commit.event_count(), events)?;
        folder.fold_new(state, &new, self.store.head().next())?;
        match staged {
            Some(at) => self.commit.writes[at].events.extend(new),
            // The decision rests on the stream although it adds nothing to it.
            None if new.is_empty() => self.check(stream.clone(), expected),
            None => self.commit.writes.push(StreamWrite { stream: stream.clone(), expected, events: new }),
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
        let stored = self.store.events_at(&self.done).await?;
        if let (Some(event), true) = (stored.first(), self.has_decided) {
            // Another handle has executed the command between two of the decisions.
            return Err(AppendError::DuplicateEventId { id: event.id(), position: event.position() });
        }
        if !stored.is_empty() {
            return Ok(repeated(&stored));
        }
        if self.commit.writes.is_empty() {
            return self.judge_without_events().await.map(|()| None);
        }
        self.store.commit_as(self.commit, self.context.durability).await.map(Some)
    }

    /// Judges what the decisions rest on when there is nothing to commit.
    async fn judge_without_events(&self) -> Result<(), AppendError> {
        if self.commit.checks.is_empty() && self.commit.conditions.is_empty() {
            return Ok(());
        }
        for condition in &self.commit.conditions {
            condition.query.check().map_err(|source| InvalidCommit::Query { source })?;
        }
        self.store.refresh().await?;
        self.store.with_log(|log| Judge::new(log).check(&self.commit))
    }
}
