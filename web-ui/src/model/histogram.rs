//! The density of events: bars whose height is a rate and whose parts are types.

use super::axis::Scale;

/// How many colours there are; type index 12 has the first one again.
pub const COLOURS: usize = 12;

/// One bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    /// Events of each colour.
    pub counts: [u32; COLOURS],
    /// Events a second.
    pub rate: f64,
}

impl Bar {
    /// All events of the bar.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.counts.iter().sum()
    }
}

/// An event as the histogram sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Its place on the axis.
    pub value: f64,
    /// Its type index; `None` when the filter leaves it out.
    pub type_index: Option<u32>,
    /// Its moment, in microseconds; never less than the one before.
    pub micros: i64,
}

/// Bars of equal width.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The bars, from left to right.
    pub bars: Vec<Bar>,
    /// The rate at the upper edge.
    pub top: f64,
    /// Whether some bars are cut off at the upper edge.
    pub is_cut: bool,
}

/// A bar is at most this many times denser than the average: bursts within one moment have no rate of their own.
const DENSEST: f64 = 50.0;
/// The upper edge is at most this many times the 95th of a hundred bars, so that one burst does not flatten the rest.
const CUT_ABOVE: f64 = 4.0;

impl Histogram {
    /// Puts events, in order, into `count` bars over a scale.
    ///
    /// A bar's time is measured from the last event before it to its own last one where the axis is not time itself
    /// (`seconds_of_scale` is `None`); otherwise every bar lasts an equal share of `seconds_of_scale`.
    #[must_use]
    pub fn new(dots: impl IntoIterator<Item = Dot>, scale: Scale, count: usize, seconds_of_scale: Option<f64>) -> Self {
        let mut bars = vec![Bar::default(); count.max(1)];
        let mut ends: Vec<Option<i64>> = vec![None; bars.len()];
        let mut start = None;
        for dot in dots {
            let index = bar_at(&scale, dot.value, bars.len());
            start.get_or_insert(dot.micros);
            ends[index] = Some(dot.micros);
            if let Some(type_index) = dot.type_index {
                bars[index].counts[type_index as usize % COLOURS] += 1;
            }
        }
        let mut histogram = Self { bars, top: 0.0, is_cut: false };
        histogram.set_rates(&ends, start.unwrap_or(0), seconds_of_scale);
        histogram.set_top();
        histogram
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate is drawn, not kept")]
    fn set_rates(&mut self, ends: &[Option<i64>], start: i64, seconds_of_scale: Option<f64>) {
        let bars = self.bars.len() as f64;
        let end = ends.iter().flatten().next_back().copied().unwrap_or(start);
        let total = seconds_of_scale.unwrap_or((end - start) as f64 / 1e6);
        let least = if total > 0.0 { total / bars / DENSEST } else { 1.0 };
        let mut before = start;
        for (bar, end) in self.bars.iter_mut().zip(ends) {
            let Some(end) = end else { continue };
            let lasted = seconds_of_scale.map_or((end - before) as f64 / 1e6, |seconds| seconds / bars);
            bar.rate = f64::from(bar.count()) / lasted.max(least);
            before = *end;
        }
    }

    fn set_top(&mut self) {
        let mut rates: Vec<f64> = self.bars.iter().map(|bar| bar.rate).filter(|rate| *rate > 0.0).collect();
        rates.sort_by(f64::total_cmp);
        let Some(highest) = rates.last().copied() else { return };
        let usual = rates[(rates.len() - 1) * 95 / 100] * CUT_ABOVE;
        self.is_cut = highest > usual;
        self.top = highest.min(usual);
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the bars there are"
)]
fn bar_at(scale: &Scale, value: f64, bars: usize) -> usize {
    ((scale.share_of(value) * bars as f64).max(0.0) as usize).min(bars - 1)
}

/// The unit that makes a rate (events a second) readable: its name and how many seconds it has.
#[must_use]
pub fn unit_of(rate: f64) -> (&'static str, f64) {
    const UNITS: [(&str, f64); 3] = [("s", 1.0), ("min", 60.0), ("h", 3_600.0)];
    UNITS.into_iter().find(|(_, seconds)| rate * seconds >= 10.0).unwrap_or(("day", 86_400.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dots(seconds: &[u32]) -> Vec<Dot> {
        let dot = |(i, second): (usize, &u32)| Dot {
            value: f64::from(u32::try_from(i).expect("few")),
            type_index: Some(u32::try_from(i % 3).expect("few")),
            micros: i64::from(*second) * 1_000_000,
        };
        seconds.iter().enumerate().map(dot).collect()
    }

    #[test]
    fn every_event_is_in_one_bar() {
        let seconds: Vec<u32> = (0..1000).map(|i| i * i / 50).collect();
        for count in [1, 7, 64, 1000] {
            let histogram = Histogram::new(dots(&seconds), Scale { from: 0.0, to: 999.0 }, count, None);
            assert_eq!(histogram.bars.iter().map(Bar::count).sum::<u32>(), 1000);
            assert_eq!(histogram.bars.len(), count);
        }
    }

    #[test]
    fn a_slower_stretch_has_lower_bars() {
        let seconds: Vec<u32> = (0..100).chain((0..100).map(|i| 100 + i * 10)).collect();
        let histogram = Histogram::new(dots(&seconds), Scale { from: 0.0, to: 199.0 }, 10, None);
        assert!((histogram.bars[2].rate / histogram.bars[7].rate - 10.0).abs() < 1.0);
    }

    #[test]
    fn left_out_events_count_for_nothing() {
        let mut all = dots(&[0, 1, 2, 3]);
        all[1].type_index = None;
        let histogram = Histogram::new(all, Scale { from: 0.0, to: 3.0 }, 2, None);
        assert_eq!(histogram.bars.iter().map(Bar::count).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_burst_in_one_moment_does_not_flatten_the_rest() {
        let seconds: Vec<u32> = (0..400).map(|i| if (200..220).contains(&i) { 200 } else { i }).collect();
        let histogram = Histogram::new(dots(&seconds), Scale { from: 0.0, to: 399.0 }, 40, None);
        assert!(histogram.top.is_finite() && histogram.is_cut);
        assert!(histogram.bars[5].rate / histogram.top > 0.2);
    }

    #[test]
    fn an_empty_or_instant_log_is_drawn() {
        assert_eq!(Histogram::new([], Scale { from: 0.0, to: 0.0 }, 4, None).top, 0.0);
        let instant = Histogram::new(dots(&[5, 5, 5]), Scale { from: 0.0, to: 2.0 }, 3, None);
        assert!(instant.top > 0.0 && instant.top.is_finite());
    }

    #[test]
    fn units_keep_rates_readable() {
        assert_eq!([200.0, 0.7, 0.01, 0.0001].map(|rate| unit_of(rate).0), ["s", "min", "h", "day"]);
    }
}
