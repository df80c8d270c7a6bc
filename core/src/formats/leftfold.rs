//! Format leftfold in: a log that was exported, compared with the header that it begins with.
//!
//! The layout is described in the documentation of [`formats`](super). Members that are not named there are ignored.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::content::Content;
use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{Draft, FormatReader, GivenId, ParsedRow, ReaderSetup, TableShape};
use super::leftfold_header::{Chain, Header};
use super::limits::MAX_RECORDED_BYTES;
use super::lines::LineCutter;
use super::options::{Field, FieldSource, Mapping};
use crate::domain::{
    ContentType, EventId, EventType, InvalidEvent, NewEvent, SchemaVersion, StreamName, Tag, Timestamp,
};

/// The members that a preview shows.
const COLUMNS: [&str; 8] = ["stream", "type", "time", "id", "schemaVersion", "tags", "data", "metadata"];

/// The reader of files in format leftfold.
pub(super) struct LeftfoldReader {
    lines: LineCutter,
    log: Log,
}

/// What the lines become.
struct Log {
    columns: Vec<String>,
    /// Always the members of the format: they need no choice.
    mapping: Mapping,
    keep_cells: bool,
    /// `category-`, or empty.
    prefix: String,
    header: Option<Header>,
    chain: Chain,
}

impl LeftfoldReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let prefix = setup.category.map(|category| format!("{category}-")).unwrap_or_default();
        let mut mapping = Mapping::default();
        for field in Field::ALL {
            mapping.set(field, Some(FieldSource::Column(field.name().to_owned())));
        }
        let log = Log {
            columns: COLUMNS.map(str::to_owned).to_vec(),
            mapping,
            keep_cells: setup.keep_cells,
            prefix,
            header: None,
            chain: Chain::default(),
        };
        Self { lines: LineCutter::behind(1, MAX_RECORDED_BYTES), log }
    }
}

impl Log {
    fn take(&mut self, line: u64, text: &str, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(());
        }
        if self.header.is_none() {
            self.header = Some(Header::parse(text)?);
            return Ok(());
        }
        match self.draft(line, text) {
            Ok(draft) => {
                let cells = if self.keep_cells { cells(&draft) } else { Vec::new() };
                out.push(ParsedRow { line, path: None, cells, result: Ok(draft) });
            }
            Err(fault) => out.push(ParsedRow::invalid(fault)),
        }
        Ok(())
    }

    fn draft(&mut self, line: u64, text: &str) -> Result<Draft, InvalidRow> {
        if !text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            return Err(InvalidRow::new(line, RowFault::NotAnObject, "the line is JSON, but not an object"));
        }
        let row: Line<'_> = serde_json::from_str(text).map_err(|error| not_a_line(line, &error))?;
        let in_member = |member: &'static str| {
            move |error: InvalidEvent| {
                let fault = InvalidRow::of_event(line, None, &error);
                InvalidRow::in_column(line, fault.code, member, fault.message)
            }
        };
        let id = EventId::parse(&row.id).map_err(in_member("id"))?;
        let stream = StreamName::new(&row.stream).map_err(|error| in_member("stream")(error.into()))?;
        let time = Timestamp::parse(&row.time).map_err(|error| in_member("time")(error.into()))?;
        let tags = row.tags.iter().map(|tag| Tag::new(tag)).collect::<Result<Vec<_>, _>>();
        let tags = tags.map_err(|error| in_member("tags")(error.into()))?;
        let event = row.content(line)?.with_schema_version(SchemaVersion(row.schema_version)).with_time(time);
        let metadata = row.metadata.map(RawValue::get).or(row.metadata_text.as_deref()).unwrap_or_default();
        let event = event.with_metadata_text(metadata.as_bytes().to_vec()).map_err(in_member("metadata"))?;
        let event = event.with_tags(tags).map_err(in_member("tags"))?;
        self.chain.add(id, &Content::of_new(&stream, &event));
        let stream = if self.prefix.is_empty() || stream.as_str().starts_with(&self.prefix) {
            stream
        } else {
            let prefixed = StreamName::new(&format!("{}{stream}", self.prefix));
            prefixed.map_err(|error| in_member("stream")(error.into()))?
        };
        Ok(Draft { line, stream, event, id: Some(GivenId::Uuid(id)), position: None })
    }
}

impl FormatReader for LeftfoldReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { lines, log } = self;
        lines.push(bytes, &mut |line, text| log.take(line, text, out))
    }

    fn settle(&mut self, _: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { lines, log } = self;
        lines.finish(&mut |line, text| log.take(line, text, out))?;
        match &log.header {
            Some(header) => header.verify(&log.chain),
            None => Err(ImportError::Empty),
        }
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        Some(TableShape { columns: &self.log.columns, mapping: &self.log.mapping })
    }
}

/// What a preview shows of an event.
fn cells(draft: &Draft) -> Vec<String> {
    let event = &draft.event;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let id = match &draft.id {
        Some(GivenId::Uuid(id)) => id.to_string(),
        _ => String::new(),
    };
    let data = match event.content() {
        ContentType::Json => text(event.data()),
        ContentType::Bytes(media_type) => format!("{} bytes, {media_type}", event.data().len()),
    };
    let tags: Vec<&str> = event.tags().iter().map(Tag::as_str).collect();
    vec![
        draft.stream.to_string(),
        event.event_type().to_string(),
        event.time().map(|time| time.to_string()).unwrap_or_default(),
        id,
        event.schema_version().to_string(),
        tags.join(", "),
        data,
        text(event.metadata()),
    ]
}

fn not_a_line(line: u64, error: &serde_json::Error) -> InvalidRow {
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    match error.classify() {
        serde_json::error::Category::Data if reason.starts_with("missing field") => {
            InvalidRow::new(line, RowFault::MissingValue, reason)
        }
        serde_json::error::Category::Data if reason.starts_with("duplicate field") => {
            InvalidRow::new(line, RowFault::DuplicateMember, reason)
        }
        serde_json::error::Category::Data => InvalidRow::new(line, RowFault::WrongKind, reason),
        _ => InvalidRow::new(line, RowFault::NotJson, format!("not JSON at column {}: {reason}", error.column())),
    }
}

/// An event as a line has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Line<'a> {
    #[serde(borrow)]
    stream: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    schema_version: u32,
    #[serde(borrow)]
    time: Cow<'a, str>,
    tags: Vec<String>,
    content_type: Option<String>,
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
    data_text: Option<String>,
    data_base64: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    metadata: Option<&'a RawValue>,
    metadata_text: Option<String>,
}

impl Line<'_> {
    /// The event with its data and nothing else.
    fn content(&self, line: u64) -> Result<NewEvent, InvalidRow> {
        let invalid =
            |member: &'static str| move |error: InvalidEvent| InvalidRow::of_event(line, Some(member), &error);
        match (self.data, &self.data_text, &self.data_base64, &self.content_type) {
            (Some(data), None, None, None) => {
                let event_type = EventType::new(&self.r#type).map_err(|error| invalid("type")(error.into()))?;
                NewEvent::of_json(event_type, data.get().as_bytes().to_vec().into()).map_err(invalid("data"))
            }
            (None, Some(text), None, None) => {
                NewEvent::json_text(&self.r#type, text.clone().into_bytes()).map_err(invalid("dataText"))
            }
            (None, None, Some(encoded), Some(media_type)) => {
                let bytes = STANDARD.decode(encoded.as_bytes()).map_err(|error| {
                    InvalidRow::in_column(line, RowFault::WrongKind, "dataBase64", format_args!("not base64: {error}"))
                })?;
                NewEvent::bytes(&self.r#type, media_type, bytes).map_err(invalid("dataBase64"))
            }
            _ => {
                let message = "one of data, dataText, and dataBase64 with contentType is expected";
                Err(InvalidRow::new(line, RowFault::MissingValue, message))
            }
        }
    }
}

/// A member that is there, even when it is null.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}
