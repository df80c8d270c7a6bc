//! The meta record: which format a store has, and which store it is.

use bytes::Bytes;
use uuid::Uuid;

use super::wire::{Malformed, Reader};
use super::{NO_HASH, check_hash, seal_with_hash};
use crate::domain::Timestamp;

/// The newest format that this code reads and the one it writes.
pub(crate) const FORMAT_VERSION: u32 = 1;
const MAGIC: &[u8; 8] = b"LEFTFOLD";

/// What a store says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
    pub(crate) format_version: u32,
    pub(crate) store_id: Uuid,
    pub(crate) created_at: Timestamp,
}

impl Meta {
    pub(crate) fn encode(&self) -> Bytes {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.format_version.to_le_bytes());
        out.extend_from_slice(self.store_id.as_bytes());
        out.extend_from_slice(&self.created_at.as_micros().to_le_bytes());
        seal_with_hash(&mut out, &NO_HASH);
        out.into()
    }

    /// Reads the format version alone: all that can be known of a newer store.
    pub(crate) fn format_version(bytes: &[u8]) -> Result<u32, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len())? != MAGIC {
            return reader.fail("not the meta record of a store");
        }
        reader.u32()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let format_version = Self::format_version(bytes)?;
        check_hash(bytes, &NO_HASH)?;
        let mut reader = Reader::new(bytes);
        reader.take(MAGIC.len() + 4)?;
        Ok(Self {
            format_version,
            store_id: Uuid::from_bytes(reader.id()?),
            created_at: Timestamp::trusted(reader.i64()?),
        })
    }
}
