//! Figures of a store.

use super::index::TypeCount;
use super::store::EventStore;
use crate::storage::{StorageError, Usage};

/// Figures of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreStats {
    /// Events in the log.
    pub events: u64,
    /// Streams that have events.
    pub streams: u64,
    /// Event types with the number of their events.
    pub types: Vec<TypeCount>,
    /// Bytes of the log as it is stored, without what the storage adds.
    pub bytes: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes of memory that this handle's index takes, payloads in memory not counted.
    pub resident_bytes: u64,
    /// Bytes of payloads in memory.
    pub cached_bytes: u64,
    /// Room of the whole origin.
    pub usage: Usage,
}

impl EventStore {
    /// Figures of the store as it is known here.
    ///
    /// # Errors
    /// [`StorageError`] when the storage cannot say how much room there is.
    pub async fn stats(&self) -> Result<StoreStats, StorageError> {
        self.refresh().await?;
        let usage = self.inner.storage.usage().await?;
        let cached_bytes = self.inner.cache.borrow().byte_len() as u64;
        let (bytes, segments) = (self.stored_bytes(), self.segment_count() as u64);
        Ok(self.with_log(|log| StoreStats {
            events: log.head().get(),
            streams: log.stream_count() as u64,
            types: log.types(),
            bytes,
            segments,
            resident_bytes: log.resident_bytes() as u64,
            cached_bytes,
            usage,
        }))
    }
}
