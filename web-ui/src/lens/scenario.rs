//! From a log and a branch to a test.

use std::collections::BTreeMap;

use leftfold_core::{ContentType, EventStore, Position, Query, RecordedEvent, TimelineError};
use thiserror::Error;

use super::Lens;
use super::branch::Plan;
use crate::model::branch::{Arrangement, EventRef, Folded, Given, Rerun, Scenario, Side, Slot};
use crate::model::format;
use crate::model::json::Json;
use crate::sample;
use crate::sample::projections::rust_path;

/// The most positions that a test goes over.
const MOST_POSITIONS: u64 = 20_000;
/// The most events that a test has.
const MOST_EVENTS: usize = 1_000;
/// Positions that are read together.
const PAGE: u64 = 512;

/// Why there is no test.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScenarioError {
    /// It would be too long.
    #[error(
        "A test has at most {MOST_EVENTS} events, of at most {MOST_POSITIONS} positions, and there are more between its ends. Choose a moment nearer to the fork, or the state of one stream."
    )]
    TooLong,
    /// Nothing is between the ends.
    #[error("there is no event between the ends of the test")]
    Empty,
    /// What folds can be written in neither language.
    #[error("{name} is not a projection in Rust, and no stream")]
    NoFold {
        /// Its name.
        name: String,
    },
    /// Data is bytes, not JSON.
    #[error("the data of event {position} is no JSON")]
    Bytes {
        /// Where it stands.
        position: Position,
    },
    /// A state cannot be folded.
    #[error(transparent)]
    Fold(#[from] TimelineError),
}

/// The test of a branch: main and the branch from the fork to a position, each with its state there.
///
/// # Errors
/// [`ScenarioError`].
pub async fn of_branch(
    store: &EventStore,
    lens: &dyn Lens,
    partition: &str,
    branch: (&str, &Arrangement, &Rerun),
    at: Position,
) -> Result<Scenario, ScenarioError> {
    let (name, arrangement, rerun) = branch;
    let fork = arrangement.fork();
    let mut scenario = scenario(store, lens, partition, Position::new(fork.get() - 1)).await?;
    scenario.about = format!(
        "State of {} at event {at}, on main and on the branch “{name}”, which leaves it at event {fork}.",
        lens.name()
    );
    let (main, events) = side(store, lens, partition, fork, at).await?;
    let plan = Plan::of(store, arrangement, rerun)?;
    let branch = lens.branch(&plan).ok_or_else(|| no_fold(lens))?.await?;
    let query = lens.query().ok_or_else(|| no_fold(lens))?;
    let mut of_branch = Vec::new();
    for slot in arrangement.slots(Position::new(fork.get() - 1), at) {
        let Slot::Event(event) = slot else { continue };
        if plan.skips.contains(&event) {
            continue;
        }
        let mut given = match event {
            EventRef::Stored(position) if arrangement.standing(event).is_moved => {
                let Some(stored) = store.event(position).await.map_err(TimelineError::from)? else { continue };
                let mut given = self::given(store, stored, &query)?;
                given.iter_mut().for_each(|event| event.note = format!("{}, moved", event.note));
                given
            }
            EventRef::Stored(position) => events.get(&position).cloned().unwrap_or_default(),
            EventRef::New(number) => {
                let new = plan.news.iter().position(|new| new.number == number);
                let Some(inserted) = new.and_then(|index| branch.inserted().get(index)) else { continue };
                let mut given = self::given(store, inserted.clone(), &query)?;
                given.iter_mut().for_each(|event| event.note = format!("new event {number}"));
                given
            }
        };
        // The first part has other data.
        if let (Some(data), Some(first)) = (plan.edits.get(&event), given.first_mut()) {
            data.clone_into(&mut first.data);
            let word = if arrangement.edit_of(event).is_some() { "edited" } else { "re-run" };
            first.note = format!("{}, {word}", first.note);
        }
        of_branch.append(&mut given);
    }
    if of_branch.len() > MOST_EVENTS {
        return Err(ScenarioError::TooLong);
    }
    let state = branch.state_at(at, partition).await?.unwrap_or_default().to_string();
    let about = format!("the branch “{name}”");
    scenario.sides = vec![main, Side { test: "branch".to_owned(), about, events: of_branch, state }];
    if scenario.sides.iter().all(|side| side.events.is_empty()) {
        return Err(ScenarioError::Empty);
    }
    Ok(scenario)
}

/// The test of a stretch of the log: from the state at its first position, by the events behind it, to the state at its last.
///
/// # Errors
/// [`ScenarioError`].
pub async fn of_range(
    store: &EventStore,
    lens: &dyn Lens,
    partition: &str,
    (from, to): (Position, Position),
) -> Result<Scenario, ScenarioError> {
    let mut scenario = scenario(store, lens, partition, from).await?;
    scenario.about = format!("State of {} from event {from} to event {to}.", lens.name());
    let (main, _) = side(store, lens, partition, from.next(), to).await?;
    if main.events.is_empty() {
        return Err(ScenarioError::Empty);
    }
    scenario.sides = vec![main];
    Ok(scenario)
}

fn no_fold(lens: &dyn Lens) -> ScenarioError {
    ScenarioError::NoFold { name: lens.name().to_owned() }
}

/// A test without events, from the state at a position on.
async fn scenario(
    store: &EventStore,
    lens: &dyn Lens,
    partition: &str,
    before: Position,
) -> Result<Scenario, ScenarioError> {
    let name = lens.name().to_owned();
    let path = Some(name.as_str()).filter(|_| store.name() == sample::STORE).and_then(rust_path);
    let is_stream = leftfold_core::StreamName::new(&name)
        .is_ok_and(|stream| store.with_log(|log| !log.stream_positions(&stream).is_empty()));
    let folded = match path {
        Some(path) => Folded::Projection { name, path },
        None if is_stream && lens.query().is_some() => Folded::Merged { stream: name },
        None => return Err(no_fold(lens)),
    };
    let state = lens.state_at(before.into(), partition).await?;
    let before = state.filter(|state| *state != Json::Null).map(|state| state.to_string());
    Ok(Scenario { about: String::new(), folded, partition: partition.to_owned(), before, sides: Vec::new() })
}

/// The events of the log between two positions, both included, and the state behind them.
async fn side(
    store: &EventStore,
    lens: &dyn Lens,
    partition: &str,
    from: Position,
    to: Position,
) -> Result<(Side, BTreeMap<Position, Vec<Given>>), ScenarioError> {
    if to.get() + 1 > from.get() + MOST_POSITIONS {
        return Err(ScenarioError::TooLong);
    }
    let query = lens.query().ok_or_else(|| no_fold(lens))?;
    let mut events = BTreeMap::new();
    let mut count = 0;
    let mut start = from;
    while start <= to {
        let end = Position::new(start.get() + PAGE - 1).min(to);
        let page: Vec<_> = (start.get()..=end.get()).map(Position::new).collect();
        for event in store.events_at(&page).await.map_err(TimelineError::from)? {
            let position = event.position();
            let given = given(store, event, &query)?;
            count += given.len();
            if count > MOST_EVENTS {
                return Err(ScenarioError::TooLong);
            }
            events.insert(position, given);
        }
        start = end.next();
    }
    let state = lens.state_at(to.into(), partition).await?.unwrap_or_default().to_string();
    let given = events.values().flatten().cloned().collect();
    Ok((Side { test: "main".to_owned(), about: "main".to_owned(), events: given, state }, events))
}

/// What an event becomes for a query: nothing, if it does not match.
fn given(store: &EventStore, event: RecordedEvent, query: &Query) -> Result<Vec<Given>, ScenarioError> {
    if !query.matches(&event) {
        return Ok(Vec::new());
    }
    let position = event.position();
    let note = format::position(position);
    let lifted = store.lift(event).map_err(TimelineError::from)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let one = |event: RecordedEvent| match event.content() {
        ContentType::Json => Ok(Given {
            stream: event.stream().to_string(),
            event_type: event.event_type().to_string(),
            schema_version: event.schema_version().0,
            micros: event.time().as_micros(),
            data: text(event.data()),
            metadata: text(event.metadata()),
            note: note.clone(),
        }),
        ContentType::Bytes(_) => Err(ScenarioError::Bytes { position }),
    };
    lifted.into_iter().map(one).collect()
}
