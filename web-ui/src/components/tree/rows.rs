//! Which rows of a long list are drawn, where the list stands within something that scrolls.

use leptos::html;
use leptos::prelude::*;

use crate::components::canvas::use_size;
use crate::model::window::{RowList, VisibleRows};
use crate::state::App;
use crate::state::browser::FrameThrottle;

/// Something that scrolls, with lists in it.
#[derive(Clone, Copy)]
pub(crate) struct Scroller {
    /// The element; its `scroll` event calls [`scrolled`](Self::scrolled).
    pub(crate) node: NodeRef<html::Div>,
    size: RwSignal<(f64, f64)>,
    top: RwSignal<f64>,
    throttle: StoredValue<FrameThrottle, LocalStorage>,
}

impl Scroller {
    pub(crate) fn new() -> Self {
        let node = NodeRef::new();
        Self {
            node,
            size: use_size(node),
            top: RwSignal::new(0.0),
            throttle: StoredValue::new_local(FrameThrottle::new()),
        }
    }

    /// To be called whenever it was scrolled.
    pub(crate) fn scrolled(self) {
        self.throttle.with_value(|throttle| throttle.run(move || self.read()));
    }

    fn read(self) {
        let Some(element) = self.node.try_get_untracked().flatten() else { return };
        let now = f64::from(element.scroll_top());
        if self.top.get_untracked() != now {
            self.top.set(now);
        }
    }
}

/// The rows of a list that are drawn.
#[derive(Clone, Copy)]
pub(crate) struct RowWindow {
    /// Where there is none, every row is drawn.
    scroller: Option<Scroller>,
    list: Memo<RowList>,
    /// Where the list begins within what scrolls.
    before: RwSignal<f64>,
    visible: Memo<VisibleRows>,
}

impl RowWindow {
    /// A list of `count` rows; their height is a custom property of the page.
    pub(crate) fn new(scroller: Option<Scroller>, count: Memo<usize>, height_token: &'static str) -> Self {
        let root = App::get().root;
        let row_height = Memo::new(move |_| {
            if let Some(scroller) = scroller {
                scroller.size.track();
            }
            root.css_pixels(height_token).unwrap_or(24.0)
        });
        let before = RwSignal::new(0.0_f64);
        let list = Memo::new(move |_| RowList {
            rows: count.get() as u64,
            row_height: row_height.get(),
            viewport_height: scroller.map_or(0.0, |scroller| scroller.size.get().1),
        });
        let visible = Memo::new(move |_| match scroller {
            Some(scroller) => list.get().visible((scroller.top.get() - before.get()).max(0.0)),
            None => VisibleRows { first: 0, end: list.get().rows, offset: 0.0 },
        });
        Self { scroller, list, before, visible }
    }

    /// The numbers of the rows that are drawn; follows changes.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        let visible = self.visible.get();
        visible.first as usize..visible.end as usize
    }

    /// The space above and below the drawn rows, in pixels; follows changes.
    pub(crate) fn space(&self) -> (f64, f64) {
        let (list, visible) = (self.list.get(), self.visible.get());
        let drawn = (visible.end - visible.first) as f64 * list.row_height;
        (visible.offset, (list.scroll_height() - visible.offset - drawn).max(0.0))
    }

    /// Follows the size of what scrolls: another one comes with other text sizes and other things above the list.
    pub(crate) fn track_size(&self) {
        if let Some(scroller) = self.scroller {
            scroller.size.track();
        }
    }

    /// Measures where the list begins: its element is this one.
    pub(crate) fn measure(&self, list: &web_sys::Element) {
        let Some(scroller) = self.scroller.and_then(|scroller| scroller.node.get_untracked()) else { return };
        let (outer, inner) = (scroller.get_bounding_client_rect(), list.get_bounding_client_rect());
        let before = inner.top() - outer.top() + f64::from(scroller.scroll_top());
        if (self.before.get_untracked() - before).abs() >= 1.0 {
            self.before.set(before);
        }
    }

    /// Which row stands so many pixels below the top of the list, with a fraction.
    pub(crate) fn row_under(&self, below_top: f64) -> f64 {
        let (list, visible) = (self.list.get_untracked(), self.visible.get_untracked());
        visible.first as f64 + (below_top - visible.offset) / list.row_height.max(1.0)
    }

    /// Scrolls as little as is needed for a row to be wholly in view; one that is far away comes to stand among others.
    pub(crate) fn show(&self, row: usize) {
        let (list, before) = (self.list.get_untracked(), self.before.get_untracked());
        let Some(scroller) = self.scroller.and_then(|scroller| scroller.node.get_untracked()) else { return };
        let row_top = before + row as f64 * list.row_height;
        let top = f64::from(scroller.scroll_top());
        let wanted = if list.is_scaled() {
            if list.shows(row as u64, (top - before).max(0.0)) {
                return;
            }
            before + list.scroll_to(row as u64, 0.4)
        } else if (row_top - top).abs() > 2.0 * list.viewport_height {
            row_top - 0.4 * list.viewport_height
        } else if row_top < top {
            row_top
        } else if row_top + list.row_height > top + list.viewport_height {
            row_top + list.row_height - list.viewport_height
        } else {
            return;
        };
        scroller.set_scroll_top(wanted.round() as i32);
        if let Some(scroller) = self.scroller {
            scroller.read();
        }
    }
}
