//! Records of derived tables: JSON behind a checksum.

use bytes::Bytes;

use super::checksum;

/// The version of this envelope.
const VERSION: u8 = 1;
const HEADER: usize = 9;

/// Puts a version and a checksum before `json`.
pub(crate) fn wrap(json: &[u8]) -> Bytes {
    let mut record = Vec::with_capacity(HEADER + json.len());
    record.push(VERSION);
    record.extend_from_slice(&checksum(json).to_le_bytes());
    record.extend_from_slice(json);
    record.into()
}

/// The JSON of a record; `None` if it is damaged or of another version.
pub(crate) fn unwrap(record: &Bytes) -> Option<Bytes> {
    let (header, json) = record.split_at_checked(HEADER)?;
    let is_sound = header[0] == VERSION && header[1..] == checksum(json).to_le_bytes();
    is_sound.then(|| record.slice(HEADER..))
}
