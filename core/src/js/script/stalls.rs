//! Workers that were ended although no event was to blame.

use std::cell::Cell;

/// How often a pass is made anew before whoever waits for it is told.
const MOST: u32 = 3;

/// How often that has happened since whoever waits was told of it last. A page that sleeps, or a machine that is busy, lets a worker say
/// nothing for longer than it may.
#[derive(Debug, Default)]
pub(super) struct Stalls(Cell<u32>);

impl Stalls {
    /// Counts one more, and says whether to make the pass anew; otherwise begins to count anew.
    pub(super) fn is_borne(&self) -> bool {
        let count = self.0.get() + 1;
        self.0.set(count % MOST);
        count < MOST
    }
}
