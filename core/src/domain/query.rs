//! Queries over the log and the conditions made of them.

use super::limits::MAX_QUERY_ITEMS;
use super::{EventType, InvalidName, InvalidQuery, Position, RecordedEvent, StreamName, Tag};

/// Which events: those that match *any* of its items. A query without items matches nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The alternatives.
    pub items: Vec<QueryItem>,
}

/// One alternative of a query: all of what is given must hold. An item that gives nothing matches every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryItem {
    /// The event's type is one of these, when any are given.
    pub types: Vec<EventType>,
    /// The event has all of these tags.
    pub tags: Vec<Tag>,
    /// The event's stream is one of these, when any are given.
    pub streams: Vec<StreamName>,
    /// The category of the event's stream is one of these, when any are given.
    pub categories: Vec<String>,
}

impl QueryItem {
    /// Events of any of these types.
    ///
    /// # Errors
    /// [`InvalidName`] of the first that is no event type.
    pub fn of_types<'a>(types: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidName> {
        let types = types.into_iter().map(EventType::new).collect::<Result<_, _>>()?;
        Ok(Self { types, ..Self::default() })
    }

    /// Events with all of these tags.
    ///
    /// # Errors
    /// [`InvalidName`] of the first that is no tag.
    pub fn of_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidName> {
        let tags = tags.into_iter().map(Tag::new).collect::<Result<_, _>>()?;
        Ok(Self { tags, ..Self::default() })
    }

    /// Events of streams of any of these categories.
    #[must_use]
    pub fn of_categories<'a>(categories: impl IntoIterator<Item = &'a str>) -> Self {
        Self { categories: categories.into_iter().map(str::to_owned).collect(), ..Self::default() }
    }

    /// Events of any of these streams.
    #[must_use]
    pub fn of_streams(streams: impl IntoIterator<Item = StreamName>) -> Self {
        Self { streams: streams.into_iter().collect(), ..Self::default() }
    }
}

impl QueryItem {
    /// Whether an event matches.
    #[must_use]
    pub fn matches(&self, event: &RecordedEvent) -> bool {
        let category = event.stream().category();
        (self.types.is_empty() || self.types.contains(event.event_type()))
            && (self.streams.is_empty() || self.streams.contains(event.stream()))
            && (self.categories.is_empty() || self.categories.iter().any(|name| name == category))
            && self.tags.iter().all(|tag| event.tags().binary_search(tag).is_ok())
    }
}

impl Query {
    /// Every event.
    #[must_use]
    pub fn everything() -> Self {
        Self { items: vec![QueryItem::default()] }
    }

    /// Whether an event matches.
    #[must_use]
    pub fn matches(&self, event: &RecordedEvent) -> bool {
        self.items.iter().any(|item| item.matches(event))
    }

    /// Checks the query against its limits.
    ///
    /// # Errors
    /// [`InvalidQuery`] when it has more than [`MAX_QUERY_ITEMS`] items.
    pub fn check(&self) -> Result<(), InvalidQuery> {
        if self.items.len() > MAX_QUERY_ITEMS {
            return Err(InvalidQuery::TooManyItems { limit: MAX_QUERY_ITEMS, actual: self.items.len() });
        }
        Ok(())
    }
}

impl From<QueryItem> for Query {
    fn from(item: QueryItem) -> Self {
        Self { items: vec![item] }
    }
}

/// A dynamic consistency boundary: the commit fails if any event that matches `query` lies after `after`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Which events the decision rested on.
    pub query: Query,
    /// The last position that the writer had seen; zero is the whole log. It may lie beyond the head.
    pub after: Position,
}
