//! Folding the log from its beginning to its head, page by page, and laying keyframes on the way.

use std::rc::Rc;

use super::error::TimelineError;
use super::keyframes::{States, keyframe, thin};
use super::partitions::Partitions;
use super::touches::Touches;
use super::{Cursor, Inner, TimelineStats};
use crate::domain::{Position, Projection, RecordedEvent};
use crate::engine::{Events, Pace, ReadOptions};

/// Events that are lifted together before they are folded.
const PREPARED_EVENTS: usize = 256;

/// The states behind the last keyframe, which grow with the log.
#[derive(Debug)]
pub(super) struct Tail<S> {
    /// The states after all that is folded.
    pub(super) states: States<S>,
    /// The events since the last keyframe.
    pub(super) touches: Touches,
    pub(super) partitions: Partitions,
    /// The event that could not be folded stands right behind what is folded.
    failure: Option<TimelineError>,
    /// Partitions whose state here is half changed by the event that failed.
    pub(super) spoiled: Vec<u32>,
}

impl<S> Default for Tail<S> {
    fn default() -> Self {
        let (states, touches, partitions) = (States::default(), Touches::default(), Partitions::default());
        Self { states, touches, partitions, failure: None, spoiled: Vec::new() }
    }
}

impl<S: Clone> Tail<S> {
    /// Folds an event of the log: the payloads that it was lifted to.
    fn fold<P: Projection<State = S>>(
        &mut self,
        projection: &P,
        payloads: &[RecordedEvent],
    ) -> Result<(), TimelineError> {
        let known = self.partitions.len();
        let mut touched: Vec<u32> = Vec::new();
        for event in payloads {
            if let Err(error) = self.fold_payload(projection, event, &mut touched) {
                self.spoiled = touched.iter().copied().filter(|number| (*number as usize) < known).collect();
                touched.iter().filter(|number| **number as usize >= known).for_each(|number| {
                    self.states.remove(number);
                });
                self.partitions.truncate(known);
                return Err(error);
            }
        }
        for number in touched {
            self.touches.push(payloads[0].position(), number);
        }
        Ok(())
    }

    fn fold_payload<P: Projection<State = S>>(
        &mut self,
        projection: &P,
        event: &RecordedEvent,
        touched: &mut Vec<u32>,
    ) -> Result<(), TimelineError> {
        let failed = |error: crate::domain::BoxError| fold_error(event, &error);
        let Some(name) = projection.partition(event).map_err(failed)? else { return Ok(()) };
        let number = match self.partitions.number(&name) {
            Some(number) => number,
            None => {
                let number = self.partitions.add(&name, event.position());
                self.states.insert(number, Rc::new(projection.initial()));
                number
            }
        };
        if !touched.contains(&number) {
            touched.push(number);
        }
        match self.states.get_mut(&number) {
            Some(state) => projection.apply(Rc::make_mut(state), event).map_err(failed),
            None => Ok(()),
        }
    }
}

pub(super) fn fold_error(event: &RecordedEvent, error: &crate::domain::BoxError) -> TimelineError {
    let (position, event_type) = (event.position(), event.event_type().clone());
    TimelineError::Fold { position, event_type, reason: error.to_string() }
}

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
        if let Some(error) = self.tail.borrow().failure.clone() {
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
        let (keyframes, tail) = (self.keyframes.borrow(), self.tail.borrow());
        let touches: usize = keyframes.frames.iter().map(|frame| frame.touches.bytes()).sum();
        self.stats.set(TimelineStats {
            folded_to: self.folded_to.get(),
            partitions: tail.partitions.len(),
            keyframes: keyframes.frames.len(),
            spacing: keyframes.spacing,
            is_bound_kept: keyframes.spacing <= self.options.fold_bound.max(1),
            kept_bytes: keyframes.bytes,
            index_bytes: touches + tail.touches.bytes() + tail.partitions.bytes(),
        });
    }

    async fn fold_page(&self, page: &[RecordedEvent], pace: &mut Pace) -> Result<(), TimelineError> {
        for part in page.chunks(PREPARED_EVENTS) {
            let (payloads, failure) = self.lift(part);
            self.projection.prepare(&payloads);
            for (done, payloads) in payloads.chunk_by(|a, b| a.position() == b.position()).enumerate() {
                let at = payloads[0].position();
                let folded = self.tail.borrow_mut().fold(&self.projection, payloads);
                if let Err(error) = folded {
                    return Err(self.fail(at, error));
                }
                self.folded_to.set(at);
                if self.lay_keyframe() {
                    self.thin_keyframes(pace).await;
                }
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
        self.tail.borrow_mut().failure = Some(error.clone());
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

    /// Keeps the states as a keyframe if it is time to; `true` if it was.
    fn lay_keyframe(&self) -> bool {
        let (touches, states) = {
            let mut tail = self.tail.borrow_mut();
            if tail.touches.events() < self.keyframes.borrow().spacing {
                return false;
            }
            (std::mem::take(&mut tail.touches), tail.states.clone())
        };
        let before = self.keyframes.borrow().frames.last().map(|frame| frame.states.clone());
        let at = self.folded_to.get();
        let (frame, largest) = keyframe(&self.projection, at, &states, touches, before.as_ref());
        self.keyframes.borrow_mut().push(frame, largest);
        true
    }

    /// Drops every second keyframe for as long as there are too many bytes of them.
    async fn thin_keyframes(&self, pace: &mut Pace) {
        loop {
            let frames: Vec<_> = {
                let keyframes = self.keyframes.borrow();
                if keyframes.bytes <= self.keyframe_budget() {
                    return;
                }
                let copy =
                    |frame: &super::keyframes::Keyframe<_>| (frame.at, frame.states.clone(), Rc::clone(&frame.touches));
                keyframes.frames.iter().map(copy).collect()
            };
            let thinned = thin(&self.projection, frames, pace).await;
            let rest = self.keyframes.borrow_mut().replace(thinned);
            let mut tail = self.tail.borrow_mut();
            tail.touches = rest.joined(&tail.touches);
        }
    }

    /// A quarter of the memory is for the states near the last seeks.
    fn keyframe_budget(&self) -> usize {
        self.options.memory_bytes - self.options.memory_bytes / 4
    }
}
