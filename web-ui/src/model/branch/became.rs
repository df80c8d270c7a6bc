//! What became of an event on a branch.

use std::collections::BTreeMap;

use super::arrangement::Arrangement;
use super::change::EventRef;
use super::rerun::Rerun;
use crate::model::format::grouped;

/// What became of an event, and why. What is said last holds least: an event that is skipped is no longer edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// A person left it out.
    Skipped,
    /// It does not happen: its command is refused.
    Refused {
        /// The name of the command.
        command: String,
        /// Why, in the domain's words.
        reason: String,
    },
    /// It does not happen, since what caused it does not.
    Unreached {
        /// The cause.
        cause: EventRef,
    },
    /// Its command comes to something else.
    Redecided {
        /// The name of the command.
        command: String,
    },
    /// It is not in the log.
    Inserted,
    /// It has other data.
    Edited,
    /// It stands elsewhere.
    Moved,
    /// Nothing.
    AsInLog,
}

impl Became {
    /// What became of an event.
    #[must_use]
    pub fn of(arrangement: &Arrangement, outcome: &Rerun, event: EventRef) -> Self {
        let standing = arrangement.standing(event);
        if standing.is_skipped {
            Self::Skipped
        } else if let Some(refused) = outcome.refused.get(&event) {
            Self::Refused { command: refused.command.clone(), reason: refused.reason.clone() }
        } else if let Some(cause) = outcome.unreached.get(&event) {
            Self::Unreached { cause: *cause }
        } else if let Some(redecided) = outcome.redecided.get(&event).filter(|_| !standing.is_edited) {
            Self::Redecided { command: redecided.command.clone() }
        } else if standing.is_new {
            Self::Inserted
        } else if standing.is_edited {
            Self::Edited
        } else if standing.is_moved {
            Self::Moved
        } else {
            Self::AsInLog
        }
    }

    /// The word for it; `None` for what is as in the log.
    #[must_use]
    pub fn word(&self) -> Option<&'static str> {
        Some(match self {
            Self::Skipped => "skipped",
            Self::Refused { .. } => "rejected",
            Self::Unreached { .. } => "not reached",
            Self::Redecided { .. } => "re-run",
            Self::Inserted => "new",
            Self::Edited => "edited",
            Self::Moved => "moved",
            Self::AsInLog => return None,
        })
    }
}

/// The events of a branch that are not as in the log: their rows, ascending, and what became of them. Takes time by their
/// number.
#[must_use]
pub fn changed(arrangement: &Arrangement, outcome: &Rerun) -> Vec<(u64, EventRef, Became)> {
    let put = arrangement.all_inserted().map(|inserted| EventRef::New(inserted.number));
    let events = arrangement.skipped().chain(arrangement.edited().map(|(event, _)| event)).chain(put);
    let events = events.chain(arrangement.moved().map(EventRef::Stored)).chain(outcome.touched());
    let by_row: BTreeMap<_, _> = events.filter_map(|event| Some((arrangement.row_of(event)?, event))).collect();
    let of = |(row, event)| (row, event, Became::of(arrangement, outcome, event));
    by_row.into_iter().map(of).filter(|(.., became)| *became != Became::AsInLog).collect()
}

/// How many of each kind there are, in words: `2 edited, 1 rejected`; empty where nothing is changed.
pub fn tally<'a>(all: impl Iterator<Item = &'a Became>) -> String {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for word in all.filter_map(Became::word) {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let parts: Vec<_> = counts.into_iter().map(|(word, count)| format!("{} {word}", grouped(count))).collect();
    parts.join(", ")
}
