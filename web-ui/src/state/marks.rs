//! Marks of the signals lane: snapshots as the store has them, rebuilds as they happen.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;

use super::App;
use super::news::after_news;
use crate::model::marks::{self, Mark, MarkKind};

/// Marks in the order of the log.
pub(crate) type Marks = RwSignal<Arc<Vec<Mark>>>;

pub(super) fn new() -> Marks {
    RwSignal::new(Arc::default())
}

/// Keeps the snapshots in step with the open store.
pub(super) fn run(app: App) {
    after_news(
        app,
        move || app.marks.set(Arc::default()),
        move |store, epoch| async move {
            // Without them the lane is empty; whatever is wrong is told by what reads the log.
            if let Ok(snapshots) = store.snapshots().await
                && app.epoch() == epoch
            {
                let found = snapshots.into_iter().map(|snapshot| (snapshot.position, snapshot.stream.to_string()));
                app.set_marks(MarkKind::Snapshot, found);
            }
        },
    );
}

impl App {
    /// Whether the lanes have a row for marks and for the hits of a breakpoint; follows changes.
    pub(crate) fn has_signals(self) -> bool {
        self.marks.with(|marks| !marks.is_empty()) || self.breakpoint.set.with(Option::is_some)
    }

    /// Replaces the marks of a kind.
    pub(crate) fn set_marks(self, kind: MarkKind, by: impl IntoIterator<Item = (Position, String)>) {
        let marks = marks::replaced(&self.marks.get_untracked(), kind, by);
        if *self.marks.get_untracked() != marks {
            self.marks.set(Arc::new(marks));
        }
    }

    /// Notes that a projection was rebuilt up to a position.
    pub(crate) fn mark_rebuild(self, position: Position, projection: &str) {
        let known = self.marks.get_untracked();
        let rebuilds = known.iter().filter(|mark| mark.kind == MarkKind::Rebuild);
        let mut rebuilds: Vec<_> = rebuilds.map(|mark| (mark.position, mark.of.clone())).collect();
        rebuilds.push((position, projection.to_owned()));
        self.set_marks(MarkKind::Rebuild, rebuilds);
    }
}
