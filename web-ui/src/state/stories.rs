//! The causes and effects of the event at the cursor, looked for nearby.

use leftfold_core::Position;
use leptos::prelude::*;

use super::latest::{Failure, Latest, Pieces};
use super::{App, Trouble};
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
    /// Whether no event was out of reach.
    pub(crate) is_of_whole_log: bool,
}

/// A question for a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoryKey {
    /// Of which store.
    pub(crate) epoch: u64,
    /// Which event.
    pub(crate) at: Position,
    /// The last event to look at: with the log it moves on, as far as the reach goes.
    last: Position,
    /// Whether the log goes on behind it.
    is_cut: bool,
}

/// What was gathered for an event, so that only the news are read when the log has grown.
#[derive(Clone)]
struct Gathered {
    epoch: u64,
    at: Position,
    id: String,
    origin: Origin,
    told: Vec<Told>,
    /// Everything up to here was looked at.
    seen: Position,
}

/// The story that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Stories {
    pub(crate) at_cursor: Latest<StoryKey, Story>,
    gathered: StoredValue<Option<Gathered>>,
}

impl Stories {
    pub(super) fn new() -> Self {
        Self { at_cursor: Latest::new(), gathered: StoredValue::new(None) }
    }

    pub(super) fn clear(&self) {
        self.at_cursor.clear();
        self.gathered.set_value(None);
    }

    /// Sees to it that the story of the event at the cursor is shown; follows the cursor and what is appended near it.
    pub(crate) fn want(&self, app: App) {
        let (at, head) = (app.follows.details.get(), app.head.get());
        if at > Position::ZERO {
            let last = Position::new(at.get() + REACH).min(head);
            let key = StoryKey { epoch: app.epoch(), at, last, is_cut: last < head };
            let stories = *self;
            self.at_cursor.ask(key, move |key| stories.story(app, key));
        }
    }

    async fn story(self, app: App, key: StoryKey) -> Result<Story, Failure> {
        let closed = || Failure::from(Trouble::new("The store is not open any more.", "aborted"));
        let store = app.store().ok_or_else(closed)?;
        let read = async |positions: &[Position]| {
            store.events_at(positions).await.map_err(|e| Failure::from(Trouble::from(e)))
        };
        let known = self.gathered.try_update_value(Option::take).flatten();
        let known = known.filter(|known| (known.epoch, known.at) == (key.epoch, key.at) && known.seen <= key.last);
        let mut gathered = match known {
            Some(known) => known,
            None => {
                let event = read(&[key.at]).await?.pop().ok_or_else(closed)?;
                let (id, origin) = (event.id().to_string(), Origin::of_metadata(event.metadata()));
                let seen = Position::new(first_near(key.at).get() - 1);
                Gathered { epoch: key.epoch, at: key.at, id, origin, told: Vec::new(), seen }
            }
        };
        let mut pieces = Pieces::new();
        while gathered.seen < key.last {
            // Work that is broken off goes on here.
            self.gathered.set_value(Some(gathered.clone()));
            let until = key.last.get().min(gathered.seen.get() + PAGE);
            let page: Vec<Position> = (gathered.seen.get() + 1..=until).map(Position::new).collect();
            for event in read(&page).await? {
                let (id, other) = (event.id().to_string(), Origin::of_metadata(event.metadata()));
                if event.position() == key.at || gathered.origin.is_of_same_story(&gathered.id, &other, &id) {
                    gathered.told.push(Told { position: event.position(), id, causation: other.causation });
                }
            }
            gathered.seen = Position::new(until);
            pieces.step().await;
        }
        let story = gathered.story(first_near(key.at) == Position::new(1) && !key.is_cut);
        if app.epoch() == key.epoch {
            self.gathered.set_value(Some(gathered));
        }
        Ok(story)
    }
}

impl Gathered {
    fn story(&self, is_of_whole_log: bool) -> Story {
        let mut links = chain(self.told.clone());
        let own = links.iter().position(|link| link.position == self.at).unwrap_or(0);
        let all = links.len();
        if all > MOST_LINKS {
            let start = own.saturating_sub(MOST_LINKS / 2).min(all - MOST_LINKS);
            links = links.split_off(start);
            links.truncate(MOST_LINKS);
        }
        let left = all - links.len();
        Story { links, left, origin: self.origin.clone(), is_of_whole_log }
    }
}

fn first_near(at: Position) -> Position {
    Position::new(at.get().saturating_sub(REACH).max(1))
}
