//! The bytes of a file, decompressed where it is compressed, as a stream of chunks.

use std::sync::Arc;

use futures_util::stream::{self, Stream};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, ReadableStreamDefaultReader, ReadableWritablePair};

use crate::model::report::{Beginning, LONGEST_LINE, Report};

/// A file that a person chose.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    file: File,
    /// What is imported of it.
    bytes: Blob,
    /// What the file has besides a log, where it is a report.
    pub(super) report: Option<Arc<Report>>,
    is_gzip: bool,
    /// Bytes after decompression; 0 when nobody knows.
    pub(super) total_bytes: u64,
}

impl Source {
    /// Looks whether the file is compressed, and how long it is in truth.
    pub(super) async fn of(file: File) -> Result<Self, String> {
        let size = file.size();
        let head = bytes_of(&file, 0.0, 2.0).await?;
        let is_gzip = head == [0x1f, 0x8b];
        let total_bytes = if is_gzip {
            // The last four bytes of a gzip file are the length of what it holds (RFC 1952, ISIZE).
            let tail = bytes_of(&file, (size - 4.0).max(0.0), size).await?;
            <[u8; 4]>::try_from(tail).map_or(0, |tail| u64::from(u32::from_le_bytes(tail)))
        } else {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a file")]
            let size = size as u64;
            size
        };
        let mut source = Self { bytes: file.clone().into(), file, report: None, is_gzip, total_bytes };
        source.take_report().await?;
        Ok(source)
    }

    /// Takes the first line of a report away from the log.
    async fn take_report(&mut self) -> Result<(), String> {
        #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
        let (sign, longest) = (Report::sign_bytes() as f64, LONGEST_LINE as f64);
        if !Report::may_begin(&bytes_of(&self.file, 0.0, sign).await?) {
            return Ok(());
        }
        match Report::read(&bytes_of(&self.file, 0.0, longest).await?) {
            Beginning::Other => Ok(()),
            Beginning::Unreadable(why) => Err(why),
            Beginning::Report(report, length) => {
                #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
                let after = self.file.slice_with_f64(length as f64);
                self.bytes = after.map_err(|error| reason(&error))?;
                self.total_bytes -= length as u64;
                self.report = Some(Arc::from(report));
                Ok(())
            }
        }
    }

    /// The name of the file.
    pub(super) fn name(&self) -> String {
        self.file.name()
    }

    /// Its size as it lies there.
    pub(super) fn file_bytes(&self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a file")]
        let size = self.file.size() as u64;
        size
    }

    /// Its chunks, from the start. Dropping the stream ends the reading.
    pub(super) fn chunks(&self) -> Result<impl Stream<Item = Result<Vec<u8>, String>> + use<>, String> {
        let mut readable = self.bytes.stream();
        if self.is_gzip {
            readable = readable.pipe_through(&gunzip().map_err(|error| reason(&error))?);
        }
        let reader = readable.get_reader().unchecked_into::<ReadableStreamDefaultReader>();
        let open = Reading { reader };
        Ok(stream::try_unfold(open, |open| async move {
            let step = JsFuture::from(open.reader.read()).await.map_err(|error| reason(&error))?;
            let field = |name: &str| js_sys::Reflect::get(&step, &name.into()).unwrap_or(JsValue::UNDEFINED);
            if field("done").is_truthy() {
                return Ok(None);
            }
            Ok(Some((js_sys::Uint8Array::new(&field("value")).to_vec(), open)))
        }))
    }
}

/// `new DecompressionStream("gzip")`: web-sys has no stable binding for it.
fn gunzip() -> Result<ReadableWritablePair, JsValue> {
    let class = js_sys::Reflect::get(&window(), &"DecompressionStream".into())?.dyn_into::<js_sys::Function>()?;
    let pair = js_sys::Reflect::construct(&class, &js_sys::Array::of1(&"gzip".into()))?;
    Ok(pair.unchecked_into())
}

struct Reading {
    reader: ReadableStreamDefaultReader,
}

impl Drop for Reading {
    fn drop(&mut self) {
        // A reader that has ended cannot be cancelled any more, and need not be.
        let cancelled = self.reader.cancel();
        leptos::task::spawn_local(async move {
            let _ = JsFuture::from(cancelled).await;
        });
    }
}

async fn bytes_of(file: &File, from: f64, to: f64) -> Result<Vec<u8>, String> {
    let part = file.slice_with_f64_and_f64(from, to).map_err(|error| reason(&error))?;
    let buffer = JsFuture::from(part.array_buffer()).await.map_err(|error| reason(&error))?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

fn reason(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => "the browser could not read it".to_owned(),
    }
}
