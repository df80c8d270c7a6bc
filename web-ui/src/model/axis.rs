//! Axes of the lanes: values to places and back, and the ticks of the ruler.

use leftfold_core::Timestamp;

use super::format::{clock, date, grouped};

/// A stretch of an axis, from the left edge to the right one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The value at the left edge.
    pub from: f64,
    /// The value at the right edge.
    pub to: f64,
}

impl Scale {
    /// The share of the width at which a value stands; outside of 0 to 1 when it is not in view.
    #[must_use]
    pub fn share_of(&self, value: f64) -> f64 {
        if self.to > self.from { (value - self.from) / (self.to - self.from) } else { 0.5 }
    }

    /// The value at a share of the width, inside of the scale.
    #[must_use]
    pub fn value_at(&self, share: f64) -> f64 {
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// How much of the axis it shows.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.to - self.from
    }

    /// The scale that shows so many times as much, with the same value at a share of the width.
    #[must_use]
    pub fn zoomed(&self, share: f64, factor: f64) -> Self {
        let anchor = self.from + share * self.length();
        Self { from: anchor - (anchor - self.from) * factor, to: anchor + (self.to - anchor) * factor }
    }

    /// The scale so many widths further on.
    #[must_use]
    pub fn panned(&self, share: f64) -> Self {
        let by = share * self.length();
        Self { from: self.from + by, to: self.to + by }
    }

    /// The scale moved, and only where it is too long shortened, to lie inside of another.
    #[must_use]
    pub fn within(&self, whole: Self) -> Self {
        if self.length() >= whole.length() {
            return whole;
        }
        let by = (whole.from - self.from).max(0.0) + (whole.to - self.to).min(0.0);
        Self { from: self.from + by, to: self.to + by }
    }
}

/// A mark on the ruler.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where it stands, as a share of the width.
    pub share: f64,
    /// What it says; only long marks say something.
    pub label: Option<String>,
}

/// About how many CSS pixels lie between two labels, and on a narrow ruler, where `least` keeps them apart.
fn label_every(width: f64, least: f64) -> f64 {
    const USUAL: f64 = 130.0;
    const NARROW: f64 = 600.0;
    if width < NARROW { least } else { USUAL }
}

/// The ticks of a ruler of positions.
#[must_use]
pub fn position_ticks(scale: Scale, width: f64) -> Vec<Tick> {
    let wanted = (scale.to - scale.from) / (width / label_every(width, 72.0)).max(1.0);
    let magnitude = 10_f64.powf(wanted.max(1.0).log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * magnitude >= wanted).unwrap_or(10.0);
    let step = (factor * magnitude).max(1.0);
    let minor = if step >= 5.0 { 5 } else { 1 };
    ticks(scale, step, minor, |value| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position in view, at least 0")]
        let position = value.round() as u64;
        grouped(position)
    })
}

/// The ticks of a ruler of stream versions.
#[must_use]
pub fn version_ticks(scale: Scale, width: f64) -> Vec<Tick> {
    let mut ticks = position_ticks(scale, width);
    for tick in &mut ticks {
        // There is no version 0, and what lies before the first event has no name.
        tick.label = tick.label.take().filter(|label| label != "0").map(|label| format!("@{label}"));
    }
    ticks
}

/// About how wide a character of a label is, in CSS pixels.
const CHARACTER: f64 = 7.3;

/// Which labels of a ruler can be read: those that end before its edge and lie under nothing. What lies over the ruler is
/// given from edge to edge, in pixels; a label stands right of its tick.
#[must_use]
pub fn readable(ticks: &[Tick], width: f64, over: &[(f64, f64)]) -> Vec<bool> {
    let is_readable = |tick: &Tick| {
        let Some(length) = tick.label.as_deref().map(text_width) else { return false };
        let from = (tick.share * width).round();
        from > 0.0
            && from + 4.0 + length < width
            && over.iter().all(|(start, end)| from + 6.0 + length < *start || from + 2.0 > *end)
    };
    ticks.iter().map(is_readable).collect()
}

/// About how wide a text of the ruler is, in CSS pixels.
#[must_use]
pub fn text_width(text: &str) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a label of some characters")]
    let characters = text.chars().count() as f64;
    characters * CHARACTER
}

/// The ticks of a ruler of times, in microseconds.
#[must_use]
pub fn time_ticks(scale: Scale, width: f64) -> Vec<Tick> {
    const SECOND: f64 = 1e6;
    const DAY: f64 = 86_400.0 * SECOND;
    const STEPS: [(f64, u32); 22] = [
        (0.001 * SECOND, 5),
        (0.01 * SECOND, 5),
        (0.1 * SECOND, 5),
        (SECOND, 5),
        (5.0 * SECOND, 5),
        (15.0 * SECOND, 3),
        (30.0 * SECOND, 6),
        (60.0 * SECOND, 6),
        (300.0 * SECOND, 5),
        (900.0 * SECOND, 3),
        (1800.0 * SECOND, 6),
        (3600.0 * SECOND, 4),
        (3.0 * 3600.0 * SECOND, 3),
        (6.0 * 3600.0 * SECOND, 6),
        (12.0 * 3600.0 * SECOND, 4),
        (DAY, 4),
        (2.0 * DAY, 2),
        (7.0 * DAY, 7),
        (14.0 * DAY, 2),
        (30.0 * DAY, 3),
        (91.0 * DAY, 3),
        (365.0 * DAY, 4),
    ];
    let wanted = (scale.to - scale.from) / (width / label_every(width, 96.0)).max(1.0);
    let years = 365.0 * DAY * (wanted / (365.0 * DAY)).ceil().max(1.0);
    let (step, minor) = STEPS.into_iter().find(|(step, _)| *step >= wanted).unwrap_or((years, 1));
    ticks(scale, step, minor, |value| {
        #[expect(clippy::cast_possible_truncation, reason = "microseconds in view fit an i64")]
        let Ok(time) = Timestamp::from_micros(value.round() as i64) else { return String::new() };
        let clock = clock(time);
        if step >= DAY {
            date(time)
        } else if step >= 60.0 * SECOND {
            clock[..5].to_owned()
        } else if step >= SECOND {
            clock[..8].to_owned()
        } else {
            clock
        }
    })
}

fn ticks(scale: Scale, step: f64, minor: u32, label: impl Fn(f64) -> String) -> Vec<Tick> {
    // Steps are chosen so that a ruler holds some tens of ticks; the bound is against a scale that is no number.
    const MOST: usize = 2_000;
    let small = step / f64::from(minor);
    let first = (scale.from / small).ceil();
    let numbers = (0..MOST).map(|i| {
        #[expect(clippy::cast_precision_loss, reason = "i is below 2,000")]
        let i = i as f64;
        first + i
    });
    let in_view = numbers.take_while(|number| number * small <= scale.to);
    in_view
        .map(|number| {
            let value = number * small;
            let is_major = (number / f64::from(minor)).fract().abs() < 1e-9;
            Tick { share: scale.share_of(value), label: is_major.then(|| label(value)) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<String> {
        ticks.iter().filter_map(|tick| tick.label.clone()).collect()
    }

    #[test]
    fn values_come_back_from_their_places() {
        let scale = Scale { from: 840.0, to: 1640.0 };
        assert_eq!(scale.share_of(1204.0), 0.455);
        assert_eq!(scale.value_at(0.455), 1204.0);
        assert_eq!(scale.value_at(7.0), 1640.0);
        assert_eq!(Scale { from: 1.0, to: 1.0 }.share_of(1.0), 0.5);
    }

    #[test]
    fn zooming_keeps_the_value_under_the_pointer_and_panning_the_length() {
        let scale = Scale { from: 100.0, to: 300.0 };
        let zoomed = scale.zoomed(0.25, 0.5);
        assert_eq!((zoomed.length(), zoomed.value_at(0.25)), (100.0, scale.value_at(0.25)));
        assert_eq!(zoomed.zoomed(0.25, 2.0), scale);
        assert_eq!(scale.panned(-0.1), Scale { from: 80.0, to: 280.0 });
        let whole = Scale { from: 90.0, to: 310.0 };
        assert_eq!(scale.panned(-0.1).within(whole), Scale { from: 90.0, to: 290.0 });
        assert_eq!(scale.panned(9.0).within(whole), Scale { from: 110.0, to: 310.0 });
        assert_eq!(scale.zoomed(0.5, 9.0).within(whole), whole);
    }

    #[test]
    fn labels_hide_under_what_lies_over_them() {
        let ticks = position_ticks(Scale { from: 840.0, to: 1640.0 }, 1320.0);
        let seen = |over: &[(f64, f64)]| {
            let readable = readable(&ticks, 1320.0, over);
            ticks
                .iter()
                .zip(readable)
                .filter(|(_, is)| *is)
                .filter_map(|(tick, _)| tick.label.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(seen(&[]).len(), 8);
        assert!(!seen(&[(570.0, 630.0)]).contains(&"1,200".to_owned()));
        assert_eq!(seen(&[(0.0, 1320.0)]).len(), 0);
    }

    #[test]
    fn versions_are_labelled_from_the_first() {
        assert_eq!(labels(&version_ticks(Scale { from: 0.0, to: 3.0 }, 1320.0)), ["@1", "@2", "@3"]);
    }

    #[test]
    fn positions_are_labelled_at_round_numbers() {
        let ticks = position_ticks(Scale { from: 840.0, to: 1640.0 }, 1320.0);
        assert_eq!(labels(&ticks), ["900", "1,000", "1,100", "1,200", "1,300", "1,400", "1,500", "1,600"]);
        assert_eq!(labels(&position_ticks(Scale { from: 1.0, to: 4.0 }, 1320.0)), ["1", "2", "3", "4"]);
        let narrow = position_ticks(Scale { from: 0.0, to: 6400.0 }, 390.0);
        assert_eq!(labels(&narrow), ["0", "2,000", "4,000", "6,000"]);
    }

    #[test]
    fn times_are_labelled_as_fine_as_the_view() {
        let at = |text: &str| {
            #[expect(clippy::cast_precision_loss, reason = "a time of this century")]
            let micros = Timestamp::parse(text).expect("a time").as_micros() as f64;
            micros
        };
        let check = |from: &str, to: &str| labels(&time_ticks(Scale { from: at(from), to: at(to) }, 650.0));
        assert_eq!(
            check("2026-03-14T09:00:00Z", "2026-03-14T10:00:00Z"),
            ["09:00", "09:15", "09:30", "09:45", "10:00"]
        );
        assert_eq!(check("2026-03-14T09:00:00Z", "2026-03-14T09:00:04Z")[..2], ["09:00:00", "09:00:01"]);
        assert_eq!(check("2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z").last().expect("a label"), "2026-03-04");
        assert!(check("1990-01-01T00:00:00Z", "2026-03-04T00:00:00Z").len() < 8);
    }

    #[test]
    fn no_view_makes_endless_ticks() {
        assert!(time_ticks(Scale { from: f64::NAN, to: f64::NAN }, 1320.0).len() <= 2_000);
        assert!(position_ticks(Scale { from: 1.0, to: 9e15 }, 1320.0).len() < 100);
    }
}
