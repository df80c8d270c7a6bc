//! A log out of a store, as a file in parts.

use std::fmt;
use std::vec;

use thiserror::Error;

use super::cloudevents_out::CloudEventsWriter;
use super::csv_out::CsvWriter;
use super::leftfold_header::LEFTFOLD_HEADER_BYTES;
use super::leftfold_out::LeftfoldWriter;
use super::ndjson_out::write_ndjson;
use crate::domain::{Position, Query, RecordedEvent};
use crate::engine::{EventStore, Events, Pace, ReadError, ReadOptions};

/// Bytes after which a part is given out. The last event of a part may exceed it.
const PART_BYTES: usize = 1 << 20;

/// Events that are written before others may have their turn.
const SLICE_EVENTS: usize = 32;

/// Events that are read at once where single ones were chosen.
const LISTED_PAGE: usize = 512;

/// A format that a log can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportFormat {
    /// A header and a line of JSON for every event. Nothing is lost; [`import`](super::import) compares what it reads with the header.
    #[default]
    Leftfold,
    /// One JSON object a line, see [`write_ndjson`].
    Ndjson,
    /// A batch of CloudEvents 1.0 in JSON.
    CloudEvents,
    /// Rows of columns under a header, with data and metadata as JSON.
    Csv,
}

impl ExportFormat {
    /// The name that options use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leftfold => "leftfold",
            Self::Ndjson => "ndjson",
            Self::CloudEvents => "cloudevents",
            Self::Csv => "csv",
        }
    }

    /// The format of a name.
    ///
    /// # Errors
    /// [`UnknownExportFormat`] with the name.
    pub fn parse(name: &str) -> Result<Self, UnknownExportFormat> {
        let all = [Self::Leftfold, Self::Ndjson, Self::CloudEvents, Self::Csv];
        let unknown = || UnknownExportFormat { name: name.chars().take(64).collect() };
        all.into_iter().find(|format| format.name() == name).ok_or_else(unknown)
    }

    /// The media type of a file.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Leftfold | Self::Ndjson => "application/x-ndjson",
            Self::CloudEvents => "application/cloudevents-batch+json",
            Self::Csv => "text/csv;charset=utf-8",
        }
    }

    /// How the name of a file ends, after a full stop.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Leftfold => "leftfold.ndjson",
            Self::Ndjson => "ndjson",
            Self::CloudEvents => "cloudevents.json",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A format was asked for that nothing is written in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("nothing is written in the format \u{201c}{name}\u{201d}; there is leftfold, ndjson, cloudevents and csv")]
pub struct UnknownExportFormat {
    /// The name that was given.
    pub name: String,
}

/// What to export, and how. The default is the whole log in format leftfold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportOptions {
    /// The format.
    pub format: ExportFormat,
    /// Only events at this position or later.
    pub from: Option<Position>,
    /// Only events at this position or earlier.
    pub to: Option<Position>,
    /// Only events that match.
    pub query: Option<Query>,
}

/// How far an export has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportProgress {
    /// Bytes given out, the header of format leftfold not among them.
    pub bytes: u64,
    /// Events written.
    pub events: u64,
    /// Events that the format has no place for, which are not in the file: in NDJSON those whose data is bytes.
    pub left_out: u64,
    /// Positions of the log that were gone through.
    pub passed: u64,
    /// Positions of the log to go through, from the first to the last.
    pub positions: u64,
}

/// What a format does with events.
pub(super) trait EventWriter {
    /// Appends what stands before the first event.
    fn begin(&mut self, _out: &mut Vec<u8>) {}

    /// Appends an event whole, or nothing; whether it was appended.
    fn event(&mut self, event: &RecordedEvent, out: &mut Vec<u8>) -> bool;

    /// Appends what stands behind the last event.
    fn end(&mut self, _out: &mut Vec<u8>) {}

    /// What stands before everything and is known at the end only.
    fn header(&self) -> Vec<u8> {
        Vec::new()
    }
}

struct NdjsonWriter;

impl EventWriter for NdjsonWriter {
    fn event(&mut self, event: &RecordedEvent, out: &mut Vec<u8>) -> bool {
        write_ndjson(event, out)
    }
}

/// An export under way: the file part by part, in bounded memory.
///
/// It is of the log as it was when the export began, and of what is stored: upcasters have no say in it. Give it up by
/// dropping it. Memory: a page of the log, and a part of about a mebibyte. Other work of the thread gets its turn every
/// few milliseconds.
///
/// ```
/// use leftfold_core::formats::{Export, ExportFormat, ExportOptions};
/// # use leftfold_core::{EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, StreamName};
///
/// # futures_executor::block_on(async {
/// # let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
/// # let placed = NewEvent::json("OrderPlaced", &25)?;
/// # store.append(StreamName::new("order-7")?, ExpectedVersion::NoStream, vec![placed]).await?;
/// let mut export = Export::begin(&store, ExportOptions { format: ExportFormat::Csv, ..ExportOptions::default() }).await?;
/// let mut file = Vec::new();
/// while let Some(part) = export.next_part().await? {
///     file.extend(part);
/// }
/// assert_eq!(export.progress().events, 1);
/// file.splice(0..0, export.header());
/// assert!(file.starts_with(b"position,stream,version,id,type,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Export {
    events: Source,
    writer: Box<dyn EventWriter>,
    page: vec::IntoIter<RecordedEvent>,
    pace: Pace,
    stage: Stage,
    first: u64,
    progress: ExportProgress,
}

/// Where the events come from.
enum Source {
    Log(Events),
    Listed { store: EventStore, positions: Vec<Position>, next: usize },
}

impl Source {
    async fn next_page(&mut self) -> Result<Option<Vec<RecordedEvent>>, ReadError> {
        match self {
            Self::Log(events) => events.next_page().await,
            Self::Listed { store, positions, next } => {
                let rest = positions.get(*next..).unwrap_or_default();
                let listed = rest.get(..LISTED_PAGE).unwrap_or(rest);
                if listed.is_empty() {
                    return Ok(None);
                }
                let page = store.events_at(listed).await?;
                *next += listed.len();
                Ok(Some(page))
            }
        }
    }

    /// How many positions are gone through once the event at `position` is written.
    fn passed(&self, position: Position, first: u64) -> u64 {
        match self {
            Self::Log(_) => position.get() + 1 - first,
            Self::Listed { positions, .. } => positions.partition_point(|listed| *listed <= position) as u64,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Writing,
    Ended,
}

impl Export {
    /// Begins an export of the log as it is now.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn begin(store: &EventStore, options: ExportOptions) -> Result<Self, ReadError> {
        let head = store.refresh().await?;
        Self::begin_up_to(store, options, head)
    }

    /// Begins an export of the log as it was when `head` was its head, which the store has seen.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn begin_up_to(store: &EventStore, options: ExportOptions, head: Position) -> Result<Self, ReadError> {
        let ExportOptions { format, from, to, query } = options;
        if let Some(query) = &query {
            query.check()?;
        }
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) if from > to => (to, from),
            (from, to) => (from.unwrap_or_default(), to.unwrap_or(head)),
        };
        let first = from.max(Position::new(1));
        let last = to.min(head);
        // Bounds the wrong way round would be turned, and here they are of nothing.
        let (from, to) = if first > last { (None, Position::ZERO) } else { (Some(first), last) };
        let events = store.read_known(ReadOptions { from, to: Some(to), query, ..ReadOptions::default() });
        let positions = (last.get() + 1).saturating_sub(first.get());
        Ok(Self::new(store, format, Source::Log(events), first.get(), positions))
    }

    /// Begins an export of the events at these positions, in the order of the log; of positions that the log does not have,
    /// and of repeats, there is nothing in the file.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn of_positions(
        store: &EventStore,
        format: ExportFormat,
        mut positions: Vec<Position>,
    ) -> Result<Self, ReadError> {
        let head = store.refresh().await?;
        positions.retain(|position| (Position::new(1)..=head).contains(position));
        positions.sort_unstable();
        positions.dedup();
        let count = positions.len() as u64;
        let listed = Source::Listed { store: store.clone(), positions, next: 0 };
        Ok(Self::new(store, format, listed, 1, count))
    }

    fn new(store: &EventStore, format: ExportFormat, events: Source, first: u64, positions: u64) -> Self {
        let writer: Box<dyn EventWriter> = match format {
            ExportFormat::Leftfold => Box::new(LeftfoldWriter::new(store.id())),
            ExportFormat::Ndjson => Box::new(NdjsonWriter),
            ExportFormat::CloudEvents => Box::new(CloudEventsWriter::new(store.id())),
            ExportFormat::Csv => Box::new(CsvWriter::new()),
        };
        let progress = ExportProgress { positions, ..ExportProgress::default() };
        let (page, pace) = (Vec::new().into_iter(), Pace::new(store));
        Self { events, writer, page, pace, stage: Stage::New, first, progress }
    }

    /// The next part of the file, which is never empty; `None` at its end.
    ///
    /// # Errors
    /// [`ReadError`]; give the export up then.
    pub async fn next_part(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        let mut part = Vec::new();
        if self.stage == Stage::New {
            self.writer.begin(&mut part);
            self.stage = Stage::Writing;
        }
        while self.stage == Stage::Writing && part.len() < PART_BYTES {
            for event in self.page.by_ref().take(SLICE_EVENTS) {
                match self.writer.event(&event, &mut part) {
                    true => self.progress.events += 1,
                    false => self.progress.left_out += 1,
                }
                self.progress.passed = self.events.passed(event.position(), self.first);
                if part.len() >= PART_BYTES {
                    break;
                }
            }
            self.pace.step().await;
            if self.page.len() > 0 {
                continue;
            }
            match self.events.next_page().await? {
                Some(page) => self.page = page.into_iter(),
                None => {
                    self.writer.end(&mut part);
                    self.progress.passed = self.progress.positions;
                    self.stage = Stage::Ended;
                }
            }
        }
        self.progress.bytes += part.len() as u64;
        Ok(Some(part).filter(|part| !part.is_empty()))
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> ExportProgress {
        self.progress
    }

    /// What stands before all parts, once the last of them was given out: in format leftfold the header, of
    /// [`LEFTFOLD_HEADER_BYTES`], which names how many events there are and the head of their hash chain; in others
    /// nothing.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        let header = self.writer.header();
        debug_assert!(header.is_empty() || header.len() == LEFTFOLD_HEADER_BYTES);
        header
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("progress", &self.progress).finish_non_exhaustive()
    }
}
