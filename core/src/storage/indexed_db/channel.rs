//! Nudges between the handles of a store. They carry no truth: the log has it.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::storage::{Nudge, Signal};

/// The message of a nudge that is not about the log; one about the log says nothing.
const DERIVED: &str = "derived";

/// Who hears signals.
pub(super) type Listener = Rc<dyn Fn(Signal)>;

/// The channel of one store. Where the browser refuses one, other handles learn of commits when they look.
pub(super) struct Channel {
    channel: Option<BroadcastChannel>,
    on_message: Option<Closure<dyn FnMut(MessageEvent)>>,
}

impl Channel {
    pub(super) fn open(name: &str, listener: Listener) -> Self {
        let channel = BroadcastChannel::new(name).ok();
        let on_message = channel.as_ref().map(|channel| {
            let on_message = Closure::<dyn FnMut(_)>::new(move |message: MessageEvent| {
                let is_derived = message.data().as_string().is_some_and(|text| text == DERIVED);
                listener(if is_derived { Signal::DerivedNudge } else { Signal::Nudge });
            });
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            on_message
        });
        Self { channel, on_message }
    }

    pub(super) fn nudge(&self, news: Nudge) {
        if let Some(channel) = &self.channel {
            let message = match news {
                Nudge::Log => JsValue::NULL,
                Nudge::Derived => DERIVED.into(),
            };
            // It fails only once closed.
            let _ = channel.post_message(&message);
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
