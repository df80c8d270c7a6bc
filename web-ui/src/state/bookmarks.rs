//! The bookmarks of the open store, kept in this browser under the store's id.

use leftfold_core::Position;
use leptos::ev;
use leptos::prelude::*;

use super::browser::{remember, remembered};
use super::{App, Overlay, Phase};
use crate::model::bookmarks::Bookmarks;
use crate::model::format;

const PREFIX: &str = "leftfold.bookmarks.";

/// The bookmarks, and the one whose name is being typed.
#[derive(Clone, Copy)]
pub(crate) struct BookmarkShelf {
    pub(crate) all: RwSignal<Bookmarks>,
    /// The bookmark whose name has the focus when the list opens.
    pub(crate) naming: RwSignal<Option<Position>>,
    /// What was read last: under which key, and the text.
    known: StoredValue<Option<(String, Option<String>)>>,
}

impl BookmarkShelf {
    pub(super) fn new() -> Self {
        Self { all: RwSignal::new(Bookmarks::default()), naming: RwSignal::new(None), known: StoredValue::new(None) }
    }

    /// Reads them whenever a store is opened, and when another tab has changed them.
    pub(super) fn run(self, app: App) {
        Effect::new(move |_| {
            app.epoch.track();
            self.read(app);
        });
        let handle = window_event_listener(ev::storage, move |event| {
            // Without a key, all of the storage was cleared.
            if event.key().is_none_or(|changed| Some(changed) == key(app)) {
                self.read(app);
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// Takes what this browser remembers, where another tab has changed it: in a browser that remembers nothing, bookmarks last
    /// until the store is left.
    pub(super) fn read(self, app: App) {
        let now = key(app).map(|key| {
            let text = remembered(&key);
            (key, text)
        });
        let is_known = self.known.with_value(|known| known.is_some() && *known == now);
        if is_known {
            return;
        }
        self.known.set_value(now.clone());
        let text = now.and_then(|(_, text)| text);
        let bookmarks = text.map(|text| Bookmarks::from_text(&text)).unwrap_or_default();
        if self.all.with_untracked(|now| *now != bookmarks) {
            self.all.set(bookmarks);
        }
    }
}

fn key(app: App) -> Option<String> {
    app.store().map(|store| format!("{PREFIX}{}", store.id()))
}

/// Forgets the bookmarks of a store that is deleted.
pub(super) fn forget(store: &str) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|i| storage.key(i).ok().flatten());
    let is_of_store = |key: &String| {
        key.starts_with(PREFIX)
            && remembered(key).and_then(|text| Bookmarks::store_of(&text)).is_some_and(|name| name == store)
    };
    let keys: Vec<String> = keys.filter(is_of_store).collect();
    for key in keys {
        remember(&key, None);
    }
}

impl App {
    /// Bookmarks the event at the cursor under the name of its type. Where it has a bookmark, its name can be typed.
    pub(crate) fn bookmark_cursor(self) {
        let position = self.cursor.get_untracked();
        if position == Position::ZERO {
            return;
        }
        if self.bookmarks.all.with_untracked(|all| all.at(position).is_some()) {
            self.show_bookmarks(Some(position));
            return;
        }
        let kind = self.row(position).map(|row| row.event_type.to_string());
        self.name_bookmark(position, &kind.unwrap_or_else(|| format::position(position)));
    }

    /// Opens the list of bookmarks, with the focus on the name of one.
    pub(crate) fn show_bookmarks(self, naming: Option<Position>) {
        self.bookmarks.naming.set(naming);
        self.overlay.set(Some(Overlay::Bookmarks));
    }

    /// Sets a bookmark, or gives the one at a position another name.
    pub(crate) fn name_bookmark(self, position: Position, name: &str) {
        self.change(|it| it.bookmarks.set(position, name));
    }

    /// Takes a bookmark away; it can be had back.
    pub(crate) fn delete_bookmark(self, position: Position) {
        let mut removed = None;
        let change = self.change(|it| removed = it.bookmarks.remove(position));
        if let (Some(change), Some(removed)) = (change, removed) {
            self.offer_undo(change, "Bookmark deleted", format!("{} at {}", removed.name, format::position(position)));
        }
    }

    /// Shows these bookmarks from now on, and remembers them.
    pub(super) fn keep_bookmarks(self, bookmarks: Bookmarks) {
        if let (Some(key), Phase::Open { name }) = (key(self), self.phase.get_untracked()) {
            remember(&key, bookmarks.to_text(&name).as_deref());
            let text = remembered(&key);
            self.bookmarks.known.set_value(Some((key, text)));
        }
        self.bookmarks.all.set(bookmarks);
    }
}
