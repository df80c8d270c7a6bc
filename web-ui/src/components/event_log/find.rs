//! The search field: text, count, previous and next match, matches alone.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use crate::components::controls::icon;
use crate::model::format;
use crate::model::timeline::Direction;
use crate::state::{App, SearchStatus, is_undo};

/// What the search goes through, for the tooltip and for who listens.
const WHAT: &str = "Searches streams, types, tags, payloads and metadata; capital and small letters are alike. JSON is searched as \
    stored, and escapes such as \\u00e9 also as the characters they stand for. Enter: next match, Shift+Enter: previous.";

/// The field.
#[component]
pub(super) fn Find() -> impl IntoView {
    let app = App::get();
    let search = app.search;
    let field = NodeRef::<html::Input>::new();
    let is_searching = Memo::new(move |_| search.needle.with(Option::is_some));
    let share = Memo::new(move |_| {
        let head = app.head.get().get().max(1);
        search.found.with(|found| match found.status {
            SearchStatus::Running => Some(found.seen.get() * 100 / head),
            _ => None,
        })
    });
    let count = Memo::new(move |_| {
        let cursor = app.follows.details.get();
        app.matches.with(|matches| (matches.rows.row_of(cursor).map(|row| row + 1), matches.rows.len()))
    });
    let text = move || {
        let (at, of) = count.get();
        match (at, of) {
            (None, 0) if share.get().is_some() => "…".to_owned(),
            (None, 0) => "No match".to_owned(),
            (at, of) => format!("{} / {}", at.map_or_else(|| "–".to_owned(), format::grouped), format::grouped(of)),
        }
    };
    let step = move |direction| search.step(app, direction);
    let press = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            step(if event.shift_key() { Direction::Backwards } else { Direction::Forwards });
        }
        "Escape" if is_searching.get_untracked() => {
            // The first Escape empties the field, the second leaves it.
            event.prevent_default();
            event.stop_propagation();
            app.clear_search();
        }
        // A field that is empty has nothing of its own to undo.
        "z" | "Z" if is_undo(&event) && search.text.with_untracked(String::is_empty) => {
            event.prevent_default();
            app.undo_last();
        }
        _ => {}
    };
    let has_matches = move || count.get().1 > 0;
    let button = move |direction: Direction, label: &'static str, key: &'static str, symbol: &'static str| {
        view! {
            <button
                type="button"
                class="lf-btn lf-btn--icon lf-btn--ghost"
                aria-label=label
                title=label
                aria-keyshortcuts=key
                disabled=move || !has_matches()
                on:click=move |_| step(direction)
            >
                {icon(symbol)}
            </button>
        }
    };
    view! {
        <div class="lf-field lf-log__find" role="search">
            {icon("search")}
            <label class="lf-vh" for="log-search">"Find in events"</label>
            <input
                class="lf-field__input"
                id="log-search"
                type="search"
                placeholder="Find in events"
                autocomplete="off"
                spellcheck="false"
                title=WHAT
                aria-keyshortcuts="/"
                aria-describedby="find-n find-what"
                node_ref=field
                prop:value=search.text
                on:input:target=move |event| match event.target().value() {
                    text if text.is_empty() => app.clear_search(),
                    text => search.text.set(text),
                }
                on:keydown=press
            />
            <span class="lf-vh" id="find-what">{WHAT}</span>
            <Show when=move || is_searching.get()>
                <span class="lf-field__affix" id="find-n">{text}</span>
                {button(Direction::Backwards, "Previous match", "[", "chevron-up")}
                {button(Direction::Forwards, "Next match", "]", "chevron-down")}
                <button
                    type="button"
                    class="lf-btn lf-btn--icon lf-btn--ghost"
                    aria-label="Show only matches"
                    title="Show only matches"
                    aria-pressed=move || search.shows_only_matches.get().to_string()
                    on:click=move |_| {
                        app.change(|it| it.only_matches = !it.only_matches);
                    }
                >
                    {icon("filter")}
                </button>
                <span
                    class="lf-log__scan"
                    aria-hidden="true"
                    style=move || format!("--v:{}", share.get().unwrap_or_default())
                    hidden=move || share.get().is_none()
                ></span>
            </Show>
        </div>
    }
}
