//! The density of events: bars whose height is a rate and whose parts are types.

mod density;

pub use density::Density;

/// How many colours there are; type index 12 has the first one again.
pub const COLOURS: usize = 12;

/// One bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    /// Events of each colour.
    pub counts: [u32; COLOURS],
    /// How long it lasted, in seconds.
    pub seconds: f64,
    /// Events a second; set by [`Histogram::new`].
    pub rate: f64,
}

impl Bar {
    /// All events of the bar.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.counts.iter().sum()
    }
}

/// Bars of equal width.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The bars, from left to right.
    pub bars: Vec<Bar>,
    /// The value of the axis at which the first bar begins.
    pub first: f64,
    /// How much of the axis a bar covers.
    pub step: f64,
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
    /// Sets the rates of bars whose counts and lengths are known. The first begins at `first`, each covers `step` of the axis.
    #[must_use]
    pub fn new(bars: Vec<Bar>, first: f64, step: f64) -> Self {
        let mut histogram = Self { bars, first, step, top: 0.0, is_cut: false };
        let total: f64 = histogram.bars.iter().map(|bar| bar.seconds).sum();
        #[expect(clippy::cast_precision_loss, reason = "some hundred bars")]
        let least = if total > 0.0 { total / histogram.bars.len() as f64 / DENSEST } else { 1.0 };
        for bar in &mut histogram.bars {
            bar.rate = f64::from(bar.count()) / bar.seconds.max(least);
        }
        histogram.set_top();
        histogram
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

/// Where the bars of a lane begin and end: multiples of one step, so that bars keep their events while the lane is panned.
#[derive(Clone, Debug, PartialEq)]
pub struct Edges {
    /// The first edge, at or left of the view.
    pub first: f64,
    /// From edge to edge.
    pub step: f64,
    /// How many bars lie between the edges.
    pub count: usize,
}

impl Edges {
    /// The edges of about `wanted` bars in view. `offset` is a value at which an edge would stand; steps are whole numbers.
    #[must_use]
    pub fn new(scale: super::axis::Scale, wanted: f64, offset: f64) -> Self {
        let step = ((scale.to - scale.from) / wanted.max(1.0)).round().max(1.0);
        let first = ((scale.from - offset) / step).floor() * step + offset;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "about as many as are wanted")]
        let count = ((scale.to - first) / step).ceil().clamp(1.0, wanted.max(1.0) * 2.0 + 2.0) as usize;
        Self { first, step, count }
    }

    /// The edges from left to right, one more than there are bars.
    pub fn values(&self) -> impl Iterator<Item = f64> + use<> {
        let (first, step) = (self.first, self.step);
        (0..=self.count).map(move |i| {
            #[expect(clippy::cast_precision_loss, reason = "some hundred bars")]
            let i = i as f64;
            first + i * step
        })
    }
}

/// The unit that makes a rate (events a second) readable: its name and how many seconds it has.
#[must_use]
pub fn unit_of(rate: f64) -> (&'static str, f64) {
    const UNITS: [(&str, f64); 3] = [("s", 1.0), ("min", 60.0), ("h", 3_600.0)];
    UNITS.into_iter().find(|(_, seconds)| rate * seconds >= 10.0).unwrap_or(("day", 86_400.0))
}

#[cfg(test)]
mod tests {
    use super::super::axis::Scale;
    use super::*;

    fn bars(of: &[(u32, f64)]) -> Histogram {
        let bar = |(events, seconds): &(u32, f64)| {
            let mut bar = Bar { seconds: *seconds, ..Bar::default() };
            bar.counts[0] = *events;
            bar
        };
        Histogram::new(of.iter().map(bar).collect(), 0.0, 1.0)
    }

    #[test]
    fn a_slower_stretch_has_lower_bars() {
        let histogram = bars(&[(20, 20.0), (20, 20.0), (20, 200.0), (20, 200.0)]);
        assert!((histogram.bars[1].rate / histogram.bars[2].rate - 10.0).abs() < 1e-9);
        assert_eq!((histogram.top, histogram.is_cut), (1.0, false));
    }

    #[test]
    fn a_burst_in_one_moment_does_not_flatten_the_rest() {
        let mut of = vec![(10, 10.0); 40];
        of[20] = (10, 0.0);
        let histogram = bars(&of);
        assert!(histogram.top.is_finite() && histogram.is_cut);
        assert!(histogram.bars[5].rate / histogram.top > 0.2);
    }

    #[test]
    fn an_empty_or_instant_log_is_drawn() {
        assert_eq!(bars(&[]).top, 0.0);
        let instant = bars(&[(1, 0.0), (1, 0.0)]);
        assert!(instant.top > 0.0 && instant.top.is_finite());
    }

    #[test]
    fn bars_keep_their_edges_while_the_lane_is_panned() {
        let at = |from: f64| Edges::new(Scale { from, to: from + 1_000.0 }, 180.0, 0.5);
        let (one, other) = (at(100.5), at(223.5));
        assert_eq!(one.step, 6.0);
        assert_eq!(one.step, other.step);
        let shared = |edges: &Edges| edges.values().filter(|v| (300.0..1_000.0).contains(v)).collect::<Vec<_>>();
        assert_eq!(shared(&one), shared(&other));
        for edges in [one, other] {
            let values: Vec<f64> = edges.values().collect();
            assert_eq!(values.len(), edges.count + 1);
            assert!(values[0] <= 223.5 && values[edges.count] >= 1_100.5);
        }
    }

    #[test]
    fn few_events_have_a_bar_each() {
        let edges = Edges::new(Scale { from: 0.5, to: 10.5 }, 180.0, 0.5);
        assert_eq!((edges.first, edges.step, edges.count), (0.5, 1.0, 10));
    }

    #[test]
    fn units_keep_rates_readable() {
        assert_eq!([200.0, 0.7, 0.01, 0.0001].map(|rate| unit_of(rate).0), ["s", "min", "h", "day"]);
    }
}
