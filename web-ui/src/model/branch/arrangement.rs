//! Which events a branch has, and in which order.

use std::collections::BTreeMap;

use leftfold_core::Position;

use super::change::{Change, EventRef, Inserted};
use super::named::NamedBranch;
use super::text::JsonText;

/// What a branch has from its fork on.
///
/// Every position of the log has a place, which it keeps whatever becomes of its event. Events that were moved or inserted are
/// put behind a place, one behind the other. So it takes memory by the number of changes, not of events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement {
    fork: u64,
    put: BTreeMap<u64, Vec<EventRef>>,
    places: BTreeMap<EventRef, u64>,
    skipped: BTreeMap<EventRef, ()>,
    edits: BTreeMap<EventRef, JsonText>,
    inserted: BTreeMap<u32, Inserted>,
    /// Where rows are not those of the log: place, first row of what was put there, how many.
    breaks: Vec<Break>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Break {
    place: u64,
    /// Whether the event of the place stands elsewhere.
    is_gone: bool,
    /// How many were put behind it.
    put: u64,
    /// The row of the place's own event, or the row that it would have.
    row: u64,
}

/// What became of an event, as far as a person has changed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is left out.
    pub is_skipped: bool,
    /// It has other data.
    pub is_edited: bool,
    /// It stands elsewhere.
    pub is_moved: bool,
    /// It is not in the log.
    pub is_new: bool,
}

impl Standing {
    /// Whether it is as in the log.
    #[must_use]
    pub fn is_as_in_log(self) -> bool {
        self == Self::default()
    }
}

/// A place in the order of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// An event, left out or not.
    Event(EventRef),
    /// The event of the log that stood here stands elsewhere.
    MovedAway(Position),
}

impl Arrangement {
    /// What comes of a branch.
    #[must_use]
    pub fn of(branch: &NamedBranch) -> Self {
        let mut arrangement = Self { fork: branch.fork().get(), ..Self::default() };
        for change in branch.changes() {
            match change {
                Change::Skip(event) => {
                    arrangement.skipped.insert(*event, ());
                }
                Change::Edit { event, data } => {
                    arrangement.edits.insert(*event, data.clone());
                }
                Change::Insert(inserted) => {
                    arrangement.inserted.insert(inserted.number, inserted.clone());
                    arrangement.put(EventRef::New(inserted.number), inserted.after);
                }
                Change::Move { event, after } => arrangement.put(*event, *after),
            }
        }
        arrangement.settle();
        arrangement.count_rows();
        arrangement
    }

    /// Puts an event directly behind another, wherever that stands.
    fn put(&mut self, event: EventRef, after: EventRef) {
        self.take(event);
        let (place, index) = match (self.places.get(&after), after) {
            (Some(place), _) => {
                let list = self.put.get(place).map_or(&[] as &[_], Vec::as_slice);
                (*place, list.iter().position(|other| *other == after).map_or(0, |index| index + 1))
            }
            (None, EventRef::Stored(at)) => (at.get(), 0),
            // A branch is checked before: a new event always stands somewhere.
            (None, EventRef::New(_)) => return,
        };
        self.put.entry(place).or_default().insert(index, event);
        self.places.insert(event, place);
    }

    /// Takes an event from where it was put.
    fn take(&mut self, event: EventRef) {
        let Some(place) = self.places.remove(&event) else { return };
        if let Some(list) = self.put.get_mut(&place) {
            list.retain(|other| *other != event);
            if list.is_empty() {
                self.put.remove(&place);
            }
        }
    }

    /// What stands in the order where the log has it was not moved: it may have been put there and back.
    fn settle(&mut self) {
        let back = |all: &Self| {
            let is_back = |(event, place): (&EventRef, &u64)| match event {
                EventRef::Stored(at) => all.is_back(at.get(), *place).then_some((at.get(), *place)),
                EventRef::New(_) => None,
            };
            all.places.iter().rev().find_map(is_back)
        };
        while let Some((own, place)) = back(self) {
            let event = EventRef::at(own);
            let list = self.put.get_mut(&place);
            let index = list.as_ref().and_then(|list| list.iter().position(|other| *other == event));
            let behind = list.zip(index).filter(|_| place < own).map(|(list, index)| list.split_off(index + 1));
            self.take(event);
            // What stands behind it goes with it.
            for other in behind.into_iter().flatten().rev() {
                self.places.insert(other, own);
                self.put.entry(own).or_default().insert(0, other);
            }
        }
    }

    /// Whether an event that was put behind a place has nothing between it and where it stood but what was put behind it.
    fn is_back(&self, own: u64, place: u64) -> bool {
        let is_gone = |at: u64| self.places.contains_key(&EventRef::at(at));
        let has_none = |at: u64| !self.put.contains_key(&at);
        if place < own {
            (place + 1..own).all(|at| is_gone(at) && has_none(at))
        } else {
            let first = self.put.get(&place).and_then(|list| list.first());
            first == Some(&EventRef::at(own)) && (own + 1..=place).all(is_gone) && (own..place).all(has_none)
        }
    }

    fn count_rows(&mut self) {
        let gone = self.places.keys().filter_map(|event| match event {
            EventRef::Stored(at) => Some(at.get()),
            EventRef::New(_) => None,
        });
        let mut places: Vec<u64> = gone.chain(self.put.keys().copied()).collect();
        places.sort_unstable();
        places.dedup();
        let mut shift = 0_i64;
        let mut breaks = Vec::with_capacity(places.len());
        for place in places {
            let is_gone = self.places.contains_key(&EventRef::at(place));
            let put = self.put.get(&place).map_or(0, Vec::len) as u64;
            // The place before the fork has no row of its own.
            let own = place.saturating_sub(self.fork);
            breaks.push(Break { place, is_gone, put, row: own.saturating_add_signed(shift) });
            shift += put.cast_signed() - i64::from(is_gone);
        }
        self.breaks = breaks;
    }

    /// The first event that may be another one.
    #[must_use]
    pub fn fork(&self) -> Position {
        Position::new(self.fork)
    }

    /// How many events there are from the fork on, left out or not, where the log ends at `head`.
    #[must_use]
    pub fn count(&self, head: Position) -> u64 {
        (head.get() + 1).saturating_sub(self.fork) + self.inserted.len() as u64
    }

    /// The event with this number behind the fork, from 0 on.
    #[must_use]
    pub fn event(&self, row: u64, head: Position) -> Option<EventRef> {
        if row >= self.count(head) {
            return None;
        }
        let index = self.breaks.partition_point(|at| at.row <= row);
        let Some(last) = index.checked_sub(1).and_then(|index| self.breaks.get(index)) else {
            return Some(EventRef::at(self.fork + row));
        };
        let has_own = last.place >= self.fork && !last.is_gone;
        let mut within = row - last.row;
        if has_own {
            if within == 0 {
                return Some(EventRef::at(last.place));
            }
            within -= 1;
        }
        if within < last.put {
            return self.put.get(&last.place)?.get(usize::try_from(within).ok()?).copied();
        }
        Some(EventRef::at(last.place + 1 + within - last.put))
    }

    /// The number of an event behind the fork; `None` for what lies before it.
    #[must_use]
    pub fn row_of(&self, event: EventRef) -> Option<u64> {
        let place = match (self.places.get(&event), event) {
            (Some(place), _) => *place,
            (None, EventRef::Stored(at)) => at.get(),
            (None, EventRef::New(_)) => return None,
        };
        let index = self.breaks.partition_point(|at| at.place < place);
        if let Some(at) = self.breaks.get(index).filter(|at| at.place == place) {
            let own = u64::from(at.place >= self.fork && !at.is_gone);
            return match self.places.contains_key(&event) {
                true => {
                    let list = self.put.get(&place)?;
                    Some(at.row + own + list.iter().position(|other| *other == event)? as u64)
                }
                false => Some(at.row).filter(|_| place >= self.fork),
            };
        }
        let row = place.checked_sub(self.fork)?;
        let before = index.checked_sub(1).and_then(|index| self.breaks.get(index));
        Some(before.map_or(row, |at| {
            let own = u64::from(at.place >= self.fork && !at.is_gone);
            at.row + own + at.put + (place - at.place.max(self.fork.saturating_sub(1)) - 1)
        }))
    }

    /// The place that an event stands at or behind: the position of the log at which it has happened on the branch.
    #[must_use]
    pub fn place_of(&self, event: EventRef) -> Option<Position> {
        match (self.places.get(&event), event) {
            (Some(place), _) => Some(Position::new(*place)),
            (None, EventRef::Stored(at)) => Some(at),
            (None, EventRef::New(_)) => None,
        }
    }

    /// The event that the branch is at, at a place of the log: the place's own or, where that was moved away, the last one that
    /// stands at the place or before it; `None` where that is shared.
    #[must_use]
    pub fn event_at(&self, place: Position) -> Option<EventRef> {
        let last_of = |at: u64| self.put.get(&at).and_then(|list| list.last()).copied();
        let own_of = |at: u64| Some(EventRef::at(at)).filter(|own| at >= self.fork && !self.places.contains_key(own));
        let before =
            (self.fork.saturating_sub(1)..=place.get()).rev().find_map(|at| last_of(at).or_else(|| own_of(at)));
        own_of(place.get()).or(before)
    }

    /// What became of an event.
    #[must_use]
    pub fn standing(&self, event: EventRef) -> Standing {
        let is_new = matches!(event, EventRef::New(_));
        Standing {
            is_skipped: self.skipped.contains_key(&event),
            is_edited: self.edits.contains_key(&event),
            is_moved: !is_new && self.places.contains_key(&event),
            is_new,
        }
    }

    /// The data that an event of the log has instead of its own.
    #[must_use]
    pub fn edit_of(&self, event: EventRef) -> Option<&JsonText> {
        self.edits.get(&event)
    }

    /// The new event of a number.
    #[must_use]
    pub fn inserted(&self, number: u32) -> Option<&Inserted> {
        self.inserted.get(&number)
    }

    /// The new events, in the order of their numbers.
    pub fn all_inserted(&self) -> impl Iterator<Item = &Inserted> {
        self.inserted.values()
    }

    /// The events that are left out.
    pub fn skipped(&self) -> impl Iterator<Item = EventRef> {
        self.skipped.keys().copied()
    }

    /// The events of the log that have other data.
    pub fn edited(&self) -> impl Iterator<Item = (EventRef, &JsonText)> {
        self.edits.iter().map(|(event, data)| (*event, data))
    }

    /// What was put behind places up to one, in the order of the branch, left out or not.
    pub fn put_until(&self, at: Position) -> impl Iterator<Item = (Position, EventRef)> {
        let lists = self.put.range(..=at.get());
        lists.flat_map(|(place, list)| list.iter().map(|event| (Position::new(*place), *event)))
    }

    /// The events of the log that stand elsewhere.
    pub fn moved(&self) -> impl Iterator<Item = Position> {
        self.places.keys().filter_map(|event| match event {
            EventRef::Stored(at) => Some(*at),
            EventRef::New(_) => None,
        })
    }

    /// How many events differ from the log, counted once for each way: left out, edited, inserted, moved.
    #[must_use]
    pub fn change_count(&self) -> usize {
        self.skipped.len() + self.edits.len() + self.inserted.len() + self.moved().count()
    }

    /// The first place at which something is not as in the log.
    #[must_use]
    pub fn first_change(&self) -> Option<Position> {
        let stored = |event: &EventRef| match event {
            EventRef::Stored(at) => Some(at.get()),
            EventRef::New(_) => None,
        };
        let touched = self.skipped.keys().chain(self.edits.keys()).chain(self.places.keys()).filter_map(stored);
        touched.chain(self.put.keys().copied()).min().map(Position::new)
    }

    /// All there is from one place to another, both included, in the order of the branch. Takes time by the places.
    #[must_use]
    pub fn slots(&self, from: Position, to: Position) -> Vec<Slot> {
        let mut slots = Vec::new();
        for place in from.get()..=to.get() {
            let own = EventRef::at(place);
            if place > 0 {
                let is_gone = self.places.contains_key(&own);
                slots.push(if is_gone { Slot::MovedAway(Position::new(place)) } else { Slot::Event(own) });
            }
            let put = self.put.get(&place).into_iter().flatten();
            slots.extend(put.map(|event| Slot::Event(*event)));
        }
        slots
    }
}
