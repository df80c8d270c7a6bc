//! Signals that cancel long work.

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::failure::Failure;
use crate::engine::CancelToken;

/// Reads a member that is a signal.
///
/// # Errors
/// `invalid-input`.
pub(super) fn signal(value: JsValue) -> Result<Option<AbortSignal>, Failure> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let signal = value.dyn_into();
    signal.map(Some).map_err(|_| Failure::member("invalid-input", "signal", "an AbortSignal is expected"))
}

/// Work that listens to a signal. Dropping it ends that.
pub(super) struct Abort<'a> {
    signal: &'a AbortSignal,
    listener: Closure<dyn FnMut()>,
}

impl<'a> Abort<'a> {
    /// Throws the switch when the signal is given, or was already.
    pub(super) fn listen(signal: &'a AbortSignal, cancel: &CancelToken) -> Self {
        if signal.aborted() {
            cancel.cancel();
        }
        let cancel = cancel.clone();
        let listener = Closure::new(move || cancel.cancel());
        // It fails for no listener that is a function.
        let _ = signal.add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
        Self { signal, listener }
    }
}

impl Drop for Abort<'_> {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", self.listener.as_ref().unchecked_ref());
    }
}
