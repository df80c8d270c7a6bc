//! What was typed and not saved: closing the editor or the page loses none of it.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Edited, EditorDesk};
use crate::model::drafts::Draft;
use crate::model::script::Template;
use crate::state::App;
use crate::state::browser::sleep;

/// After how long what was typed is written down.
const SETTLE_MS: u64 = 250;

impl EditorDesk {
    /// Keeps what is typed for as long as the page lives.
    pub(crate) fn run_drafts(self, app: App) {
        let leaving = window_event_listener(ev::pagehide, move |_| self.keep_draft_now(app));
        on_cleanup(move || leaving.remove());
    }

    /// Name and text to begin with.
    pub(super) fn drafted(self, app: App, edited: &Edited) -> (String, String) {
        self.drafts.read(app);
        let draft = self.drafts.all.with_untracked(|drafts| drafts.of(edited.key()).cloned());
        if let Some(Draft { name, source }) = draft {
            return (name, source);
        }
        let saved = edited.saved().and_then(|name| app.texts.all.with_untracked(|all| all.named(name).cloned()));
        match saved {
            Some(saved) => (saved.name, saved.source),
            None => (String::new(), Template::CountByType.text(&self.known.get_untracked())),
        }
    }

    /// Keeps what was typed, some moments from now.
    pub(crate) fn keep_draft(self, app: App) {
        if self.is_keeping.get_value() {
            return;
        }
        self.is_keeping.set_value(true);
        spawn_local(async move {
            sleep(SETTLE_MS).await;
            if self.is_keeping.try_get_value() == Some(true) {
                self.keep_draft_now(app);
            }
        });
    }

    /// Keeps what was typed, if anything waits to be kept.
    pub(super) fn keep_draft_now(self, app: App) {
        if !self.is_keeping.get_value() {
            return;
        }
        self.is_keeping.set_value(false);
        let Some(edited) = self.edited.get_untracked() else { return };
        let is_changed = untrack(|| self.is_changed(app));
        let draft = is_changed.then(|| Draft { name: self.name.get_untracked(), source: self.source.get_untracked() });
        self.set_draft(app, &edited, draft);
    }

    pub(super) fn forget_draft(self, app: App, edited: &Edited) {
        self.is_keeping.set_value(false);
        self.set_draft(app, edited, None);
    }

    fn set_draft(self, app: App, edited: &Edited, draft: Option<Draft>) {
        self.drafts.read(app);
        let mut drafts = self.drafts.all.get_untracked();
        if drafts.of(edited.key()) == draft.as_ref() {
            return;
        }
        drafts.set(edited.key(), draft);
        self.drafts.keep(app, drafts);
    }

    /// Goes back to what is saved, or to an empty beginning.
    pub(crate) fn discard(self, app: App) {
        let Some(edited) = self.edited.get_untracked() else { return };
        self.forget_draft(app, &edited);
        let (name, source) = self.drafted(app, &edited);
        self.forget_run();
        self.name.set(name);
        self.put_text(source);
    }
}
