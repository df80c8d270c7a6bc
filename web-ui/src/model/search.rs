//! What free-text search looks for, and where an event has it.
//!
//! Capital and small letters are alike. A payload is searched as the text that is stored; where its strings are written
//! with escapes (`\"`, `\u00e9`) it is searched a second time with each escape read as the character that it stands for.

use std::borrow::Cow;
use std::ops::Range;

use leftfold_core::RecordedEvent;

/// A text to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    text: String,
    /// The letters in small.
    folded: Vec<char>,
}

/// Where an event has the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the name of its stream.
    Stream,
    /// In its type.
    Type,
    /// In one of its tags.
    Tags,
    /// In its payload.
    Payload,
    /// In its metadata.
    Metadata,
}

impl Place {
    /// What a row says of a match that none of its cells shows.
    #[must_use]
    pub fn note(self) -> &'static str {
        match self {
            Self::Stream => "in stream",
            Self::Type => "in type",
            Self::Tags => "in tags",
            Self::Payload => "in payload",
            Self::Metadata => "in metadata",
        }
    }
}

impl Needle {
    /// A text to look for; none where there is nothing but blanks.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_blank = text.trim().is_empty();
        (!is_blank).then(|| Self { text: text.to_owned(), folded: text.chars().flat_map(char::to_lowercase).collect() })
    }

    /// The text as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a text has it.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.is_in_bytes(text.as_bytes())
    }

    /// Every place of a text that has it, from left to right, none over another.
    #[must_use]
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut from = 0;
        while let Some(found) = self.find(text, from) {
            from = found.end;
            ranges.push(found);
        }
        ranges
    }

    fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let rest = text.get(from..)?;
        rest.char_indices().find_map(|(start, _)| Some(from + start..from + start + self.length_at(&rest[start..])?))
    }

    /// How many bytes at the start of a text are the needle.
    fn length_at(&self, text: &str) -> Option<usize> {
        let mut wanted = self.folded.iter();
        for (at, c) in text.char_indices() {
            for small in c.to_lowercase() {
                match wanted.next() {
                    Some(next) if *next == small => {}
                    Some(_) => return None,
                    // A letter that is several in small may end behind the end of the needle.
                    None => return Some(at + c.len_utf8()),
                }
            }
            if wanted.as_slice().is_empty() {
                return Some(at + c.len_utf8());
            }
        }
        None
    }

    /// Whether bytes have it, read as UTF-8. Bytes that are none have it where it is ASCII and stands among them.
    #[must_use]
    pub fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        if self.folded.iter().all(char::is_ascii) {
            return self.is_in_ascii(bytes);
        }
        std::str::from_utf8(bytes).is_ok_and(|text| self.find(text, 0).is_some())
    }

    fn is_in_ascii(&self, bytes: &[u8]) -> bool {
        let Some((first, rest)) = self.folded.split_first() else { return false };
        let is = |byte: &u8, small: &char| byte.to_ascii_lowercase() as char == *small;
        let Some(starts) = (bytes.len() + 1).checked_sub(self.folded.len()) else { return false };
        let (small, large) = (*first as u8, first.to_ascii_uppercase() as u8);
        bytes[..starts].iter().enumerate().any(|(at, byte)| {
            (*byte == small || *byte == large) && bytes[at + 1..].iter().zip(rest).all(|(byte, small)| is(byte, small))
        })
    }

    /// Whether JSON text has it, as it stands or with the escapes of its strings read.
    #[must_use]
    pub fn is_in_json(&self, text: &[u8]) -> bool {
        self.is_in_bytes(text)
            || matches!(without_escapes(text), Some(Cow::Owned(plain)) if self.is_in_bytes(plain.as_bytes()))
    }

    /// The first place in which an event has it.
    #[must_use]
    pub fn place_in(&self, event: &RecordedEvent) -> Option<Place> {
        if self.is_in(event.stream().as_str()) {
            Some(Place::Stream)
        } else if self.is_in(event.event_type().as_str()) {
            Some(Place::Type)
        } else if event.tags().iter().any(|tag| self.is_in(tag.as_str())) {
            Some(Place::Tags)
        } else if self.is_in_json(event.data()) {
            Some(Place::Payload)
        } else if event.metadata() != b"{}" && self.is_in_json(event.metadata()) {
            Some(Place::Metadata)
        } else {
            None
        }
    }
}

/// JSON text with the escapes of its strings read; borrowed where it has none, nothing where it is no UTF-8.
fn without_escapes(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let Some(first) = text.find('\\') else { return Some(Cow::Borrowed(text)) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let mut behind = rest[at + 1..].chars();
        let escaped = behind.next();
        rest = behind.as_str();
        match escaped {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('b') => plain.push('\u{8}'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => {
                let (c, behind) = code_point(rest);
                plain.push(c);
                rest = behind;
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain.push_str(rest);
    Some(Cow::Owned(plain))
}

/// The character behind `\u`, and what follows it. Half of a pair alone is a replacement character.
fn code_point(text: &str) -> (char, &str) {
    let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(first) = unit(text) else { return (char::REPLACEMENT_CHARACTER, text) };
    let rest = &text[4..];
    let second = rest.strip_prefix("\\u").and_then(unit).filter(|unit| (0xDC00..0xE000).contains(unit));
    match (first, second) {
        (0xD800..0xDC00, Some(second)) => {
            let whole = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            (char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER), &rest[6..])
        }
        _ => (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), rest),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needle(text: &str) -> Needle {
        Needle::new(text).expect("more than blanks")
    }

    fn folded(text: &str) -> String {
        text.chars().flat_map(char::to_lowercase).collect()
    }

    proptest! {
        #[test]
        fn found_where_the_small_letters_are(text in "[aAbB éÉßΩω\\n]{0,24}", sought in "[aAbBéÉΩω]{1,4}") {
            let needle = needle(&sought);
            prop_assert_eq!(needle.is_in(&text), folded(&text).contains(&folded(&sought)));
            prop_assert_eq!(needle.is_in_bytes(text.as_bytes()), needle.is_in(&text));
            let ranges = needle.ranges(&text);
            prop_assert_eq!(ranges.is_empty(), !needle.is_in(&text));
            for range in &ranges {
                prop_assert_eq!(folded(&text[range.clone()]), folded(&sought));
            }
            prop_assert!(ranges.is_sorted_by(|a, b| a.end <= b.start));
        }

        #[test]
        fn a_string_is_found_however_it_is_escaped(text in "[a-c\"\\\\/\n\u{1}é😀]{0,16}", sought in "[a-c\"\\\\/\né😀]{1,3}", mode in 0..3) {
            prop_assume!(!sought.trim().is_empty());
            let written: String = text.chars().map(|c| match (mode, c) {
                (0, '"' | '\\') => format!("\\{c}"),
                (0, '/') => "\\/".to_owned(),
                (0, '\n') => "\\n".to_owned(),
                (0, '\u{1}') | (1, '"' | '\\' | '\n' | '\u{1}') => format!("\\u{:04x}", u32::from(c)),
                (2, c) => {
                    let mut units = [0; 2];
                    c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")).collect()
                }
                (_, c) => c.to_string(),
            }).collect();
            let json = format!(r#"{{"k":"{written}"}}"#);
            let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            prop_assert_eq!(read["k"].as_str(), Some(text.as_str()));
            if text.contains(&sought) {
                prop_assert!(needle(&sought).is_in_json(json.as_bytes()), "{} in {}", sought, json);
            }
        }
    }

    #[test]
    fn blanks_are_nothing_to_look_for() {
        assert_eq!(["", " ", "\t"].map(|text| Needle::new(text).is_none()), [true; 3]);
        assert!(needle(" a").is_in("b A") && !needle(" a").is_in("ba"));
    }

    #[test]
    fn a_letter_that_is_two_in_small_is_marked_whole() {
        assert_eq!(needle("i\u{307}").ranges("xİy").first(), Some(&(1..3)));
        assert!(!needle("ab").is_in("a") && !needle("longer than").is_in_bytes(b"longer"));
    }

    #[test]
    fn the_text_between_the_strings_is_searched_too() {
        let json = br#"{"total":124750,"note":"caf\u00e9 \ud83d\ude00 \ud800!"}"#;
        let found = |text: &str| needle(text).is_in_json(json);
        assert_eq!(["\"total\":1247", "CAFÉ 😀", r"\u00E9", "tea"].map(found), [true, true, true, false]);
        assert!(needle("jp").is_in_json(&[0xff, b'J', b'P']), "bytes that are no text are searched as they are");
    }
}
