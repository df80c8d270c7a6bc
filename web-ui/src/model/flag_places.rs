//! Where the flags of the cursors A and B hang, so that neither lies under the playhead's handle or under the other.

/// How wide and how high a flag is, in CSS pixels.
pub const FLAG: f64 = 18.0;

/// Where a flag hangs on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagPlace {
    /// Whether it lies left of its line, and not right of it.
    pub is_left: bool,
    /// Whether it hangs below the ruler, where the playhead has no handle.
    pub is_low: bool,
}

impl FlagPlace {
    /// The left and the right edge of the flag of a line that stands at `line`, inside of lanes of this width.
    #[must_use]
    pub fn edges(self, line: f64, width: f64) -> (f64, f64) {
        let from = if self.is_left { line - FLAG } else { line };
        let from = from.min(width - FLAG).max(0.0);
        (from, from + FLAG)
    }
}

/// The places for the flags of A and B, whose lines stand at these pixels of lanes of this width; `handle` are the edges of the
/// playhead's handle. A flag lies inside of the range, else outside of it, else below the ruler. At the very edge of the lanes, with
/// the playhead there too, the flags may lie over one another.
#[must_use]
pub fn flag_places(width: f64, lines: [Option<f64>; 2], handle: Option<(f64, f64)>) -> [FlagPlace; 2] {
    let inside = match lines {
        [Some(a), Some(b)] if a > b => [true, false],
        _ => [false, true],
    };
    let ways = |inside: bool| {
        [(inside, false), (!inside, false), (!inside, true), (inside, true)]
            .map(|(is_left, is_low)| FlagPlace { is_left, is_low })
    };
    let (of_a, of_b) = (ways(inside[0]), ways(inside[1]));
    let is_free = |line: Option<f64>, place: FlagPlace| match (line, handle) {
        (Some(line), Some(handle)) => place.is_low || !overlap(place.edges(line, width), handle),
        _ => true,
    };
    let fits = |a: FlagPlace, b: FlagPlace| {
        let are_apart = match lines {
            [Some(at_a), Some(at_b)] => a.is_low != b.is_low || !overlap(a.edges(at_a, width), b.edges(at_b, width)),
            _ => true,
        };
        are_apart && is_free(lines[0], a) && is_free(lines[1], b)
    };
    // The less they differ from where they usually are, the better; below the ruler they are farthest from it.
    const COSTS: [usize; 4] = [0, 1, 3, 4];
    let pairs = (0..16).map(|number| (number / 4, number % 4));
    let fitting = pairs.filter(|(a, b)| fits(of_a[*a], of_b[*b]));
    let best = fitting.min_by_key(|(a, b)| COSTS[*a] + COSTS[*b]);
    best.map_or([of_a[2], of_b[2]], |(a, b)| [of_a[a], of_b[b]])
}

fn overlap(one: (f64, f64), other: (f64, f64)) -> bool {
    one.0 < other.1 && other.0 < one.1
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIGH_RIGHT: FlagPlace = FlagPlace { is_left: false, is_low: false };
    const HIGH_LEFT: FlagPlace = FlagPlace { is_left: true, is_low: false };

    #[test]
    fn flags_lie_inside_of_a_wide_range_and_outside_of_a_narrow_one() {
        assert_eq!(flag_places(1000.0, [Some(100.0), Some(300.0)], None), [HIGH_RIGHT, HIGH_LEFT]);
        assert_eq!(flag_places(1000.0, [Some(300.0), Some(100.0)], None), [HIGH_LEFT, HIGH_RIGHT]);
        assert_eq!(flag_places(1000.0, [Some(100.0), Some(110.0)], None), [HIGH_LEFT, HIGH_LEFT.other()]);
    }

    impl FlagPlace {
        fn other(self) -> Self {
            Self { is_left: !self.is_left, ..self }
        }
    }

    #[test]
    fn no_flag_lies_under_the_handle_or_the_other_flag() {
        let width = 390.0;
        for a in 2..=37 {
            for b in 2..=37 {
                for playhead in 0..=39 {
                    let at = |tenth: i32| f64::from(tenth) * 10.0;
                    let middle = at(playhead).clamp(26.0, width - 26.0);
                    let handle = (middle - 26.0, middle + 26.0);
                    let [of_a, of_b] = flag_places(width, [Some(at(a)), Some(at(b))], Some(handle));
                    let (edges_a, edges_b) = (of_a.edges(at(a), width), of_b.edges(at(b), width));
                    assert!(of_a.is_low || !overlap(edges_a, handle), "A {a}, B {b}, playhead {playhead}");
                    assert!(of_b.is_low || !overlap(edges_b, handle), "A {a}, B {b}, playhead {playhead}");
                    assert!(of_a.is_low != of_b.is_low || !overlap(edges_a, edges_b), "A {a}, B {b}, {playhead}");
                }
            }
        }
    }
}
