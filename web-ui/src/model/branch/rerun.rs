//! What came of deciding anew on the commands behind the events of a branch.

use std::collections::BTreeMap;

use super::change::EventRef;
use super::text::JsonText;

/// A command that is refused on the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The name of the command.
    pub command: String,
    /// Why, in the domain's words.
    pub reason: String,
}

/// A command that comes to something else on the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redecided {
    /// The name of the command.
    pub command: String,
    /// The data of its event now.
    pub data: JsonText,
}

/// The outcome of all commands that could come to something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rerun {
    /// Events that do not happen, since their commands are refused.
    pub refused: BTreeMap<EventRef, Refused>,
    /// Events that do not happen, since what caused them does not; with that.
    pub unreached: BTreeMap<EventRef, EventRef>,
    /// Events that happen with other data.
    pub redecided: BTreeMap<EventRef, Redecided>,
    /// How many commands were decided anew.
    pub decided: u64,
}

impl Rerun {
    /// Whether an event does not happen.
    #[must_use]
    pub fn leaves_out(&self, event: EventRef) -> bool {
        self.refused.contains_key(&event) || self.unreached.contains_key(&event)
    }

    /// The events that do not happen.
    pub fn left_out(&self) -> impl Iterator<Item = EventRef> {
        self.refused.keys().chain(self.unreached.keys()).copied()
    }

    /// The other data of an event.
    #[must_use]
    pub fn data_of(&self, event: EventRef) -> Option<&JsonText> {
        self.redecided.get(&event).map(|redecided| &redecided.data)
    }

    /// The events that a rerun touches, in the order of the log.
    #[must_use]
    pub fn touched(&self) -> Vec<EventRef> {
        let mut touched: Vec<_> = self.left_out().chain(self.redecided.keys().copied()).collect();
        touched.sort_unstable();
        touched
    }
}
