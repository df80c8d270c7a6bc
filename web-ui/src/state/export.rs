//! Export: the log of the open store as a file.

use std::sync::Arc;

use leftfold_core::formats::{Export, ExportFormat, ExportOptions, ExportProgress};
use leftfold_core::{EventStore, Position, ReadError};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};

use super::browser::save_file;
use super::{App, Phase, Trouble};
use crate::model::filter::Rows;
use crate::model::format;

/// Which events go to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All, up to the head as it is at the start.
    Whole,
    /// Those from the first to the last of these.
    Range(Position, Position),
    /// The rows of the log as it is filtered.
    Listed(Arc<Rows>),
}

/// An export that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExportStatus {
    /// Positions gone through.
    pub(crate) done: u64,
    /// Positions to go through.
    pub(crate) of: u64,
    number: u64,
}

impl App {
    /// Writes events to a file, unless an export runs already.
    ///
    /// As a report the whole log goes out in format leftfold, behind a line with the view and all that is kept for the store.
    pub(crate) fn export(self, format: ExportFormat, extent: Extent, is_report: bool) {
        let Phase::Open { name } = self.phase.get_untracked() else { return };
        if self.exporting.with_untracked(Option::is_some) {
            return;
        }
        let number = self.next_number();
        self.exporting.set(Some(ExportStatus { done: 0, of: self.head.get_untracked().get(), number }));
        let file = match extent {
            Extent::Whole if is_report => format!("{name}.report.{}", format.extension()),
            Extent::Whole => format!("{name}.{}", format.extension()),
            Extent::Range(from, to) => format!("{name}-{from}-{to}.{}", format.extension()),
            Extent::Listed(_) => format!("{name}-filtered.{}", format.extension()),
        };
        let first_line = is_report.then(|| self.report().to_line()).flatten();
        spawn_local(async move {
            match self.write_export((format, extent), first_line, &file, number).await {
                Ok(Some(ExportProgress { bytes, events, left_out, .. })) => {
                    let mut text = format!("{} in {file}, {}.", format::counted(events, "event"), format::bytes(bytes));
                    if left_out > 0 {
                        text += &format!(" {} whose data is no JSON left out.", format::counted(left_out, "event"));
                    }
                    self.note("Exported", text);
                }
                Ok(None) => self.note("Export cancelled", "No file was written."),
                Err(trouble) => self.complain("The log could not be exported", trouble),
            }
            self.exporting.update(|status| *status = status.filter(|status| status.number != number));
        });
    }

    /// Ends the export that runs; no file is written.
    pub(crate) fn cancel_export(&self) {
        self.exporting.set(None);
    }

    /// `None` when it was cancelled.
    async fn write_export(
        self,
        (format, extent): (ExportFormat, Extent),
        first_line: Option<String>,
        file: &str,
        number: u64,
    ) -> Result<Option<ExportProgress>, Trouble> {
        let Some(store) = self.store() else { return Ok(None) };
        let mut export = begin(&store, format, extent).await?;
        // The browser keeps the parts outside of the page's memory.
        let parts = js_sys::Array::new();
        let is_wanted = |progress: ExportProgress| {
            let count_up = |status: &mut Option<ExportStatus>| match status {
                Some(status) if status.number == number => {
                    (status.done, status.of) = (progress.passed, progress.positions);
                    true
                }
                _ => false,
            };
            self.exporting.try_update(count_up) == Some(true)
        };
        while let Some(part) = export.next_part().await? {
            parts.push(&blob(&part)?);
            if !is_wanted(export.progress()) {
                return Ok(None);
            }
        }
        if !is_wanted(export.progress()) {
            return Ok(None);
        }
        let header = export.header();
        let mut progress = export.progress();
        progress.bytes += header.len() as u64;
        parts.unshift(&blob(&header)?);
        if let Some(line) = first_line {
            progress.bytes += line.len() as u64;
            parts.unshift(&blob(line.as_bytes())?);
        }
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(format.media_type());
        let made = web_sys::Blob::new_with_blob_sequence_and_options(&parts, &options).map_err(|_| no_file())?;
        save_file(&made, file).ok_or_else(no_file)?;
        Ok(Some(progress))
    }
}

async fn begin(store: &EventStore, format: ExportFormat, extent: Extent) -> Result<Export, ReadError> {
    let options = ExportOptions { format, ..ExportOptions::default() };
    match extent {
        Extent::Whole => Export::begin(store, options).await,
        Extent::Range(from, to) => {
            Export::begin(store, ExportOptions { from: Some(from), to: Some(to), ..options }).await
        }
        Extent::Listed(rows) => match &*rows {
            Rows::All { head } => Export::begin(store, ExportOptions { to: Some(*head), ..options }).await,
            Rows::Some(listed) => {
                let positions = listed.iter().map(|at| Position::from(*at)).collect();
                Export::of_positions(store, format, positions).await
            }
        },
    }
}

fn blob(bytes: &[u8]) -> Result<JsValue, Trouble> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    web_sys::Blob::new_with_u8_array_sequence(parts.unchecked_ref()).map(JsValue::from).map_err(|_| no_file())
}

fn no_file() -> Trouble {
    Trouble::new("The browser could not make the file. Free some room and try again.", "storage-unavailable")
}
