//! The projections that are written in the page, for the open store.

use leptos::prelude::*;

use super::shelf::Shelf;
use super::{App, Field};
use crate::model::texts::{InvalidText, ProjectionText, Texts};

/// The projections that are written in the page.
#[derive(Clone, Copy)]
pub(crate) struct TextShelf {
    pub(super) shelf: Shelf<Texts>,
    pub(crate) all: RwSignal<Texts>,
    /// How often the lenses were given others.
    revision: RwSignal<u64>,
}

impl TextShelf {
    pub(super) fn new() -> Self {
        let shelf = Shelf::new();
        Self { shelf, all: shelf.all, revision: RwSignal::new(0) }
    }

    pub(super) fn run(self, app: App) {
        self.shelf.run(app);
        Effect::new(move |_| {
            app.epoch.track();
            let Some(lenses) = app.lenses() else { return };
            if self.all.with(|all| lenses.set_texts(all)) {
                self.revision.update(|revision| *revision += 1);
                // What was looked back over may be of the text before.
                if app.field_history.field.with_untracked(|field| field.as_ref().is_some_and(Field::is_of_projection)) {
                    app.field_history.close(app);
                }
            }
        });
    }

    /// Saves a text under a name, in the place of the one that was called `before`.
    ///
    /// # Errors
    /// [`InvalidText`]; nothing is changed then.
    pub(crate) fn save(self, app: App, before: Option<&str>, name: &str, source: &str) -> Result<(), InvalidText> {
        // As other tabs may have left them.
        self.shelf.read(app);
        let mut all = self.all.get_untracked();
        all.save(before, name, source, |name| {
            app.lenses().is_some_and(|lenses| lenses.projections().iter().any(|lens| lens.name() == name))
        })?;
        self.shelf.keep(app, all);
        Ok(())
    }

    /// Takes one away; it can be had back.
    pub(crate) fn remove(self, app: App, name: &str) {
        self.shelf.read(app);
        let mut all = self.all.get_untracked();
        let Some((index, removed)) = all.remove(name) else { return };
        self.shelf.keep(app, all);
        let epoch = app.epoch();
        app.toast_to_undo("Projection deleted", name.to_owned(), move || {
            if app.epoch() == epoch {
                self.put_back(app, index, removed.clone());
            }
        });
    }

    fn put_back(self, app: App, index: usize, text: ProjectionText) {
        self.shelf.read(app);
        let mut all = self.all.get_untracked();
        all.put_back(index, text);
        self.shelf.keep(app, all);
    }
}

/// Which store is open, and which edition of its projections: an answer of another is not wanted any more.
pub(crate) type Edition = (u64, u64);

impl App {
    /// The edition of all that states are made by; follows changes.
    pub(crate) fn edition(&self) -> Edition {
        (self.epoch.get(), self.texts.revision.get())
    }
}
