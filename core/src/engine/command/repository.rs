//! Repositories: from a command to events in a stream.

use std::rc::Rc;
use std::time::Duration;

use super::context::CommandContext;
use super::error::{CommandError, LoadError};
use super::load::{Folder, Loaded};
use super::snapshot::SnapshotPolicy;
use crate::domain::{
    Commit, CommitResult, Decider, ExpectedVersion, Position, RecordedEvent, StreamName, StreamRange, StreamVersion,
    UnknownTypes,
};
use crate::engine::{AppendError, EventStore};

/// How often a command is decided anew after a conflict.
const RETRIES: u32 = 3;

/// Executes the commands of a decider on the streams of a store: load, decide, append with the version that was seen.
///
/// ```
/// # use leftfold_core::{Decider, DomainEvent};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// # enum CounterEvent { Counted { by: i64 } }
/// # impl DomainEvent for CounterEvent {}
/// # #[derive(Debug, PartialEq, thiserror::Error)]
/// # #[error("below zero")]
/// # struct BelowZero;
/// # struct Counter;
/// # impl Decider for Counter {
/// #     type State = i64;
/// #     type Command = i64;
/// #     type Event = CounterEvent;
/// #     type Rejection = BelowZero;
/// #     fn name(&self) -> &str { "counter" }
/// #     fn initial_state(&self) -> i64 { 0 }
/// #     fn decide(&self, state: &i64, by: &i64) -> Result<Vec<CounterEvent>, BelowZero> {
/// #         if state + by < 0 { return Err(BelowZero) }
/// #         Ok(vec![CounterEvent::Counted { by: *by }])
/// #     }
/// #     fn evolve(&self, state: i64, CounterEvent::Counted { by }: CounterEvent) -> i64 { state + by }
/// # }
/// # futures_executor::block_on(async {
/// use leftfold_core::{CommandContext, EventStore, MemoryDatabase, OpenOptions, Repository, SnapshotPolicy, StreamName};
///
/// let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
/// let counters = Repository::new(&store, Counter).with_snapshots(SnapshotPolicy::default());
/// let stream = StreamName::new("counter-1")?;
///
/// let executed = counters.execute(&stream, &5, CommandContext::default()).await?;
/// assert_eq!((executed.state, executed.version.get()), (5, 1));
///
/// let refused = counters.execute(&stream, &-6, CommandContext::default()).await;
/// assert_eq!(refused.unwrap_err().code(), "rejected");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Repository<D> {
    store: EventStore,
    decider: Rc<D>,
    snapshots: Option<SnapshotPolicy>,
    retries: u32,
    unknown: UnknownTypes,
}

impl<D> Clone for Repository<D> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), decider: Rc::clone(&self.decider), ..*self }
    }
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Executed<S, E> {
    /// The events that it stored, or had stored before; none when there was nothing to do.
    pub events: Vec<E>,
    /// The state of the stream after them; of a command that was executed before, and when others have written behind the
    /// events, the state as it is now.
    pub state: S,
    /// The version of the stream that it is the state of.
    pub version: StreamVersion,
    /// Where the events stand; `None` when there are none. `duplicate` says that the command was executed before.
    pub commit: Option<CommitResult>,
}

impl<D: Decider + 'static> Repository<D> {
    /// A repository without snapshots.
    #[must_use]
    pub fn new(store: &EventStore, decider: D) -> Self {
        let (store, decider) = (store.clone(), Rc::new(decider));
        Self { store, decider, snapshots: None, retries: RETRIES, unknown: UnknownTypes::Fail }
    }

    /// The same, keeping snapshots by a policy.
    #[must_use]
    pub fn with_snapshots(mut self, policy: SnapshotPolicy) -> Self {
        self.snapshots = Some(policy);
        self
    }

    /// The same, deciding anew up to `retries` times after a conflict. Default 3.
    #[must_use]
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// The same, with another answer to event types that the decider does not know. Default: fail.
    #[must_use]
    pub fn with_unknown_types(mut self, unknown: UnknownTypes) -> Self {
        self.unknown = unknown;
        self
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &EventStore {
        &self.store
    }

    /// The decider.
    #[must_use]
    pub fn decider(&self) -> &D {
        &self.decider
    }

    pub(super) fn shared_decider(&self) -> Rc<D> {
        Rc::clone(&self.decider)
    }

    pub(super) fn snapshots(&self) -> Option<&SnapshotPolicy> {
        self.snapshots.as_ref()
    }

    pub(super) fn unknown_types(&self) -> UnknownTypes {
        self.unknown
    }

    pub(super) fn folder(&self) -> Folder<'_, D> {
        Folder { decider: &self.decider, upcasters: self.store.upcasters(), unknown: self.unknown }
    }

    /// Loads the stream, decides, and appends what was decided.
    ///
    /// When another writer was first, all of it is done anew, up to the retries of the repository; but not when the
    /// context names the version that the caller expects. A command whose id has stored events in this stream before, by
    /// whichever handle, stores nothing: the answer holds what is stored, whatever version the context names.
    ///
    /// # Errors
    /// [`CommandError`]; nothing was stored then.
    pub async fn execute(
        &self,
        stream: &StreamName,
        command: &D::Command,
        context: CommandContext,
    ) -> Result<Executed<D::State, D::Event>, CommandError<D::Rejection>> {
        let mut left = if context.expected_version.is_some() { 0 } else { self.retries };
        loop {
            match self.attempt(stream, command, &context).await {
                Err(error) if left > 0 && error.is_conflict() => left -= 1,
                outcome => return outcome,
            }
        }
    }

    async fn attempt(
        &self,
        stream: &StreamName,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D::State, D::Event>, CommandError<D::Rejection>> {
        let loaded = self.load(stream).await?;
        if let Some(done) = self.done_before(stream, context, &loaded).await? {
            return Ok(done);
        }
        let events = self.decider.decide(&loaded.state, command).map_err(CommandError::Rejected)?;
        let expected = context.expected_version.unwrap_or(ExpectedVersion::Exact(loaded.version));
        if events.is_empty() {
            if !expected.admits(loaded.version) {
                let (stream, actual) = (stream.clone(), loaded.version);
                return Err(AppendError::WrongExpectedVersion { stream, expected, actual }.into());
            }
            return Ok(Executed { events, state: loaded.state, version: loaded.version, commit: None });
        }
        let new = context.dress(stream.as_str(), 0, &events)?;
        // Folded before it is stored: what cannot be read back must not be written.
        let state = self.folder().fold_new(loaded.state.clone(), &new, self.store.head().next())?;
        let commit = Commit::to_stream(stream.clone(), expected, new);
        let outcome = self.store.commit_as(commit, context.durability).await;
        if is_repeat(&outcome) {
            let loaded = self.load(stream).await?;
            if let Some(done) = self.done_before(stream, context, &loaded).await? {
                return Ok(done);
            }
        }
        let result = outcome?;
        let range = result.streams.first();
        let (first, version) = range.map_or_else(Default::default, |range| (range.first_version, range.last_version));
        if first == loaded.version.next() && !result.duplicate {
            self.keep(stream, &state, version, loaded.snapshot.unwrap_or_default(), Duration::ZERO);
            return Ok(Executed { events, state, version, commit: Some(result) });
        }
        // Behind events of others that the caller is fine with, or stored before under ids of the domain's own.
        let Loaded { state, version, .. } = self.load(stream).await?;
        Ok(Executed { events, state, version, commit: Some(result) })
    }

    /// What a command with this id has stored in the stream before, if it has.
    pub(super) async fn done_before(
        &self,
        stream: &StreamName,
        context: &CommandContext,
        loaded: &Loaded<D::State>,
    ) -> Result<Option<Executed<D::State, D::Event>>, LoadError> {
        let positions = stored_events(&self.store, context, stream.as_str());
        let stored = self.store.events_at(&positions).await?;
        let Some(result) = repeated(&stored) else { return Ok(None) };
        // They may have become known behind the load: the state is never one from before them.
        let is_behind = stored.iter().any(|event| event.version() > loaded.version);
        let (state, version) = if is_behind {
            let Loaded { state, version, .. } = self.load(stream).await?;
            (state, version)
        } else {
            (loaded.state.clone(), loaded.version)
        };
        let events = self.folder().decode_all(stored)?;
        Ok(Some(Executed { events, state, version, commit: Some(result) }))
    }
}

/// Where the events stand that a command with this id has stored, in their order.
pub(super) fn stored_events(store: &EventStore, context: &CommandContext, scope: &str) -> Vec<Position> {
    store.with_log(|log| (0..).map_while(|number| log.find_id(context.event_id(scope, number)?)).collect())
}

/// Whether events with ids of the commit are stored: another handle has executed the same command since it was looked for,
/// and may have decided otherwise. What it decided is what holds.
pub(super) fn is_repeat(outcome: &Result<CommitResult, AppendError>) -> bool {
    match outcome {
        Ok(result) => result.duplicate,
        Err(error) => matches!(error, AppendError::DuplicateEventId { .. }),
    }
}

/// The commit that stored these events before, in whatever order they are given; `None` if there are none.
pub(super) fn repeated(events: &[RecordedEvent]) -> Option<CommitResult> {
    // The numbers of a command's events follow its decisions, their positions the writes.
    let mut events: Vec<&RecordedEvent> = events.iter().collect();
    events.sort_unstable_by_key(|event| event.position());
    let (first_position, last_position) = (events.first()?.position(), events.last()?.position());
    let mut streams: Vec<StreamRange> = Vec::new();
    for event in events {
        match streams.iter_mut().find(|range| range.stream == *event.stream()) {
            Some(range) => range.last_version = event.version(),
            None => streams.push(StreamRange {
                stream: event.stream().clone(),
                first_version: event.version(),
                last_version: event.version(),
            }),
        }
    }
    Some(CommitResult { first_position, last_position, streams, duplicate: true })
}
