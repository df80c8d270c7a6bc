//! Moments as texts, read and written by hand: crates that know time zones would be a sixth of the code that an
//! application loads at first.

use std::fmt;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// Days of 400 years, after which the calendar begins anew.
const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01. Years are counted from March on, so that a leap day is the last of its year.
const DAYS_TO_1970: i64 = 719_468;

/// Microseconds since 1970-01-01T00:00Z of ISO 8601's text of a moment; without an offset it is read as UTC. The hyphens
/// and colons may be missing, the seconds, and the minutes; `T` may be a space. A leap second is the second before it.
/// Beside an offset, names of zones and calendars in brackets say nothing that is needed; a zone without one says a moment
/// that is not known here.
pub(super) fn read(text: &str) -> Option<i64> {
    let mut rest = Rest(text.as_bytes());
    let days = date(&mut rest)?;
    let (mut micros, mut has_offset) = (0, false);
    if rest.take(is_between) {
        micros = time_of_day(&mut rest)?;
        let behind = rest.0.len();
        micros -= offset(&mut rest)?;
        has_offset = rest.0.len() < behind;
    }
    while rest.take(|byte| byte == b'[') {
        let end = rest.0.iter().position(|byte| *byte == b']').filter(|end| *end > 0)?;
        let (name, behind) = rest.0.split_at(end);
        // Calendars and the like are `key=value`.
        if !has_offset && !name.contains(&b'=') {
            return None;
        }
        rest.0 = &behind[1..];
    }
    // A year of six digits may be further away than there are microseconds.
    let midnight = days.checked_mul(SECONDS_PER_DAY * MICROS_PER_SECOND)?;
    rest.0.is_empty().then_some(midnight.checked_add(micros)?)
}

/// Writes a moment of the years 0 to 9999, with as many digits of the second as it needs.
pub(super) fn write(micros: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (seconds, fraction) = (micros.div_euclid(MICROS_PER_SECOND), micros.rem_euclid(MICROS_PER_SECOND));
    let (days, second) = (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
    let (year, month, day) = date_of(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
    if fraction != 0 {
        let (mut digits, mut width) = (fraction, 6);
        while digits % 10 == 0 {
            digits /= 10;
            width -= 1;
        }
        write!(f, ".{digits:0width$}")?;
    }
    f.write_str("Z")
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Passes a byte of a kind, if it comes next.
    fn take(&mut self, is_wanted: impl Fn(u8) -> bool) -> bool {
        let is_next = self.0.first().is_some_and(|byte| is_wanted(*byte));
        if is_next {
            self.0 = &self.0[1..];
        }
        is_next
    }

    /// A number of exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    }

    /// A number of two digits, up to a greatest one.
    fn two_digits(&mut self, greatest: i64) -> Option<i64> {
        self.number(2).filter(|number| *number <= greatest)
    }

    fn has_digit(&self) -> bool {
        self.0.first().is_some_and(u8::is_ascii_digit)
    }
}

fn is_between(byte: u8) -> bool {
    matches!(byte, b'T' | b't' | b' ')
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'+' | b'-')
}

/// Days since 1970-01-01.
fn date(rest: &mut Rest<'_>) -> Option<i64> {
    let is_negative = rest.0.first() == Some(&b'-');
    let year = if rest.take(is_sign) { rest.number(6)? } else { rest.number(4)? };
    if is_negative && year == 0 {
        return None;
    }
    let year = if is_negative { -year } else { year };
    let is_spaced = rest.take(|byte| byte == b'-');
    let month = rest.two_digits(12).filter(|month| *month > 0)?;
    if is_spaced != rest.take(|byte| byte == b'-') {
        return None;
    }
    let day = rest.two_digits(31).filter(|day| *day > 0)?;
    let days = days_of(year, month, day);
    // The 31st of a month that has none is a day of the next.
    (date_of(days) == (year, month, day)).then_some(days)
}

/// Microseconds since midnight.
fn time_of_day(rest: &mut Rest<'_>) -> Option<i64> {
    let hour = rest.two_digits(23)?;
    let is_spaced = rest.take(|byte| byte == b':');
    let has_minute = is_spaced || rest.has_digit();
    let minute = if has_minute { rest.two_digits(59)? } else { 0 };
    let has_second = has_minute && if is_spaced { rest.take(|byte| byte == b':') } else { rest.has_digit() };
    let second = if has_second { rest.two_digits(60)?.min(59) } else { 0 };
    let fraction = if has_second { fraction(rest)? } else { 0 };
    Some((hour * 3_600 + minute * 60 + second) * MICROS_PER_SECOND + fraction)
}

/// Microseconds behind the point, if there is one. Further digits are cut off.
fn fraction(rest: &mut Rest<'_>) -> Option<i64> {
    if !rest.take(|byte| matches!(byte, b'.' | b',')) {
        return Some(0);
    }
    if !rest.has_digit() {
        return None;
    }
    let mut micros = 0;
    let mut unit = MICROS_PER_SECOND / 10;
    while rest.has_digit() {
        micros += rest.number(1)? * unit;
        unit /= 10;
    }
    Some(micros)
}

/// Microseconds that the clocks are ahead of UTC.
fn offset(rest: &mut Rest<'_>) -> Option<i64> {
    let is_behind = rest.0.first() == Some(&b'-');
    if rest.take(|byte| matches!(byte, b'Z' | b'z')) || !rest.take(is_sign) {
        return Some(0);
    }
    let hour = rest.two_digits(25)?;
    let is_spaced = rest.take(|byte| byte == b':');
    let has_minute = is_spaced || rest.has_digit();
    let minute = if has_minute { rest.two_digits(59)? } else { 0 };
    let has_second = has_minute && if is_spaced { rest.take(|byte| byte == b':') } else { rest.has_digit() };
    let second = if has_second { rest.two_digits(59)? } else { 0 };
    let micros = (hour * 3_600 + minute * 60 + second) * MICROS_PER_SECOND;
    Some(if is_behind { -micros } else { micros })
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * DAYS_PER_ERA + year * 365 + year / 4 - year / 100 + day_of_year - DAYS_TO_1970
}

/// Year, month and day of what [`days_of`] gives.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, day) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (year * 365 + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;
    use jiff::tz::Offset;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{InvalidTime, Timestamp};

    /// What a crate made for it reads, but for a zone without an offset: there the time is read as if it were UTC's.
    fn expected(text: &str) -> Option<i64> {
        let is_local = text.contains("[E") && text.parse::<jiff::Timestamp>().is_err();
        if is_local {
            return None;
        }
        let timestamp = text.parse::<jiff::Timestamp>().ok();
        let civil = || Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
        let nanos = timestamp.or_else(civil)?.as_nanosecond().div_euclid(1_000);
        i64::try_from(nanos).ok()
    }

    /// Pieces of times, well and badly put together.
    fn texts() -> impl Strategy<Value = String> {
        let date = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])|(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]|[+-]00[0-9]{4}-[01][0-9]-[0-3][0-9]|[0-9]{4}-[0-9]{2}-?[0-9]{2}";
        let time = "([T t]([01][0-9]|2[0-5])(:[0-6][0-9](:[0-6][0-9]([.,][0-9]{0,9})?)?)?|T[0-2][0-9][0-5][0-9]([0-6][0-9](\\.[0-9]{1,9})?)?)?";
        let offset = "(Z|z|[+-](0[0-9]|1[0-9]|2[0-6])(:?[0-6][0-9](:?[0-5][0-9])?)?)?";
        let zone = "(\\[Europe/Berlin\\]|\\[u-ca=gregory\\]|\\[\\]|\\[)?";
        (date, time, offset, zone).prop_map(|(date, time, offset, zone)| format!("{date}{time}{offset}{zone}"))
    }

    #[test]
    fn a_moment_too_far_away_is_none() {
        for text in [
            "+586562-06-01T00:00:00Z",
            "+999999-12-31T23:59:59Z",
            "-999999-01-01",
            "+200000-01-01T00:00:00Z",
            "+010000-01-01T00:00:00Z",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_local_time_of_a_zone_is_none() {
        for text in [
            "2024-07-01T12:00:00[Europe/Berlin]",
            "2024-07-01T12[!Europe/Berlin]",
            "2024-07-01[Europe/Berlin]",
            "2024-07-01T12:00:00[u-ca=gregory][Europe/Berlin]",
            "2024-07-01T12:00:00[+02:00]",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let noon = read("2024-07-01T12:00:00Z");
        assert!(noon.is_some());
        for text in [
            "2024-07-01T14:00:00+02:00[Europe/Berlin]",
            "2024-07-01T12:00:00Z[Europe/London][u-ca=gregory]",
            "2024-07-01T12:00:00[u-ca=gregory]",
        ] {
            assert_eq!(read(text), noon, "{text}");
        }
    }

    #[test]
    fn the_last_second_of_the_year_9999_is_a_moment() {
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T00:00:00.1Z"] {
            assert_eq!(Timestamp::parse(text).map(|time| time.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59.999999Z"), Ok(Timestamp::MAX));
        assert_eq!(Timestamp::parse("0000-01-01T00:00:00Z"), Ok(Timestamp::MIN));
        for text in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"] {
            assert_eq!(Timestamp::parse(text), Err(InvalidTime::OutOfRange), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn it_reads_what_a_crate_made_for_it_reads(text in texts()) {
            if let Some(expected) = expected(&text) {
                prop_assert_eq!(read(&text), Some(expected), "{}", text);
            } else if let Some(read) = read(&text) {
                prop_assert!(false, "{} was read as {}", text, read);
            }
        }

        #[test]
        fn it_writes_what_a_crate_made_for_it_writes(micros in Timestamp::MIN.as_micros()..=jiff::Timestamp::MAX.as_microsecond(), zeros in 0_u32..8) {
            let micros = micros / 10_i64.pow(zeros) * 10_i64.pow(zeros);
            let time = Timestamp::from_micros(micros).unwrap();
            prop_assert_eq!(time.to_string(), jiff::Timestamp::from_microsecond(micros).unwrap().to_string());
            prop_assert_eq!(read(&time.to_string()), Some(micros));
        }

        #[test]
        fn every_day_has_its_place(days in -800_000_i64..3_000_000) {
            let (year, month, day) = date_of(days);
            prop_assert_eq!(days_of(year, month, day), days);
        }
    }
}
