//! What pointers do to the lanes: drag the playhead and the cursors, draw a range, zoom and pan.

use leftfold_core::Position;
use leptos::ev::{PointerEvent, WheelEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::lane::Lane;
use crate::model::timeline::Command;
use crate::state::Gesture;
use crate::state::browser::FrameThrottle;

/// How far a press may wander and still be a click, in CSS pixels.
const CLICK: f64 = 4.0;
/// What a line of a wheel that counts lines is worth, in CSS pixels.
const LINE: f64 = 16.0;

/// What a pointer holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hold {
    Playhead,
    A,
    B,
    /// A range begins under the press, once it has wandered.
    Range {
        is_drawn: bool,
    },
}

/// The pointers on the lanes.
#[derive(Default)]
struct Held {
    hold: Option<Hold>,
    /// The left edge and the width of the lanes, as they were at the press.
    left: f64,
    width: f64,
    /// Where the press began, and where the pointer is.
    start: f64,
    now: f64,
    /// Fingers on the lanes.
    touches: Vec<(i32, f64)>,
}

impl Held {
    /// Whether a finger lies where it was put down.
    fn is_resting(&self) -> bool {
        !self.touches.is_empty() && (self.now - self.start).abs() <= CLICK
    }
}

/// Handlers of the pointers on the lanes.
#[derive(Clone, Copy)]
pub(super) struct Pointers {
    lane: Lane,
    held: StoredValue<Held>,
    gesture: StoredValue<Gesture>,
    throttle: StoredValue<FrameThrottle, LocalStorage>,
}

impl Pointers {
    pub(super) fn new(lane: Lane) -> Self {
        Self {
            lane,
            held: StoredValue::new(Held::default()),
            gesture: StoredValue::new(Gesture::default()),
            throttle: StoredValue::new_local(FrameThrottle::new()),
        }
    }

    pub(super) fn down(self, event: &PointerEvent) {
        let Some(lanes) = self.lane.node.get_untracked() else { return };
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let closest = |selector: &str| target.as_ref().and_then(|target| target.closest(selector).ok().flatten());
        if event.button() != 0 || closest("button").is_some() {
            return;
        }
        // A pointer that is gone already cannot be captured; then there is nothing to follow.
        let _ = lanes.set_pointer_capture(event.pointer_id());
        let bounds = lanes.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()) - bounds.top());
        let is_touch = event.pointer_type() == "touch";
        let held = closest("[data-hold]").and_then(|element| element.get_attribute("data-hold"));
        let hold = match held.as_deref() {
            Some("a") => Hold::A,
            Some("b") => Hold::B,
            Some(_) => Hold::Playhead,
            // The ruler scrubs; and a finger does everywhere, for it is no fine tool.
            None if is_touch || y < self.lane.rows.get_untracked().ruler => Hold::Playhead,
            None => Hold::Range { is_drawn: false },
        };
        self.held.update_value(|state| {
            (state.left, state.width) = (bounds.left(), bounds.width().max(1.0));
            (state.start, state.now) = (x, x);
            state.hold = Some(hold);
            if is_touch {
                state.touches.retain(|(id, _)| *id != event.pointer_id());
                state.touches.push((event.pointer_id(), x));
                if state.touches.len() > 1 {
                    state.hold = None;
                }
            }
        });
        // A finger may be the first of two.
        if hold == Hold::Playhead && held.is_none() && !is_touch {
            self.follow();
        }
    }

    pub(super) fn moved(self, event: &PointerEvent) {
        let x = f64::from(event.client_x());
        let pinched = self.held.try_update_value(|state| {
            state.now = x;
            let before: Vec<f64> = state.touches.iter().map(|(_, x)| *x).collect();
            if let Some(touch) = state.touches.iter_mut().find(|(id, _)| *id == event.pointer_id()) {
                touch.1 = x;
            }
            let after: Vec<f64> = state.touches.iter().map(|(_, x)| *x).collect();
            match (&before[..], &after[..]) {
                ([a0, b0], [a1, b1]) => Some(Pinch {
                    middle: (f64::midpoint(*a1, *b1) - state.left) / state.width,
                    moved: (f64::midpoint(*a1, *b1) - f64::midpoint(*a0, *b0)) / state.width,
                    factor: (a0 - b0).abs().max(8.0) / (a1 - b1).abs().max(8.0),
                }),
                _ => None,
            }
        });
        if let Some(Some(pinch)) = pinched {
            self.pinch(&pinch);
        } else if self.held.with_value(|state| state.hold.is_some() && !state.is_resting()) {
            self.throttle.with_value(|throttle| throttle.run(move || self.follow()));
        }
    }

    pub(super) fn up(self, event: &PointerEvent) {
        let hold = self.held.try_update_value(|state| {
            state.now = f64::from(event.client_x());
            state.hold
        });
        self.follow();
        if hold.flatten() == Some(Hold::Range { is_drawn: false })
            && self.held.with_value(|state| (state.now - state.start).abs() <= CLICK)
        {
            self.lane.app.send(Command::SetPositionClamped(self.position_at(|state| state.now)));
        }
        self.cancel(event);
    }

    pub(super) fn cancel(self, event: &PointerEvent) {
        self.held.update_value(|state| {
            state.hold = None;
            state.touches.retain(|(id, _)| *id != event.pointer_id());
        });
    }

    /// Zooms at the pointer; pans with Shift or a wheel that turns sideways.
    pub(super) fn wheel(self, event: &WheelEvent) {
        let Some(lanes) = self.lane.node.get_untracked() else { return };
        event.prevent_default();
        let unit = if event.delta_mode() == WheelEvent::DOM_DELTA_PIXEL { 1.0 } else { LINE };
        let (across, down) = (event.delta_x() * unit, event.delta_y() * unit);
        let bounds = lanes.get_bounding_client_rect();
        let width = bounds.width().max(1.0);
        if event.shift_key() || across.abs() > down.abs() {
            let by = if across == 0.0 { down } else { across };
            self.gesture(|gesture, lane| {
                lane.layout.with_untracked(|layout| gesture.pan(lane.app, layout, by / width))
            });
        } else {
            // A pinch of a track pad comes as a wheel with Ctrl, in small steps.
            let factor = (down * if event.ctrl_key() { 0.01 } else { 0.002 }).clamp(-1.0, 1.0).exp();
            let share = (f64::from(event.client_x()) - bounds.left()) / width;
            self.gesture(|gesture, lane| {
                lane.layout.with_untracked(|layout| gesture.zoom(lane.app, layout, share, factor))
            });
        }
    }

    fn pinch(self, pinch: &Pinch) {
        self.gesture(|gesture, lane| {
            lane.layout.with_untracked(|layout| gesture.pan(lane.app, layout, -pinch.moved));
            lane.layout.with_untracked(|layout| gesture.zoom(lane.app, layout, pinch.middle, pinch.factor));
        });
    }

    fn gesture(self, make: impl FnOnce(&mut Gesture, Lane)) {
        // The gesture is taken out while it works: what it changes may ask for it.
        let mut gesture = self.gesture.get_value();
        make(&mut gesture, self.lane);
        self.gesture.set_value(gesture);
    }

    fn position_at(self, x: impl Fn(&Held) -> f64) -> Position {
        self.lane.position_at(self.held.with_value(|state| (x(state) - state.left) / state.width))
    }

    /// Brings what is held to where the pointer is.
    fn follow(self) {
        let app = self.lane.app;
        let Some(hold) = self.held.with_value(|state| state.hold) else { return };
        let at = self.position_at(|state| state.now);
        match hold {
            Hold::Playhead => app.send(Command::SetPositionClamped(at)),
            Hold::A => app.send(Command::SetA(Some(at))),
            Hold::B => app.send(Command::SetB(Some(at))),
            Hold::Range { is_drawn } => {
                if is_drawn || self.held.with_value(|state| (state.now - state.start).abs() > CLICK) {
                    self.held.update_value(|state| state.hold = Some(Hold::Range { is_drawn: true }));
                    let start = self.position_at(|state| state.start);
                    app.send(Command::SetRange { a: start.min(at), b: start.max(at) });
                }
            }
        }
    }
}

/// Two fingers that have moved.
struct Pinch {
    /// Where they are now, as a share of the width.
    middle: f64,
    /// How far they went together, as a share of the width.
    moved: f64,
    /// How many times as much is to be shown.
    factor: f64,
}
