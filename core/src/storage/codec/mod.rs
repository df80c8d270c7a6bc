//! The bytes of the log, as FORMAT.md beside this crate's manifest describes them.

mod checked;
mod columns;
mod directory;
mod events;
mod meta;
mod segment;
#[cfg(test)]
mod tests;
mod wire;

use twox_hash::XxHash64;

pub(crate) use checked::{unwrap, wrap};
pub(crate) use columns::{Columns, Kind};
#[cfg(target_arch = "wasm32")]
pub(crate) use directory::entry_figures;
pub(crate) use directory::{MAX_SEGMENTS_PER_PUBLISHED, Published, Sealed, SegmentRef};
#[cfg(all(target_arch = "wasm32", feature = "script"))]
pub(crate) use events::StoredPayload;
pub(crate) use events::{Draft, EventsEncoder, Payloads};
pub(crate) use meta::{FORMAT_VERSION, Meta};
pub(crate) use segment::{decode_index, encode_index, split_records};
pub(crate) use wire::{Malformed, Reader, put_text};

/// BLAKE3, 32 bytes.
pub(crate) type Hash = [u8; HASH_BYTES];
pub(crate) const HASH_BYTES: usize = 32;
/// What stands before the first record of the chain, and of a record outside of it.
pub(crate) const NO_HASH: Hash = [0; HASH_BYTES];

pub(crate) const KIND_EVENTS: u8 = 1;
pub(crate) const KIND_SEALED: u8 = 2;
pub(crate) const KIND_PUBLISHED: u8 = 3;
pub(crate) const KIND_INDEX: u8 = 4;
pub(crate) const RECORD_VERSION: u8 = 1;
pub(crate) const RECORD_HEADER_BYTES: usize = 8;

/// The first eight bytes of every record.
pub(crate) struct RecordHeader {
    pub(crate) kind: u8,
    pub(crate) count: u32,
}

impl RecordHeader {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.kind, RECORD_VERSION, 0, 0]);
        out.extend_from_slice(&self.count.to_le_bytes());
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let kind = reader.u8()?;
        if reader.u8()? != RECORD_VERSION {
            return reader.fail("the record has another version");
        }
        if reader.u16()? != 0 {
            return reader.fail("the record has unknown flags");
        }
        Ok(Self { kind, count: reader.u32()? })
    }

    /// The header of a record that may be anything.
    pub(crate) fn peek(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::decode(&mut Reader::new(bytes))
    }
}

/// XXH64 with seed 0: finds damage, says nothing of intent.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

fn chain(previous: &Hash, body: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(body);
    *hasher.finalize().as_bytes()
}

/// Ends a record with BLAKE3 over the hash of the record before it and its own bytes.
fn seal_with_hash(out: &mut Vec<u8>, previous: &Hash) -> Hash {
    let hash = chain(previous, out);
    out.extend_from_slice(&hash);
    hash
}

/// Checks the hash at a record's end, and gives it.
pub(crate) fn check_hash(bytes: &[u8], previous: &Hash) -> Result<Hash, Malformed> {
    let Some((body, stored)) = bytes.split_last_chunk::<HASH_BYTES>() else {
        return Err(Malformed { what: "the bytes end too early", offset: bytes.len() });
    };
    if chain(previous, body) != *stored {
        return Err(Malformed { what: "the hash does not fit the record and the one before it", offset: body.len() });
    }
    Ok(*stored)
}
