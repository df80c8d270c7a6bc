//! The causes and effects of the event at the cursor, looked for nearby.

use leftfold_core::Position;
use leptos::prelude::*;

use super::App;
use super::latest::{Failure, Latest, Pieces};
use crate::model::causes::{Link, Origin, Told, chain};

/// How many events are looked at on either side.
pub(crate) const REACH: u64 = 1_000;
/// How many are read at once.
const PAGE: u64 = 128;
/// More than these are not shown.
const MOST_LINKS: usize = 100;

/// The events that belong to the one at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Story {
    pub(crate) links: Vec<Link>,
    /// How many more there are than are shown.
    pub(crate) left: usize,
    /// What the event says of its origin.
    pub(crate) origin: Origin,
    /// The first and last position that was looked at, when that is not the whole log.
    pub(crate) bounds: Option<(Position, Position)>,
}

/// A question for a story: which store, and which event.
pub(crate) type StoryKey = (u64, Position);

/// The story that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Stories {
    pub(crate) at_cursor: Latest<StoryKey, Story>,
}

impl Stories {
    pub(super) fn new() -> Self {
        Self { at_cursor: Latest::new() }
    }

    pub(super) fn clear(&self) {
        self.at_cursor.clear();
    }

    /// Sees to it that the story of the event at the cursor is shown; follows the cursor.
    pub(crate) fn want(&self, app: App) {
        let at = app.cursor.get();
        if at > Position::ZERO {
            self.at_cursor.ask((app.epoch(), at), move |(_, at)| story(app, at));
        }
    }
}

async fn story(app: App, at: Position) -> Result<Story, Failure> {
    let closed = || Failure::from(super::Trouble::new("The store is not open any more.", "aborted"));
    let store = app.store().ok_or_else(closed)?;
    let read = async |positions: &[Position]| {
        store.events_at(positions).await.map_err(|e| Failure::from(super::Trouble::from(e)))
    };
    let head = store.head();
    let event = read(&[at]).await?.pop().ok_or_else(closed)?;
    let (id, origin) = (event.id().to_string(), Origin::of_metadata(event.metadata()));
    let first = at.get().saturating_sub(REACH).max(1);
    let last = (at.get() + REACH).min(head.get());
    let bounds = (first > 1 || last < head.get()).then_some((Position::new(first), Position::new(last)));
    let mut told = Vec::new();
    let mut pieces = Pieces::new();
    let mut from = first;
    while from <= last {
        let page: Vec<Position> = (from..=last.min(from + PAGE - 1)).map(Position::new).collect();
        from += PAGE;
        for event in read(&page).await? {
            let (other_id, other) = (event.id().to_string(), Origin::of_metadata(event.metadata()));
            if event.position() == at || origin.is_of_same_story(&id, &other, &other_id) {
                told.push(Told { position: event.position(), id: other_id, causation: other.causation });
            }
        }
        pieces.step().await;
    }
    let mut links = chain(told);
    let own = links.iter().position(|link| link.position == at).unwrap_or(0);
    let all = links.len();
    if all > MOST_LINKS {
        let start = own.saturating_sub(MOST_LINKS / 2).min(all - MOST_LINKS);
        links = links.split_off(start);
        links.truncate(MOST_LINKS);
    }
    let left = all - links.len();
    Ok(Story { links, left, origin, bounds })
}
