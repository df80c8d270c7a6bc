//! The columns of a stretch of the log: everything about its events but their payloads.

use std::sync::Arc;

use hashbrown::HashMap;

use super::wire::{Malformed, Reader, put_text, put_varint};

/// An event type at a schema version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub(crate) event_type: Arc<str>,
    pub(crate) schema_version: u32,
}

/// Names that rows point at by number, each once, in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dictionary {
    pub(crate) streams: Vec<Arc<str>>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) tags: Vec<Arc<str>>,
}

impl Dictionary {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.streams.len() as u64);
        self.streams.iter().for_each(|name| put_text(out, name));
        put_varint(out, self.kinds.len() as u64);
        for kind in &self.kinds {
            put_varint(out, kind.schema_version.into());
            put_text(out, &kind.event_type);
        }
        put_varint(out, self.tags.len() as u64);
        self.tags.iter().for_each(|tag| put_text(out, tag));
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let streams = texts(reader)?;
        let kinds = (0..reader.count()?)
            .map(|_| Ok(Kind { schema_version: reader.varint32()?, event_type: reader.text()?.into() }))
            .collect::<Result<_, _>>()?;
        Ok(Self { streams, kinds, tags: texts(reader)? })
    }
}

pub(crate) fn texts(reader: &mut Reader<'_>) -> Result<Vec<Arc<str>>, Malformed> {
    (0..reader.count()?).map(|_| reader.text().map(Arc::from)).collect()
}

/// The columns. `tag_sets[0]` is the empty set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) dictionary: Dictionary,
    pub(crate) tag_sets: Vec<Vec<u32>>,
    pub(crate) ids: Vec<[u8; 16]>,
    pub(crate) times: Vec<i64>,
    pub(crate) streams: Vec<u32>,
    pub(crate) kinds: Vec<u32>,
    pub(crate) tag_set: Vec<u32>,
}

impl Columns {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            dictionary: Dictionary::default(),
            tag_sets: vec![Vec::new()],
            ids: Vec::with_capacity(rows),
            times: Vec::with_capacity(rows),
            streams: Vec::with_capacity(rows),
            kinds: Vec::with_capacity(rows),
            tag_set: Vec::with_capacity(rows),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of `tags` among the sets, added when new.
    pub(crate) fn intern_tag_set(&mut self, tags: &[u32]) -> u32 {
        // Sets repeat in runs, and a stretch has few of them: the search starts at the newest.
        let found = self.tag_sets.iter().rposition(|set| set == tags);
        found.unwrap_or_else(|| {
            self.tag_sets.push(tags.to_vec());
            self.tag_sets.len() - 1
        }) as u32
    }

    /// Columns of several stretches, one after the other, over one dictionary.
    pub(crate) fn concat<'a>(parts: impl IntoIterator<Item = &'a Columns>) -> Self {
        let mut all = Self::with_capacity(0);
        let mut streams = HashMap::<Arc<str>, u32>::new();
        let mut kinds = HashMap::<Kind, u32>::new();
        let mut tags = HashMap::<Arc<str>, u32>::new();
        let mut sets = HashMap::<Vec<u32>, u32>::from_iter([(Vec::new(), 0)]);
        for part in parts {
            let stream_of = merge(&part.dictionary.streams, &mut all.dictionary.streams, &mut streams);
            let kind_of = merge(&part.dictionary.kinds, &mut all.dictionary.kinds, &mut kinds);
            let tag_of = merge(&part.dictionary.tags, &mut all.dictionary.tags, &mut tags);
            let renumbered: Vec<Vec<u32>> =
                part.tag_sets.iter().map(|set| set.iter().map(|tag| tag_of[*tag as usize]).collect()).collect();
            let set_of = merge(&renumbered, &mut all.tag_sets, &mut sets);
            all.ids.extend_from_slice(&part.ids);
            all.times.extend_from_slice(&part.times);
            all.streams.extend(part.streams.iter().map(|stream| stream_of[*stream as usize]));
            all.kinds.extend(part.kinds.iter().map(|kind| kind_of[*kind as usize]));
            all.tag_set.extend(part.tag_set.iter().map(|set| set_of[*set as usize]));
        }
        all
    }

    fn check(&self, reader: &Reader<'_>) -> Result<(), Malformed> {
        let below = |column: &[u32], len: usize| column.iter().all(|index| (*index as usize) < len);
        if !below(&self.streams, self.dictionary.streams.len())
            || !below(&self.kinds, self.dictionary.kinds.len())
            || !below(&self.tag_set, self.tag_sets.len())
            || !self.tag_sets.iter().all(|set| below(set, self.dictionary.tags.len()))
        {
            return reader.fail("a row points outside of its dictionary");
        }
        Ok(())
    }

    /// The body of a segment's index record.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        self.dictionary.encode(out);
        put_varint(out, self.tag_sets.len() as u64);
        for set in &self.tag_sets {
            put_varint(out, set.len() as u64);
            set.iter().for_each(|tag| put_varint(out, (*tag).into()));
        }
        self.ids.iter().for_each(|id| out.extend_from_slice(id));
        self.times.iter().for_each(|time| out.extend_from_slice(&time.to_le_bytes()));
        for column in [&self.streams, &self.kinds, &self.tag_set] {
            encode_column(out, column);
        }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>, rows: usize) -> Result<Self, Malformed> {
        let dictionary = Dictionary::decode(reader)?;
        let tag_sets = (0..reader.count()?)
            .map(|_| (0..reader.count()?).map(|_| reader.varint32()).collect())
            .collect::<Result<Vec<Vec<u32>>, _>>()?;
        if tag_sets.first().is_none_or(|set| !set.is_empty()) {
            return reader.fail("the first tag set is not the empty one");
        }
        let (ids, _) = reader.take(rows.saturating_mul(16))?.as_chunks::<16>();
        let (times, _) = reader.take(rows.saturating_mul(8))?.as_chunks::<8>();
        let columns = Self {
            dictionary,
            tag_sets,
            ids: ids.to_vec(),
            times: times.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
            streams: decode_column(reader, rows)?,
            kinds: decode_column(reader, rows)?,
            tag_set: decode_column(reader, rows)?,
        };
        columns.check(reader)?;
        Ok(columns)
    }
}

fn merge<T: Clone + Eq + std::hash::Hash>(part: &[T], all: &mut Vec<T>, seen: &mut HashMap<T, u32>) -> Vec<u32> {
    let number = |item: &T| {
        *seen.entry_ref(item).or_insert_with(|| {
            all.push(item.clone());
            all.len() as u32 - 1
        })
    };
    part.iter().map(number).collect()
}

/// One byte a number where all are below 256, else two where all are below 65,536, else four; the width stands first.
fn encode_column(out: &mut Vec<u8>, column: &[u32]) {
    match column.iter().max().copied().unwrap_or(0) {
        0..=0xff => {
            out.push(1);
            out.extend(column.iter().map(|value| *value as u8));
        }
        0x100..=0xffff => {
            out.push(2);
            column.iter().for_each(|value| out.extend_from_slice(&(*value as u16).to_le_bytes()));
        }
        _ => {
            out.push(4);
            column.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
        }
    }
}

fn decode_column(reader: &mut Reader<'_>, rows: usize) -> Result<Vec<u32>, Malformed> {
    match reader.u8()? {
        1 => Ok(reader.take(rows)?.iter().map(|value| u32::from(*value)).collect()),
        2 => {
            let (values, _) = reader.take(rows.saturating_mul(2))?.as_chunks::<2>();
            Ok(values.iter().map(|value| u16::from_le_bytes(*value).into()).collect())
        }
        4 => {
            let (values, _) = reader.take(rows.saturating_mul(4))?.as_chunks::<4>();
            Ok(values.iter().map(|value| u32::from_le_bytes(*value)).collect())
        }
        _ => reader.fail("a column has an unknown width"),
    }
}
