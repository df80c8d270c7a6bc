//! How much a filter or a search leaves, said to those who listen once it is known.

use std::time::Duration;

use leptos::prelude::*;

use crate::model::format;
use crate::state::{App, SearchStatus};

/// How long what is typed must rest.
const REST: Duration = Duration::from_millis(700);

/// Says how many events are shown and how many match, after the filter or the search has changed; not when the log grows.
#[component]
pub(super) fn CountAnnouncer() -> impl IntoView {
    let app = App::get();
    let said = RwSignal::new(String::new());
    let asked = StoredValue::new(0_u64);
    let question = Memo::new(move |_| {
        let needle = app.search.needle.with(|needle| needle.as_ref().map(|needle| needle.text().to_owned()));
        (app.filter.get(), needle, app.search.shows_only_matches.get(), app.shows_range_alone(), app.only_these.get())
    });
    Effect::new(move |before: Option<()>| {
        // Only a memo that was read once knows what it follows.
        let _ = question.get();
        if before.is_some() {
            asked.update_value(|asked| *asked += 1);
            answer_later(app, said, asked, asked.get_value());
        }
    });
    view! { <span class="lf-vh" role="status">{move || said.get()}</span> }
}

fn answer_later(app: App, said: RwSignal<String>, asked: StoredValue<u64>, number: u64) {
    let look = move || {
        if asked.try_get_value() != Some(number) {
            return;
        }
        let is_known = app.filtered.with_untracked(|filtered| filtered.is_settled)
            && app.search.found.with_untracked(|found| found.status != SearchStatus::Running);
        if is_known {
            let _ = said.try_set(untrack(|| words(app)));
        } else {
            answer_later(app, said, asked, number);
        }
    };
    set_timeout(look, REST);
}

fn words(app: App) -> String {
    let (shown, head) = (app.filtered.with(|filtered| filtered.rows.len()), app.head.get().get());
    let events = match shown == head {
        true => format!("All {} are shown", format::counted(head, "event")),
        false => format!("{} of {} are shown", format::grouped(shown), format::counted(head, "event")),
    };
    let is_searching = app.search.needle.with(Option::is_some);
    if !is_searching {
        return events;
    }
    match app.matches.with(|matches| matches.rows.len()) {
        0 => format!("No match. {events}"),
        1 => format!("1 match. {events}"),
        count => format!("{} matches. {events}", format::grouped(count)),
    }
}
