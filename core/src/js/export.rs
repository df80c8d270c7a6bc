//! Exporting a log as a Blob.

use js_sys::{Array, Date, Function, Uint8Array};
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::failure::{Failure, reason};
use super::members::kept;
use super::options::{QueryInput, function};
use super::signal::{Abort, signal};
use super::value::Whole;
use super::{glue, reports};
use crate::domain::Position;
use crate::engine::{CancelToken, EventStore};
use crate::formats::{self, ExportFormat};

/// How often progress is told at most, in milliseconds: what a person can follow.
const PROGRESS_MILLIS: f64 = 50.0;

/// What to export, and how.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ExportOptions {
    /// Default `leftfold`, which loses nothing and can be imported again. `ndjson` has no place for data that is bytes: such
    /// events are left out.
    #[tsify(optional, type = r#""leftfold" | "ndjson" | "cloudevents" | "csv""#)]
    format: Option<String>,
    /// Only events that match. Default: all.
    #[tsify(optional, type = "Query")]
    query: Option<QueryInput>,
    /// The first position. Default: the beginning.
    #[tsify(optional, type = "number")]
    from: Option<Whole>,
    /// The last position. Default: the end.
    #[tsify(optional, type = "number")]
    to: Option<Whole>,
    /// Told several times a second, and at the end.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "(done: ExportProgress) => void")]
    on_progress: JsValue,
    /// Cancels the export.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "AbortSignal")]
    signal: JsValue,
}

/// How far an export has come.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportProgress {
    /// Bytes that were written.
    bytes: u64,
    /// Events that were written.
    events: u64,
    /// Events that the format has no place for.
    left_out: u64,
    /// Positions of the log that were gone through.
    passed: u64,
    /// Positions of the log to go through.
    positions: u64,
}

/// An export whose arguments were read.
pub(super) struct Export {
    options: formats::ExportOptions,
    head: Position,
    on_progress: Option<Function>,
    signal: Option<AbortSignal>,
}

impl Export {
    /// Reads the arguments of an export that was asked for when the log ended at `head`.
    ///
    /// # Errors
    /// `unsupported-format`, `invalid-query` or `invalid-input`.
    pub(super) fn new(options: ExportOptions, head: Position) -> Result<Self, Failure> {
        let format = match options.format {
            Some(name) => ExportFormat::parse(&name)
                .map_err(|error| Failure::new("unsupported-format", &error).with("format", error.name))?,
            None => ExportFormat::default(),
        };
        let position = |whole: Whole| Position::new(whole.0);
        let read = formats::ExportOptions {
            format,
            from: options.from.map(position),
            to: options.to.map(position),
            query: options.query.map(|query| query.read("query")).transpose()?,
        };
        let on_progress = function("onProgress", options.on_progress)?;
        Ok(Self { options: read, head, on_progress, signal: signal(options.signal)? })
    }

    /// Runs the export.
    ///
    /// # Errors
    /// As reading; and `aborted`.
    pub(super) async fn run(self, store: EventStore) -> Result<JsValue, Failure> {
        let cancel = CancelToken::new();
        let abort = self.signal.as_ref().map(|signal| Abort::listen(signal, &cancel));
        let check = || match &self.signal {
            Some(signal) if cancel.is_cancelled() => {
                Err(Failure::new("aborted", "the export was cancelled").caused_by(signal.reason()))
            }
            _ => Ok(()),
        };
        check()?;
        let media_type = self.options.format.media_type();
        let mut export = formats::Export::begin_up_to(&store, self.options.clone(), self.head)?;
        let parts = Array::new();
        let mut told = f64::NEG_INFINITY;
        loop {
            let part = export.next_part().await?;
            check()?;
            let Some(part) = part else { break };
            // As a Blob of its own it is the browser's to keep, outside of the page's memory.
            parts.push(&glue::blob(&Array::of1(&Uint8Array::from(part.as_slice())), "").map_err(no_room)?);
            let now = Date::now();
            if now - told >= PROGRESS_MILLIS {
                told = now;
                self.tell(&export);
            }
        }
        drop(abort);
        self.tell(&export);
        parts.unshift(&Uint8Array::from(export.header().as_slice()));
        glue::blob(&parts, media_type).map_err(no_room)
    }

    /// Calls `onProgress`; what it throws is its own affair.
    fn tell(&self, export: &formats::Export) {
        let Some(on_progress) = &self.on_progress else { return };
        let formats::ExportProgress { bytes, events, left_out, passed, positions } = export.progress();
        let progress = ExportProgress { bytes, events, left_out, passed, positions };
        let called = reports::value(&progress).map(|progress| on_progress.call1(&JsValue::UNDEFINED, &progress));
        if let Ok(Err(thrown)) = called {
            glue::report(&thrown);
        }
    }
}

fn no_room(error: JsValue) -> Failure {
    let message = format!("the browser could not make the file: {}", reason(&error));
    Failure::new("storage-unavailable", message).caused_by(error)
}
