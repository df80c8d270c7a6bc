//! The page: a debugger that replays an event log, scrubs through it and shows state as it stood at any moment.
//!
//! [`model`] is plain data and decisions, [`lens`] every state that can be looked at; both are tested natively. The rest
//! lives in the browser: `state` holds the engine and the signals, `components` the panels.

#[cfg(target_arch = "wasm32")]
mod components;
pub mod lens;
pub mod model;
pub mod sample;
#[cfg(target_arch = "wasm32")]
mod state;

/// Mounts the page to the body of the document.
#[cfg(target_arch = "wasm32")]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(components::Page);
}
