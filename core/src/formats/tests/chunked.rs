//! Reading a file in chunks of any size: everything that comes out of it, as text.

use proptest::prelude::*;

use super::super::format::ParsedRow;
use super::super::parser::Parser;
use super::super::{Format, ImportOptions};

/// Sizes of chunks, to be used over and over.
pub(super) fn sizes() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![1..4_usize, 1..200_usize, 1..100_000_usize], 1..6)
}

/// The rows and the faults of a file that comes in such chunks; and the error that ended it.
pub(super) fn rows(file: &[u8], sizes: &[usize], format: Option<Format>) -> (Vec<String>, Option<String>) {
    let options = ImportOptions { format, ..ImportOptions::default() };
    let (mut parser, mut out, mut rest) = (Parser::new(&options, true).unwrap(), Vec::new(), file);
    let mut result = Ok(());
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at(rest.len().min(*size));
        rest = after;
        result = parser.push(chunk, &mut out);
        if result.is_err() || rest.is_empty() {
            break;
        }
    }
    let result = result.and_then(|()| parser.finish(&mut out));
    let show = |row: &ParsedRow| match &row.result {
        Ok(draft) => format!("{} {:?} {} {:?} {:?}", row.line, row.cells, draft.stream, draft.id, draft.event),
        Err(fault) => format!("{} {:?} {fault} {}", row.line, row.cells, fault.code),
    };
    (out.iter().map(show).collect(), result.err().map(|error| error.to_string()))
}
