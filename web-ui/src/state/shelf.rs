//! What a person makes for one store and this browser keeps, under the store's id: bookmarks, projections as text.

use leptos::ev;
use leptos::prelude::*;

use super::browser::{remember, remembered};
use super::{App, Phase};
use crate::model::kept::{Kept, store_of};

/// What is kept for the open store.
pub(crate) struct Shelf<T: 'static> {
    pub(crate) all: RwSignal<T>,
    /// What was read last: under which key, and the text.
    known: StoredValue<Option<(String, Option<String>)>>,
    /// Whether it was said that this browser remembers nothing more.
    is_told: StoredValue<bool>,
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shelf<T> {}

impl<T: Kept> Shelf<T> {
    pub(super) fn new() -> Self {
        Self { all: RwSignal::new(T::default()), known: StoredValue::new(None), is_told: StoredValue::new(false) }
    }

    /// Reads whenever a store is opened, and when another tab has changed what is kept.
    pub(super) fn run(self, app: App) {
        Effect::new(move |_| {
            app.epoch.track();
            self.read(app);
        });
        let handle = window_event_listener(ev::storage, move |event| {
            // Without a key, all of the storage was cleared.
            if event.key().is_none_or(|changed| Some(changed) == key::<T>(app)) {
                self.read(app);
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// Takes what this browser remembers, where another tab has changed it: in a browser that remembers nothing, things last
    /// until the store is left.
    pub(super) fn read(self, app: App) {
        let now = key::<T>(app).map(|key| {
            let text = remembered(&key);
            (key, text)
        });
        let is_known = self.known.with_value(|known| known.is_some() && *known == now);
        if is_known {
            return;
        }
        self.known.set_value(now.clone());
        let all = now.and_then(|(_, text)| text).map(|text| T::from_text(&text)).unwrap_or_default();
        if self.all.with_untracked(|now| *now != all) {
            self.all.set(all);
        }
    }

    /// Shows these from now on, and remembers them. A browser may be full, or remember nothing: that is said once.
    pub(super) fn keep(self, app: App, all: T) {
        let mut is_kept = false;
        if let (Some(key), Phase::Open { name }) = (key::<T>(app), app.phase.get_untracked()) {
            let written = all.to_text(&name);
            remember(&key, written.as_deref());
            let text = remembered(&key);
            is_kept = text == written;
            self.known.set_value(Some((key, text)));
        }
        self.all.set(all);
        if !is_kept && !self.is_told.get_value() {
            app.note(
                "Not kept",
                format!("This browser remembers nothing more: {} last until the store is left. Export them.", T::WHAT),
            );
        }
        self.is_told.set_value(!is_kept);
    }
}

fn key<T: Kept>(app: App) -> Option<String> {
    app.store().map(|store| format!("{}{}", T::PREFIX, store.id()))
}

/// Forgets what is kept for a store that is deleted.
pub(super) fn forget<T: Kept>(store: &str) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|i| storage.key(i).ok().flatten());
    let is_of_store = |key: &String| {
        key.starts_with(T::PREFIX) && remembered(key).and_then(|text| store_of(&text)).is_some_and(|name| name == store)
    };
    let keys: Vec<String> = keys.filter(is_of_store).collect();
    for key in keys {
        remember(&key, None);
    }
}
