//! The commands behind the events of the sample, decided anew on a branch.
//!
//! The events of the sample do not carry their commands. But the domain is known, and what an event says is what was asked: its
//! command is read from it. Two things an event does not say. What the bank answered for is taken to be what was asked of it; and
//! which units a release gives back, the decider knows itself.

mod command;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use leftfold_core::{EventId, EventStore, NewEvent, Position, RecordedEvent, StreamName};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use super::commands::Aggregate;
use super::fact::Fact;
use crate::lens::id_of_new;
use crate::model::branch::{Arrangement, EventRef, JsonText, Redecided, Refused, Rerun, Slot};
use command::{Asked, Held};

/// Places that are read together.
const PLACES: u64 = 256;

/// Why nothing could be decided.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RerunError {
    /// The log cannot be read.
    #[error("{message}")]
    Log {
        /// What went wrong.
        message: String,
        /// The stable code.
        code: &'static str,
    },
    /// The decider said no.
    #[error("{reason}")]
    Refused {
        /// Why, in the domain's words.
        reason: String,
    },
    /// The value is none of the decider's commands.
    #[error("this is no command: {reason}")]
    NoCommand {
        /// What is wrong.
        reason: String,
    },
}

impl RerunError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Log { code, .. } => code,
            Self::Refused { .. } => "rejected",
            Self::NoCommand { .. } => "invalid-input",
        }
    }

    fn log(error: impl std::fmt::Display) -> Self {
        Self::Log { message: error.to_string(), code: "storage-unavailable" }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Causes {
    causation_id: Value,
}

/// An event of the branch, as far as deciding needs it.
struct Happening {
    event: EventRef,
    id: EventId,
    stream: StreamName,
    /// What it says; `None` for what the domain does not know.
    fact: Option<Fact>,
    cause: Option<Uuid>,
    /// Whether the handler of the first release decided it.
    is_early_release: bool,
    /// The command that it was issued by on the branch.
    issued: Option<Value>,
    is_own: bool,
}

/// Decides anew on the commands behind all events that the changes of a branch may reach: those of streams in which something
/// is other, and those whose cause does not happen. What a person has inserted or edited happens as it is; what was issued as a
/// command on the branch is decided like the rest.
///
/// `between` is called after every few hundred events, with the place that was reached; once it answers `false` the work ends.
///
/// # Errors
/// [`RerunError::Log`].
pub async fn run<F: Future<Output = bool>>(
    store: &EventStore,
    arrangement: &Arrangement,
    head: Position,
    between: impl Fn(Position) -> F,
) -> Result<Option<Rerun>, RerunError> {
    let mut desk = Desk { store, held: HashMap::new(), gone: HashMap::new(), rerun: Rerun::default() };
    let Some(first) = arrangement.first_change() else { return Ok(Some(desk.rerun)) };
    let mut moved: Vec<Position> = arrangement.moved().collect();
    moved.sort_unstable();
    for event in store.events_at(&moved).await.map_err(RerunError::log)? {
        desk.gone.insert(event.id().uuid(), EventRef::Stored(event.position()));
    }
    let mut from = first;
    while from <= head {
        let to = Position::new(from.get() + PLACES - 1).min(head);
        let slots = arrangement.slots(from, to);
        let mut read = read(store, arrangement, &slots).await?;
        let mut place = from;
        for slot in slots {
            match slot {
                Slot::MovedAway(position) => {
                    place = position;
                    let stream = store.with_log(|log| log.row(position).map(|row| row.stream));
                    if let Some(stream) = stream {
                        desk.touch(&stream, Position::new(position.get() - 1)).await?;
                    }
                }
                Slot::Event(event) => {
                    let mut before = place;
                    if let EventRef::Stored(position) = event
                        && !arrangement.standing(event).is_moved
                    {
                        place = position;
                        before = Position::new(position.get().saturating_sub(1));
                    }
                    if let Some(happening) = read.remove(&event) {
                        desk.judge(arrangement, happening, before).await?;
                    }
                }
            }
        }
        from = to.next();
        if !between(to).await {
            return Ok(None);
        }
    }
    Ok(Some(desk.rerun))
}

/// What a command would come to directly behind an event of the branch.
///
/// # Errors
/// [`RerunError`].
pub async fn decide(
    store: &EventStore,
    arrangement: &Arrangement,
    rerun: &Rerun,
    after: EventRef,
    aggregate: Aggregate,
    stream: &StreamName,
    command: Value,
) -> Result<Vec<NewEvent>, RerunError> {
    let asked = Asked::of_value(aggregate, command).map_err(|reason| RerunError::NoCommand { reason })?;
    let mut held = Held::of(aggregate);
    let until = arrangement.place_of(after).unwrap_or_default();
    let own = store.with_log(|log| {
        let positions = log.stream_positions(stream).iter().map(|at| Position::from(*at));
        positions.take_while(|at| *at <= until).collect::<Vec<_>>()
    });
    let put: Vec<_> = arrangement.put_until(until).collect();
    let mut order: Vec<(Position, EventRef)> = own.into_iter().map(|at| (at, EventRef::Stored(at))).collect();
    order.retain(|(_, event)| !arrangement.standing(*event).is_moved);
    order.extend(put);
    // Stable: at one place its own event stands before those that were put there.
    order.sort_by_key(|(place, _)| *place);
    let end = order.iter().position(|(_, event)| *event == after).map(|index| index + 1);
    let at_end = order.iter().take_while(|(place, _)| *place < until).count();
    // An event of another stream stands before all that was put at its place, and behind its own.
    let own_of_place = order.iter().skip(at_end).take_while(|(at, event)| *event == EventRef::Stored(*at)).count();
    order.truncate(end.unwrap_or(at_end + own_of_place));
    let slots: Vec<_> = order.iter().map(|(_, event)| Slot::Event(*event)).collect();
    let mut read = read(store, arrangement, &slots).await?;
    for (_, event) in order {
        if arrangement.standing(event).is_skipped || rerun.leaves_out(event) {
            continue;
        }
        let Some(happening) = read.remove(&event).filter(|happening| happening.stream == *stream) else { continue };
        let redecided = rerun.data_of(event).zip(happening.fact.as_ref());
        let fact = redecided.and_then(|(data, fact)| with_data(fact, data)).or(happening.fact);
        fact.into_iter().for_each(|fact| held.take(fact));
    }
    let facts = held.decide(&asked).map_err(|reason| RerunError::Refused { reason })?;
    facts.iter().map(|fact| fact.to_new_event().map_err(RerunError::log)).collect()
}

/// The events of slots, with the data that a person gave them.
async fn read(
    store: &EventStore,
    arrangement: &Arrangement,
    slots: &[Slot],
) -> Result<BTreeMap<EventRef, Happening>, RerunError> {
    let stored = slots.iter().filter_map(|slot| match slot {
        Slot::Event(EventRef::Stored(position)) => Some(*position),
        _ => None,
    });
    let events = store.events_at(&stored.collect::<Vec<_>>()).await.map_err(RerunError::log)?;
    let mut found = BTreeMap::new();
    for event in events {
        let of = EventRef::Stored(event.position());
        found.insert(of, stored_happening(store, arrangement, event)?);
    }
    let new = slots.iter().filter_map(|slot| match slot {
        Slot::Event(EventRef::New(number)) => arrangement.inserted(*number),
        _ => None,
    });
    for inserted in new {
        let event = EventRef::New(inserted.number);
        let Ok(stream) = StreamName::new(&inserted.stream) else { continue };
        let as_new = NewEvent::json_text(&inserted.event_type, inserted.data.as_str().to_owned());
        let fact = as_new.ok().and_then(|new| Fact::of_new(&new).ok().flatten());
        let issued = inserted.command.as_ref().and_then(|text| serde_json::from_str(text.as_str()).ok());
        let (id, is_own) = (id_of_new(inserted.number), true);
        found
            .insert(event, Happening { event, id, stream, fact, cause: None, is_early_release: false, issued, is_own });
    }
    Ok(found)
}

fn stored_happening(
    store: &EventStore,
    arrangement: &Arrangement,
    event: RecordedEvent,
) -> Result<Happening, RerunError> {
    let of = EventRef::Stored(event.position());
    let causes: Causes = serde_json::from_slice(event.metadata()).unwrap_or_default();
    let cause = causes.causation_id.as_str().and_then(|text| Uuid::parse_str(text).ok());
    let is_early_release = event.event_type().as_str() == "StockReleased" && event.schema_version().0 == 1;
    let (id, stream) = (event.id(), event.stream().clone());
    let lifted = store.lift(event).map_err(RerunError::log)?;
    let fact = lifted.first().and_then(|event| Fact::read(event).ok().flatten());
    let edit = arrangement.edit_of(of);
    let fact = match (edit, fact) {
        (Some(data), Some(fact)) => with_data(&fact, data),
        (_, fact) => fact,
    };
    let is_own = edit.is_some();
    Ok(Happening { event: of, id, stream, fact, cause, is_early_release, issued: None, is_own })
}

/// A fact of the same type with other data.
fn with_data(fact: &Fact, data: &JsonText) -> Option<Fact> {
    let name = fact.to_new_event().ok()?.event_type().to_string();
    let new = NewEvent::json_text(&name, data.as_str().to_owned()).ok()?;
    Fact::of_new(&new).ok().flatten()
}

/// The streams in which something is other than in the log, and what does not happen.
struct Desk<'a> {
    store: &'a EventStore,
    held: HashMap<StreamName, Held>,
    /// What does not happen, and what was moved for as long as its new place is ahead: nothing follows from it before.
    gone: HashMap<Uuid, EventRef>,
    rerun: Rerun,
}

impl Desk<'_> {
    /// From here on a stream may be another one; up to `until` it was as in the log.
    async fn touch(&mut self, stream: &StreamName, until: Position) -> Result<(), RerunError> {
        if self.held.contains_key(stream) {
            return Ok(());
        }
        let of = |aggregate: &Aggregate| aggregate.name() == stream.category();
        let Some(aggregate) = Aggregate::ALL.into_iter().find(of) else { return Ok(()) };
        let mut held = Held::of(aggregate);
        let positions = self.store.with_log(|log| {
            let positions = log.stream_positions(stream).iter().map(|at| Position::from(*at));
            positions.take_while(|at| *at <= until).collect::<Vec<_>>()
        });
        for event in self.store.events_at(&positions).await.map_err(RerunError::log)? {
            for event in self.store.lift(event).map_err(RerunError::log)? {
                if let Ok(Some(fact)) = Fact::read(&event) {
                    held.take(fact);
                }
            }
        }
        self.held.insert(stream.clone(), held);
        Ok(())
    }

    async fn judge(
        &mut self,
        arrangement: &Arrangement,
        happening: Happening,
        before: Position,
    ) -> Result<(), RerunError> {
        let event = happening.event;
        let standing = arrangement.standing(event);
        if standing.is_moved {
            self.gone.remove(&happening.id.uuid());
        }
        if standing.is_skipped {
            self.gone.insert(happening.id.uuid(), event);
            return self.touch(&happening.stream, before).await;
        }
        let gone = happening.cause.and_then(|cause| self.gone.get(&cause).copied()).filter(|_| !happening.is_own);
        if let Some(cause) = gone {
            self.touch(&happening.stream, before).await?;
            self.rerun.unreached.insert(event, cause);
            self.gone.insert(happening.id.uuid(), event);
            return Ok(());
        }
        if !standing.is_as_in_log() {
            self.touch(&happening.stream, before).await?;
        }
        let Some(held) = self.held.get_mut(&happening.stream) else { return Ok(()) };
        let Some(fact) = happening.fact else { return Ok(()) };
        let asked = match (&happening.issued, happening.is_own) {
            (Some(value), _) => Asked::of_any_value(value),
            (None, true) => None,
            (None, false) => Some(Asked::behind(&fact, happening.is_early_release)),
        };
        let Some(asked) = asked else {
            held.take(fact);
            return Ok(());
        };
        self.rerun.decided += 1;
        let command = asked.name().to_owned();
        let refused = match held.decide(&asked) {
            Ok(facts) => match <[Fact; 1]>::try_from(facts) {
                Ok([now]) if now == fact => {
                    held.take(now);
                    return Ok(());
                }
                Ok([now]) => match data_of(&fact, &now) {
                    Some(data) => {
                        self.rerun.redecided.insert(event, Redecided { command, data });
                        held.take(now);
                        return Ok(());
                    }
                    None => "it comes to another kind of event".to_owned(),
                },
                Err(facts) => format!("it comes to {} events", facts.len()),
            },
            Err(reason) => reason,
        };
        self.rerun.refused.insert(event, Refused { command, reason: refused });
        self.gone.insert(happening.id.uuid(), event);
        Ok(())
    }
}

/// The data of a fact, where it is of the same type as the one before.
fn data_of(before: &Fact, now: &Fact) -> Option<JsonText> {
    let (before, now) = (before.to_new_event().ok()?, now.to_new_event().ok()?);
    let text = std::str::from_utf8(now.data()).ok()?;
    JsonText::new(text).ok().filter(|_| before.event_type() == now.event_type())
}
