//! JSON as it was typed.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;
use thiserror::Error;

/// A text that is JSON, kept as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(String);

/// Why a text is no JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonFault {
    /// The line, from 1 on.
    pub line: usize,
    /// The character of the line, from 1 on.
    pub column: usize,
    /// Where in the text, in characters as the browser counts them (UTF-16).
    pub offset: u32,
    /// What is wrong.
    pub reason: String,
}

impl JsonText {
    /// Checks a text.
    ///
    /// # Errors
    /// [`JsonFault`].
    pub fn new(text: &str) -> Result<Self, JsonFault> {
        match serde_json::from_str::<&RawValue>(text.trim()) {
            Ok(_) => Ok(Self(text.trim().to_owned())),
            Err(_) => Err(fault(text)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The fault of a text that has one.
fn fault(text: &str) -> JsonFault {
    let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) else {
        return JsonFault { line: 1, column: 1, offset: 0, reason: "this is no JSON".to_owned() };
    };
    let line = error.line().max(1);
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    // serde counts bytes; a fault at the end of the text stands behind its last character.
    let mut at = (before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let column = text.get(before..at).map_or(0, |own| own.chars().count()) + 1;
    let offset = text.get(..at).map_or(0, |until| until.encode_utf16().count());
    let said = error.to_string();
    let reason = said.split(" at line ").next().unwrap_or(&said).to_owned();
    JsonFault { line, column, offset: u32::try_from(offset).unwrap_or(u32::MAX), reason }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::new(raw.get()).map_err(D::Error::custom)
    }
}
