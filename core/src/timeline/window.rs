//! States near the last seeks, so that dragging the playhead folds a handful of events.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::domain::Position;

/// How many stretches have a window at once: a drag over a keyframe, or two panels, need more than one.
const WINDOWS: usize = 4;
/// States in a window, where memory allows.
const STATES: usize = 32;
/// The events between two states of a window are not fewer than these.
const LEAST_STEP: usize = 16;

/// States of one partition in one stretch.
#[derive(Debug)]
struct Window<S> {
    partition: u32,
    /// Where the stretch begins.
    after: Position,
    /// States at regular distances.
    grid: BTreeMap<Position, Rc<S>>,
    /// The state of the last seek.
    last: Option<(Position, Rc<S>)>,
}

/// The windows, the one used last in front. A state in them is true for ever, for the log never changes.
#[derive(Debug)]
pub(super) struct Windows<S> {
    windows: Vec<Window<S>>,
}

impl<S> Default for Windows<S> {
    fn default() -> Self {
        Self { windows: Vec::new() }
    }
}

/// How many states a window may have.
pub(super) fn capacity(memory_bytes: usize, largest_state: usize) -> usize {
    (memory_bytes / 4 / WINDOWS / largest_state.max(1)).min(STATES)
}

/// How many events lie between two states of a window over a stretch of `events`.
pub(super) fn step(events: usize, capacity: usize) -> usize {
    events.div_ceil(capacity.max(1)).max(LEAST_STEP)
}

impl<S> Windows<S> {
    /// The last state known at or before `at`, with its position.
    pub(super) fn nearest(&self, partition: u32, after: Position, at: Position) -> Option<(Position, Rc<S>)> {
        let window = self.windows.iter().find(|window| window.partition == partition && window.after == after)?;
        let grid = window.grid.range(..=at).next_back().map(|(position, state)| (*position, state));
        let last = window.last.as_ref().map(|(position, state)| (*position, state));
        let last = last.filter(|(position, _)| *position <= at);
        let (position, state) = grid.into_iter().chain(last).max_by_key(|(position, _)| *position)?;
        Some((position, Rc::clone(state)))
    }

    /// Keeps what a seek has passed, `passed`, and where it ended.
    pub(super) fn keep(
        &mut self,
        partition: u32,
        after: Position,
        passed: Vec<(Position, Rc<S>)>,
        end: (Position, Rc<S>),
        capacity: usize,
    ) {
        let found = self.windows.iter().position(|window| window.partition == partition && window.after == after);
        let mut window = match found {
            Some(found) => self.windows.remove(found),
            None => Window { partition, after, grid: BTreeMap::new(), last: None },
        };
        window.grid.extend(passed);
        while window.grid.len() > capacity.max(1) {
            let mut is_kept = false;
            window.grid.retain(|_, _| {
                is_kept = !is_kept;
                is_kept
            });
        }
        window.last = Some(end);
        self.windows.insert(0, window);
        self.windows.truncate(WINDOWS);
    }
}
