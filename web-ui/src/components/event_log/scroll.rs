//! Where the log is scrolled to.
//!
//! Scrolling an element makes the browser lay out the whole page at once, which is to happen once a frame and not before all
//! of it is written. So rows that the page itself moves are drawn where the element stands already, and the element is
//! scrolled to its true place once they rest. What the reader scrolls is counted from where the element stands.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;

use crate::model::window::RowList;
use crate::state::App;
use crate::state::browser::now_ms;

/// How long rows rest before the element is scrolled to its true place.
const RESTS_AFTER: Duration = Duration::from_millis(150);
/// A leap: so many viewports further, no row is seen twice.
const LEAP: f64 = 1.5;
/// Offsets are whole pixels: no more than this is what an element was rounded to.
const ROUNDED: f64 = 1.0;
/// The least time between two leaps, in milliseconds. Other rows in every frame could not be read, and would only be work.
const BETWEEN_LEAPS_MS: f64 = 70.0;

/// The offset of the log, in scrolled pixels of its [`RowList`].
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    body: NodeRef<html::Div>,
    list: Memo<RowList>,
    /// What is shown.
    top: RwSignal<f64>,
    /// Where the element stands, as far as is known.
    stands_at: RwSignal<f64>,
    /// When the page last moved the rows.
    moved_at: StoredValue<f64>,
    is_settling: StoredValue<bool>,
    leapt_at: StoredValue<f64>,
    /// A leap that waits for its time.
    leap: StoredValue<Option<f64>>,
}

impl Scroll {
    pub(super) fn new(body: NodeRef<html::Div>, list: Memo<RowList>) -> Self {
        Self {
            body,
            list,
            top: RwSignal::new(0.0),
            stands_at: RwSignal::new(0.0),
            moved_at: StoredValue::new(0.0),
            is_settling: StoredValue::new(false),
            leapt_at: StoredValue::new(f64::NEG_INFINITY),
            leap: StoredValue::new(None),
        }
    }

    /// The offset that is shown; follows changes.
    pub(super) fn top(self) -> f64 {
        self.top.get()
    }

    /// The offset that is shown or will be as soon as it may.
    pub(super) fn wanted(self) -> f64 {
        self.leap.get_value().unwrap_or_else(|| self.top.get_untracked())
    }

    /// How much further down than their offset rows are drawn; follows changes.
    pub(super) fn shift(self) -> f64 {
        self.stands_at.get() - self.top.get()
    }

    /// The log is shown again: where the element stands is asked anew.
    pub(super) fn comes_back(self) {
        let Some(body) = self.body.get_untracked() else { return };
        let (stands_at, top) = (f64::from(body.scroll_top()), self.top.get_untracked());
        self.stands_at.set(stands_at);
        // An element that was not shown stands at its top: until it is scrolled to its true place, the reader cannot scroll up.
        if (stands_at - top).abs() > ROUNDED {
            self.show(top);
        }
    }

    /// The list or its viewport is another one. Where there is less to scroll than before, the browser moves the element to its
    /// new end by itself, and tells of it afterwards: nobody has scrolled then.
    pub(super) fn fit(self) {
        if self.list.get().viewport_height <= 0.0 {
            return;
        }
        for place in [self.stands_at, self.top] {
            let now = place.get_untracked();
            let fits = self.clamped(now);
            if fits < now {
                place.set(fits);
            }
        }
    }

    /// Moves the rows. A leap that follows another one too soon waits, and is made by the last one asked for.
    pub(super) fn to(self, top: f64) {
        let distance = (top - self.top.get_untracked()).abs();
        let list = self.list.get_untracked();
        let waits_ms = self.leapt_at.get_value() + BETWEEN_LEAPS_MS - now_ms();
        let is_leap = distance * list.scale() >= list.viewport_height * LEAP;
        if is_leap && waits_ms > 0.0 {
            let had_one = self.leap.try_update_value(|leap| leap.replace(top).is_some());
            if had_one == Some(false) {
                // In a frame: what is written between two of them may be laid out twice.
                let leap = move || request_animation_frame(move || self.make_leap());
                set_timeout(leap, Duration::from_secs_f64(waits_ms / 1000.0));
            }
            return;
        }
        self.leap.set_value(None);
        if is_leap {
            self.leapt_at.set_value(now_ms());
        }
        self.show(top);
    }

    /// What the reader has scrolled since the element stood where it was known to.
    pub(super) fn scrolled(self, app: App) {
        let Some(body) = self.body.get_untracked() else { return };
        let now = f64::from(body.scroll_top());
        let before = self.stands_at.get_untracked();
        if (now - before).abs() <= ROUNDED {
            return;
        }
        app.moves();
        self.leap.set_value(None);
        self.stands_at.set(now);
        self.top.set(self.clamped(self.top.get_untracked() + now - before));
    }

    pub(super) fn clamped(self, top: f64) -> f64 {
        let list = self.list.get_untracked();
        top.clamp(0.0, (list.scroll_height() - list.viewport_height).max(0.0))
    }

    fn make_leap(self) {
        // By then the log may no longer be shown.
        let Some(Some(top)) = self.leap.try_update_value(Option::take) else { return };
        self.leapt_at.set_value(now_ms());
        self.show(top);
    }

    fn show(self, top: f64) {
        // A leap that had to wait may be further than the list goes by now.
        let top = self.clamped(top);
        if (top - self.top.get_untracked()).abs() >= 0.01 {
            self.top.set(top);
        }
        self.moved_at.set_value(now_ms());
        if self.is_settling.try_update_value(|is_settling| std::mem::replace(is_settling, true)) == Some(false) {
            set_timeout(move || self.settle(), RESTS_AFTER);
        }
    }

    fn settle(self) {
        let Some(moved_at) = self.moved_at.try_get_value() else { return };
        let rest = Duration::from_secs_f64((now_ms() - moved_at).max(0.0) / 1000.0);
        if rest < RESTS_AFTER {
            set_timeout(move || self.settle(), RESTS_AFTER - rest);
            return;
        }
        self.is_settling.set_value(false);
        let Some(body) = self.body.try_get_untracked().flatten() else { return };
        if body.client_height() == 0 {
            // A log that is not shown cannot be scrolled, and says of itself that it stands at its top.
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most eight million")]
        body.set_scroll_top(self.top.get_untracked().round() as i32);
        self.stands_at.set(f64::from(body.scroll_top()));
    }
}
