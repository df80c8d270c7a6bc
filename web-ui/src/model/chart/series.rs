//! Lines over the log: sampled at some positions, drawn in shares of the width and the height.

use std::fmt::Write;

/// Up to `most` positions from 1 to `head`, evenly spread, both ends included.
#[must_use]
pub fn sample_positions(head: u64, most: u64) -> Vec<u64> {
    if head <= most || most < 2 {
        return (1..=head).collect();
    }
    let place = |number: u64| 1 + u128::from(number) * u128::from(head - 1) / u128::from(most - 1);
    (0..most).filter_map(|number| u64::try_from(place(number)).ok()).collect()
}

/// Where a position lies from left to right, from 0 to 1.
#[must_use]
pub fn share_of_position(position: u64, head: u64) -> f64 {
    share(position.saturating_sub(1), head.saturating_sub(1))
}

/// Where a time lies from left to right, from 0 to 1.
#[must_use]
pub fn share_of_time(time: i64, from: i64, to: i64) -> f64 {
    let span = |until: i64| u64::try_from(until.saturating_sub(from)).unwrap_or(0);
    share(span(time), span(to))
}

#[expect(clippy::cast_precision_loss, reason = "a share of a width")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { (part as f64 / whole as f64).clamp(0.0, 1.0) }
}

/// Lines that share their points from left to right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Where the points lie, from 0 to 1, ascending.
    pub shares: Vec<f64>,
    /// The lines: a value for each point.
    pub lines: Vec<Vec<f64>>,
}

/// The values that the height stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// At the bottom.
    pub low: f64,
    /// At the top.
    pub high: f64,
    /// From tick to tick.
    pub step: f64,
}

impl Scale {
    /// Round ticks, at most five, that reach from the least to the greatest value, and to zero.
    #[must_use]
    pub fn around(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let span = if high > low { high - low } else { 1.0 };
        let rough = span / 4.0;
        let power = 10.0_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let high = (high / step).ceil() * step;
        Self { low: (low / step).floor() * step, high: if high > low { high } else { step }, step }
    }

    /// The values of the ticks, from the bottom.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        let mut ticks = Vec::new();
        let mut tick = self.low;
        while tick <= self.high + self.step / 2.0 && ticks.len() < 12 {
            ticks.push(if tick.abs() < self.step / 1e6 { 0.0 } else { tick });
            tick += self.step;
        }
        ticks
    }

    /// How far from the top a value lies, in hundredths of the height.
    #[must_use]
    pub fn top_of(&self, value: f64) -> f64 {
        (100.0 - (value - self.low) / (self.high - self.low) * 100.0).clamp(0.0, 100.0)
    }
}

impl Series {
    /// The scale of all lines.
    #[must_use]
    pub fn scale(&self) -> Scale {
        Scale::around(self.lines.iter().flatten().copied())
    }

    /// A line as an SVG path in a square of 100 by 100.
    #[must_use]
    pub fn path(&self, line: usize, scale: &Scale) -> String {
        let mut path = String::new();
        for (share, value) in self.shares.iter().zip(self.lines.get(line).into_iter().flatten()) {
            let letter = if path.is_empty() { 'M' } else { 'L' };
            // Writing to a text does not fail.
            let _ = write!(path, "{letter}{:.2} {:.2}", share * 100.0, scale.top_of(*value));
        }
        path
    }

    /// The area between a line and the bottom.
    #[must_use]
    pub fn area(&self, line: usize, scale: &Scale) -> String {
        let (Some(first), Some(last)) = (self.shares.first(), self.shares.last()) else { return String::new() };
        let base = scale.top_of(0.0);
        format!("{}L{:.2} {base:.2}L{:.2} {base:.2}Z", self.path(line, scale), last * 100.0, first * 100.0)
    }

    /// The value of a line at the last point at or left of a place.
    #[must_use]
    pub fn value_at(&self, line: usize, share: f64) -> Option<f64> {
        let points = self.shares.partition_point(|point| *point <= share + 1e-12);
        self.lines.get(line)?.get(points.checked_sub(1)?).copied()
    }
}
