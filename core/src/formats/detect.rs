//! Which format a file is in, by its first bytes alone; names and media types lie too often.

use memchr::memmem;

use super::cloudevents::is_cloudevents;
use super::csv::count_columns;
use super::error::ImportError;
use super::kurrentdb::is_kurrentdb;
use super::leftfold_header;
use super::options::Format;
use super::peek::first_members;
use super::redux::is_redux;
use super::xes::root_name;

/// Bytes of the file that the detection looks at. It always sees this many, or the whole file, so that the answer does
/// not depend on how the file was cut into chunks.
pub(super) const HEAD_BYTES: usize = 64 * 1024;

/// The UTF-8 byte order mark.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Delimiters that are looked for, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What the head of a file shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) format: Format,
    /// The delimiter of a CSV file; a comma elsewhere.
    pub(super) delimiter: u8,
    /// Bytes of the byte order mark, which are not content.
    pub(super) bom_bytes: usize,
}

/// Detects the format of a file that begins with `head`, which is all of it when `is_whole`. With `wanted` given only
/// the details of that format are looked at; of a table, what its rows come in.
pub(super) fn detect(head: &[u8], is_whole: bool, wanted: Option<Format>) -> Result<Detected, ImportError> {
    let bom_bytes = if head.starts_with(BOM) { BOM.len() } else { 0 };
    let text = &head[bom_bytes..];
    refuse_binary(text)?;
    if text.trim_ascii().is_empty() && is_whole {
        return Err(ImportError::Empty);
    }
    let delimiter = best_delimiter(text, is_whole);
    let format = match wanted {
        Some(format) if format.is_dialect() => match text.trim_ascii_start().first() {
            Some(b'{') => Format::Ndjson,
            Some(b'[') => Format::Json,
            _ => Format::Csv,
        },
        Some(format) => format,
        None => by_content(text, delimiter)?,
    };
    Ok(Detected { format, delimiter: delimiter.unwrap_or(b','), bom_bytes })
}

fn refuse_binary(head: &[u8]) -> Result<(), ImportError> {
    const SIGNATURES: [(&[u8], &str); 9] = [
        (b"\x1F\x8B", "compressed with gzip, and was not unpacked"),
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
        (b"\x28\xB5\x2F\xFD", "compressed with Zstandard"),
        (b"BZh", "compressed with bzip2"),
        (b"\xFD7zXZ\x00", "compressed with xz"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"PAR1", "a Parquet file"),
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG", "a picture"),
    ];
    if let Some((_, found)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Err(ImportError::UnsupportedFormat { found: (*found).to_owned() });
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Err(ImportError::Encoding { line: 1, found: "UTF-16" });
    }
    let start = &head[..head.len().min(1024)];
    if start.contains(&0) {
        // Text in UTF-16 without a mark has a zero in every other byte.
        let zeros = start.iter().filter(|byte| **byte == 0).count();
        if zeros * 3 >= start.len() {
            return Err(ImportError::Encoding { line: 1, found: "UTF-16" });
        }
        return Err(ImportError::UnsupportedFormat { found: "not a text".to_owned() });
    }
    Ok(())
}

fn by_content(text: &[u8], delimiter: Option<u8>) -> Result<Format, ImportError> {
    let unsupported = |found: &str| Err(ImportError::UnsupportedFormat { found: found.to_owned() });
    let text = text.trim_ascii_start();
    if text.starts_with(leftfold_header::BEGIN.as_bytes()) {
        return Ok(Format::Leftfold);
    }
    match text.first() {
        Some(b'{' | b'[') if is_cloudevents(text) => Ok(Format::CloudEvents),
        Some(b'{') if is_ocel(text) => Ok(Format::Ocel2),
        Some(b'{') if first_members(text).iter().any(|name| name.starts_with("ocel:")) => {
            unsupported("OCEL 1.0; OCEL 2.0 is what is read of it")
        }
        Some(b'{' | b'[') if is_kurrentdb(text) => Ok(Format::KurrentDb),
        Some(b'{') if is_redux(text) => Ok(Format::ReduxDevTools),
        Some(b'{') if is_object_per_line(text) => Ok(Format::Ndjson),
        Some(b'{') => unsupported("one JSON document over many lines"),
        Some(b'[') => Ok(Format::Json),
        Some(b'<') if root_name(text) == Some("log") => Ok(Format::Xes),
        Some(b'<') => unsupported("XML, but not XES"),
        _ if delimiter.is_some() => Ok(Format::Csv),
        _ => unsupported("a text without a comma, semicolon or tab in its first line"),
    }
}

/// Whether a document has the root members of OCEL 2.0, in whichever order.
fn is_ocel(text: &[u8]) -> bool {
    let names = first_members(text);
    let has = |name: &str| names.iter().any(|found| found == name);
    let of_event =
        || ["\"relationships\"", "\"objectId\""].iter().all(|name| memmem::find(text, name.as_bytes()).is_some());
    // A list of types alone is a member that any event may have; the declarations of a log have attributes.
    let declares = || {
        (has("objectTypes") || has("eventTypes"))
            && (has("objects") || has("events") || memmem::find(text, b"\"attributes\"").is_some())
    };
    !has("type") && (declares() || has("objects") && has("events") || has("events") && of_event())
}

/// Whether a text that begins with a brace has an object a line. A document laid out over many lines has a first line
/// that ends where JSON must go on; a line that is merely broken does not make the file another format.
fn is_object_per_line(text: &[u8]) -> bool {
    if !text.contains(&b'\n') {
        return true;
    }
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let is_object =
        |line: &[u8]| line.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    is_object(first)
        || !matches!(first.last(), Some(b'{' | b'[' | b',' | b':'))
        || lines.take(20).any(|line| line.len() > 2 && is_object(line))
}

/// The delimiter under which the rows agree best on a number of columns of at least two.
fn best_delimiter(text: &[u8], is_whole: bool) -> Option<u8> {
    let mut best: Option<(u8, f64, usize)> = None;
    for delimiter in DELIMITERS {
        let counts = count_columns(text, delimiter, is_whole);
        let Some(&columns) = counts.first().filter(|columns| **columns >= 2) else { continue };
        let agreeing = counts.iter().filter(|count| **count == columns).count();
        #[expect(clippy::cast_precision_loss, reason = "at most a hundred rows")]
        let share = agreeing as f64 / counts.len() as f64;
        if best.is_none_or(|(_, best_share, best_columns)| (share, columns) > (best_share, best_columns)) {
            best = Some((delimiter, share, columns));
        }
    }
    best.map(|(delimiter, ..)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(Format, char), String> {
        detect(text.as_bytes(), true, None)
            .map(|found| (found.format, found.delimiter.into()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn formats_are_told_by_their_content() {
        assert_eq!(check("a,b\n1,2\n"), Ok((Format::Csv, ',')));
        assert_eq!(check("\u{feff}a;b\n1,5;2,5\n"), Ok((Format::Csv, ';')));
        assert_eq!(check("a\tb,c\n1,2,3\t4\n"), Ok((Format::Csv, '\t')));
        assert_eq!(check("a|b\n1|2"), Ok((Format::Csv, '|')));
        assert_eq!(check("name;note\nx;\"a,b,c\"\ny;\"d,e,f\"\n"), Ok((Format::Csv, ';')));
        assert_eq!(check("{\"a\":1}\n{\"a\":2}\n").map(|found| found.0), Ok(Format::Ndjson));
        assert_eq!(check(" [\n{\"a\":1}, 2").map(|found| found.0), Ok(Format::Json));
        assert_eq!(check("{\"leftfold\":1}\n{\"a\":2}\n").map(|found| found.0), Ok(Format::Leftfold));
        assert_eq!(check("\n  {\"a\":1}").map(|found| found.0), Ok(Format::Ndjson));
        assert_eq!(check("<?xml version='1.0'?>\n<!-- > -->\n<xes:log a='1'>").map(|found| found.0), Ok(Format::Xes));
        assert_eq!(
            check("{\"eventTypes\":[{\"name\":\"pay\",\"attributes\":[").map(|found| found.0),
            Ok(Format::Ocel2)
        );
        assert_eq!(check("{\"events\":[],\n\"objects\":[]}").map(|found| found.0), Ok(Format::Ocel2));
        assert_eq!(check("{\"type\":\"A\",\"objects\":[],\"events\":[]}").map(|found| found.0), Ok(Format::Ndjson));
        assert_eq!(check("<!DOCTYPE log [").map(|found| found.0), Ok(Format::Xes));
    }

    #[test]
    fn an_event_that_lists_types_is_no_ocel() {
        let line = r#"{"id":"1","eventName":"WebhookCreated","eventTypes":["order.paid"]}"#;
        assert_eq!(check(line).map(|found| found.0), Ok(Format::Ndjson));
        assert_eq!(check(&format!("{line}\n{line}\n")).map(|found| found.0), Ok(Format::Ndjson));
    }

    #[test]
    fn a_broken_first_line_is_still_ndjson() {
        assert_eq!(check("{\"a\":\n{\"a\":2}\n").map(|found| found.0), Ok(Format::Ndjson));
        let long = format!("{{\"a\":[{}", "1,".repeat(HEAD_BYTES));
        assert_eq!(detect(long.as_bytes(), false, None).map(|found| found.format).ok(), Some(Format::Ndjson));
        assert_eq!(check("{\"a\":1]\n{\"a\":2}\n").map(|found| found.0), Ok(Format::Ndjson));
    }

    #[test]
    fn what_is_not_read_is_named() {
        let cases: [(&[u8], &str); 9] = [
            (b"\x1F\x8B\x08\x00", "gzip"),
            (b"PK\x03\x04....", "Excel"),
            (b"{\n  \"a\": 1\n}\n", "many lines"),
            (b"<?xml version='1.0'?>", "XML"),
            (b"just some words\nand more\n", "without a comma"),
            (b"\xFF\xFEa\x00,\x00", "UTF-16"),
            (b"a\x00,\x00b\x00\n\x00", "UTF-16"),
            (b"a,b\n\x00,1234567890\n", "not a text"),
            (b" \n\n", "empty"),
        ];
        for (bytes, part) in cases {
            let error = detect(bytes, true, None).expect_err("not a format").to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
