//! The members of payloads, by event type, as far as they were seen.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::json::Json;

/// How deep members are looked at.
const DEEPEST: usize = 4;
/// How many members of one type are kept.
const MOST_MEMBERS: usize = 120;

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nothing, wherever it was seen.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array.
    List,
    /// An object.
    Object,
}

impl Kind {
    fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(_) => Self::Boolean,
            Json::Number(_) => Self::Number,
            Json::String(_) => Self::Text,
            Json::Array(_) => Self::List,
            Json::Object(_) => Self::Object,
        }
    }
}

/// A member of a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The names on the way to it.
    pub path: Vec<String>,
    /// What it held when it was seen first, other than nothing.
    pub kind: Kind,
}

/// The members that were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    types: BTreeMap<String, Vec<Member>>,
}

impl Shapes {
    /// Looks at one payload.
    pub fn note(&mut self, event_type: &str, payload: &Json) {
        let members = self.types.entry(event_type.to_owned()).or_default();
        note(members, &mut Vec::new(), payload);
    }

    /// The members of a type's payloads, in the order in which they were first seen.
    #[must_use]
    pub fn members(&self, event_type: &str) -> &[Member] {
        self.types.get(event_type).map_or(&[], Vec::as_slice)
    }
}

fn note(members: &mut Vec<Member>, path: &mut Vec<String>, value: &Json) {
    let Json::Object(inner) = value else { return };
    for (name, value) in inner {
        path.push(name.clone());
        let kind = Kind::of(value);
        match members.iter().position(|member| member.path == *path) {
            Some(known) if members[known].kind == Kind::Null => members[known].kind = kind,
            Some(_) => {}
            None if members.len() < MOST_MEMBERS => members.push(Member { path: path.clone(), kind }),
            None => {}
        }
        if path.len() < DEEPEST {
            note(members, path, value);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_kept_once_with_what_they_hold() {
        let mut shapes = Shapes::default();
        for payload in [r#"{"sku":"A","at":{"x":null}}"#, r#"{"units":3,"at":{"x":1},"sku":"B"}"#] {
            shapes.note("Moved", &Json::parse(payload.as_bytes()).expect("JSON"));
        }
        shapes.note("Said", &Json::String("hello".to_owned()));
        let seen = |name| {
            let line = |member: &Member| format!("{} {:?}", member.path.join("."), member.kind);
            shapes.members(name).iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(seen("Moved"), ["sku Text", "at Object", "at.x Number", "units Number"]);
        assert!(seen("Said").is_empty());
        assert!(seen("Unknown").is_empty());
    }

    #[test]
    fn deep_and_wide_payloads_are_cut() {
        let deep = r#"{"a":{"a":{"a":{"a":{"a":1}}}}}"#;
        let wide = format!("{{{}}}", (0..500).map(|n| format!("\"m{n}\":1")).collect::<Vec<_>>().join(","));
        let mut shapes = Shapes::default();
        shapes.note("Deep", &Json::parse(deep.as_bytes()).expect("JSON"));
        shapes.note("Wide", &Json::parse(wide.as_bytes()).expect("JSON"));
        assert_eq!(shapes.members("Deep").len(), DEEPEST);
        assert_eq!(shapes.members("Wide").len(), MOST_MEMBERS);
    }
}
