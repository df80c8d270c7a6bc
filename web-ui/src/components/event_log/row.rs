//! What a row of the log shows, as plain values, and what that depends on.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::untrack;

use super::cells::{Cell, Cells};
use super::kin::{Kin, Link, Tie};
use crate::model::columns::Column;
use crate::model::search::Needle;
use crate::state::App;

/// What all rows of a frame have in common.
pub(super) struct Frame {
    pub(super) app: App,
    /// Which store it is.
    pub(super) epoch: u64,
    pub(super) columns: Vec<Column>,
    pub(super) has_days: bool,
    pub(super) cursor: Position,
    /// How many events the log has after the row of the cursor. While the page is live there are none: a row that is a moment
    /// behind the log does not say that it is.
    pub(super) ahead: u64,
    pub(super) needle: Option<Arc<Needle>>,
    pub(super) kin: Arc<Kin>,
    /// Those of the rows in view after which the breakpoint holds: to keep them all would have each new one copy the others.
    pub(super) hits: Vec<Position>,
    /// Whether these rows have been here for so long that a payload that is not is late.
    pub(super) is_late: bool,
}

/// All that what a row shows depends on: to make the one costs some times as much as to look at the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The number of the [`Frame`], the same for those that are alike.
    frame: u64,
    row: u64,
    position: Position,
    when: &'static str,
    /// How many events are ahead, in the row of the cursor.
    ahead: Option<u64>,
    is_hit: bool,
    link: Option<Link>,
    payload: Reading,
}

/// How far the reading of a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Here,
    Failed,
    Awaited { is_late: bool },
}

impl Frame {
    /// Whether rows look the same in both, but for what their stamps say.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let needle = |frame: &Self| frame.needle.as_ref().map(Arc::as_ptr);
        (self.epoch, self.has_days, needle(self)) == (other.epoch, other.has_days, needle(other))
            && self.columns == other.columns
            && self.kin.correlation == other.kin.correlation
    }

    fn when(&self, position: Position) -> &'static str {
        match position.cmp(&self.cursor) {
            std::cmp::Ordering::Less => "past",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "future",
        }
    }

    /// The stamp of a row in this frame, whose number is `frame`. `None` where what it shows is to be made in any case.
    pub(super) fn stamp(&self, frame: u64, row: u64, position: Position) -> Option<Stamp> {
        let payloads = &self.app.payloads;
        let payload = untrack(|| match (payloads.get(position), payloads.failure(position)) {
            (Some(_), _) => Reading::Here,
            (None, Some(_)) => Reading::Failed,
            (None, None) => Reading::Awaited { is_late: self.is_late },
        });
        let (when, is_hit, link) = (self.when(position), self.hits.contains(&position), self.kin.link(position));
        let ahead = (position == self.cursor).then_some(self.ahead);
        (payload != Reading::Failed).then_some(Stamp { frame, row, position, when, ahead, is_hit, link, payload })
    }
}

/// The line that joins the events of one correlation, in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) class: String,
    pub(super) title: Option<String>,
}

/// What a row shows. Two that are equal look the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// The row, counted from 0.
    pub(super) row: u64,
    /// The event that it is.
    pub(super) position: Position,
    /// `past`, `now` or `future`.
    pub(super) when: &'static str,
    /// Whether the breakpoint holds after it.
    pub(super) is_hit: bool,
    pub(super) line: Option<Line>,
    pub(super) cells: Vec<Cell>,
}

impl Shown {
    /// Whether it is the row of the cursor.
    pub(super) fn is_now(&self) -> bool {
        self.when == "now"
    }

    /// What stands in the index is there at once; what stands in the payload when it was read.
    pub(super) fn new(frame: &Frame, row: u64, position: Position) -> Option<Self> {
        untrack(|| Self::make(frame, row, position))
    }

    fn make(frame: &Frame, row: u64, position: Position) -> Option<Self> {
        let event = frame.app.row(position)?;
        let link = frame.kin.link(position);
        let tie = link.and_then(|link| words(link, &frame.kin));
        let line = link.map(|link| Line { class: class(link), title: tie.clone() });
        let when = frame.when(position);
        let payload = frame.app.payloads.get(position);
        let is_hit = frame.hits.contains(&position);
        let cells = Cells { frame, event: &event, payload, is_now: when == "now", tie, is_hit };
        Some(Self { row, position, when, is_hit, line, cells: cells.all() })
    }
}

fn class(link: Link) -> String {
    let mut class = "lf-log__corr".to_owned();
    let tie = match link.tie {
        Some(Tie::Cause) => "cause",
        Some(Tie::Effect) => "effect",
        _ => "",
    };
    let parts =
        [(link.is_first, "first"), (link.is_last, "last"), (link.tie.is_some(), "node"), (!tie.is_empty(), tie)];
    for (_, name) in parts.into_iter().filter(|(holds, _)| *holds) {
        class.push_str(" lf-log__corr--");
        class.push_str(name);
    }
    class
}

fn words(link: Link, kin: &Kin) -> Option<String> {
    Some(match link.tie? {
        Tie::Current => return None,
        Tie::Cause => "cause of the current event".to_owned(),
        Tie::Effect => "caused by the current event".to_owned(),
        Tie::Same => match &kin.correlation {
            Some(id) => format!("same correlation: {id}"),
            None => "same correlation".to_owned(),
        },
    })
}
