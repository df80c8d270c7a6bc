//! The tables, and what their columns are for.

use hashbrown::HashSet;

use super::super::error::ImportError;
use super::super::guess::{SampleColumn, listed, normal};
use super::super::mapper::Column;
use super::super::options::{Field, FieldSource, Format, Mapping};
use super::Dialects;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The kind of entity: the category of the stream.
    Category,
    /// A tenant or partition; these are the usual ones.
    Partition(&'static [&'static str]),
    /// The number of the event in its stream.
    Version,
    /// The number of the event in the whole table.
    Position,
    /// A field, whose value the mapping reads.
    Field(Field),
    /// JSON.
    Data,
    /// Bytes that are JSON at best.
    Blob,
    /// An object of metadata, or bytes of one.
    Metadata,
    /// Metadata under this name.
    Named(&'static str),
    /// Metadata under the column's own name, unless it is one of these.
    Other(&'static [&'static str]),
}

use Role::{Blob, Category, Data, Metadata, Named, Other, Partition, Position, Version};

/// A column of a table.
#[derive(Debug)]
struct Spec {
    name: &'static str,
    role: Role,
    /// Every table of the kind has it.
    is_needed: bool,
}

const fn needed(name: &'static str, role: Role) -> Spec {
    Spec { name, role, is_needed: true }
}

const fn optional(name: &'static str, role: Role) -> Spec {
    Spec { name, role, is_needed: false }
}

/// A member of the metadata or data that says what no column says.
#[derive(Debug, Default)]
pub(super) struct Inside {
    pub(super) time_in_metadata: Option<&'static str>,
    pub(super) time_in_data: Option<&'static str>,
    pub(super) schema_version_in_metadata: Option<&'static str>,
    pub(super) schema_version_in_data: Option<&'static str>,
}

const NOTHING_INSIDE: Inside = Inside {
    time_in_metadata: None,
    time_in_data: None,
    schema_version_in_metadata: None,
    schema_version_in_data: None,
};

/// A kind of table.
#[derive(Debug)]
struct Dialect {
    format: Format,
    columns: &'static [Spec],
    inside: Inside,
}

const STREAM: Role = Role::Field(Field::Stream);
const TYPE: Role = Role::Field(Field::Type);
const TIME: Role = Role::Field(Field::Time);
const ID: Role = Role::Field(Field::Id);
const SCHEMA_VERSION: Role = Role::Field(Field::SchemaVersion);
const NO: &[&str] = &["false", "f", "0"];

/// Marten's `mt_events`; its version and options say which of the optional columns are there. A stream is named by its id
/// alone: what kind of entity it is stands in another table.
const MARTEN: &[Spec] = &[
    needed("seq_id", Position),
    needed("id", ID),
    needed("stream_id", STREAM),
    needed("version", Version),
    needed("data", Data),
    needed("type", TYPE),
    needed("timestamp", TIME),
    needed("mt_dotnet_type", Other(&[])),
    optional("tenant_id", Partition(&["*DEFAULT*"])),
    optional("is_archived", Other(NO)),
    optional("correlation_id", Named("correlationId")),
    optional("causation_id", Named("causationId")),
    optional("headers", Metadata),
    optional("user_name", Other(&[])),
];

/// `DomainEventEntry` of Axon Framework 4, as JPA and JDBC create it. The payload is XML unless the application chose JSON.
const AXON_4: &[Spec] = &[
    needed("globalIndex", Position),
    needed("aggregateIdentifier", STREAM),
    needed("sequenceNumber", Version),
    optional("type", Category),
    needed("eventIdentifier", ID),
    optional("metaData", Metadata),
    needed("payload", Blob),
    optional("payloadRevision", SCHEMA_VERSION),
    needed("payloadType", TYPE),
    needed("timeStamp", TIME),
];

/// `AggregateEventEntry` of Axon Framework 5. An event of no aggregate has its own stream, named by its id, as such events
/// have in Axon 4.
const AXON_5: &[Spec] = &[
    needed("globalIndex", Position),
    optional("aggregateType", Category),
    optional("aggregateIdentifier", STREAM),
    optional("aggregateSequenceNumber", Version),
    needed("type", TYPE),
    needed("version", SCHEMA_VERSION),
    needed("timestamp", TIME),
    needed("payload", Blob),
    optional("metadata", Metadata),
    needed("identifier", ID),
];

/// `messages` of message-db, which its functions return in the same columns. The time is UTC without an offset.
const MESSAGE_DB: &[Spec] = &[
    needed("global_position", Position),
    needed("position", Version),
    needed("time", TIME),
    needed("stream_name", STREAM),
    needed("type", TYPE),
    needed("data", Data),
    optional("metadata", Metadata),
    needed("id", ID),
];

/// `emt_messages` of Emmett, in PostgreSQL and SQLite.
const EMMETT: &[Spec] = &[
    needed("stream_position", Version),
    needed("global_position", Position),
    needed("created", TIME),
    optional("is_archived", Other(NO)),
    optional("message_kind", Other(&["E"])),
    needed("stream_id", STREAM),
    optional("partition", Partition(&["emt:default", "global"])),
    needed("message_schema_version", SCHEMA_VERSION),
    needed("message_id", ID),
    needed("message_type", TYPE),
    needed("message_data", Data),
    optional("message_metadata", Metadata),
    optional("transaction_id", Other(&[])),
];

/// `events` of cqrs-es. It has no time; the one that its manual puts into the metadata is taken.
const CQRS_ES: &[Spec] = &[
    needed("aggregate_type", Category),
    needed("aggregate_id", STREAM),
    needed("sequence", Version),
    needed("event_type", TYPE),
    needed("event_version", SCHEMA_VERSION),
    needed("payload", Data),
    optional("metadata", Metadata),
];

/// `stored_events` of the Python library eventsourcing 9. Time and schema version stand in the state.
const EVENTSOURCING: &[Spec] = &[
    needed("originator_id", STREAM),
    needed("originator_version", Version),
    needed("topic", TYPE),
    needed("state", Blob),
    optional("notification_id", Position),
];

const DIALECTS: &[Dialect] = &[
    Dialect { format: Format::Marten, columns: MARTEN, inside: NOTHING_INSIDE },
    Dialect { format: Format::Axon, columns: AXON_4, inside: NOTHING_INSIDE },
    Dialect { format: Format::Axon, columns: AXON_5, inside: NOTHING_INSIDE },
    Dialect {
        format: Format::MessageDb,
        columns: MESSAGE_DB,
        inside: Inside { schema_version_in_metadata: Some("schemaVersion"), ..NOTHING_INSIDE },
    },
    Dialect { format: Format::Emmett, columns: EMMETT, inside: NOTHING_INSIDE },
    Dialect {
        format: Format::CqrsEs,
        columns: CQRS_ES,
        inside: Inside { time_in_metadata: Some("time"), ..NOTHING_INSIDE },
    },
    Dialect {
        format: Format::EventSourcing,
        columns: EVENTSOURCING,
        inside: Inside {
            time_in_data: Some("timestamp"),
            schema_version_in_data: Some("class_version"),
            ..NOTHING_INSIDE
        },
    },
];

/// The table that a file holds rows of.
#[derive(Debug)]
pub(in crate::formats) struct DialectTable {
    dialect: &'static Dialect,
    columns: Vec<(Column, Role)>,
}

impl DialectTable {
    /// The table that these columns are of.
    ///
    /// # Errors
    /// [`ImportError::NotOfFormat`] when the caller named a format, and the columns are not of it.
    pub(in crate::formats) fn find(
        dialects: Dialects,
        columns: &[SampleColumn<'_>],
    ) -> Result<Option<Self>, ImportError> {
        let names: Vec<String> = columns.iter().map(|column| normal(&column.name)).collect();
        let there: HashSet<&str> = names.iter().map(String::as_str).collect();
        let lacks = |spec: &&Spec| spec.is_needed && !there.contains(normal(spec.name).as_str());
        let is_known = |dialect: &Dialect, name: &String| dialect.columns.iter().any(|spec| normal(spec.name) == *name);
        let found = match dialects {
            Dialects::None => None,
            Dialects::ByColumns => DIALECTS.iter().find(|dialect| {
                !dialect.columns.iter().any(|spec| lacks(&spec)) && names.iter().all(|name| is_known(dialect, name))
            }),
            Dialects::Only(format) => {
                let of_format = || DIALECTS.iter().filter(|dialect| dialect.format == format);
                let nearest = of_format().min_by_key(|dialect| dialect.columns.iter().filter(lacks).count());
                let lacking = nearest.and_then(|dialect| dialect.columns.iter().find(lacks));
                if let Some(spec) = lacking {
                    let columns = listed(columns);
                    return Err(ImportError::NotOfFormat { format, column: spec.name.to_owned(), columns });
                }
                nearest
            }
        };
        Ok(found.map(|dialect| Self { dialect, columns: with_roles(dialect, columns, &names) }))
    }

    pub(in crate::formats) fn format(&self) -> Format {
        self.dialect.format
    }

    /// The mapping of the caller, with the table's own columns for what it leaves open.
    pub(in crate::formats) fn mapping(&self, given: &Mapping) -> Mapping {
        let mut mapping = given.clone();
        for field in Field::ALL {
            if mapping.get(field).is_none() {
                let column = self.columns.iter().find(|(_, role)| *role == Role::Field(field));
                let source = column.map(|(column, _)| FieldSource::Column(column.name.clone()));
                mapping.set(field, Some(source.unwrap_or(FieldSource::Nowhere)));
            }
        }
        mapping
    }

    /// Whether there are events of no entity in such a table.
    pub(in crate::formats) fn has_lone_events(&self) -> bool {
        self.dialect.columns.iter().any(|spec| spec.role == STREAM && !spec.is_needed)
    }

    pub(super) fn columns(&self) -> &[(Column, Role)] {
        &self.columns
    }

    pub(super) fn column(&self, role: Role) -> Option<&Column> {
        self.columns.iter().find(|(_, found)| *found == role).map(|(column, _)| column)
    }

    pub(super) fn inside(&self) -> &'static Inside {
        &self.dialect.inside
    }
}

/// The columns of the table, in the file's order. What else a row has is not among them, so that a row costs what it has.
fn with_roles(dialect: &Dialect, columns: &[SampleColumn<'_>], names: &[String]) -> Vec<(Column, Role)> {
    let mut found: Vec<(Column, Role)> = Vec::new();
    let mut absent: Vec<(Column, Role)> = Vec::new();
    // Rows of JSON leave out what is nothing: a column of the table that no row had yet may come with the next.
    let may_come = |role: &Role| {
        matches!(role, Role::Metadata | Role::Category | Role::Named(_) | Role::Partition(_) | Role::Other(_))
    };
    for spec in dialect.columns {
        let name = normal(spec.name);
        // Of two columns that differ in marks only, the first is the table's.
        match names.iter().position(|found| *found == name) {
            Some(index) => found.push((Column { name: columns[index].name.to_string(), index }, spec.role)),
            None if may_come(&spec.role) => {
                absent.push((Column { name: spec.name.to_owned(), index: usize::MAX }, spec.role));
            }
            None => {}
        }
    }
    found.sort_by_key(|(column, _)| column.index);
    found.extend(absent);
    found
}
