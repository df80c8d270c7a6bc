//! Whether the log keeps the playhead in view.

use leftfold_core::Position;
use leptos::prelude::*;

use crate::state::App;

/// The switch, and where the log ended when the reader left the end of it.
#[derive(Clone, Copy)]
pub(super) struct Following {
    pub(super) is_on: RwSignal<bool>,
    left_at: RwSignal<Position>,
    /// Rows that came since, while the page is live and the log does not follow.
    pub(super) unseen: Memo<u64>,
}

impl Following {
    pub(super) fn new() -> Self {
        let app = App::get();
        let is_on = RwSignal::new(true);
        let left_at = RwSignal::new(Position::ZERO);
        // The rows of another filter come some time after it: what is new is told by its position.
        let unseen = Memo::new(move |_| {
            let left_at = left_at.get();
            let count = app.filtered.with(|filtered| filtered.rows.len() - filtered.rows.count_up_to(left_at));
            if is_on.get() || !app.is_live.get() { 0 } else { count }
        });
        // Under another filter or at another moment nothing is news yet.
        Effect::new(move |_| {
            app.filter.track();
            app.is_live.track();
            app.search.shows_only_matches.track();
            app.only_range.track();
            app.only_these.track();
            left_at.set(app.head.get_untracked());
        });
        Self { is_on, left_at, unseen }
    }

    pub(super) fn set(self, app: App, is_on: bool) {
        if self.is_on.get_untracked() != is_on {
            self.left_at.set(app.head.get_untracked());
            self.is_on.set(is_on);
        }
    }

    /// Who scrolls while rows arrive wants to read them.
    pub(super) fn reader_moves(self, app: App) {
        let is_moving =
            app.is_live.get_untracked() || app.timeline.with_untracked(|timeline| timeline.playing().is_some());
        if is_moving {
            self.set(app, false);
        }
    }
}
