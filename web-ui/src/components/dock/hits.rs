//! The hits of the breakpoint, in the signals lane.

use std::borrow::Cow;

use leftfold_core::Position;
use leptos::prelude::*;
use web_sys::CanvasRenderingContext2d;

use super::lane::Lane;
use super::signals::MOST_ELEMENTS;
use crate::components::canvas::Palette;
use crate::model::breakpoint::Hits;
use crate::model::format;
use crate::model::timeline::Axis;
use crate::state::Layout;

/// How large a hit is on the canvas, in CSS pixels.
const WIDTH: f64 = 3.0;
const HEIGHT: f64 = 13.0;

/// The hits that the layout shows, in the order of the log.
fn shown<'a>(layout: &Layout, hits: &'a Hits) -> Cow<'a, [u32]> {
    let (from, to) = layout.range;
    match (layout.axis, &layout.stream) {
        (Axis::Stream, Some(stream)) => {
            let of_stream = stream.positions.iter().copied().filter(|at| (from..=to).contains(&Position::from(*at)));
            of_stream.filter(|at| hits.has(Position::from(*at))).collect()
        }
        _ => Cow::Borrowed(hits.between(from, to)),
    }
}

/// How many hits the layout shows, and the hits while they are few.
pub(super) fn hits_in_view(lane: Lane) -> Memo<(u64, Vec<Position>)> {
    Memo::new(move |_| {
        let hits = lane.app.breakpoint.hits.get();
        lane.layout.with(|layout| {
            let shown = shown(layout, &hits);
            let few = if shown.len() <= MOST_ELEMENTS { &*shown } else { &[] };
            (shown.len() as u64, few.iter().map(|hit| Position::from(*hit)).collect())
        })
    })
}

/// The hits as elements, while they are few.
#[component]
pub(super) fn HitMarks(lane: Lane, hits: Memo<(u64, Vec<Position>)>) -> impl IntoView {
    let app = lane.app;
    let mark = move |position: Position| {
        let place = move || format!("--x:{}", lane.layout.with(|layout| layout.share_of(app, position)) * 100.0);
        let is_now = Memo::new(move |_| app.follows.details.get() == position);
        view! {
            <span
                class="lf-hit lf-at" class:lf-hit--now=move || is_now.get() style=place
                title=format!("Breakpoint hit at {}", format::position(position))
            ></span>
        }
    };
    view! {
        <span class="lf-vh">{move || {
            let is_set = app.breakpoint.set.with(Option::is_some);
            is_set.then(|| format!("Breakpoint in view: {}", format::counted(hits.with(|hits| hits.0), "hit")))
        }}</span>
        <For each=move || hits.with(|hits| hits.1.clone()) key=|at| at.get() let:position>{mark(position)}</For>
    }
}

/// Paints the hits on the canvas, in a lane that begins at `top`: as many as there are places for them.
pub(super) fn draw(pen: &CanvasRenderingContext2d, lane: Lane, (top, height): (f64, f64), palette: &Palette) {
    let (app, width) = (lane.app, lane.size.get_untracked().0);
    let hits = app.breakpoint.hits.get_untracked();
    pen.set_fill_style_str(&palette.danger_fill);
    lane.layout.with_untracked(|layout| {
        let all = shown(layout, &hits);
        let place = |hit: u32| layout.share_of(app, Position::from(hit)) * width;
        let mut next = 0;
        while let Some(hit) = all.get(next) {
            let x = place(*hit);
            pen.fill_rect((x - WIDTH / 2.0).round(), top + (height - HEIGHT) / 2.0, WIDTH, HEIGHT);
            // Those that would lie upon it are passed over, however many: they stand in the order of their places.
            let behind = all.get(next + 1..).unwrap_or_default();
            next += 1 + behind.partition_point(|hit| place(*hit) < x + WIDTH);
        }
    });
}
