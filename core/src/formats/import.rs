//! An import, from the first byte to the last event: all of the file is stored, or nothing.

use std::fmt::Display;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_core::Stream;

use super::error::ImportError;
use super::intake::Intake;
use super::options::ImportOptions;
use super::order::Placed;
use super::report::{ImportReport, Progress};
use super::watch::ImportWatch;
use crate::domain::Position;
use crate::engine::{AppendError, Bulk, BulkReport, CancelToken, EventStore, Pace};

/// Bytes that are read at once: a piece of work of a millisecond or so.
const SLICE_BYTES: usize = 16 * 1024;

/// Events that are handed to the store at once.
const SLICE_EVENTS: u64 = 64;

/// Reads a file into a store: all of it, or nothing when this fails, is cancelled or is dropped.
///
/// `source` gives the file's bytes in chunks of any size. The events are appended behind what is stored, without version
/// checks; those whose ids are stored already are left out and counted. Other work of the thread gets its turn every few
/// milliseconds.
///
/// # Errors
/// [`ImportError`]; nothing of the file is stored then.
pub async fn import<C, E>(
    store: &EventStore,
    source: impl Stream<Item = Result<C, E>>,
    options: &ImportOptions,
    watch: ImportWatch<'_>,
) -> Result<ImportReport, ImportError>
where
    C: AsRef<[u8]>,
    E: Display,
{
    let mut run = Run { store, bulk: None, pace: Pace::new(store), watch, progress: Progress::default() };
    let imported = run.import(pin!(source), Intake::new(options)?).await;
    if imported.is_err()
        && let Some(bulk) = run.bulk.take()
    {
        bulk.abandon().await;
    }
    imported
}

struct Run<'a, 'w> {
    store: &'a EventStore,
    /// Begun with the first event, so that an import that waits for its source holds nothing.
    bulk: Option<Bulk>,
    pace: Pace,
    watch: ImportWatch<'w>,
    progress: Progress,
}

impl Run<'_, '_> {
    async fn import<C, E>(
        &mut self,
        mut source: Pin<&mut impl Stream<Item = Result<C, E>>>,
        mut intake: Intake,
    ) -> Result<ImportReport, ImportError>
    where
        C: AsRef<[u8]>,
        E: Display,
    {
        let mut ready = Vec::new();
        while let Some(chunk) = next_chunk(&mut source, self.watch.token()).await? {
            let chunk = chunk.map_err(|error| ImportError::Source { reason: error.to_string() })?;
            for slice in chunk.as_ref().chunks(SLICE_BYTES) {
                intake.push(slice, &mut ready)?;
                self.progress.bytes += slice.len() as u64;
                self.progress.events = intake.events();
                self.store_all(ready.drain(..)).await?;
                self.slice_done().await?;
            }
        }
        let (ordered, counts, format) = intake.finish(&mut ready)?;
        self.progress.events = counts.events;
        self.store_all(ready.into_iter().chain(ordered)).await?;
        self.slice_done().await?;
        let stored = match self.bulk.take() {
            Some(bulk) => bulk.finish().await?,
            None => {
                BulkReport { first_position: Position::ZERO, last_position: Position::ZERO, ..BulkReport::default() }
            }
        };
        Ok(ImportReport {
            format,
            events: stored.events,
            streams: stored.streams,
            duplicates: stored.duplicates + counts.duplicates,
            skipped: counts.skipped,
            skipped_count: counts.skipped_count,
            remarks: counts.remarks.list,
            remark_count: counts.remarks.count,
            first_position: stored.first_position,
            last_position: stored.last_position,
        })
    }

    async fn store_all(&mut self, events: impl Iterator<Item = Placed>) -> Result<(), ImportError> {
        for (stream, event) in events {
            let bulk = match &mut self.bulk {
                Some(bulk) => bulk,
                none => none.insert(self.store.bulk().await.map_err(AppendError::from)?),
            };
            bulk.push(&stream, &event).await?;
            self.progress.stored += 1;
            if self.progress.stored.is_multiple_of(SLICE_EVENTS) {
                self.slice_done().await?;
            }
        }
        Ok(())
    }

    /// A small piece of work is done: tells about it, lets others go first, and stops if that is wanted.
    async fn slice_done(&mut self) -> Result<(), ImportError> {
        self.watch.tell(self.progress);
        self.pace.step().await;
        if self.watch.token().is_cancelled() { Err(ImportError::Aborted) } else { Ok(()) }
    }
}

/// The next item of the source; an error as soon as the import is cancelled.
async fn next_chunk<S: Stream>(source: &mut Pin<&mut S>, cancel: &CancelToken) -> Result<Option<S::Item>, ImportError> {
    poll_fn(|context| {
        if cancel.is_cancelled() {
            return Poll::Ready(Err(ImportError::Aborted));
        }
        cancel.wake_on_cancel(context);
        source.as_mut().poll_next(context).map(Ok)
    })
    .await
}
