//! The lanes of a branch, on its page: main above, the branch below from its fork on.
//!
//! Rows of the branch stand where as many events of main stand behind the fork: what is inserted shifts what follows, as in the
//! list of its events. While there is room for it every event is a dot; else main has its bars, and the branch its changes.

mod marks;
mod place;

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;
use web_sys::CanvasRenderingContext2d;

use super::lane::{Lane, Rows};
use crate::components::canvas::Palette;
use crate::model::axis::text_width;
use crate::model::branch::{Became, EventRef, changed, tally};
use crate::model::format;
use crate::model::histogram::COLOURS;
use crate::model::place::PageView;
use crate::model::timeline::Axis;
use crate::state::{App, Layout};
use marks::{colour_of, dot, mark};
use place::Place;

/// The least room of an event that is a dot, in CSS pixels.
const ROOM_OF_DOT: f64 = 9.0;
/// The largest radius of a dot, and that of a mark among bars.
const LARGEST: f64 = 6.0;
const AMONG_BARS: f64 = 4.0;
/// Marks of one kind that are nearer than this look like one.
const NEAR: f64 = 3.0;
/// How far the branch leaves main, across.
const LEAVES: f64 = 14.0;
/// Lanes that are narrower or lower have no words.
const LEAST_FOR_WORDS: (f64, f64) = (600.0, 44.0);
/// The least room between two words.
const BETWEEN_WORDS: f64 = 8.0;

/// The branch that is shown.
#[derive(PartialEq)]
pub(super) struct Fork {
    pub(super) name: String,
    at: Position,
    count: u64,
    changed: Vec<(u64, EventRef, Became)>,
}

impl Fork {
    /// Whether one is shown: on its own page alone; follows changes.
    pub(super) fn is_shown(app: App) -> bool {
        app.page.get() == PageView::WhatIf && app.what_if.branch.with(Option::is_some)
    }

    /// The branch that is shown; follows its changes.
    pub(super) fn memo(app: App) -> Memo<Option<Arc<Self>>> {
        Memo::new(move |_| {
            if !Self::is_shown(app) {
                return None;
            }
            let desk = app.what_if;
            let name = desk.branch.with(|branch| branch.as_ref().map(|branch| branch.name().to_owned()))?;
            let (arrangement, outcome) = (desk.arrangement.get()?, desk.outcome.get());
            let count = arrangement.count(app.head.get());
            Some(Arc::new(Self { name, at: arrangement.fork(), count, changed: changed(&arrangement, &outcome) }))
        })
    }

    /// What the lanes show, in words.
    pub(super) fn sentence(&self, from: &str, to: &str) -> String {
        let (name, at) = (&self.name, format::position(self.at));
        let what = tally(self.changed.iter().map(|(.., became)| became));
        let what = if what.is_empty() { "nothing is changed".to_owned() } else { what };
        format!("Main and branch {name} for events {from} to {to}. The branch leaves main at {at}: {what}")
    }
}

/// Whether there is room for a dot for each event.
pub(super) fn is_dotted(layout: &Layout, width: f64) -> bool {
    layout.axis == Axis::Position && width >= ROOM_OF_DOT * layout.scale.length()
}

/// Paints main as a line of dots, in the colours of their types.
pub(super) fn draw_main(pen: &CanvasRenderingContext2d, lane: Lane, rows: Rows, palette: &Palette) {
    let (app, width) = (lane.app, lane.size.get_untracked().0);
    let middle = middle_of_main(rows);
    pen.set_fill_style_str(&palette.text_3);
    pen.fill_rect(0.0, middle - 1.0, width, 2.0);
    lane.layout.with_untracked(|layout| {
        let radius = radius(layout, width);
        let (from, to) = layout.range;
        app.with_log(|log| {
            for position in (from.get()..=to.get()).map(Position::new) {
                let colour = log.type_index_of(position).unwrap_or(0) as usize % COLOURS;
                if let Some(style) = palette.types.get(colour) {
                    dot(pen, (layout.share_of(app, position) * width, middle), radius, style, &palette.surface);
                }
            }
        });
    });
}

/// Paints the branch.
pub(super) fn draw(pen: &CanvasRenderingContext2d, lane: Lane, fork: &Fork, rows: Rows, palette: &Palette) {
    let (app, width) = (lane.app, lane.size.get_untracked().0);
    lane.layout.with_untracked(|layout| {
        let is_dotted = is_dotted(layout, width);
        let top = rows.ruler + rows.marks + rows.density;
        let y = top + rows.branch / 2.0;
        let begins = layout.share_of(app, fork.at) * width;
        if begins > width + LEAVES || fork.count == 0 {
            return;
        }
        let place = Place { app, layout, fork, width };
        let ends = place.of_row(fork.count - 1).map_or(width, |x| x.min(width)).max(begins);
        let (leaves_at, leaves) = match is_dotted {
            true => (place.before_fork(), middle_of_main(rows)),
            false => (begins - LEAVES, top - 2.0),
        };
        pen.set_stroke_style_str(&palette.accent);
        pen.set_line_width(2.0);
        pen.begin_path();
        pen.move_to(leaves_at, leaves);
        let half = f64::midpoint(leaves_at, begins);
        pen.bezier_curve_to(half, leaves, half, y, begins, y);
        pen.line_to(ends, y);
        pen.stroke();
        let radius = if is_dotted { radius(layout, width) } else { AMONG_BARS };
        if is_dotted {
            for (_, x) in place.in_view() {
                dot(pen, (x, y), radius, &palette.accent, &palette.surface);
            }
        }
        // What has a word lies over what has none.
        for has_word in [false, true] {
            let mut last = (f64::NEG_INFINITY, None);
            for (row, event, became) in fork.changed.iter().filter(|(.., became)| is_named(became) == has_word) {
                let Some(x) = place.of(*row, *event).filter(|x| (0.0..=width).contains(x)) else { continue };
                // Thousands in one place look like one. Along a stream, what was moved stands before what it follows.
                if (x - last.0).abs() >= NEAR || last.1 != became.word() {
                    last = (x, became.word());
                    mark(pen, (x, y), radius, became, palette);
                }
            }
        }
        if width >= LEAST_FOR_WORDS.0 && rows.branch >= LEAST_FOR_WORDS.1 {
            words(pen, &place, (begins, y), palette);
        }
    });
}

fn middle_of_main(rows: Rows) -> f64 {
    rows.ruler + rows.marks + rows.density / 2.0
}

fn radius(layout: &Layout, width: f64) -> f64 {
    (width / layout.scale.length() * 0.32).min(LARGEST)
}

/// Whether it is told by a word: what a person did, and what is rejected.
fn is_named(became: &Became) -> bool {
    !matches!(became, Became::Redecided { .. } | Became::Unreached { .. })
}

/// The words for what a person did and for what is rejected: below the line or, where that is taken, above it, where the
/// branch does not come down.
fn words(pen: &CanvasRenderingContext2d, place: &Place<'_>, (begins, y): (f64, f64), palette: &Palette) {
    pen.set_font(&format!("600 {}", palette.font));
    let mut ends = [f64::NEG_INFINITY, begins];
    for (row, event, became) in place.fork.changed.iter().filter(|(.., became)| is_named(became)) {
        let Some(x) = place.of(*row, *event).filter(|x| (0.0..=place.width).contains(x)) else { continue };
        let Some(word) = became.word() else { continue };
        let length = text_width(word);
        let left = (x - length / 2.0).clamp(2.0, (place.width - length - 2.0).max(2.0));
        let Some(side) = ends.iter().position(|end| left >= end + BETWEEN_WORDS) else { continue };
        ends[side] = left + length;
        pen.set_fill_style_str(colour_of(became, palette));
        let _ = pen.fill_text(word, left, if side == 0 { y + 20.0 } else { y - 11.0 });
    }
}
