//! An import, from the first byte to the last event: all of the file is stored, or nothing.

use std::fmt::Display;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_core::Stream;

use super::error::ImportError;
use super::options::ImportOptions;
use super::order::Placed;
use super::reading::Reading;
use super::report::{ImportReport, Progress};
use super::watch::ImportWatch;
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
    let (stored, mut reading) = import_by(store, source, Reading::new(options)?, watch).await?;
    reading.report(stored)
}

/// What makes events of the bytes of a file.
pub(crate) trait EventReader {
    /// Why it cannot, or why the import was given up.
    type Error: From<Interrupted>;

    /// Reads the next bytes. Events that are free to go are added to `out`.
    fn push(&mut self, bytes: &[u8], out: &mut Vec<Placed>) -> Result<(), Self::Error>;

    /// The file is at its end. Further events that are free to go are added to `out`.
    fn finish(&mut self, out: &mut Vec<Placed>) -> Result<(), Self::Error>;

    /// Adds some of the events that waited for their order to `out`; none once there are no more.
    fn rest(&mut self, out: &mut Vec<Placed>) -> Result<(), Self::Error>;

    /// Events read so far.
    fn events(&self) -> u64;
}

/// What ends an import besides the file itself.
#[derive(Debug)]
pub(crate) enum Interrupted {
    /// The source failed, and says why.
    Source(String),
    /// It was cancelled.
    Cancelled,
    /// The store did not take the events.
    Store(AppendError),
}

impl From<AppendError> for Interrupted {
    fn from(error: AppendError) -> Self {
        Self::Store(error)
    }
}

/// As [`import`], with the events that `reader` makes of the bytes; gives the reader back.
pub(crate) async fn import_by<C, E, R: EventReader>(
    store: &EventStore,
    source: impl Stream<Item = Result<C, E>>,
    mut reader: R,
    watch: ImportWatch<'_>,
) -> Result<(BulkReport, R), R::Error>
where
    C: AsRef<[u8]>,
    E: Display,
{
    let mut run = Run { store, bulk: None, pace: Pace::new(store), watch, progress: Progress::default() };
    match run.import(pin!(source), &mut reader).await {
        Ok(stored) => Ok((stored, reader)),
        Err(error) => {
            if let Some(bulk) = run.bulk.take() {
                bulk.abandon().await;
            }
            Err(error)
        }
    }
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
    async fn import<C, E, R: EventReader>(
        &mut self,
        mut source: Pin<&mut impl Stream<Item = Result<C, E>>>,
        reader: &mut R,
    ) -> Result<BulkReport, R::Error>
    where
        C: AsRef<[u8]>,
        E: Display,
    {
        let mut ready = Vec::new();
        while let Some(chunk) = next_chunk(&mut source, self.watch.token()).await? {
            let chunk = chunk.map_err(|error| Interrupted::Source(error.to_string()))?;
            for slice in chunk.as_ref().chunks(SLICE_BYTES) {
                reader.push(slice, &mut ready)?;
                self.progress.bytes += slice.len() as u64;
                self.progress.events = reader.events();
                self.store_all(&mut ready).await?;
                self.slice_done().await?;
            }
        }
        reader.finish(&mut ready)?;
        self.progress.events = reader.events();
        while !ready.is_empty() {
            self.store_all(&mut ready).await?;
            reader.rest(&mut ready)?;
        }
        self.slice_done().await?;
        Ok(match self.bulk.take() {
            Some(bulk) => bulk.finish().await.map_err(Interrupted::from)?,
            None => BulkReport::default(),
        })
    }

    async fn store_all(&mut self, events: &mut Vec<Placed>) -> Result<(), Interrupted> {
        for (stream, event) in events.drain(..) {
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
    async fn slice_done(&mut self) -> Result<(), Interrupted> {
        self.watch.tell(self.progress);
        self.pace.step().await;
        if self.watch.token().is_cancelled() { Err(Interrupted::Cancelled) } else { Ok(()) }
    }
}

/// The next item of the source; an error as soon as the import is cancelled.
async fn next_chunk<S: Stream>(source: &mut Pin<&mut S>, cancel: &CancelToken) -> Result<Option<S::Item>, Interrupted> {
    poll_fn(|context| {
        if cancel.is_cancelled() {
            return Poll::Ready(Err(Interrupted::Cancelled));
        }
        cancel.wake_on_cancel(context);
        source.as_mut().poll_next(context).map(Ok)
    })
    .await
}
