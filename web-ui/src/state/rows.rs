//! The rows of the log that pass the filter, judged in parts and extended as the log grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use leftfold_core::{EventStore, Position};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::{breathe, now_ms};
use super::search::Search;
use crate::model::filter::{Facet, Filter, Rows, Rule};
use crate::model::sieve::Sifted;
use crate::model::timeline::Timeline;

/// How long rows are judged at a time, in milliseconds: half a frame.
const TURN_MS: f64 = 8.0;

/// The filtered log.
#[derive(Clone)]
pub(crate) struct FilteredLog {
    pub(crate) rows: Arc<Rows>,
    /// Whether the rows are those of the filter as it is, and not yet those of the filter before it.
    pub(crate) is_settled: bool,
    /// Under the same number rows are only ever added; other rows have another number.
    pub(crate) series: u64,
}

impl FilteredLog {
    /// Whether these are the very same rows.
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows) && (self.is_settled, self.series) == (other.is_settled, other.series)
    }
}

/// Numbers for series of rows.
pub(super) static NEXT_SERIES: AtomicU64 = AtomicU64::new(1);

/// Judged rows, and which list they were made from.
struct Judged {
    sifted: Sifted,
    epoch: u64,
    list: u64,
    series: u64,
    /// The series that is shown until these rows have settled.
    before: u64,
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
    Memo::new_owning(move |shown: Option<FilteredLog>| {
        turn.track();
        let (epoch, filter, (list, source)) = (epoch.get(), filter.get(), list());
        let old = judged.try_update_value(Option::take).flatten();
        let mut now = match old {
            Some(old) if old.epoch == epoch && old.list == list && *old.sifted.filter() == filter => old,
            old => {
                let old = old.filter(|old| old.epoch == epoch && old.list == list);
                let shown = old.map(|old| {
                    let series = if old.sifted.has_settled() { old.series } else { old.before };
                    (Arc::clone(old.sifted.rows()), series)
                });
                let (rows, before) = shown.unwrap_or_default();
                let series = NEXT_SERIES.fetch_add(1, Ordering::Relaxed);
                Judged { sifted: Sifted::new(filter, rows), epoch, list, series, before }
            }
        };
        let until = now_ms() + TURN_MS;
        let is_done = store.with_value(|store| {
            let judge = |store: &EventStore| store.with_log(|log| now.sifted.judge(log, &source, || now_ms() < until));
            store.as_ref().is_none_or(judge)
        });
        if !is_done {
            spawn_local(async move {
                breathe().await;
                let _ = turn.try_update(|number| *number += 1);
            });
        }
        let is_settled = now.sifted.has_settled();
        let series = if is_settled { now.series } else { now.before };
        let made = FilteredLog { rows: Arc::clone(now.sifted.rows()), is_settled, series };
        judged.set_value(Some(now));
        let is_other = shown.is_none_or(|shown| !shown.is_same(&made));
        (made, is_other)
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

/// Of these rows, those between the cursors A and B, while only those are wanted.
pub(super) fn between(
    shown: Memo<FilteredLog>,
    timeline: RwSignal<Timeline>,
    only: RwSignal<bool>,
) -> Memo<FilteredLog> {
    let range = Memo::new(move |_| only.get().then(|| timeline.with(Timeline::range)).flatten());
    Memo::new_owning(move |_: Option<FilteredLog>| {
        let shown = shown.get();
        let made = match range.get() {
            None => shown,
            Some((from, to)) => FilteredLog { rows: Arc::new(shown.rows.between(from, to)), ..shown },
        };
        (made, true)
    })
}

impl App {
    /// Whether only the events between the cursors A and B are shown; follows changes.
    pub(crate) fn shows_range_alone(self) -> bool {
        self.only_range.get() && self.timeline.with(|timeline| timeline.range().is_some())
    }

    /// Shows only the events between the cursors A and B, or all of them again.
    pub(crate) fn toggle_range_alone(self) {
        self.change(|it| it.only_range = !it.only_range);
    }

    /// Shows every event again; for some seconds that can be undone.
    pub(crate) fn clear_filters(self) {
        let mut cleared = Vec::new();
        let change = self.change(|it| {
            if !it.filter.is_empty() {
                cleared.push(it.filter.in_words());
            }
            if it.only_matches {
                cleared.push("matches alone".to_owned());
            }
            if it.only_range {
                cleared.push("A–B alone".to_owned());
            }
            it.filter = Filter::default();
            it.only_matches = false;
            it.only_range = false;
        });
        self.only_these.set(None);
        if let Some(change) = change {
            let text = format!("Every event is shown. Before: {}.", cleared.join(", "));
            self.offer_undo(change, "Filters cleared", text);
        }
    }

    /// Sets a rule of the filter, or removes it where it already says the same.
    pub(crate) fn toggle_rule(self, facet: Facet, name: &str, rule: Rule) {
        self.change(|it| it.filter.toggle(facet, name, rule));
    }

    /// Takes a rule of the filter away; for some seconds that can be undone.
    pub(crate) fn remove_rule(self, facet: Facet, name: &str) {
        let rule = self.filter.with_untracked(|filter| filter.rule(facet, name));
        let change = self.change(|it| it.filter.set(facet, name, None));
        if let (Some(change), Some(rule)) = (change, rule) {
            self.offer_undo(change, "Filter removed", format!("{}: {name}", rule.verb()));
        }
    }
}
