//! What was typed into the editor and not saved, for each projection.

use super::kept::Kept;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The name, as far as it was typed.
    pub name: String,
    /// The text.
    pub source: String,
}

/// The drafts of a store, by the name of the projection that each will change; that of a new one is under `""`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    all: BTreeMap<String, Draft>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    store: String,
    drafts: BTreeMap<String, Draft>,
}

impl Drafts {
    /// The draft for a projection.
    #[must_use]
    pub fn of(&self, projection: &str) -> Option<&Draft> {
        self.all.get(projection)
    }

    /// Keeps a draft, or forgets it.
    pub fn set(&mut self, projection: &str, draft: Option<Draft>) {
        match draft {
            Some(draft) => self.all.insert(projection.to_owned(), draft),
            None => self.all.remove(projection),
        };
    }
}

impl Kept for Drafts {
    const PREFIX: &'static str = "leftfold.drafts.";
    const WHAT: &'static str = "drafts of projections";

    fn to_text(&self, store: &str) -> Option<String> {
        let written = Written { store: store.to_owned(), drafts: self.all.clone() };
        if self.all.is_empty() { None } else { serde_json::to_string(&written).ok() }
    }

    fn from_text(text: &str) -> Self {
        Self { all: serde_json::from_str(text).map(|written: Written| written.drafts).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kept::store_of;

    #[test]
    fn drafts_come_back_from_their_text() {
        let mut drafts = Drafts::default();
        assert_eq!(drafts.to_text("orders"), None);
        let draft = Draft { name: "half \"na".to_owned(), source: "fromAll()\n".to_owned() };
        drafts.set("", Some(draft.clone()));
        drafts.set("counts", Some(Draft::default()));
        drafts.set("counts", None);
        let text = drafts.to_text("orders").expect("there is one");
        assert_eq!(Drafts::from_text(&text), drafts);
        assert_eq!(store_of(&text).as_deref(), Some("orders"));
        assert_eq!(Drafts::from_text(&text).of(""), Some(&draft));
        assert_eq!(Drafts::from_text("nonsense"), Drafts::default());
    }
}
