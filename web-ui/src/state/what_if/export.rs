//! Branches as files.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;

use super::WhatIfDesk;
use crate::lens::{ScenarioError, of_branch, of_range};
use crate::model::branch::{Arrangement, NamedBranch, Rerun};
use crate::model::state_of::StateOf;
use crate::state::browser::save_file;
use crate::state::latest::Failure;
use crate::state::texts::Edition;
use crate::state::{App, Trouble};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// The branch itself.
    Branch,
    /// A test for the kit of the core.
    Rust,
    /// A test for Node.
    JavaScript,
}

impl FileKind {
    /// What the name of such a file ends with.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Branch => ".branch.json",
            Self::Rust => ".rs",
            Self::JavaScript => ".test.mjs",
        }
    }
}

/// A question for the text of a test.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TestKey {
    edition: Edition,
    kind: FileKind,
    of: StateOf,
    /// The range of main; else the branch up to a position.
    range: Option<(Position, Position)>,
    at: Position,
    branch: Arc<NamedBranch>,
    arrangement: Arc<Arrangement>,
    rerun: Arc<Rerun>,
}

async fn test(app: App, key: TestKey) -> Result<String, Failure> {
    let store = app.store().ok_or_else(|| Trouble::new("The store is not open any more.", "aborted"))?;
    let subject = app.subject(&key.of, key.at)?;
    let (lens, partition) = (&*subject.lens, subject.partition.as_str());
    let scenario = match key.range {
        Some(range) => of_range(&store, lens, partition, range).await,
        None => {
            let branch = (key.branch.name(), &*key.arrangement, &*key.rerun);
            of_branch(&store, lens, partition, branch, key.at).await
        }
    };
    let scenario = scenario.map_err(|error| match error {
        ScenarioError::Fold(error) => Failure::from(error),
        other => Trouble::new(other.to_string(), "invalid-input").into(),
    })?;
    Ok(if key.kind == FileKind::Rust { scenario.to_rust() } else { scenario.to_javascript() })
}

impl WhatIfDesk {
    /// The question for the text of a test as it is now; `None` while commands are decided. Follows what it depends on.
    pub(crate) fn test_key(self, app: App, kind: FileKind, range: Option<(Position, Position)>) -> Option<TestKey> {
        let (branch, arrangement) = (self.branch.get()?, self.arrangement.get()?);
        if self.is_deciding(app) {
            return None;
        }
        let at = if self.at_end.get() { app.head.get() } else { app.follows.details.get() };
        let (edition, of, rerun) = (app.edition(), app.whose_state(), self.outcome.get());
        Some(TestKey { edition, kind, of, range, at, branch, arrangement, rerun })
    }

    /// Sees to it that the text of a test is shown.
    pub(crate) fn want_test(self, app: App, key: TestKey) {
        self.test.ask(key, move |key| test(app, key));
    }

    /// Saves a text as a file that is named by the branch.
    pub(crate) fn save_file(self, app: App, text: &str, ending: &str) {
        let name = self.branch.with_untracked(|branch| branch.as_ref().map(|branch| file_name(branch.name())));
        let Some(name) = name.map(|name| format!("{name}{ending}")) else { return };
        let parts = js_sys::Array::of1(&text.into());
        let saved = web_sys::Blob::new_with_str_sequence(&parts).ok().and_then(|blob| save_file(&blob, &name));
        match saved {
            Some(()) => app.note("Branch exported", name),
            None => {
                let trouble = Trouble::new(
                    "The browser could not make the file. Free some room and try again.",
                    "storage-unavailable",
                );
                app.complain("The branch could not be exported", trouble);
            }
        }
    }
}

/// A name that files can have everywhere.
fn file_name(name: &str) -> String {
    let kept = |character: char| if character.is_alphanumeric() || "-_.".contains(character) { character } else { '-' };
    name.chars().map(kept).collect()
}
