//! The states that are kept, and which of them go when memory runs short.

use std::rc::Rc;

use imbl::OrdMap;

use super::touches::Touches;
use crate::domain::{Position, Projection};
use crate::engine::Pace;

/// The state of every partition, by its number. A clone takes constant time and shares everything.
pub(super) type States<S> = OrdMap<u32, Rc<S>>;

/// About what the map itself needs for a partition that changed: a copy of a leaf and its share of the nodes above.
const NODE_BYTES: usize = 384;

/// What is kept at the end of a stretch.
#[derive(Debug)]
pub(super) struct Keyframe<S> {
    /// Everything up to here is folded.
    pub(super) at: Position,
    /// The states there.
    pub(super) states: States<S>,
    /// The events since the keyframe before.
    pub(super) touches: Rc<Touches>,
    /// What the states need beside those of the keyframe before.
    bytes: usize,
}

/// All keyframes, ascending. **Invariant:** at most `spacing` events lie between two of them, and behind the last.
#[derive(Debug)]
pub(super) struct Keyframes<S> {
    pub(super) frames: Vec<Keyframe<S>>,
    pub(super) spacing: usize,
    pub(super) bytes: usize,
    /// The most that one state was said to need.
    pub(super) largest_state: usize,
}

/// What a set of keyframes becomes when every second one is dropped.
pub(super) struct Thinned<S> {
    frames: Vec<Keyframe<S>>,
    /// The events behind the last keyframe that is left.
    pub(super) rest: Touches,
}

/// What the partitions that changed need, in all and at most, beside what is kept before them.
fn cost<P: Projection>(
    projection: &P,
    touches: &Touches,
    states: &States<P::State>,
    before: Option<&States<P::State>>,
) -> (usize, usize) {
    let mut sum = 0_usize;
    let mut largest = 0;
    for number in touches.partitions() {
        let Some(state) = states.get(&number) else { continue };
        let before = before.and_then(|states| states.get(&number)).map(|state| &**state);
        let bytes = projection.kept_bytes(state, before);
        largest = largest.max(bytes);
        sum = sum.saturating_add(bytes).saturating_add(NODE_BYTES);
    }
    (sum, largest)
}

impl<S> Keyframes<S> {
    pub(super) fn new(spacing: usize) -> Self {
        Self { frames: Vec::new(), spacing, bytes: 0, largest_state: 0 }
    }

    /// The keyframe that ends the stretch of `at`; as many as there are: `at` lies behind the last one.
    pub(super) fn stretch_of(&self, at: Position) -> usize {
        self.frames.partition_point(|frame| frame.at < at)
    }

    /// The keyframe that the stretch begins with.
    pub(super) fn base_of(&self, stretch: usize) -> Option<&Keyframe<S>> {
        self.frames.get(stretch.checked_sub(1)?)
    }

    /// Adds a keyframe behind the others.
    pub(super) fn push(&mut self, frame: Keyframe<S>, largest_state: usize) {
        self.bytes = self.bytes.saturating_add(frame.bytes);
        self.largest_state = self.largest_state.max(largest_state);
        self.frames.push(frame);
    }

    /// Takes over what thinning has left.
    pub(super) fn replace(&mut self, thinned: Thinned<S>) -> Touches {
        self.frames = thinned.frames;
        self.bytes = self.frames.iter().fold(0_usize, |sum, frame| sum.saturating_add(frame.bytes));
        self.spacing = self.spacing.saturating_mul(2);
        thinned.rest
    }
}

/// A keyframe of what is folded so far, behind the others.
pub(super) fn keyframe<P: Projection>(
    projection: &P,
    at: Position,
    states: &States<P::State>,
    mut touches: Touches,
    before: Option<&States<P::State>>,
) -> (Keyframe<P::State>, usize) {
    touches.shrink();
    let (bytes, largest) = cost(projection, &touches, states, before);
    (Keyframe { at, states: states.clone(), touches: Rc::new(touches), bytes }, largest)
}

/// Drops every second keyframe. The others are counted anew: what they shared with those that go is now theirs.
pub(super) async fn thin<P: Projection>(
    projection: &P,
    frames: Vec<(Position, States<P::State>, Rc<Touches>)>,
    pace: &mut Pace,
) -> Thinned<P::State> {
    let mut thinned: Thinned<P::State> = Thinned { frames: Vec::new(), rest: Touches::default() };
    let mut frames = frames.into_iter();
    while let Some((_, _, dropped)) = frames.next() {
        let Some((at, states, touches)) = frames.next() else {
            thinned.rest = Rc::unwrap_or_clone(dropped);
            break;
        };
        let before = thinned.frames.last().map(|frame| &frame.states);
        let (frame, _) = keyframe(projection, at, &states, dropped.joined(&touches), before);
        thinned.frames.push(frame);
        pace.step().await;
    }
    thinned
}
