//! The desk at which projections are written: which one, what was typed, what a run of it gives, and how it compares.

mod compare;
mod draft;
mod files;
mod known;
mod moment;
mod run;

use std::sync::Arc;

use leptos::prelude::*;

use super::App;
use super::latest::Latest;
use super::shelf::Shelf;
use crate::model::drafts::Drafts;
use crate::model::script::{Known, TEMPLATES, Template};
use crate::model::state_of::StateOf;

pub(crate) use compare::{Comparing, Side};
pub(crate) use known::names;
pub(crate) use moment::{Moment, MomentKey, Step};
pub(crate) use run::{Fault, Ran, Work};

/// The projection that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edited {
    /// One that was never saved.
    New,
    /// The saved one of this name.
    Saved(String),
}

impl Edited {
    /// Under which name its draft is kept.
    fn key(&self) -> &str {
        match self {
            Self::New => "",
            Self::Saved(name) => name,
        }
    }

    /// The name of the saved one.
    pub(crate) fn saved(&self) -> Option<&str> {
        match self {
            Self::New => None,
            Self::Saved(name) => Some(name),
        }
    }
}

/// The desk.
#[derive(Clone, Copy)]
pub(crate) struct EditorDesk {
    /// What is being written; nothing while the editor is closed.
    pub(crate) edited: RwSignal<Option<Edited>>,
    pub(crate) name: RwSignal<String>,
    pub(crate) source: RwSignal<String>,
    /// How often the text was replaced by something else than typing.
    pub(crate) replaced: RwSignal<u64>,
    /// Why it was not saved.
    pub(crate) unsaved: RwSignal<Option<String>>,
    /// The line that somebody wants to see, and how often one was wanted.
    pub(crate) line_wanted: RwSignal<(u64, u64)>,
    /// What is known of the log, for templates and completion.
    pub(crate) known: RwSignal<Arc<Known>>,
    pub(crate) work: RwSignal<Work>,
    /// The partition that is looked at; empty for that of the event at the cursor.
    pub(crate) partition: RwSignal<String>,
    pub(crate) moment: Latest<MomentKey, Moment>,
    pub(crate) comparing: RwSignal<Comparing>,
    pub(crate) sides: Latest<compare::SidesKey, compare::Sides>,
    drafts: Shelf<Drafts>,
    running: StoredValue<run::Running, LocalStorage>,
    compared: StoredValue<compare::Compared, LocalStorage>,
    /// Which sampling of the log is the latest.
    sampled: StoredValue<Option<(u64, usize)>>,
    is_keeping: StoredValue<bool>,
}

impl EditorDesk {
    pub(super) fn new() -> Self {
        Self {
            edited: RwSignal::new(None),
            name: RwSignal::new(String::new()),
            source: RwSignal::new(String::new()),
            replaced: RwSignal::new(0),
            unsaved: RwSignal::new(None),
            line_wanted: RwSignal::new((0, 0)),
            known: RwSignal::new(Arc::default()),
            work: RwSignal::new(Work::Idle),
            partition: RwSignal::new(String::new()),
            moment: Latest::new(),
            comparing: RwSignal::new(Comparing::Idle),
            sides: Latest::new(),
            drafts: Shelf::new(),
            running: StoredValue::new_local(run::Running::default()),
            compared: StoredValue::new_local(compare::Compared::default()),
            sampled: StoredValue::new(None),
            is_keeping: StoredValue::new(false),
        }
    }

    /// Whether the editor is open; follows changes.
    pub(crate) fn is_open(self) -> bool {
        self.edited.with(Option::is_some)
    }

    /// Opens the editor for a new projection: with what was typed before, else with a text to begin with.
    pub(crate) fn write_new(self, app: App) {
        self.open(app, Edited::New);
    }

    /// Opens the editor for a saved projection, with what was typed and not saved.
    pub(crate) fn edit(self, app: App, name: &str) {
        self.open(app, Edited::Saved(name.to_owned()));
    }

    fn open(self, app: App, edited: Edited) {
        self.close(app);
        self.look_at_log(app);
        let (name, source) = self.drafted(app, &edited);
        self.name.set(name);
        self.put_text(source);
        self.edited.set(Some(edited));
    }

    /// Closes the editor. What was typed stays as a draft.
    pub(crate) fn close(self, app: App) {
        self.keep_draft_now(app);
        self.forget_run();
        self.edited.set(None);
    }

    /// Lets everything go: the store is left.
    pub(crate) fn leave(self, app: App) {
        self.close(app);
        self.known.set(Arc::default());
        self.sampled.set_value(None);
    }

    fn forget_run(self) {
        self.stop_run();
        self.stop_comparing();
        self.work.set(Work::Idle);
        self.moment.clear();
        self.partition.set(String::new());
        self.unsaved.set(None);
    }

    /// Replaces the text.
    pub(crate) fn put_text(self, source: String) {
        self.source.set(source);
        self.replaced.update(|times| *times += 1);
    }

    /// Puts the cursor of the code into a line.
    pub(crate) fn show_line(self, line: u64) {
        self.line_wanted.update(|(times, wanted)| (*times, *wanted) = (*times + 1, line));
    }

    /// Begins anew with a text that is made of what the log has.
    pub(crate) fn begin_with(self, app: App, template: Template) {
        self.put_text(template.text(&self.known.get_untracked()));
        // A name that a template has given is none that a person has.
        let of_template = |name: &str| {
            TEMPLATES.iter().any(|template| {
                name.trim_end_matches(|end: char| end == '-' || end.is_ascii_digit()) == template.name()
            })
        };
        if self.name.with_untracked(|name| name.trim().is_empty() || of_template(name.trim())) {
            self.name.set(self.free_name(app, template.name()));
        }
        self.keep_draft(app);
    }

    /// A name that no projection has, made of this one.
    fn free_name(self, app: App, wanted: &str) -> String {
        let is_taken = |name: &str| app.lenses().is_some_and(|lenses| lenses.projection(name).is_some());
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
    }

    /// Saves what was typed under the name that was typed, and runs it.
    pub(crate) fn save(self, app: App) {
        let Some(edited) = self.edited.get_untracked() else { return };
        let (name, source) = (self.name.get_untracked(), self.source.get_untracked());
        self.run(app);
        match app.texts.save(app, edited.saved(), &name, &source) {
            Err(invalid) => self.unsaved.set(Some(invalid.to_string())),
            Ok(()) => {
                let name = name.trim().to_owned();
                self.forget_draft(app, &edited);
                self.unsaved.set(None);
                self.name.set(name.clone());
                follow_rename(app, edited.saved(), &name);
                self.edited.set(Some(Edited::Saved(name)));
            }
        }
    }

    /// Deletes a saved projection; it can be had back. An editor that has it open is closed.
    pub(crate) fn delete(self, app: App, name: &str) {
        if self.edited.with_untracked(|edited| edited.as_ref().and_then(Edited::saved) == Some(name)) {
            self.close(app);
        }
        app.texts.remove(app, name);
    }

    /// Whether what was typed differs from what is saved; follows changes.
    pub(crate) fn is_changed(self, app: App) -> bool {
        let Some(edited) = self.edited.get() else { return false };
        let (name, source) = (self.name.get(), self.source.get());
        app.texts.all.with(|all| match edited.saved().and_then(|saved| all.named(saved)) {
            Some(saved) => saved.name != name.trim() || saved.source != source,
            None => true,
        })
    }
}

/// Where its state was looked at, it is under its new name.
fn follow_rename(app: App, before: Option<&str>, name: &str) {
    let Some(before) = before.filter(|before| *before != name) else { return };
    if let StateOf::Projection { name: looked_at, partition } = app.state_of.get_untracked()
        && looked_at == before
    {
        app.state_of.set(StateOf::Projection { name: name.to_owned(), partition });
    }
}
