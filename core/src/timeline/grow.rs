//! Folding the log from its beginning to its head, page by page.

use super::error::TimelineError;
use super::{Cursor, Inner};
use crate::domain::{Position, Projection, RecordedEvent};
use crate::engine::{Events, Pace, ReadOptions};

/// Events that are lifted together before they are folded.
const PREPARED_EVENTS: usize = 256;

impl<P: Projection> Inner<P> {
    /// The position that a cursor means, once everything up to it is folded.
    pub(super) async fn reach(&self, cursor: Cursor) -> Result<Position, TimelineError> {
        let at = self.position_of(cursor).await?;
        self.grow(at).await?;
        Ok(at)
    }

    pub(super) async fn position_of(&self, cursor: Cursor) -> Result<Position, TimelineError> {
        let store = &self.store;
        match cursor {
            Cursor::Position(at) if at <= self.folded_to.get() => Ok(at),
            Cursor::Position(at) if at <= store.head() => Ok(at),
            Cursor::Position(at) => Ok(at.min(store.refresh().await?)),
            Cursor::Time(time) => {
                let at = store.with_log(|log| log.position_at(time));
                if at < store.head() {
                    return Ok(at);
                }
                // Another handle may have stored more that lies before this time.
                store.refresh().await?;
                Ok(store.with_log(|log| log.position_at(time)))
            }
            Cursor::Head => Ok(store.refresh().await?),
        }
    }

    /// Folds everything up to `to`, which is known to the store.
    pub(super) async fn grow(&self, to: Position) -> Result<(), TimelineError> {
        let mut reading = None;
        let mut pace = Pace::new(&self.store);
        while !self.grow_by_page(to, &mut reading, &mut pace).await? {}
        Ok(())
    }

    /// Folds one more page, and says whether `to` is reached. Between two pages others may fold.
    pub(super) async fn grow_by_page(
        &self,
        to: Position,
        reading: &mut Option<(Position, Events)>,
        pace: &mut Pace,
    ) -> Result<bool, TimelineError> {
        if self.folded_to.get() >= to {
            return Ok(true);
        }
        let _gate = self.gate.lock().await;
        let folded_to = self.folded_to.get();
        if folded_to >= to {
            return Ok(true);
        }
        if let Some(error) = self.failure.borrow().clone() {
            return Err(error);
        }
        self.thin_keyframes(pace).await;
        let mut events = match reading.take() {
            Some((at, events)) if at == folded_to => events,
            _ => {
                self.query.check()?;
                let (from, query) = (Some(folded_to.next()), Some(self.query.clone()));
                self.store.read_known(ReadOptions { from, to: Some(to), query, ..ReadOptions::default() })
            }
        };
        let page = events.next_page().await?;
        let folded = match &page {
            Some(page) => self.fold_page(page, pace).await,
            None => {
                self.folded_to.set(to);
                Ok(())
            }
        };
        self.note_stats();
        folded?;
        *reading = Some((self.folded_to.get(), events));
        Ok(page.is_none())
    }

    /// Said from here, the figures can be asked for at any time, even by the projection while it folds.
    fn note_stats(&self) {
        self.stats.set(self.histories.borrow().stats(self.folded_to.get()));
    }

    async fn fold_page(&self, page: &[RecordedEvent], pace: &mut Pace) -> Result<(), TimelineError> {
        for part in page.chunks(PREPARED_EVENTS) {
            let (payloads, failure) = self.lift(part);
            self.projection.prepare(&payloads);
            for (done, payloads) in payloads.chunk_by(|a, b| a.position() == b.position()).enumerate() {
                let at = payloads[0].position();
                let folded = self.histories.borrow_mut().fold(&self.projection, payloads);
                if let Err(error) = folded {
                    return Err(self.fail(at, error));
                }
                self.folded_to.set(at);
                self.thin_keyframes(pace).await;
                if done % 16 == 15 {
                    pace.step().await;
                }
            }
            if let Some((at, error)) = failure {
                return Err(self.fail(at, error));
            }
            if let Some(last) = part.last() {
                self.folded_to.set(last.position());
            }
            pace.step().await;
        }
        Ok(())
    }

    fn fail(&self, at: Position, error: TimelineError) -> TimelineError {
        self.folded_to.set(Position::new(at.get() - 1));
        *self.failure.borrow_mut() = Some(error.clone());
        error
    }

    /// The payloads of the events, in order, up to the first that cannot be lifted.
    pub(super) fn lift(&self, events: &[RecordedEvent]) -> (Vec<RecordedEvent>, Option<(Position, TimelineError)>) {
        let upcasters = self.store.upcasters();
        let mut payloads = Vec::with_capacity(events.len());
        for event in events {
            match upcasters.lift(event.clone()) {
                Ok(lifted) => payloads.extend(lifted),
                Err(error) => return (payloads, Some((event.position(), error.into()))),
            }
        }
        (payloads, None)
    }

    /// Drops every second keyframe for as long as they take too many bytes.
    async fn thin_keyframes(&self, pace: &mut Pace) {
        let mut thinned = 0_u32;
        while self.histories.borrow_mut().thin(&self.projection, self.keyframe_budget()) {
            thinned += 1;
            if thinned.is_multiple_of(16) {
                pace.step().await;
            }
        }
    }

    /// A quarter of the memory is for the states near the last seeks.
    fn keyframe_budget(&self) -> usize {
        self.options.memory_bytes - self.options.memory_bytes / 4
    }
}
