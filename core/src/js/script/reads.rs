//! What the handlers of a text read of events: what they do not read is not sent.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::outline::ScriptOutline;
use super::pack::{ColumnParts, Parts, PayloadParts};
use super::sandbox::Answer;
use crate::domain::{Position, Query};

/// Passes that are begun anew before everything is sent: the same text of the same events needs no more.
const MOST_MISSES: u32 = 2;

/// Words of a text that tell which columns of the index it may read.
const WORDS: [(&str, ColumnParts); 11] = {
    const NONE: ColumnParts = ColumnParts { has_times: false, has_ids: false, has_versions: false, has_streams: false };
    const STREAM: ColumnParts = ColumnParts { has_streams: true, ..NONE };
    const VERSION: ColumnParts = ColumnParts { has_versions: true, ..NONE };
    const TIME: ColumnParts = ColumnParts { has_times: true, ..NONE };
    const REFERENCE: ColumnParts = ColumnParts { has_streams: true, ..VERSION };
    [
        ("streamId", STREAM),
        ("category", STREAM),
        ("partition", STREAM),
        ("linkTo", REFERENCE),
        ("copyTo", REFERENCE),
        ("sequenceNumber", VERSION),
        ("eventNumber", VERSION),
        ("created", TIME),
        ("Date", TIME),
        ("now", TIME),
        ("eventId", ColumnParts { has_ids: true, ..NONE }),
    ]
};

/// What is known of that, while the log is folded. Which payloads are read is learned from the first batch, which columns of the index from
/// the words of the text. Both are wrong where a later event is the first whose payload is read, or a column is read by another way: the
/// worker says so, and is given up for another one, which folds the log anew. So nothing that came of what was missing stays, whatever
/// the text has made of it.
#[derive(Debug, Default)]
pub(super) struct Reads {
    columns: Cell<ColumnParts>,
    /// The members of data that are read, where that is certain.
    members: RefCell<Option<Rc<[String]>>>,
    known: Cell<Option<Known>>,
    misses: Cell<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    read: PayloadParts,
    /// No payload of an event up to here is read.
    unread_to: Position,
}

impl Reads {
    /// What a text may read; `said` is what the worker says of its definition.
    pub(super) fn of(text: &str, outline: &ScriptOutline, said: &Answer) -> Self {
        let reads = Self::default();
        let has_streams = outline.is_partitioned || outline.query != Query::everything();
        reads.columns.set(ColumnParts { has_streams, ..ColumnParts::default() });
        reads.mention(text);
        let members = said.member("members").map(|_| said.texts("members").into_iter().flatten().collect());
        *reads.members.borrow_mut() = members;
        reads
    }

    /// The members of data that are read; `None` where all may be.
    pub(super) fn members(&self) -> Option<Rc<[String]>> {
        self.members.borrow().clone()
    }

    /// Learns that events are given to another text, which may read all of their data.
    pub(super) fn also(&self, text: &str) {
        self.members.take();
        self.mention(text);
    }

    /// Learns from the words of a text that events are given to.
    fn mention(&self, text: &str) {
        let read = WORDS.iter().filter(|(word, _)| text.contains(word));
        self.columns.set(read.fold(self.columns.get(), |known, (_, read)| known.or(*read)));
    }

    /// Whether something was learned of the payloads: until then all are sent.
    pub(super) fn is_known(&self) -> bool {
        self.known.get().is_some()
    }

    /// What is to be sent of the events that are sent next.
    pub(super) fn wanted(&self) -> Parts {
        let payloads = self.known.get().map_or(PayloadParts::ALL, |known| known.read);
        Parts { payloads, columns: self.columns.get() }
    }

    /// All payloads of the events up to here may be left out of what is sent next.
    pub(super) fn left_out_to(&self) -> Position {
        self.known.get().map_or(Position::ZERO, |known| known.unread_to)
    }

    /// Learns from what is said of a batch. Gives whether the log must be folded anew by another worker.
    pub(super) fn learn(&self, said: &Answer) -> bool {
        let read = PayloadParts { has_data: said.flag("readsData"), has_metadata: said.flag("readsMetadata") };
        let first = said.count("firstRead");
        let unread_to = Position::new(if first == 0 { u64::MAX } else { first - 1 });
        let is_missing = said.flag("isMissing");
        if is_missing {
            self.misses.set(self.misses.get() + 1);
        }
        if said.flag("lacksColumn") {
            self.columns.set(ColumnParts::ALL);
        }
        self.known.set(Some(if self.misses.get() > MOST_MISSES {
            Known { read: PayloadParts::ALL, unread_to: Position::ZERO }
        } else {
            match self.known.get() {
                Some(known) => Known { read: known.read.or(read), unread_to: known.unread_to.min(unread_to) },
                None => Known { read, unread_to },
            }
        }));
        is_missing
    }
}
