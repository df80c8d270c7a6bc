//! KurrentDB, once EventStoreDB: Atom feeds read with `embed=body`, and the batches that are appended to it.
//!
//! Source: the HTTP API of KurrentDB, media types `application/vnd.eventstore.atom+json` and
//! `application/vnd.eventstore.events+json`.
//!
//! - A feed is an object whose `entries` are events, newest first; they come into the log oldest first, as their
//!   numbers say. So the events of a feed are held until its end. A batch is an array of events in their order; an array of
//!   the entries of a feed is read too.
//! - The stream is `streamId`, the type `eventType`, the id `eventId`, the time `updated`. A batch names no stream: the
//!   mapping must give it. It has no times either; where the metadata of every event has one of [`TIMES`], that is the time.
//! - Data and metadata of an entry are texts that hold JSON; what they hold is kept byte for byte. Data of an entry that
//!   says `isJson: false` is bytes, of which a feed shows a text. In a batch they are JSON themselves. No data is `null`.
//! - `$correlationId` and `$causationId` of the metadata are kept, and stand under the names without `$` too. Metadata of
//!   a link is kept as `linkMetaData`, and metadata that is no object as `metaData`. What describes the feed is not kept.
//! - Event numbers are not kept either: the store numbers the events of a stream anew, from 1.

use std::borrow::Cow;

use hashbrown::HashSet;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::json_row::{Object, scalar};
use super::json_split::{Cut, Item, JsonSplitter};
use super::json_table::JsonText;
use super::mapper::{Body, Column, Mapped, Mapper, Row};
use super::object::ObjectText;
use super::options::{Field, FieldSource, Mapping};
use super::sample::Sample;
use super::text::read_time;

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

/// The media type of data that is no JSON.
const BYTES: &str = "application/octet-stream";

/// Whether a text begins as a feed or a batch.
pub(super) fn is_kurrentdb(head: &[u8]) -> bool {
    let is_feed = head.first() == Some(&b'{');
    if is_feed && memchr::memmem::find(head, b"\"entries\"").is_none() {
        return false;
    }
    let mut is_it = false;
    let _ = splitter(is_feed).push(head, &mut |item| {
        if is_feed && item.within != Some(ENTRIES) {
            return Ok(());
        }
        is_it = Object::parse(item.line, item.text).is_ok_and(|entry| {
            let has = |name: &str| entry.member(name).is_some();
            let is_new = || entry.names().all(|name| matches!(name, "eventId" | "eventType" | DATA | "metadata"));
            let is_entry = || has("streamId") && has("eventNumber");
            if is_feed {
                has("eventType") || (has("links") && has("summary"))
            } else {
                has("eventId") && has("eventType") && (is_new() || is_entry())
            }
        });
        // One is enough.
        Err(ImportError::Empty)
    });
    is_it
}

fn splitter(is_feed: bool) -> JsonSplitter {
    JsonSplitter::new(if is_feed { Cut::Members(&[ENTRIES]) } else { Cut::Elements })
}

/// The reader of feeds and batches.
pub(super) struct KurrentReader {
    /// What came before the first bracket: blanks.
    begin: Vec<u8>,
    splitter: Option<JsonSplitter>,
    is_feed: bool,
    table: Table,
    feed: Feed,
}

impl KurrentReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let table = Table { setup, columns: Vec::new(), sample: Sample::default(), mapper: None };
        Self { begin: Vec::new(), splitter: None, is_feed: false, table, feed: Feed::default() }
    }

    /// Gives out the rows that are complete; of a feed and of entries of one, once there will be no more.
    fn give(&mut self, rows: Vec<ParsedRow>, out: &mut Vec<ParsedRow>) {
        if self.is_feed || self.feed.last.is_some() {
            self.feed.rows.extend(rows);
        } else {
            out.extend(rows);
        }
    }
}

impl FormatReader for KurrentReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let mut begin = std::mem::take(&mut self.begin);
        let bytes = if self.splitter.is_some() {
            bytes
        } else {
            begin.extend_from_slice(bytes);
            let Some(first) = begin.trim_ascii_start().first() else {
                self.begin = begin;
                return Ok(());
            };
            self.is_feed = *first == b'{';
            self.splitter = Some(splitter(self.is_feed));
            &begin
        };
        let Some(splitter) = &mut self.splitter else { return Ok(()) };
        let mut rows = Vec::new();
        let (is_feed, table, feed) = (self.is_feed, &mut self.table, &mut self.feed);
        let pushed = splitter.push(bytes, &mut |item| {
            if is_feed && item.within != Some(ENTRIES) {
                return Ok(());
            }
            table.take(&item, feed, &mut rows)
        });
        self.give(rows, out);
        pushed
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let mut rows = Vec::new();
        self.table.settle(&mut rows)?;
        self.give(rows, out);
        out.extend(self.feed.in_order(self.is_feed));
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
        Some(TableShape { columns: &self.table.columns, mapping: self.table.mapper.as_ref()?.mapping() })
    }
}

/// The rows of a feed, as it has them, and what their numbers say of its order.
#[derive(Default)]
struct Feed {
    rows: Vec<ParsedRow>,
    last: Option<(String, i64)>,
    rising: u64,
    falling: u64,
}

impl Feed {
    /// Compares the number of an entry with that of the entry before it, where both are of one stream.
    fn see(&mut self, entry: &Object<'_>) {
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
            self.rising += u64::from(*version < place.1);
            self.falling += u64::from(*version > place.1);
        }
        self.last = Some(place);
    }

    /// All rows, oldest first. Where no numbers tell, a feed has the order of Atom: newest first.
    fn in_order(&mut self, is_feed: bool) -> Vec<ParsedRow> {
        let mut rows = std::mem::take(&mut self.rows);
        if self.falling > self.rising || is_feed && self.falling == self.rising {
            rows.reverse();
        }
        rows
    }
}

/// What entries become once they are cut.
struct Table {
    setup: ReaderSetup,
    columns: Vec<String>,
    sample: Sample<JsonText<'static>>,
    mapper: Option<Mapper>,
}

impl Table {
    fn take(&mut self, item: &Item<'_>, feed: &mut Feed, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let row = JsonText { line: item.line, path: Some(item.path()), text: Cow::Borrowed(item.text) };
        let checked = row.object().map(|object| feed.see(&object));
        if let Some(mapper) = &mut self.mapper {
            out.push(parsed(mapper, &self.setup, &self.columns, &row));
            return Ok(());
        }
        let bytes = row.text.len();
        self.sample.push(checked.map(|()| row.into_owned()), bytes);
        if self.sample.is_full() { self.settle(out) } else { Ok(()) }
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        if self.mapper.is_some() {
            return Ok(());
        }
        let rows = self.sample.drain();
        let entries: Vec<Entry<'_>> = rows.iter().flatten().filter_map(|row| row.object().ok().map(Entry)).collect();
        if !entries.is_empty() {
            let mut seen = HashSet::new();
            let names = entries.iter().flat_map(|entry| entry.0.names());
            let mut columns: Vec<String> = names.filter(|name| seen.insert(*name)).map(str::to_owned).collect();
            let mapping = standard(&self.setup.mapping, &columns, &entries);
            if let Some(FieldSource::Column(name)) = &mapping.time
                && name.starts_with(IN_METADATA)
            {
                columns.push(name.clone());
            }
            let sampled: Vec<SampleColumn<'_>> = columns.iter().map(|name| sampled(name, &entries)).collect();
            let setup = ReaderSetup { mapping, ..self.setup.clone() };
            self.mapper = Some(Mapper::resolve(&setup, &sampled, true)?);
            self.columns = columns;
        }
        for row in &rows {
            match (row, &mut self.mapper) {
                (Ok(row), Some(mapper)) => out.push(parsed(mapper, &self.setup, &self.columns, row)),
                (Ok(_), None) => {}
                (Err(fault), _) => out.push(ParsedRow::invalid(fault.clone())),
            }
        }
        Ok(())
    }
}

/// The caller's mapping, completed by what KurrentDB calls the fields.
fn standard(given: &Mapping, columns: &[String], entries: &[Entry<'_>]) -> Mapping {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let column = |name: &str| FieldSource::Column(name.to_owned());
    let in_metadata = || {
        let is_time =
            |entry: &Entry<'_>, name: &str| entry.in_metadata(name).is_some_and(|text| read_time(&text).is_ok());
        let name = TIMES.into_iter().find(|name| entries.iter().all(|entry| is_time(entry, name)));
        name.map_or(FieldSource::Nowhere, |name| column(&format!("{IN_METADATA}{name}")))
    };
    let mut mapping = given.clone();
    for field in Field::ALL {
        if mapping.get(field).is_some() {
            continue;
        }
        let source = match field {
            Field::Stream => has("streamId").then(|| column("streamId")),
            Field::Type => Some(column("eventType")),
            Field::Time if has("updated") => Some(column("updated")),
            Field::Time => Some(in_metadata()),
            Field::Id => Some(column("eventId")),
            Field::SchemaVersion => Some(FieldSource::Nowhere),
        };
        mapping.set(field, source);
    }
    mapping
}

fn sampled<'a>(name: &'a str, entries: &'a [Entry<'_>]) -> SampleColumn<'a> {
    SampleColumn { name, values: entries.iter().map(|entry| entry.value(name).ok().flatten()).collect() }
}

fn parsed(mapper: &mut Mapper, setup: &ReaderSetup, columns: &[String], row: &JsonText<'_>) -> ParsedRow {
    let entry = match row.object() {
        Ok(object) => Entry(object),
        Err(fault) => return ParsedRow::invalid(fault),
    };
    let mut cells = Vec::new();
    if setup.keep_cells {
        let cell = |name: &String| match (entry.value(name), entry.0.member(name)) {
            (Ok(Some(text)), _) => text.into_owned(),
            (Err(_), Some(raw)) => raw.get().to_owned(),
            _ => String::new(),
        };
        cells = columns.iter().map(cell).collect();
    }
    ParsedRow { line: row.line, path: row.path.clone(), cells, result: mapper.draft(&entry) }
}

/// One event of a feed or a batch.
struct Entry<'a>(Object<'a>);

impl Entry<'_> {
    /// A value as text: of a member, or of a member of the metadata.
    fn value(&self, name: &str) -> Result<Option<Cow<'_, str>>, &'static str> {
        match (self.0.member(name), name.strip_prefix(IN_METADATA)) {
            (Some(raw), _) => scalar(raw),
            (None, Some(name)) => Ok(self.in_metadata(name).map(Cow::Owned)),
            (None, None) => Ok(None),
        }
    }

    fn in_metadata(&self, name: &str) -> Option<String> {
        let text = self.metadata()?;
        let object = Object::parse(self.0.line(), &text).ok()?;
        scalar(object.member(name)?).ok().flatten().map(Cow::into_owned)
    }

    /// The text of the metadata; `None` when it says nothing.
    fn metadata(&self) -> Option<Cow<'_, str>> {
        content(METADATA.into_iter().find_map(|name| self.0.member(name))?)
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
        let content_type = (!is_json).then_some(BYTES);
        Ok(Body { data: text.into_owned().into_bytes(), content_type, ..Body::default() })
    }

    /// The metadata, with what else is kept there. Its text is touched only when there is more.
    fn kept_metadata(&self) -> Result<Vec<u8>, InvalidRow> {
        let line = self.0.line();
        let text = self.metadata();
        let given = match &text {
            Some(text) if text.trim_start().starts_with('{') => Some(Object::parse(line, text)?),
            _ => None,
        };
        let link = self.0.member(LINK).and_then(content);
        let origins: Vec<(&str, &RawValue)> = ORIGINS
            .into_iter()
            .filter_map(|(theirs, ours)| {
                let given = given.as_ref()?;
                given.member(theirs).filter(|_| given.member(ours).is_none()).map(|raw| (ours, raw))
            })
            .collect();
        if let (Some(text), Some(_), None, true) = (&text, &given, &link, origins.is_empty()) {
            return Ok(text.as_bytes().to_vec());
        }
        let mut object = ObjectText::default();
        match (&given, &text) {
            (Some(given), _) => given.names().for_each(|name| {
                if let Some(raw) = given.member(name) {
                    object.raw_member(name, raw);
                }
            }),
            (None, Some(text)) => json_or_text(&mut object, METADATA[0], text),
            (None, None) if link.is_none() => return Ok(Vec::new()),
            (None, None) => {}
        }
        origins.into_iter().for_each(|(name, raw)| object.raw_member(name, raw));
        if let Some(link) = link
            && given.as_ref().is_none_or(|given| given.member(LINK).is_none())
        {
            json_or_text(&mut object, LINK, &link);
        }
        Ok(object.finish())
    }
}

/// What a member holds: the text of a JSON string, else its JSON; `None` when that is nothing.
fn content(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = if raw.get().starts_with('"') { scalar(raw).ok().flatten()? } else { Cow::Borrowed(raw.get()) };
    Some(text).filter(|text| !matches!(text.trim(), "" | "null"))
}

fn json_or_text(object: &mut ObjectText, name: &str, text: &str) {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => object.raw_member(name, raw),
        Err(_) => object.text_member(name, text),
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

    fn body(&self, _: &Mapped) -> Result<Body, InvalidRow> {
        Ok(Body { metadata: self.kept_metadata()?, ..self.data()? })
    }
}
