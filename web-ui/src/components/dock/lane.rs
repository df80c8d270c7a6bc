//! What the parts of the lanes share: the layout, and how large and where the lanes are.

use leftfold_core::Position;
use leptos::html;
use leptos::prelude::*;

use crate::components::canvas::use_size;
use crate::model::axis::text_width;
use crate::model::flag_places::{FlagPlace, flag_places};
use crate::model::format;
use crate::model::timeline::{Axis, Timeline};
use crate::state::{App, Layout, StreamOfLane};

/// What the playhead's handle has beside its text on either side, in CSS pixels.
const HANDLE_PAD: f64 = 8.0;

/// The heights of the rows, as the stylesheet has them, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rows {
    pub(super) ruler: f64,
    pub(super) marks: f64,
    pub(super) density: f64,
    pub(super) signals: f64,
    /// 0 where no branch is shown.
    pub(super) branch: f64,
}

/// The lanes as their parts see them.
#[derive(Clone, Copy)]
pub(super) struct Lane {
    pub(super) app: App,
    pub(super) node: NodeRef<html::Div>,
    pub(super) size: RwSignal<(f64, f64)>,
    pub(super) rows: Memo<Rows>,
    pub(super) layout: Memo<Layout>,
    /// Where the playhead is, as a share of the width; outside of 0 to 1 when it is not in view.
    pub(super) playhead: Memo<f64>,
    /// The left and the right edge of the playhead's handle in pixels, while it is in view.
    pub(super) handle: Memo<Option<(f64, f64)>>,
    /// The cursors, as shares of the width.
    pub(super) cursors: Memo<(Option<f64>, Option<f64>)>,
    /// Where the flags of the cursors hang.
    pub(super) flags: Memo<[FlagPlace; 2]>,
}

impl Lane {
    pub(super) fn new() -> Self {
        let app = App::get();
        let node = NodeRef::<html::Div>::new();
        let size = use_size(node);
        let axis = Memo::new(move |_| app.timeline.with(Timeline::axis));
        let window = Memo::new(move |_| app.timeline.with(Timeline::window));
        let stream = StreamOfLane::memo(app);
        let layout = Memo::new(move |_| {
            app.epoch_tracked();
            Layout::new(app, axis.get(), window.get(), stream.get())
        });
        // Whether there are marks changes the rows, and not the size of all of them.
        let is_marked = Memo::new(move |_| app.has_signals());
        let styled = RwSignal::new(0_u64);
        Effect::new(move |_| {
            // A memo that nobody reads follows nothing.
            is_marked.get();
            request_animation_frame(move || {
                let _ = styled.try_update(|count| *count += 1);
            });
        });
        let rows = Memo::new(move |_| {
            size.track();
            styled.track();
            node.get().map(|node| read_rows(&node)).unwrap_or_default()
        });
        let range = Memo::new(move |_| app.timeline.with(|timeline| (timeline.cursor_a(), timeline.cursor_b())));
        let playhead = Memo::new(move |_| layout.with(|layout| layout.share_of(app, app.cursor.get())));
        let cursors = Memo::new(move |_| {
            let (a, b) = range.get();
            layout.with(|layout| {
                let share = |at: Position| {
                    let share = layout.share_of(app, at);
                    // The cursors of an axis that shows one stream stand at its ends when they are outside of it.
                    if layout.axis == Axis::Stream { share.clamp(0.0, 1.0) } else { share }
                };
                (a.map(share), b.map(share))
            })
        });
        let handle = Memo::new(move |_| {
            let (share, width) = (playhead.get(), size.get().0);
            let half = text_width(&format::grouped(app.cursor.get().get())) / 2.0 + HANDLE_PAD;
            let middle = (share * width).clamp(half, (width - half).max(half));
            (0.0..=1.0).contains(&share).then_some((middle - half, middle + half))
        });
        let flags = Memo::new(move |_| {
            let ((a, b), width) = (cursors.get(), size.get().0);
            // A flag that is not in view is in nobody's way.
            let line =
                |share: Option<f64>| share.filter(|share| (0.0..=1.0).contains(share)).map(|share| share * width);
            flag_places(width, [line(a), line(b)], handle.get())
        });
        Self { app, node, size, rows, layout, playhead, handle, cursors, flags }
    }

    /// The event at a share of the width.
    pub(super) fn position_at(self, share: f64) -> Position {
        self.layout.with_untracked(|layout| layout.position_at(self.app, share))
    }
}

fn read_rows(lanes: &web_sys::Element) -> Rows {
    let Ok(Some(style)) = window().get_computed_style(lanes) else { return Rows::default() };
    let height = |name: &str| {
        let text = style.get_property_value(name).unwrap_or_default();
        text.trim().trim_end_matches("px").parse().unwrap_or_default()
    };
    Rows {
        ruler: height("--h-ruler"),
        marks: height("--h-marks"),
        density: height("--h-density"),
        signals: height("--h-signals"),
        branch: height("--h-branch"),
    }
}
