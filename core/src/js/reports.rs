//! What calls give back besides events.

use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::glue;
use crate::domain;
use crate::engine::{self, StoreStats};
use crate::storage::indexed_db;

/// The value as plain objects.
///
/// # Errors
/// None that a report could cause: its numbers fit.
pub(super) fn value(report: &impl Serialize) -> Result<JsValue, Failure> {
    let text = serde_json::to_string(report).map_err(|error| Failure::new("invalid-input", error))?;
    glue::parse(&text.into()).map_err(Failure::Made)
}

/// Where a commit stands in the log.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitResult {
    /// The position of its first event.
    first_position: u64,
    /// The position of its last event.
    last_position: u64,
    /// The versions it took in each stream, in the order of the writes.
    streams: Vec<StreamRange>,
    /// An idempotent retry: these events were already stored, and nothing was written.
    duplicate: bool,
}

/// The versions that a commit took in one stream, both ends included.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamRange {
    /// The stream.
    stream: String,
    /// The version of the first event.
    first_version: u64,
    /// The version of the last event.
    last_version: u64,
}

impl From<domain::CommitResult> for CommitResult {
    fn from(result: domain::CommitResult) -> Self {
        Self {
            first_position: result.first_position.get(),
            last_position: result.last_position.get(),
            streams: result.streams.into_iter().map(StreamRange::from).collect(),
            duplicate: result.duplicate,
        }
    }
}

impl From<domain::StreamRange> for StreamRange {
    fn from(range: domain::StreamRange) -> Self {
        Self {
            stream: range.stream.to_string(),
            first_version: range.first_version.get(),
            last_version: range.last_version.get(),
        }
    }
}

/// A store in the list of stores.
#[derive(Serialize, Tsify)]
pub(super) struct StoreSummary {
    /// Its name.
    name: String,
    /// Its events.
    events: u64,
    /// Bytes of its log, without what the browser adds.
    bytes: u64,
}

impl From<indexed_db::StoreSummary> for StoreSummary {
    fn from(summary: indexed_db::StoreSummary) -> Self {
        Self { name: summary.name, events: summary.events, bytes: summary.bytes }
    }
}

/// A stream in the list of streams.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamInfo {
    /// Its name.
    stream: String,
    /// The version of its last event.
    version: u64,
    /// The position of its last event.
    last_position: u64,
}

impl From<engine::StreamInfo> for StreamInfo {
    fn from(info: engine::StreamInfo) -> Self {
        Self { stream: info.stream.to_string(), version: info.version.get(), last_position: info.last_position.get() }
    }
}

/// What a walk through the log has found.
#[derive(Serialize, Tsify)]
pub(super) struct Verification {
    /// Whether everything holds.
    ok: bool,
    /// Events walked.
    events: u64,
    /// Segments among them.
    segments: u64,
    /// What does not hold.
    problems: Vec<Problem>,
}

/// Something that does not hold.
#[derive(Serialize, Tsify)]
pub(super) struct Problem {
    /// The first position of the record concerned.
    position: u64,
    /// The stable code: `corrupt`.
    code: String,
    /// What does not hold.
    message: String,
}

impl From<engine::Verification> for Verification {
    fn from(found: engine::Verification) -> Self {
        let problem = |problem: engine::Problem| Problem {
            position: problem.position.get(),
            code: problem.code.to_owned(),
            message: problem.message,
        };
        Self {
            ok: found.is_ok(),
            events: found.events,
            segments: found.segments,
            problems: found.problems.into_iter().map(problem).collect(),
        }
    }
}

/// Figures of a store.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stats {
    /// Events in the log.
    events: u64,
    /// Streams that have events.
    streams: u64,
    /// Event types with the number of their events.
    types: Vec<TypeCount>,
    /// Bytes of the log, without what the browser adds.
    bytes: u64,
    /// Segments.
    segments: u64,
    /// Bytes of memory that the index of this handle takes, payloads not counted.
    resident_bytes: u64,
    /// Whether the browser has promised not to evict the data.
    persisted: bool,
    /// Bytes that this origin may use, where the browser says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    quota: Option<u64>,
    /// Bytes that this origin uses, where the browser says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    usage: Option<u64>,
}

/// An event type and the number of its events.
#[derive(Serialize, Tsify)]
pub(super) struct TypeCount {
    /// The type.
    r#type: String,
    /// The number of its events.
    count: u64,
}

impl From<StoreStats> for Stats {
    fn from(stats: StoreStats) -> Self {
        let count = |count: engine::TypeCount| TypeCount { r#type: count.event_type.to_string(), count: count.count };
        Self {
            events: stats.events,
            streams: stats.streams,
            types: stats.types.into_iter().map(count).collect(),
            bytes: stats.bytes,
            segments: stats.segments,
            resident_bytes: stats.resident_bytes,
            persisted: stats.usage.persisted,
            quota: stats.usage.quota_bytes,
            usage: stats.usage.usage_bytes,
        }
    }
}
