//! Playback: a tick of the timeline each frame while it plays.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::{next_frame, now_ms};
use crate::model::timeline::{Command, Timeline};

/// Runs the clock of playback for as long as the page lives.
pub(crate) fn run(app: App) {
    let is_playing = Memo::new(move |_| app.timeline.with(|timeline| timeline.playing().is_some()));
    Effect::new(move |_| {
        if is_playing.get() {
            spawn_local(async move {
                let mut before = now_ms();
                while app.timeline.try_with_untracked(Timeline::playing).flatten().is_some() {
                    next_frame().await;
                    let now = now_ms();
                    app.send(Command::Tick { elapsed_ms: (now - before).min(250.0) });
                    before = now;
                }
            });
        }
    });
}
