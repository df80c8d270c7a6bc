//! The debugger as an element: the page that it stands in says which store it shows.

use std::time::Duration;

use leftfold_core::indexed_db;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser::sleep;
use super::{App, Phase};
use crate::model::page_url::PageUrl;

/// How often it is looked whether the store is there by now, which the element is to show.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// How often it is looked whether a store that nobody wants any more has been opened, and closed.
const BETWEEN_LOOKS_AT_AN_OPENING_MS: u64 = 10;

/// Opens the store that the element is to show as soon as there is one of this name.
pub(super) fn run(app: App) {
    let awaited = Memo::new(move |_| app.asked.get().filter(|_| app.phase.get() == Phase::NoStore));
    Effect::new(move |_| {
        let Some(name) = awaited.get() else { return };
        let look = move || {
            let name = name.clone();
            spawn_local(async move {
                // Where that cannot be asked, the next look may say.
                let is_there = matches!(indexed_db::exists(&name).await, Ok(true));
                if is_there && awaited.try_get_untracked().flatten().as_ref() == Some(&name) {
                    app.reopen(name, PageUrl::default());
                }
            });
        };
        let looking = set_interval_with_handle(look, BETWEEN_LOOKS);
        on_cleanup(move || {
            if let Ok(looking) = looking {
                looking.clear();
            }
        });
    });
}

impl App {
    /// Shows the store that the element is to show, or none. A store that there is not is waited for, and never made.
    pub(crate) fn show_store(self, name: Option<String>) {
        self.asked.set(name.clone());
        match name {
            Some(name) => self.reopen(name, PageUrl::default()),
            None => self.close(),
        }
    }

    /// Stops all that runs and lets go of the store, also of one that is still being opened.
    pub(crate) async fn shut(self) {
        self.asked.set(None);
        self.stop_simulator();
        self.cancel_export();
        self.overlay.set(None);
        self.leave().await;
        while self.openings.get_value() > 0 {
            sleep(BETWEEN_LOOKS_AT_AN_OPENING_MS).await;
        }
        self.phase.set(Phase::NoStore);
    }
}
