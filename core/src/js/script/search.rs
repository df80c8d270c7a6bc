//! Which event it was that did not come to an end.

use super::fault::ScriptFault;
use super::inner::Inner;
use super::pack::Packer;
use super::sandbox::{Question, Worker};
use crate::domain::{Position, Query, RecordedEvent};
use crate::engine::ReadOptions;
use crate::timeline::TimelineError;

/// A pass over the log that is made once more, by another worker: a batch whose worker was ended says nothing of its events.
pub(super) struct Search<'a> {
    inner: &'a Inner,
    worker: Worker,
    packer: Packer,
    ask: &'static str,
}

impl<'a> Search<'a> {
    /// Starts another worker; `ask` is what is asked of every batch, `begin` what is asked before the first of them.
    pub(super) async fn start(
        inner: &'a Inner,
        ask: &'static str,
        begin: Option<Question>,
    ) -> Result<Self, TimelineError> {
        let worker = Worker::start().await?;
        worker.ask(Question::new("define").with("text", inner.text.as_str())).await?;
        if let Some(begin) = begin {
            worker.ask(begin).await?;
        }
        Ok(Self { inner, worker, packer: Packer::default(), ask })
    }

    /// Makes the pass up to a position, which was passed before.
    pub(super) async fn pass_to(&mut self, to: Position, query: &Query) -> Result<(), TimelineError> {
        if to == Position::ZERO {
            return Ok(());
        }
        let query = Some(query).filter(|query| **query != Query::everything()).cloned();
        let mut events = self.inner.store.read_known(ReadOptions { to: Some(to), query, ..ReadOptions::default() });
        while let Some(page) = events.next_page().await? {
            let page = self.inner.lifted(page)?;
            self.asked(Question::new(self.ask), false, &page).await?;
        }
        Ok(())
    }

    /// Announces each of the events, upcast as they are, before its turn; gives the one that did not end. `None` where all of them
    /// did: then it was the machine that stood still.
    pub(super) async fn look(
        &mut self,
        with: impl FnOnce(Question) -> Question,
        events: &[RecordedEvent],
    ) -> Result<Option<Position>, TimelineError> {
        match self.asked(with(Question::new(self.ask)), true, events).await {
            Err(fault) if fault.is_endless => Ok(fault.position),
            said => Ok(said.map(|()| None)?),
        }
    }

    async fn asked(
        &mut self,
        question: Question,
        announces: bool,
        events: &[RecordedEvent],
    ) -> Result<(), ScriptFault> {
        let question = question.with("upTo", 0).with("announces", announces).batch(self.packer.pack(events));
        self.worker.ask(question).await.map(drop)
    }
}

impl Inner {
    /// The event behind `after` and up to `up_to` that did not end in a pass that asks `ask` of every batch.
    pub(super) async fn find_endless(
        &self,
        ask: &'static str,
        begin: Option<Question>,
        (after, up_to): (Position, Position),
    ) -> Result<Option<Position>, TimelineError> {
        let mut search = Search::start(self, ask, begin).await?;
        search.pass_to(after, &self.outline.query).await?;
        let mut events = self.store.read_known(self.outline.read_from(after.next(), up_to));
        while let Some(page) = events.next_page().await? {
            if let Some(found) = search.look(|question| question, &self.lifted(page)?).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
