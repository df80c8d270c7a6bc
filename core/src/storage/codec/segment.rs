//! Segments: an index record, and a payload record that is events records one after the other, byte for byte.

use super::columns::Columns;
use super::wire::{Malformed, Reader};
use super::{HASH_BYTES, KIND_INDEX, Payloads, RecordHeader};
use bytes::Bytes;

/// The index record of a segment.
pub(crate) fn encode_index(columns: &Columns) -> Bytes {
    let mut out = Vec::new();
    RecordHeader { kind: KIND_INDEX, count: columns.len() as u32 }.encode(&mut out);
    columns.encode(&mut out);
    out.into()
}

pub(crate) fn decode_index(bytes: &[u8]) -> Result<Columns, Malformed> {
    let mut reader = Reader::new(bytes);
    let header = RecordHeader::decode(&mut reader)?;
    if header.kind != KIND_INDEX {
        return reader.fail("not an index record");
    }
    let columns = Columns::decode(&mut reader, header.count as usize)?;
    if !reader.is_at_end() {
        return reader.fail("bytes follow the record");
    }
    Ok(columns)
}

/// The events records that a payload record is made of.
pub(crate) fn split_records(payload: &Bytes) -> Result<Vec<Bytes>, Malformed> {
    let payloads = Payloads::decode(payload.clone())?;
    let mut start = 0;
    let mut records = Vec::new();
    for end in payloads.record_ends() {
        debug_assert!(end - start >= HASH_BYTES);
        records.push(payload.slice(start..end));
        start = end;
    }
    Ok(records)
}
