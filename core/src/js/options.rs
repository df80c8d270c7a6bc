//! The options of calls: their types, and reading them.

use js_sys::Function;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::members::{Member, kept, whole_text};
use super::value::{Begin, Expected, Whole, moment};
use crate::domain::{
    Condition, EventType, InvalidName, Position, Query, QueryItem, StreamName, StreamVersion, Tag, Timestamp,
};
use crate::engine::{self, StreamFilter, StreamReadOptions};
use crate::storage;

/// Reads an options argument; nothing given is all defaults.
///
/// # Errors
/// The failure has `code` and names the member.
pub(super) fn options<T: DeserializeOwned + Default>(code: &'static str, value: JsValue) -> Result<T, Failure> {
    if value.is_undefined() || value.is_null() {
        return Ok(T::default());
    }
    object(code, "options", value)
}

/// Reads an argument that is an object, `name`.
///
/// # Errors
/// The failure has `code` and names the member.
pub(super) fn object<T: DeserializeOwned>(code: &'static str, name: &str, value: JsValue) -> Result<T, Failure> {
    if !value.is_object() || value.is_function() {
        return Err(Failure::member(code, name, "an object is expected"));
    }
    T::deserialize(Member(value)).map_err(|error| {
        let (path, problem) = error.into_parts();
        Failure::member(code, if path.is_empty() { name } else { &path }, problem)
    })
}

/// Reads an argument that is a text.
///
/// # Errors
/// The failure has `code` and names the argument.
pub(super) fn text(code: &'static str, name: &str, value: &JsValue) -> Result<String, Failure> {
    let problem = match whole_text(value) {
        Ok(Some(text)) => return Ok(text),
        Ok(None) => "a string is expected",
        Err(problem) => problem,
    };
    Err(Failure::member(code, name, problem))
}

/// Reads an argument that is the name of a stream.
///
/// # Errors
/// The failure has `code`.
pub(super) fn stream_name(code: &'static str, value: &JsValue) -> Result<StreamName, Failure> {
    StreamName::new(&text(code, "stream", value)?).map_err(|error| Failure::member(code, "stream", error))
}

/// Reads a member that is a function.
///
/// # Errors
/// The failure names the member.
pub(super) fn function(name: &str, value: JsValue) -> Result<Option<Function>, Failure> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    value.dyn_into().map(Some).map_err(|_| Failure::member("invalid-input", name, "a function is expected"))
}

fn time(name: &str, value: &JsValue) -> Result<Option<Timestamp>, Failure> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    moment(value).map(Some).map_err(|problem| Failure::member("invalid-query", name, problem))
}

/// Which way to read.
#[derive(Clone, Copy, Debug, Default, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Direction {
    #[default]
    Forwards,
    Backwards,
}

impl From<Direction> for engine::Direction {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Forwards => Self::Forwards,
            Direction::Backwards => Self::Backwards,
        }
    }
}

/// When an append counts as stored: `strict` once the operating system has flushed it to disk, `relaxed` once the
/// operating system has it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Durability {
    #[default]
    Strict,
    Relaxed,
}

impl From<Durability> for storage::Durability {
    fn from(durability: Durability) -> Self {
        match durability {
            Durability::Strict => Self::Strict,
            Durability::Relaxed => Self::Relaxed,
        }
    }
}

/// Where a store is kept: in IndexedDB, or in memory for this handle alone, gone when it is closed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(super) enum StorageKind {
    #[default]
    IndexedDb,
    Memory,
}

/// How to open a store.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OpenOptions {
    /// Default `indexeddb`.
    #[tsify(optional)]
    pub(super) storage: Option<StorageKind>,
    /// Default `strict`.
    #[tsify(optional)]
    pub(super) durability: Option<Durability>,
}

/// How to append.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AppendOptions {
    /// What the writer believes of the stream. Default `any`.
    #[tsify(optional, type = "ExpectedVersion")]
    pub(super) expected_version: Option<Expected>,
    /// Default: that of the store.
    #[tsify(optional)]
    pub(super) durability: Option<Durability>,
}

/// How to commit.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CommitOptions {
    /// Default: that of the store.
    #[tsify(optional)]
    pub(super) durability: Option<Durability>,
}

/// Which streams to list.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct StreamsOptions {
    /// Only those of this category.
    #[tsify(optional)]
    category: Option<String>,
    /// Only those whose names begin so.
    #[tsify(optional)]
    prefix: Option<String>,
    /// At most so many.
    #[tsify(optional, type = "number")]
    limit: Option<Whole>,
    /// Only those whose names come after this one.
    #[tsify(optional)]
    after: Option<String>,
}

impl From<StreamsOptions> for StreamFilter {
    fn from(options: StreamsOptions) -> Self {
        Self {
            category: options.category,
            prefix: options.prefix,
            after: options.after,
            limit: options.limit.map(Whole::count),
        }
    }
}

/// What to read. Bounds are inclusive: versions in a stream, positions in the log.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ReadOptions {
    /// The first. Default: the beginning.
    #[tsify(optional, type = "number")]
    from: Option<Whole>,
    /// The last. Default: the end.
    #[tsify(optional, type = "number")]
    to: Option<Whole>,
    /// Default `forwards`.
    #[tsify(optional)]
    direction: Option<Direction>,
    /// At most so many events.
    #[tsify(optional, type = "number")]
    limit: Option<Whole>,
}

impl From<ReadOptions> for StreamReadOptions {
    fn from(options: ReadOptions) -> Self {
        Self {
            from: options.from.map(|from| StreamVersion::new(from.0)),
            to: options.to.map(|to| StreamVersion::new(to.0)),
            direction: options.direction.unwrap_or_default().into(),
            limit: options.limit.map(Whole::count),
        }
    }
}

/// What to read of the log.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct QueryOptions {
    /// The first position. Default: the beginning.
    #[tsify(optional, type = "number")]
    from: Option<Whole>,
    /// The last position. Default: the end.
    #[tsify(optional, type = "number")]
    to: Option<Whole>,
    /// Default `forwards`.
    #[tsify(optional)]
    direction: Option<Direction>,
    /// At most so many events.
    #[tsify(optional, type = "number")]
    limit: Option<Whole>,
    /// Only events that match. Default: all.
    #[tsify(optional, type = "Query")]
    query: Option<QueryInput>,
    /// Only from the first position whose time is at or after this.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "TimeInput")]
    from_time: JsValue,
    /// Only up to the last position whose time is at or before this.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "TimeInput")]
    to_time: JsValue,
}

impl TryFrom<QueryOptions> for engine::ReadOptions {
    type Error = Failure;

    fn try_from(options: QueryOptions) -> Result<Self, Failure> {
        Ok(Self {
            from: options.from.map(|from| Position::new(from.0)),
            to: options.to.map(|to| Position::new(to.0)),
            direction: options.direction.unwrap_or_default().into(),
            limit: options.limit.map(Whole::count),
            query: options.query.map(|query| query.read("query")).transpose()?,
            from_time: time("fromTime", &options.from_time)?,
            to_time: time("toTime", &options.to_time)?,
        })
    }
}

/// Which events: those that match any of the items. No items match nothing.
#[derive(Debug, Deserialize, Tsify)]
#[tsify(rename = "Query")]
#[serde(expecting = "an object with `items`")]
pub(super) struct QueryInput {
    /// The alternatives.
    #[tsify(type = "QueryItem[]")]
    items: Vec<QueryItemInput>,
}

/// One alternative: all of what is given must hold.
#[derive(Debug, Default, Deserialize, Tsify)]
#[tsify(rename = "QueryItem")]
#[serde(default, expecting = "an object")]
pub(super) struct QueryItemInput {
    /// The event's type is one of these.
    #[tsify(optional)]
    types: Option<Vec<String>>,
    /// The event has all of these tags.
    #[tsify(optional)]
    tags: Option<Vec<String>>,
    /// The event's stream is one of these.
    #[tsify(optional)]
    streams: Option<Vec<String>>,
    /// The category of the event's stream is one of these.
    #[tsify(optional)]
    categories: Option<Vec<String>>,
}

fn names<T>(
    member: &str,
    list: &str,
    names: Option<Vec<String>>,
    parse: impl Fn(&str) -> Result<T, InvalidName>,
) -> Result<Vec<T>, Failure> {
    let names = names.unwrap_or_default().into_iter().enumerate();
    names
        .map(|(at, name)| {
            parse(&name).map_err(|error| Failure::member("invalid-query", format!("{member}.{list}[{at}]"), error))
        })
        .collect()
}

impl QueryInput {
    /// Checks the names in it; `member` is where it stands.
    pub(super) fn read(self, member: &str) -> Result<Query, Failure> {
        let items = self.items.into_iter().enumerate().map(|(at, item)| {
            let member = format!("{member}.items[{at}]");
            Ok(QueryItem {
                types: names(&member, "types", item.types, EventType::new)?,
                tags: names(&member, "tags", item.tags, Tag::new)?,
                streams: names(&member, "streams", item.streams, StreamName::new)?,
                categories: item.categories.unwrap_or_default(),
            })
        });
        let query = Query { items: items.collect::<Result<_, Failure>>()? };
        query.check().map_err(|error| Failure::member("invalid-query", member, error))?;
        Ok(query)
    }
}

/// Fails the commit if an event that matches `query` lies after `after`.
#[derive(Debug, Deserialize, Tsify)]
#[tsify(rename = "Condition")]
#[serde(expecting = "an object with `query`")]
pub(super) struct ConditionInput {
    /// Which events the decision rested on.
    #[tsify(type = "Query")]
    query: QueryInput,
    /// The last position that the writer had seen. Default: none of the log.
    #[tsify(optional, type = "number")]
    after: Option<Whole>,
}

impl ConditionInput {
    pub(super) fn read(self, member: &str) -> Result<Condition, Failure> {
        Ok(Condition {
            query: self.query.read(&format!("{member}.query"))?,
            after: self.after.map_or(Position::ZERO, |after| Position::new(after.0)),
        })
    }
}

/// Where a subscription begins, and what it calls.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SubscribeOptions {
    /// `start` (default): the first event of the log. `end`: the first one after the head that this handle knows.
    /// A position: the first one after it, so that the position of one subscription continues it in another.
    #[tsify(optional, type = "number | \"start\" | \"end\"")]
    pub(super) from: Option<Begin>,
    /// Only events that match. Default: all.
    #[tsify(optional, type = "Query")]
    pub(super) query: Option<QueryInput>,
    /// Called once, when everything stored so far was handled.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "() => void")]
    pub(super) on_caught_up: JsValue,
    /// Called when the subscription ends by an error, the handler's own included.
    #[serde(deserialize_with = "kept")]
    #[tsify(optional, type = "(error: LeftfoldError) => void")]
    pub(super) on_error: JsValue,
}
