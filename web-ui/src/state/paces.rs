//! Where the parts of the page are that follow the cursor.

use leftfold_core::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::{next_frame, now_ms};
use crate::model::paces::{Due, Paces};

/// The cursor as the log and the inspector follow it: see [`Paces`].
#[derive(Clone, Copy)]
pub(crate) struct Followers {
    /// Where the rows of the log are.
    pub(crate) rows: RwSignal<Position>,
    /// Whose details are shown.
    pub(crate) details: RwSignal<Position>,
    paces: StoredValue<Paces>,
}

impl Followers {
    pub(super) fn new() -> Self {
        Self {
            rows: RwSignal::new(Position::ZERO),
            details: RwSignal::new(Position::ZERO),
            paces: StoredValue::new(Paces::new(0)),
        }
    }

    /// Something that takes a frame of its own is shown in this one: see [`Paces::answer`].
    pub(super) fn answer(self) {
        self.paces.update_value(Paces::answer);
    }

    fn go(self, cursor: Position, due: Due) {
        if due.rows {
            self.rows.set(cursor);
        }
        if due.details {
            self.details.set(Position::new(self.paces.with_value(Paces::details)));
        }
    }
}

/// Lets the parts follow for as long as the page lives.
pub(super) fn run(app: App) {
    let followers = app.follows;
    let frame = RwSignal::new(0_u64);
    let awaits_frame = StoredValue::new(false);
    Effect::new(move |before: Option<u64>| {
        let (epoch, at) = (app.epoch.get(), app.cursor.get());
        frame.track();
        if before != Some(epoch) {
            // What was shown is of another store.
            followers.paces.set_value(Paces::new(at.get()));
            followers.go(at, Due { rows: true, details: true });
            return epoch;
        }
        let due = followers.paces.try_update_value(|paces| paces.step(at.get(), now_ms())).unwrap_or_default();
        if due.rows || due.details {
            app.draws();
        }
        followers.go(at, due);
        if followers.paces.with_value(Paces::is_behind) && !awaits_frame.get_value() {
            awaits_frame.set_value(true);
            spawn_local(async move {
                next_frame().await;
                awaits_frame.set_value(false);
                frame.update(|frame| *frame += 1);
            });
        }
        epoch
    });
}
