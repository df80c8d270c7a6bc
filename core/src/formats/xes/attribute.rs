//! The attributes of XES, and what they are in JSON.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::super::object::write_text;

/// What an attribute is, by the name of its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `string`, `date` and `id`.
    Text,
    /// `int` and `float`.
    Number,
    Boolean,
    List,
    Container,
    /// What stands between a list and its items.
    Values,
}

impl Kind {
    pub(super) fn of(element: &str) -> Option<Self> {
        Some(match element {
            "string" | "date" | "id" => Self::Text,
            "int" | "float" => Self::Number,
            "boolean" => Self::Boolean,
            "list" => Self::List,
            "container" => Self::Container,
            _ => return None,
        })
    }
}

/// An attribute with those within it.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) line: u64,
    pub(super) kind: Kind,
    pub(super) key: String,
    value: String,
    pub(super) children: Vec<Attribute>,
    /// It was reported, and is not kept.
    pub(super) is_faulty: bool,
}

impl Attribute {
    pub(super) fn new(line: u64, kind: Kind, key: &str, value: &str) -> Self {
        let (key, value) = (key.to_owned(), value.to_owned());
        Self { line, kind, key, value, children: Vec::new(), is_faulty: false }
    }

    /// Its value as text; a list or container has none.
    pub(super) fn text(&self) -> Option<&str> {
        matches!(self.kind, Kind::Text | Kind::Number | Kind::Boolean).then_some(&*self.value)
    }

    /// Its value as text, if that says something.
    pub(super) fn value_text(&self) -> Option<&str> {
        self.text().filter(|text| !text.is_empty())
    }

    /// Its value as a person reads it.
    pub(super) fn shown(&self) -> String {
        match self.text() {
            Some(text) => text.to_owned(),
            None => {
                let mut json = Vec::new();
                self.write(&mut json);
                String::from_utf8_lossy(&json).into_owned()
            }
        }
    }

    /// Appends it as JSON. It is as deep as the document was, which the splitter bounds.
    fn write(&self, out: &mut Vec<u8>) {
        match self.kind {
            Kind::List | Kind::Values => {
                out.push(b'[');
                for (number, item) in self.children.iter().enumerate() {
                    if number > 0 {
                        out.push(b',');
                    }
                    write_object(out, std::iter::once(item), "");
                }
                out.push(b']');
            }
            Kind::Container => write_object(out, self.children.iter(), ""),
            _ if self.children.is_empty() => self.write_value(out),
            _ => {
                out.extend_from_slice(b"{\"value\":");
                self.write_value(out);
                out.extend_from_slice(b",\"attributes\":");
                write_object(out, self.children.iter(), "");
                out.push(b'}');
            }
        }
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        let json = match self.kind {
            Kind::Number => number(&self.value),
            Kind::Boolean => boolean(&self.value).map(Cow::Borrowed),
            _ => None,
        };
        match json {
            Some(json) => out.extend_from_slice(json.as_bytes()),
            None => write_text(out, &self.value),
        }
    }
}

/// Appends an object of attributes whose names are their keys behind `prefix`.
pub(super) fn write_object<'a>(out: &mut Vec<u8>, attributes: impl Iterator<Item = &'a Attribute>, prefix: &str) {
    out.push(b'{');
    for (number, attribute) in attributes.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        if prefix.is_empty() {
            write_text(out, &attribute.key);
        } else {
            write_text(out, &format!("{prefix}{}", attribute.key));
        }
        out.push(b':');
        attribute.write(out);
    }
    out.push(b'}');
}

/// The first key that an attribute before it has already.
pub(super) fn repeated_key(attributes: &[Attribute]) -> Option<&str> {
    let mut seen = HashSet::with_capacity(attributes.len());
    attributes.iter().map(|attribute| attribute.key.as_str()).find(|key| !seen.insert(*key))
}

/// The number as JSON writes it, its digits as they are where JSON allows that.
fn number(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim_ascii();
    if serde_json::from_str::<serde_json::Number>(text).is_ok() {
        return Some(Cow::Borrowed(text));
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Cow::Owned(whole.to_string()));
    }
    let number = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64)?;
    Some(Cow::Owned(number.to_string()))
}

fn boolean(text: &str) -> Option<&'static str> {
    match text.trim_ascii() {
        "true" | "1" => Some("true"),
        "false" | "0" => Some("false"),
        text if text.eq_ignore_ascii_case("true") => Some("true"),
        text if text.eq_ignore_ascii_case("false") => Some("false"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_where_json_allows_it() {
        let cases = [
            ("35.0", Some("35.0")),
            (" 12345678901234567890123 ", Some("12345678901234567890123")),
            ("-0", Some("-0")),
            ("+5", Some("5")),
            ("007", Some("7")),
            (".5", Some("0.5")),
            ("5.", Some("5.0")),
            ("1E3", Some("1E3")),
            ("NaN", None),
            ("INF", None),
            ("1e999", None),
            ("0x10", None),
            ("", None),
            ("1 2", None),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
    }
}
