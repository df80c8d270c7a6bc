//! Directory records: entries of the log that point at segments instead of holding events.

use bytes::Bytes;

use super::wire::{Malformed, Reader, put_varint};
use super::{Hash, KIND_PUBLISHED, KIND_SEALED, NO_HASH, RecordHeader, check_hash, checksum, seal_with_hash};
use crate::storage::SegmentKey;

/// A segment as its directory record names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentRef {
    pub(crate) key: SegmentKey,
    pub(crate) count: u32,
    pub(crate) index_len: u32,
    pub(crate) index_checksum: u64,
    pub(crate) payload_len: u32,
    pub(crate) payload_checksum: u64,
    /// BLAKE3 of the payload record.
    pub(crate) payload_hash: Hash,
}

impl SegmentRef {
    pub(crate) fn new(key: SegmentKey, count: u32, index: &[u8], payload: &[u8]) -> Self {
        Self {
            key,
            count,
            index_len: index.len() as u32,
            index_checksum: checksum(index),
            payload_len: payload.len() as u32,
            payload_checksum: checksum(payload),
            payload_hash: *blake3::hash(payload).as_bytes(),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key.0.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.index_len.to_le_bytes());
        out.extend_from_slice(&self.index_checksum.to_le_bytes());
        out.extend_from_slice(&self.payload_len.to_le_bytes());
        out.extend_from_slice(&self.payload_checksum.to_le_bytes());
        out.extend_from_slice(&self.payload_hash);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            key: SegmentKey(reader.u64()?),
            count: reader.u32()?,
            index_len: reader.u32()?,
            index_checksum: reader.u64()?,
            payload_len: reader.u32()?,
            payload_checksum: reader.u64()?,
            payload_hash: reader.hash()?,
        })
    }
}

/// The sealed record: it stands in the place of the events records that its segment is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The chain up to the first of the records replaced.
    pub(crate) chain_before: Hash,
    /// The chain after the last of them.
    pub(crate) chain_after: Hash,
    pub(crate) segment: SegmentRef,
}

impl Sealed {
    pub(crate) fn encode(&self) -> Bytes {
        let mut out = Vec::new();
        RecordHeader { kind: KIND_SEALED, count: self.segment.count }.encode(&mut out);
        out.extend_from_slice(&self.chain_before);
        out.extend_from_slice(&self.chain_after);
        self.segment.encode(&mut out);
        // It says nothing that the chain does not hold already; its own hash only guards its bytes.
        seal_with_hash(&mut out, &NO_HASH);
        out.into()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        check_hash(bytes, &NO_HASH)?;
        let mut reader = Reader::new(bytes);
        let header = RecordHeader::decode(&mut reader)?;
        let sealed = Self {
            chain_before: reader.hash()?,
            chain_after: reader.hash()?,
            segment: SegmentRef::decode(&mut reader)?,
        };
        if header.kind != KIND_SEALED || header.count != sealed.segment.count {
            return reader.fail("not a sealed record");
        }
        Ok(sealed)
    }
}

/// The most segments that one published record names when it is written. A handle that learns of a record shows all that it names in
/// one go, which must not hold up its thread: these have some ten thousand events.
pub(crate) const MAX_SEGMENTS_PER_PUBLISHED: usize = 16;

/// The published record: it appends segments that were written before, in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) segments: Vec<SegmentRef>,
}

impl Published {
    pub(crate) fn count(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.count)).sum()
    }

    pub(crate) fn encode(&self, previous: &Hash) -> (Bytes, Hash) {
        let mut out = Vec::new();
        RecordHeader { kind: KIND_PUBLISHED, count: self.count() as u32 }.encode(&mut out);
        put_varint(&mut out, self.segments.len() as u64);
        self.segments.iter().for_each(|segment| segment.encode(&mut out));
        let hash = seal_with_hash(&mut out, previous);
        (out.into(), hash)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let header = RecordHeader::decode(&mut reader)?;
        let segments = (0..reader.count()?).map(|_| SegmentRef::decode(&mut reader)).collect::<Result<Vec<_>, _>>()?;
        let published = Self { segments };
        if header.kind != KIND_PUBLISHED || u64::from(header.count) != published.count() {
            return reader.fail("not a published record");
        }
        Ok(published)
    }
}

/// What an entry of the log adds to the store.
#[cfg(target_arch = "wasm32")]
pub(crate) struct EntryFigures {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

/// The figures of an entry, without reading what it points at.
#[cfg(target_arch = "wasm32")]
pub(crate) fn entry_figures(bytes: &[u8]) -> Result<EntryFigures, Malformed> {
    let header = RecordHeader::peek(bytes)?;
    let of = |segment: &SegmentRef| u64::from(segment.index_len) + u64::from(segment.payload_len);
    let bytes = match header.kind {
        KIND_SEALED => of(&Sealed::decode(bytes)?.segment),
        KIND_PUBLISHED => Published::decode(bytes)?.segments.iter().map(of).sum(),
        _ => bytes.len() as u64,
    };
    Ok(EntryFigures { events: header.count.into(), bytes })
}
