//! The lanes: ruler, bookmarks, density and signals over the visible window.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::html;
use leptos::prelude::*;

use super::blocks;
use super::cursors::{Playhead, Range};
use super::density::histogram;
use super::flags::{Flags, bookmarks_in_view};
use super::fork::{self, Fork};
use super::hits::{self, HitMarks, hits_in_view};
use super::lane::{Lane, Rows};
use super::pointer::Pointers;
use super::ruler::Ruler;
use super::signals::{self, MOST_ELEMENTS, Signals, marks_in_view};
use crate::components::canvas::{BarArea, Palette, draw_stacked, fit, use_palette};
use crate::model::format;
use crate::model::histogram::{Histogram, unit_of};
use crate::model::marks::Mark;
use crate::model::timeline::{Axis, Timeline};
use crate::state::App;
use crate::state::browser::FrameThrottle;

/// About how wide a bar with its gap is, in CSS pixels.
const BAR: f64 = 8.0;

/// The lanes with their labels.
#[component]
pub(super) fn Lanes() -> impl IntoView {
    let app = App::get();
    let lane = Lane::new();
    let pointers = Pointers::new(lane);
    let canvas = NodeRef::<html::Canvas>::new();
    let palette = use_palette();
    let axis = Memo::new(move |_| lane.layout.with(|layout| layout.axis));
    let view_head = Memo::new(move |_| app.timeline.with(Timeline::view_head));
    let bars = Memo::new(move |_| {
        let wanted = (lane.size.get().0 / BAR).max(1.0);
        lane.layout.with(|layout| {
            if layout.axis == Axis::Stream {
                Histogram::default()
            } else {
                histogram(app, layout, view_head.get(), wanted)
            }
        })
    });
    let bookmarks = bookmarks_in_view(lane);
    let marks = marks_in_view(lane);
    let hits = hits_in_view(lane);
    let fork = Fork::memo(app);
    let is_dotted = Memo::new(move |_| {
        let width = lane.size.get().0;
        fork.with(Option::is_some) && lane.layout.with(|layout| fork::is_dotted(layout, width))
    });

    let throttle = StoredValue::new_local(FrameThrottle::new());
    let paint = move || {
        let (Some(canvas), Some(size)) = (canvas.get_untracked(), lane.size.try_get_untracked()) else { return };
        let Some(pen) = fit(&canvas, size).filter(|_| size.0 > 0.0) else { return };
        let rows = lane.rows.get_untracked();
        palette.with_untracked(|palette| {
            let has_dots = is_dotted.get_untracked();
            draw_rows(&pen, size.0, rows, has_dots, palette);
            let top = rows.ruler + rows.marks;
            if has_dots {
                fork::draw_main(&pen, lane, rows, palette);
            } else if axis.get_untracked() == Axis::Stream {
                blocks::draw(&pen, lane, (top, rows.density), palette);
            } else {
                bars.with_untracked(|bars| {
                    let scale = lane.layout.with_untracked(|layout| layout.scale);
                    let area = BarArea { scale, left: 0.0, top: top + 4.0, width: size.0, height: rows.density - 5.0 };
                    draw_stacked(&pen, bars, &area, palette);
                });
            }
            marks.with_untracked(|marks| {
                if marks.len() > MOST_ELEMENTS {
                    signals::draw(&pen, lane, marks, (top + rows.density, rows.signals), palette);
                }
            });
            if hits.with_untracked(|hits| hits.0 > MOST_ELEMENTS as u64) {
                hits::draw(&pen, lane, (top + rows.density, rows.signals), palette);
            }
            if let Some(fork) = fork.get_untracked() {
                fork::draw(&pen, lane, &fork, rows, palette);
            }
            bookmarks.with_untracked(|bookmarks| {
                if bookmarks.len() > MOST_ELEMENTS {
                    pen.set_fill_style_str(&palette.text_3);
                    for bookmark in bookmarks.iter() {
                        let share = lane.layout.with_untracked(|layout| layout.share_of(app, bookmark.position));
                        pen.fill_rect((share * size.0).round(), rows.ruler, 1.0, rows.marks + rows.density);
                    }
                }
            });
        });
    };
    Effect::new(move |_| {
        lane.size.track();
        lane.rows.track();
        lane.layout.track();
        palette.track();
        bars.track();
        marks.track();
        bookmarks.track();
        hits.track();
        fork.track();
        is_dotted.track();
        // The future is faded by what lies over the canvas; only blocks with names are painted anew as the cursor moves.
        if axis.get() == Axis::Stream {
            app.cursor.track();
        }
        throttle.with_value(|throttle| throttle.run(paint));
    });

    let described = move || {
        lane.layout.with(|layout| {
            let (from, to) = layout.range;
            let (from, to) = (format::grouped(from.get()), format::grouped(to.get()));
            if let Some(fork) = fork.get() {
                return fork.sentence(&from, &to);
            }
            match &layout.stream {
                Some(stream) if layout.axis == Axis::Stream => {
                    format!("The {} of {}", format::counted(stream.positions.len() as u64, "event"), stream.name)
                }
                _ => {
                    let unit = bars.with(|bars| unit_of(bars.top).0);
                    format!("Events per {unit} for events {from} to {to}, stacked by event type")
                }
            }
        })
    };
    let veil = move || format!("--x:{}", lane.playhead.get().clamp(0.0, 1.0) * 100.0);
    view! {
        <div class="lf-tl">
            <Labels lane=lane bars=bars marks=marks hits=hits fork=fork is_dotted=is_dotted />
            <div
                class="lf-lanes"
                node_ref=lane.node
                on:pointerdown=move |event| pointers.down(&event)
                on:pointermove=move |event| pointers.moved(&event)
                on:pointerup=move |event| pointers.up(&event)
                on:pointercancel=move |event| pointers.cancel(&event)
                on:wheel=move |event| pointers.wheel(&event)
            >
                <canvas node_ref=canvas role="img" aria-label=described></canvas>
                <div class="lf-veil lf-at" style=veil hidden=move || axis.get() == Axis::Stream></div>
                <Ruler lane=lane />
                <Range lane=lane />
                <Flags lane=lane bookmarks=bookmarks />
                <Signals lane=lane marks=marks />
                <HitMarks lane=lane hits=hits />
                <Playhead lane=lane />
            </div>
        </div>
    }
}

/// The names of the lanes.
#[component]
fn Labels(
    lane: Lane,
    bars: Memo<Histogram>,
    marks: Memo<Arc<Vec<Mark>>>,
    hits: Memo<(u64, Vec<Position>)>,
    fork: Memo<Option<Arc<Fork>>>,
    is_dotted: Memo<bool>,
) -> impl IntoView {
    let app = lane.app;
    let axis_name = move || {
        lane.layout.with(|layout| match (layout.axis, &layout.stream) {
            (Axis::Stream, Some(stream)) => stream.name.clone(),
            (Axis::Time, _) => "Time".to_owned(),
            _ => "Position".to_owned(),
        })
    };
    let is_stream = Memo::new(move |_| lane.layout.with(|layout| layout.axis == Axis::Stream));
    let unit = Memo::new(move |_| bars.with(|bars| unit_of(bars.top)));
    let branch = Memo::new(move |_| fork.with(|fork| fork.as_ref().map(|fork| fork.name.clone())));
    let of_key = |name: String, class: &'static str| {
        view! { <span class="lf-fork"><i class=format!("lf-lane-key {class}")></i><span class="lf-clip">{name}</span></span> }
    };
    let density = move || {
        if branch.with(Option::is_some) {
            return of_key("main".to_owned(), "lf-lane-key--main").into_any();
        }
        let density = if is_stream.get() { "Events".to_owned() } else { format!("Events / {}", unit.get().0) };
        view! { <span>{density}</span> }.into_any()
    };
    let peak = move || {
        if is_dotted.get() {
            return None;
        }
        if is_stream.get() {
            return lane
                .layout
                .with(|layout| layout.stream.as_ref().map(|stream| format::grouped(stream.positions.len() as u64)));
        }
        bars.with(|bars| {
            let top = format::short(bars.top * unit.get().1);
            Some(if bars.is_cut { format!("cut at {top}") } else { format!("peak {top}") })
        })
    };
    let count = Memo::new(move |_| app.bookmarks.all.with(|all| all.all().len() as u64));
    let signal_counts = Memo::new(move |_| marks.with(|marks| signals::counts(marks)));
    let is_unmarked = Memo::new(move |_| !app.has_signals());
    let is_set = Memo::new(move |_| app.breakpoint.set.with(Option::is_some));
    let shown_title =
        "Marks of the events in view: hits of the breakpoint, projections that were rebuilt, states that were saved";
    view! {
        <div class="lf-tl__labels">
            <span aria-hidden="true"><span class="lf-clip">{axis_name}</span></span>
            <button
                type="button"
                class="lf-tl__button"
                aria-haspopup="dialog"
                title="Show all bookmarks"
                on:click=move |_| app.show_bookmarks(None)
            >
                "Bookmarks"<span class="lf-vh">", "</span><span>{count}</span>
            </button>
            <span class="is-tall" aria-hidden="true">{density}<span>{peak}</span></span>
            <span title=shown_title aria-hidden="true" hidden=move || is_unmarked.get()>
                {move || {
                    // There is room for two names.
                    let hits = hits.with(|hits| hits.0);
                    if is_set.get() { format!("Breaks {}", format::grouped(hits)) } else { format!("Builds {}", signal_counts.get().0) }
                }}
                <span>{move || format!("Snaps {}", signal_counts.get().1)}</span>
            </span>
            {move || branch.get().map(|name| view! {
                <span aria-hidden="true">{of_key(name, "lf-lane-key--branch")}</span>
            })}
        </div>
    }
}

fn draw_rows(pen: &web_sys::CanvasRenderingContext2d, width: f64, rows: Rows, has_dots: bool, palette: &Palette) {
    let density = rows.ruler + rows.marks;
    let signals = density + rows.density;
    pen.set_fill_style_str(&palette.sunken);
    pen.fill_rect(0.0, signals, width, rows.signals);
    pen.set_fill_style_str(&palette.line);
    for y in [density, signals].into_iter().filter(|y| *y > rows.ruler) {
        pen.fill_rect(0.0, y.round() - 1.0, width, 1.0);
    }
    if has_dots {
        return;
    }
    pen.set_global_alpha(0.9);
    for third in [1.0, 2.0] {
        pen.fill_rect(0.0, (density + rows.density * third / 3.0).round(), width, 1.0);
    }
    pen.set_global_alpha(1.0);
}
