//! Whether the handlers of a text read data and metadata: what they do not read is not sent.

use std::cell::Cell;

use super::pack::Parts;
use super::sandbox::Answer;
use crate::domain::Position;

/// Passes that are begun anew before everything is sent: the same text of the same events needs no more.
const MOST_MISSES: u32 = 2;

/// What is known of that, while the log is folded. It is learned from the first batch, and is wrong where a later event is the first
/// whose payload is read: the worker says so, and is given up for another one, which folds the log anew. So nothing that came of the
/// missing payload stays, whatever the text has made of it.
#[derive(Debug, Default)]
pub(super) struct Reads {
    known: Cell<Option<Known>>,
    misses: Cell<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    read: Parts,
    /// No payload of an event up to here is read.
    unread_to: Position,
}

impl Reads {
    /// What is to be sent of the events that are sent next.
    pub(super) fn wanted(&self) -> Parts {
        self.known.get().map_or(Parts::ALL, |known| known.read)
    }

    /// All payloads of the events up to here may be left out of what is sent next.
    pub(super) fn left_out_to(&self) -> Position {
        self.known.get().map_or(Position::ZERO, |known| known.unread_to)
    }

    /// Learns from what is said of a batch. Gives whether the log must be folded anew by another worker.
    pub(super) fn learn(&self, said: &Answer) -> bool {
        let read = Parts { has_data: said.flag("readsData"), has_metadata: said.flag("readsMetadata") };
        let first = said.count("firstRead");
        let unread_to = Position::new(if first == 0 { u64::MAX } else { first - 1 });
        let is_missing = said.flag("isMissing");
        if is_missing {
            self.misses.set(self.misses.get() + 1);
        }
        self.known.set(Some(if self.misses.get() > MOST_MISSES {
            Known { read: Parts::ALL, unread_to: Position::ZERO }
        } else {
            match self.known.get() {
                Some(known) => Known { read: known.read.or(read), unread_to: known.unread_to.min(unread_to) },
                None => Known { read, unread_to },
            }
        }));
        is_missing
    }
}
