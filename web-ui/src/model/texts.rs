//! Projections that are written in the page.

use super::kept::Kept;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 80;
/// The longest text, in bytes: a browser keeps a few megabytes for all of a site.
pub const LONGEST_SOURCE: usize = 200_000;

/// A projection that is written in the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectionText {
    /// What it is called; never empty, and the only one of this name.
    pub name: String,
    /// JavaScript in the words of KurrentDB's projections.
    pub source: String,
}

/// The projections that are written for a store, in the order in which they were first saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    all: Vec<ProjectionText>,
}

/// Why a projection cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidText {
    /// It has no name.
    #[error("the projection needs a name")]
    NoName,
    /// The name is too long.
    #[error("the name has {length} characters; at most {LONGEST_NAME} are kept")]
    LongName {
        /// Its length.
        length: usize,
    },
    /// Another one is called so.
    #[error("there is a projection named {name} already")]
    Taken {
        /// The name.
        name: String,
    },
    /// The text is too long.
    #[error("the text has {length} bytes; at most {LONGEST_SOURCE} are kept")]
    LongSource {
        /// Its length.
        length: usize,
    },
}

/// How they are written down.
#[derive(Serialize, Deserialize)]
struct Written {
    /// The name of the store, so that they can be found when it is deleted unopened.
    store: String,
    projections: Vec<ProjectionText>,
}

impl Texts {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[ProjectionText] {
        &self.all
    }

    /// The one of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&ProjectionText> {
        self.all.iter().find(|text| text.name == name)
    }

    /// Saves a text under a name, in the place of the one that was called `before`, if there is one. Blanks around a name are
    /// left away. Nothing is changed when it fails.
    ///
    /// # Errors
    /// [`InvalidText`]; a name is taken when another text has it, or `is_taken` says so.
    pub fn save(
        &mut self,
        before: Option<&str>,
        name: &str,
        source: &str,
        is_taken: impl FnOnce(&str) -> bool,
    ) -> Result<(), InvalidText> {
        let name = name.trim();
        let length = name.chars().count();
        let of_before = before.and_then(|before| self.all.iter().position(|text| text.name == before));
        let of_name = self.all.iter().position(|text| text.name == name);
        if name.is_empty() {
            return Err(InvalidText::NoName);
        }
        if length > LONGEST_NAME {
            return Err(InvalidText::LongName { length });
        }
        if (of_name.is_some() && of_name != of_before) || is_taken(name) {
            return Err(InvalidText::Taken { name: name.to_owned() });
        }
        if source.len() > LONGEST_SOURCE {
            return Err(InvalidText::LongSource { length: source.len() });
        }
        let text = ProjectionText { name: name.to_owned(), source: source.to_owned() };
        match of_before.and_then(|index| self.all.get_mut(index)) {
            Some(place) => *place = text,
            None => self.all.push(text),
        }
        Ok(())
    }

    /// Takes one away: where it stood, and what it was.
    pub fn remove(&mut self, name: &str) -> Option<(usize, ProjectionText)> {
        let index = self.all.iter().position(|text| text.name == name)?;
        Some((index, self.all.remove(index)))
    }

    /// Puts one back where it stood; with a number behind its name, if another has that by now.
    pub fn put_back(&mut self, index: usize, mut text: ProjectionText) {
        let own = text.name.clone();
        let mut number = 2;
        while self.named(&text.name).is_some() {
            text.name = format!("{own}-{number}");
            number += 1;
        }
        self.all.insert(index.min(self.all.len()), text);
    }
}

impl Kept for Texts {
    const PREFIX: &'static str = "leftfold.projections.";
    const WHAT: &'static str = "projections";

    fn to_text(&self, store: &str) -> Option<String> {
        let written = Written { store: store.to_owned(), projections: self.all.clone() };
        if self.all.is_empty() { None } else { serde_json::to_string(&written).ok() }
    }

    fn from_text(text: &str) -> Self {
        let mut texts = Self::default();
        for text in serde_json::from_str(text).map(|written: Written| written.projections).unwrap_or_default() {
            // One that may not be saved was not written by us, and is left out.
            let _ = texts.save(None, &text.name, &text.source, |_| false);
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use crate::model::kept::store_of;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_belongs_to_one() {
        let mut texts = Texts::default();
        texts.save(None, " counts ", "fromAll()", |_| false).expect("saved");
        assert_eq!(texts.named("counts").map(|text| text.source.as_str()), Some("fromAll()"));
        let taken = Err(InvalidText::Taken { name: "counts".to_owned() });
        assert_eq!(texts.save(None, "counts", "", |_| false), taken);
        assert_eq!(
            texts.save(None, "revenue", "", |name| name == "revenue"),
            Err(InvalidText::Taken { name: "revenue".to_owned() })
        );
        assert_eq!(texts.save(None, "  ", "", |_| false), Err(InvalidText::NoName));
        let long = "x".repeat(LONGEST_NAME + 1);
        assert_eq!(texts.save(None, &long, "", |_| false), Err(InvalidText::LongName { length: LONGEST_NAME + 1 }));
        let source = "x".repeat(LONGEST_SOURCE + 1);
        assert_eq!(
            texts.save(None, "long", &source, |_| false),
            Err(InvalidText::LongSource { length: LONGEST_SOURCE + 1 })
        );
        texts.save(Some("counts"), "tally", "fromAll().when({})", |_| false).expect("renamed");
        assert_eq!(texts.all().len(), 1);
        let (index, text) = texts.remove("tally").expect("was there");
        texts.put_back(index, text.clone());
        texts.put_back(index, text);
        assert_eq!(texts.all().iter().map(|text| text.name.as_str()).collect::<Vec<_>>(), ["tally-2", "tally"]);
        assert_eq!(Texts::from_text("{nonsense"), Texts::default());
    }

    proptest! {
        #[test]
        fn they_come_back_from_their_text(texts in prop::collection::vec((".{0,6}", ".{0,40}"), 0..8)) {
            let mut kept = Texts::default();
            for (name, source) in &texts {
                let known = kept.clone();
                let is_saved = kept.save(None, name, source, |_| false).is_ok();
                prop_assert_eq!(is_saved, !name.trim().is_empty() && known.named(name.trim()).is_none());
                prop_assert!(is_saved || kept == known);
            }
            match kept.to_text("orders") {
                Some(text) => {
                    prop_assert_eq!(Texts::from_text(&text), kept);
                    prop_assert_eq!(store_of(&text), Some("orders".to_owned()));
                }
                None => prop_assert!(kept.all().is_empty()),
            }
        }
    }
}
