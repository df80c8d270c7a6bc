//! Queries over the log and the conditions made of them.

use super::limits::MAX_QUERY_ITEMS;
use super::{EventType, InvalidQuery, Position, StreamName, Tag};

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

impl Query {
    /// Every event.
    #[must_use]
    pub fn everything() -> Self {
        Self { items: vec![QueryItem::default()] }
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
