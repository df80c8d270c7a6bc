//! The address of the page: another person who opens it sees the same.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::browser::sleep;
use super::{App, OnlyThese, Overlay, Phase};
use crate::model::format;
use crate::model::page_url::PageUrl;
use crate::model::place::PageView;
use crate::model::state_of::StateOf;
use crate::model::timeline::Timeline;

/// Browsers refuse more than some hundred changes of the address in half a minute, and each takes some of a frame: it is written
/// when the page has stood still for so long, and now and then while it does not.
const SETTLE_MS: u64 = 300;
/// After so many rests that were none.
const MOST_RESTS: u32 = 8;

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

/// What the page showed last, and how often it had jumped by then.
type Seen = StoredValue<Option<(PageUrl, u64)>>;

/// Keeps the address in step with the page, some moments behind. Another store, another page and an event that was gone to by its
/// name are places to come back to; moving through the log is not.
pub(crate) fn run(app: App) {
    let wanted = Memo::new(move |_| wanted(app));
    let seen: Seen = StoredValue::new(None);
    let is_waiting = StoredValue::new(false);
    Effect::new(move |_| {
        let jumps = app.jumps.get();
        let Some(now) = wanted.get() else { return };
        let before = seen.try_update_value(|seen| seen.replace((now.clone(), jumps))).flatten();
        if let Some((before, jumped)) = before
            && now.store.is_some()
            && now != before
            && (now.is_elsewhere(&before) || jumps != jumped)
        {
            // The address may be some moments behind where the page was.
            write(app, &before);
            push(app, &now);
            return;
        }
        if is_waiting.with_value(|waiting| *waiting) {
            return;
        }
        is_waiting.set_value(true);
        spawn_local(async move {
            for _ in 0..MOST_RESTS {
                let before = wanted.get_untracked();
                sleep(SETTLE_MS).await;
                if wanted.get_untracked() == before {
                    break;
                }
            }
            is_waiting.set_value(false);
            if let Some(url) = wanted.get_untracked() {
                write(app, &url);
                name(app, &url);
            }
        });
    });
    let back = window_event_listener(ev::popstate, move |_| come_back(app, seen));
    on_cleanup(move || back.remove());
}

/// Shows what the address says after the browser went back or forward.
fn come_back(app: App, seen: Seen) {
    if app.overlay.with_untracked(|overlay| *overlay == Some(Overlay::Import)) {
        // An import is left by its own buttons, so that nobody throws one away by going back.
        if let Some(url) = untrack(|| wanted(app)) {
            push(app, &url);
        }
        return;
    }
    let url = read();
    seen.set_value(Some((url.clone(), app.jumps.get_untracked())));
    app.written.update(|times| *times += 1);
    app.overlay.set(None);
    app.what_if.form.set(None);
    let open = match app.phase.get_untracked() {
        // While a store is being left there is nothing of it to show any more.
        Phase::Open { name } if app.store().is_some() => Some(name),
        _ => None,
    };
    match url.store.clone() {
        Some(store) if Some(&store) == open.as_ref() => app.show_as(&url),
        Some(store) => app.reopen(store, url),
        None => app.close(),
    }
}

/// Writes the address at once.
pub(super) fn write_now(app: App) {
    if let Some(url) = untrack(|| wanted(app)) {
        write(app, &url);
    }
}

pub(super) fn wanted(app: App) -> Option<PageUrl> {
    match app.phase.get() {
        // While a store is being left there is nothing of it to show any more.
        Phase::Open { name } if app.store().is_some() => Some(app.timeline.with(|timeline: &Timeline| PageUrl {
            store: Some(name),
            at: (!timeline.is_live()).then(|| timeline.cursor()),
            page: app.page.get(),
            view: app.view.get(),
            tab: app.tab.get(),
            a: timeline.cursor_a(),
            b: timeline.cursor_b(),
            axis: timeline.axis(),
            window: timeline.is_zoomed().then(|| timeline.window()),
            of: app.state_of.with(StateOf::key),
            branch: app.branch_key(),
            search: app.search.text.get(),
            only_range: app.only_range.get(),
            only_matches: app.search.shows_only_matches.get(),
            breakpoint: app.breakpoint.set.get(),
            only_hits: app.only_these.get() == Some(OnlyThese::Hits),
            filter: app.filter.get(),
        })),
        Phase::NoStore => Some(PageUrl::default()),
        _ => None,
    }
}

/// The address of another page of the open store, at the same moment with the same filter; follows the address of this page,
/// which may be some moments behind.
pub(crate) fn of_page(app: App, page: PageView) -> String {
    app.written.track();
    app.phase.track();
    untrack(|| wanted(app)).map_or_else(String::new, |url| address(&PageUrl { page, ..url }))
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

fn write(app: App, url: &PageUrl) {
    app.written.update(|times| *times += 1);
    let (address, location) = (address(url), window().location());
    let written = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if address == written {
        // Writing it would wait for the browser all the same.
        return;
    }
    if let Ok(history) = window().history() {
        // An address that cannot be written is only one that cannot be shared; the page goes on.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Writes an address that can be come back from.
fn push(app: App, url: &PageUrl) {
    app.written.update(|times| *times += 1);
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&address(url)));
    }
    name(app, url);
}

/// Names the tab: `#490 · Debugger · order-fulfilment · Leftfold`.
fn name(app: App, url: &PageUrl) {
    let title = url.store.as_ref().map(|store| {
        let moment = url.at.map_or_else(|| "Live".to_owned(), format::position);
        format!("{moment} · {} · {} · Leftfold", url.page.title(), untrack(|| app.label_of(store)))
    });
    document().set_title(title.as_deref().unwrap_or("Leftfold"));
}
