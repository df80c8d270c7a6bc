//! The bookmarks of the open store.

use leftfold_core::Position;
use leptos::prelude::*;

use super::shelf::Shelf;
use super::{App, Overlay};
use crate::model::bookmarks::Bookmarks;
use crate::model::format;

/// The bookmarks, and the one whose name is being typed.
#[derive(Clone, Copy)]
pub(crate) struct BookmarkShelf {
    pub(super) shelf: Shelf<Bookmarks>,
    pub(crate) all: RwSignal<Bookmarks>,
    /// The bookmark whose name has the focus when the list opens.
    pub(crate) naming: RwSignal<Option<Position>>,
}

impl BookmarkShelf {
    pub(super) fn new() -> Self {
        let shelf = Shelf::new();
        Self { shelf, all: shelf.all, naming: RwSignal::new(None) }
    }
}

impl App {
    /// Bookmarks the event at the cursor under the name of its type. Where it has a bookmark, its name can be typed.
    pub(crate) fn bookmark_cursor(self) {
        let position = self.cursor.get_untracked();
        if position == Position::ZERO {
            return;
        }
        if self.bookmarks.all.with_untracked(|all| all.at(position).is_some()) {
            self.show_bookmarks(Some(position));
            return;
        }
        let kind = self.row(position).map(|row| row.event_type.to_string());
        self.name_bookmark(position, &kind.unwrap_or_else(|| format::position(position)));
    }

    /// Opens the list of bookmarks, with the focus on the name of one.
    pub(crate) fn show_bookmarks(self, naming: Option<Position>) {
        self.bookmarks.naming.set(naming);
        self.overlay.set(Some(Overlay::Bookmarks));
    }

    /// Sets a bookmark, or gives the one at a position another name.
    pub(crate) fn name_bookmark(self, position: Position, name: &str) {
        self.change(|it| it.bookmarks.set(position, name));
    }

    /// Takes a bookmark away; it can be had back.
    pub(crate) fn delete_bookmark(self, position: Position) {
        let mut removed = None;
        let change = self.change(|it| removed = it.bookmarks.remove(position));
        if let (Some(change), Some(removed)) = (change, removed) {
            self.offer_undo(change, "Bookmark deleted", format!("{} at {}", removed.name, format::position(position)));
        }
    }
}
