//! Payloads of segments that were read lately, within a budget of bytes.

use std::rc::Rc;

use lru::LruCache;

use crate::storage::SegmentKey;
use crate::storage::codec::Payloads;

#[derive(Debug)]
pub(crate) struct PayloadCache {
    segments: LruCache<SegmentKey, Rc<Payloads>>,
    bytes: usize,
    budget: usize,
}

impl PayloadCache {
    pub(crate) fn new(budget: usize) -> Self {
        Self { segments: LruCache::unbounded(), bytes: 0, budget }
    }

    pub(crate) fn get(&mut self, key: SegmentKey) -> Option<Rc<Payloads>> {
        self.segments.get(&key).cloned()
    }

    /// Keeps `payloads`, and drops what was used longest ago until the budget holds again.
    pub(crate) fn put(&mut self, key: SegmentKey, payloads: Rc<Payloads>) {
        self.bytes += payloads.byte_len();
        if let Some(before) = self.segments.put(key, payloads) {
            self.bytes -= before.byte_len();
        }
        while self.bytes > self.budget && self.segments.len() > 1 {
            let Some((_, dropped)) = self.segments.pop_lru() else { break };
            self.bytes -= dropped.byte_len();
        }
    }

    pub(crate) fn byte_len(&self) -> usize {
        self.bytes
    }
}
