//! All partitions, and what their keyframes take together.

use std::rc::Rc;

use hashbrown::HashMap;

use super::error::TimelineError;
use super::history::History;
use super::options::TimelineStats;
use crate::domain::{BoxError, Position, Projection, RecordedEvent};

/// What the record of a partition takes beside its name and its events.
const PARTITION_BYTES: usize = 128;
/// The most events between two keyframes, for as long as there is plenty of room.
const DENSEST: usize = 8;

/// The partitions, numbered by first appearance: the first positions of their events ascend with their numbers.
///
/// **Invariant:** between two keyframes of a partition, and behind its last one, lie fewer than `spacing` of its events.
/// Keyframes may stand closer.
#[derive(Debug)]
pub(super) struct Histories<S> {
    numbers: HashMap<Rc<str>, u32>,
    all: Vec<History<S>>,
    pub(super) spacing: usize,
    /// The spacing that was asked for.
    bound: usize,
    /// Where dropping goes on: a partition, and its first keyframe that was not recounted.
    unthinned: Option<(usize, usize)>,
    /// The most that one state was said to need.
    pub(super) largest_state: usize,
    keyframes: usize,
    kept_bytes: usize,
    index_bytes: usize,
}

impl<S: Clone> Histories<S> {
    pub(super) fn new(bound: usize) -> Self {
        let mut spacing = bound;
        while spacing > DENSEST {
            spacing /= 2;
        }
        Self {
            numbers: HashMap::new(),
            all: Vec::new(),
            spacing,
            bound,
            unthinned: None,
            largest_state: 0,
            keyframes: 0,
            kept_bytes: 0,
            index_bytes: 0,
        }
    }

    /// A partition with its number.
    pub(super) fn find(&self, name: &str) -> Option<(u32, &History<S>)> {
        let number = *self.numbers.get(name)?;
        Some((number, self.all.get(number as usize)?))
    }

    /// The names of the partitions that have an event at or before `at`.
    pub(super) fn names_at(&self, at: Position) -> Vec<Rc<str>> {
        let count = self.all.partition_point(|history| history.first() <= at);
        self.all[..count].iter().map(|history| Rc::clone(&history.name)).collect()
    }

    /// Folds an event of the log: the payloads that it was lifted to. After an error everything before the event is as
    /// it was, but for the states at the end of the partitions that it changed: those are marked.
    pub(super) fn fold<P: Projection<State = S>>(
        &mut self,
        projection: &P,
        payloads: &[RecordedEvent],
    ) -> Result<(), TimelineError> {
        let known = self.all.len();
        let mut touched: Vec<u32> = Vec::new();
        for event in payloads {
            if let Err(error) = self.fold_payload(projection, event, &mut touched) {
                for history in self.all.drain(known..) {
                    self.numbers.remove(&history.name);
                }
                for number in touched {
                    if let Some(history) = self.all.get_mut(number as usize) {
                        history.is_spoiled = true;
                    }
                }
                return Err(fold_error(event, &error));
            }
        }
        self.index_bytes += touched.len() * size_of::<u32>();
        self.index_bytes += self.all[known..].iter().map(|history| history.name.len() + PARTITION_BYTES).sum::<usize>();
        for number in touched {
            let laid = self.all[number as usize].note(projection, payloads[0].position(), self.spacing);
            if let Some(bytes) = laid {
                self.keyframes += 1;
                self.kept_bytes = self.kept_bytes.saturating_add(bytes);
                self.largest_state = self.largest_state.max(bytes);
            }
        }
        Ok(())
    }

    fn fold_payload<P: Projection<State = S>>(
        &mut self,
        projection: &P,
        event: &RecordedEvent,
        touched: &mut Vec<u32>,
    ) -> Result<(), BoxError> {
        let Some(name) = projection.partition(event)? else { return Ok(()) };
        let number = match self.numbers.get(&*name) {
            Some(number) => *number,
            None => {
                let (number, name) = (self.all.len() as u32, Rc::<str>::from(&*name));
                self.all.push(History::new(Rc::clone(&name), projection.initial()));
                self.numbers.insert(name, number);
                number
            }
        };
        if !touched.contains(&number) {
            touched.push(number);
        }
        projection.apply(Rc::make_mut(&mut self.all[number as usize].state), event)
    }

    /// A small step of dropping every second keyframe, if they take more bytes than `budget`; `false` if they do not.
    /// Keyframes that stand closer than was asked for may take half of it. The steps go from partition to partition, each
    /// from keyframe to keyframe, and may be far apart.
    pub(super) fn thin<P: Projection<State = S>>(&mut self, projection: &P, budget: usize) -> bool {
        let (number, keyframe) = match self.unthinned {
            Some(place) => place,
            None if self.spacing < self.bound && self.kept_bytes > budget / 2 => {
                self.spacing = (self.spacing * 2).min(self.bound);
                (0, 0)
            }
            None if self.kept_bytes > budget => {
                self.spacing = self.spacing.saturating_mul(2);
                (0, 0)
            }
            None => return false,
        };
        let Some(history) = self.all.get_mut(number) else {
            self.unthinned = None;
            if self.keyframes == 0 {
                // Whatever odd figures were given: nothing is kept, and there is nothing left to drop.
                self.kept_bytes = 0;
            }
            return true;
        };
        if keyframe == 0 {
            let (dropped, bytes) = history.thin(self.spacing);
            self.keyframes -= dropped;
            self.kept_bytes = self.kept_bytes.saturating_sub(bytes);
        }
        self.unthinned = Some(match history.recount(projection, keyframe) {
            Some((before, after)) => {
                self.kept_bytes = self.kept_bytes.saturating_sub(before).saturating_add(after);
                (number, keyframe + 1)
            }
            None => (number + 1, 0),
        });
        true
    }

    pub(super) fn stats(&self, folded_to: Position) -> TimelineStats {
        TimelineStats {
            folded_to,
            partitions: self.all.len(),
            keyframes: self.keyframes,
            spacing: self.spacing,
            is_bound_kept: self.spacing <= self.bound,
            kept_bytes: self.kept_bytes,
            index_bytes: self.index_bytes,
        }
    }
}

pub(super) fn fold_error(event: &RecordedEvent, error: &BoxError) -> TimelineError {
    let (position, event_type) = (event.position(), event.event_type().clone());
    TimelineError::Fold { position, event_type, reason: error.to_string() }
}
