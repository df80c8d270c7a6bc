//! The branches of a store.

use crate::model::kept::Kept;
use serde::{Deserialize, Serialize};

use super::named::{InvalidBranch, NamedBranch};

/// The branches that were made for a store, in the order in which they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branches {
    all: Vec<NamedBranch>,
}

/// How they are written down.
#[derive(Serialize, Deserialize)]
struct Written {
    /// The name of the store, so that they can be found when it is deleted unopened.
    store: String,
    branches: Vec<NamedBranch>,
}

impl Branches {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[NamedBranch] {
        &self.all
    }

    /// The one of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&NamedBranch> {
        self.all.iter().find(|branch| branch.name() == name)
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`InvalidBranch::Taken`].
    pub fn add(&mut self, branch: NamedBranch) -> Result<(), InvalidBranch> {
        if self.named(branch.name()).is_some() {
            return Err(InvalidBranch::Taken { name: branch.name().to_owned() });
        }
        self.all.push(branch);
        Ok(())
    }

    /// Puts a branch in the place of the one that was called `before`.
    ///
    /// # Errors
    /// [`InvalidBranch::Taken`] when another one has its name; nothing is changed then.
    pub fn replace(&mut self, before: &str, branch: NamedBranch) -> Result<(), InvalidBranch> {
        if before != branch.name() && self.named(branch.name()).is_some() {
            return Err(InvalidBranch::Taken { name: branch.name().to_owned() });
        }
        match self.all.iter_mut().find(|other| other.name() == before) {
            Some(place) => *place = branch,
            None => self.all.push(branch),
        }
        Ok(())
    }

    /// Takes one away: where it stood, and what it was.
    pub fn remove(&mut self, name: &str) -> Option<(usize, NamedBranch)> {
        let index = self.all.iter().position(|branch| branch.name() == name)?;
        Some((index, self.all.remove(index)))
    }

    /// Puts one back where it stood. Whether its name was free.
    pub fn put_back(&mut self, index: usize, branch: NamedBranch) -> bool {
        let is_free = self.named(branch.name()).is_none();
        if is_free {
            self.all.insert(index.min(self.all.len()), branch);
        }
        is_free
    }

    /// A name that is free: this, or this and a number.
    #[must_use]
    pub fn free_name(&self, wanted: &str) -> String {
        let numbered = (2..).map(|number: u32| format!("{wanted}-{number}"));
        std::iter::once(wanted.to_owned()).chain(numbered).find(|name| self.named(name).is_none()).unwrap_or_default()
    }
}

impl Kept for Branches {
    const PREFIX: &'static str = "leftfold.branches.";
    const WHAT: &'static str = "branches";

    fn to_text(&self, store: &str) -> Option<String> {
        let written = Written { store: store.to_owned(), branches: self.all.clone() };
        if self.all.is_empty() { None } else { serde_json::to_string(&written).ok() }
    }

    fn from_text(text: &str) -> Self {
        let mut branches = Self::default();
        for branch in serde_json::from_str(text).map(|written: Written| written.branches).unwrap_or_default() {
            // Of two with one name the first holds.
            let _ = branches.add(branch);
        }
        branches
    }
}
