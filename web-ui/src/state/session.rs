//! Opening, making and deleting stores, and following the open one.

use std::rc::Rc;

use futures_util::StreamExt;
use leftfold_core::{ClosedBecause, EventStore, OpenOptions, Position, StorageError, indexed_db};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser::{copy_text, next_frame, remember, remembered, sleep};
use super::{App, OnlyThese, Overlay, Phase, StoreEntry, Trouble, address, shelf};
use crate::lens::Lenses;
use crate::model::bookmarks::Bookmarks;
use crate::model::branch::Branches;
use crate::model::drafts::Drafts;
use crate::model::filter::Filter;
use crate::model::format::counted;
use crate::model::page_url::PageUrl;
use crate::model::state_of::StateOf;
use crate::model::texts::Texts;
use crate::model::timeline::{Command, Timeline};
use crate::sample;

const LAST_STORE: &str = "leftfold.store";

impl App {
    /// Opens the store of the address, else the one that was open the last time, else none.
    pub(crate) fn begin(self) {
        spawn_local(async move {
            self.list_stores().await;
            let url = address::read();
            if !matches!(self.phase.get_untracked(), Phase::Starting) {
                return;
            }
            let names: Vec<String> =
                self.stores.with_untracked(|stores| stores.iter().map(|store| store.name.clone()).collect());
            let asked = url.store.clone();
            if let Some(name) = &asked
                && !names.contains(name)
            {
                self.complain_of_missing(name);
            }
            let known = |name: &String| names.contains(name);
            match asked.filter(known).or_else(|| remembered(LAST_STORE).filter(known)) {
                Some(name) => {
                    let url = if url.store.as_ref() == Some(&name) { url } else { PageUrl::default() };
                    self.open_at(name, url).await;
                }
                None => self.phase.set(Phase::NoStore),
            }
        });
    }

    /// Opens a store, making it where there is none of this name.
    pub(crate) fn open(self, name: String) {
        spawn_local(async move {
            self.open_at(name, PageUrl::default()).await;
        });
    }

    /// Opens a store and shows it as an address says. `None` when it could not be opened, or was left meanwhile.
    pub(super) async fn open_at(self, name: String, url: PageUrl) -> Option<EventStore> {
        if !self.leave().await {
            return None;
        }
        let epoch = self.epoch();
        self.phase.set(Phase::Opening { name: name.clone() });
        self.openings.update_value(|openings| *openings += 1);
        let opened = self.enter_unless_left(name, url, epoch).await;
        self.openings.update_value(|openings| *openings -= 1);
        opened
    }

    async fn enter_unless_left(self, name: String, url: PageUrl, epoch: u64) -> Option<EventStore> {
        match open_store(&name).await {
            Ok(store) if self.epoch() == epoch => {
                if self.root.is_page() {
                    remember(LAST_STORE, Some(&name));
                }
                self.enter(store.clone(), &url);
                self.phase.set(Phase::Open { name });
                spawn_local(self.list_stores());
                Some(store)
            }
            Ok(store) => {
                store.close().await;
                None
            }
            Err(error) => {
                if self.epoch() == epoch {
                    self.phase.set(Phase::Failed { name, trouble: error.into() });
                }
                None
            }
        }
    }

    fn enter(self, store: EventStore, url: &PageUrl) {
        let head = store.head();
        if store.name() == sample::STORE
            && let Err(error) = sample::upcasters::register(&store)
        {
            self.complain(
                "Old events of the sample cannot be lifted",
                Trouble::new(error.to_string(), "invalid-input"),
            );
        }
        self.lenses.set_value(Some(Rc::new(Lenses::new(&store, Rc::new(|| Box::pin(sleep(0)))))));
        store.pause_work_by(self.pauses());
        self.store.set_value(Some(store.clone()));
        self.timeline.set(Timeline::new(head));
        self.epoch.update(|epoch| *epoch += 1);
        self.show_as(url);
        self.follow(store);
    }

    /// Shows the open store as an address says.
    pub(super) fn show_as(self, url: &PageUrl) {
        self.filter.set(url.filter.clone());
        self.search.text.set(url.search.clone());
        self.search.shows_only_matches.set(url.only_matches);
        self.only_range.set(url.only_range);
        self.only_these.set((url.only_hits && url.breakpoint.is_some()).then_some(OnlyThese::Hits));
        if self.breakpoint.set.with_untracked(|set| *set != url.breakpoint) {
            self.set_breakpoint(url.breakpoint.clone());
        }
        self.page.set(url.page);
        self.view.set(url.view);
        self.tab.set(url.tab);
        self.what_if.chosen.set(url.branch.clone());
        self.state_of.set(url.of.as_deref().and_then(StateOf::of_key).unwrap_or_default());
        self.send(Command::SetAxis(url.axis));
        self.send(Command::SetA(url.a));
        self.send(Command::SetB(url.b));
        match url.at {
            Some(at) => {
                self.send(Command::SetPositionClamped(at));
                // At the head too: who sent the address was not live.
                self.send(Command::Pin);
            }
            None => self.send(Command::GoLive),
        }
        match url.window {
            Some((from, to)) => self.send(Command::SetWindow { from, to }),
            None => self.send(Command::Fit),
        }
    }

    /// Opens a store again that an address of before names, if it is still there: another tab may have deleted it.
    pub(crate) fn reopen(self, name: String, url: PageUrl) {
        self.stop_simulator();
        spawn_local(async move {
            // The store before is left first, so that an opening under way does not come in between.
            if !self.leave().await {
                return;
            }
            let epoch = self.epoch();
            self.phase.set(Phase::Opening { name: name.clone() });
            self.list_stores().await;
            if self.epoch() != epoch {
                return;
            }
            if self.stores.with_untracked(|stores| stores.iter().any(|store| store.name == name)) {
                self.open_at(name, url).await;
            } else {
                // An element shows that in the place of the store.
                if self.root.is_page() {
                    self.complain_of_missing(&name);
                }
                self.phase.set(Phase::NoStore);
            }
        });
    }

    fn complain_of_missing(self, name: &str) {
        let text = format!("This browser has no store named {name}.");
        self.complain("Store not found", Trouble::new(text, "storage-unavailable"));
    }

    /// Leaves the open store for the start page.
    pub(super) fn close(self) {
        self.stop_simulator();
        spawn_local(async move {
            if self.leave().await {
                self.phase.set(Phase::NoStore);
            }
        });
    }

    /// Closes the open store, and forgets what was derived from it. Whether the page is still without one: closing takes a
    /// moment, in which another may be opened.
    pub(super) async fn leave(self) -> bool {
        self.editor.leave(self);
        let store = self.store.try_update_value(Option::take).flatten();
        self.epoch.update(|epoch| *epoch += 1);
        let epoch = self.epoch();
        self.filter.set(Filter::default());
        self.search.text.set(String::new());
        self.search.shows_only_matches.set(false);
        self.only_range.set(false);
        self.only_these.set(None);
        self.timeline.set(Timeline::new(Position::ZERO));
        self.lenses.set_value(None);
        self.state_of.set(StateOf::default());
        self.payloads.clear();
        self.state_views.clear();
        self.blames.clear();
        self.field_history.close(self);
        self.stories.clear();
        self.breakpoint.clear();
        self.undo.clear(self);
        if self.overlay.with_untracked(|overlay| *overlay == Some(Overlay::Export)) {
            self.overlay.set(None);
        }
        if let Some(store) = store {
            store.close().await;
        }
        self.epoch() == epoch
    }

    /// Lets the timeline hear of news, at most once a frame.
    fn follow(self, store: EventStore) {
        let epoch = self.epoch();
        spawn_local(async move {
            let mut news = std::pin::pin!(store.head_changes());
            while news.next().await.is_some() {
                next_frame().await;
                if self.epoch() != epoch {
                    return;
                }
                self.send(Command::HeadGrew(store.head()));
            }
            if self.epoch() == epoch
                && let Some(because) = store.closed()
                && let Phase::Open { name } = self.phase.get_untracked()
                && self.leave().await
            {
                if because == ClosedBecause::Deleted && !self.root.is_page() {
                    // Nothing has failed: there is none any more.
                    self.phase.set(Phase::NoStore);
                    return;
                }
                self.phase.set(Phase::Failed { name, trouble: StorageError::Closed { because }.into() });
            }
        });
    }

    /// Looks which stores there are.
    pub(crate) async fn list_stores(self) {
        let number = self.next_number();
        self.openings.update_value(|openings| *openings += 1);
        let listed = indexed_db::list().await;
        self.openings.update_value(|openings| *openings -= 1);
        // A later look that was faster knows better.
        if self.listed.get_value() > number {
            return;
        }
        match listed {
            Ok(listed) => {
                self.listed.set_value(number);
                let mut stores: Vec<StoreEntry> = listed
                    .into_iter()
                    .map(|store| StoreEntry { name: store.name, events: store.events, bytes: store.bytes })
                    .collect();
                stores.sort_by(|a, b| a.name.cmp(&b.name));
                self.stores.set(stores);
            }
            Err(error) => self.complain("Stores cannot be listed", error.into()),
        }
    }

    /// Deletes a store with all of its events.
    pub(crate) fn delete(self, name: String) {
        spawn_local(async move {
            match self.take_away(&name).await {
                Ok(()) => {
                    self.set_label(&name, "");
                    shelf::forget::<Bookmarks>(&name);
                    shelf::forget::<Texts>(&name);
                    shelf::forget::<Branches>(&name);
                    shelf::forget::<Drafts>(&name);
                    if remembered(LAST_STORE).as_ref() == Some(&name) {
                        remember(LAST_STORE, None);
                    }
                    self.note("Store deleted", format!("{name} and its events are gone from this browser."));
                }
                Err(error) => self.complain("Store could not be deleted", error.into()),
            }
            self.list_stores().await;
        });
    }

    /// Closes the store where it is the open one, and deletes it. The page says that there is none once it is gone and not before:
    /// an element looks for its store from then on, would find it, and make it again.
    async fn take_away(self, name: &str) -> Result<(), StorageError> {
        let is_open = matches!(self.phase.get_untracked(), Phase::Open { name: open } if open == name);
        let mut left = None;
        if is_open {
            self.stop_simulator();
            if self.leave().await {
                self.phase.set(Phase::Deleting { name: name.to_owned() });
                left = Some(self.epoch());
            }
        }
        let outcome = indexed_db::delete(name).await;
        if left == Some(self.epoch()) {
            self.phase.set(Phase::NoStore);
        }
        outcome
    }

    /// Opens the store of the sample and writes the sample to it, once.
    pub(crate) fn load_sample(self) {
        spawn_local(async move {
            let url = PageUrl { page: self.page.get_untracked(), ..PageUrl::default() };
            let Some(store) = self.open_at(sample::STORE.to_owned(), url).await else { return };
            let epoch = self.epoch();
            match write_sample(&store).await {
                Ok(written) => {
                    if self.epoch() == epoch {
                        self.send(Command::GoLive);
                    }
                    self.note("Sample loaded", format!("{} written.", counted(written, "event")));
                }
                Err(trouble) => self.complain("The sample could not be written", trouble),
            }
            self.list_stores().await;
        });
    }

    /// Opens the store that a file goes to, unless it is open already.
    pub(crate) async fn open_for_import(self, name: &str) -> Result<EventStore, Trouble> {
        let is_open = matches!(self.phase.get_untracked(), Phase::Open { name: open } if open == name);
        let store = if is_open {
            self.store()
        } else {
            self.stop_simulator();
            self.open_at(name.to_owned(), PageUrl::default()).await
        };
        store.ok_or_else(|| match self.phase.get_untracked() {
            Phase::Failed { name: failed, trouble } if failed == name => trouble,
            _ => Trouble::new("The store was left while it was being opened.", "aborted"),
        })
    }

    /// Takes a store away again that was made for an import that came to nothing.
    pub(crate) async fn delete_if_empty(self, name: &str) {
        let is_open = matches!(self.phase.get_untracked(), Phase::Open { name: open } if open == name);
        let (Some(store), epoch) = (self.store().filter(|_| is_open), self.epoch()) else { return };
        // Asked of the store: another tab may have written to it meanwhile.
        let is_empty = matches!(store.refresh().await, Ok(Position::ZERO));
        if is_empty
            && self.epoch() == epoch
            && let Err(error) = self.take_away(name).await
        {
            self.complain("The empty store could not be taken away", error.into());
        }
    }
}

async fn write_sample(store: &EventStore) -> Result<u64, Trouble> {
    let mut bulk = store.bulk().await?;
    for (stream, event) in sample::events()? {
        bulk.push(&stream, &event).await?;
    }
    Ok(bulk.finish().await?.events)
}

async fn open_store(name: &str) -> Result<EventStore, StorageError> {
    let storage = indexed_db::open(name).await?;
    EventStore::open(storage, OpenOptions::default()).await
}

impl App {
    /// Copies the address of this store, cursor and filter.
    pub(crate) fn copy_link(self) {
        address::write_now(self);
        let link = window().location().href().unwrap_or_default();
        spawn_local(async move {
            if copy_text(&link).await {
                self.note("Link copied", link);
            } else {
                self.complain("Link not copied", Trouble::new("The browser keeps the clipboard closed.", "aborted"));
            }
        });
    }
}
