//! What the page asks of the browser.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::select;
use leftfold_core::Host;
use leftfold_core::indexed_db::BrowserHost;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// A frame that is not drawn is not waited for longer than this.
const LONGEST_FRAME_MS: u64 = 100;

/// Milliseconds since the page was opened; never runs backwards.
pub(crate) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Lets time pass. No timer is left behind where this is dropped.
pub(crate) async fn sleep(ms: u64) {
    BrowserHost.sleep(Duration::from_millis(ms)).await;
}

/// Lets the browser do what else waits. Unlike a timer it is not held back after some turns.
pub(crate) async fn breathe() {
    BrowserHost.breathe().await;
}

/// Lets the browser paint.
pub(crate) async fn next_frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().request_animation_frame(&resolve);
    });
    let _ = JsFuture::from(promise).await;
}

/// Waits for the next frame, or for a moment where none is drawn, so that what is written is styled and laid out with that frame
/// alone, and not before it as well.
pub(crate) async fn frame_or_moment() {
    select(pin!(next_frame()), pin!(sleep(LONGEST_FRAME_MS))).await;
}

/// Whether this is a machine on which ⌘ is what Ctrl is elsewhere.
pub(crate) fn is_mac() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    ["Mac", "iPhone", "iPad"].iter().any(|name| platform.starts_with(name))
}

/// A text remembered in this browser.
pub(crate) fn remembered(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Remembers a text in this browser; where it keeps nothing, the page works on without.
pub(crate) fn remember(key: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// Bytes that this origin may still store, if the browser says.
pub(crate) async fn free_bytes() -> Option<u64> {
    let promise = window().navigator().storage().estimate().ok()?;
    let estimate = JsFuture::from(promise).await.ok()?;
    let number = |name: &str| js_sys::Reflect::get(&estimate, &name.into()).ok()?.as_f64();
    let free = number("quota")? - number("usage").unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes, at least 0")]
    let free = free.max(0.0) as u64;
    Some(free)
}

/// Puts a text on the clipboard, where there is one: only pages from a secure origin have it. Whether it is there.
pub(crate) async fn copy_text(text: &str) -> bool {
    let navigator = window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).unwrap_or_default();
    match clipboard.dyn_into::<web_sys::Clipboard>() {
        Ok(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        Err(_) => false,
    }
}

/// Hands a file to the browser to be saved, as a download.
pub(crate) fn save_file(file: &web_sys::Blob, name: &str) -> Option<()> {
    let url = web_sys::Url::create_object_url_with_blob(file).ok()?;
    let link = document().create_element("a").ok()?.dyn_into::<web_sys::HtmlAnchorElement>().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser reads the file after this turn; a minute later it has it.
    set_timeout(
        move || {
            let _ = web_sys::Url::revoke_object_url(&url);
        },
        std::time::Duration::from_secs(60),
    );
    Some(())
}

/// Asks the browser not to clear by itself what this origin stores. Whether it promised.
pub(crate) async fn persist() -> Option<bool> {
    let promise = window().navigator().storage().persist().ok()?;
    JsFuture::from(promise).await.ok()?.as_bool()
}

/// Runs a closure at most once a frame, however often it is asked for, and not at all once the component that made the
/// throttle is gone.
#[derive(Clone)]
pub(crate) struct FrameThrottle {
    is_waiting: Rc<Cell<bool>>,
    is_gone: Arc<AtomicBool>,
}

impl FrameThrottle {
    pub(crate) fn new() -> Self {
        let is_gone = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&is_gone);
        on_cleanup(move || gone.store(true, Ordering::Relaxed));
        Self { is_waiting: Rc::new(Cell::new(false)), is_gone }
    }

    pub(crate) fn run(&self, action: impl FnOnce() + 'static) {
        if self.is_waiting.replace(true) {
            return;
        }
        let (is_waiting, is_gone) = (Rc::clone(&self.is_waiting), Arc::clone(&self.is_gone));
        request_animation_frame(move || {
            is_waiting.set(false);
            if !is_gone.load(Ordering::Relaxed) {
                action();
            }
        });
    }
}

/// Whether a key press belongs to a field that takes text.
pub(crate) fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return false;
    };
    match target.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => {
            let kind = target.get_attribute("type").unwrap_or_default();
            !matches!(kind.as_str(), "checkbox" | "radio" | "range" | "button" | "file")
        }
        // What takes text without being a field: the code editor.
        _ => target.closest("[contenteditable=true]").is_ok_and(|found| found.is_some()),
    }
}
