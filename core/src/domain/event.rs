//! Events, before and after they are in the log.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::limits::{MAX_CONTENT_TYPE_BYTES, MAX_DATA_BYTES, MAX_METADATA_BYTES, MAX_TAGS_PER_EVENT};
use super::{EventType, InvalidEvent, InvalidName, Position, SchemaVersion, StreamName, StreamVersion, Tag, Timestamp};

/// The id of an event: a UUID, unique in the whole store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Uuid);

impl EventId {
    /// Wraps a UUID.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Parses the text of a UUID, with or without hyphens.
    ///
    /// # Errors
    /// [`InvalidEvent::Id`] with the text.
    pub fn parse(text: &str) -> Result<Self, InvalidEvent> {
        let uuid = Uuid::try_parse(text.trim());
        uuid.map(Self).map_err(|_| InvalidEvent::Id { text: text.chars().take(64).collect() })
    }

    /// The UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    pub(crate) const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What the data of an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// JSON text in UTF-8, kept byte for byte.
    Json,
    /// Bytes of the named media type, such as `application/octet-stream`.
    Bytes(Arc<str>),
}

/// A fact that is not in the log yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    id: Option<EventId>,
    event_type: EventType,
    schema_version: SchemaVersion,
    time: Option<Timestamp>,
    content: ContentType,
    data: Bytes,
    metadata: Bytes,
    tags: Vec<Tag>,
}

fn within(what: &'static str, limit: usize, actual: usize) -> Result<(), InvalidEvent> {
    if actual > limit { Err(InvalidEvent::LimitExceeded { what, limit, actual }) } else { Ok(()) }
}

impl NewEvent {
    fn with_content(event_type: &str, content: ContentType, data: Bytes) -> Result<Self, InvalidEvent> {
        Self::of_type(EventType::new(event_type)?, content, data)
    }

    fn of_type(event_type: EventType, content: ContentType, data: Bytes) -> Result<Self, InvalidEvent> {
        within("bytes of data", MAX_DATA_BYTES, data.len())?;
        Ok(Self {
            id: None,
            event_type,
            schema_version: SchemaVersion::default(),
            time: None,
            content,
            data,
            metadata: Bytes::new(),
            tags: Vec::new(),
        })
    }

    /// An event whose data is `data` as JSON.
    ///
    /// # Errors
    /// [`InvalidEvent`] when the type is no name, or the data cannot be written as JSON or is too long.
    ///
    /// ```
    /// use leftfold_core::NewEvent;
    /// let event = NewEvent::json("OrderPlaced", &serde_json::json!({ "sku": "SKU-AERO-14", "units": 25 }))?;
    /// assert_eq!(event.event_type().as_str(), "OrderPlaced");
    /// # Ok::<(), leftfold_core::InvalidEvent>(())
    /// ```
    pub fn json<T: Serialize + ?Sized>(event_type: &str, data: &T) -> Result<Self, InvalidEvent> {
        let text = serde_json::to_vec(data).map_err(|error| InvalidEvent::DataNotJson { reason: error.to_string() })?;
        Self::with_content(event_type, ContentType::Json, text.into())
    }

    /// An event whose data is JSON text, kept byte for byte.
    ///
    /// # Errors
    /// [`InvalidEvent`] when the type is no name, or the text is not one JSON value in UTF-8 or is too long.
    pub fn json_text(event_type: &str, text: impl Into<Bytes>) -> Result<Self, InvalidEvent> {
        let text = text.into();
        let _: IgnoredAny =
            serde_json::from_slice(&text).map_err(|error| InvalidEvent::DataNotJson { reason: error.to_string() })?;
        if let Err(error) = std::str::from_utf8(&text) {
            return Err(InvalidEvent::DataNotJson { reason: error.to_string() });
        }
        Self::with_content(event_type, ContentType::Json, text)
    }

    /// An event whose data is JSON that a parser has already read.
    ///
    /// # Errors
    /// [`InvalidEvent`] when the type is no name or the text is too long.
    pub fn json_raw(event_type: &str, value: &RawValue) -> Result<Self, InvalidEvent> {
        Self::with_content(event_type, ContentType::Json, Bytes::copy_from_slice(value.get().as_bytes()))
    }

    /// An event of a parsed type whose data is JSON text that its writer vouches for.
    ///
    /// # Errors
    /// [`InvalidEvent::LimitExceeded`] when the text is too long.
    pub(crate) fn of_json(event_type: EventType, text: Bytes) -> Result<Self, InvalidEvent> {
        Self::of_type(event_type, ContentType::Json, text)
    }

    /// An event of parts that were those of an event before.
    #[cfg(any(test, feature = "js", feature = "js-formats"))]
    pub(crate) fn of_parts(
        event_type: EventType,
        content: ContentType,
        data: Bytes,
        metadata: Bytes,
        schema_version: SchemaVersion,
        tags: Vec<Tag>,
    ) -> Self {
        Self { id: None, event_type, schema_version, time: None, content, data, metadata, tags }
    }

    /// An event whose data is bytes of a media type.
    ///
    /// # Errors
    /// [`InvalidEvent`] when the type or the content type is no name, or the data is too long.
    pub fn bytes(event_type: &str, content_type: &str, data: impl Into<Bytes>) -> Result<Self, InvalidEvent> {
        let (what, limit, actual) = ("content type", MAX_CONTENT_TYPE_BYTES, content_type.len());
        if actual == 0 {
            return Err(InvalidName::Empty { what }.into());
        }
        if actual > limit {
            return Err(InvalidName::TooLong { what, limit, actual }.into());
        }
        Self::with_content(event_type, ContentType::Bytes(content_type.into()), data.into())
    }

    /// The same event with an id of the producer's; without one, the store makes a UUID v7.
    #[must_use]
    pub fn with_id(mut self, id: EventId) -> Self {
        self.id = Some(id);
        self
    }

    /// The same event with the time at which it happened; without one, the store's clock gives it.
    #[must_use]
    pub fn with_time(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// The same event with the schema version of its data.
    #[must_use]
    pub fn with_schema_version(mut self, version: SchemaVersion) -> Self {
        self.schema_version = version;
        self
    }

    /// The same event with metadata, which must be a JSON object.
    ///
    /// # Errors
    /// [`InvalidEvent`] when it is none or is too long.
    pub fn with_metadata<T: Serialize + ?Sized>(self, metadata: &T) -> Result<Self, InvalidEvent> {
        let text = serde_json::to_vec(metadata)
            .map_err(|error| InvalidEvent::MetadataNotObject { reason: error.to_string() })?;
        self.with_metadata_text(text)
    }

    /// The same event with metadata as the text of a JSON object, kept byte for byte; empty is the empty object.
    ///
    /// # Errors
    /// [`InvalidEvent`] when it is no JSON object in UTF-8 or is too long.
    pub fn with_metadata_text(mut self, text: impl Into<Bytes>) -> Result<Self, InvalidEvent> {
        let text = text.into();
        within("bytes of metadata", MAX_METADATA_BYTES, text.len())?;
        let trimmed = text.trim_ascii();
        if !trimmed.is_empty() {
            let _: IgnoredAny = serde_json::from_slice(&text)
                .map_err(|error| InvalidEvent::MetadataNotObject { reason: error.to_string() })?;
            if trimmed[0] != b'{' || std::str::from_utf8(&text).is_err() {
                return Err(InvalidEvent::MetadataNotObject { reason: "another kind of value".to_owned() });
            }
        }
        self.metadata = if trimmed == b"{}" || trimmed.is_empty() { Bytes::new() } else { text };
        Ok(self)
    }

    /// The same event with a set of tags; repeats are dropped, and the order is alphabetical.
    ///
    /// # Errors
    /// [`InvalidEvent::LimitExceeded`] when there are too many.
    pub fn with_tags(mut self, tags: impl IntoIterator<Item = Tag>) -> Result<Self, InvalidEvent> {
        self.tags = tags.into_iter().collect();
        self.tags.sort_unstable();
        self.tags.dedup();
        within("tags", MAX_TAGS_PER_EVENT, self.tags.len())?;
        Ok(self)
    }

    /// The producer's id, if it gave one.
    #[must_use]
    pub fn id(&self) -> Option<EventId> {
        self.id
    }

    /// The type.
    #[must_use]
    pub fn event_type(&self) -> &EventType {
        &self.event_type
    }

    /// The schema version of the data.
    #[must_use]
    pub fn schema_version(&self) -> SchemaVersion {
        self.schema_version
    }

    /// The producer's time, if it gave one.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// What the data is.
    #[must_use]
    pub fn content(&self) -> &ContentType {
        &self.content
    }

    /// The data.
    #[must_use]
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// The metadata as the text of a JSON object; empty is the empty object.
    #[must_use]
    pub fn metadata(&self) -> &Bytes {
        &self.metadata
    }

    /// The tags, in alphabetical order.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Bytes of data and metadata.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.data.len() + self.metadata.len()
    }
}

/// An event in the log. It never changes: there are getters and nothing else. A clone shares everything.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    pub(crate) position: Position,
    pub(crate) version: StreamVersion,
    pub(crate) id: EventId,
    pub(crate) stream: StreamName,
    pub(crate) event_type: EventType,
    pub(crate) schema_version: SchemaVersion,
    pub(crate) time: Timestamp,
    pub(crate) recorded_at: Timestamp,
    pub(crate) content: ContentType,
    pub(crate) data: Bytes,
    pub(crate) metadata: Bytes,
    pub(crate) tags: Arc<[Tag]>,
}

impl RecordedEvent {
    /// The same event with bytes of its own. Events that were read together share the memory of the record that they were read
    /// from, which stays as long as one of them does: a few that are kept for long are better kept like this. O(bytes of the event).
    #[must_use]
    pub fn detached(mut self) -> Self {
        self.data = Bytes::copy_from_slice(&self.data);
        self.metadata = Bytes::copy_from_slice(&self.metadata);
        self
    }

    /// Its number in the whole log.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Its number in its stream.
    #[must_use]
    pub fn version(&self) -> StreamVersion {
        self.version
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> EventId {
        self.id
    }

    /// Its stream.
    #[must_use]
    pub fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// Its type.
    #[must_use]
    pub fn event_type(&self) -> &EventType {
        &self.event_type
    }

    /// The schema version of its data.
    #[must_use]
    pub fn schema_version(&self) -> SchemaVersion {
        self.schema_version
    }

    /// When it happened.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// When the store recorded it.
    #[must_use]
    pub fn recorded_at(&self) -> Timestamp {
        self.recorded_at
    }

    /// What the data is.
    #[must_use]
    pub fn content(&self) -> &ContentType {
        &self.content
    }

    /// The data, as it was given.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The data read as JSON.
    ///
    /// # Errors
    /// What `serde_json` says when the data is not JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.data)
    }

    /// The metadata as the text of a JSON object.
    #[must_use]
    pub fn metadata(&self) -> &[u8] {
        if self.metadata.is_empty() { b"{}" } else { &self.metadata }
    }

    /// The tags, in alphabetical order.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }
}
