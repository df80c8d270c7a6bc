//! Dots for events, and marks for what became of them.

use web_sys::CanvasRenderingContext2d;

use crate::components::canvas::Palette;
use crate::model::branch::Became;

fn circle(pen: &CanvasRenderingContext2d, (x, y): (f64, f64), radius: f64) {
    pen.begin_path();
    // The radius is above 0: an arc has nothing to refuse.
    let _ = pen.arc(x, y, radius, 0.0, std::f64::consts::TAU);
}

/// A dot with a rim in the colour of what it lies on.
pub(super) fn dot(pen: &CanvasRenderingContext2d, at: (f64, f64), radius: f64, colour: &str, rim: &str) {
    circle(pen, at, radius);
    pen.set_fill_style_str(colour);
    pen.fill();
    pen.set_stroke_style_str(rim);
    pen.set_line_width(1.5);
    pen.stroke();
}

fn ring(pen: &CanvasRenderingContext2d, at: (f64, f64), radius: f64, colour: &str, within: &str) {
    circle(pen, at, radius);
    pen.set_fill_style_str(within);
    pen.fill();
    pen.set_stroke_style_str(colour);
    pen.set_line_width(1.75);
    pen.stroke();
}

/// The mark of what became of an event: kinds differ by shape, too.
pub(super) fn mark(
    pen: &CanvasRenderingContext2d,
    (x, y): (f64, f64),
    radius: f64,
    became: &Became,
    palette: &Palette,
) {
    let half = radius / 2.0;
    // Lines as two ends, in halves of the radius.
    let stroke = |colour: &str, lines: &[[f64; 4]]| {
        pen.set_stroke_style_str(colour);
        pen.set_line_width(1.75);
        pen.begin_path();
        for [from_x, from_y, to_x, to_y] in lines {
            pen.move_to(x + from_x * half, y + from_y * half);
            pen.line_to(x + to_x * half, y + to_y * half);
        }
        pen.stroke();
    };
    let colour = colour_of(became, palette);
    match became {
        Became::AsInLog => {}
        Became::Edited => dot(pen, (x, y), radius, colour, &palette.surface),
        Became::Moved => {
            pen.begin_path();
            pen.move_to(x, y - radius - 1.0);
            for (across, down) in [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)] {
                pen.line_to(x + across * (radius + 1.0), y + down * (radius + 1.0));
            }
            pen.set_fill_style_str(colour);
            pen.fill();
        }
        Became::Inserted => {
            dot(pen, (x, y), radius, colour, &palette.surface);
            stroke(&palette.surface, &[[-1.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 1.0]]);
        }
        Became::Refused { .. } => {
            ring(pen, (x, y), radius, colour, &palette.surface);
            stroke(colour, &[[-1.0, -1.0, 1.0, 1.0], [1.0, -1.0, -1.0, 1.0]]);
        }
        Became::Skipped => {
            ring(pen, (x, y), radius, colour, &palette.surface);
            stroke(colour, &[[-1.0, 0.0, 1.0, 0.0]]);
        }
        Became::Unreached { .. } | Became::Redecided { .. } => ring(pen, (x, y), radius, colour, &palette.surface),
    }
}

pub(super) fn colour_of<'a>(became: &Became, palette: &'a Palette) -> &'a str {
    match became {
        Became::Edited | Became::Moved => &palette.chg,
        Became::Inserted => &palette.add,
        Became::Refused { .. } => &palette.danger,
        Became::Redecided { .. } | Became::AsInLog => &palette.accent,
        Became::Skipped | Became::Unreached { .. } => &palette.text_3,
    }
}
