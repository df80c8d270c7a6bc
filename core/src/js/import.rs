//! Importing a file: its bytes come from JavaScript, chunk by chunk, and its events from the module that reads files.

use std::cell::Cell;

use futures_core::Stream;
use futures_util::stream;
use js_sys::{Date, Function, Uint8Array};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::failure::{Failure, reason};
use super::glue::{self, FormatReader, Source};
use super::import_types::{ImportOptions, ImportReport};
use super::options::function;
use super::reports;
use super::signal::{Abort, signal};
use crate::engine::EventStore;
use crate::formats::apart::{EventReader, Interrupted, Placed, import_by, unpack};
use crate::formats::{CancelToken, ImportWatch, Progress};

/// How often progress is told at most, in milliseconds: what a person can follow.
const PROGRESS_MILLIS: f64 = 50.0;

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

/// An import whose arguments were read.
pub(super) struct Import {
    source: Source,
    options: String,
    on_progress: Option<Function>,
    signal: Option<AbortSignal>,
}

impl Import {
    /// Reads the arguments.
    ///
    /// # Errors
    /// `invalid-input`.
    pub(super) fn new(source: Source, options: ImportOptions) -> Result<Self, Failure> {
        let text = options.to_text().map_err(|error| Failure::new("invalid-input", error))?;
        let on_progress = function("onProgress", options.on_progress)?;
        let signal = signal(options.signal)?;
        Ok(Self { source, options: text, on_progress, signal })
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
        let watch = ImportWatch::new().cancel(cancel.clone()).on_progress(|progress: Progress| {
            events.set(progress.events);
            let now = Date::now();
            if now - told.get() >= PROGRESS_MILLIS {
                told.set(now);
                self.tell(progress.events);
            }
        });
        let outcome = async {
            let reader = Elsewhere::open(&self.options).await?;
            let (stored, reader) = import_by(&store, chunks(self.source.clone()), reader, watch).await?;
            let mut report: ImportReport = serde_json::from_str(&reader.0.report().map_err(Failure::Made)?)
                .map_err(|error| Failure::new("invalid-input", error))?;
            report.events = stored.events;
            report.streams = stored.streams;
            report.duplicates += stored.duplicates;
            report.first_position = stored.first_position.get();
            report.last_position = stored.last_position.get();
            Ok::<_, Failure>(report)
        };
        let outcome = outcome.await;
        drop(abort);
        match outcome {
            Ok(report) => {
                self.tell(events.get());
                reports::value(&report)
            }
            Err(failure) => {
                self.source.cancel();
                Err(match self.signal {
                    Some(signal) if cancel.is_cancelled() => failure.caused_by(signal.reason()),
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

/// The reader in the module that reads files.
struct Elsewhere(FormatReader);

impl Elsewhere {
    async fn open(options: &str) -> Result<Self, Failure> {
        let reader = glue::open_format_reader(options).await.map_err(Failure::Made)?;
        Ok(Self(reader.unchecked_into()))
    }

    fn take(packed: Result<Option<Uint8Array>, JsValue>, out: &mut Vec<Placed>) -> Result<(), Failure> {
        let Some(packed) = packed.map_err(Failure::Made)? else { return Ok(()) };
        let broken = || Failure::new("invalid-input", "the modules of the package are not of one version");
        out.append(&mut unpack(packed.to_vec().into()).ok_or_else(broken)?);
        Ok(())
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.0.free();
    }
}

impl EventReader for Elsewhere {
    type Error = Failure;

    fn push(&mut self, bytes: &[u8], out: &mut Vec<Placed>) -> Result<(), Failure> {
        Self::take(self.0.push(bytes), out)
    }

    fn finish(&mut self, out: &mut Vec<Placed>) -> Result<(), Failure> {
        Self::take(self.0.finish(), out)
    }

    fn rest(&mut self, out: &mut Vec<Placed>) -> Result<(), Failure> {
        Self::take(self.0.rest(), out)
    }

    fn events(&self) -> u64 {
        self.0.events() as u64
    }
}

impl From<Interrupted> for Failure {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Source(reason) => {
                Self::new("invalid-input", format!("the file cannot be read: {reason}")).with("reason", reason)
            }
            Interrupted::Cancelled => Self::new("aborted", "the import was cancelled"),
            Interrupted::Store(error) => error.into(),
        }
    }
}
