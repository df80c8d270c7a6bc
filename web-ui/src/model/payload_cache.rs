//! Payloads that were read, kept while they are likely to be looked at again, and who among them belongs together.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use leftfold_core::{ContentType, EventId, Position, RecordedEvent};
use serde::Deserialize;

use super::format;
use super::json::Json;
use super::summary::summary;

/// What the cache holds at most: payloads, and bytes of them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many payloads.
    pub payloads: usize,
    /// How many bytes of payloads and metadata.
    pub bytes: usize,
}

/// An event with its payload, the payload in one line, and what the metadata says of its kin.
pub struct Payload {
    /// The event.
    pub event: RecordedEvent,
    /// The payload in one line.
    pub summary: String,
    /// The `correlationId` of the metadata.
    pub correlation: Option<String>,
    /// The `causationId` of the metadata.
    pub causation: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Ids {
    correlation_id: serde_json::Value,
    causation_id: serde_json::Value,
}

impl Payload {
    /// Reads what the log shows of an event.
    #[must_use]
    pub fn new(event: RecordedEvent) -> Self {
        let summary = match event.content() {
            ContentType::Json => Json::parse(event.data()).map(|json| summary(&json)).unwrap_or_default(),
            ContentType::Bytes(kind) => format!("{kind} · {}", format::bytes(event.data().len() as u64)),
        };
        // Metadata is an object with a value of any kind under each name; only a text can be somebody's id.
        let ids: Ids = serde_json::from_slice(event.metadata()).unwrap_or_default();
        let text = |id: serde_json::Value| id.as_str().map(str::to_owned);
        Self { event, summary, correlation: text(ids.correlation_id), causation: text(ids.causation_id) }
    }

    fn bytes(&self) -> usize {
        self.event.data().len() + self.event.metadata().len() + self.summary.len()
    }
}

/// The payloads that belong to one of them, by position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kindred {
    /// The one that it names as its cause.
    pub cause: Option<Position>,
    /// Those that name it as their cause.
    pub effects: Vec<Position>,
    /// Those with the same correlation id, itself among them.
    pub same: Vec<Position>,
}

/// The payloads by position. Asking for one takes constant time, for its kin as much as there is of it.
pub struct PayloadCache {
    limits: Limits,
    kept: HashMap<u64, (u64, Rc<Payload>)>,
    by_id: HashMap<EventId, u64>,
    by_correlation: HashMap<String, BTreeSet<u64>>,
    by_causation: HashMap<String, BTreeSet<u64>>,
    bytes: usize,
    clock: u64,
}

impl PayloadCache {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            kept: HashMap::new(),
            by_id: HashMap::new(),
            by_correlation: HashMap::new(),
            by_causation: HashMap::new(),
            bytes: 0,
            clock: 0,
        }
    }

    /// Whether a payload is here.
    #[must_use]
    pub fn has(&self, position: Position) -> bool {
        self.kept.contains_key(&position.get())
    }

    /// A payload; from now on it is the one that was used last.
    pub fn get(&mut self, position: Position) -> Option<Rc<Payload>> {
        self.clock += 1;
        let (used, payload) = self.kept.get_mut(&position.get())?;
        *used = self.clock;
        Some(Rc::clone(payload))
    }

    /// Keeps a payload. Call [`forget_oldest`](Self::forget_oldest) when all that came together are kept.
    pub fn keep(&mut self, event: RecordedEvent) {
        let at = event.position().get();
        self.forget(at);
        self.clock += 1;
        // It must not hold on to the whole record that it was read from.
        let payload = Payload::new(event.detached());
        self.bytes += payload.bytes();
        self.by_id.insert(payload.event.id(), at);
        for (ids, id) in
            [(&mut self.by_correlation, &payload.correlation), (&mut self.by_causation, &payload.causation)]
        {
            if let Some(id) = id {
                ids.entry(id.clone()).or_default().insert(at);
            }
        }
        self.kept.insert(at, (self.clock, Rc::new(payload)));
    }

    /// Forgets those that were not used for the longest time, where there are more than the limits say: a quarter at once, so
    /// that not every arrival has to look for them. What is in view stays, however much it is: it would be asked for again at once.
    pub fn forget_oldest(&mut self, is_in_view: impl Fn(Position) -> bool) {
        if self.kept.len() <= self.limits.payloads && self.bytes <= self.limits.bytes {
            return;
        }
        let (payloads, bytes) = (self.limits.payloads * 3 / 4, self.limits.bytes / 4 * 3);
        let mut used: Vec<(u64, u64)> = self.kept.iter().map(|(at, (used, _))| (*used, *at)).collect();
        used.sort_unstable();
        for (_, at) in used {
            if self.kept.len() <= payloads && self.bytes <= bytes {
                break;
            }
            if !is_in_view(Position::new(at)) {
                self.forget(at);
            }
        }
    }

    fn forget(&mut self, at: u64) {
        let Some((_, payload)) = self.kept.remove(&at) else { return };
        self.bytes -= payload.bytes();
        self.by_id.remove(&payload.event.id());
        for (ids, id) in
            [(&mut self.by_correlation, &payload.correlation), (&mut self.by_causation, &payload.causation)]
        {
            let Some(id) = id else { continue };
            let is_last = ids.get_mut(id).is_some_and(|positions| positions.remove(&at) && positions.is_empty());
            if is_last {
                ids.remove(id);
            }
        }
    }

    /// The kin of a payload among those that are here.
    #[must_use]
    pub fn kindred(&self, payload: &Payload) -> Kindred {
        let positions = |ids: &HashMap<String, BTreeSet<u64>>, id: &str| {
            ids.get(id).into_iter().flatten().map(|at| Position::new(*at)).collect()
        };
        let cause = payload.causation.as_ref().and_then(|id| EventId::parse(id).ok());
        Kindred {
            cause: cause.and_then(|id| self.by_id.get(&id)).map(|at| Position::new(*at)),
            effects: positions(&self.by_causation, &payload.event.id().to_string()),
            same: payload.correlation.as_ref().map(|id| positions(&self.by_correlation, id)).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
