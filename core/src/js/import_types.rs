//! How to import, and what an import did: what goes from one compiled module to the other as JSON.

use super::members::kept;
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;

/// How to import.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ImportOptions {
    /// Default `auto`: by content. A format that nothing here reads is refused as `unsupported-format`.
    #[tsify(
        optional,
        type = r#""auto" | "ndjson" | "json" | "csv" | "xes" | "ocel2" | "cloudevents" | "kurrentdb" | "marten" | "axon" | "message-db" | "emmett" | "eventsourcing" | "cqrs-es" | "redux-devtools" | "leftfold""#
    )]
    pub(super) format: Option<String>,
    /// The columns or members that the fields of events come from; those not named are guessed.
    #[tsify(optional)]
    pub(super) mapping: Option<ImportMapping>,
    /// The prefix of every stream: `receipt` makes case 42 the stream receipt-42.
    #[tsify(optional)]
    pub(super) category: Option<String>,
    /// Default `time` when every event has one: stable, and never reorders the events of one stream.
    #[tsify(optional)]
    pub(super) order: Option<ImportOrder>,
    /// Told several times a second, and at the end. `bytes` counts as the source has them, compressed or not.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "(done: ImportProgress) => void")]
    pub(super) on_progress: JsValue,
    /// Default `stop`: nothing of the file is stored. `skip` leaves invalid rows out and reports them.
    #[tsify(optional)]
    pub(super) on_invalid: Option<OnInvalid>,
    /// Cancels the import: nothing of the file is stored.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "AbortSignal")]
    pub(super) signal: JsValue,
}

impl ImportOptions {
    /// The members that are JSON, as JSON.
    ///
    /// # Errors
    /// None that is known: they are texts.
    pub(super) fn to_text(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Members<'a> {
            format: Option<&'a str>,
            mapping: Option<&'a ImportMapping>,
            category: Option<&'a str>,
            order: Option<ImportOrder>,
            on_invalid: Option<OnInvalid>,
        }
        serde_json::to_string(&Members {
            format: self.format.as_deref(),
            mapping: self.mapping.as_ref(),
            category: self.category.as_deref(),
            order: self.order,
            on_invalid: self.on_invalid,
        })
    }
}

/// Names of columns or members. A text that begins with `=` is a constant; an empty one means: from nowhere, no guess.
#[derive(Debug, Default, Deserialize, Serialize, Tsify)]
#[serde(default, rename_all = "camelCase", expecting = "an object")]
pub(super) struct ImportMapping {
    /// The stream.
    #[tsify(optional)]
    pub(super) stream: Option<String>,
    /// The type.
    #[tsify(optional)]
    pub(super) r#type: Option<String>,
    /// The time.
    #[tsify(optional)]
    pub(super) time: Option<String>,
    /// The id.
    #[tsify(optional)]
    pub(super) id: Option<String>,
    /// The schema version.
    #[tsify(optional)]
    pub(super) schema_version: Option<String>,
}

/// The order in which the events of a file come into the log.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ImportOrder {
    Time,
    File,
}

/// What an invalid row does.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OnInvalid {
    #[default]
    Stop,
    Skip,
}

/// What an import did. What was read is told by the module that reads files, what was stored is added to it.
#[derive(Default, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportReport {
    /// The format that the file was read in.
    pub(super) format: String,
    /// Events stored.
    pub(super) events: u64,
    /// Streams that they belong to.
    pub(super) streams: u64,
    /// Events left out, because they were stored already.
    pub(super) duplicates: u64,
    /// The first 1,000 of the rows that were left out as invalid.
    pub(super) skipped: Vec<SkippedRow>,
    /// The first 1,000 of the places that were read although something is wrong with them, such as a reference to what is not
    /// in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[tsify(optional)]
    pub(super) remarks: Vec<SkippedRow>,
    /// The position of the first event stored; 0 when none was.
    pub(super) first_position: u64,
    /// The position of the last event stored; 0 when none was.
    pub(super) last_position: u64,
}

/// A row that was left out as invalid, or read with a remark.
#[derive(Deserialize, Serialize, Tsify)]
pub(super) struct SkippedRow {
    /// The line of the file at which it begins, from 1.
    pub(super) line: u64,
    /// What kind of fault it has.
    pub(super) code: String,
    /// What is wrong with it.
    pub(super) message: String,
}
