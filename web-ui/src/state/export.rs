//! Export: the log of the open store as a file.

use leftfold_core::ReadOptions;
use leftfold_core::formats::write_ndjson;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};

use super::browser::{now_ms, save_file, sleep};
use super::{App, Phase, Trouble};
use crate::model::format;

/// Parts of this size are handed to the browser, which keeps them outside of the page's memory.
const PART_BYTES: usize = 4 << 20;
/// How long the page works before it lets others have a turn.
const TURN_MS: f64 = 8.0;

/// An export that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExportStatus {
    /// Events written.
    pub(crate) done: u64,
    /// Events to write.
    pub(crate) of: u64,
    number: u64,
}

/// What is in the file.
#[derive(Default)]
struct Written {
    events: u64,
    bytes: u64,
    /// Events whose data is no JSON, which are not in it.
    left_out: u64,
}

impl App {
    /// Writes the log up to its present head to a file of NDJSON, unless an export runs already.
    pub(crate) fn export(self) {
        let Phase::Open { name } = self.phase.get_untracked() else { return };
        if self.exporting.with_untracked(Option::is_some) {
            return;
        }
        let number = self.next_number();
        self.exporting.set(Some(ExportStatus { done: 0, of: self.head.get_untracked().get(), number }));
        spawn_local(async move {
            match self.write_export(&name, number).await {
                Ok(Some(Written { events, bytes, left_out })) => {
                    let mut text =
                        format!("{} in {name}.ndjson, {}.", format::counted(events, "event"), format::bytes(bytes));
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
    async fn write_export(self, name: &str, number: u64) -> Result<Option<Written>, Trouble> {
        let Some(store) = self.store() else { return Ok(None) };
        let mut events = store.read(ReadOptions::default()).await?;
        let parts = js_sys::Array::new();
        let mut part = Vec::with_capacity(PART_BYTES);
        let mut written = Written::default();
        let is_wanted = |done: usize| {
            let count_up = |status: &mut Option<ExportStatus>| match status {
                Some(status) if status.number == number => {
                    status.done += done as u64;
                    true
                }
                _ => false,
            };
            self.exporting.try_update(count_up) == Some(true)
        };
        let mut turn = now_ms();
        while let Some(page) = events.next_page().await? {
            for event in &page {
                match write_ndjson(event, &mut part) {
                    true => written.events += 1,
                    false => written.left_out += 1,
                }
                if part.len() >= PART_BYTES {
                    written.bytes += part.len() as u64;
                    parts.push(&blob(&part)?);
                    part.clear();
                }
                if now_ms() - turn >= TURN_MS {
                    sleep(0).await;
                    turn = now_ms();
                }
            }
            if !is_wanted(page.len()) {
                return Ok(None);
            }
        }
        if !is_wanted(0) {
            return Ok(None);
        }
        written.bytes += part.len() as u64;
        parts.push(&blob(&part)?);
        let options = web_sys::BlobPropertyBag::new();
        options.set_type("application/x-ndjson");
        let file = web_sys::Blob::new_with_blob_sequence_and_options(&parts, &options).map_err(|_| no_file())?;
        save_file(&file, &format!("{name}.ndjson")).ok_or_else(no_file)?;
        Ok(Some(written))
    }
}

fn blob(bytes: &[u8]) -> Result<JsValue, Trouble> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    web_sys::Blob::new_with_u8_array_sequence(parts.unchecked_ref()).map(JsValue::from).map_err(|_| no_file())
}

fn no_file() -> Trouble {
    Trouble::new("The browser could not make the file. Free some room and try again.", "storage-unavailable")
}
