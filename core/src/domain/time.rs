//! Time: i64 microseconds since 1970-01-01T00:00Z, RFC 3339 in UTC at every text boundary.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{InvalidTime, time_text};

/// A moment, in microseconds since 1970-01-01T00:00Z; negative before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest moment that has an RFC 3339 text: 0000-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// The latest moment that has an RFC 3339 text: 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// Wraps microseconds since 1970-01-01T00:00Z.
    ///
    /// # Errors
    /// [`InvalidTime`] outside of the years 0 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, InvalidTime> {
        let time = Self(micros);
        if time < Self::MIN || time > Self::MAX {
            return Err(InvalidTime::OutOfRange);
        }
        Ok(time)
    }

    pub(crate) const fn trusted(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Parses a moment: RFC 3339, the same with a space for the `T`, and dates or times without an offset, which are
    /// read as UTC. Digits beyond the microsecond are cut off. With the name of a time zone and no offset it is none: when
    /// that is, is not known here.
    ///
    /// # Errors
    /// [`InvalidTime::Unreadable`] with the text; [`InvalidTime::OutOfRange`] outside of the years 0 to 9999.
    ///
    /// ```
    /// use leftfold_core::Timestamp;
    /// let a = Timestamp::parse("2011-10-11 13:45:40.276000+02:00")?;
    /// assert_eq!(a.to_string(), "2011-10-11T11:45:40.276Z");
    /// assert_eq!(Timestamp::parse("1969-12-31")?.as_micros(), -86_400_000_000);
    /// # Ok::<(), leftfold_core::InvalidTime>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        let text = text.trim();
        let unreadable = || InvalidTime::Unreadable { text: text.chars().take(64).collect() };
        let micros = time_text::read(text).ok_or_else(unreadable)?;
        Self::from_micros(micros)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many digits of the second as it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self < Self::MIN || *self > Self::MAX {
            return write!(f, "{} µs", self.0);
        }
        time_text::write(self.0, f)
    }
}
