//! What the parts of the lanes share: the layout, and how large and where the lanes are.

use leftfold_core::Position;
use leptos::html;
use leptos::prelude::*;

use crate::components::canvas::use_size;
use crate::model::timeline::{Axis, Timeline};
use crate::state::{App, Layout, StreamOfLane};

/// The heights of the rows, as the stylesheet has them, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rows {
    pub(super) ruler: f64,
    pub(super) marks: f64,
    pub(super) density: f64,
    pub(super) signals: f64,
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
    /// The cursors, as shares of the width.
    pub(super) cursors: Memo<(Option<f64>, Option<f64>)>,
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
        let rows = Memo::new(move |_| {
            size.track();
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
        Self { app, node, size, rows, layout, playhead, cursors }
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
    }
}
