//! The keyboard: single keys move the timeline wherever no text is typed and nothing lies over the page.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::browser::is_typing;
use super::{App, Gesture, Layout, Overlay, Phase, panes};
use crate::model::place::View;
use crate::model::timeline::{Command, Direction, StepUnit};

/// The keys and what they do, as the help lists them.
pub(crate) const SHORTCUTS: [(&[&str], &str); 22] = [
    (&["Space"], "Play or pause"),
    (&["←", "→"], "Step by the chosen unit"),
    (&["Shift", "←", "→"], "Step in the same stream"),
    (&["Home", "End"], "To the start, live"),
    (&["J", "K", "L"], "Play back, pause, play forward; again is faster"),
    (&["[", "]"], "Previous, next match of the search, else of the filter"),
    (&["A"], "Set cursor A at the playhead"),
    (&["Shift", "A"], "Set cursor B at the playhead"),
    (&["B"], "Bookmark the event; again to name it"),
    (&["+", "−", "0", ",", "."], "Timeline: zoom in, out, fit; pan left, right"),
    (&["↑", "↓"], "In the log: row by row"),
    (&["↑", "↓", "←", "→"], "In a list of filters: from button to button"),
    (&["F6"], "To the next part of the page; with Shift to the one before"),
    (&["Alt", "↑", "↓"], "On a what-if branch: move the event"),
    (&["Del", "Enter", "Ins"], "There: skip it, edit it, insert one after it"),
    (&["Ctrl", "K"], "Search or run"),
    (&["Ctrl", "Z"], "Undo filter, search or bookmark; on What-if a change of the branch"),
    (&["Ctrl", "Y"], "Redo a change of the branch"),
    (&["/"], "Search in the events"),
    (&["N"], "To the newest note, such as one with Undo"),
    (&["?"], "This help"),
    (&["Esc"], "Close, or leave a field"),
];

/// Listens for as long as the page lives.
pub(crate) fn run(app: App) {
    app.root.listen(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            // Over another dialog there is no room for the palette.
            if !is_covered(app) {
                app.overlay.set(Some(Overlay::Palette));
            }
            event.prevent_default();
            return;
        }
        if is_undo(&event) && !event.default_prevented() && !is_typing(&event) {
            // Bookmarks are changed in a dialog of theirs.
            if app.overlay.with_untracked(|overlay| *overlay == Some(Overlay::Bookmarks)) || !is_covered(app) {
                app.undo_last();
                event.prevent_default();
            }
            return;
        }
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if event.key() == "F6" && !is_covered(app) && panes::go_on(app.root, event.shift_key()) {
            event.prevent_default();
            return;
        }
        if is_typing(&event) {
            // In the code editor Escape lets the next Tab leave it.
            if event.key() == "Escape" && !is_in_code(&event) {
                leave_field(app, &event);
            }
            return;
        }
        if is_covered(app) {
            return;
        }
        if event.key() == "?" {
            app.overlay.set(Some(Overlay::Help));
            event.prevent_default();
            return;
        }
        if event.key().eq_ignore_ascii_case("n") && focus_note(app) {
            event.prevent_default();
            return;
        }
        let is_open = matches!(app.phase.get_untracked(), Phase::Open { .. });
        if is_open && app.head.get_untracked().get() > 0 && press(app, &event) {
            event.prevent_default();
        }
    });
    keep_keys(app);
}

/// In an element, what is typed or means something there is not a key of the page around it too.
fn keep_keys(app: App) {
    if app.root.is_page() {
        return;
    }
    let keep = |event: &web_sys::KeyboardEvent| {
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let is_text = is_plain && (event.key().chars().count() == 1 || is_typing(event) && event.key() != "Tab");
        if event.default_prevented() || is_text {
            event.stop_propagation();
        }
    };
    app.root.listen(ev::keydown, move |event| keep(&event));
    app.root.listen(ev::keypress, move |event| keep(&event));
    app.root.listen(ev::keyup, move |event| keep(&event));
}

/// Whether the keys ask to undo.
pub(crate) fn is_undo(event: &web_sys::KeyboardEvent) -> bool {
    let is_plain = !event.shift_key() && !event.alt_key();
    (event.ctrl_key() || event.meta_key()) && is_plain && event.key().eq_ignore_ascii_case("z")
}

/// Whether a dialog lies over the page.
fn is_covered(app: App) -> bool {
    app.overlay.with_untracked(Option::is_some) || app.dialogs.get_untracked() > 0
}

/// Whether the key means something here.
fn press(app: App, event: &web_sys::KeyboardEvent) -> bool {
    use Direction::{Backwards, Forwards};
    let own = owns_keys(event);
    if !event.repeat() {
        // What the key means depends on where the one that is held has led.
        app.send_held();
    }
    let command = match event.key().as_str() {
        " " if !own => Command::TogglePlay,
        "ArrowLeft" if event.shift_key() => Command::StepBy(StepUnit::Stream, Backwards),
        "ArrowRight" if event.shift_key() => Command::StepBy(StepUnit::Stream, Forwards),
        "ArrowLeft" if !own => Command::Step(Backwards),
        "ArrowRight" if !own => Command::Step(Forwards),
        "Home" if !own => Command::ToStart,
        "End" if !own => Command::GoLive,
        "j" | "J" => Command::Play(Backwards),
        "k" | "K" => Command::Pause,
        "l" | "L" => Command::Play(Forwards),
        "[" => Command::StepBy(StepUnit::Match, Backwards),
        "]" => Command::StepBy(StepUnit::Match, Forwards),
        "a" => Command::SetA(Some(app.cursor.get_untracked())),
        "A" => Command::SetB(Some(app.cursor.get_untracked())),
        "+" | "=" => return look(app, |gesture, layout| gesture.zoom(app, layout, layout.anchor(app), 0.5)),
        "-" => return look(app, |gesture, layout| gesture.zoom(app, layout, layout.anchor(app), 2.0)),
        "," => return look(app, |gesture, layout| gesture.pan(app, layout, -0.25)),
        "." => return look(app, |gesture, layout| gesture.pan(app, layout, 0.25)),
        "0" => Command::Fit,
        "b" | "B" => {
            app.bookmark_cursor();
            return true;
        }
        "/" => return focus_search(app),
        _ => return false,
    };
    app.send_by_key(event, command);
    true
}

/// Zooms or pans the lanes.
fn look(app: App, how: impl FnOnce(&mut Gesture, &Layout)) -> bool {
    how(&mut Gesture::default(), &Layout::now(app));
    true
}

/// Whether the key belongs to what has the focus: Space to all that can be pressed, arrows and the ends to what moves by them.
/// Tabs, trees, menus and the like have taken theirs before.
fn owns_keys(event: &web_sys::KeyboardEvent) -> bool {
    let selector = match event.key().as_str() {
        " " => "button, a, summary, input, select, [role=tab], [role=radio], [role=treeitem]",
        _ => "input[type=range], input[type=radio], select, [role=slider], [role=separator]",
    };
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.matches(selector).unwrap_or(false))
}

fn is_in_code(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.and_then(|target| target.closest(".lf-code").ok().flatten()).is_some()
}

fn leave_field(app: App, event: &web_sys::KeyboardEvent) {
    if !app.root.is_page() {
        // Without the focus the keys would be those of the page around it.
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = app.root.frame().map(|frame| frame.focus_with_options(&options));
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(target) = target {
        let _ = target.blur();
    }
}

/// Goes to what can be done about the newest note, if there is one.
fn focus_note(app: App) -> bool {
    let last = app.root.find_last(".lf-toasts button");
    last.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()).is_some_and(|button| button.focus().is_ok())
}

fn focus_search(app: App) -> bool {
    app.view.set(View::Log);
    request_animation_frame(move || {
        let field = app.root.find("#log-search");
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = field.focus();
        }
    });
    true
}
