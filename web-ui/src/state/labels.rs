//! Labels: names that a person gives to stores, for the eye. The store keeps the name that it was made with.

use std::collections::BTreeMap;

use leptos::ev;
use leptos::prelude::*;

use super::App;
use super::browser::{remember, remembered};

const KEY: &str = "leftfold.labels";
/// The longest label, in characters.
pub(crate) const LONGEST: usize = 60;

/// Labels by the names of their stores, as this browser remembers them.
pub(super) fn read() -> BTreeMap<String, String> {
    remembered(KEY).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Follows what other tabs write.
pub(super) fn run(app: App) {
    let handle = window_event_listener(ev::storage, move |event| {
        if event.key().is_none_or(|key| key == KEY) {
            app.labels.set(read());
        }
    });
    on_cleanup(move || handle.remove());
}

impl App {
    /// What a store is called on the page: its label, or its name; follows changes.
    pub(crate) fn label_of(&self, store: &str) -> String {
        self.labels.with(|labels| labels.get(store).cloned()).unwrap_or_else(|| store.to_owned())
    }

    /// Gives a store a label; an empty one, or its own name, takes it away.
    pub(crate) fn set_label(&self, store: &str, label: &str) {
        let label = label.trim();
        // What other tabs have written since is kept.
        let mut labels = read();
        if label.is_empty() || label == store {
            labels.remove(store);
        } else {
            labels.insert(store.to_owned(), label.chars().take(LONGEST).collect());
        }
        let text = serde_json::to_string(&labels).ok().filter(|_| !labels.is_empty());
        remember(KEY, text.as_deref());
        self.labels.set(labels);
    }
}
