//! Undo and redo of the changes of one branch.

use super::named::NamedBranch;

/// The most steps that are kept.
const MOST_KEPT: usize = 200;

/// How a branch was before its changes, and how it was before they were undone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    before: Vec<NamedBranch>,
    undone: Vec<NamedBranch>,
    /// The branch behind the last step, whatever its name was.
    now: Option<NamedBranch>,
}

impl Drafts {
    /// Notes how the branch was before a change, and how it is since. Steps from before somebody else has changed it are
    /// forgotten: they would take that back as well.
    pub fn note(&mut self, before: NamedBranch, after: &NamedBranch) {
        if !self.left(&before) {
            self.before.clear();
        }
        self.now = Some(after.clone());
        self.undone.clear();
        // A key that is held moves an event row by row: that is one step.
        if !self.before.is_empty() && after.moves_on_from(&before) {
            return;
        }
        if self.before.len() == MOST_KEPT {
            self.before.remove(0);
        }
        self.before.push(before);
    }

    /// The branch as it was before its last change; `None` when none is known.
    pub fn undo(&mut self, now: &NamedBranch) -> Option<NamedBranch> {
        let before = self.before.pop()?;
        self.undone.push(now.clone());
        self.now = Some(before.clone());
        Some(before)
    }

    /// The branch as it was before the last undoing.
    pub fn redo(&mut self, now: &NamedBranch) -> Option<NamedBranch> {
        let then = self.undone.pop()?;
        self.before.push(now.clone());
        self.now = Some(then.clone());
        Some(then)
    }

    /// Whether the branch is as the last step has left it, but for its name.
    #[must_use]
    pub fn left(&self, branch: &NamedBranch) -> bool {
        self.now.as_ref().is_none_or(|now| now.is_equal_to(branch))
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
