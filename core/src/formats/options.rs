//! What the caller may choose.

use std::fmt;

use super::error::ImportError;

/// The names of the formats, as an error lists them.
pub(super) const FORMAT_NAMES: &str = "ndjson (one JSON object a line), \
    json (an array of objects), \
    csv (comma, semicolon, tab or bar), \
    xes (XML of process mining), \
    cloudevents (1.0 in JSON), \
    ocel2 (object-centric logs in JSON), \
    kurrentdb (feeds and batches), \
    redux-devtools, \
    leftfold, \
    and the tables of marten, axon, message-db, emmett, cqrs-es and eventsourcing as rows of the first three";

/// A format that a file can be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    Json,
    /// Rows of delimited columns under a header.
    Csv,
    /// The XML of process mining, IEEE 1849.
    Xes,
    /// CloudEvents 1.0 in JSON: one, a batch, or one a line.
    CloudEvents,
    /// Object-centric event logs, OCEL 2.0, in JSON.
    Ocel2,
    /// Feeds of KurrentDB, and the batches that are appended to it.
    KurrentDb,
    /// What the monitors of Redux DevTools export.
    ReduxDevTools,
    /// What [`Export`](super::Export) writes: a header and one JSON object a line.
    Leftfold,
    /// Rows of Marten's `mt_events`, as CSV, NDJSON or a JSON array.
    Marten,
    /// Rows of Axon's `DomainEventEntry` (4) or `AggregateEventEntry` (5), likewise.
    Axon,
    /// Rows of message-db's `messages`, likewise.
    MessageDb,
    /// Rows of Emmett's `emt_messages`, likewise.
    Emmett,
    /// Rows of the `events` of cqrs-es, likewise.
    CqrsEs,
    /// Rows of the `stored_events` of the Python library eventsourcing, likewise.
    EventSourcing,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Ndjson,
        Self::Json,
        Self::Csv,
        Self::Xes,
        Self::CloudEvents,
        Self::Ocel2,
        Self::KurrentDb,
        Self::ReduxDevTools,
        Self::Leftfold,
        Self::Marten,
        Self::Axon,
        Self::MessageDb,
        Self::Emmett,
        Self::CqrsEs,
        Self::EventSourcing,
    ];

    /// The name that options and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xes => "xes",
            Self::CloudEvents => "cloudevents",
            Self::Ocel2 => "ocel2",
            Self::KurrentDb => "kurrentdb",
            Self::ReduxDevTools => "redux-devtools",
            Self::Leftfold => "leftfold",
            Self::Marten => "marten",
            Self::Axon => "axon",
            Self::MessageDb => "message-db",
            Self::Emmett => "emmett",
            Self::CqrsEs => "cqrs-es",
            Self::EventSourcing => "eventsourcing",
        }
    }

    /// Whether a file of the format is a log already, whose order is the order of the events unless options say otherwise.
    pub(super) const fn is_ordered(self) -> bool {
        matches!(self, Self::Leftfold | Self::KurrentDb | Self::ReduxDevTools)
    }

    /// Whether its rows have columns that a mapping can name; the others say themselves which field is which.
    #[must_use]
    pub const fn has_columns(self) -> bool {
        !matches!(self, Self::Leftfold)
    }

    /// Whether it is that of a table, whose rows come as CSV, NDJSON or a JSON array.
    pub(super) const fn is_dialect(self) -> bool {
        matches!(self, Self::Marten | Self::Axon | Self::MessageDb | Self::Emmett | Self::CqrsEs | Self::EventSourcing)
    }

    /// The format of a name; `None` for `auto`, which means: look at the content.
    ///
    /// # Errors
    /// [`ImportError::UnknownFormat`] with the name.
    pub fn parse(name: &str) -> Result<Option<Self>, ImportError> {
        if name == "auto" {
            return Ok(None);
        }
        let unknown = || ImportError::UnknownFormat { name: name.chars().take(64).collect() };
        Self::ALL.into_iter().find(|format| format.name() == name).map(Some).ok_or_else(unknown)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A part of an event that a mapping can name a column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The stream; every event needs one.
    Stream,
    /// The type; every event needs one.
    Type,
    /// The time at which it happened.
    Time,
    /// The id.
    Id,
    /// The schema version of the data.
    SchemaVersion,
}

impl Field {
    /// All of them, in the order in which columns are guessed.
    pub const ALL: [Self; 5] = [Self::Stream, Self::Type, Self::Time, Self::Id, Self::SchemaVersion];

    /// The name of the member of `mapping`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Type => "type",
            Self::Time => "time",
            Self::Id => "id",
            Self::SchemaVersion => "schemaVersion",
        }
    }

    /// Whether no event can do without it.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Stream | Self::Type)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a field of the events comes from.
///
/// As text (`From<&str>`, and so in JavaScript) it is the name of a column; text that begins with `=` is a constant,
/// and empty text is [`FieldSource::Nowhere`]. A column whose own name begins with `=` is reached by the variant.
///
/// ```
/// use leftfold_core::formats::FieldSource;
/// assert_eq!(FieldSource::from("order_id"), FieldSource::Column("order_id".into()));
/// assert_eq!(FieldSource::from("=OrderPlaced"), FieldSource::Constant("OrderPlaced".into()));
/// assert_eq!(FieldSource::from(""), FieldSource::Nowhere);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSource {
    /// The column, or member, of this name.
    Column(String),
    /// This text, the same for every event.
    Constant(String),
    /// Nothing: no guess either. Ids are then derived from the content, and events have no time of their own.
    Nowhere,
}

impl From<&str> for FieldSource {
    fn from(text: &str) -> Self {
        match text.strip_prefix('=') {
            Some(constant) => Self::Constant(constant.to_owned()),
            None if text.is_empty() => Self::Nowhere,
            None => Self::Column(text.to_owned()),
        }
    }
}

/// Which column is which field. A field that is `None` is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The stream.
    pub stream: Option<FieldSource>,
    /// The type.
    pub event_type: Option<FieldSource>,
    /// The time.
    pub time: Option<FieldSource>,
    /// The id.
    pub id: Option<FieldSource>,
    /// The schema version.
    pub schema_version: Option<FieldSource>,
}

impl Mapping {
    /// Where `field` comes from.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&FieldSource> {
        match field {
            Field::Stream => self.stream.as_ref(),
            Field::Type => self.event_type.as_ref(),
            Field::Time => self.time.as_ref(),
            Field::Id => self.id.as_ref(),
            Field::SchemaVersion => self.schema_version.as_ref(),
        }
    }

    /// Says where `field` comes from.
    pub fn set(&mut self, field: Field, source: Option<FieldSource>) {
        match field {
            Field::Stream => self.stream = source,
            Field::Type => self.event_type = source,
            Field::Time => self.time = source,
            Field::Id => self.id = source,
            Field::SchemaVersion => self.schema_version = source,
        }
    }
}

/// The order in which the events of a file come into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportOrder {
    /// By time. Stable, and never at odds with the file's order within one stream.
    Time,
    /// As the file has them.
    File,
}

/// What an invalid row does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnInvalid {
    /// The import fails with the row's line, and nothing is stored.
    #[default]
    Stop,
    /// The row is left out and listed in the report.
    Skip,
}

/// How to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The format; `None`: by content.
    pub format: Option<Format>,
    /// The columns of the fields; those not named are guessed.
    pub mapping: Mapping,
    /// The prefix of every stream: `receipt` makes case `42` the stream `receipt-42`. A stream that already begins with
    /// `receipt-` stays as it is. It cannot hold a `-`, because a category ends at the first one.
    pub category: Option<String>,
    /// The order; `None`: by time when every event has one, else the file's. A format that is a log already keeps its own.
    /// The order; `None`: by the position of a table that has one, else by time when every event has one, else the file's.
    pub order: Option<ImportOrder>,
    /// What an invalid row does.
    pub on_invalid: OnInvalid,
}
