//! Values as JavaScript gives them: checked once, with an error that says what was expected.

use std::borrow::Cow;
use std::fmt;

use js_sys::Date;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use crate::domain::{ExpectedVersion, InvalidTime, MAX_NUMBER, Timestamp};

/// A position, version or count: an integer from 0 to 2^53 − 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole(pub(super) u64);

impl Whole {
    /// As a count. No count of this machine is greater than its greatest.
    pub(super) fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an integer from 0 to {MAX_NUMBER}")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Whole, E> {
        if value > MAX_NUMBER {
            return Err(E::invalid_value(Unexpected::Unsigned(value), &self));
        }
        Ok(Whole(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Whole, E> {
        match u64::try_from(value) {
            Ok(value) => self.visit_u64(value),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(value), &self)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Whole, E> {
        if value.fract() != 0.0 || !(0.0..=MAX_NUMBER as f64).contains(&value) {
            return Err(E::invalid_value(Unexpected::Float(value), &self));
        }
        Ok(Whole(value as u64))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

/// Reads an argument that is a position, version or count.
///
/// # Errors
/// The failure has `code` and names the argument.
pub(super) fn whole(code: &'static str, name: &str, value: &JsValue) -> Result<u64, Failure> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=MAX_NUMBER as f64).contains(number));
    match number {
        Some(number) => Ok(number as u64),
        None => Err(Failure::member(code, name, format!("an integer from 0 to {MAX_NUMBER} is expected"))),
    }
}

/// What the writer believes of a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expected(pub(super) ExpectedVersion);

struct ExpectedVisitor;

impl Visitor<'_> for ExpectedVisitor {
    type Value = Expected;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"any\", \"no-stream\", \"stream-exists\" or a stream version")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Expected, E> {
        Ok(Expected(match text {
            "any" => ExpectedVersion::Any,
            "no-stream" => ExpectedVersion::NoStream,
            "stream-exists" => ExpectedVersion::StreamExists,
            _ => return Err(E::invalid_value(Unexpected::Str(text), &self)),
        }))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Expected, E> {
        WholeVisitor.visit_u64(value).map(|version| Expected(ExpectedVersion::exact(version.0)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Expected, E> {
        WholeVisitor.visit_i64(value).map(|version| Expected(ExpectedVersion::exact(version.0)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Expected, E> {
        WholeVisitor.visit_f64(value).map(|version| Expected(ExpectedVersion::exact(version.0)))
    }
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExpectedVisitor)
    }
}

/// Text, borrowed from what it was parsed from where it stands there without escapes.
#[derive(Clone, Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A moment as it is given, in JSON text or as a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(pub(super) Timestamp);

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 string, a Date, or milliseconds since 1970")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        Timestamp::parse(text).map(Moment).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, millis: u64) -> Result<Moment, E> {
        self.visit_f64(millis as f64)
    }

    fn visit_i64<E: Error>(self, millis: i64) -> Result<Moment, E> {
        self.visit_f64(millis as f64)
    }

    fn visit_f64<E: Error>(self, millis: f64) -> Result<Moment, E> {
        moment_of_millis(millis).map(Moment).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

fn moment_of_millis(millis: f64) -> Result<Timestamp, InvalidTime> {
    let micros = (millis * 1_000.0).round();
    // The cast would turn what is no number into zero, which is a time.
    if micros.is_finite() { Timestamp::from_micros(micros as i64) } else { Err(InvalidTime::OutOfRange) }
}

/// Reads a value that is a moment.
///
/// # Errors
/// What is wrong with it.
pub(super) fn moment(value: &JsValue) -> Result<Timestamp, String> {
    let millis = match value.dyn_ref::<Date>() {
        Some(date) => Some(date.get_time()),
        None => value.as_f64(),
    };
    let parsed = match (millis, value.as_string()) {
        (Some(millis), _) => moment_of_millis(millis),
        (None, Some(text)) => Timestamp::parse(&text),
        (None, None) => return Err("an RFC 3339 string, a Date, or milliseconds since 1970 is expected".to_owned()),
    };
    parsed.map_err(|error| error.to_string())
}

/// Where a subscription begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Begin {
    Start,
    End,
    After(u64),
}

struct BeginVisitor;

impl Visitor<'_> for BeginVisitor {
    type Value = Begin;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"start\", \"end\" or a position")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Begin, E> {
        match text {
            "start" => Ok(Begin::Start),
            "end" => Ok(Begin::End),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Begin, E> {
        WholeVisitor.visit_u64(value).map(|position| Begin::After(position.0))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Begin, E> {
        WholeVisitor.visit_i64(value).map(|position| Begin::After(position.0))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Begin, E> {
        WholeVisitor.visit_f64(value).map(|position| Begin::After(position.0))
    }
}

impl<'de> Deserialize<'de> for Begin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BeginVisitor)
    }
}
