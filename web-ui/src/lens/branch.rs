//! A lens of a history that is not the log's.

use std::collections::{BTreeMap, BTreeSet};

use leftfold_core::{
    Branch, BranchError, EventId, EventStore, NewEvent, Position, Projection, RecordedEvent, StreamName, TimelineError,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::LensFuture;
use crate::model::branch::{Arrangement, EventRef, Inserted, Rerun};
use crate::model::json::Json;

/// What a branch does to the log.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The last event of the log that the branch has.
    pub end: Position,
    /// Events that are new, in the order of their numbers.
    pub news: Vec<New>,
    /// Events that are left out.
    pub skips: BTreeSet<EventRef>,
    /// The data that events have instead of their own, in its newest shape.
    pub edits: BTreeMap<EventRef, String>,
    /// Events that were moved or are new: behind which place of the log they stand, in the order of the branch.
    pub puts: Vec<(Position, EventRef)>,
}

/// An event that is new.
#[derive(Clone, Debug)]
pub struct New {
    /// Its number.
    pub number: u32,
    /// Its stream.
    pub stream: StreamName,
    /// The event.
    pub event: NewEvent,
}

/// The states of a branch, as JSON.
pub trait LensBranch {
    /// The state of a partition behind all that stands at a place of the log or before it; `None` when the partition does not
    /// exist there.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn state_at<'a>(&'a self, place: Position, partition: &'a str) -> LensFuture<'a, Option<Json>>;

    /// The events that are new, in the order of the plan.
    fn inserted(&self) -> &[RecordedEvent];

    /// The first place of the log behind which the states differ, `None` if they never do.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn first_difference<'a>(&'a self, partition: &'a str) -> LensFuture<'a, Option<Position>>;
}

/// The namespace of the ids of new events.
const NEW_EVENTS: Uuid = Uuid::from_u128(0x6c65_6674_666f_6c64_2d77_6861_742d_6966);

/// The id of a new event.
#[must_use]
pub fn id_of_new(number: u32) -> EventId {
    EventId::new(Uuid::new_v5(&NEW_EVENTS, &number.to_be_bytes()))
}

impl Plan {
    /// What comes of an arrangement, with what its commands came to. It has the log up to its last event.
    ///
    /// # Errors
    /// [`TimelineError`] when a new event cannot be one.
    pub fn of(store: &EventStore, arrangement: &Arrangement, rerun: &Rerun) -> Result<Self, TimelineError> {
        let mut plan = Self { end: store.head(), ..Self::default() };
        // A branch may outlive the last events of a log: what names them waits for what comes in their place.
        let is_there = |place: Position| place <= plan.end;
        for inserted in arrangement.all_inserted() {
            let number = inserted.number;
            let Some(place) = arrangement.place_of(EventRef::New(number)).filter(|place| is_there(*place)) else {
                continue;
            };
            let (stream, event) = new_event(store, inserted, place).map_err(|error| failed(place, error))?;
            plan.news.push(New { number, stream, event });
        }
        let is_known = |event: EventRef| match event {
            EventRef::Stored(position) => is_there(position),
            EventRef::New(number) => plan.news.iter().any(|new| new.number == number),
        };
        let is_ahead = |at: &Position| !arrangement.place_of(EventRef::Stored(*at)).is_some_and(is_there);
        let ahead = arrangement.moved().filter(is_ahead).map(EventRef::Stored);
        let left_out = arrangement.skipped().chain(rerun.left_out()).chain(ahead);
        plan.skips = left_out.filter(|event| is_known(*event)).collect();
        let redecided = rerun.redecided.iter().map(|(event, redecided)| (*event, &redecided.data));
        let edits = redecided.chain(arrangement.edited()).filter(|(event, _)| is_known(*event));
        plan.edits = edits.map(|(event, data)| (event, data.as_str().to_owned())).collect();
        plan.puts = arrangement.put_until(plan.end).filter(|(_, event)| is_known(*event)).collect();
        Ok(plan)
    }

    /// The number of the new event that has a position on the branch.
    #[must_use]
    pub fn new_at(&self, position: Position) -> Option<u32> {
        let index = position.get().checked_sub(self.end.get() + 1)?;
        Some(self.news.get(usize::try_from(index).ok()?)?.number)
    }
}

/// An inserted event at a place of the log, of whose time it is.
fn new_event(
    store: &EventStore,
    inserted: &Inserted,
    place: Position,
) -> Result<(StreamName, NewEvent), leftfold_core::InvalidEvent> {
    let stream = StreamName::new(&inserted.stream)?;
    let event = NewEvent::json_text(&inserted.event_type, inserted.data.as_str().to_owned())?
        .with_schema_version(leftfold_core::SchemaVersion(inserted.schema_version))
        .with_id(id_of_new(inserted.number));
    let time = store.with_log(|log| log.running_time(place).or_else(|| log.running_time(place.next())));
    Ok((
        stream,
        match time {
            Some(time) => event.with_time(time),
            None => event,
        },
    ))
}

fn failed(position: Position, error: impl std::fmt::Display) -> TimelineError {
    TimelineError::NotJson { position, reason: error.to_string() }
}

/// A branch of the engine, whoever folds it.
pub(super) trait Changes {
    fn leave_out(&mut self, position: Position) -> Result<(), BranchError>;
    fn give(&mut self, position: Position, data: &RawValue) -> Result<(), BranchError>;
    fn add(&mut self, stream: StreamName, event: NewEvent) -> Result<Position, BranchError>;
    fn put(&mut self, position: Position, place: Position) -> Result<(), BranchError>;
    fn put_behind(&mut self, position: Position, after: Position) -> Result<(), BranchError>;
}

impl<P: Projection> Changes for Branch<P> {
    fn leave_out(&mut self, position: Position) -> Result<(), BranchError> {
        self.skip(position)
    }

    fn give(&mut self, position: Position, data: &RawValue) -> Result<(), BranchError> {
        self.edit(position, data)
    }

    fn add(&mut self, stream: StreamName, event: NewEvent) -> Result<Position, BranchError> {
        self.insert(Position::ZERO, stream, event)
    }

    fn put(&mut self, position: Position, place: Position) -> Result<(), BranchError> {
        self.move_to(position, place)
    }

    fn put_behind(&mut self, position: Position, after: Position) -> Result<(), BranchError> {
        self.move_behind(position, after)
    }
}

/// Does to a branch what the plan says. It has the events of the log up to the plan's end, and is changed nowhere so far.
pub(super) fn carry_out(branch: &mut impl Changes, plan: &Plan) -> Result<(), TimelineError> {
    let refused = |position: Position| move |error: BranchError| failed(position, error);
    // New ones are numbered first, and put where they stand like what was moved: so none has another position for where it stands.
    let mut names = BTreeMap::new();
    for new in &plan.news {
        let name = branch.add(new.stream.clone(), new.event.clone()).map_err(refused(plan.end))?;
        names.insert(new.number, name);
    }
    let name = |event: EventRef| match event {
        EventRef::Stored(position) => position,
        EventRef::New(number) => names.get(&number).copied().unwrap_or_default(),
    };
    for event in &plan.skips {
        branch.leave_out(name(*event)).map_err(refused(name(*event)))?;
    }
    for (event, data) in &plan.edits {
        let position = name(*event);
        branch.give(position, raw(position, data)?).map_err(refused(position))?;
    }
    let mut last = None;
    for (place, event) in &plan.puts {
        let position = name(*event);
        let put = match last.filter(|(of, _)| of == place) {
            Some((_, before)) => branch.put_behind(position, before),
            None => branch.put(position, *place),
        };
        put.map_err(refused(position))?;
        last = Some((*place, position));
    }
    Ok(())
}

fn raw(position: Position, data: &str) -> Result<&RawValue, TimelineError> {
    serde_json::from_str(data).map_err(|error| failed(position, error))
}

impl<P: Projection> LensBranch for Branch<P> {
    fn state_at<'a>(&'a self, place: Position, partition: &'a str) -> LensFuture<'a, Option<Json>> {
        Box::pin(async move {
            let Some(state) = Branch::state_at(self, place, partition).await? else { return Ok(None) };
            Json::of(&state).map(Some).map_err(|error| failed(place, error))
        })
    }

    fn inserted(&self) -> &[RecordedEvent] {
        Branch::inserted(self)
    }

    fn first_difference<'a>(&'a self, partition: &'a str) -> LensFuture<'a, Option<Position>> {
        Box::pin(Branch::first_difference(self, partition))
    }
}
