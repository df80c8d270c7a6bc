//! Columns of bytes: what databases and tools write for them, and what the bytes are.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use serde::de::IgnoredAny;

use super::super::mapper::Cell;

/// What a column of bytes holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Blob<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// `None`: it is JSON.
    pub(super) media_type: Option<&'static str>,
    /// What is to be said about bytes that nobody can read as they are.
    pub(super) note: Option<&'static str>,
}

const COMPRESSED: &str = "bytes that are compressed";
const UNREADABLE: &str = "bytes that are no JSON: encrypted, or written by another serializer";

/// Letters of Base64 from which a text without marks is taken for it.
const LEAST_BASE64: usize = 16;

pub(super) fn read<'a>(cell: &'a Cell<'_>) -> Blob<'a> {
    let text = match cell {
        Cell::Json(raw) => return json(raw.get().as_bytes()),
        Cell::Text(text) => text.as_ref(),
    };
    if is_json(text.as_bytes()) {
        return json(text.as_bytes());
    }
    if let Some(bytes) = hex(text) {
        return of_bytes(bytes);
    }
    let letters = text.trim();
    let from_base64 = BASE64_STANDARD.decode(letters).or_else(|_| BASE64_STANDARD_NO_PAD.decode(letters));
    if let Some(bytes) = from_base64.ok().filter(|bytes| letters.len() >= LEAST_BASE64 || is_json(bytes)) {
        return of_bytes(bytes);
    }
    Blob { bytes: Cow::Borrowed(text.as_bytes()), media_type: Some(media_type_of_text(text)), note: None }
}

fn json(bytes: &[u8]) -> Blob<'_> {
    Blob { bytes: Cow::Borrowed(bytes), media_type: None, note: None }
}

fn of_bytes(bytes: Vec<u8>) -> Blob<'static> {
    let (media_type, note) = match std::str::from_utf8(&bytes) {
        Ok(_) if is_json(&bytes) => (None, None),
        Ok(text) if !text.contains('\0') => (Some(media_type_of_text(text)), None),
        _ if is_zlib(&bytes) => (Some("application/zlib"), Some(COMPRESSED)),
        _ if bytes.starts_with(b"\x1F\x8B") => (Some("application/gzip"), Some(COMPRESSED)),
        _ => (Some("application/octet-stream"), Some(UNREADABLE)),
    };
    Blob { bytes: Cow::Owned(bytes), media_type, note }
}

fn media_type_of_text(text: &str) -> &'static str {
    if text.trim_start().starts_with('<') { "application/xml" } else { "text/plain; charset=utf-8" }
}

fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// The two bytes with which RFC 1950 begins: deflate, and a sum that 31 divides.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..] if method & 0x0F == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

/// `\x7b7d` (PostgreSQL), `0x7B7D` (SQL Server, MySQL), `7B7D` (SQLite's `hex`).
fn hex(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let marked = ["\\x", "0x", "0X"].iter().find_map(|mark| text.strip_prefix(mark));
    let digits = marked.unwrap_or(text).as_bytes();
    if !digits.len().is_multiple_of(2) || (digits.is_empty() && marked.is_none()) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (String, Option<&'static str>, bool) {
        let cell = Cell::Text(Cow::Borrowed(text));
        let blob = read(&cell);
        (String::from_utf8_lossy(&blob.bytes).into_owned(), blob.media_type, blob.note.is_some())
    }

    #[test]
    fn bytes_come_in_many_spellings() {
        let object = ("{\"a\":1}".to_owned(), None, false);
        for text in
            ["{\"a\":1}", "\\x7b2261223a317d", "0x7B2261223A317D", "7B2261223a317d", "eyJhIjoxfQ==", "eyJhIjoxfQ"]
        {
            assert_eq!(check(text), object, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_stays_what_it_is() {
        let xml = "<OrderPlaced><units>3</units></OrderPlaced>";
        assert_eq!(check(xml), (xml.to_owned(), Some("application/xml"), false));
        assert_eq!(check("\\x3c612f3e"), ("<a/>".to_owned(), Some("application/xml"), false));
        assert_eq!(check("some words"), ("some words".to_owned(), Some("text/plain; charset=utf-8"), false));
        assert_eq!(check("\\x789c0102fF").1, Some("application/zlib"));
        assert!(check("\\x789c0102ff").2);
        assert_eq!(check("\\x1f8b08ff").1, Some("application/gzip"));
        assert_eq!(check("\\x00ff1234"), ("\u{0}\u{fffd}\u{12}4".to_owned(), Some("application/octet-stream"), true));
        assert_eq!(check("\\x"), (String::new(), Some("text/plain; charset=utf-8"), false));
    }
}
