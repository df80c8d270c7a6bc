//! Showing only the events that something was found at: the hits of the breakpoint, the writes of a field.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use leptos::prelude::*;

use super::App;
use super::breakpoint::BreakpointDesk;
use super::field_history::FieldHistory;
use super::rows::{FilteredLog, NEXT_SERIES};

/// What the events that are shown alone have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnlyThese {
    /// The breakpoint holds after them.
    Hits,
    /// They wrote the field whose history is looked at, as far as it was looked back.
    Writes,
}

/// Of these rows, the events that something was found at, while only those are wanted.
pub(super) fn among(
    shown: Memo<FilteredLog>,
    only: RwSignal<Option<OnlyThese>>,
    breakpoint: BreakpointDesk,
    history: FieldHistory,
) -> Memo<FilteredLog> {
    let picked = Memo::new(move |_| match only.get()? {
        OnlyThese::Hits => Some(breakpoint.hits.with(|hits| hits.positions())),
        OnlyThese::Writes => {
            let newest_first = |writes: &Vec<_>| {
                writes.iter().rev().filter_map(|write: &super::Write| u32::try_from(write.at.get()).ok()).collect()
            };
            Some(Arc::new(history.writes.with(newest_first)))
        }
    });
    Memo::new_owning(move |_: Option<FilteredLog>| {
        let shown = shown.get();
        let made = match picked.get() {
            None => shown,
            Some(picked) => {
                let series = NEXT_SERIES.fetch_add(1, Ordering::Relaxed);
                FilteredLog { rows: Arc::new(shown.rows.among(&picked)), series, ..shown }
            }
        };
        (made, true)
    })
}

impl App {
    /// What the events that are shown alone have in common, in words; follows changes.
    pub(crate) fn only_these_in_words(self) -> Option<&'static str> {
        Some(match self.only_these.get()? {
            OnlyThese::Hits => "hits of the breakpoint",
            OnlyThese::Writes => "writes of a field",
        })
    }

    /// Shows only these events, or all of them again.
    pub(crate) fn toggle_only(self, these: OnlyThese) {
        self.only_these.update(|only| *only = if *only == Some(these) { None } else { Some(these) });
    }

    /// Shows all events again if these alone are shown: there is nothing any more that they have in common.
    pub(super) fn forget_only(self, these: OnlyThese) {
        if self.only_these.get_untracked() == Some(these) {
            self.only_these.set(None);
        }
    }
}
