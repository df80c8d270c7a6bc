//! Which events belong together with the current one: by correlation id, as its cause, as its effects.

use std::collections::BTreeMap;

use leftfold_core::{EventId, Position};
use leptos::prelude::*;

use crate::state::App;

/// How an event is tied to the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    Current,
    /// The current event names it as its cause.
    Cause,
    /// It names the current event as its cause.
    Effect,
    /// It has the same correlation id.
    Same,
}

/// What a row draws of the line that joins them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    /// `None` where the line only passes.
    pub(super) tie: Option<Tie>,
}

/// The events that belong together, as far as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kin {
    ties: BTreeMap<Position, Tie>,
    pub(super) correlation: Option<String>,
}

impl Kin {
    /// What the row of a position draws.
    pub(super) fn link(&self, position: Position) -> Option<Link> {
        let (first, last) = (*self.ties.first_key_value()?.0, *self.ties.last_key_value()?.0);
        (first < last && (first..=last).contains(&position)).then(|| Link {
            is_first: position == first,
            is_last: position == last,
            tie: self.ties.get(&position).copied(),
        })
    }
}

/// The kin of the current event among the events that were read: those in view and around it.
pub(super) fn kin(app: App) -> Memo<Kin> {
    Memo::new(move |_| {
        let cursor = app.cursor.get();
        let Some(current) = app.payloads.get(cursor) else { return Kin::default() };
        let id = current.event.id().to_string();
        let cause = current.causation.as_ref().and_then(|id| EventId::parse(id).ok());
        let mut ties = BTreeMap::new();
        app.payloads.for_each(|position, other| {
            let tie = if position == cursor {
                Tie::Current
            } else if cause == Some(other.event.id()) {
                Tie::Cause
            } else if other.causation.as_ref() == Some(&id) {
                Tie::Effect
            } else if current.correlation.is_some() && other.correlation == current.correlation {
                Tie::Same
            } else {
                return;
            };
            ties.insert(position, tie);
        });
        Kin { ties, correlation: current.correlation.clone() }
    })
}
