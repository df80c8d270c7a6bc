//! The service worker: keeps the page for when there is no network, and tells when there is a newer one.
//!
//! See `service-worker.js`. Browsers that have none, and pages that are not served from a secure origin, work without.

use std::sync::Arc;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::trouble::{ToastAction, ToastKind};
use super::{App, browser};

/// How long after its start the page fetches itself again to be kept: what a person waits for comes first.
const AFTER_START: Duration = Duration::from_secs(2);
/// At most once in this time it is asked whether there is a newer page.
const BETWEEN_CHECKS_MS: f64 = 60_000.0;
/// How often it is asked while the page stays open.
const WHILE_OPEN: Duration = Duration::from_secs(15 * 60);

/// Registers the worker and listens to it for as long as the page lives.
pub(super) fn run(app: App) {
    let Some(container) = container() else { return };
    let is_told = StoredValue::new(false);
    let told = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        let field = |name: &str| js_sys::Reflect::get(&event.data(), &name.into()).unwrap_or_default();
        if field("isNewer").is_truthy() && !is_told.get_value() {
            is_told.set_value(true);
            let action = ToastAction {
                label: "Reload".to_owned(),
                run: Arc::new(|| {
                    // A reload that the browser refuses leaves the page as it is.
                    let _ = window().location().reload();
                }),
            };
            let text = "Reload to use it. Your stores and this view stay as they are.";
            app.toast_with(ToastKind::Done, "A new version of Leftfold is ready", text, None, Some(action));
        }
    });
    // Lives as long as the page.
    let _ = container.add_event_listener_with_callback("message", told.into_js_value().unchecked_ref());
    let last_check = StoredValue::new(browser::now_ms());
    let check_if_due = move || {
        let now = browser::now_ms();
        if !document().hidden() && now - last_check.get_value() >= BETWEEN_CHECKS_MS {
            last_check.set_value(now);
            check();
        }
    };
    let back = window_event_listener(ev::visibilitychange, move |_| check_if_due());
    on_cleanup(move || back.remove());
    // A tab may stay open, and be looked at, for days.
    set_interval(check_if_due, WHILE_OPEN);
    set_timeout(
        move || {
            spawn_local(async move {
                // Refused where the origin is not secure or storage is switched off: the page works, but not offline.
                let registered = JsFuture::from(container.register("service-worker.js")).await;
                // What is kept may be older than what the server has: it is shown when the network was too slow.
                if registered.is_ok()
                    && let Ok(ready) = container.ready()
                    && JsFuture::from(ready).await.is_ok()
                {
                    check();
                }
            });
        },
        AFTER_START,
    );
}

/// Asks the worker whether there is a newer page than this one.
fn check() {
    let Some(worker) = container().and_then(|container| container.controller()) else { return };
    let Some(file) = own_file() else { return };
    let message = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&message, &"type".into(), &"check".into());
    let _ = js_sys::Reflect::set(&message, &"file".into(), &file.into());
    // A worker that is just being replaced cannot be asked; the next check asks its successor.
    let _ = worker.post_message(&message);
}

/// The file that this page's code came from; its name has the hash of its content.
fn own_file() -> Option<String> {
    let link = document().query_selector("link[rel=modulepreload]").ok()??;
    link.get_attribute("href").filter(|file| !file.is_empty())
}

fn container() -> Option<web_sys::ServiceWorkerContainer> {
    let navigator = window().navigator();
    let is_there = js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false);
    is_there.then(|| navigator.service_worker())
}
