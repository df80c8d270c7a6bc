//! What is known of one partition: which events it has, and its state after some of them.

use std::rc::Rc;

use super::walk::Span;
use crate::domain::{Position, Projection};

/// What the record of a state takes beside the state itself.
const KEYFRAME_BYTES: usize = 64;

/// A state that is kept.
#[derive(Debug)]
struct Keyframe<S> {
    /// How many events of the partition are folded into it.
    events: usize,
    state: Rc<S>,
    /// What it needs beside the keyframe before.
    bytes: usize,
}

/// The events of one partition as far as they are folded, and its states.
#[derive(Debug)]
pub(super) struct History<S> {
    pub(super) name: Rc<str>,
    /// The positions of its events, ascending. The index of the log counts its rows in 32 bits too.
    positions: Vec<u32>,
    /// Ascending.
    keyframes: Vec<Keyframe<S>>,
    /// The state after all events.
    pub(super) state: Rc<S>,
    /// An event that failed has half changed the state.
    pub(super) is_spoiled: bool,
}

/// A state, or what must be folded to have it.
pub(super) enum Place<S> {
    /// It is kept; or there is none yet.
    Known(Option<Rc<S>>),
    /// The stretch from a keyframe on, and how many events of it lie at or before the place.
    Within(Span<S>, usize),
}

impl<S> History<S> {
    pub(super) fn new(name: Rc<str>, initial: S) -> Self {
        let (positions, keyframes) = (Vec::new(), Vec::new());
        Self { name, positions, keyframes, state: Rc::new(initial), is_spoiled: false }
    }

    /// The position of the first event.
    pub(super) fn first(&self) -> Position {
        self.positions.first().copied().map(Position::from).unwrap_or_default()
    }

    /// How many events lie at or before `at`.
    fn events_at(&self, at: Position) -> usize {
        self.positions.partition_point(|position| u64::from(*position) <= at.get())
    }

    /// The last keyframe of at most so many events.
    fn keyframe_at(&self, events: usize) -> Option<&Keyframe<S>> {
        self.keyframes[..self.keyframes.partition_point(|keyframe| keyframe.events <= events)].last()
    }

    /// The events behind a keyframe up to event number `end`.
    fn span(&self, keyframe: Option<&Keyframe<S>>, end: usize) -> Span<S> {
        let start = keyframe.map_or(0, |keyframe| keyframe.events);
        let after = start.checked_sub(1).map_or(Position::ZERO, |last| Position::from(self.positions[last]));
        let positions = self.positions[start..end].iter().copied().map(Position::from).collect();
        Span { base: keyframe.map(|keyframe| Rc::clone(&keyframe.state)), after, positions }
    }

    /// The stretch of event number `event`, counted from zero: at most `spacing` events.
    fn stretch(&self, event: usize, spacing: usize) -> Span<S> {
        let keyframe = self.keyframe_at(event);
        let start = keyframe.map_or(0, |keyframe| keyframe.events);
        self.span(keyframe, start.saturating_add(spacing).min(self.positions.len()))
    }

    /// The state after `at`.
    pub(super) fn place(&self, at: Position, spacing: usize) -> Place<S> {
        let events = self.events_at(at);
        if events == 0 {
            return Place::Known(None);
        }
        if events == self.positions.len() && !self.is_spoiled {
            return Place::Known(Some(Rc::clone(&self.state)));
        }
        match self.keyframe_at(events) {
            Some(keyframe) if keyframe.events == events => Place::Known(Some(Rc::clone(&keyframe.state))),
            keyframe => {
                let count = events - keyframe.map_or(0, |keyframe| keyframe.events);
                Place::Within(self.stretch(events, spacing), count)
            }
        }
    }

    /// The last stretch with an event at or before `at`, up to there.
    pub(super) fn span_before(&self, at: Position) -> Option<Span<S>> {
        let events = self.events_at(at);
        let keyframe = self.keyframe_at(events.checked_sub(1)?);
        Some(self.span(keyframe, events))
    }

    /// The first stretch with an event in `from..=to`, from the beginning of the stretch on and up to `to`.
    pub(super) fn span_after(&self, from: Position, to: Position, spacing: usize) -> Option<Span<S>> {
        let event = self.positions.partition_point(|position| u64::from(*position) < from.get());
        if event >= self.events_at(to) {
            return None;
        }
        let mut span = self.stretch(event, spacing);
        span.positions.truncate(span.positions.partition_point(|position| *position <= to));
        Some(span)
    }

    /// The positions of its events behind `after`, up to `to`.
    pub(super) fn positions(&self, after: Position, to: Position) -> Vec<Position> {
        let within = &self.positions[self.events_at(after)..self.events_at(to).max(self.events_at(after))];
        within.iter().copied().map(Position::from).collect()
    }

    /// Takes note of an event that is folded into the state, and keeps the state `spacing` events behind the last that was
    /// kept. Says what a keyframe that was laid needs.
    pub(super) fn note<P: Projection<State = S>>(
        &mut self,
        projection: &P,
        at: Position,
        spacing: usize,
    ) -> Option<usize> {
        self.positions.push(at.get() as u32);
        let last = self.keyframes.last();
        if self.positions.len() - last.map_or(0, |keyframe| keyframe.events) < spacing {
            return None;
        }
        let before = last.map(|keyframe| &*keyframe.state);
        let bytes = projection.kept_bytes(&self.state, before).saturating_add(KEYFRAME_BYTES);
        self.keyframes.push(Keyframe { events: self.positions.len(), state: Rc::clone(&self.state), bytes });
        Some(bytes)
    }

    /// Drops keyframes until as few are left as `spacing` allows, and says how many go and what they took.
    pub(super) fn thin(&mut self, spacing: usize) -> (usize, usize) {
        let (mut dropped, mut bytes) = (0, 0_usize);
        // A keyframe stays where the next one, or the end, would be too far from the one before.
        let next_of = |keyframe: &Keyframe<S>| keyframe.events;
        let nexts: Vec<usize> = self.keyframes.iter().skip(1).map(next_of).chain([self.positions.len() + 1]).collect();
        let (mut nexts, mut last) = (nexts.into_iter(), 0);
        self.keyframes.retain(|keyframe| {
            let stays = nexts.next().is_none_or(|next| next - last > spacing);
            if stays {
                last = keyframe.events;
            } else {
                dropped += 1;
                bytes = bytes.saturating_add(keyframe.bytes);
            }
            stays
        });
        if dropped > 0 {
            self.keyframes.shrink_to_fit();
        }
        (dropped, bytes)
    }

    /// Asks anew what a keyframe needs, now that others before it are gone: what it shared with those is its own. Says what
    /// it needed before and what it needs now; nothing behind the last keyframe.
    pub(super) fn recount<P: Projection<State = S>>(&mut self, projection: &P, index: usize) -> Option<(usize, usize)> {
        let state = &self.keyframes.get(index)?.state;
        let before = index.checked_sub(1).map(|before| &*self.keyframes[before].state);
        let bytes = projection.kept_bytes(state, before).saturating_add(KEYFRAME_BYTES);
        Some((std::mem::replace(&mut self.keyframes[index].bytes, bytes), bytes))
    }
}
