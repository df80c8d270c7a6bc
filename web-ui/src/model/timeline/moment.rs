//! Places of the log as they are typed: a position or a time.

use leftfold_core::{Position, Timestamp};
use thiserror::Error;

use crate::model::format::{clock, date, grouped};

/// A place of the log, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An event by its number.
    Position(Position),
    /// A moment, as exactly as it was typed: a day, a minute, a second or less.
    Moment {
        /// The first microsecond of it.
        from: Timestamp,
        /// The last one.
        to: Timestamp,
    },
}

/// Why a place cannot be gone to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidPlace {
    /// The text is neither.
    #[error("Type a position such as 1204, or a time such as 2026-03-14 09:41:07 or 09:41.")]
    Unreadable,
    /// The log has no such position.
    #[error("There is no event {asked}: the log has 1 to {head}.", asked = grouped(asked.get()), head = grouped(head.get()))]
    NoSuchPosition {
        /// What was asked for.
        asked: Position,
        /// The last position.
        head: Position,
    },
    /// The log had not begun.
    #[error("The log begins later, at {} {}.", date(*.0), clock(*.0))]
    BeforeLog(Timestamp),
    /// The log had ended.
    #[error("The log ends earlier, at {} {}.", date(*.0), clock(*.0))]
    BehindLog(Timestamp),
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

impl Place {
    /// Reads a place. A time without a date is one of the day that `now` lies in; all times are UTC.
    ///
    /// # Errors
    /// [`InvalidPlace::Unreadable`].
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, InvalidPlace> {
        let text = text.trim();
        let number: String = text.trim_start_matches('#').chars().filter(|c| !matches!(c, ',' | ' ' | '_')).collect();
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            return number
                .parse()
                .map(|number| Self::Position(Position::new(number)))
                .map_err(|_| InvalidPlace::Unreadable);
        }
        let text = text.trim_end_matches(" UTC").trim_end_matches(['Z', 'z']).replace(['T', 't'], " ");
        let (day, time) = match text.split_once(' ') {
            Some((day, time)) => (day.to_owned(), time.trim().to_owned()),
            None if text.contains(':') => (date(now), text),
            None => (text, String::new()),
        };
        let (clock, lasts) = match time.matches(':').count() {
            0 if time.is_empty() => ("00:00:00".to_owned(), DAY),
            1 => (format!("{time}:00"), 60 * SECOND),
            2 => {
                let digits = time.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                let lasts = u32::try_from(digits.min(6)).map_or(1, |digits| SECOND / 10_i64.pow(digits));
                (time, lasts)
            }
            _ => return Err(InvalidPlace::Unreadable),
        };
        let clock = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock };
        let from = Timestamp::parse(&format!("{day}T{clock}Z")).map_err(|_| InvalidPlace::Unreadable)?;
        let to = Timestamp::from_micros(from.as_micros() + lasts - 1).unwrap_or(from);
        Ok(Self::Moment { from, to })
    }

    /// The event to go to. For a moment it is the first one in it; where none is in it, the last one before it.
    ///
    /// `position_at` gives the last position at or before a time, `time_of` the time of a position.
    ///
    /// # Errors
    /// All but [`InvalidPlace::Unreadable`].
    pub fn find(
        self,
        head: Position,
        position_at: impl Fn(Timestamp) -> Position,
        time_of: impl Fn(Position) -> Timestamp,
    ) -> Result<Position, InvalidPlace> {
        match self {
            Self::Position(asked) if asked == Position::ZERO || asked > head => {
                Err(InvalidPlace::NoSuchPosition { asked, head })
            }
            Self::Position(asked) => Ok(asked),
            Self::Moment { .. } if head == Position::ZERO => {
                Err(InvalidPlace::NoSuchPosition { asked: Position::new(1), head })
            }
            Self::Moment { from, to } => {
                let first = Position::new(1);
                if to < time_of(first) {
                    return Err(InvalidPlace::BeforeLog(time_of(first)));
                }
                if from > time_of(head) {
                    return Err(InvalidPlace::BehindLog(time_of(head)));
                }
                let just_before = Timestamp::from_micros(from.as_micros().saturating_sub(1)).unwrap_or(from);
                let before = position_at(just_before);
                let next = before.next();
                Ok(if next <= head && time_of(next) <= to { next } else { before.max(first) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn log() -> Vec<Timestamp> {
        ["2026-03-14T09:41:06.900Z", "2026-03-14T09:41:07.331Z", "2026-03-14T09:41:07.500Z", "2026-03-16T00:00:00Z"]
            .map(time)
            .to_vec()
    }

    fn go(text: &str) -> Result<u64, InvalidPlace> {
        let log = log();
        let at = |position: Position| log[usize::try_from(position.get()).expect("small") - 1];
        let until = |time: Timestamp| Position::new(log.iter().filter(|other| **other <= time).count() as u64);
        Place::parse(text, log[1])?.find(Position::new(log.len() as u64), until, at).map(Position::get)
    }

    #[test]
    fn positions_are_read_as_they_are_written() {
        assert_eq!(["2", "#3", " 4 ", "#0,001"].map(go), [Ok(2), Ok(3), Ok(4), Ok(1)]);
        assert_eq!(go("1,204").expect_err("not there").to_string(), "There is no event 1,204: the log has 1 to 4.");
        assert!(matches!(go("0"), Err(InvalidPlace::NoSuchPosition { .. })));
    }

    #[test]
    fn a_time_leads_to_the_first_event_of_the_moment_that_was_typed() {
        for text in ["2026-03-14 09:41:07", "2026-03-14T09:41:07Z", "09:41:07", "9:41:07", "09:41:07.331", "09:41:07.3"]
        {
            assert_eq!(go(text), Ok(2), "{text}");
        }
        assert_eq!(["09:41", "2026-03-14", "2026-03-16"].map(go), [Ok(1), Ok(1), Ok(4)]);
    }

    #[test]
    fn between_events_it_is_the_last_one_before() {
        assert_eq!(["2026-03-15", "09:41:07.400", "23:00"].map(go), [Ok(3), Ok(2), Ok(3)]);
    }

    #[test]
    fn what_lies_outside_of_the_log_is_refused_with_where_it_is() {
        assert_eq!(
            go("2026-03-13").expect_err("before").to_string(),
            "The log begins later, at 2026-03-14 09:41:06.900."
        );
        assert_eq!(
            go("2027-01-01").expect_err("behind").to_string(),
            "The log ends earlier, at 2026-03-16 00:00:00.000."
        );
        for text in ["", "soon", "2026-13-01", "25:00", "1:2:3:4", "-5", "99999999999999999999999"] {
            assert_eq!(go(text), Err(InvalidPlace::Unreadable), "{text}");
        }
    }
}
