//! Free-text search: goes through the whole log bit by bit, and through what is appended later.

use std::sync::Arc;

use leftfold_core::{EventStore, LogView, Position};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::{breathe, now_ms, sleep};
use super::rows::{self, FilteredLog};
use super::trouble::Trouble;
use crate::model::filter::{Filter, Rows};
use crate::model::search::Needle;
use crate::model::timeline::{Command, Direction};

/// How long typing pauses before a search begins.
const TYPING_MS: u64 = 120;
/// How many events are read at a time.
const PAGE: u64 = 512;
/// How long it searches before others get their turn.
const TURN_MS: f64 = 8.0;
/// How often what was found is shown.
const SHOW_MS: f64 = 100.0;

/// How the search stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SearchStatus {
    /// There is nothing to look for.
    #[default]
    Idle,
    /// It goes through the log.
    Running,
    /// Somebody told it to stop.
    Stopped,
    /// A part of the log could not be read.
    Failed(Trouble),
    /// The whole log was searched.
    Done,
}

/// What was found up to now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    hits: Arc<Rows>,
    /// Everything up to here was searched.
    pub(crate) seen: Position,
    pub(crate) status: SearchStatus,
    /// A new search has a new number.
    number: u64,
}

/// The search of the page.
#[derive(Clone, Copy)]
pub(crate) struct Search {
    /// What the field says.
    pub(crate) text: RwSignal<String>,
    pub(crate) shows_only_matches: RwSignal<bool>,
    pub(crate) needle: Memo<Option<Arc<Needle>>>,
    pub(crate) found: RwSignal<Found>,
    /// The matches that pass the filter.
    pub(super) matches: Memo<FilteredLog>,
    /// The number of the task that searches; a task with another number ends.
    task: StoredValue<u64>,
}

impl Search {
    pub(super) fn new(
        store: StoredValue<Option<EventStore>, LocalStorage>,
        epoch: RwSignal<u64>,
        filter: RwSignal<Filter>,
    ) -> Self {
        let text = RwSignal::new(String::new());
        let found = RwSignal::new(Found::default());
        Self {
            text,
            shows_only_matches: RwSignal::new(false),
            needle: Memo::new(move |_| text.with(|text| Needle::new(text)).map(Arc::new)),
            found,
            matches: rows::sifted(store, epoch, filter, move || {
                found.with(|found| (found.number, Arc::clone(&found.hits)))
            }),
            task: StoredValue::new(0),
        }
    }

    /// Stops where it is; what was found stays.
    pub(crate) fn stop(&self) {
        self.next_task();
        self.found.update(|found| found.status = SearchStatus::Stopped);
    }

    /// Goes on where it was stopped or failed.
    pub(crate) fn go_on(&self, app: App) {
        self.search_on(app, 0);
    }

    /// Goes to the nearest match, and from the last one round to the first.
    pub(crate) fn step(&self, app: App, direction: Direction) {
        let cursor = app.cursor.get_untracked();
        let next = app.matches.with_untracked(|matches| {
            let rows = &matches.rows;
            match direction {
                Direction::Forwards => rows.after(cursor).or_else(|| rows.at(0)),
                Direction::Backwards => rows.before(cursor).or_else(|| rows.at(rows.len().checked_sub(1)?)),
            }
        });
        if let Some(next) = next {
            app.send(Command::SetPositionClamped(next));
        }
    }

    fn next_task(&self) -> u64 {
        let number = self.task.with_value(|number| *number) + 1;
        self.task.set_value(number);
        number
    }

    fn restart(&self, app: App) {
        self.next_task();
        self.found.update(|found| *found = Found { number: found.number + 1, ..Found::default() });
        if self.needle.with_untracked(Option::is_some) {
            self.search_on(app, TYPING_MS);
        }
    }

    fn search_on(&self, app: App, wait_ms: u64) {
        let (Some(store), Some(needle)) = (app.store(), self.needle.get_untracked()) else { return };
        let number = self.next_task();
        self.found.update(|found| found.status = SearchStatus::Running);
        let task = Task { search: *self, number, store, needle, names: Names::default() };
        spawn_local(async move {
            if wait_ms > 0 {
                sleep(wait_ms).await;
            }
            task.run().await;
        });
    }
}

impl App {
    /// Looks for nothing any more; that can be undone.
    pub(crate) fn clear_search(self) {
        self.change(|it| it.search.clear());
    }
}

/// Searches for as long as the page lives.
pub(super) fn run(app: App) {
    let search = app.search;
    Effect::new(move |_| {
        app.epoch.track();
        search.needle.track();
        untrack(|| search.restart(app));
    });
    Effect::new(move |_| {
        let head = app.head.get();
        let is_behind = search.found.with_untracked(|found| found.status == SearchStatus::Done && found.seen < head);
        if is_behind {
            untrack(|| search.go_on(app));
        }
    });
}

/// A search under way.
struct Task {
    search: Search,
    number: u64,
    store: EventStore,
    needle: Arc<Needle>,
    names: Names,
}

impl Task {
    fn is_wanted(&self) -> bool {
        self.search.task.try_with_value(|number| *number) == Some(self.number)
    }

    async fn run(mut self) {
        if !self.is_wanted() {
            return;
        }
        let mut seen = self.search.found.with_untracked(|found| found.seen);
        let mut news = Vec::new();
        let (mut turn_began, mut shown_at) = (now_ms(), now_ms());
        loop {
            let first = seen.next();
            let last = Position::new((seen.get() + PAGE).min(self.store.head().get()));
            if first > last {
                return self.show(seen, &mut news, SearchStatus::Done);
            }
            match self.page(first, last, &mut news).await {
                Ok(()) => seen = last,
                Err(trouble) => return self.show(seen, &mut news, SearchStatus::Failed(trouble)),
            }
            let now = now_ms();
            if now - turn_began >= TURN_MS {
                breathe().await;
                turn_began = now_ms();
            }
            if !self.is_wanted() {
                return;
            }
            if now - shown_at >= SHOW_MS {
                shown_at = now;
                self.show(seen, &mut news, SearchStatus::Running);
            }
        }
    }

    /// Adds the matches of a stretch: what the index decides is decided there, and the rest is read.
    async fn page(&mut self, first: Position, last: Position, news: &mut Vec<u32>) -> Result<(), Trouble> {
        let (named, rest): (Vec<u64>, Vec<u64>) = self.store.with_log(|log| {
            (first.get()..=last.get()).partition(|at| self.names.fit(&self.needle, log, Position::new(*at)))
        });
        let rest: Vec<Position> = rest.into_iter().map(Position::new).collect();
        let events = self.store.events_at(&rest).await?;
        let read =
            events.iter().filter(|event| self.needle.place_in(event).is_some()).map(|event| event.position().get());
        let mut found: Vec<u64> = named.into_iter().chain(read).collect();
        found.sort_unstable();
        news.extend(found.into_iter().filter_map(|at| u32::try_from(at).ok()));
        Ok(())
    }

    fn show(&self, seen: Position, news: &mut Vec<u32>, status: SearchStatus) {
        if !self.is_wanted() {
            return;
        }
        self.search.found.update(|found| {
            if !news.is_empty() {
                match Arc::make_mut(&mut found.hits) {
                    Rows::Some(positions) => positions.append(news),
                    all @ Rows::All { .. } => *all = Rows::Some(std::mem::take(news)),
                }
            }
            found.seen = seen;
            found.status = status;
        });
    }
}

/// Which names have the text: asked once a name.
#[derive(Default)]
struct Names {
    types: Vec<Option<bool>>,
    streams: Vec<Option<bool>>,
    tag_sets: Vec<Option<bool>>,
}

impl Names {
    fn fit(&mut self, needle: &Needle, log: &LogView, position: Position) -> bool {
        let kinds = &mut self.types;
        let in_type = log.type_index_of(position).is_some_and(|number| {
            judged(kinds, number, || log.row(position).is_some_and(|row| needle.is_in(row.event_type.as_str())))
        });
        let streams = &mut self.streams;
        let mut in_stream = || {
            log.stream_index_of(position).is_some_and(|number| {
                judged(streams, number, || log.stream_name(number).is_some_and(|name| needle.is_in(name.as_str())))
            })
        };
        let tag_sets = &mut self.tag_sets;
        let mut in_tags = || {
            log.tag_set_index_of(position).is_some_and(|number| {
                let has = || log.tag_set(number).is_some_and(|tags| tags.iter().any(|tag| needle.is_in(tag.as_str())));
                judged(tag_sets, number, has)
            })
        };
        in_type || in_stream() || in_tags()
    }
}

fn judged(verdicts: &mut Vec<Option<bool>>, number: u32, judge: impl FnOnce() -> bool) -> bool {
    let index = number as usize;
    if index >= verdicts.len() {
        verdicts.resize(index + 1, None);
    }
    *verdicts[index].get_or_insert_with(judge)
}
