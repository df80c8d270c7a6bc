//! The signals lane: snapshots and rebuilds.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::CanvasRenderingContext2d;

use super::lane::Lane;
use crate::components::canvas::Palette;
use crate::model::format;
use crate::model::marks::{Mark, MarkKind, between};

/// More marks than these are painted on the canvas.
pub(super) const MOST_ELEMENTS: usize = 200;

/// The marks that the layout shows.
pub(super) fn marks_in_view(lane: Lane) -> Memo<Arc<Vec<Mark>>> {
    Memo::new(move |_| {
        let marks = lane.app.marks.get();
        lane.layout.with(|layout| {
            let shown =
                between(&marks, layout.range.0, layout.range.1).iter().filter(|mark| layout.shows(mark.position));
            Arc::new(shown.cloned().collect())
        })
    })
}

/// How many marks of each kind are in view: `2 rebuilds, 6 snapshots`.
pub(super) fn counts(marks: &[Mark]) -> (u64, u64) {
    let of = |kind| marks.iter().filter(|mark| mark.kind == kind).count() as u64;
    (of(MarkKind::Rebuild), of(MarkKind::Snapshot))
}

/// The marks as elements, while they are few.
#[component]
pub(super) fn Signals(lane: Lane, marks: Memo<Arc<Vec<Mark>>>) -> impl IntoView {
    let few =
        move || marks.with(|marks| if marks.len() <= MOST_ELEMENTS { marks.as_ref().clone() } else { Vec::new() });
    let said = move || {
        let (rebuilds, snapshots) = marks.with(|marks| counts(marks));
        format!("Signals in view: {}, {}", format::counted(rebuilds, "rebuild"), format::counted(snapshots, "snapshot"))
    };
    let element = move |mark: Mark| {
        let position = mark.position;
        let class = match mark.kind {
            MarkKind::Snapshot => "lf-snap lf-at",
            MarkKind::Rebuild => "lf-rebuilt lf-at",
        };
        let title = match mark.kind {
            MarkKind::Snapshot => format!("Snapshot of {} at {}", mark.of, format::position(position)),
            MarkKind::Rebuild => format!("{} rebuilt up to {}", mark.of, format::position(position)),
        };
        let place = move || format!("--x:{}", lane.layout.with(|layout| layout.share_of(lane.app, position)) * 100.0);
        view! { <span class=class title=title style=place></span> }
    };
    view! {
        <span class="lf-vh">{said}</span>
        <For each=few key=|mark| (mark.position.get(), mark.kind as u8, mark.of.clone()) let:mark>{element(mark)}</For>
    }
}

/// Paints the marks on the canvas, in a lane that begins at `top`.
pub(super) fn draw(
    pen: &CanvasRenderingContext2d,
    lane: Lane,
    marks: &[Mark],
    (top, height): (f64, f64),
    palette: &Palette,
) {
    let width = lane.size.get_untracked().0;
    let middle = top + height / 2.0;
    pen.set_fill_style_str(&palette.text_3);
    let mut last = [f64::NEG_INFINITY; 2];
    lane.layout.with_untracked(|layout| {
        for mark in marks {
            let x = (layout.share_of(lane.app, mark.position) * width).round();
            // Thousands of marks in one place look like one.
            let before = &mut last[usize::from(mark.kind == MarkKind::Rebuild)];
            if x - *before < 2.0 {
                continue;
            }
            *before = x;
            match mark.kind {
                MarkKind::Snapshot => {
                    pen.begin_path();
                    pen.move_to(x, middle - 5.0);
                    pen.line_to(x + 5.0, middle);
                    pen.line_to(x, middle + 5.0);
                    pen.line_to(x - 5.0, middle);
                    pen.fill();
                }
                MarkKind::Rebuild => pen.fill_rect(x - 1.5, middle - 6.0, 3.0, 12.0),
            }
        }
    });
}
