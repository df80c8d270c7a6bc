//! Projections beside a naive fold: whatever is aborted, killed or repeated, a stored read model is the fold of the log up
//! to its checkpoint, at every moment.

use std::{borrow::Cow, collections::BTreeMap, ops::ControlFlow, rc::Rc};

use bytes::Bytes;
use futures_executor::block_on;
use futures_util::FutureExt;
use leftfold_core::{
    BoxError, Derived, EventStore, ExpectedVersion, KeyRange, MemoryDatabase, NewEvent, OpenOptions, Position,
    Projection, ProjectionError, ProjectionMode, ProjectionOptions, ProjectionState, Query, QueryItem, ReadOptions,
    RecordedEvent, RunningProjection, Storage, StorageError, StreamName,
    testing::{Call, Faults, FaultyStorage, Moment, SimHost},
};
use proptest::prelude::*;

/// A read model that remembers each position folded into it: a repeat, a gap or a wrong order shows.
#[derive(Clone)]
pub(crate) struct Trace {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) by_stream: bool,
    pub(crate) only: Option<&'static str>,
    /// Whether events of the type `Poison` cannot be folded.
    pub(crate) is_strict: bool,
}

impl Trace {
    pub(crate) fn whole() -> Self {
        Self { name: "whole", version: 1, by_stream: false, only: None, is_strict: false }
    }

    pub(crate) fn by_stream() -> Self {
        Self { name: "by stream", by_stream: true, is_strict: true, ..Self::whole() }
    }

    pub(crate) fn inline() -> Self {
        Self { name: "inline", by_stream: true, only: Some("A"), ..Self::whole() }
    }

    pub(crate) fn all() -> [Self; 3] {
        [Self::whole(), Self::by_stream(), Self::inline()]
    }

    pub(crate) fn options(&self) -> ProjectionOptions {
        let mode = if self.name == "inline" { ProjectionMode::Inline } else { ProjectionMode::Async };
        ProjectionOptions::default().mode(mode)
    }

    /// The read model that the log up to `checkpoint` makes.
    pub(crate) fn naive(&self, log: &[RecordedEvent], checkpoint: Position) -> BTreeMap<String, Vec<u64>> {
        let mut model = BTreeMap::<String, Vec<u64>>::new();
        for event in log.iter().filter(|event| event.position() <= checkpoint) {
            let event_type = event.event_type().as_str();
            let is_poison = self.is_strict && event_type == "Poison";
            if self.only.is_none_or(|only| only == event_type) && !is_poison {
                let partition = if self.by_stream { event.stream().as_str() } else { "" };
                model.entry(partition.to_owned()).or_default().push(event.position().get());
            }
        }
        model
    }
}

impl Projection for Trace {
    type State = Vec<u64>;

    fn name(&self) -> &str {
        self.name
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn query(&self) -> Query {
        self.only.map_or_else(Query::everything, |only| QueryItem::of_types([only]).unwrap().into())
    }

    fn initial(&self) -> Vec<u64> {
        Vec::new()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(if self.by_stream { event.stream().as_str().into() } else { "".into() }))
    }

    fn apply(&self, state: &mut Vec<u64>, event: &RecordedEvent) -> Result<(), BoxError> {
        // Changed before it fails, so that a half applied event would show.
        state.push(event.position().get());
        if self.is_strict && event.event_type().as_str() == "Poison" {
            return Err("poison".into());
        }
        Ok(())
    }
}

/// What is stored of a projection.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) checkpoint: Position,
    pub(crate) model: BTreeMap<String, Vec<u64>>,
    pub(crate) generations: usize,
}

pub(crate) struct World {
    pub(crate) host: Rc<SimHost>,
    pub(crate) database: MemoryDatabase,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let host = SimHost::with_timers(seed);
        Self { database: MemoryDatabase::on_host("projections", host.clone()), host }
    }

    pub(crate) async fn open(&self, faults: &Rc<Faults>) -> EventStore {
        let storage = FaultyStorage::around(self.database.open(), faults);
        EventStore::open(storage, OpenOptions::default().segment_bytes(600).cache_bytes(0)).await.unwrap()
    }

    /// What stands in the table this very moment.
    pub(crate) fn stored(&self, name: &str) -> Option<Stored> {
        let storage = self.database.open();
        let read = |key: Bytes| -> serde_json::Value {
            let record = storage.derived(Derived::Projections, &[key]).now_or_never().unwrap().unwrap().remove(0);
            serde_json::from_slice(&record.unwrap()[9..]).unwrap()
        };
        let key = |rest: &[u8]| Bytes::from([name.as_bytes(), rest].concat());
        let range = KeyRange { from: key(&[0]), before: key(&[1]) };
        let mut keys = storage.derived_keys(Derived::Projections, range, 1_000).now_or_never().unwrap().unwrap();
        if keys.is_empty() {
            return None;
        }
        let head = read(keys.remove(0));
        let active = head["active"]["number"].as_u64().unwrap() as u32;
        let start = name.len() + 2;
        let generation = |key: &Bytes| u32::from_be_bytes(key[start..start + 4].try_into().unwrap());
        let mut generations: Vec<_> = keys.iter().map(generation).collect();
        generations.dedup();
        let model = keys.into_iter().filter(|key| generation(key) == active).map(|key| {
            let partition = String::from_utf8(key[start + 4..].to_vec()).unwrap();
            (partition, serde_json::from_value(read(key)).unwrap())
        });
        let checkpoint = Position::new(head["active"]["checkpoint"].as_u64().unwrap());
        Some(Stored { checkpoint, model: model.collect(), generations: generations.len() })
    }
}

pub(crate) fn event(event_type: &str) -> NewEvent {
    NewEvent::json(event_type, &0).unwrap()
}

pub(crate) fn stream(number: u32) -> StreamName {
    StreamName::new(&format!("order-{number}")).unwrap()
}

pub(crate) fn aborted() -> StorageError {
    StorageError::Aborted { reason: "the disk went away".to_owned() }
}

pub(crate) async fn log_of(store: &EventStore) -> Vec<RecordedEvent> {
    store.read_all(ReadOptions::default()).await.unwrap()
}

/// Catches up, leaving out whatever cannot be folded.
pub(crate) async fn catch_up(projection: &RunningProjection<Trace>) {
    loop {
        match projection.caught_up(None).await {
            Ok(()) => return,
            Err(ProjectionError::Failed { failure, .. }) => match projection.skip(failure.position, "poison").await {
                Ok(()) | Err(ProjectionError::NothingToSkip { .. }) => {}
                Err(error) => panic!("{error}"),
            },
            Err(error) => panic!("{error}"),
        }
    }
}

/// One tab.
struct Tab {
    faults: Rc<Faults>,
    store: EventStore,
    projections: Vec<RunningProjection<Trace>>,
}

impl Tab {
    async fn open(world: &World) -> Self {
        let faults = Faults::new();
        let store = world.open(&faults).await;
        let mut projections = Vec::new();
        for trace in Trace::all() {
            let options = trace.options();
            projections.push(store.project(trace, options).await.unwrap());
        }
        Self { faults, store, projections }
    }
}

fn walk(seed: u64, steps: usize) {
    let world = World::new(seed);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut seen: Vec<(Trace, Stored)> = Vec::new();
    let log = world.host.run(async {
        let mut tabs = vec![Tab::open(&world).await, Tab::open(&world).await, Tab::open(&world).await];
        for _ in 0..steps {
            let number = rng.usize(..tabs.len());
            let tab = &tabs[number];
            match rng.u32(..100) {
                0..60 => {
                    let types = ["A", "A", "A", "B", "Poison"];
                    let events = (0..rng.usize(1..4)).map(|_| event(types[rng.usize(..types.len())])).collect();
                    let is_faulty = tab.faults.happened() > 0;
                    let appended = tab.store.append(stream(rng.u32(..4)), ExpectedVersion::Any, events).await;
                    if let (Ok(result), false) = (appended, is_faulty) {
                        let inline = world.stored("inline").map_or(Position::ZERO, |stored| stored.checkpoint);
                        assert!(inline >= result.last_position, "inline is at {inline} behind {result:?}");
                    }
                }
                60..75 => {
                    let calls = [Call::WriteDerived, Call::Derived, Call::Append, Call::Entries, Call::Payloads];
                    let call = calls[rng.usize(..calls.len())];
                    let moment = if rng.bool() { Moment::Before } else { Moment::After };
                    tab.faults.fail(call, rng.u32(..3), moment, aborted());
                }
                75..80 => tab.faults.lose_nudges(rng.bool()),
                80..85 => {
                    // It may hold the lead, and be in the middle of anything.
                    tab.faults.kill();
                    let fresh = Tab::open(&world).await;
                    tabs[number] = fresh;
                }
                85..90 => world.host.advance(rng.i64(0..6_000_000)),
                90..95 => {
                    let projection = &tab.projections[rng.usize(..3)];
                    if let Ok(status) = projection.status().await
                        && let Some(failure) = status.failure
                    {
                        let _ = projection.skip(failure.position, "poison").await;
                    }
                }
                _ => {
                    let projection = &tab.projections[rng.usize(..3)];
                    let _ = projection
                        .rebuild(|_| if rng.u8(..3) == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                        .await;
                }
            }
            for trace in Trace::all() {
                seen.extend(world.stored(trace.name).map(|stored| (trace, stored)));
            }
        }
        for tab in &tabs {
            tab.faults.heal();
        }
        let last = Tab::open(&world).await;
        for projection in &last.projections {
            catch_up(projection).await;
            let stored = world.stored(projection.projection().name).unwrap();
            assert_eq!(stored.checkpoint, last.store.head(), "{}", projection.projection().name);
            seen.push((projection.projection().clone(), stored));
        }
        log_of(&last.store).await
    });
    for (trace, stored) in &seen {
        assert_eq!(stored.model, trace.naive(&log, stored.checkpoint), "{} at {}", trace.name, stored.checkpoint);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Several tabs run the same projections on a storage that fails, loses nudges and loses tabs.
    #[test]
    fn a_stored_read_model_is_always_the_fold_of_the_log_up_to_its_checkpoint(seed in any::<u64>()) {
        walk(seed, 60);
    }
}

pub(crate) async fn fill(store: &EventStore, count: u32) {
    for number in 0..count {
        store.append(stream(number % 3), ExpectedVersion::Any, vec![event("A")]).await.unwrap();
    }
}

#[test]
fn a_new_version_is_built_beside_the_old_one_and_resumed_after_a_crash() {
    let world = World::new(5);
    world.host.run(async {
        let faults = Faults::new();
        let store = world.open(&faults).await;
        fill(&store, 50).await;
        let old = store.project(Trace::whole(), ProjectionOptions::default()).await.unwrap();
        old.caught_up(None).await.unwrap();
        let log = log_of(&store).await;

        let newer = Trace { version: 2, by_stream: true, ..Trace::whole() };
        let dying = world.open(&faults).await;
        // The new version's tab dies before it has swapped.
        faults.fail(Call::WriteDerived, 1, Moment::Before, aborted());
        let half = dying.project(newer.clone(), ProjectionOptions::default()).await.unwrap();
        faults.kill();
        drop((old, half, store, dying));

        let store = world.open(&Faults::new()).await;
        let stored = world.stored("whole").unwrap();
        assert_eq!(stored.model, Trace::whole().naive(&log, Position::new(50)), "the old one still answers");
        let projection = store.project(newer.clone(), ProjectionOptions::default()).await.unwrap();
        projection.caught_up(None).await.unwrap();
        let stored = world.stored("whole").unwrap();
        assert_eq!((stored.checkpoint.get(), stored.generations), (50, 1), "the old one is gone");
        assert_eq!(stored.model, newer.naive(&log, Position::new(50)));
        let status = projection.status().await.unwrap();
        assert_eq!((status.state, status.version, status.lag), (ProjectionState::Following, 2, 0));

        let outdated = store.project(Trace::whole(), ProjectionOptions::default()).await.unwrap_err();
        assert!(matches!(outdated, ProjectionError::Superseded { stored: 2, own: 1, .. }), "{outdated}");
    });
}

#[test]
fn a_failing_event_stops_one_projection_alone_until_it_is_skipped() {
    let world = World::new(6);
    world.host.run(async {
        let store = world.open(&Faults::new()).await;
        fill(&store, 5).await;
        store.append(stream(0), ExpectedVersion::Any, vec![event("Poison")]).await.unwrap();
        fill(&store, 5).await;
        let strict = store.project(Trace::by_stream(), ProjectionOptions::default()).await.unwrap();
        let other = store.project(Trace::whole(), ProjectionOptions::default()).await.unwrap();
        other.caught_up(None).await.unwrap();
        let Err(ProjectionError::Failed { failure, .. }) = strict.caught_up(None).await else { panic!("it must fail") };
        assert_eq!((failure.position.get(), &*failure.event_type, &*failure.message), (6, "Poison", "poison"));
        let status = strict.status().await.unwrap();
        assert_eq!((status.checkpoint.get(), status.lag, status.state), (5, 6, ProjectionState::Failed));
        let stored = world.stored("by stream").unwrap();
        assert_eq!(stored.model, Trace::by_stream().naive(&log_of(&store).await, Position::new(5)));

        strict.retry().await.unwrap();
        assert_eq!(strict.caught_up(None).await.unwrap_err().code(), "projection-failed", "the same event fails again");
        let nothing = strict.skip(Position::new(7), "no").await.unwrap_err();
        assert!(matches!(nothing, ProjectionError::NothingToSkip { .. }));
        strict.skip(Position::new(6), "known bad").await.unwrap();
        strict.caught_up(None).await.unwrap();
        let status = strict.status().await.unwrap();
        assert_eq!((status.skipped[0].position.get(), &*status.skipped[0].reason), (6, "known bad"));
        assert_eq!(strict.state("order-0").await.unwrap().unwrap(), [1, 4, 7, 10]);
        assert_eq!(strict.state("order-9").await.unwrap(), None);
    });
}

#[test]
fn damaged_records_are_made_anew() {
    let world = World::new(7);
    world.host.run(async {
        let store = world.open(&Faults::new()).await;
        fill(&store, 20).await;
        let projection = store.project(Trace::by_stream(), ProjectionOptions::default()).await.unwrap();
        projection.caught_up(None).await.unwrap();
        let storage = world.database.open();
        let range = KeyRange { from: Bytes::from_static(b"b"), before: Bytes::from_static(b"c") };
        let keys = storage.derived_keys(Derived::Projections, range, 100).await.unwrap();
        assert_eq!(keys.len(), 4);
        for key in keys {
            let mut record = storage
                .derived(Derived::Projections, std::slice::from_ref(&key))
                .await
                .unwrap()
                .remove(0)
                .unwrap()
                .to_vec();
            *record.last_mut().unwrap() ^= 1;
            let changes = vec![(key, Some(record.into()))];
            let write =
                leftfold_core::DerivedWrite { table: Derived::Projections, guard: None, clear: vec![], changes };
            assert!(storage.write_derived(write).await.unwrap());
            fill(&store, 6).await;
            // Whatever a reader meets first, it ends with the right answer.
            for _ in 0..3 {
                let _ = projection.state("order-1").await;
                projection.caught_up(None).await.unwrap();
            }
            let stored = world.stored("by stream").unwrap();
            assert_eq!(stored.model, Trace::by_stream().naive(&log_of(&store).await, stored.checkpoint));
            assert_eq!(stored.checkpoint, store.head());
        }
    });
}

/// A tab that holds the lead and does nothing any more, as a frozen one, is overtaken; when it wakes it does no harm.
#[test]
fn a_frozen_leader_is_overtaken() {
    let world = World::new(8);
    world.host.run(async {
        let faults = Faults::new();
        let store = world.open(&faults).await;
        let frozen = store.project(Trace::whole(), ProjectionOptions::default()).await.unwrap();
        fill(&store, 3).await;
        frozen.caught_up(None).await.unwrap();
        assert!(frozen.status().await.unwrap().is_running_here);
        faults.kill();

        let other_store = world.open(&Faults::new()).await;
        let other = other_store.project(Trace::whole(), ProjectionOptions::default()).await.unwrap();
        fill(&other_store, 3).await;
        other.caught_up(None).await.unwrap();
        assert!(other.status().await.unwrap().is_running_here);
        assert_eq!(other.state("").await.unwrap().unwrap(), [1, 2, 3, 4, 5, 6]);
    });
}

/// A task that waits for news of the log does not keep the store open, whoever of its holders goes last.
#[test]
fn a_store_that_nobody_holds_is_closed_though_a_projection_has_followed_it() {
    let follow = |storage: &Rc<dyn Storage>, mode| {
        let storage = Rc::clone(storage);
        block_on(async move {
            let store = EventStore::open(storage, OpenOptions::default()).await.unwrap();
            let options = ProjectionOptions::default().mode(mode);
            let projection = store.project(Trace::whole(), options).await.unwrap();
            fill(&store, 2).await;
            projection.caught_up(None).await.unwrap();
            (store, projection)
        })
    };
    for mode in [ProjectionMode::Async, ProjectionMode::Inline] {
        let database = MemoryDatabase::new();
        let storages = [database.open(), database.open()];
        let is_closed = |storage: &Rc<dyn Storage>| match block_on(storage.usage()) {
            Ok(_) => false,
            Err(error) => error.code() == "storage-closed",
        };
        let (store, projection) = follow(&storages[0], mode);
        drop(projection);
        assert!(!is_closed(&storages[0]));
        drop(store);
        assert!(is_closed(&storages[0]));
        let (store, projection) = follow(&storages[1], mode);
        drop(store);
        assert!(!is_closed(&storages[1]));
        drop(projection);
        assert!(is_closed(&storages[1]));
    }
}
