//! Appending: calls in flight share one transaction, each judged on its own in call order.

use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot;

use super::error::AppendError;
use super::judge::{Judge, Prepared, Verdict};
use super::project::Inline;
use super::state::{Parsed, Refused, State, is_events};
use super::store::{EventStore, Inner};
use crate::domain::{Commit, CommitResult, ExpectedVersion, NewEvent, Position, RecordedEvent, StreamName, Timestamp};
use crate::storage::codec::{Draft, EventsEncoder, Hash, Payloads};
use crate::storage::{AppendPlan, Appended, DerivedWrite, Durability, Learned, LogEntry, Nudge, StorageError};

/// A record is ended once its rows and payloads reach this size, so that the entries of the log stay below the
/// 64 KiB from which browsers keep values in files of their own.
const RECORD_TARGET_BYTES: usize = 56 * 1024;
/// Calls beyond this many bytes wait for the next transaction.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Attempts of a transaction that projections take part in.
const INLINE_ATTEMPTS: usize = 8;

struct Call {
    prepared: Prepared,
    durability: Durability,
    reply: oneshot::Sender<Result<CommitResult, AppendError>>,
}

/// Calls that wait for a transaction.
#[derive(Default)]
pub(crate) struct Queue {
    calls: VecDeque<Call>,
    is_running: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("calls", &self.calls.len()).finish_non_exhaustive()
    }
}

impl Queue {
    fn take_batch(&mut self) -> Vec<Call> {
        let mut bytes = 0;
        let mut batch = Vec::new();
        while let Some(call) = self.calls.front() {
            bytes += call.prepared.commit.writes.iter().flat_map(|w| &w.events).map(NewEvent::byte_len).sum::<usize>();
            if !batch.is_empty() && bytes > BATCH_BYTES {
                break;
            }
            batch.extend(self.calls.pop_front());
        }
        batch
    }
}

impl EventStore {
    /// Appends events to one stream: all or nothing, at consecutive positions.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was written then.
    ///
    /// ```
    /// # futures_executor::block_on(async {
    /// use leftfold_core::{EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, StreamName};
    /// let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
    /// let stream = StreamName::new("order-7f3a")?;
    /// let placed = NewEvent::json("OrderPlaced", &serde_json::json!({ "sku": "SKU-AERO-14", "units": 25 }))?;
    /// let result = store.append(stream.clone(), ExpectedVersion::NoStream, vec![placed.clone()]).await?;
    /// assert_eq!(result.first_position.get(), 1);
    /// let conflict = store.append(stream, ExpectedVersion::NoStream, vec![placed]).await;
    /// assert_eq!(conflict.unwrap_err().code(), "wrong-expected-version");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn append(
        &self,
        stream: StreamName,
        expected: ExpectedVersion,
        events: Vec<NewEvent>,
    ) -> Result<CommitResult, AppendError> {
        self.commit(Commit::to_stream(stream, expected, events)).await
    }

    /// Stores a commit with the durability of the store.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was written then.
    pub async fn commit(&self, commit: Commit) -> Result<CommitResult, AppendError> {
        self.commit_with(commit, self.inner.options.durability).await
    }

    pub(super) async fn commit_as(
        &self,
        commit: Commit,
        durability: Option<Durability>,
    ) -> Result<CommitResult, AppendError> {
        self.commit_with(commit, durability.unwrap_or(self.inner.options.durability)).await
    }

    /// Stores a commit with a durability of its own. Calls that share a transaction share the strictest.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was written then.
    pub async fn commit_with(&self, commit: Commit, durability: Durability) -> Result<CommitResult, AppendError> {
        self.inner.check_open()?;
        commit.check()?;
        let prepared = self.inner.prepare(commit);
        let (reply, answer) = oneshot::channel();
        let start = {
            let mut queue = self.inner.queue.borrow_mut();
            queue.calls.push_back(Call { prepared, durability, reply });
            !std::mem::replace(&mut queue.is_running, true)
        };
        if start {
            self.inner.storage.host().spawn(Box::pin(Rc::clone(&self.inner).run_queue()));
        }
        let dropped = |_| StorageError::Aborted { reason: "the task that appends has ended".to_owned() };
        answer.await.map_err(dropped)?
    }
}

impl Inner {
    fn prepare(&self, commit: Commit) -> Prepared {
        let now = self.storage.host().now();
        let mut has_given_ids = false;
        let stamps = commit.writes.iter().flat_map(|write| &write.events).map(|event| {
            has_given_ids |= event.id().is_some();
            (event.id().unwrap_or_else(|| self.new_id(now)), event.time().unwrap_or(now))
        });
        let stamps = stamps.collect();
        Prepared { commit, stamps, has_given_ids }
    }

    async fn run_queue(self: Rc<Self>) {
        loop {
            let batch = self.queue.borrow_mut().take_batch();
            if batch.is_empty() {
                self.queue.borrow_mut().is_running = false;
                return;
            }
            let gate = self.append_gate.lock().await;
            self.run_batch(batch).await;
            drop(gate);
        }
    }

    async fn run_batch(self: &Rc<Self>, calls: Vec<Call>) {
        let strict = calls.iter().any(|call| call.durability == Durability::Strict);
        let durability = if strict { Durability::Strict } else { Durability::Relaxed };
        let before = self.state.borrow().head();
        let inline = self.inline_projections();
        let mut batch =
            Batch { inner: self, calls, verdicts: Vec::new(), entries: Vec::new(), recorded_at: None, inline };
        let outcome = match batch.inline.is_empty() {
            true => self.append_plan(&mut batch, durability).await,
            false => self.append_with_inline(&mut batch, durability).await,
        };
        let Batch { calls, verdicts, entries, inline, .. } = batch;
        if !entries.is_empty() {
            inline.iter().for_each(|projection| projection.settle(outcome.is_ok()));
        }
        let outcome = outcome.and_then(|()| self.add_own(&entries));
        self.settle(calls, verdicts, outcome);
        if !entries.is_empty() {
            self.storage.announce(Nudge::Log);
        }
        // The transaction may have told of others' commits and written nothing itself.
        if self.state.borrow().head() != before {
            self.head_moved();
        }
    }

    /// Runs a plan until it is written, catching up outside of transactions where it must.
    pub(super) async fn append_plan(
        &self,
        plan: &mut dyn AppendPlan,
        durability: Durability,
    ) -> Result<(), StorageError> {
        loop {
            self.check_open()?;
            match self.storage.append(plan, durability).await? {
                Appended::Written | Appended::Nothing => return Ok(()),
                Appended::Behind => self.catch_up().await?,
            }
        }
    }

    /// The same for a batch that projections take part in: they are made ready before each attempt.
    ///
    /// Where other handles keep writing to the same projections, the append goes on alone after some attempts, and the
    /// projections catch up behind it.
    async fn append_with_inline(&self, batch: &mut Batch<'_>, durability: Durability) -> Result<(), StorageError> {
        for _ in 0..INLINE_ATTEMPTS {
            self.check_open()?;
            batch.entries();
            let events = batch.accepted_events();
            for projection in &batch.inline {
                projection.prepare(&events).await;
            }
            match self.storage.append(batch, durability).await? {
                Appended::Written | Appended::Nothing => return Ok(()),
                Appended::Behind => {
                    batch.inline.iter().for_each(|projection| projection.settle(false));
                    self.catch_up().await?;
                }
            }
        }
        batch.inline.clear();
        self.append_plan(batch, durability).await
    }

    /// Adds entries that this handle has just written, if a catch-up has not added them already.
    fn add_own(&self, entries: &[(LogEntry, Hash)]) -> Result<(), StorageError> {
        let mut state = self.state.borrow_mut();
        for (entry, chain_after) in entries {
            if entry.position == state.head().next() {
                let decoded = Payloads::decode_with_columns(entry.bytes.clone());
                let (payloads, columns) = decoded.map_err(|error| StorageError::corrupt(entry.position, error))?;
                state.add_events(Rc::new(payloads), &columns, *chain_after)?;
            }
        }
        Ok(())
    }

    /// Answers the calls. When the storage failed, so did they all: what was decided of them may rest on events that are
    /// not there, or miss some that are. A repeat of what is stored stays one, unless it repeats a call of this group.
    fn settle(&self, calls: Vec<Call>, verdicts: Vec<Verdict>, outcome: Result<(), StorageError>) {
        let first_accepted = verdicts.iter().position(|verdict| matches!(verdict, Verdict::Accepted(_)));
        let mut verdicts = verdicts.into_iter();
        for (number, call) in calls.into_iter().enumerate() {
            let answer = match (verdicts.next(), &outcome) {
                (Some(Verdict::Duplicate(result)), Err(_)) if first_accepted.is_none_or(|first| number < first) => {
                    Ok(result)
                }
                (_, Err(error)) => Err(error.clone().into()),
                (None, Ok(())) => Err(StorageError::Aborted { reason: "it was never judged".to_owned() }.into()),
                (Some(Verdict::Accepted(result) | Verdict::Duplicate(result)), Ok(())) => Ok(result),
                (Some(Verdict::Rejected(error)), Ok(())) => Err(error),
            };
            // A caller that went away does not want to know.
            let _ = call.reply.send(answer);
        }
    }
}

/// The calls of one transaction.
struct Batch<'a> {
    inner: &'a Inner,
    calls: Vec<Call>,
    verdicts: Vec<Verdict>,
    entries: Vec<(LogEntry, Hash)>,
    recorded_at: Option<Timestamp>,
    /// Projections that are carried on in the same transaction.
    inline: Vec<Rc<dyn Inline>>,
}

impl Batch<'_> {
    /// The events that were accepted, as they will be read.
    fn accepted_events(&self) -> Vec<RecordedEvent> {
        let accepted = self.calls.iter().zip(&self.verdicts).filter_map(|(call, verdict)| match verdict {
            Verdict::Accepted(result) => Some((&call.prepared, result)),
            _ => None,
        });
        let recorded_at = self.recorded_at.unwrap_or_default();
        accepted.flat_map(|(prepared, result)| prepared.recorded(result, recorded_at)).collect()
    }
}

impl AppendPlan for Batch<'_> {
    fn next_position(&self) -> Position {
        self.inner.state.borrow().head().next()
    }

    fn entries(&mut self) -> Vec<LogEntry> {
        let state = self.inner.state.borrow();
        let mut judge = Judge::new(&state.view);
        self.verdicts = self.calls.iter().map(|call| judge.judge(&call.prepared)).collect();
        let accepted = self.calls.iter().zip(&self.verdicts).filter(|(_, v)| matches!(v, Verdict::Accepted(_)));
        let now = self.inner.storage.host().now();
        let recorded_at = *self.recorded_at.get_or_insert(now);
        self.entries = encode(&state, accepted.map(|(call, _)| &call.prepared), recorded_at);
        self.entries.iter().map(|(entry, _)| entry.clone()).collect()
    }

    fn may_write_derived(&self) -> bool {
        !self.inline.is_empty()
    }

    fn derived(&mut self) -> Vec<DerivedWrite> {
        if self.inline.is_empty() || self.entries.is_empty() {
            return Vec::new();
        }
        let events = self.accepted_events();
        let head = self.inner.state.borrow().head();
        self.inline.iter().filter_map(|projection| projection.write(head, &events)).collect()
    }

    fn learn(&mut self, news: &[LogEntry]) -> Result<Learned, StorageError> {
        self.inner.learn(news)
    }
}

impl Inner {
    /// Adds entries that hold events themselves, as a transaction under way can.
    pub(super) fn learn(&self, news: &[LogEntry]) -> Result<Learned, StorageError> {
        let mut state = self.state.borrow_mut();
        for entry in news {
            if entry.position > state.head() && !is_events(entry) {
                return Ok(Learned::NeedsSegments);
            }
            match state.parse(entry) {
                Ok(Some(Parsed::Events { payloads, columns, chain_after })) => {
                    state.add_events(payloads, &columns, chain_after)?;
                }
                Ok(_) => {}
                Err(Refused::Gap) => return Ok(Learned::NeedsSegments),
                Err(Refused::Storage(error)) => return Err(error),
            }
        }
        Ok(Learned::All)
    }
}

/// The events of accepted commits as entries behind the head.
fn encode<'a>(
    state: &State,
    accepted: impl Iterator<Item = &'a Prepared>,
    recorded_at: Timestamp,
) -> Vec<(LogEntry, Hash)> {
    let mut entries = Vec::new();
    let mut position = state.head().next();
    let mut chain = state.chain;
    let mut encoder = EventsEncoder::new(recorded_at);
    let mut end_record = |encoder: &mut EventsEncoder| {
        let full = std::mem::replace(encoder, EventsEncoder::new(recorded_at));
        let count = full.count();
        let (bytes, hash) = full.finish(&chain);
        chain = hash;
        entries.push((LogEntry { position, bytes }, hash));
        position = position.plus(count.into());
    };
    for prepared in accepted {
        let mut stamps = prepared.stamps.iter();
        for write in &prepared.commit.writes {
            for (event, (id, time)) in write.events.iter().zip(stamps.by_ref()) {
                if encoder.count() > 0 && encoder.byte_len() + event.byte_len() > RECORD_TARGET_BYTES {
                    end_record(&mut encoder);
                }
                encoder.push(&Draft { stream: &write.stream, id: *id, time: *time, event });
            }
        }
    }
    if encoder.count() > 0 {
        end_record(&mut encoder);
    }
    entries
}
