//! How fast playback goes.

/// The pace of playback.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many steps a second, whatever time lies between the events.
    PerSecond(f64),
    /// As the events happened, so many times as fast. What lies more than [`LONGEST_GAP_MS`](Self::LONGEST_GAP_MS) ahead at
    /// this pace comes after that time: a night in which nothing happens is not sat through.
    RealTime(f64),
}

impl Default for Pace {
    fn default() -> Self {
        Self::PerSecond(8.0)
    }
}

impl Pace {
    /// The paces by steps, slowest first.
    pub const PER_SECOND: [Self; 9] = [
        Self::PerSecond(1.0),
        Self::PerSecond(2.0),
        Self::PerSecond(4.0),
        Self::PerSecond(8.0),
        Self::PerSecond(16.0),
        Self::PerSecond(32.0),
        Self::PerSecond(64.0),
        Self::PerSecond(250.0),
        Self::PerSecond(1_000.0),
    ];
    /// The paces by time, slowest first.
    pub const REAL_TIME: [Self; 11] = [
        Self::RealTime(0.5),
        Self::RealTime(1.0),
        Self::RealTime(2.0),
        Self::RealTime(4.0),
        Self::RealTime(8.0),
        Self::RealTime(16.0),
        Self::RealTime(32.0),
        Self::RealTime(64.0),
        Self::RealTime(600.0),
        Self::RealTime(3_600.0),
        Self::RealTime(86_400.0),
    ];
    /// The longest wait between two events, in milliseconds.
    pub const LONGEST_GAP_MS: f64 = 1_000.0;

    fn siblings(self) -> &'static [Self] {
        match self {
            Self::PerSecond(_) => &Self::PER_SECOND,
            Self::RealTime(_) => &Self::REAL_TIME,
        }
    }

    fn number(self) -> f64 {
        match self {
            Self::PerSecond(number) | Self::RealTime(number) => number,
        }
    }

    /// The next faster pace of its kind; the fastest stays.
    #[must_use]
    pub fn faster(self) -> Self {
        let faster = self.siblings().iter().copied().find(|other| other.number() > self.number());
        faster.unwrap_or(self)
    }

    /// Its name in the choice: `8/s`, `64×`.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::PerSecond(number) => format!("{number}/s"),
            Self::RealTime(number) if number >= 1_000.0 => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "one of some whole numbers"
                )]
                let whole = number as u64;
                format!("{}×", crate::model::format::grouped(whole))
            }
            Self::RealTime(number) => format!("{number}×"),
        }
    }

    /// The pace of this name.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        Self::PER_SECOND.into_iter().chain(Self::REAL_TIME).find(|pace| pace.label() == label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pace_has_a_name_of_its_own() {
        for pace in Pace::PER_SECOND.into_iter().chain(Pace::REAL_TIME) {
            assert_eq!(Pace::of_label(&pace.label()), Some(pace));
        }
        assert_eq!(Pace::RealTime(3_600.0).label(), "3,600×");
        assert!(Pace::PER_SECOND.contains(&Pace::default()));
    }

    #[test]
    fn faster_stays_in_its_kind_and_ends_at_the_fastest() {
        assert_eq!(Pace::default().faster(), Pace::PerSecond(16.0));
        assert_eq!(Pace::RealTime(64.0).faster(), Pace::RealTime(600.0));
        assert_eq!(Pace::RealTime(86_400.0).faster(), Pace::RealTime(86_400.0));
    }
}
