//! How many events of which colour lie where: counted once, a slice at a time, and extended as the log grows.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::sleep;
use crate::model::filter::Rows;
use crate::model::histogram::{COLOURS, Density};

/// Rows that are counted in one go: some milliseconds.
const SLICE: u64 = 50_000;

/// The counts of the rows that pass the filter.
#[derive(Clone, Copy)]
pub(crate) struct DensityOfRows {
    shown: StoredValue<Counted, LocalStorage>,
    /// Counts up whenever more is counted.
    version: RwSignal<u64>,
}

/// Rows, and the counts of the first of them.
#[derive(Default)]
struct Counted {
    /// The opened store and the series of its rows.
    of: Option<(u64, u64)>,
    rows: Arc<Rows>,
    density: Density,
    last: Option<Position>,
}

impl Counted {
    /// Whether what is counted is the beginning of these rows.
    fn begins(&self, of: (u64, u64), rows: &Rows) -> bool {
        let counted = self.density.rows();
        let is_same_end = || counted.checked_sub(1).and_then(|row| rows.at(row)) == self.last;
        self.of == Some(of) && counted <= rows.len() && is_same_end()
    }

    /// Counts some more rows; whether all are counted.
    fn count_on(&mut self, app: App) -> bool {
        let from = self.density.rows();
        let to = self.rows.len().min(from + SLICE);
        app.with_log(|log| {
            for row in from..to {
                let Some(position) = self.rows.at(row) else { break };
                let Some(index) = log.type_index_of(position) else { break };
                self.density.push(index);
                self.last = Some(position);
            }
        });
        // Rows that the index does not have yet come with the next news.
        self.density.rows() >= self.rows.len() || self.density.rows() < to
    }
}

impl DensityOfRows {
    pub(super) fn new() -> Self {
        Self { shown: StoredValue::new_local(Counted::default()), version: RwSignal::new(0) }
    }

    /// Keeps the counts in step with the filtered log.
    pub(super) fn run(self, app: App) {
        Effect::new(move |_| {
            let (rows, series) = app.unbounded.with(|filtered| (Arc::clone(&filtered.rows), filtered.series));
            let of = (app.epoch.get(), series);
            let is_done = self.shown.try_update_value(|shown| {
                if shown.begins(of, &rows) {
                    shown.rows = rows;
                } else if shown.of.is_some_and(|shown| shown.0 == of.0) && rows.len() > SLICE {
                    // The picture of the old filter stays until that of the new one is whole.
                    self.replace_later(app, Counted { of: Some(of), rows, ..Counted::default() });
                    return None;
                } else {
                    *shown = Counted { of: Some(of), rows, ..Counted::default() };
                }
                Some(shown.count_on(app))
            });
            let Some(Some(is_done)) = is_done else { return };
            self.version.update(|version| *version += 1);
            if !is_done {
                self.go_on(app);
            }
        });
    }

    /// Counts the rest of what is shown.
    fn go_on(self, app: App) {
        let of = self.shown.with_value(|shown| shown.of);
        spawn_local(async move {
            loop {
                sleep(0).await;
                let is_done =
                    self.shown.try_update_value(|shown| shown.of != of || shown.count_on(app)).unwrap_or(true);
                let _ = self.version.try_update(|version| *version += 1);
                if is_done {
                    return;
                }
            }
        });
    }

    /// Counts all of it, then shows it, unless something else is wanted by then.
    fn replace_later(self, app: App, mut next: Counted) {
        spawn_local(async move {
            loop {
                sleep(0).await;
                let series = app.unbounded.with_untracked(|filtered| filtered.series);
                let is_wanted = next.of == Some((app.epoch(), series));
                if !is_wanted {
                    return;
                }
                if next.count_on(app) {
                    break;
                }
            }
            // The log may have grown meanwhile.
            next.rows = untrack(|| app.unbounded.with(|filtered| Arc::clone(&filtered.rows)));
            let is_done = next.count_on(app);
            self.shown.set_value(next);
            let _ = self.version.try_update(|version| *version += 1);
            if !is_done {
                self.go_on(app);
            }
        });
    }

    /// Calls `ask` with a function that counts, by colour, the events up to and with a position. Follows changes.
    pub(crate) fn with_counts<T>(
        &self,
        app: App,
        ask: impl FnOnce(&dyn Fn(Position) -> [u32; COLOURS]) -> T,
    ) -> Option<T> {
        self.version.track();
        self.shown.with_value(|shown| {
            app.with_log(|log| {
                ask(&|position| {
                    let rows = shown.rows.count_up_to(position);
                    shown.density.up_to(rows, |row| log.type_index_of(shown.rows.at(row)?))
                })
            })
        })
    }
}
