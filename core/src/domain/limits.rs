//! What one event and one commit may hold. An error that names a limit says the limit and the actual size.

/// Bytes in a stream name.
pub const MAX_STREAM_NAME_BYTES: usize = 512;
/// Bytes in an event type.
pub const MAX_EVENT_TYPE_BYTES: usize = 255;
/// Bytes in one tag.
pub const MAX_TAG_BYTES: usize = 255;
/// Tags of one event.
pub const MAX_TAGS_PER_EVENT: usize = 128;
/// Bytes in a content type.
pub const MAX_CONTENT_TYPE_BYTES: usize = 255;
/// Bytes in the data of one event.
pub const MAX_DATA_BYTES: usize = 16 * 1024 * 1024;
/// Bytes in the metadata of one event.
pub const MAX_METADATA_BYTES: usize = 256 * 1024;
/// Events in one commit. A bulk import is not one commit and has no such limit.
pub const MAX_EVENTS_PER_COMMIT: usize = 100_000;
/// Bytes of data and metadata in one commit.
pub const MAX_COMMIT_BYTES: usize = 64 * 1024 * 1024;
/// Streams that one commit writes to or checks.
pub const MAX_STREAMS_PER_COMMIT: usize = 10_000;
/// Items of one query.
pub const MAX_QUERY_ITEMS: usize = 1_000;
/// Bytes in the name of a store.
pub const MAX_STORE_NAME_BYTES: usize = 255;
/// Payloads that one step of an upcaster may make of one.
pub const MAX_UPCAST_PAYLOADS: usize = 1_000;
/// Steps of upcasters that one event may take.
pub const MAX_UPCAST_STEPS: usize = 10_000;
/// Bytes in the name of a projection, and in the name of a decider.
pub const MAX_DEFINITION_NAME_BYTES: usize = 255;
