//! Subscriptions: catch up, then follow, in order, without gap or repeat.

use std::collections::VecDeque;
use std::time::Duration;

use futures_core::Stream;
use futures_util::future::{Either, select};
use futures_util::{pin_mut, stream};

use super::error::ReadError;
use super::read::{Direction, ReadOptions};
use super::store::EventStore;
use crate::domain::{Position, Query, RecordedEvent};
use crate::storage::{ClosedBecause, StorageError};

/// How long a follower waits for a nudge before it looks for itself: nudges may be lost.
const RECHECK: Duration = Duration::from_secs(2);

/// Events of one page; at most as many as a read gives at once.
const PAGE: usize = 512;

/// Where a subscription begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// With the first event of the log.
    #[default]
    Start,
    /// With the first event that is stored after the call.
    End,
    /// With the first event behind a position.
    After(Position),
}

/// A subscription under way. It is pulled: a slow consumer is never ahead of itself, and holds one page in memory.
#[derive(Debug)]
pub struct Subscription {
    store: EventStore,
    query: Query,
    page: VecDeque<RecordedEvent>,
    /// Everything up to here was given or does not match.
    position: Position,
    /// Everything up to here was read.
    read_to: Position,
}

impl EventStore {
    /// Subscribes to the events that match `query`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn subscribe(&self, from: From, query: Query) -> Result<Subscription, ReadError> {
        query.check()?;
        let position = match from {
            From::Start => Position::ZERO,
            From::End => self.refresh().await?,
            From::After(position) => position,
        };
        let page = VecDeque::new();
        Ok(Subscription { store: self.clone(), query, page, position, read_to: position })
    }

    /// Waits until the head is another than `seen`, through appends of this handle or of others, and gives it.
    ///
    /// # Errors
    /// [`StorageError::Closed`] once the handle is closed.
    pub async fn head_after(&self, seen: Position) -> Result<Position, StorageError> {
        let inner = &self.inner;
        loop {
            let moved = inner.signal.wait(seen, || inner.open_head());
            let recheck = inner.storage.host().sleep(RECHECK);
            pin_mut!(moved);
            match select(moved, recheck).await {
                Either::Left((Some(head), _)) => return Ok(head),
                Either::Left((None, _)) => {
                    return Err(StorageError::closed(self.closed().unwrap_or(ClosedBecause::ClosedHere)));
                }
                Either::Right(_) => inner.catch_up().await?,
            }
        }
    }

    /// The head, each time that it has moved; several moves may come as one. Ends when the handle is closed.
    pub fn head_changes(&self) -> impl Stream<Item = Position> + use<> {
        let start = (self.clone(), self.head());
        stream::unfold(start, |(store, seen)| async move {
            let head = store.head_after(seen).await.ok()?;
            Some((head, (store, head)))
        })
    }
}

impl Subscription {
    /// The position up to which everything that matches was given.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether everything that is known here was given: the next event is a live one.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        self.page.is_empty() && self.read_to >= self.store.head()
    }

    /// The next event, waiting for one to be stored if need be.
    ///
    /// # Errors
    /// [`ReadError`], after which the same event can be asked for again; `storage-closed` is final.
    pub async fn next(&mut self) -> Result<RecordedEvent, ReadError> {
        loop {
            if let Some(event) = self.try_next().await? {
                return Ok(event);
            }
            self.store.head_after(self.store.head()).await?;
        }
    }

    /// The next event if one is known here; `None` when all were given.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn try_next(&mut self) -> Result<Option<RecordedEvent>, ReadError> {
        while self.page.is_empty() {
            let head = self.store.head();
            if self.read_to >= head {
                self.position = self.position.max(self.read_to);
                return Ok(None);
            }
            let (page, read_to) = self.store.page_after(self.read_to, head, &self.query, PAGE).await?;
            self.read_to = read_to;
            self.page = page.into();
        }
        let event = self.page.pop_front();
        if let Some(event) = &event {
            self.position = event.position();
        }
        if self.page.is_empty() {
            self.position = self.read_to;
        }
        Ok(event)
    }

    /// The same as a stream of events. It ends after the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<RecordedEvent, ReadError>> {
        stream::unfold(Some(self), |subscription| async move {
            let mut subscription = subscription?;
            let next = subscription.next().await;
            let goes_on = next.is_ok();
            Some((next, goes_on.then_some(subscription)))
        })
    }
}

impl EventStore {
    /// One page of matches behind `after`, and the position up to which it is complete.
    pub(super) async fn page_after(
        &self,
        after: Position,
        head: Position,
        query: &Query,
        limit: usize,
    ) -> Result<(Vec<RecordedEvent>, Position), ReadError> {
        let options = ReadOptions {
            from: Some(after.next()),
            to: Some(head),
            direction: Direction::Forwards,
            limit: Some(limit),
            query: Some(query.clone()),
            ..ReadOptions::default()
        };
        let mut events = self.read_known(options);
        let page = events.next_page().await?.unwrap_or_default();
        let read_to = if page.len() < limit { head } else { page.last().map_or(head, RecordedEvent::position) };
        Ok((page, read_to))
    }
}
