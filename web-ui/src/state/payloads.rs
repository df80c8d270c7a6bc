//! Payloads, fetched in pages when somebody looks at them, and kept while they are likely to be looked at again.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use leftfold_core::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::{frame_or_moment, next_frame};
use super::trouble::Trouble;
use crate::model::payload_cache::{Kindred, Limits, Payload, PayloadCache};

/// What is kept: some screens full of rows, and no more memory than a large picture takes.
const LIMITS: Limits = Limits { payloads: 4_096, bytes: 32 << 20 };
/// How many payloads are fetched at once.
const PAGE: usize = 128;

struct Cache {
    kept: PayloadCache,
    failed: HashMap<u64, Trouble>,
    wanted: BTreeSet<u64>,
    wanted_one: Option<u64>,
    /// What is looked at: the page and the one that were asked for last, whether they were here or not.
    in_view: BTreeSet<u64>,
    one_in_view: Option<u64>,
    is_fetching: bool,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            kept: PayloadCache::new(LIMITS),
            failed: HashMap::new(),
            wanted: BTreeSet::new(),
            wanted_one: None,
            in_view: BTreeSet::new(),
            one_in_view: None,
            is_fetching: false,
        }
    }
}

/// The payloads of the open store.
#[derive(Clone, Copy)]
pub(crate) struct Payloads {
    cache: StoredValue<Rc<RefCell<Cache>>, LocalStorage>,
    arrived: RwSignal<u64>,
    /// How often failures were forgotten, so that whoever has asked asks again.
    tries: RwSignal<u64>,
}

impl Payloads {
    pub(super) fn new() -> Self {
        Self { cache: StoredValue::new_local(Rc::default()), arrived: RwSignal::new(0), tries: RwSignal::new(0) }
    }

    /// Forgets everything: another store is open.
    pub(super) fn clear(&self) {
        self.cache.set_value(Rc::default());
        self.arrived.update(|count| *count += 1);
    }

    /// Follows arrivals.
    pub(crate) fn track(&self) {
        self.arrived.track();
    }

    /// A payload, if it is here; follows arrivals.
    pub(crate) fn get(&self, position: Position) -> Option<Rc<Payload>> {
        self.arrived.track();
        self.cache.with_value(|cache| cache.borrow_mut().kept.get(position))
    }

    /// Why a payload is not here, if reading it failed; follows arrivals.
    pub(crate) fn failure(&self, position: Position) -> Option<Trouble> {
        self.arrived.track();
        self.cache.with_value(|cache| cache.borrow().failed.get(&position.get()).cloned())
    }

    /// One of the payloads that could not be read, if there are any; follows arrivals.
    pub(crate) fn first_failure(&self) -> Option<(Position, Trouble)> {
        self.arrived.track();
        self.cache.with_value(|cache| {
            let cache = cache.borrow();
            let (at, trouble) = cache.failed.iter().min_by_key(|(at, _)| **at)?;
            Some((Position::new(*at), trouble.clone()))
        })
    }

    /// Forgets what could not be read, so that it is asked for anew.
    pub(crate) fn try_again(&self) {
        self.cache.with_value(|cache| cache.borrow_mut().failed.clear());
        self.arrived.update(|count| *count += 1);
        self.tries.update(|tries| *tries += 1);
    }

    /// The kin of a payload among those that are here; follows arrivals.
    pub(crate) fn kindred(&self, payload: &Payload) -> Kindred {
        self.arrived.track();
        self.cache.with_value(|cache| cache.borrow().kept.kindred(payload))
    }

    /// Asks for the payloads of a page of rows, instead of the page that was asked for before.
    pub(crate) fn want_page(&self, app: App, positions: impl IntoIterator<Item = Position>) {
        self.want(app, |cache| {
            cache.in_view = positions.into_iter().map(Position::get).collect();
            cache.wanted = cache.in_view.iter().copied().filter(|at| cache.lacks(*at)).collect();
        });
    }

    /// Asks for one payload, instead of the one that was asked for before. Follows [`try_again`](Self::try_again).
    pub(crate) fn want_one(&self, app: App, position: Position) {
        self.tries.track();
        self.want(app, |cache| {
            cache.one_in_view = Some(position.get());
            cache.wanted_one = cache.one_in_view.filter(|at| cache.lacks(*at));
        });
    }

    fn want(&self, app: App, ask: impl FnOnce(&mut Cache)) {
        let cache = self.cache.with_value(Rc::clone);
        {
            let mut cache = cache.borrow_mut();
            ask(&mut cache);
            if cache.is_fetching || cache.next_page().is_empty() {
                return;
            }
            cache.is_fetching = true;
        }
        let arrived = self.arrived;
        spawn_local(async move {
            // A frame's worth of scrubbing asks for one page, not for one of every place that was passed; and what is wanted for
            // the first time is drawn first.
            next_frame().await;
            next_frame().await;
            next_frame().await;
            fetch(app, &cache, arrived).await;
            cache.borrow_mut().is_fetching = false;
        });
    }
}

async fn fetch(app: App, cache: &Rc<RefCell<Cache>>, arrived: RwSignal<u64>) {
    loop {
        let Some(store) = app.store() else { return };
        let page = cache.borrow().next_page();
        if page.is_empty() {
            return;
        }
        let epoch = app.epoch();
        let mut read = vec![store.events_at(&page).await];
        if read[0].is_err() && page.len() > 1 {
            // One damaged record must not hide its neighbours.
            read.clear();
            for position in &page {
                read.push(store.events_at(&[*position]).await);
            }
        }
        app.follows.answer();
        frame_or_moment().await;
        if app.epoch() != epoch {
            return;
        }
        {
            let mut cache = cache.borrow_mut();
            for at in &page {
                cache.wanted.remove(&at.get());
            }
            cache.wanted_one = cache.wanted_one.filter(|one| page.iter().all(|at| at.get() != *one));
            for (number, read) in read.into_iter().enumerate() {
                match read {
                    Ok(events) => {
                        for event in events {
                            cache.failed.remove(&event.position().get());
                            cache.kept.keep(event);
                        }
                    }
                    Err(error) => {
                        cache.failed.insert(page[number].get(), error.into());
                    }
                }
            }
            let Cache { kept, in_view, one_in_view, .. } = &mut *cache;
            kept.forget_oldest(|at| in_view.contains(&at.get()) || *one_in_view == Some(at.get()));
        }
        arrived.update(|count| *count += 1);
    }
}

impl Cache {
    fn lacks(&self, at: u64) -> bool {
        !self.kept.has(Position::new(at)) && !self.failed.contains_key(&at)
    }

    fn next_page(&self) -> Vec<Position> {
        let one = self.wanted_one.filter(|one| !self.wanted.contains(one));
        one.into_iter().chain(self.wanted.iter().copied()).take(PAGE).map(Position::new).collect()
    }
}
