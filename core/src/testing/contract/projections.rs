//! Projections, timelines and repositories on the storage itself.

use std::borrow::Cow;
use std::ops::ControlFlow;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::given::*;
use crate::domain::{
    BoxError, Decider, DomainEvent, Position, Projection, Query, QueryItem, RecordedEvent, StreamName,
};
use crate::engine::{
    CommandContext, EventStore, ProjectionMode, ProjectionOptions, ProjectionState, Repository, RunningProjection,
    SnapshotPolicy,
};
use crate::testing::Fixture;
use crate::timeline::{Cursor, Timeline, TimelineOptions};

/// The positions that were folded, by stream: a repeat or a gap shows.
struct Trace {
    version: u32,
    query: Query,
}

impl Trace {
    fn new(version: u32) -> Self {
        Self { version, query: Query::everything() }
    }
}

impl Projection for Trace {
    type State = Vec<u64>;

    fn name(&self) -> &str {
        "trace"
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn query(&self) -> Query {
        self.query.clone()
    }

    fn initial(&self) -> Vec<u64> {
        Vec::new()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(event.stream().as_str().into()))
    }

    fn apply(&self, state: &mut Vec<u64>, event: &RecordedEvent) -> Result<(), BoxError> {
        state.push(event.position().get());
        Ok(())
    }
}

async fn follow(store: &EventStore, trace: Trace, mode: ProjectionMode) -> RunningProjection<Trace> {
    done(store.project(trace, ProjectionOptions::default().mode(mode)).await)
}

/// Asserts that the read model is the log: every position once, in order, in its stream's partition.
async fn assert_is_the_log(projection: &RunningProjection<Trace>, store: &EventStore) {
    done(projection.caught_up(None).await);
    for stream in ["order-1", "order-2", "order-3"] {
        let expected: Vec<u64> = store.with_log(|log| {
            log.stream_positions(&super::given::stream(stream)).iter().map(|position| u64::from(*position)).collect()
        });
        let expected = (!expected.is_empty()).then_some(expected);
        assert_eq!(done(projection.state(stream).await), expected, "{stream}");
    }
}

/// Several handles run one projection while all of them append; each sees the whole of it, whoever did the work.
pub async fn a_projection_serves_every_handle(fixture: &dyn Fixture) {
    let stores = join_all((0..3).map(|_| open_small(fixture))).await;
    append_each(&stores[0], "order-1", 0..5).await;
    let mut projections = Vec::new();
    for store in &stores {
        projections.push(follow(store, Trace::new(1), ProjectionMode::Async).await);
    }
    for round in 0..6_u32 {
        let appends = stores.iter().enumerate().map(|(number, store)| {
            let stream = ["order-1", "order-2", "order-3"][number];
            append(store, stream, vec![event("A"), event("B")])
        });
        join_all(appends).await;
        if round == 3 {
            // Whoever ran it goes away; the others go on.
            stores[0].close().await;
            break;
        }
        for (projection, store) in projections.iter().zip(&stores) {
            assert_is_the_log(projection, store).await;
        }
    }
    for (projection, store) in projections.iter().zip(&stores).skip(1) {
        append(store, "order-2", vec![event("A")]).await;
        assert_is_the_log(projection, store).await;
        let status = done(projection.status().await);
        assert_eq!((status.state, status.lag), (ProjectionState::Following, 0));
    }
    let names = done(projections[1].partitions(None, 100).await);
    assert_eq!(names, ["order-1", "order-2", "order-3"]);
    assert_eq!(done(projections[1].partitions(Some("order-1"), 1).await), ["order-2"]);
    assert_eq!(done(projections[1].state("order-9").await), None);
}

/// What an inline projection has folded is there as soon as the append is acknowledged, on every handle.
pub async fn an_inline_projection_has_what_was_acknowledged(fixture: &dyn Fixture) {
    let (one, other) = (open_small(fixture).await, open_small(fixture).await);
    append_each(&one, "order-1", 0..3).await;
    let inline = follow(&one, Trace::new(1), ProjectionMode::Inline).await;
    let beside = follow(&other, Trace::new(1), ProjectionMode::Inline).await;
    for round in 0..8_u64 {
        let result = match round % 3 {
            0 => append(&one, "order-2", vec![event("A"), event("B")]).await,
            1 => append(&other, "order-2", vec![event("A")]).await,
            _ => join_all([append(&one, "order-3", vec![event("A")]), append(&other, "order-1", vec![event("A")])])
                .await
                .into_iter()
                .max_by_key(|result| result.last_position)
                .unwrap_or_else(|| panic!("two were appended")),
        };
        for projection in [&inline, &beside] {
            assert!(done(projection.checkpoint().await) >= result.last_position, "round {round}");
        }
    }
    done(one.refresh().await);
    assert_is_the_log(&inline, &one).await;
}

/// A newer version, and a rebuild, take the place of what answers once they have caught up; one given up changes nothing.
pub async fn a_rebuild_takes_the_place_of_what_answered(fixture: &dyn Fixture) {
    let store = open_small(fixture).await;
    append_each(&store, "order-1", 0..20).await;
    append_each(&store, "order-2", 20..30).await;
    let first = follow(&store, Trace::new(1), ProjectionMode::Async).await;
    assert_is_the_log(&first, &store).await;

    // It may have caught up before it could be given up.
    if let Err(given_up) = first.rebuild(|_| ControlFlow::Break(())).await {
        assert_eq!(given_up.code(), "aborted");
    }
    assert_is_the_log(&first, &store).await;
    let mut seen = Vec::new();
    let rebuilt = first.rebuild(|progress| {
        seen.push(progress.done);
        ControlFlow::Continue(())
    });
    done(rebuilt.await);
    assert!(seen.is_sorted() && seen.iter().all(|done| *done <= 30), "{seen:?}");
    assert_is_the_log(&first, &store).await;

    let query = QueryItem::of_streams([stream("order-2")]).into();
    let newer = follow(&store, Trace { version: 2, query }, ProjectionMode::Async).await;
    done(newer.caught_up(None).await);
    assert_eq!(done(newer.partitions(None, 10).await), ["order-2"]);
    assert_eq!(done(newer.checkpoint().await), Position::new(30));
    assert_eq!(first.caught_up(None).await.expect_err("it is of the past").code(), "projection-failed");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Counted {
    UnitsCounted { units: i64 },
}

impl DomainEvent for Counted {}

struct Counter;

impl Decider for Counter {
    type State = i64;
    type Command = i64;
    type Event = Counted;
    type Rejection = std::fmt::Error;

    fn name(&self) -> &str {
        "counter"
    }

    fn initial_state(&self) -> i64 {
        0
    }

    fn decide(&self, state: &i64, units: &i64) -> Result<Vec<Counted>, std::fmt::Error> {
        if state + units < 0 { Err(std::fmt::Error) } else { Ok(vec![Counted::UnitsCounted { units: *units }]) }
    }

    fn evolve(&self, state: i64, Counted::UnitsCounted { units }: Counted) -> i64 {
        state + units
    }
}

/// Repositories of two handles decide on the same stream at once; every decision was made on what stands before it.
pub async fn repositories_decide_on_what_is_stored(fixture: &dyn Fixture) {
    let policy = SnapshotPolicy::default().every(4);
    let stores = [open_small(fixture).await, open_small(fixture).await];
    let counters =
        stores.each_ref().map(|store| Repository::new(store, Counter).with_snapshots(policy).with_retries(100));
    let name: StreamName = stream("counter-1");
    done(counters[0].execute(&name, &6, CommandContext::default()).await);
    let takes = (0..10).map(|number| counters[number % 2].execute(&name, &-1, CommandContext::default()));
    let taken = join_all(takes).await.into_iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(taken, 6, "there were six");
    for counter in &counters {
        let loaded = done(counter.load(&name).await);
        assert_eq!((loaded.state, loaded.version.get()), (0, 7));
    }
    let fresh = Repository::new(&open(fixture).await, Counter).with_snapshots(policy);
    assert_eq!(done(fresh.load(&name).await).state, 0);
}

/// A timeline gives what was so at every position, also of what another handle appends.
pub async fn a_timeline_answers_for_every_position(fixture: &dyn Fixture) {
    let (store, other) = (open_small(fixture).await, open_small(fixture).await);
    append_each(&store, "order-1", 0..15).await;
    let timeline = Timeline::new(store.clone(), Trace::new(1), TimelineOptions::default());
    append_each(&other, "order-2", 15..30).await;
    append_each(&other, "order-1", 30..45).await;
    done(store.refresh().await);
    for position in (0..=45_u64).rev().chain(0..=45) {
        let state = done(timeline.state_at(Cursor::Position(Position::new(position)), "order-1").await);
        let expected: Vec<u64> = (1..=position).filter(|position| !(16..=30).contains(position)).collect();
        assert_eq!(state.unwrap_or_default(), expected, "at {position}");
    }
}
