//! Numbers, times and sizes as the page writes them.

use leftfold_core::{Position, Timestamp};

/// A number with its thousands set apart: `12,408`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number that may be below zero: `−1,204`.
#[must_use]
pub fn signed(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// A rate in few digits: `412k`, `1.2M`; a dash where there is none.
#[must_use]
pub fn compact(rate: f64) -> String {
    match rate {
        rate if !rate.is_finite() || rate < 0.5 => "–".to_owned(),
        rate if rate < 9_999.5 => format!("{rate:.0}"),
        rate if rate < 999_500.0 => format!("{:.0}k", rate / 1e3),
        rate => format!("{:.1}M", rate / 1e6),
    }
}

/// A position: `#1,204`.
#[must_use]
pub fn position(position: Position) -> String {
    format!("#{}", grouped(position.get()))
}

/// A count with its noun: `1 event`, `37 events`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(count)) }
}

/// The date of a moment in UTC: `2026-03-14`.
#[must_use]
pub fn date(time: Timestamp) -> String {
    split(time).0
}

/// The time of day of a moment in UTC, with milliseconds, or microseconds where it has them: `09:41:07.331`.
#[must_use]
pub fn clock(time: Timestamp) -> String {
    split(time).1
}

fn split(time: Timestamp) -> (String, String) {
    let text = time.to_string();
    let (date, clock) = text.trim_end_matches('Z').split_once('T').unwrap_or((&text, "00:00:00"));
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let digits = if fraction.len() > 3 { 6 } else { 3 };
    (date.to_owned(), format!("{seconds}.{fraction:0<digits$}"))
}

/// A size: `1.9 MB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let mut size = count as f64;
    if count < 1_000 {
        return format!("{count} B");
    }
    for unit in ["kB", "MB", "GB"] {
        size /= 1_000.0;
        if size < 999.5 {
            return if size < 9.95 { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") };
        }
    }
    format!("{:.1} TB", size / 1_000.0)
}

/// A duration as a person says it: `0.4 s`, `12 s`, `3 min 05 s`.
#[must_use]
pub fn seconds(duration: f64) -> String {
    if !duration.is_finite() {
        return "–".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what is shown")]
    let whole = duration.clamp(0.0, 359_999.0).round() as u64;
    match whole {
        0..10 => format!("{:.1} s", duration.max(0.0)),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// The time between two moments, in microseconds, in its two greatest units: `12 m 03 s`, `3 d 04 h`.
#[must_use]
pub fn span(micros: u64) -> String {
    let (millis, seconds) = (micros / 1_000, micros / 1_000_000);
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{seconds}.{} s", millis / 100 % 10),
        60..3_600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {:02} m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {:02} h", grouped(seconds / 86_400), seconds % 86_400 / 3_600),
    }
}

/// A rate or a peak in a narrow place: `41`, `0.3`, `12,400`.
#[must_use]
pub fn short(value: f64) -> String {
    if value < 9.95 {
        format!("{value:.1}").trim_end_matches(".0").to_owned()
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive rate")]
        let whole = value.round() as u64;
        grouped(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [0, 7, 999, 1_000, 12_408, 1_000_000].map(grouped),
            ["0", "7", "999", "1,000", "12,408", "1,000,000"]
        );
        assert_eq!([counted(1, "event"), counted(1_500, "event")], ["1 event", "1,500 events"]);
    }

    #[test]
    fn moments_split_into_date_and_clock() {
        let at = |text: &str| Timestamp::parse(text).expect("a time");
        assert_eq!(date(at("2026-03-14T09:41:07.331Z")), "2026-03-14");
        let clocks = [
            "2026-03-14T09:41:07.331Z",
            "2026-03-14T09:41:07Z",
            "2026-03-14T09:41:07.3Z",
            "1969-12-31T23:59:59.000001Z",
        ];
        assert_eq!(
            clocks.map(|text| clock(at(text))),
            ["09:41:07.331", "09:41:07.000", "09:41:07.300", "23:59:59.000001"]
        );
    }

    #[test]
    fn rates_have_few_digits() {
        let shown = [0.0, 7.4, 9_999.0, 10_000.0, 412_300.0, 999_600.0, f64::NAN].map(compact);
        assert_eq!(shown, ["–", "7", "9999", "10k", "412k", "1.0M", "–"]);
        assert_eq!([signed(-1_204), signed(0), signed(5)], ["−1,204", "0", "5"]);
    }

    #[test]
    fn sizes_have_two_digits() {
        let texts = [0, 999, 1_000, 1_900_000, 24_000_000, 2_100_000_000, 7_000_000_000_000].map(bytes);
        assert_eq!(texts, ["0 B", "999 B", "1.0 kB", "1.9 MB", "24 MB", "2.1 GB", "7.0 TB"]);
    }

    #[test]
    fn spans_have_two_units() {
        let texts = [0, 331_000, 7_330_000, 723_000_000, 86_399_000_000, 90_061_000_000].map(span);
        assert_eq!(texts, ["0 ms", "331 ms", "7.3 s", "12 m 03 s", "23 h 59 m", "1 d 01 h"]);
    }

    #[test]
    fn durations_are_as_exact_as_they_matter() {
        assert_eq!(
            [0.12, 12.4, 185.0, 7_260.0, f64::INFINITY].map(seconds),
            ["0.1 s", "12 s", "3 min 05 s", "2 h 01 min", "–"]
        );
        assert_eq!([0.25, 4.0, 41.2, 12_400.0].map(short), ["0.2", "4", "41", "12,400"]);
    }
}
