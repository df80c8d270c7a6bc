//! Nudges between the handles of a store. They carry no truth: the log has it.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::BroadcastChannel;

use crate::storage::Signal;

/// Who hears signals.
pub(super) type Listener = Rc<dyn Fn(Signal)>;

/// The channel of one store. Where the browser refuses one, other handles learn of commits when they look.
pub(super) struct Channel {
    channel: Option<BroadcastChannel>,
    on_message: Option<Closure<dyn FnMut()>>,
}

impl Channel {
    pub(super) fn open(name: &str, listener: Listener) -> Self {
        let channel = BroadcastChannel::new(name).ok();
        let on_message = channel.as_ref().map(|channel| {
            let on_message = Closure::<dyn FnMut()>::new(move || listener(Signal::Nudge));
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            on_message
        });
        Self { channel, on_message }
    }

    pub(super) fn nudge(&self) {
        if let Some(channel) = &self.channel {
            // It fails only once closed.
            let _ = channel.post_message(&JsValue::NULL);
        }
    }

    pub(super) fn close(&self) {
        if let Some(channel) = &self.channel {
            channel.set_onmessage(None);
            channel.close();
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.close();
        self.on_message.take();
    }
}
