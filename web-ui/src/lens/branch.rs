//! A lens of a history that is not the log's.

use leftfold_core::{
    Branch, BranchError, ContentType, EventId, EventStore, NewEvent, Position, Projection, RecordedEvent, StreamName,
    TimelineError,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::LensFuture;
use crate::model::branch::{Arrangement, EventRef, Inserted, Rerun};
use crate::model::json::Json;

/// What a branch does to the log up to a position.
///
/// An event that stands elsewhere is left out where it was, and a copy of it, with its id and time, stands where it was put: it
/// may come from behind the position. The copy has a position of its own.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Events of the log that are left out.
    pub skips: Vec<Position>,
    /// Events of the log with other data, in its newest shape.
    pub edits: Vec<(Position, String)>,
    /// Events that are put behind a place of the log, in order.
    pub puts: Vec<Put>,
}

/// An event that is put behind a place of the log.
#[derive(Clone, Debug)]
pub struct Put {
    /// Which it is.
    pub of: EventRef,
    /// The place.
    pub place: Position,
    /// Its stream.
    pub stream: StreamName,
    /// The event.
    pub event: NewEvent,
    /// Its data in its newest shape, if that is not its own.
    pub edit: Option<String>,
}

/// The states of a branch, as JSON, behind all of its events.
pub trait LensBranch {
    /// The state of a partition; `None` when the partition does not exist there.
    ///
    /// # Errors
    /// [`TimelineError`].
    fn state<'a>(&'a self, partition: &'a str) -> LensFuture<'a, Option<Json>>;

    /// The events that were put there, in the order of the plan.
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
    /// What comes of an arrangement up to a position.
    ///
    /// # Errors
    /// [`TimelineError`] when an event that was moved cannot be read.
    pub async fn of(
        store: &EventStore,
        arrangement: &Arrangement,
        rerun: &Rerun,
        at: Position,
    ) -> Result<Self, TimelineError> {
        let within = |event: EventRef| match event {
            EventRef::Stored(position) => Some(position).filter(|position| *position <= at),
            EventRef::New(_) => None,
        };
        let mut plan = Self::default();
        let left_out = arrangement.skipped().chain(rerun.left_out());
        plan.skips = left_out.filter_map(within).chain(arrangement.moved().filter(|moved| *moved <= at)).collect();
        plan.skips.sort_unstable();
        plan.skips.dedup();
        let redecided = rerun.redecided.iter().map(|(event, redecided)| (*event, &redecided.data));
        for (event, data) in arrangement.edited().chain(redecided) {
            if let Some(position) = within(event).filter(|position| plan.skips.binary_search(position).is_err()) {
                plan.edits.push((position, data.as_str().to_owned()));
            }
        }
        for (place, event) in arrangement.put_until(at) {
            if arrangement.standing(event).is_skipped || rerun.leaves_out(event) {
                continue;
            }
            let edit = arrangement.edit_of(event).or_else(|| rerun.data_of(event)).map(|data| data.as_str().to_owned());
            let (stream, copy) = match event {
                EventRef::Stored(position) => match store.event(position).await? {
                    Some(stored) => (stored.stream().clone(), copy(&stored).map_err(|error| failed(position, error))?),
                    None => continue,
                },
                EventRef::New(number) => {
                    let Some(inserted) = arrangement.inserted(number) else { continue };
                    new_event(store, inserted, place).map_err(|error| failed(place, error))?
                }
            };
            plan.puts.push(Put { of: event, place, stream, event: copy, edit });
        }
        Ok(plan)
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

/// An event as it could be appended once more.
///
/// # Errors
/// [`InvalidEvent`](leftfold_core::InvalidEvent), which a stored event never is.
pub fn copy(event: &RecordedEvent) -> Result<NewEvent, leftfold_core::InvalidEvent> {
    let (name, data) = (event.event_type().as_str(), event.data().to_vec());
    let copy = match event.content() {
        ContentType::Json => NewEvent::json_text(name, data)?,
        ContentType::Bytes(kind) => NewEvent::bytes(name, kind, data)?,
    };
    let copy = copy.with_schema_version(event.schema_version()).with_id(event.id()).with_time(event.time());
    let copy = if event.metadata().is_empty() { copy } else { copy.with_metadata_text(event.metadata().to_vec())? };
    copy.with_tags(event.tags().iter().cloned())
}

fn failed(position: Position, error: impl std::fmt::Display) -> TimelineError {
    TimelineError::NotJson { position, reason: error.to_string() }
}

/// A branch of the engine, whoever folds it.
pub(super) trait Changes {
    fn leave_out(&mut self, position: Position) -> Result<(), BranchError>;
    fn give(&mut self, position: Position, data: &RawValue) -> Result<(), BranchError>;
    fn put(&mut self, after: Position, stream: StreamName, event: NewEvent) -> Result<Position, BranchError>;
}

impl<P: Projection> Changes for Branch<P> {
    fn leave_out(&mut self, position: Position) -> Result<(), BranchError> {
        self.skip(position)
    }

    fn give(&mut self, position: Position, data: &RawValue) -> Result<(), BranchError> {
        self.edit(position, data)
    }

    fn put(&mut self, after: Position, stream: StreamName, event: NewEvent) -> Result<Position, BranchError> {
        self.insert(after, stream, event)
    }
}

/// Does to a branch what the plan says.
pub(super) fn carry_out(branch: &mut impl Changes, plan: &Plan) -> Result<(), TimelineError> {
    let refused = |position: Position| move |error: BranchError| failed(position, error);
    for position in &plan.skips {
        branch.leave_out(*position).map_err(refused(*position))?;
    }
    for (position, data) in &plan.edits {
        branch.give(*position, raw(*position, data)?).map_err(refused(*position))?;
    }
    let mut last: Option<(Position, Position)> = None;
    for put in &plan.puts {
        let after = last.filter(|(place, _)| *place == put.place).map_or(put.place, |(_, after)| after);
        let at = branch.put(after, put.stream.clone(), put.event.clone()).map_err(refused(put.place))?;
        if let Some(data) = &put.edit {
            branch.give(at, raw(at, data)?).map_err(refused(at))?;
        }
        last = Some((put.place, at));
    }
    Ok(())
}

fn raw(position: Position, data: &str) -> Result<&RawValue, TimelineError> {
    serde_json::from_str(data).map_err(|error| failed(position, error))
}

impl<P: Projection> LensBranch for Branch<P> {
    fn state<'a>(&'a self, partition: &'a str) -> LensFuture<'a, Option<Json>> {
        Box::pin(async move {
            let Some(state) = Branch::state(self, partition).await? else { return Ok(None) };
            Json::of(&state).map(Some).map_err(|error| failed(self.at(), error))
        })
    }

    fn inserted(&self) -> &[RecordedEvent] {
        Branch::inserted(self)
    }

    fn first_difference<'a>(&'a self, partition: &'a str) -> LensFuture<'a, Option<Position>> {
        Box::pin(Branch::first_difference(self, partition))
    }
}
