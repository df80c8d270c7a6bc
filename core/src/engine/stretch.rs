//! The log as it is stored, stretch by stretch: for whoever packs its events anew, and has no use for an event of each.

use std::collections::VecDeque;
use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesOrdered;

use super::extents::Place;
use super::index::LogView;
use super::pace::Pace;
use super::read::{Events, Fetched, PAGE_SEGMENTS, ReadOptions, Wanted};
use super::store::EventStore;
use crate::domain::Position;
use crate::storage::codec::{Payloads, StoredPayload};
use crate::storage::{SegmentKey, StorageError};

/// Positions looked up at once.
const LOOKED_UP: usize = 65_536;

/// A read under way whose events are not made. What is appended after it began is not part of it.
pub(crate) struct Stretches {
    store: EventStore,
    events: Events,
    /// Positions that were looked up and are not fetched yet.
    positions: VecDeque<Position>,
    ahead: FuturesOrdered<LocalBoxFuture<'static, (Plan, Result<Fetched, StorageError>)>>,
}

/// The version of the event of each stream that was looked at last, by the stream's number in the log: the next one is that of the next
/// event, as a rule.
#[derive(Debug, Default)]
pub(crate) struct LastVersions(Vec<u32>);

/// Some events of the log, ascending.
pub(crate) struct Stretch {
    store: EventStore,
    positions: Vec<Position>,
    parts: Vec<Part>,
    has_payloads: bool,
}

/// The events of a stretch up to a position.
struct Part {
    first: u64,
    last: u64,
    /// None where nobody wants them, and all events are known to be JSON.
    payloads: Option<Rc<Payloads>>,
}

/// A stretch whose payloads are not there yet.
struct Plan {
    positions: Vec<Position>,
    parts: Vec<(u64, u64, Source)>,
    has_payloads: bool,
}

enum Source {
    Payloads(Rc<Payloads>),
    Segment(SegmentKey),
    Json,
}

/// What the index and the payloads say of an event.
pub(crate) struct StretchRow<'a> {
    pub(crate) position: u32,
    pub(crate) version: u32,
    pub(crate) id: [u8; 16],
    /// Microseconds since 1970.
    pub(crate) time: i64,
    /// The number of its stream in the log.
    pub(crate) stream: u32,
    /// The number of its type and schema version in the log.
    pub(crate) kind: u32,
    pub(crate) is_json: bool,
    /// None where payloads were left out.
    pub(crate) payload: Option<StoredPayload<'a>>,
}

impl EventStore {
    /// Begins to read the log between two positions, bounds included, as it is known here. The query was checked.
    pub(crate) fn stretches(&self, options: ReadOptions) -> Stretches {
        Stretches {
            store: self.clone(),
            events: self.read_known(options),
            positions: VecDeque::new(),
            ahead: FuturesOrdered::new(),
        }
    }
}

impl Stretches {
    /// The next stretch, in order; `None` at the end. It has at most so many events, and of those up to `left_out_to` no payloads,
    /// as far as that is still possible: `ahead` stretches behind it are asked for, too.
    ///
    /// # Errors
    /// [`StorageError`].
    pub(crate) async fn next(
        &mut self,
        most: usize,
        left_out_to: Position,
        ahead: usize,
    ) -> Result<Option<Stretch>, StorageError> {
        self.store.inner.check_open()?;
        let mut pace = Pace::of(&self.store.inner);
        while self.ahead.len() <= ahead {
            let Some((plan, wanted)) = self.plan(most, left_out_to) else { break };
            let inner = Rc::clone(&self.store.inner);
            self.ahead.push_back(Box::pin(async move { (plan, inner.fetch(wanted).await) }));
        }
        let Some((mut plan, fetched)) = self.ahead.next().await else { return Ok(None) };
        let loaded = self.store.inner.decode(fetched?)?;
        let mut parts = Vec::with_capacity(plan.parts.len());
        for (first, last, source) in std::mem::take(&mut plan.parts) {
            let payloads = match source {
                Source::Payloads(payloads) => Some(payloads),
                // All that was asked for is there, or `decode` has failed.
                Source::Segment(key) => loaded.get(&key).cloned(),
                Source::Json => None,
            };
            parts.push(Part { first, last, payloads });
        }
        pace.step().await;
        let Plan { positions, has_payloads, .. } = plan;
        Ok(Some(Stretch { store: self.store.clone(), positions, parts, has_payloads }))
    }

    /// What the next stretch is made of, and the segments to be fetched for it.
    fn plan(&mut self, most: usize, left_out_to: Position) -> Option<(Plan, Vec<Wanted>)> {
        if self.positions.is_empty() {
            self.positions = self.events.next_positions(LOOKED_UP)?.into();
        }
        let has_payloads = *self.positions.front()? > left_out_to;
        let inner = &self.store.inner;
        let (state, json_segments) = (inner.state.borrow(), inner.json_segments.borrow());
        let (mut parts, mut wanted) = (Vec::new(), Vec::new());
        let mut count = 0;
        let mut last = 0;
        for position in &self.positions {
            if count == most || (!has_payloads && *position > left_out_to) {
                break;
            }
            if position.get() > last {
                // The log has no gap.
                let extent = state.extents.find(*position)?;
                let source = match &extent.place {
                    Place::Entry { payloads, .. } => Source::Payloads(Rc::clone(payloads)),
                    Place::Segment(segment) if !has_payloads && json_segments.get(&segment.key) == Some(&true) => {
                        Source::Json
                    }
                    Place::Segment(_) if wanted.len() == PAGE_SEGMENTS => break,
                    Place::Segment(segment) => {
                        wanted.push((*position, Rc::clone(segment)));
                        Source::Segment(segment.key)
                    }
                };
                last = extent.last();
                parts.push((extent.first, last, source));
            }
            count += 1;
        }
        let rest = self.positions.split_off(count);
        let positions = std::mem::replace(&mut self.positions, rest).into();
        Some((Plan { positions, parts, has_payloads }, wanted))
    }
}

impl Stretch {
    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether the payloads are there.
    pub(crate) fn has_payloads(&self) -> bool {
        self.has_payloads
    }

    /// The position of the last event.
    pub(crate) fn last(&self) -> Option<Position> {
        self.positions.last().copied()
    }

    /// Goes through the events. The closure must not call the store. Versions are looked up where `versions` is given, and zero else.
    pub(crate) fn each(&self, mut versions: Option<&mut LastVersions>, mut take: impl FnMut(&LogView, StretchRow<'_>)) {
        self.store.with_log(|log| {
            if let Some(versions) = &mut versions {
                versions.0.resize(log.stream_count(), 0);
            }
            let mut parts = self.parts.iter();
            let mut part: Option<&Part> = None;
            for position in &self.positions {
                if part.is_none_or(|part| position.get() > part.last) {
                    part = parts.next();
                }
                let (Some(part), Some(row)) = (part, log.data(*position)) else { break };
                let version = versions.as_mut().map_or(0, |versions| {
                    let version = &mut versions.0[row.stream as usize];
                    *version = log.version_behind(row.stream, *version, *position);
                    *version
                });
                let stored = part.payloads.as_ref();
                let stored = stored.map(|payloads| payloads.stored((position.get() - part.first) as usize));
                let is_json = stored.as_ref().is_none_or(|(_, is_json)| *is_json);
                take(
                    log,
                    StretchRow {
                        position: position.get() as u32,
                        version,
                        id: row.id,
                        time: row.time,
                        stream: row.stream,
                        kind: row.kind,
                        is_json,
                        payload: stored.map(|(payload, _)| payload).filter(|_| self.has_payloads),
                    },
                );
            }
        });
    }
}
