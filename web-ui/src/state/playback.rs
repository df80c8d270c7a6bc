//! Playback: a tick of the timeline each frame while it plays.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::{next_frame, now_ms};
use crate::model::timeline::{Command, Timeline};

/// Runs the clock of playback for as long as the page lives.
pub(crate) fn run(app: App) {
    // A loop sees only at the next frame that it is over: one that has begun since then has another number.
    let number = StoredValue::new(0_u64);
    let is_playing = Memo::new(move |_| app.timeline.with(|timeline| timeline.playing().is_some()));
    Effect::new(move |_| {
        if is_playing.get() {
            number.update_value(|number| *number += 1);
            let own = number.get_value();
            let goes_on = move || {
                let is_playing = app.timeline.try_with_untracked(Timeline::playing).flatten().is_some();
                is_playing && number.try_get_value() == Some(own)
            };
            spawn_local(async move {
                let mut before = now_ms();
                while goes_on() {
                    next_frame().await;
                    if !goes_on() {
                        return;
                    }
                    let now = now_ms();
                    let (at, direction) =
                        app.timeline.with_untracked(|timeline| (timeline.cursor(), timeline.playing()));
                    app.send(Command::Tick { elapsed_ms: (now - before).min(250.0) });
                    if let Some(direction) = direction {
                        app.stop_at_hit(direction, at, app.cursor.get_untracked());
                    }
                    before = now;
                }
            });
        }
    });
}
