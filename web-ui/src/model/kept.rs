//! What a person makes for a store and the browser keeps as text, under the store's id.

use serde::Deserialize;

/// Something that is kept. Its text is a JSON object whose member `store` is the name of the store.
pub trait Kept: Clone + Default + PartialEq + Send + Sync + 'static {
    /// What its keys begin with.
    const PREFIX: &'static str;
    /// What they are, in a word.
    const WHAT: &'static str;

    /// As text to keep, with the name of the store; `None` when there is nothing.
    fn to_text(&self, store: &str) -> Option<String>;

    /// Reads what [`to_text`](Self::to_text) has written; what is unreadable is nothing.
    fn from_text(text: &str) -> Self;
}

/// The name of the store whose things a text holds, so that they are found when the store is deleted unopened.
#[must_use]
pub fn store_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Written {
        store: String,
    }
    serde_json::from_str(text).ok().map(|written: Written| written.store)
}
