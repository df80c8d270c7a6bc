//! Which record or segment holds which stretch of the log.

use std::rc::Rc;

use crate::domain::Position;
use crate::storage::codec::{Hash, Payloads, SegmentRef};

/// Where the payloads of a stretch are.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In an events entry that is not sealed yet. It is held here, whatever becomes of it in the log.
    Entry { payloads: Rc<Payloads>, chain_before: Hash, chain_after: Hash },
    /// In a segment.
    Segment(Rc<SegmentRef>),
}

/// A stretch of the log.
#[derive(Clone, Debug)]
pub(crate) struct Extent {
    pub(crate) first: u64,
    pub(crate) count: u32,
    pub(crate) place: Place,
}

impl Extent {
    pub(crate) fn last(&self) -> u64 {
        self.first + u64::from(self.count) - 1
    }

    fn entry_bytes(&self) -> Option<usize> {
        match &self.place {
            Place::Entry { payloads, .. } => Some(payloads.bytes().len()),
            Place::Segment(_) => None,
        }
    }
}

/// The stretches in order, without gap.
#[derive(Debug, Default)]
pub(crate) struct Extents {
    list: Vec<Extent>,
    /// Stretches before this one are segments.
    first_entry: usize,
    entry_bytes: usize,
    segments: usize,
}

impl Extents {
    pub(crate) fn push(&mut self, extent: Extent) {
        match extent.entry_bytes() {
            Some(bytes) => self.entry_bytes += bytes,
            None => self.segments += 1,
        }
        self.list.push(extent);
        self.skip_segments();
    }

    fn skip_segments(&mut self) {
        while self.list.get(self.first_entry).is_some_and(|extent| extent.entry_bytes().is_none()) {
            self.first_entry += 1;
        }
    }

    pub(crate) fn find(&self, position: Position) -> Option<&Extent> {
        let behind = self.list.partition_point(|extent| extent.first <= position.get());
        self.list.get(behind.checked_sub(1)?).filter(|extent| position.get() <= extent.last())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Extent> {
        self.list.iter()
    }

    pub(crate) fn segments(&self) -> usize {
        self.segments
    }

    /// Bytes of the entries that are not sealed: they are held in memory.
    pub(crate) fn entry_bytes(&self) -> usize {
        self.entry_bytes
    }

    /// The oldest run of entries that should become a segment: as many as reach `target` bytes, or fewer where a
    /// segment follows them. Never the last entry of the log: a writer that lags behind must find a key behind its own.
    pub(crate) fn sealable(&self, target: usize) -> Option<Vec<Extent>> {
        let mut bytes = 0;
        let mut run = Vec::new();
        for extent in self.list.get(self.first_entry..self.list.len().saturating_sub(1))? {
            let Some(len) = extent.entry_bytes() else {
                return Some(run);
            };
            run.push(extent.clone());
            bytes += len;
            if bytes >= target {
                return Some(run);
            }
        }
        let ends_in_segment = self.list.last().is_some_and(|extent| extent.entry_bytes().is_none());
        (ends_in_segment && !run.is_empty()).then_some(run)
    }

    /// Puts a segment in the place of the entries with the same positions.
    pub(crate) fn replace(&mut self, sealed: Extent) {
        let start = self.list.partition_point(|extent| extent.first < sealed.first);
        let end = self.list.partition_point(|extent| extent.first <= sealed.last());
        let removed = self.list.splice(start..end, [sealed]);
        let (mut bytes, mut segments) = (0, 0);
        for extent in removed {
            match extent.entry_bytes() {
                Some(len) => bytes += len,
                None => segments += 1,
            }
        }
        self.entry_bytes -= bytes;
        self.segments = self.segments + 1 - segments;
        self.first_entry = self.first_entry.min(start);
        self.skip_segments();
    }
}
