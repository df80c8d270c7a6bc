//! Small things about text that the formats share.

use super::error::ImportError;
use crate::domain::{InvalidTime, Timestamp};

/// The text of one row.
///
/// # Errors
/// [`ImportError::Encoding`] with `line` when it is not UTF-8.
pub(super) fn utf8(bytes: &[u8], line: u64) -> Result<&str, ImportError> {
    std::str::from_utf8(bytes).map_err(|error| {
        // Letters with accents in one byte are the mark of Latin-1 and its relatives.
        let next = bytes[error.valid_up_to()..].get(1).copied().unwrap_or(b' ');
        let found =
            if next.is_ascii() { "in Latin-1, Windows-1252 or another encoding" } else { "in another encoding" };
        ImportError::Encoding { line, found }
    })
}

/// Counts lines from 1. A line ends at LF, CR or CR LF, also when a chunk ends between the two.
#[derive(Clone, Debug)]
pub(super) struct LineCounter {
    line: u64,
    after_cr: bool,
}

impl LineCounter {
    pub(super) const fn new() -> Self {
        Self { line: 1, after_cr: false }
    }

    /// The line of the next byte.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn pass(&mut self, bytes: &[u8]) {
        for at in memchr::memchr2_iter(b'\r', b'\n', bytes) {
            let follows_cr = if at == 0 { self.after_cr } else { bytes[at - 1] == b'\r' };
            if bytes[at] == b'\r' || !follows_cr {
                self.line += 1;
            }
        }
        if let Some(last) = bytes.last() {
            self.after_cr = *last == b'\r';
        }
    }
}

/// Reads a time: what [`Timestamp::parse`] reads, or a number since 1970-01-01T00:00Z whose unit its whole digits tell:
/// 9 or 10 are seconds, 12 or 13 milliseconds, 15 or 16 microseconds, 18 or 19 nanoseconds. Other numbers are ambiguous
/// (14 digits may be a date written without marks) and are no time.
pub(super) fn read_time(text: &str) -> Result<Timestamp, InvalidTime> {
    let text = text.trim();
    match epoch_micros(text) {
        Some(micros) => Timestamp::from_micros(micros),
        None => Timestamp::parse(text),
    }
}

fn epoch_micros(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if ![whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let nanos_per_unit: i128 = match whole.len() {
        9 | 10 => 1_000_000_000,
        12 | 13 => 1_000_000,
        15 | 16 => 1_000,
        18 | 19 => 1,
        _ => return None,
    };
    let mut nanos = whole.parse::<i128>().ok()? * nanos_per_unit;
    let mut place = nanos_per_unit;
    for digit in fraction.bytes() {
        place /= 10;
        nanos += i128::from(digit - b'0') * place;
    }
    i64::try_from((sign * nanos).div_euclid(1_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_times_when_their_digits_tell_the_unit() {
        let same = ["1586270172", "1586270172000", "1586270172000000", "1586270172000000000", "1586270172.0"];
        for text in same {
            assert_eq!(read_time(text).expect(text).to_string(), "2020-04-07T14:36:12Z");
        }
        assert_eq!(read_time("1586270172.331").expect("fraction").as_micros(), 1_586_270_172_331_000);
        assert_eq!(read_time("-100000000").expect("before 1970").to_string(), "1966-10-31T14:13:20Z");
        assert_eq!(read_time("-1000000000000.5").expect("half").as_micros(), -1_000_000_000_000_500);
        for text in ["1", "12345678901", "20101230143200", "1e9", "--1586270172", "1586270172.3.1", "14/03/26 9:41"] {
            assert!(read_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_without_an_offset_are_utc() {
        assert_eq!(read_time(" 2010-12-30 14:32:00 ").expect("space").to_string(), "2010-12-30T14:32:00Z");
        assert_eq!(read_time("2005-03-23 00:00:00+01:00").expect("offset").to_string(), "2005-03-22T23:00:00Z");
    }

    #[test]
    fn lines_end_in_three_ways_and_between_chunks() {
        for cut in 0..=9 {
            let (a, b) = b"a\nb\r\nc\rd\n".split_at(cut);
            let mut lines = LineCounter::new();
            lines.pass(a);
            lines.pass(b);
            assert_eq!(lines.line(), 5, "cut at {cut}");
        }
    }
}
