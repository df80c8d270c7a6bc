//! KurrentDB, once EventStoreDB: Atom feeds read with `embed=body`, and the batches that are appended to it.
//!
//! Source: the HTTP API of KurrentDB, media types `application/vnd.eventstore.atom+json` and
//! `application/vnd.eventstore.events+json`.
//!
//! - A feed is an object whose `entries` are events, newest first; they come into the log oldest first, as their
//!   numbers say: the first two of one stream tell whether they rise or fall. A feed that falls is held until its end, at
//!   most [`MAX_HELD_BYTES`](super::MAX_HELD_BYTES) of it. A batch is an array of events in their order; an array of the
//!   entries of a feed is read too.
//! - An entry is known by `eventType`, `eventNumber` and `streamId` (outside of a feed `eventId` and `isJson` too), an event of a
//!   batch by `eventId`, `eventType` and `data` with nothing beside them but `metadata`. Other objects are rows of plain JSON.
//! - The stream is `streamId`, the type `eventType`, the id `eventId`, the time `updated`. A batch names no stream: the
//!   mapping must give it. It has no times either; an event whose metadata has one of [`TIMES`] has that time.
//! - Data and metadata of an entry are texts that hold JSON; what they hold is kept byte for byte. Data of an entry that
//!   says `isJson: false` is bytes, of which a feed shows a text. In a batch they are JSON themselves. No data is `null`.
//! - `$correlationId` and `$causationId` of the metadata are kept, and stand under the names without `$` too. Metadata of
//!   a link is kept as `linkMetaData`, and metadata that is no object as `metaData`. Members that KurrentDB does not have are kept
//!   in the metadata under their names. What describes the feed ([`OF_FEED`]) is not kept.
//! - Event numbers are not kept either: the store numbers the events of a stream anew, from 1.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::value::{RawValue, to_raw_value};

use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{Draft, FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::json_row::{Object, scalar, shown, with_members};
use super::json_split::{Cut, JsonSplitter};
use super::json_table::{JsonKind, JsonTable, JsonText};
use super::mapper::{Body, Column, Mapped, Row};
use super::named_row::NamedRow;
use super::options::{Field, FieldSource, Mapping};
use super::text::{LineCounter, read_time};

const ENTRIES: &str = "entries";
const DATA: &str = "data";
const METADATA: [&str; 2] = ["metaData", "metadata"];
const LINK: &str = "linkMetaData";

/// Before the name of a member of the metadata that is used as a column.
const IN_METADATA: &str = "metadata.";

/// Members of metadata that hold the time, in batches, the surest first.
const TIMES: [&str; 6] = ["timestamp", "timeStamp", "TimeStamp", "Timestamp", "occurredAt", "time"];

/// Members of metadata that KurrentDB reserves, and what they are called here.
const ORIGINS: [(&str, &str); 2] = [("$correlationId", "correlationId"), ("$causationId", "causationId")];

/// Members of an entry that say where it stands in its feed, and how it is shown there.
const OF_FEED: [&str; 11] = [
    "eventNumber",
    "positionEventNumber",
    "positionStreamId",
    "isJson",
    "isMetaData",
    "isLinkMetaData",
    "title",
    "id",
    "author",
    "summary",
    "links",
];

/// Members that a mapping takes for fields, as long as the caller names no others.
const FIELDS: [(Field, &str); 4] =
    [(Field::Stream, "streamId"), (Field::Type, "eventType"), (Field::Id, "eventId"), (Field::Time, "updated")];

/// The media type of data that is no JSON.
const BYTES: &str = "application/octet-stream";

/// Whether a text begins as a feed or a batch.
pub(super) fn is_kurrentdb(head: &[u8]) -> bool {
    let is_feed = head.first() == Some(&b'{');
    if is_feed && memchr::memmem::find(head, b"\"entries\"").is_none() {
        return false;
    }
    let mut is_it = false;
    let _ = JsonSplitter::new(cut(is_feed)).push(head, &mut |item| {
        if is_feed && item.within != Some(ENTRIES) {
            return Ok(());
        }
        is_it = Object::parse(item.line, item.text).is_ok_and(|entry| {
            let has = |name: &str| entry.member(name).is_some();
            let is_new =
                || entry.members().all(|(name, _)| matches!(name, "eventId" | "eventType" | DATA | "metadata"));
            let is_entry = has("eventType") && has("streamId") && has("eventNumber");
            let is_atom = || ["id", "updated", "links", "summary"].into_iter().all(has);
            if is_feed {
                is_entry || is_atom()
            } else {
                has("eventId") && (is_entry && has("isJson") || has("eventType") && has(DATA) && is_new())
            }
        });
        // One is enough.
        Err(ImportError::Empty)
    });
    is_it
}

const fn cut(is_feed: bool) -> Cut {
    if is_feed { Cut::Members(&[ENTRIES]) } else { Cut::Elements }
}

/// The reader of feeds and batches.
pub(super) struct KurrentReader {
    /// The lines of the blanks before the document.
    blanks: LineCounter,
    /// What cuts the document, once its first byte tells what it is.
    splitter: Option<JsonSplitter>,
    table: JsonTable<Entries>,
    feed: Feed,
}

impl KurrentReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let feed = Feed { max_held_bytes: setup.max_held_bytes, ..Feed::default() };
        Self { blanks: LineCounter::new(), splitter: None, table: JsonTable::new(setup), feed }
    }
}

impl FormatReader for KurrentReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let mut bytes = bytes;
        if self.splitter.is_none() {
            let start = bytes.len() - bytes.trim_ascii_start().len();
            self.blanks.pass(&bytes[..start]);
            bytes = &bytes[start..];
            let Some(first) = bytes.first() else { return Ok(()) };
            self.feed.is_feed = *first == b'{';
            self.splitter = Some(JsonSplitter::behind(self.blanks.clone(), cut(self.feed.is_feed)));
        }
        let Self { splitter: Some(splitter), table, feed, .. } = self else { return Ok(()) };
        splitter.push(bytes, &mut |item| {
            if feed.is_feed && item.within != Some(ENTRIES) {
                return Ok(());
            }
            let row = JsonText { line: item.line, path: Some(item.path()), text: Cow::Borrowed(item.text) };
            if let Ok(entry) = row.object() {
                feed.see(&entry);
            }
            feed.bytes += row.text.len();
            let (line, path) = (row.line, row.path.clone());
            let mut rows = Vec::new();
            table.take(row, &mut rows)?;
            feed.give(rows, out);
            feed.check(line, path)
        })
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let mut rows = Vec::new();
        self.table.settle(&mut rows)?;
        self.feed.give(rows, out);
        self.feed.end(out);
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        match &self.splitter {
            Some(splitter) => splitter.finish()?,
            None => return Err(ImportError::Empty),
        }
        self.settle(out)
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        self.table.shape()
    }
}

/// The order of the entries of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Rising,
    Falling,
}

/// The rows of a feed, held as long as they may have to be turned round.
#[derive(Default)]
struct Feed {
    is_feed: bool,
    rows: Vec<ParsedRow>,
    /// Bytes of the entries.
    bytes: usize,
    max_held_bytes: usize,
    /// Stream and number of the last entry that has such.
    last: Option<(String, i64)>,
    direction: Option<Direction>,
}

impl Feed {
    /// Compares the number of an entry with that of the entry before it, where both are of one stream.
    fn see(&mut self, entry: &Object<'_>) {
        if self.direction.is_some() {
            return;
        }
        let number = |name: &str| entry.member(name).and_then(|raw| raw.get().parse::<i64>().ok());
        let name = |name: &str| entry.member(name).and_then(|raw| scalar(raw).ok().flatten()).map(Cow::into_owned);
        let at = |stream: &str, version: &str| name(stream).zip(number(version));
        // Of a stream of links the numbers in that stream count, not those in the streams that it links to.
        let Some(place) = at("positionStreamId", "positionEventNumber").or_else(|| at("streamId", "eventNumber"))
        else {
            return;
        };
        if let Some((stream, version)) = &self.last
            && *stream == place.0
        {
            self.direction = match place.1.cmp(version) {
                std::cmp::Ordering::Greater => Some(Direction::Rising),
                std::cmp::Ordering::Less => Some(Direction::Falling),
                std::cmp::Ordering::Equal => None,
            };
        }
        self.last = Some(place);
    }

    /// The rows may have to be turned round. Those of a batch have no numbers.
    fn is_held(&self) -> bool {
        self.direction != Some(Direction::Rising) && (self.is_feed || self.last.is_some())
    }

    /// Gives out the rows that are complete; those of which the order is not known once it is.
    fn give(&mut self, rows: Vec<ParsedRow>, out: &mut Vec<ParsedRow>) {
        if self.is_held() {
            self.rows.extend(rows);
        } else {
            out.append(&mut self.rows);
            out.extend(rows);
        }
    }

    fn check(&self, line: u64, path: Option<String>) -> Result<(), ImportError> {
        let limit = self.max_held_bytes;
        if self.is_held() && self.bytes > limit {
            Err(ImportError::TooMuchToHold { line, path, limit })
        } else {
            Ok(())
        }
    }

    /// All rows that are held, oldest first. Where no numbers tell, a feed has the order of Atom: newest first.
    fn end(&mut self, out: &mut Vec<ParsedRow>) {
        if self.direction == Some(Direction::Falling) || self.is_feed && self.direction.is_none() {
            self.rows.reverse();
        }
        out.append(&mut self.rows);
    }
}

/// Entries of a feed, or events of a batch.
struct Entries;

impl JsonKind for Entries {
    type Row<'a> = Entry<'a>;

    fn row(object: Object<'_>) -> Entry<'_> {
        Entry(object)
    }

    fn mapping(given: &Mapping, columns: &[SampleColumn<'_>]) -> Mapping {
        let has = |name: &str| columns.iter().any(|column| column.name == name);
        let mut mapping = given.clone();
        for field in Field::ALL.into_iter().filter(|field| given.get(*field).is_none()) {
            let own = FIELDS.iter().find(|(own, name)| *own == field && (field == Field::Type || has(name)));
            let column = own.map(|(_, name)| FieldSource::Column((*name).to_owned()));
            mapping.set(field, column.or_else(|| (!field.is_required()).then_some(FieldSource::Nowhere)));
        }
        mapping
    }
}

/// One event of a feed or a batch.
struct Entry<'a>(Object<'a>);

impl Entry<'_> {
    /// A value as text: of a member, or of a member of the metadata.
    fn value(&self, name: &str) -> Result<Option<Cow<'_, str>>, &'static str> {
        match (self.0.member(name), name.strip_prefix(IN_METADATA)) {
            (Some(raw), _) => scalar(raw),
            (None, Some(name)) => Ok(self.in_metadata(&[name]).pop().map(|(_, text)| Cow::Owned(text))),
            (None, None) => Ok(None),
        }
    }

    /// The texts of these members of the metadata, as far as they are there.
    fn in_metadata<'n>(&self, names: &[&'n str]) -> Vec<(&'n str, String)> {
        let Some(text) = self.metadata() else { return Vec::new() };
        let Ok(object) = Object::parse(self.0.line(), &text) else { return Vec::new() };
        let text = |name: &str| scalar(object.member(name)?).ok().flatten().map(Cow::into_owned);
        names.iter().filter_map(|name| Some((*name, text(name)?))).collect()
    }

    /// The member that is the metadata.
    fn metadata_name(&self) -> Option<&'static str> {
        METADATA.into_iter().find(|name| self.0.member(name).is_some())
    }

    /// The text of the metadata; `None` when it says nothing.
    fn metadata(&self) -> Option<Cow<'_, str>> {
        content(self.0.member(self.metadata_name()?)?)
    }

    /// It was read from a feed, where data and metadata are texts.
    fn is_recorded(&self) -> bool {
        self.0.member("eventNumber").is_some() || self.0.member("isJson").is_some()
    }

    fn data(&self) -> Result<Body, InvalidRow> {
        let line = self.0.line();
        let null = || Body { data: b"null".to_vec(), ..Body::default() };
        let Some(raw) = self.0.member(DATA) else { return Ok(null()) };
        if !self.is_recorded() || !raw.get().starts_with('"') {
            return Ok(Body { data: raw.get().as_bytes().to_vec(), ..Body::default() });
        }
        let text = match scalar(raw) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(null()),
            Err(found) => return Err(InvalidRow::in_column(line, RowFault::WrongKind, DATA, found)),
        };
        let is_json = self.0.member("isJson").is_none_or(|raw| raw.get() != "false");
        if is_json && let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
            let message = format_args!("isJson is true, but it is not JSON: {error}");
            return Err(InvalidRow::in_column(line, RowFault::NotJson, DATA, message));
        }
        let content_type = (!is_json).then_some(Cow::Borrowed(BYTES));
        Ok(Body { data: text.into_owned().into_bytes(), content_type, ..Body::default() })
    }

    /// The metadata, with what else is kept there. Its text is touched only when there is more.
    fn kept_metadata(&self, mapped: &Mapped) -> Result<Vec<u8>, InvalidRow> {
        let line = self.0.line();
        let text = self.metadata();
        let object = text.as_deref().filter(|text| text.trim_start().starts_with('{'));
        let given = object.map(|text| Object::parse(line, text)).transpose()?;
        let mut left: Vec<(&str, Cow<'_, RawValue>)> = Vec::new();
        if let (Some(text), None) = (&text, &given) {
            left.push((METADATA[0], json_or_text(text)));
        }
        for (theirs, ours) in ORIGINS {
            let origin =
                given.as_ref().filter(|given| given.member(ours).is_none()).and_then(|given| given.member(theirs));
            left.extend(origin.map(|raw| (ours, Cow::Borrowed(raw))));
        }
        let link = self.0.member(LINK).and_then(content);
        left.extend(link.iter().map(|link| (LINK, json_or_text(link))));
        let is_recorded = self.is_recorded();
        let is_known = |name: &str| {
            mapped.has_name(name)
                || [DATA, LINK].contains(&name)
                || self.metadata_name() == Some(name)
                || is_recorded && OF_FEED.contains(&name)
        };
        let others = self.0.members().filter(|(name, raw)| !is_known(name) && raw.get() != "null");
        left.extend(others.map(|(name, raw)| (name, Cow::Borrowed(raw))));
        match object {
            Some(text) if left.is_empty() => Ok(text.as_bytes().to_vec()),
            _ => {
                let base = object.and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
                Ok(with_members(base, left.iter().map(|(name, raw)| (*name, raw.as_ref()))))
            }
        }
    }
}

/// What a member holds: the text of a JSON string, else its JSON; `None` when that is nothing.
fn content(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = if raw.get().starts_with('"') { scalar(raw).ok().flatten()? } else { Cow::Borrowed(raw.get()) };
    Some(text).filter(|text| !matches!(text.trim(), "" | "null"))
}

/// The JSON that a text is, or the text as JSON.
fn json_or_text(text: &str) -> Cow<'_, RawValue> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => Cow::Borrowed(raw),
        // A text can always be written.
        Err(_) => Cow::Owned(to_raw_value(text).unwrap_or_else(|_| RawValue::NULL.to_owned())),
    }
}

impl NamedRow for Entry<'_> {
    fn sample<'r>(&'r self, take: &mut dyn FnMut(Cow<'r, str>, Option<Cow<'r, str>>)) {
        self.0.sample(take);
        for (name, text) in self.in_metadata(&TIMES) {
            take(Cow::Owned(format!("{IN_METADATA}{name}")), Some(Cow::Owned(text)));
        }
    }

    fn show(&self, _columns: &[String], take: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
        self.0.members().for_each(|(name, raw)| take(name, &|| shown(raw)));
        for (name, text) in self.in_metadata(&TIMES) {
            take(&format!("{IN_METADATA}{name}"), &|| text.clone());
        }
    }

    fn complete(&self, draft: Draft, asked: &Mapping) -> Result<Draft, InvalidRow> {
        if asked.time.is_some() || draft.event.time().is_some() {
            return Ok(draft);
        }
        let time = self.in_metadata(&TIMES).iter().find_map(|(_, text)| read_time(text).ok());
        Ok(match time {
            Some(time) => Draft { event: draft.event.with_time(time), ..draft },
            None => draft,
        })
    }
}

impl Row for Entry<'_> {
    fn line(&self) -> u64 {
        self.0.line()
    }

    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow> {
        let value = self.value(&column.name).map_err(|found| {
            let message = format_args!("a text or a number is expected, not {found}");
            InvalidRow::in_column(self.line(), RowFault::WrongKind, &column.name, message)
        })?;
        if value.is_none() && column.name == "eventType" && self.0.member("summary").is_some() {
            let message = "the type is not there; was the feed read with embed=body?";
            return Err(InvalidRow::in_column(self.line(), RowFault::MissingValue, &column.name, message));
        }
        Ok(value)
    }

    fn body(&self, mapped: &Mapped) -> Result<Body, InvalidRow> {
        Ok(Body { metadata: self.kept_metadata(mapped)?, ..self.data()? })
    }
}
