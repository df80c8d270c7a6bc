//! Where the events of a branch stand along the axis of the lanes.

use leftfold_core::Position;
use leptos::prelude::*;

use super::Fork;
use crate::model::branch::EventRef;
use crate::model::timeline::Axis;
use crate::state::{App, Layout};

/// Where the events of a branch stand along the axis.
pub(super) struct Place<'a> {
    pub(super) app: App,
    pub(super) layout: &'a Layout,
    pub(super) fork: &'a Fork,
    pub(super) width: f64,
}

impl Place<'_> {
    /// Where a row stands; on an axis that shows one stream none has a place by its number alone.
    pub(super) fn of_row(&self, row: u64) -> Option<f64> {
        match self.layout.axis {
            Axis::Stream => None,
            Axis::Position => Some(self.layout.scale.share_of(number(self.fork.at.get() + row)) * self.width),
            Axis::Time => {
                let head = self.app.head.get_untracked();
                let at = Position::new(self.fork.at.get() + row).min(head);
                Some(self.layout.share_of(self.app, at) * self.width)
            }
        }
    }

    /// Where an event stands.
    pub(super) fn of(&self, row: u64, event: EventRef) -> Option<f64> {
        match (self.layout.axis, event) {
            (Axis::Stream, EventRef::Stored(at)) => {
                self.layout.shows(at).then(|| self.layout.share_of(self.app, at) * self.width)
            }
            _ => self.of_row(row),
        }
    }

    pub(super) fn before_fork(&self) -> f64 {
        self.layout.scale.share_of(number(self.fork.at.get()) - 1.0) * self.width
    }

    /// The rows between the edges, and where they stand.
    pub(super) fn in_view(&self) -> impl Iterator<Item = (u64, f64)> {
        let fork = self.fork.at.get();
        let (from, to) = self.layout.range;
        let rows = from.get().saturating_sub(fork)..(to.get() + 1).saturating_sub(fork).min(self.fork.count);
        rows.filter_map(|row| Some((row, self.of_row(row)?)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "positions stay far below 2^52")]
fn number(position: u64) -> f64 {
    position as f64
}
