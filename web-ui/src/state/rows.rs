//! The rows of the log that pass the filter, judged in parts and extended as the log grows.

use std::sync::Arc;
use std::time::Duration;

use leftfold_core::{EventStore, Position};
use leptos::prelude::*;

use super::App;
use super::browser::now_ms;
use super::search::Search;
use crate::model::filter::{Filter, Rows};
use crate::model::sieve::Sifted;

/// How long rows are judged at a time, in milliseconds: half a frame.
const TURN_MS: f64 = 8.0;

/// The filtered log.
#[derive(Clone)]
pub(crate) struct FilteredLog {
    pub(crate) rows: Arc<Rows>,
    /// Whether the rows are those of the filter as it is, and not yet those of the filter before it.
    pub(crate) is_settled: bool,
}

/// Judged rows, and which list they were made from.
struct Judged {
    sifted: Sifted,
    epoch: u64,
    list: u64,
}

/// The rows of a list that pass the filter. The list has a number: under the same number it only ever grows.
pub(super) fn sifted(
    store: StoredValue<Option<EventStore>, LocalStorage>,
    epoch: RwSignal<u64>,
    filter: RwSignal<Filter>,
    list: impl Fn() -> (u64, Arc<Rows>) + Send + Sync + 'static,
) -> Memo<FilteredLog> {
    let turn = RwSignal::new(0_u64);
    let judged = StoredValue::new_local(None::<Judged>);
    Memo::new_owning(move |_: Option<FilteredLog>| {
        turn.track();
        let (epoch, filter, (list, source)) = (epoch.get(), filter.get(), list());
        let old = judged.try_update_value(Option::take).flatten();
        let mut sifted = match old {
            Some(old) if old.epoch == epoch && old.list == list && *old.sifted.filter() == filter => old.sifted,
            Some(old) if old.epoch == epoch && old.list == list => {
                Sifted::new(filter, Arc::clone(old.sifted.rows()))
            }
            _ => Sifted::new(filter, Arc::default()),
        };
        let until = now_ms() + TURN_MS;
        let is_done = store.with_value(|store| {
            let judge = |store: &EventStore| store.with_log(|log| sifted.judge(log, &source, || now_ms() < until));
            store.as_ref().is_none_or(judge)
        });
        if !is_done {
            set_timeout(move || turn.update(|number| *number += 1), Duration::ZERO);
        }
        let made = FilteredLog { rows: Arc::clone(sifted.rows()), is_settled: sifted.has_settled() };
        judged.set_value(Some(Judged { sifted, epoch, list }));
        (made, true)
    })
}

/// The rows of the log that pass the filter.
pub(super) fn passing(
    store: StoredValue<Option<EventStore>, LocalStorage>,
    epoch: RwSignal<u64>,
    filter: RwSignal<Filter>,
    head: Memo<Position>,
) -> Memo<FilteredLog> {
    sifted(store, epoch, filter, move || (0, Arc::new(Rows::All { head: head.get() })))
}

/// The rows that the log shows: those that pass the filter, or of them the matches of the search alone.
pub(super) fn memo(passing: Memo<FilteredLog>, search: &Search) -> Memo<FilteredLog> {
    let search = *search;
    Memo::new_owning(move |_: Option<FilteredLog>| {
        let shows_matches = search.shows_only_matches.get() && search.needle.with(Option::is_some);
        let shown = if shows_matches { search.matches.get() } else { passing.get() };
        (shown, true)
    })
}

impl App {
    /// Shows every event again; for some seconds that can be undone.
    pub(crate) fn clear_filters(self) {
        let (filter, only_matches) = (self.filter.get_untracked(), self.search.shows_only_matches.get_untracked());
        let mut cleared = Vec::new();
        if !filter.is_empty() {
            cleared.push(filter.in_words());
        }
        if only_matches {
            cleared.push("matches alone".to_owned());
        }
        self.filter.set(Filter::default());
        self.search.shows_only_matches.set(false);
        let epoch = self.epoch();
        self.undo("Filters cleared", format!("Every event is shown. Before: {}.", cleared.join(", ")), move || {
            if self.epoch() == epoch {
                self.filter.set(filter.clone());
                self.search.shows_only_matches.set(only_matches);
            }
        });
    }
}
