//! Undoing: changes of the filter, of the search and of bookmarks, for as long as their store is open.

use leptos::prelude::*;

use super::App;
use super::app::NOTE_STAYS;
use crate::model::undo::{Arrangement, History, Undone};

/// The changes that can be undone, and what is said of them.
#[derive(Clone, Copy)]
pub(crate) struct Undo {
    history: StoredValue<History>,
    /// A change, and the toast that offers to undo it.
    offered: StoredValue<Option<(u64, u64)>>,
    /// The toast that says what was undone last.
    told: StoredValue<Option<u64>>,
}

impl Undo {
    pub(super) fn new() -> Self {
        Self {
            history: StoredValue::new(History::default()),
            offered: StoredValue::new(None),
            told: StoredValue::new(None),
        }
    }

    /// Forgets all changes: another store is open.
    pub(super) fn clear(self, app: App) {
        self.history.update_value(History::clear);
        self.withdraw(app);
    }

    fn withdraw(self, app: App) {
        if let Some((_, toast)) = self.offered.try_update_value(Option::take).flatten() {
            app.dismiss(toast);
        }
    }
}

impl App {
    /// Changes the filter, the search or bookmarks, so that it can be undone. The number of the change; `None` when it is none.
    pub(crate) fn change(self, change: impl FnOnce(&mut Arrangement)) -> Option<u64> {
        let before = self.arrangement();
        let mut after = before.clone();
        change(&mut after);
        self.arrange(&before, &after);
        self.undo.history.try_update_value(|history| history.keep(&before, &after)).flatten()
    }

    /// Says that a change took something away, and offers for a while to undo it.
    pub(super) fn offer_undo(self, number: u64, title: &str, text: impl Into<String>) {
        self.undo.withdraw(self);
        let toast = self.toast_to_undo(title, text, move || {
            if let Some(undone) = self.undone(|history, now| history.undo(number, now)) {
                self.take_back(&undone);
            }
        });
        self.undo.offered.set_value(Some((number, toast)));
    }

    /// Undoes the latest change of which something still holds, and says what it was. Whether there was one.
    pub(crate) fn undo_last(self) -> bool {
        let Some(undone) = self.undone(History::undo_last) else { return false };
        self.take_back(&undone);
        if let Some(toast) = self.undo.told.get_value() {
            self.dismiss(toast);
        }
        let toast = self.passing_toast(NOTE_STAYS, "Undone", undone.what, None);
        self.undo.told.set_value(Some(toast));
        true
    }

    fn undone(self, undo: impl FnOnce(&mut History, &Arrangement) -> Option<Undone>) -> Option<Undone> {
        let now = self.arrangement();
        self.undo.history.try_update_value(|history| undo(history, &now)).flatten()
    }

    fn take_back(self, undone: &Undone) {
        self.arrange(&self.arrangement(), &undone.arrangement);
        if self.undo.offered.get_value().is_some_and(|(number, _)| number == undone.number) {
            self.undo.withdraw(self);
        }
    }

    /// All that can be undone as it is now; bookmarks as other tabs may have left them.
    fn arrangement(self) -> Arrangement {
        self.bookmarks.shelf.read(self);
        Arrangement {
            filter: self.filter.get_untracked(),
            only_matches: self.search.shows_only_matches.get_untracked(),
            only_range: self.only_range.get_untracked(),
            search: self.search.text.get_untracked(),
            bookmarks: self.bookmarks.all.get_untracked(),
        }
    }

    fn arrange(self, now: &Arrangement, next: &Arrangement) {
        if next.filter != now.filter {
            self.filter.set(next.filter.clone());
        }
        if next.only_matches != now.only_matches {
            self.search.shows_only_matches.set(next.only_matches);
        }
        if next.only_range != now.only_range {
            self.only_range.set(next.only_range);
        }
        if next.search != now.search {
            self.search.text.set(next.search.clone());
        }
        if next.bookmarks != now.bookmarks {
            self.bookmarks.shelf.keep(self, next.bookmarks.clone());
        }
    }
}
