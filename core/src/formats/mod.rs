//! Logs of others into a store, in the formats of [`Format`]; and out of it again: [`Export`], in those of [`ExportFormat`].
//!
//! # Contract
//! [`import`] reads a file as a stream of chunks and stores all of its events or none: none when it fails, when it is
//! cancelled and when its future is dropped. [`preview`] and [`Previewer`] show beforehand what an import would do.
//!
//! - **Format**: told by the content, unless [`ImportOptions::format`] names it. The text is UTF-8, with or without a byte
//!   order mark; lines end in LF, CR LF or (CSV) CR. CSV has a header, and its delimiter (comma, semicolon, tab or bar) is
//!   the one under which the first rows agree best. A file that is something else is refused with the name of what it is.
//! - **Tables**: the event tables of Marten, Axon (4 and 5), message-db, Emmett, cqrs-es and the Python library eventsourcing are
//!   known by their columns, in CSV, NDJSON and JSON arrays alike: their ids, times, schema versions, metadata and order are
//!   kept, with what is no field in the metadata; the report names the table's format. A CSV that [`Export`] wrote is known in
//!   the same way, and gives equal events. A mapping, or the format `csv`, `ndjson` or `json` in the options, turns this off.
//! - **Fields**: stream, type, time, id and schema version come from columns (members, in JSON) that the [`Mapping`]
//!   names; the others are guessed from the names and the first 100 rows. Stream and type must come from somewhere; a
//!   constant will do. Everything else of a row is kept as data and metadata.
//! - **Data**: in CSV an object of the other columns as texts, empty cells left out: they say nothing. In JSON the member
//!   `data` (or `payload`, `body`, `eventData`, `event_data`), byte for byte; without one, all other members. `metadata`
//!   that is an object and `tags` that are texts are these; members left over beside a data member join the metadata.
//! - **XES** (IEEE 1849): a trace's `concept:name` is the stream, `concept:name` the type (with `+` and the
//!   `lifecycle:transition` where that is not `complete`), `time:timestamp` the time, `identity:id` the id; the other
//!   attributes are the data, numbers and booleans as such. The attributes of a trace are columns `case:…` for a mapping,
//!   and the metadata of its first event. What the log says of itself is not kept. Document type definitions are refused.
//! - **OCEL 2.0** (JSON): every object of an event is a tag `type:id`; relationships with their qualifiers are in the
//!   metadata. The stream is `type-id` of the first object of the type that the mapping's stream names, else of the type of
//!   which most of the first events have one. Objects are events `ObjectAdded` and `ObjectChanged` in streams
//!   `objects-type:id`. A reference to an object that is not in the file is kept, without a tag, and
//!   [reported](ImportReport::remarks).
//! - **KurrentDB**: of an Atom feed read with `embed=body` the entries, oldest first: `streamId`, `eventType`, `eventId` and
//!   `updated`; data and metadata are the JSON that their texts hold. Of an append batch the events; the mapping gives its
//!   stream, and an event whose metadata has a time has that. Members that KurrentDB does not have join the metadata.
//! - **Redux DevTools**: the staged actions of a lifted state, or of `{payload, preloadedState}`, in one stream,
//!   `redux-devtools` unless the mapping gives another. The data is the action's `payload`, or the action without its type;
//!   the data of the first one has the `state` to begin with (`state_2` beside a `state` of its own). Skipped actions are
//!   marked in their metadata.
//! - **CloudEvents 1.0** (JSON; one event, a batch, or one a line): the `subject`, else the `source`, is the stream, `type`
//!   the type, `time` the time, which some events may lack. Ids that are no UUIDs count together with their source. Data of
//!   another media type than JSON is bytes. The other attributes are metadata, and so is one that the mapping passes over;
//!   extensions may be arrays and objects. What an export wrote comes back as it was, in the order of its `sequence`, which
//!   is the position.
//! - **Stream names**: with a [category](ImportOptions::category), `category-` and the value; a value that begins so already
//!   stays as it is.
//! - **Times**: RFC 3339, the same with a space for the `T`, dates and times without an offset (read as UTC), and numbers of
//!   9 or 10 (seconds), 12 or 13 (milliseconds), 15 or 16 (microseconds), 18 or 19 digits (nanoseconds) since 1970. With
//!   a column for the time every row needs one; without, the clock gives it.
//! - **Ids**: a UUID is kept. Another text becomes the UUID v5 of stream and text. Without an id (also: `NA`, `null`,
//!   `none`, `-`) it is the UUID v5 of all that the event holds and the number of equal rows before it. So a second import
//!   of the same file, with the same options, stores nothing. An id that stands twice in a file is a duplicate where the
//!   events are equal, else a fault of the later row.
//! - **Order**: by the position of a table that has one; else by time when every event has one; or as
//!   [`ImportOptions::order`] says. By time, an event's key is the latest time seen so far in its own stream, and equal keys
//!   keep the file's order: the events of one stream are never exchanged.
//!   A format that is a log already (leftfold, kurrentdb, redux-devtools) keeps its own order.
//! - **Invalid rows** stop the import at the first, or are left out and reported with their lines (in a JSON document with their
//!   paths too, `$[17]`); see [`OnInvalid`].
//!   A wrong encoding, a row beyond [`MAX_ROW_BYTES`], a CSV of more than [`MAX_CSV_COLUMNS`] columns, and a document (JSON, XML) that is cut off, goes on behind its end, has
//!   brackets or tags that do not match or more than 128 in one another always stop it: what follows could not be trusted.
//! - **Memory**: a chunk, the longest row, the first 100 rows (64 KiB), some 40 bytes an event for ids; and under the order
//!   by time or position the events themselves, until they are stored. A feed of KurrentDB that begins with its newest entry,
//!   and the actions of Redux DevTools, are held until their order is known, at most [`MAX_HELD_BYTES`] of them.
//! - **Time**: as the bytes of the file, however many members one row has. A row is read in one go, without a turn for
//!   others: rows of the usual length take microseconds, one of [`MAX_ROW_BYTES`] with [`MAX_ROW_MEMBERS`] members some tenths of a
//!   second. One with more members is an invalid row.
//!
//! # Format leftfold
//! A log of this software as a file, from which the same log can be made again: [`Export`] writes it, [`import`] reads it.
//! The first line is the header, filled up with blanks to [`LEFTFOLD_HEADER_BYTES`]:
//! `{"leftfold":1,"store":"…","events":18211,"head":"…"}`, which are the version of the format, the id of the store, the
//! number of events and the head of the hash chain over them, in hexadecimal digits. Every further line is an event, in
//! the order of the log: `position`, `stream`, `version`, `id`, `type`, `schemaVersion`, `time`, `recordedAt`, `tags`, its data
//! and its metadata. Data is the JSON under `data`; or, where line ends or blanks around it would be lost, its text under
//! `dataText`; or, where it is bytes, base64 under `dataBase64` with the `contentType`. Metadata is `metadata` or
//! `metadataText`, and not there when it is empty.
//!
//! The chain: `head(n) = BLAKE3(head(n - 1), id, content)` from 32 zero bytes on. The id is its 16 bytes. The content is
//! stream; type; one byte 1 and the time in microseconds since 1970 as 8 bytes; the schema version as 4 bytes; the content
//! type, empty for JSON; data; metadata; and the number of tags as 8 bytes with the tags. Numbers are little endian, and a text
//! is its length as 8 bytes and itself. A file whose events are not those of its header is refused, even when invalid rows
//! are left out. `position`, `version` and `recordedAt` are for other readers: a store gives them itself, and an empty one gives
//! the same positions and versions to a whole log.
//!
//! # Example
//! ```
//! use futures_util::stream;
//! use leftfold_core::formats::{ImportOptions, ImportWatch, import};
//! use leftfold_core::{EventStore, MemoryDatabase, OpenOptions, ReadOptions};
//!
//! # futures_executor::block_on(async {
//! let csv = "order_id,event_type,occurred_at,units\n\
//!            7,OrderPlaced,2026-03-14T09:41:07Z,25\n\
//!            8,OrderPlaced,2026-03-14T09:40:00Z,3\n";
//! let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
//! let options = ImportOptions { category: Some("order".into()), ..ImportOptions::default() };
//! let source = || stream::iter(csv.as_bytes().chunks(16).map(Ok::<_, std::io::Error>));
//!
//! let report = import(&store, source(), &options, ImportWatch::new()).await?;
//! assert_eq!((report.format.name(), report.events, report.streams), ("csv", 2, 2));
//!
//! let events = store.read_all(ReadOptions::default()).await?;
//! assert_eq!(events[0].stream().as_str(), "order-8");
//! assert_eq!(events[1].data(), br#"{"units":"25"}"#);
//!
//! let again = import(&store, source(), &options, ImportWatch::new()).await?;
//! assert_eq!((again.events, again.duplicates), (0, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # A further format
//! A format is one file with a push parser that implements `FormatReader`: bytes in, rows out, each an event without a
//! settled id, or a fault. `detect` tells it by content, and `format::reader` makes it. Ids, order, faults, progress and
//! storing are the same for all. A format whose rows have columns gets the mapping from `Mapper`; its rows hand out their
//! columns one after the other as `NamedRow`; a JSON document is cut by `JsonSplitter`, and its objects are a `JsonKind`; a
//! table of another store is a list of columns in `dialect::tables`. What holds for every format is in `fuzzing`.

#[cfg(all(target_arch = "wasm32", any(feature = "js", feature = "js-formats")))]
pub(crate) mod apart;
mod cloudevents;
mod cloudevents_out;
mod content;
mod csv;
mod csv_out;
mod csv_recorded;
mod detect;
mod dialect;
mod error;
mod export;
mod format;
#[cfg(any(test, feature = "testing"))]
pub mod fuzzing;
mod guess;
mod ids;
mod import;
mod intake;
mod json;
mod json_row;
mod json_split;
mod json_table;
mod kurrentdb;
mod leftfold;
mod leftfold_header;
mod leftfold_out;
mod limits;
mod lines;
mod mapper;
mod named_row;
mod names;
mod ndjson;
mod ndjson_out;
mod object;
mod ocel;
mod options;
mod order;
#[cfg(any(test, feature = "js", feature = "js-formats"))]
#[allow(dead_code, reason = "one compiled module packs, the other unpacks")]
mod parcel;
mod parser;
mod peek;
mod preview;
mod reading;
mod recorded_line;
mod redux;
mod report;
mod row_table;
mod sample;
mod text;
mod watch;
mod xes;

pub use crate::engine::CancelToken;
pub use error::{ImportError, InvalidRow, RowFault};
pub use export::{Export, ExportFormat, ExportOptions, ExportProgress, UnknownExportFormat};
pub use import::import;
pub use leftfold_header::LEFTFOLD_HEADER_BYTES;
pub use limits::{MAX_CSV_COLUMNS, MAX_HELD_BYTES, MAX_ROW_BYTES, MAX_ROW_MEMBERS};
pub use ndjson_out::write_ndjson;
pub use options::{Field, FieldSource, Format, ImportOptions, ImportOrder, Mapping, OnInvalid};
pub use preview::{MAX_PREVIEW_COLUMNS, MAX_PREVIEW_TYPES, Preview, PreviewRow, Previewer, preview};
pub use report::{ImportReport, MAX_LISTED_ROWS, Progress};
pub use watch::ImportWatch;

#[cfg(test)]
mod tests;
