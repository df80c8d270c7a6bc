//! A key that is held down asks more often than the page is drawn: what it asks for is done together, once a frame.

use leptos::prelude::*;

use super::App;
use crate::model::timeline::Command;

/// What a held key has asked for since the last frame, in order.
#[derive(Clone, Copy)]
pub(crate) struct HeldKey(StoredValue<Vec<Command>>);

impl HeldKey {
    pub(super) fn new() -> Self {
        Self(StoredValue::new(Vec::new()))
    }
}

impl App {
    /// Does what a key asks for: the first time at once, from then on with the next frame.
    pub(crate) fn send_by_key(&self, event: &web_sys::KeyboardEvent, command: Command) {
        if !event.repeat() {
            self.send_held();
            self.send(command);
            return;
        }
        let is_first = self.held.0.try_update_value(|held| {
            held.push(command);
            held.len() == 1
        });
        if is_first == Some(true) {
            let app = *self;
            request_animation_frame(move || app.send_held());
        }
    }

    /// Does at once what a held key has asked for and waits for the next frame.
    pub(super) fn send_held(&self) {
        for command in self.held.0.try_update_value(std::mem::take).unwrap_or_default() {
            self.send(command);
        }
    }
}
