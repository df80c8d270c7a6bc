//! The log on its way to a worker: while the worker folds a batch the next one waits there, and those behind are read.

use std::collections::VecDeque;

use super::fault::ScriptFault;
use super::inner::Inner;
use super::pack::{Parts, PayloadParts};
use super::sandbox::{Answer, Asked, Question};
use crate::domain::{Position, RecordedEvent};
use crate::engine::{Events, Stretches};
use crate::timeline::TimelineError;

/// Batches that the worker has and has not answered: one that it folds, and those that follow at once, while the answer is on its way.
const ASKED: usize = 3;
/// Stretches that the storage is asked for besides the one that is packed next: while that is packed they are fetched.
const AHEAD: usize = 1;
/// How long a worker should take for a batch, in milliseconds: whoever asks it something else waits so long.
const BATCH_MILLIS: f64 = 16.0;
/// From the first batch is learned whether payloads are read: those of all others need not be fetched then.
const FIRST_EVENTS: usize = 1_024;
const LEAST_EVENTS: usize = 256;
const MOST_EVENTS: usize = 65_536;

/// A pass over a part of the log. The worker is asked the same of every batch.
pub(super) struct Feed {
    ask: &'static str,
    events: Source,
    asked: VecDeque<Sent>,
    /// Events of the next batch at most.
    most: usize,
    /// Everything up to here is answered.
    at: Position,
    /// The worker that is fed.
    worker: u32,
    is_at_end: bool,
}

enum Source {
    /// As they are stored.
    Stored(Stretches),
    /// Where there are upcasters.
    Lifted(Events),
}

/// A batch that the worker has.
struct Sent {
    up_to: Position,
    answer: Asked,
    /// Why the log cannot be given on behind it.
    error: Option<TimelineError>,
}

/// What the worker said of a batch.
pub(super) struct Answered {
    /// The positions of the batch lie behind this one.
    pub(super) after: Position,
    /// It is the last of them.
    pub(super) up_to: Position,
    pub(super) said: Result<Answer, ScriptFault>,
    /// Why the log cannot be given on behind it.
    pub(super) error: Option<TimelineError>,
}

impl Feed {
    /// Begins a pass over the events behind a position, up to another.
    pub(super) fn new(inner: &Inner, ask: &'static str, after: Position, to: Position) -> Self {
        let options = inner.outline.read_from(after.next(), to);
        let events = if inner.store.upcasters().is_empty() {
            Source::Stored(inner.store.stretches(options))
        } else {
            Source::Lifted(inner.store.read_known(options))
        };
        Self {
            ask,
            events,
            asked: VecDeque::new(),
            most: FIRST_EVENTS,
            worker: inner.workers.get(),
            at: after,
            is_at_end: false,
        }
    }

    /// Whether everything up to a position is answered, and what lies behind it goes to the worker that there is.
    pub(super) fn is_at(&self, position: Position, inner: &Inner) -> bool {
        self.at == position && self.worker == inner.workers.get()
    }

    /// The next answer; `None` when all are given.
    ///
    /// # Errors
    /// [`TimelineError`]: the log cannot be read. What the worker fails with is part of the answer.
    pub(super) async fn next(&mut self, inner: &Inner) -> Result<Option<Answered>, TimelineError> {
        let most_asked = if inner.reads.is_known() { ASKED } else { 1 };
        while !self.is_at_end && self.asked.len() < most_asked {
            let sent = match &mut self.events {
                Source::Stored(stretches) => stored(self.ask, stretches, self.most, inner).await?,
                Source::Lifted(events) => lifted(self.ask, events, inner).await?,
            };
            self.is_at_end = sent.as_ref().is_none_or(|sent| sent.error.is_some());
            self.asked.extend(sent);
        }
        let Some(sent) = self.asked.pop_front() else { return Ok(None) };
        let said = sent.answer.await;
        if let Ok(said) = &said {
            self.most = fitting(self.most, said.count("events") as usize, said.millis("took"));
        }
        let after = std::mem::replace(&mut self.at, sent.up_to);
        Ok(Some(Answered { after, up_to: sent.up_to, said, error: sent.error }))
    }
}

/// How many events take about [`BATCH_MILLIS`], when some took so long; what was folded before is skipped, and tells nothing. Not
/// more than four times as many as `before`: batches that were planned by then follow.
fn fitting(before: usize, events: usize, millis: f64) -> usize {
    if events == 0 {
        return before;
    }
    let fit = events as f64 * BATCH_MILLIS / millis.max(0.1);
    (fit as usize).clamp(LEAST_EVENTS, MOST_EVENTS.min(4 * before))
}

fn question(ask: &str, up_to: Position) -> Question {
    Question::new(ask).with("upTo", up_to.get() as f64)
}

// Nothing is awaited between packing and asking: names have the numbers of the order in which they are sent.

async fn stored(
    ask: &str,
    stretches: &mut Stretches,
    most: usize,
    inner: &Inner,
) -> Result<Option<Sent>, TimelineError> {
    let ahead = if inner.reads.is_known() { AHEAD } else { 0 };
    let stretch = stretches.next(most, inner.reads.left_out_to(), ahead).await?;
    let Some((stretch, up_to)) = stretch.and_then(|stretch| stretch.last().map(|last| (stretch, last))) else {
        return Ok(None);
    };
    let mut parts = inner.reads.wanted();
    if !stretch.has_payloads() {
        parts = Parts { payloads: PayloadParts::default(), ..parts };
    }
    let members = inner.reads.members();
    let batch = inner.packer.borrow_mut().pack_stretch(&stretch, parts, members.as_deref());
    let answer = inner.worker().post(question(ask, up_to).batch(batch));
    Ok(Some(Sent { up_to, answer, error: None }))
}

async fn lifted(ask: &str, events: &mut Events, inner: &Inner) -> Result<Option<Sent>, TimelineError> {
    let Some(page) = events.next_page().await? else { return Ok(None) };
    let Some(mut up_to) = page.last().map(RecordedEvent::position) else { return Ok(None) };
    let upcasters = inner.store.upcasters();
    let mut payloads = Vec::with_capacity(page.len());
    let mut unlifted = None;
    for event in page {
        let before = Position::new(event.position().get() - 1);
        match upcasters.lift(event) {
            Ok(lifted) => payloads.extend(lifted),
            Err(error) => {
                up_to = before;
                unlifted = Some(TimelineError::from(error));
                break;
            }
        }
    }
    let batch = inner.packer.borrow_mut().pack(&payloads);
    let answer = inner.worker().post(question(ask, up_to).batch(batch));
    Ok(Some(Sent { up_to, answer, error: unlifted }))
}
