//! The page: a debugger that replays an event log, scrubs through it and shows state as it stood at any moment.
//!
//! [`model`] is plain data and decisions, [`lens`] every state that can be looked at; both are tested natively. The rest
//! lives in the browser: `state` holds the engine and the signals, `components` the panels.

// Exported tests name the crate as those do who have it as a dependency.
#[cfg(test)]
extern crate self as leftfold_web_ui;

#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod element;
pub mod lens;
pub mod model;
pub mod sample;
#[cfg(target_arch = "wasm32")]
mod state;

/// Mounts the page to the body of a document that says that it is the page; any other may mount elements.
#[cfg(target_arch = "wasm32")]
pub fn start() {
    use leptos::prelude::*;

    console_error_panic_hook::set_once();
    let Some(body) = document().body().filter(|body| body.has_attribute(element::PAGE)) else { return };
    mount_to(body.clone(), move || {
        state::App::provide(state::Root::page(body));
        view! { <components::Page /> }
    })
    .forget();
}
