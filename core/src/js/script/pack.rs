//! Events on their way to the worker: packed into one buffer, column by column, so that a handler pays for the members that it reads.
//!
//! Little-endian: as u32 the number of events, of new streams, of new kinds, bits, the position of the first event, the place of the names,
//! that of the payloads, the bytes of those in ASCII, the bytes of the others, those of the streams' names; then columns, a number for each
//! event. The bits tell those that are there: milliseconds since 1970 as f64 (1), ids of 16 bytes (2), positions as u32 (4; without it each
//! follows the one before), versions as u32 (8), streams as u32 (16), kinds as u32 (32; as u8 without it), flags as u8: 1 for JSON, 2 for
//! text beyond ASCII (64; without it all are JSON and none is beyond). Further bits: 128 data is in it, 256 metadata, 512 streams have the
//! numbers of a log. At the place of the names, those that were not sent before: the lengths of the streams' and of the kinds' as u32, the
//! schema versions of the kinds as u32, then the names' UTF-8. At the place of the payloads: for each event begin and end of its metadata,
//! which is the begin of its data, and its end as u32; then the texts in ASCII, one behind the other, then those in UTF-8. Begin and end
//! count the characters of these two texts, as JavaScript does: UTF-16. Both places are multiples of four.
//!
//! What is not JSON comes without its payload: no handler is called for it.

use hashbrown::HashMap;
use js_sys::{ArrayBuffer, Float64Array, Uint8Array, Uint32Array};

use super::prune::prune;
use crate::domain::{ContentType, RecordedEvent, StreamName};
use crate::engine::{LastVersions, Stretch};

const HEADER_WORDS: usize = 10;
const HAS_TIMES: usize = 1;
const HAS_IDS: usize = 2;
const HAS_POSITIONS: usize = 4;
const HAS_VERSIONS: usize = 8;
const HAS_STREAMS: usize = 16;
const HAS_WIDE_KINDS: usize = 32;
const HAS_FLAGS: usize = 64;
const HAS_DATA: usize = 128;
const HAS_METADATA: usize = 256;
/// Streams have the numbers of a log, where no two have one name.
const IS_OF_LOG: usize = 512;
const IS_JSON: u8 = 1;
/// Data or metadata have characters beyond ASCII.
const IS_WIDE: u8 = 2;

/// The names that the worker knows, by the numbers that they have there.
#[derive(Debug, Default)]
pub(super) struct Packer {
    streams: u32,
    kinds: u32,
    stream_of_name: HashMap<String, u32>,
    kind_of_name: HashMap<(String, u32), u32>,
    /// By the numbers of the log: the worker's number and one more; zero is unknown there.
    stream_of_log: Vec<u32>,
    kind_of_log: Vec<u32>,
    versions: LastVersions,
    /// Bytes of the payloads of the last batch: those of the next one will be about as many.
    payload_bytes: usize,
}

/// What is in a batch besides the position and the kind of each event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) payloads: PayloadParts,
    pub(super) columns: ColumnParts,
}

/// Which payloads are in a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PayloadParts {
    pub(super) has_data: bool,
    pub(super) has_metadata: bool,
}

/// Which columns of the index are in a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ColumnParts {
    pub(super) has_times: bool,
    pub(super) has_ids: bool,
    pub(super) has_versions: bool,
    pub(super) has_streams: bool,
}

impl Parts {
    const ALL: Self = Self { payloads: PayloadParts::ALL, columns: ColumnParts::ALL };

    fn bits(self) -> usize {
        let Self { payloads, columns } = self;
        let bit = |is_set: bool, bit: usize| if is_set { bit } else { 0 };
        bit(columns.has_times, HAS_TIMES)
            | bit(columns.has_ids, HAS_IDS)
            | bit(columns.has_versions, HAS_VERSIONS)
            | bit(columns.has_streams, HAS_STREAMS)
            | bit(payloads.has_data, HAS_DATA)
            | bit(payloads.has_metadata, HAS_METADATA)
    }
}

impl PayloadParts {
    pub(super) const ALL: Self = Self { has_data: true, has_metadata: true };

    fn any(self) -> bool {
        self.has_data || self.has_metadata
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self { has_data: self.has_data || other.has_data, has_metadata: self.has_metadata || other.has_metadata }
    }
}

impl ColumnParts {
    pub(super) const ALL: Self = Self { has_times: true, has_ids: true, has_versions: true, has_streams: true };

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            has_times: self.has_times || other.has_times,
            has_ids: self.has_ids || other.has_ids,
            has_versions: self.has_versions || other.has_versions,
            has_streams: self.has_streams || other.has_streams,
        }
    }
}

/// A batch in the making.
#[derive(Default)]
struct Columns {
    times: Vec<f64>,
    ids: Vec<[u8; 16]>,
    positions: Vec<u32>,
    versions: Vec<u32>,
    streams: Vec<u32>,
    kinds: Vec<u32>,
    flags: Vec<u8>,
    places: Vec<u32>,
    narrow: Vec<u8>,
    wide: Vec<u8>,
    /// Characters of the wide texts, as JavaScript counts them.
    wide_length: u32,
    stream_lengths: Vec<u32>,
    kind_lengths: Vec<u32>,
    schema_versions: Vec<u32>,
    stream_names: Vec<u8>,
    kind_names: Vec<u8>,
}

impl Packer {
    /// The bytes of a batch. Batches must reach the worker in the order in which they were packed.
    pub(super) fn pack(&mut self, events: &[RecordedEvent]) -> ArrayBuffer {
        let mut columns = Columns::with_capacity(events.len(), Parts::ALL);
        for event in events {
            let name = event.stream().as_str();
            let stream =
                *self.stream_of_name.entry_ref(name).or_insert_with(|| columns.add_stream(name, &mut self.streams));
            let (name, schema_version) = (event.event_type().as_str(), event.schema_version().0);
            let kind = *self
                .kind_of_name
                .entry((name.to_owned(), schema_version))
                .or_insert_with(|| columns.add_kind(name, schema_version, &mut self.kinds));
            columns.times.push(event.time().as_micros() as f64 / 1e3);
            columns.ids.push(event.id().to_bytes());
            // Positions of an index are u32, and so are those of the few events that a branch adds.
            columns.positions.push(event.position().get() as u32);
            columns.versions.push(event.version().get() as u32);
            columns.streams.push(stream);
            columns.kinds.push(kind);
            let is_json = matches!(event.content(), ContentType::Json);
            columns.add_payload(PayloadParts::ALL, is_json, Some((event.metadata(), event.data())));
        }
        columns.finish(Parts::ALL.bits())
    }

    /// The same of events that are not made: rows of the index, and payloads as they are stored. Data that is an object comes with none
    /// but these members, where some are given.
    pub(super) fn pack_stretch(&mut self, stretch: &Stretch, parts: Parts, members: Option<&[String]>) -> ArrayBuffer {
        let mut columns = Columns::with_capacity(stretch.len(), parts);
        if parts.payloads.any() {
            columns.narrow.reserve(self.payload_bytes);
        }
        let Self { streams, kinds, stream_of_log, kind_of_log, versions, .. } = self;
        let mut pruned = Vec::new();
        let ColumnParts { has_times, has_ids, has_versions, has_streams } = parts.columns;
        stretch.each(Some(versions).filter(|_| has_versions), |log, row| {
            let kind = numbered(kind_of_log, row.kind, || {
                let (name, schema_version) = log.kind(row.kind);
                columns.add_kind(name, schema_version, kinds)
            });
            columns.positions.push(row.position);
            columns.kinds.push(kind);
            if has_times {
                columns.times.push(row.time as f64 / 1e3);
            }
            if has_ids {
                columns.ids.push(row.id);
            }
            if has_versions {
                columns.versions.push(row.version);
            }
            if has_streams {
                let stream = numbered(stream_of_log, row.stream, || {
                    columns.add_stream(log.stream_name(row.stream).map_or("", StreamName::as_str), streams)
                });
                columns.streams.push(stream);
            }
            let mut payload = row.payload.map(|payload| (payload.metadata, payload.data));
            if let (Some((_, data)), Some(members), true) = (&mut payload, members, parts.payloads.has_data) {
                pruned.clear();
                if row.is_json && prune(data, members, &mut pruned) {
                    *data = &pruned;
                }
            }
            columns.add_payload(parts.payloads, row.is_json, payload);
        });
        self.payload_bytes = columns.narrow.len();
        columns.finish(parts.bits() | IS_OF_LOG)
    }
}

/// The worker's number of what has a number in the log.
fn numbered(known: &mut Vec<u32>, number: u32, add: impl FnOnce() -> u32) -> u32 {
    let index = number as usize;
    if index >= known.len() {
        known.resize(index + 1, 0);
    }
    if known[index] == 0 {
        known[index] = add() + 1;
    }
    known[index] - 1
}

impl Columns {
    fn with_capacity(events: usize, parts: Parts) -> Self {
        let Parts { payloads, columns } = parts;
        let of = |is_wanted: bool| if is_wanted { events } else { 0 };
        Self {
            times: Vec::with_capacity(of(columns.has_times)),
            ids: Vec::with_capacity(of(columns.has_ids)),
            positions: Vec::with_capacity(events),
            versions: Vec::with_capacity(of(columns.has_versions)),
            streams: Vec::with_capacity(of(columns.has_streams)),
            kinds: Vec::with_capacity(events),
            flags: Vec::with_capacity(events),
            places: Vec::with_capacity(3 * of(payloads.any())),
            ..Self::default()
        }
    }

    fn add_stream(&mut self, name: &str, count: &mut u32) -> u32 {
        self.stream_lengths.push(name.len() as u32);
        self.stream_names.extend_from_slice(name.as_bytes());
        *count += 1;
        *count - 1
    }

    fn add_kind(&mut self, name: &str, schema_version: u32, count: &mut u32) -> u32 {
        self.kind_lengths.push(name.len() as u32);
        self.schema_versions.push(schema_version);
        self.kind_names.extend_from_slice(name.as_bytes());
        *count += 1;
        *count - 1
    }

    fn add_payload(&mut self, parts: PayloadParts, is_json: bool, payload: Option<(&[u8], &[u8])>) {
        let is_json_flag = if is_json { IS_JSON } else { 0 };
        if !parts.any() {
            self.flags.push(is_json_flag);
            return;
        }
        let (metadata, data) = payload.filter(|_| is_json).unwrap_or_default();
        let metadata = if parts.has_metadata { metadata } else { &[] };
        let data = if parts.has_data { data } else { &[] };
        if metadata.is_ascii() && data.is_ascii() {
            self.places.push(self.narrow.len() as u32);
            for text in [metadata, data] {
                self.narrow.extend_from_slice(text);
                self.places.push(self.narrow.len() as u32);
            }
            self.flags.push(is_json_flag);
            return;
        }
        self.places.push(self.wide_length);
        for text in [metadata, data] {
            let text = String::from_utf8_lossy(text);
            self.wide_length += text.encode_utf16().count() as u32;
            self.wide.extend_from_slice(text.as_bytes());
            self.places.push(self.wide_length);
        }
        self.flags.push(is_json_flag | IS_WIDE);
    }

    /// The batch, of what `parts` tells. Columns that say nothing new are left out, whatever that is.
    fn finish(self, parts: usize) -> ArrayBuffer {
        let count = self.positions.len();
        let first = self.positions.first().copied().unwrap_or_default();
        let in_a_row = |(position, expected): (&u32, u32)| *position == expected;
        let has_positions = !self.positions.iter().zip(first..).all(in_a_row);
        let narrow_kinds: Option<Vec<u8>> =
            self.kinds.iter().all(|kind| *kind < 256).then(|| self.kinds.iter().map(|kind| *kind as u8).collect());
        let has_flags = self.flags.iter().any(|flags| *flags != IS_JSON);
        let mut bits = parts;
        for (is_set, bit) in
            [(has_positions, HAS_POSITIONS), (narrow_kinds.is_none(), HAS_WIDE_KINDS), (has_flags, HAS_FLAGS)]
        {
            bits |= if is_set { bit } else { 0 };
        }
        let positions: &[u32] = if has_positions { &self.positions } else { &[] };
        let wide_kinds: &[u32] = if narrow_kinds.is_none() { &self.kinds } else { &[] };
        let kinds = narrow_kinds.unwrap_or_default();
        let flags: &[u8] = if has_flags { &self.flags } else { &[] };
        let words = [positions, &self.versions, &self.streams, wide_kinds];
        let columns = self.times.len() * 8
            + self.ids.len() * 16
            + words.iter().map(|column| column.len() * 4).sum::<usize>()
            + kinds.len()
            + flags.len();
        let lengths = (self.stream_lengths.len() + self.kind_lengths.len() + self.schema_versions.len()) * 4;
        let names = (HEADER_WORDS * 4 + columns).next_multiple_of(4);
        let payloads = (names + lengths + self.stream_names.len() + self.kind_names.len()).next_multiple_of(4);
        let all = payloads + self.places.len() * 4 + self.narrow.len() + self.wide.len();
        let mut out = Filled { buffer: ArrayBuffer::new(all as u32), place: 0 };
        let (streams, new_kinds) = (self.stream_lengths.len(), self.kind_lengths.len());
        let (narrow, wide, names_of_streams) = (self.narrow.len(), self.wide.len(), self.stream_names.len());
        let header = [count, streams, new_kinds, bits, first as usize, names, payloads, narrow, wide, names_of_streams];
        out.put_words(&header.map(|number| number as u32));
        let place = out.next(self.times.len() * 8);
        Float64Array::new_with_byte_offset_and_length(&out.buffer, place, self.times.len() as u32)
            .copy_from(&self.times);
        out.put_bytes(self.ids.as_flattened());
        for column in words {
            out.put_words(column);
        }
        out.put_bytes(&kinds);
        out.put_bytes(flags);
        out.place = names as u32;
        for numbers in [&self.stream_lengths, &self.kind_lengths, &self.schema_versions] {
            out.put_words(numbers);
        }
        out.put_bytes(&self.stream_names);
        out.put_bytes(&self.kind_names);
        out.place = payloads as u32;
        out.put_words(&self.places);
        out.put_bytes(&self.narrow);
        out.put_bytes(&self.wide);
        out.buffer
    }
}

/// A buffer that is filled from its beginning on.
struct Filled {
    buffer: ArrayBuffer,
    place: u32,
}

impl Filled {
    /// Where the next bytes go.
    fn next(&mut self, bytes: usize) -> u32 {
        let place = self.place;
        self.place += bytes as u32;
        place
    }

    fn put_words(&mut self, words: &[u32]) {
        let place = self.next(words.len() * 4);
        Uint32Array::new_with_byte_offset_and_length(&self.buffer, place, words.len() as u32).copy_from(words);
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        let place = self.next(bytes.len());
        Uint8Array::new_with_byte_offset_and_length(&self.buffer, place, bytes.len() as u32).copy_from(bytes);
    }
}
