//! Which events belong together with the current one: by correlation id, as its cause, as its effects.

use std::collections::BTreeMap;
use std::sync::Arc;

use leftfold_core::Position;
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
pub(super) fn kin(app: App) -> Memo<Arc<Kin>> {
    Memo::new(move |_| {
        let cursor = app.follows.details.get();
        let Some(current) = app.payloads.get(cursor) else { return Arc::default() };
        let kindred = app.payloads.kindred(&current);
        let tied = |positions: Vec<Position>, tie: Tie| positions.into_iter().map(move |at| (at, tie));
        // The nearer tie is the one that is told.
        let ties = tied(kindred.same, Tie::Same)
            .chain(tied(kindred.effects, Tie::Effect))
            .chain(kindred.cause.map(|at| (at, Tie::Cause)))
            .chain([(cursor, Tie::Current)]);
        Arc::new(Kin { ties: ties.collect(), correlation: current.correlation.clone() })
    })
}
