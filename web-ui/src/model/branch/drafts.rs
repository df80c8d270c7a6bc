//! Undo and redo of the changes of one branch.

use super::named::NamedBranch;

/// The most steps that are kept.
const MOST_KEPT: usize = 200;

/// How a branch was before its changes, and how it was before they were undone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    before: Vec<NamedBranch>,
    undone: Vec<NamedBranch>,
}

impl Drafts {
    /// Notes how the branch was before a change.
    pub fn note(&mut self, before: NamedBranch) {
        if self.before.len() == MOST_KEPT {
            self.before.remove(0);
        }
        self.before.push(before);
        self.undone.clear();
    }

    /// The branch as it was before its last change; `None` when none is known.
    pub fn undo(&mut self, now: &NamedBranch) -> Option<NamedBranch> {
        let before = self.before.pop()?;
        self.undone.push(now.clone());
        Some(before)
    }

    /// The branch as it was before the last undoing.
    pub fn redo(&mut self, now: &NamedBranch) -> Option<NamedBranch> {
        let then = self.undone.pop()?;
        self.before.push(now.clone());
        Some(then)
    }

    /// Whether there is something to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    /// Whether there is something to redo.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}
