//! JSON as the page shows it: members keep the order of the text.

mod of;

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;

/// What [`Json::merge`] does, as a function in JavaScript that gives the merged value.
pub const MERGE_IN_JAVASCRIPT: &str = r#"const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const merge = (old, later) => {
  if (!isObject(old) || !isObject(later)) return later;
  const merged = new Map(Object.entries(old));
  for (const [name, value] of Object.entries(later)) merged.set(name, merged.has(name) ? merge(merged.get(name), value) : value);
  return Object.fromEntries(merged);
};"#;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; the names are unique, the last of equal ones counts.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads JSON text.
    ///
    /// # Errors
    /// When the text is not one JSON value.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text)
    }

    /// The member of an object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value that lies so many steps within this one.
    #[must_use]
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Self> {
        path.iter().try_fold(self, |value, step| match value {
            Self::Object(_) => value.member(step.as_ref()),
            Self::Array(items) => items.get(step.as_ref().parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The number, as near as a float comes to it.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The whole number.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it holds other values.
    #[must_use]
    pub fn is_container(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Takes in a later payload: members of objects are merged, later ones overwrite; anything else is replaced.
    pub fn merge(&mut self, later: &Self) {
        match (self, later) {
            (Self::Object(members), Self::Object(news)) => {
                for (name, value) in news {
                    match members.iter_mut().find(|(key, _)| key == name) {
                        Some((_, old)) => old.merge(value),
                        None => members.push((name.clone(), value.clone())),
                    }
                }
            }
            (old, value) => old.clone_from(value),
        }
    }

    /// A number of events or the like.
    #[must_use]
    pub fn count(value: u64) -> Self {
        Self::Number(value.into())
    }

    /// A number; `null` for what JSON has no number for.
    fn float(value: f64) -> Self {
        Number::from_f64(value).map_or(Self::Null, Self::Number)
    }
}

impl fmt::Display for Json {
    /// One line; strings in quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::String(text) => write_string(f, text),
            Self::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (i, (name, value)) in members.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    write_string(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

/// The members with each name once, where it stood first, with the value that stood last.
fn unique(members: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let is_unique = if members.len() <= 8 {
        members.iter().enumerate().all(|(i, (name, _))| members[..i].iter().all(|(other, _)| other != name))
    } else {
        members.iter().map(|(name, _)| name.as_str()).collect::<HashSet<_>>().len() == members.len()
    };
    if is_unique {
        return members;
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<(String, Json)> = Vec::new();
    for (name, value) in members {
        match places.get(&name) {
            Some(place) => kept[*place].1 = value,
            None => {
                places.insert(name.clone(), kept.len());
                kept.push((name, value));
            }
        }
    }
    kept
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::float(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::String(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut array = Vec::new();
                while let Some(item) = items.next_element()? {
                    array.push(item);
                }
                Ok(Json::Array(array))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
                let mut object: Vec<(String, Json)> = Vec::new();
                while let Some((name, value)) = members.next_entry::<String, Json>()? {
                    object.push((name, value));
                }
                Ok(Json::Object(unique(object)))
            }
        }

        deserializer.deserialize_any(AnyValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).expect("JSON")
    }

    #[test]
    fn text_comes_back_in_its_order() {
        for text in [r#"{"z":1,"a":[true,null,-2,0.5],"m":{"b":"\"é\n"}}"#, "[]", "{}", "18446744073709551615", "\"\""]
        {
            assert_eq!(json(text).to_string(), text);
        }
        assert_eq!(json(r#"{"a":1,"b":2,"a":3}"#).to_string(), r#"{"a":3,"b":2}"#);
        assert!(Json::parse(b"{").is_err());
    }

    #[test]
    fn later_members_overwrite() {
        let mut state = Json::Null;
        for payload in [r#"{"a":1,"n":{"x":1,"y":2}}"#, r#"{"b":[1,2],"n":{"y":3}}"#, r#"{"b":[9],"a":null}"#] {
            state.merge(&json(payload));
        }
        assert_eq!(state.to_string(), r#"{"a":null,"n":{"x":1,"y":3},"b":[9]}"#);
    }
}
