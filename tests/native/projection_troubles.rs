//! Projections in trouble: versions that come and go, rebuilds that fail, states that cannot be written, and handles that
//! know something that is no longer so.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    ops::ControlFlow,
    rc::Rc,
    time::Duration,
};

use futures_util::future::{join, join_all};
use leftfold_core::{
    BoxError, EventStore, EventType, ExpectedVersion, JsonUpcaster, Payload, Position, Projection, ProjectionError,
    ProjectionMode, ProjectionOptions, ProjectionState, RecordedEvent, SchemaVersion, Upcaster, testing::Faults,
};

use crate::projections::{Trace, World, event, fill, log_of, stream};

fn options() -> ProjectionOptions {
    ProjectionOptions::default()
}

async fn poison(store: &EventStore) {
    store.append(stream(0), ExpectedVersion::Any, vec![event("Poison")]).await.unwrap();
}

/// One handle has met the failure and remembers it; another one skips the event and goes away. The first must go on.
#[test]
fn what_another_handle_has_skipped_or_retried_is_known() {
    for is_inline in [false, true] {
        let world = World::new(11);
        world.host.run(async {
            let mode = if is_inline { ProjectionMode::Inline } else { ProjectionMode::Async };
            let store = world.open(&Faults::new()).await;
            let one = store.project(Trace::by_stream(), options().mode(mode)).await.unwrap();
            fill(&store, 4).await;
            poison(&store).await;
            fill(&store, 4).await;
            assert_eq!(one.caught_up(None).await.unwrap_err().code(), "projection-failed");

            let other_store = world.open(&Faults::new()).await;
            let other = other_store.project(Trace::by_stream(), options()).await.unwrap();
            let failed = other.caught_up(None).await;
            assert!(matches!(failed, Err(ProjectionError::Failed { .. })), "{failed:?}");
            other.skip(Position::new(5), "known bad").await.unwrap();
            other.stop();
            other_store.close().await;
            drop((other, other_store));

            fill(&store, 3).await;
            one.caught_up(None).await.unwrap();
            let stored = world.stored("by stream").unwrap();
            assert_eq!(stored.checkpoint, store.head());
            assert_eq!(stored.model, Trace::by_stream().naive(&log_of(&store).await, store.head()));
        });
    }
}

/// An event that an upcaster cannot lift is skipped as one that the projection cannot fold.
#[test]
fn an_event_that_cannot_be_lifted_can_be_skipped() {
    let world = World::new(12);
    world.host.run(async {
        let store = world.open(&Faults::new()).await;
        let refuse = |_| Err("not this one".into());
        store.register_upcaster(Rc::new(JsonUpcaster::new(EventType::new("Poison").unwrap(), 1, refuse))).unwrap();
        fill(&store, 2).await;
        poison(&store).await;
        fill(&store, 2).await;
        let projection = store.project(Trace::whole(), options()).await.unwrap();
        let Err(ProjectionError::Failed { failure, .. }) = projection.caught_up(None).await else { panic!("it fails") };
        assert_eq!(failure.position.get(), 3);
        assert!(failure.message.contains("not this one"), "{}", failure.message);
        projection.skip(Position::new(3), "known bad").await.unwrap();
        projection.caught_up(None).await.unwrap();
        assert_eq!(projection.state("").await.unwrap().unwrap(), [1, 2, 4, 5]);
        assert_eq!(projection.status().await.unwrap().skipped.len(), 1);
    });
}

/// Of three versions in three tabs the newest wins, and the others leave it alone.
#[test]
fn newer_versions_do_not_undo_each_other() {
    for seed in 0..20 {
        let world = World::new(seed);
        world.host.run(async {
            let stores = join_all((0..3).map(|_| async { world.open(&Faults::new()).await })).await;
            fill(&stores[0], 30).await;
            let version =
                |version| Trace { version, by_stream: version == 3, is_strict: version == 2, ..Trace::whole() };
            let first = stores[0].project(version(1), options()).await.unwrap();
            first.caught_up(None).await.unwrap();
            // The second version fails while it is being built, and its tab stays open.
            poison(&stores[0]).await;
            let second = stores[1].project(version(2), options()).await.unwrap();
            assert!(second.caught_up(None).await.is_err());
            let third = stores[2].project(version(3), options()).await.unwrap();
            third.caught_up(None).await.unwrap();
            for round in 0..3 {
                fill(&stores[round], 3).await;
                third.caught_up(None).await.unwrap();
                let stored = world.stored("whole").unwrap();
                assert_eq!(stored.checkpoint, stores[2].head(), "seed {seed}");
                assert_eq!(stored.model, version(3).naive(&log_of(&stores[2]).await, stored.checkpoint), "seed {seed}");
                assert_eq!(stored.generations, 1, "seed {seed}: what the others built is gone");
                for outdated in [&first, &second] {
                    let refused = outdated.rebuild(|_| ControlFlow::Continue(())).await.unwrap_err();
                    assert!(matches!(refused, ProjectionError::Superseded { stored: 3, .. }), "{refused}");
                    let behind = outdated.caught_up(None).await.unwrap_err();
                    assert!(matches!(behind, ProjectionError::Superseded { .. }), "{behind}");
                }
            }
        });
    }
}

/// A new version gets on while a tab of the old one writes at every moment.
#[test]
fn a_new_version_is_built_beside_an_old_one_that_is_busy() {
    for seed in 0..10 {
        let world = World::new(seed);
        world.host.run(async {
            let (old_store, store) = (world.open(&Faults::new()).await, world.open(&Faults::new()).await);
            fill(&old_store, 60).await;
            let old = old_store.project(Trace::whole(), options()).await.unwrap();
            old.caught_up(None).await.unwrap();
            let newer = Trace { version: 2, by_stream: true, ..Trace::whole() };
            let (_, caught_up) = join(
                async {
                    for _ in 0..40 {
                        fill(&old_store, 1).await;
                        // Once the new one answers, the old one is of the past.
                        let _ = old.caught_up(None).await;
                    }
                },
                async {
                    let projection = store.project(newer.clone(), options()).await.unwrap();
                    projection.caught_up(None).await
                },
            )
            .await;
            caught_up.unwrap();
            let stored = world.stored("whole").unwrap();
            assert_eq!(stored.model, newer.naive(&log_of(&store).await, stored.checkpoint), "seed {seed}");
        });
    }
}

/// A fold that fails after a change of its code, which a test can switch.
struct Switched {
    fails: Rc<Cell<bool>>,
}

impl Projection for Switched {
    type State = Vec<u64>;

    fn name(&self) -> &str {
        "switched"
    }

    fn initial(&self) -> Vec<u64> {
        Vec::new()
    }

    fn apply(&self, state: &mut Vec<u64>, event: &RecordedEvent) -> Result<(), BoxError> {
        if self.fails.get() && event.position().get() == 3 {
            return Err("switched".into());
        }
        state.push(event.position().get());
        Ok(())
    }
}

/// A rebuild that fails leaves what answers as it is, and following.
#[test]
fn a_rebuild_that_fails_changes_nothing() {
    let world = World::new(13);
    world.host.run(async {
        let store = world.open(&Faults::new()).await;
        fill(&store, 5).await;
        let fails = Rc::new(Cell::new(false));
        let projection = store.project(Switched { fails: Rc::clone(&fails) }, options()).await.unwrap();
        projection.caught_up(None).await.unwrap();
        fails.set(true);
        let failed = projection.rebuild(|_| ControlFlow::Continue(())).await.unwrap_err();
        assert!(matches!(failed, ProjectionError::Failed { .. }), "{failed}");
        fill(&store, 2).await;
        projection.caught_up(None).await.unwrap();
        assert_eq!(projection.state("").await.unwrap().unwrap(), [1, 2, 3, 4, 5, 6, 7]);
        let status = projection.status().await.unwrap();
        assert_eq!((status.state, status.rebuilding_at), (ProjectionState::Following, None));
    });
}

/// A number that JSON cannot hold makes the event fail that brought it, and none before.
struct Ratio;

impl Projection for Ratio {
    type State = f64;

    fn name(&self) -> &str {
        "ratio"
    }

    fn initial(&self) -> f64 {
        1.0
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(event.stream().as_str().into()))
    }

    fn apply(&self, state: &mut f64, event: &RecordedEvent) -> Result<(), BoxError> {
        *state = if event.event_type().as_str() == "Poison" { f64::NAN } else { *state + 1.0 };
        Ok(())
    }
}

#[test]
fn a_state_that_cannot_be_read_back_fails_the_event_that_made_it() {
    for mode in [ProjectionMode::Async, ProjectionMode::Inline] {
        let world = World::new(14);
        world.host.run(async {
            let store = world.open(&Faults::new()).await;
            if mode == ProjectionMode::Async {
                fill(&store, 6).await;
                poison(&store).await;
                fill(&store, 6).await;
            }
            let projection = store.project(Ratio, options().mode(mode)).await.unwrap();
            if mode == ProjectionMode::Inline {
                fill(&store, 6).await;
                poison(&store).await;
                fill(&store, 6).await;
            }
            let Err(ProjectionError::Failed { failure, .. }) = projection.caught_up(None).await else {
                panic!("it fails")
            };
            assert_eq!((failure.position.get(), &*failure.event_type), (7, "Poison"), "{}", failure.message);
            assert_eq!(projection.state("order-0").await.unwrap(), Some(3.0));
            projection.skip(failure.position, "no number").await.unwrap();
            projection.caught_up(None).await.unwrap();
            assert_eq!(projection.state("order-0").await.unwrap(), Some(5.0));
            assert_eq!(projection.status().await.unwrap().state, ProjectionState::Following);
        });
    }
}

/// Two rebuilds at once, from two handles: both are told when a rebuilt read model answers.
#[test]
fn rebuilds_of_two_handles() {
    for seed in 0..20 {
        let world = World::new(seed);
        world.host.run(async {
            let stores = [world.open(&Faults::new()).await, world.open(&Faults::new()).await];
            fill(&stores[0], 25).await;
            let one = stores[0].project(Trace::whole(), options()).await.unwrap();
            let other = stores[1].project(Trace::whole(), options()).await.unwrap();
            one.caught_up(None).await.unwrap();
            let keep_on = |_| ControlFlow::Continue(());
            let (first, second) = join(one.rebuild(keep_on), other.rebuild(keep_on)).await;
            first.unwrap();
            second.unwrap();
            fill(&stores[1], 2).await;
            one.caught_up(None).await.unwrap();
            let stored = world.stored("whole").unwrap();
            assert_eq!((stored.checkpoint.get(), stored.generations), (27, 1), "seed {seed}");
            assert_eq!(stored.model, Trace::whole().naive(&log_of(&stores[1]).await, stored.checkpoint), "seed {seed}");
        });
    }
}

/// Makes two events of each one of its type.
struct Halved(EventType);

impl Upcaster for Halved {
    fn event_type(&self) -> &EventType {
        &self.0
    }

    fn from(&self) -> SchemaVersion {
        SchemaVersion(1)
    }

    fn upcast(&self, _: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let payload = |half| Ok(Payload { event_type: self.0.clone(), data: serde_json::value::to_raw_value(&half)? });
        [1, 2].into_iter().map(payload).collect()
    }
}

/// Sums up halves of events; which partition the second one of `refused` has cannot be told.
struct Halves {
    refused: u64,
}

impl Projection for Halves {
    type State = Vec<(u64, u32)>;

    fn name(&self) -> &str {
        "halves"
    }

    fn initial(&self) -> Self::State {
        Vec::new()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        if event.position().get() == self.refused && event.json::<u32>()? == 2 {
            return Err("half an event".into());
        }
        Ok(Some("".into()))
    }

    fn apply(&self, state: &mut Self::State, event: &RecordedEvent) -> Result<(), BoxError> {
        state.push((event.position().get(), event.json()?));
        Ok(())
    }
}

/// However often it is written: the half that was folded is not kept without the other.
#[test]
fn an_event_of_which_a_part_fails_is_not_passed() {
    for interval in [Duration::ZERO, Duration::from_secs(60)] {
        let world = World::new(15);
        world.host.run(async {
            let store = world.open(&Faults::new()).await;
            store.register_upcaster(Rc::new(Halved(EventType::new("A").unwrap()))).unwrap();
            fill(&store, 20).await;
            let options = options().write_interval(interval);
            let projection = store.project(Halves { refused: 20 }, options).await.unwrap();
            let Err(ProjectionError::Failed { failure, .. }) = projection.caught_up(None).await else {
                panic!("it fails")
            };
            assert_eq!(failure.position.get(), 20);
            let whole = |until| (1..=until).flat_map(|position| [(position, 1), (position, 2)]).collect::<Vec<_>>();
            assert_eq!(projection.state("").await.unwrap(), Some(whole(19)));
            assert_eq!(projection.checkpoint().await.unwrap().get(), 19);
            projection.skip(failure.position, "half an event").await.unwrap();
            fill(&store, 1).await;
            projection.caught_up(None).await.unwrap();
            let behind = [whole(19), vec![(21, 1), (21, 2)]].concat();
            assert_eq!(projection.state("").await.unwrap(), Some(behind));
        });
    }
}

type Happening = RefCell<Option<Box<dyn Fn()>>>;

/// A fold in whose midst something happens, after which its code is of no use any more.
struct Interrupted {
    happens: Rc<Happening>,
    fails: bool,
}

impl Projection for Interrupted {
    type State = u64;

    fn name(&self) -> &str {
        "interrupted"
    }

    fn initial(&self) -> u64 {
        0
    }

    fn apply(&self, state: &mut u64, event: &RecordedEvent) -> Result<(), BoxError> {
        if event.position().get() >= 3
            && let Some(happens) = &*self.happens.borrow()
        {
            happens();
            return if self.fails { Err("interrupted".into()) } else { Ok(()) };
        }
        *state += 1;
        Ok(())
    }
}

/// What is folded while the projection is stopped is neither kept nor held against an event.
#[test]
fn a_step_in_whose_midst_the_projection_is_stopped_stores_nothing() {
    for fails in [false, true] {
        let world = World::new(16);
        world.host.run(async {
            let store = world.open(&Faults::new()).await;
            fill(&store, 2).await;
            let happens = Rc::<Happening>::default();
            let interrupted = Interrupted { happens: Rc::clone(&happens), fails };
            let projection = Rc::new(store.project(interrupted, options()).await.unwrap());
            projection.caught_up(None).await.unwrap();
            let stops = Rc::clone(&projection);
            *happens.borrow_mut() = Some(Box::new(move || stops.stop()));
            fill(&store, 4).await;
            let stopped = projection.caught_up(None).await.unwrap_err();
            assert!(matches!(stopped, ProjectionError::Stopped { .. }), "{stopped}");
            assert_eq!(projection.checkpoint().await.unwrap().get(), 2);
            let sound = Interrupted { happens: Rc::default(), fails };
            let next = store.project(sound, options()).await.unwrap();
            next.caught_up(None).await.unwrap();
            assert_eq!(next.state("").await.unwrap(), Some(6));
            happens.borrow_mut().take();
        });
    }
}
