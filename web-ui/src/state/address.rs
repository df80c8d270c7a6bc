//! The address of the page: another person who opens it sees the same.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::browser::sleep;
use super::{App, Phase};
use crate::model::page_url::PageUrl;
use crate::model::place::PageView;
use crate::model::state_of::StateOf;
use crate::model::timeline::Timeline;

/// Browsers refuse more than some hundred changes of the address in half a minute.
const SETTLE_MS: i32 = 300;

/// What the address says now.
pub(crate) fn read() -> PageUrl {
    let search = window().location().search().unwrap_or_default();
    let Ok(params) = web_sys::UrlSearchParams::new_with_str(&search) else { return PageUrl::default() };
    let entries = js_sys::Array::from(&params);
    let pair = |entry: JsValue| {
        let entry = js_sys::Array::from(&entry);
        Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
    };
    PageUrl::from_params(entries.iter().filter_map(pair))
}

/// Keeps the address in step with the page, some moments behind.
pub(crate) fn run(app: App) {
    let wanted = Memo::new(move |_| wanted(app));
    let is_waiting = StoredValue::new(false);
    Effect::new(move |_| {
        wanted.track();
        if is_waiting.with_value(|waiting| *waiting) {
            return;
        }
        is_waiting.set_value(true);
        spawn_local(async move {
            sleep(SETTLE_MS).await;
            is_waiting.set_value(false);
            if let Some(url) = wanted.get_untracked() {
                write(&url);
            }
        });
    });
}

/// Writes the address at once.
pub(super) fn write_now(app: App) {
    if let Some(url) = untrack(|| wanted(app)) {
        write(&url);
    }
}

fn wanted(app: App) -> Option<PageUrl> {
    match app.phase.get() {
        Phase::Open { name } => Some(app.timeline.with(|timeline: &Timeline| PageUrl {
            store: Some(name),
            at: (!timeline.is_live()).then(|| timeline.cursor()),
            page: app.page.get(),
            tab: app.tab.get(),
            a: timeline.cursor_a(),
            b: timeline.cursor_b(),
            axis: timeline.axis(),
            window: timeline.is_zoomed().then(|| timeline.window()),
            of: app.state_of.with(StateOf::key),
            search: app.search.text.get(),
            only_range: app.only_range.get(),
            only_matches: app.search.shows_only_matches.get(),
            filter: app.filter.get(),
        })),
        Phase::NoStore => Some(PageUrl::default()),
        _ => None,
    }
}

/// The address of another page of the open store, at the same moment with the same filter; follows changes.
pub(crate) fn of_page(app: App, page: PageView) -> String {
    wanted(app).map_or_else(String::new, |url| address(&PageUrl { page, ..url }))
}

fn address(url: &PageUrl) -> String {
    let path = window().location().pathname().unwrap_or_default();
    let Ok(params) = web_sys::UrlSearchParams::new() else { return path };
    for (name, value) in url.to_params() {
        params.append(name, &value);
    }
    let search = String::from(params.to_string());
    if search.is_empty() { path } else { format!("{path}?{search}") }
}

fn write(url: &PageUrl) {
    let address = address(url);
    if let Ok(history) = window().history() {
        // An address that cannot be written is only one that cannot be shared; the page goes on.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}
