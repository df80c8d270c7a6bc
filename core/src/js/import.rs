//! Importing a file: its bytes come from JavaScript, chunk by chunk.

use std::cell::Cell;

use futures_core::Stream;
use futures_util::stream;
use js_sys::{Date, Function, Uint8Array};
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::failure::{Describe, Failure, reason};
use super::glue::{self, Source};
use super::options::function;
use super::reports;
use super::signal::{Abort, signal};
use crate::engine::EventStore;
use crate::formats::{self, CancelToken, FieldSource, Format, ImportError, ImportWatch, InvalidRow, Mapping, Progress};

/// How often progress is told at most, in milliseconds: what a person can follow.
const PROGRESS_MILLIS: f64 = 50.0;

/// How to import.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ImportOptions {
    /// Default `auto`: by content. A format that nothing here reads is refused as `unsupported-format`.
    #[tsify(
        optional,
        type = r#""auto" | "ndjson" | "json" | "csv" | "xes" | "ocel2" | "cloudevents" | "kurrentdb" | "marten" | "axon" | "message-db" | "emmett" | "eventsourcing" | "cqrs-es" | "redux-devtools" | "leftfold""#
    )]
    format: Option<String>,
    /// The columns or members that the fields of events come from; those not named are guessed.
    #[tsify(optional)]
    mapping: Option<ImportMapping>,
    /// The prefix of every stream: `receipt` makes case 42 the stream receipt-42.
    #[tsify(optional)]
    category: Option<String>,
    /// Default `time` when every event has one: stable, and never reorders the events of one stream.
    #[tsify(optional)]
    order: Option<ImportOrder>,
    /// Told several times a second, and at the end. `bytes` counts as the source has them, compressed or not.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(optional, type = "(done: ImportProgress) => void")]
    on_progress: JsValue,
    /// Default `stop`: nothing of the file is stored. `skip` leaves invalid rows out and reports them.
    #[tsify(optional)]
    on_invalid: Option<OnInvalid>,
    /// Cancels the import: nothing of the file is stored.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(optional, type = "AbortSignal")]
    signal: JsValue,
}

/// Names of columns or members. A text that begins with `=` is a constant; an empty one means: from nowhere, no guess.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase", expecting = "an object")]
pub(super) struct ImportMapping {
    /// The stream.
    #[tsify(optional)]
    stream: Option<String>,
    /// The type.
    #[tsify(optional)]
    r#type: Option<String>,
    /// The time.
    #[tsify(optional)]
    time: Option<String>,
    /// The id.
    #[tsify(optional)]
    id: Option<String>,
    /// The schema version.
    #[tsify(optional)]
    schema_version: Option<String>,
}

impl From<ImportMapping> for Mapping {
    fn from(mapping: ImportMapping) -> Self {
        let source = |name: Option<String>| name.map(|name| FieldSource::from(name.as_str()));
        Self {
            stream: source(mapping.stream),
            event_type: source(mapping.r#type),
            time: source(mapping.time),
            id: source(mapping.id),
            schema_version: source(mapping.schema_version),
        }
    }
}

/// The order in which the events of a file come into the log.
#[derive(Clone, Copy, Debug, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ImportOrder {
    Time,
    File,
}

/// What an invalid row does.
#[derive(Clone, Copy, Debug, Default, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OnInvalid {
    #[default]
    Stop,
    Skip,
}

/// How far an import has come.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportProgress {
    /// Bytes of the source that were read.
    bytes: f64,
    /// Events that were read.
    events: u64,
    /// Bytes of the source.
    total_bytes: f64,
}

/// What an import did.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportReport {
    /// The format that the file was read in.
    format: String,
    /// Events stored.
    events: u64,
    /// Streams that they belong to.
    streams: u64,
    /// Events left out, because they were stored already.
    duplicates: u64,
    /// The first 1,000 of the rows that were left out as invalid.
    skipped: Vec<SkippedRow>,
    /// The position of the first event stored; 0 when none was.
    first_position: u64,
    /// The position of the last event stored; 0 when none was.
    last_position: u64,
}

/// A row that was left out as invalid.
#[derive(Serialize, Tsify)]
pub(super) struct SkippedRow {
    /// The line of the file at which it begins, from 1.
    line: u64,
    /// What kind of fault it has.
    code: String,
    /// What is wrong with it.
    message: String,
}

impl From<formats::ImportReport> for ImportReport {
    fn from(report: formats::ImportReport) -> Self {
        let row = |row: InvalidRow| SkippedRow {
            line: row.line,
            code: row.code.to_string(),
            message: match row.path {
                Some(path) => format!("{path}: {}", row.message),
                None => row.message,
            },
        };
        Self {
            format: report.format.name().to_owned(),
            events: report.events,
            streams: report.streams,
            duplicates: report.duplicates,
            skipped: report.skipped.into_iter().map(row).collect(),
            first_position: report.first_position.get(),
            last_position: report.last_position.get(),
        }
    }
}

/// An import whose arguments were read.
pub(super) struct Import {
    source: Source,
    options: formats::ImportOptions,
    on_progress: Option<Function>,
    signal: Option<AbortSignal>,
}

impl Import {
    /// Reads the arguments.
    ///
    /// # Errors
    /// `invalid-input` or `unsupported-format`.
    pub(super) fn new(source: &JsValue, options: ImportOptions) -> Result<Self, Failure> {
        let format = options.format.as_deref().unwrap_or("auto");
        let read = formats::ImportOptions {
            format: Format::parse(format)?,
            mapping: options.mapping.unwrap_or_default().into(),
            category: options.category,
            order: options.order.map(|order| match order {
                ImportOrder::Time => formats::ImportOrder::Time,
                ImportOrder::File => formats::ImportOrder::File,
            }),
            on_invalid: match options.on_invalid.unwrap_or_default() {
                OnInvalid::Stop => formats::OnInvalid::Stop,
                OnInvalid::Skip => formats::OnInvalid::Skip,
            },
        };
        let on_progress = function("onProgress", options.on_progress)?;
        let signal = signal(options.signal)?;
        Ok(Self { source: glue::open_source(source).map_err(Failure::Made)?, options: read, on_progress, signal })
    }

    /// Runs the import.
    ///
    /// # Errors
    /// Whatever keeps it from storing all of the file; nothing of it is stored then.
    pub(super) async fn run(self, store: EventStore) -> Result<JsValue, Failure> {
        let cancel = CancelToken::new();
        let abort = self.signal.as_ref().map(|signal| Abort::listen(signal, &cancel));
        let events = Cell::new(0);
        let told = Cell::new(f64::NEG_INFINITY);
        let watch = ImportWatch::new().cancel(cancel).on_progress(|progress: Progress| {
            events.set(progress.events);
            let now = Date::now();
            if now - told.get() >= PROGRESS_MILLIS {
                told.set(now);
                self.tell(progress.events);
            }
        });
        let outcome = formats::import(&store, chunks(self.source.clone()), &self.options, watch).await;
        drop(abort);
        match outcome {
            Ok(report) => {
                self.tell(events.get());
                reports::value(&ImportReport::from(report))
            }
            Err(error) => {
                self.source.cancel();
                let is_aborted = matches!(error, ImportError::Aborted);
                let failure = Failure::from(error);
                Err(match self.signal {
                    Some(signal) if is_aborted => failure.caused_by(signal.reason()),
                    _ => failure,
                })
            }
        }
    }

    /// Calls `onProgress`; what it throws is its own affair.
    fn tell(&self, events: u64) {
        let Some(on_progress) = &self.on_progress else { return };
        let progress = ImportProgress { bytes: self.source.bytes_read(), events, total_bytes: self.source.size() };
        let called = reports::value(&progress).map(|progress| on_progress.call1(&JsValue::UNDEFINED, &progress));
        if let Ok(Err(thrown)) = called {
            glue::report(&thrown);
        }
    }
}

fn chunks(source: Source) -> impl Stream<Item = Result<Vec<u8>, String>> {
    stream::unfold(Some(source), |source| async move {
        let source = source?;
        match source.read().await {
            Ok(chunk) if chunk.is_undefined() => None,
            Ok(chunk) => Some((Ok(chunk.unchecked_into::<Uint8Array>().to_vec()), Some(source))),
            Err(error) => Some((Err(reason(&error)), None)),
        }
    })
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let failure = Self::new(error.code(), &error);
        match error {
            ImportError::UnsupportedFormat { found } => failure.with("found", found),
            ImportError::UnknownFormat { name } => failure.with("format", name),
            ImportError::Encoding { line, .. } => failure.with("line", line),
            ImportError::TooManyColumns { line, limit, .. } => failure.with("line", line).with("limit", limit),
            ImportError::RowTooLong { line, path, limit, .. } | ImportError::TooMuchToHold { line, path, limit } => {
                with_path(failure, path).with("line", line).with("limit", limit)
            }
            ImportError::Document { line, path, .. } => failure.with("line", line).with("path", path),
            ImportError::InvalidRow(row) => row.describe(failure),
            ImportError::NoColumn { field, columns } => failure.with("member", field.name()).with("columns", columns),
            ImportError::NotOfFormat { format, column, columns } => {
                failure.with("format", format.name()).with("column", column).with("columns", columns)
            }
            ImportError::UnknownColumn { field, column, columns } => {
                failure.with("member", field.name()).with("column", column).with("columns", columns)
            }
            ImportError::InvalidConstant { field, .. } => failure.with("member", field.name()),
            ImportError::InvalidCategory { .. } => failure.with("member", "category"),
            ImportError::NoTimeToOrderBy { .. } => failure.with("member", "order"),
            ImportError::NewerFormat { found, known } => failure.with("found", found).with("known", known),
            ImportError::NoHeader { .. } => failure.with("line", 1),
            ImportError::Altered { reason } => failure.with("reason", reason),
            ImportError::Source { reason } => failure.with("reason", reason),
            ImportError::Store(error) => error.into(),
            ImportError::Empty | ImportError::Aborted => failure,
        }
    }
}

fn with_path(failure: Failure, path: Option<String>) -> Failure {
    match path {
        Some(path) => failure.with("path", path),
        None => failure,
    }
}

impl Describe for InvalidRow {
    fn describe(&self, failure: Failure) -> Failure {
        let failure = with_path(failure, self.path.clone()).with("line", self.line).with("fault", self.code.as_str());
        match &self.column {
            Some(column) => failure.with("column", column),
            None => failure,
        }
    }
}
