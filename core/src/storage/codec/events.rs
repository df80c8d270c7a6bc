//! The events record: the events of one commit or of a group of commits, packed.

use std::sync::Arc;

use bytes::Bytes;
use hashbrown::HashMap;

use super::columns::{Columns, Dictionary, Kind, texts};
use super::wire::{Malformed, Reader, put_varint, put_zigzag};
use super::{HASH_BYTES, Hash, KIND_EVENTS, RECORD_HEADER_BYTES, RecordHeader, put_text, seal_with_hash};
use crate::domain::{ContentType, EventId, NewEvent, StreamName, Timestamp};

/// An event that is about to be stored: everything decided but its position.
pub(crate) struct Draft<'a> {
    pub(crate) stream: &'a StreamName,
    pub(crate) id: EventId,
    pub(crate) time: Timestamp,
    pub(crate) event: &'a NewEvent,
}

/// Numbers names in order of appearance. The newest name is looked at first: commits repeat one stream or type.
#[derive(Debug, Default)]
struct Numbering {
    numbers: HashMap<Arc<str>, u32>,
    last: Option<(Arc<str>, u32)>,
}

impl Numbering {
    fn number(&mut self, name: &Arc<str>, names: &mut Vec<Arc<str>>) -> u32 {
        if let Some((last, number)) = &self.last
            && (Arc::ptr_eq(last, name) || last == name)
        {
            return *number;
        }
        let number = *self.numbers.entry_ref(name).or_insert_with(|| {
            names.push(Arc::clone(name));
            names.len() as u32 - 1
        });
        self.last = Some((Arc::clone(name), number));
        number
    }
}

/// Collects events and packs them into one events record.
#[derive(Debug)]
pub(crate) struct EventsEncoder {
    recorded_at: i64,
    previous_time: i64,
    count: u32,
    streams: Numbering,
    tags: Numbering,
    kinds: HashMap<Kind, u32>,
    last_kind: Option<(Kind, u32)>,
    dictionary: Dictionary,
    content_types: Vec<Arc<str>>,
    rows: Vec<u8>,
    payload: Vec<u8>,
}

impl EventsEncoder {
    pub(crate) fn new(recorded_at: Timestamp) -> Self {
        Self {
            recorded_at: recorded_at.as_micros(),
            previous_time: recorded_at.as_micros(),
            count: 0,
            streams: Numbering::default(),
            tags: Numbering::default(),
            kinds: HashMap::new(),
            last_kind: None,
            dictionary: Dictionary::default(),
            content_types: Vec::new(),
            rows: Vec::new(),
            payload: Vec::new(),
        }
    }

    fn kind(&mut self, event: &NewEvent) -> u32 {
        let name = event.event_type().shared();
        let schema_version = event.schema_version().0;
        if let Some((kind, number)) = &self.last_kind
            && kind.schema_version == schema_version
            && (Arc::ptr_eq(&kind.event_type, name) || kind.event_type == *name)
        {
            return *number;
        }
        let kind = Kind { event_type: Arc::clone(name), schema_version };
        let kinds = &mut self.dictionary.kinds;
        let number = *self.kinds.entry_ref(&kind).or_insert_with(|| {
            kinds.push(kind.clone());
            kinds.len() as u32 - 1
        });
        self.last_kind = Some((kind, number));
        number
    }

    pub(crate) fn push(&mut self, draft: &Draft<'_>) {
        let event = draft.event;
        let stream = self.streams.number(draft.stream.shared(), &mut self.dictionary.streams);
        let kind = self.kind(event);
        self.rows.extend_from_slice(&draft.id.to_bytes());
        put_varint(&mut self.rows, stream.into());
        put_varint(&mut self.rows, kind.into());
        put_zigzag(&mut self.rows, draft.time.as_micros().wrapping_sub(self.previous_time));
        self.previous_time = draft.time.as_micros();
        put_varint(&mut self.rows, event.tags().len() as u64);
        for tag in event.tags() {
            let number = self.tags.number(tag.shared(), &mut self.dictionary.tags);
            put_varint(&mut self.rows, number.into());
        }
        let content = match event.content() {
            ContentType::Json => 0,
            ContentType::Bytes(name) => {
                let known = self.content_types.iter().position(|known| known == name);
                1 + known.unwrap_or_else(|| {
                    self.content_types.push(Arc::clone(name));
                    self.content_types.len() - 1
                })
            }
        };
        put_varint(&mut self.rows, content as u64);
        put_varint(&mut self.rows, event.metadata().len() as u64);
        put_varint(&mut self.rows, event.data().len() as u64);
        self.payload.extend_from_slice(event.metadata());
        self.payload.extend_from_slice(event.data());
        self.count += 1;
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Bytes of rows and payloads so far; the record is larger by its dictionaries and 60 bytes.
    pub(crate) fn byte_len(&self) -> usize {
        self.rows.len() + self.payload.len()
    }

    /// The record, chained to the record before it. Gives the hash as well: the `previous` of the next record.
    pub(crate) fn finish(self, previous: &Hash) -> (Bytes, Hash) {
        let mut out = Vec::with_capacity(self.byte_len() + RECORD_HEADER_BYTES + HASH_BYTES + 256);
        RecordHeader { kind: KIND_EVENTS, count: self.count }.encode(&mut out);
        out.extend_from_slice(&self.recorded_at.to_le_bytes());
        self.dictionary.encode(&mut out);
        put_varint(&mut out, self.content_types.len() as u64);
        self.content_types.iter().for_each(|name| put_text(&mut out, name));
        out.extend_from_slice(&self.rows);
        out.extend_from_slice(&self.payload);
        let hash = seal_with_hash(&mut out, previous);
        (out.into(), hash)
    }
}

/// Where the payload of one event lies in its segment or record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PayloadRow {
    /// Offset of the metadata; the data follows it.
    offset: u32,
    metadata_len: u32,
    data_len: u32,
    /// The record it came in, by number: it has the time of recording and the content types.
    record: u32,
    content: u32,
}

#[derive(Clone, Debug)]
struct RecordContext {
    /// Where the record ends in the bytes.
    end: usize,
    recorded_at: Timestamp,
    content_types: Vec<Arc<str>>,
}

/// The payloads of a stretch of the log: one events record, or the several that a segment is made of.
#[derive(Clone, Debug)]
pub(crate) struct Payloads {
    bytes: Bytes,
    rows: Vec<PayloadRow>,
    records: Vec<RecordContext>,
}

/// What the payload record of an event says of it.
pub(crate) struct Payload {
    pub(crate) recorded_at: Timestamp,
    pub(crate) content: ContentType,
    pub(crate) metadata: Bytes,
    pub(crate) data: Bytes,
}

#[cfg(all(target_arch = "wasm32", feature = "script"))]
/// The bytes of an event's payload, as they are stored.
pub(crate) struct StoredPayload<'a> {
    pub(crate) metadata: &'a [u8],
    pub(crate) data: &'a [u8],
}

impl Payloads {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes held in memory.
    pub(crate) fn byte_len(&self) -> usize {
        self.bytes.len() + self.rows.len() * size_of::<PayloadRow>()
    }

    /// Where each events record ends.
    pub(crate) fn record_ends(&self) -> impl Iterator<Item = usize> + '_ {
        self.records.iter().map(|record| record.end)
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The payload of the event `row` of the stretch, counted from 0. The caller knows that it is there.
    pub(crate) fn get(&self, row: usize) -> Payload {
        let row = self.rows[row];
        let record = &self.records[row.record as usize];
        let data = (row.offset + row.metadata_len) as usize;
        Payload {
            recorded_at: record.recorded_at,
            content: match row.content {
                0 => ContentType::Json,
                number => ContentType::Bytes(Arc::clone(&record.content_types[number as usize - 1])),
            },
            metadata: if row.metadata_len == 0 { Bytes::new() } else { self.bytes.slice(row.offset as usize..data) },
            data: self.bytes.slice(data..data + row.data_len as usize),
        }
    }

    #[cfg(all(target_arch = "wasm32", feature = "script"))]
    /// The bytes of the payload of the event `row` of the stretch, and whether its data is JSON. The caller knows that it is there.
    pub(crate) fn stored(&self, row: usize) -> (StoredPayload<'_>, bool) {
        let row = &self.rows[row];
        let data = (row.offset + row.metadata_len) as usize;
        let metadata = &self.bytes[row.offset as usize..data];
        (StoredPayload { metadata, data: &self.bytes[data..data + row.data_len as usize] }, row.content == 0)
    }

    /// Whether the data of all events is JSON.
    pub(crate) fn is_all_json(&self) -> bool {
        self.rows.iter().all(|row| row.content == 0)
    }

    /// Reads the payload record of a segment: events records, one after the other.
    pub(crate) fn decode(bytes: Bytes) -> Result<Self, Malformed> {
        let mut payloads = Self { bytes: bytes.clone(), rows: Vec::new(), records: Vec::new() };
        let mut reader = Reader::new(&bytes);
        while !reader.is_at_end() {
            payloads.read_record(&mut reader, None)?;
        }
        Ok(payloads)
    }

    /// Reads one events record, payloads and columns.
    pub(crate) fn decode_with_columns(bytes: Bytes) -> Result<(Self, Columns), Malformed> {
        let mut payloads = Self { bytes: bytes.clone(), rows: Vec::new(), records: Vec::new() };
        let mut columns = Columns::with_capacity(0);
        let mut reader = Reader::new(&bytes);
        payloads.read_record(&mut reader, Some(&mut columns))?;
        if !reader.is_at_end() {
            return reader.fail("bytes follow the record");
        }
        Ok((payloads, columns))
    }

    fn read_record(&mut self, reader: &mut Reader<'_>, mut columns: Option<&mut Columns>) -> Result<(), Malformed> {
        let header = RecordHeader::decode(reader)?;
        if header.kind != KIND_EVENTS {
            return reader.fail("not an events record");
        }
        let recorded_at = reader.i64()?;
        let dictionary = Dictionary::decode(reader)?;
        let content_types = texts(reader)?;
        let record = self.records.len() as u32;
        let first_row = self.rows.len();
        let mut time = recorded_at;
        let mut tags = Vec::new();
        for _ in 0..header.count {
            let id = reader.id()?;
            let stream = reader.varint32()?;
            let kind = reader.varint32()?;
            time = time.wrapping_add(reader.zigzag()?);
            tags.clear();
            for _ in 0..reader.count()? {
                tags.push(reader.varint32()?);
            }
            let content = reader.varint32()?;
            if stream as usize >= dictionary.streams.len()
                || kind as usize >= dictionary.kinds.len()
                || content as usize > content_types.len()
                || tags.iter().any(|tag| *tag as usize >= dictionary.tags.len())
            {
                return reader.fail("a row points outside of its dictionary");
            }
            let (metadata_len, data_len) = (reader.varint32()?, reader.varint32()?);
            self.rows.push(PayloadRow { offset: 0, metadata_len, data_len, record, content });
            if let Some(columns) = columns.as_deref_mut() {
                let tag_set = columns.intern_tag_set(&tags);
                columns.ids.push(id);
                columns.times.push(time);
                columns.streams.push(stream);
                columns.kinds.push(kind);
                columns.tag_set.push(tag_set);
            }
        }
        for row in first_row..self.rows.len() {
            let row = &mut self.rows[row];
            row.offset = reader.offset() as u32;
            reader.take(row.metadata_len as usize)?;
            reader.take(row.data_len as usize)?;
        }
        reader.take(HASH_BYTES)?;
        let end = reader.offset();
        self.records.push(RecordContext { end, recorded_at: Timestamp::trusted(recorded_at), content_types });
        if let Some(columns) = columns {
            columns.dictionary = dictionary;
        }
        Ok(())
    }
}
