//! One command id, sent twice: at once and from two handles, with different decisions. Whoever is second is told what is stored,
//! not what it would have decided.

use leftfold_core::{Boundary, BoundaryHandler, CommitResult, Query, QueryItem, RecordedEvent};

use super::*;

/// Books what it is told to: an event a line, none for a line of zero.
struct Ledger;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum LedgerEvent {
    EntryMade { account: u32, by: i64 },
}

impl DomainEvent for LedgerEvent {}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("never")]
struct Never;

type Lines = Vec<(u32, i64)>;

impl Decider for Ledger {
    type State = Vec<LedgerEvent>;
    type Command = Lines;
    type Event = LedgerEvent;
    type Rejection = Never;

    fn name(&self) -> &str {
        "ledger"
    }

    fn initial_state(&self) -> Vec<LedgerEvent> {
        vec![]
    }

    fn decide(&self, _: &Vec<LedgerEvent>, lines: &Lines) -> Result<Vec<LedgerEvent>, Never> {
        let lines = lines.iter().filter(|(_, by)| *by != 0);
        Ok(lines.map(|&(account, by)| LedgerEvent::EntryMade { account, by }).collect())
    }

    fn evolve(&self, mut state: Vec<LedgerEvent>, event: LedgerEvent) -> Vec<LedgerEvent> {
        state.push(event);
        state
    }
}

impl Boundary for Ledger {
    fn query(&self, _: &Lines) -> Query {
        Query { items: vec![QueryItem::default()] }
    }

    fn stream(&self, _: &Lines, LedgerEvent::EntryMade { account, .. }: &LedgerEvent) -> StreamName {
        stream(*account)
    }
}

fn decided(lines: &Lines) -> Vec<LedgerEvent> {
    Ledger.decide(&vec![], lines).unwrap()
}

fn context() -> CommandContext {
    CommandContext::default().command_id(Uuid::from_u128(11))
}

/// Two handles, on each of which the command is executed with lines of its own.
async fn race<T>(world: &World, seed: u64, lines: &[Lines; 2], run: impl AsyncFn(EventStore, Lines) -> T) -> Vec<T> {
    let faults = [Faults::new(), Faults::new()];
    let stores = join_all(faults.iter().map(|faults| world.open(faults))).await;
    for (number, faults) in (0..).zip(&faults) {
        faults.delay(seed.wrapping_add(number), 3);
    }
    join_all(stores.into_iter().zip(lines).map(|(store, lines)| run(store, lines.clone()))).await
}

async fn log(world: &World) -> Vec<RecordedEvent> {
    world.open(&Faults::new()).await.read_all(ReadOptions::default()).await.unwrap()
}

fn typed<'a>(events: impl IntoIterator<Item = &'a RecordedEvent>) -> Vec<LedgerEvent> {
    events.into_iter().map(|event| LedgerEvent::from_recorded(event).unwrap()).collect()
}

/// All of the command is stored, once; `commits` say where, and one of them that it stored it.
fn check_commits(stored: &[RecordedEvent], commits: &[CommitResult]) {
    assert_eq!(commits.iter().filter(|commit| !commit.duplicate).count(), usize::from(!stored.is_empty()));
    for commit in commits {
        let ends = (stored.first().unwrap().position(), stored.last().unwrap().position());
        assert_eq!((commit.first_position, commit.last_position), ends);
        for range in &commit.streams {
            let versions: Vec<_> =
                stored.iter().filter(|event| *event.stream() == range.stream).map(RecordedEvent::version).collect();
            assert_eq!(Some(&range.first_version), versions.first());
            assert_eq!(Some(&range.last_version), versions.last());
        }
        let of_streams = commit.streams.iter().map(|range| range.last_version.get() - range.first_version.get() + 1);
        assert_eq!(of_streams.sum::<u64>(), stored.len() as u64);
    }
}

/// Events by stream, as a commit stores them.
fn by_stream(mut events: Vec<LedgerEvent>) -> Vec<LedgerEvent> {
    events.sort_by_key(|LedgerEvent::EntryMade { account, .. }| *account);
    events
}

/// What is stored is what one of the two decided, whole.
fn one_of(lines: &[Lines; 2], stored: &[LedgerEvent]) {
    let stored = by_stream(stored.to_vec());
    assert!(lines.iter().any(|lines| by_stream(decided(lines)) == stored), "{lines:?} against {stored:?}");
}

fn lines() -> impl Strategy<Value = Lines> {
    prop::collection::vec((0..3_u32, 0..4_i64), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn in_one_stream(seed: u64, a in lines(), b in lines(), retries in 0..3_u32, is_named: bool) {
        let (world, lines) = (World::new(seed), [a, b]);
        world.host.run(async {
            let outcomes = race(&world, seed, &lines, async |store, lines| {
                let context = if is_named { context().expected_version(ExpectedVersion::NoStream) } else { context() };
                let ledger = Repository::new(&store, Ledger).with_retries(retries);
                (decided(&lines), ledger.execute(&stream(0), &lines, context).await.unwrap())
            })
            .await;
            let stored = log(&world).await;
            let events = typed(&stored);
            one_of(&lines, &events);
            let commits: Vec<_> = outcomes.iter().filter_map(|(_, executed)| executed.commit.clone()).collect();
            check_commits(&stored, &commits);
            for (decided, executed) in outcomes {
                match executed.commit {
                    Some(_) => assert_eq!((&executed.events, &executed.state), (&events, &events)),
                    None => assert_eq!((&decided, &executed.events), (&vec![], &vec![])),
                }
                assert_eq!(executed.state.len() as u64, executed.version.get());
            }
        });
    }

    #[test]
    fn over_a_boundary(seed: u64, a in lines(), b in lines(), retries in 0..3_u32) {
        let (world, lines) = (World::new(seed), [a, b]);
        world.host.run(async {
            let outcomes = race(&world, seed, &lines, async |store, lines| {
                let ledger = BoundaryHandler::new(&store, Ledger).with_retries(retries);
                (decided(&lines), ledger.execute(&lines, context()).await.unwrap())
            })
            .await;
            let stored = log(&world).await;
            one_of(&lines, &typed(&stored));
            let commits: Vec<_> = outcomes.iter().filter_map(|(_, bounded)| bounded.commit.clone()).collect();
            check_commits(&stored, &commits);
            for (decided, bounded) in outcomes {
                match bounded.commit {
                    Some(_) => assert_eq!(by_stream(bounded.events), by_stream(typed(&stored))),
                    None => assert_eq!((decided, bounded.events), (vec![], vec![])),
                }
            }
        });
    }

    #[test]
    fn together(seed: u64, a in prop::collection::vec(0..4_i64, 0..4), b in prop::collection::vec(0..4_i64, 0..4)) {
        let lines = [a, b].map(|amounts| (0..).zip(amounts).collect::<Lines>());
        let world = World::new(seed);
        world.host.run(async {
            let outcomes = race(&world, seed, &lines, async |store, lines| {
                let ledger = Repository::new(&store, Ledger);
                let decide = async |work: &mut Decisions| -> Result<Vec<LedgerEvent>, CommandError<Never>> {
                    let mut events = vec![];
                    for line in &lines {
                        events.extend(work.decide(&ledger, &stream(line.0), &vec![*line]).await?);
                    }
                    Ok(events)
                };
                let outcome = store.decide_together(context(), decide).await.unwrap();
                (lines, outcome)
            })
            .await;
            let stored = log(&world).await;
            one_of(&lines, &typed(&stored));
            let commits: Vec<_> = outcomes.iter().filter_map(|(_, (_, commit))| commit.clone()).collect();
            check_commits(&stored, &commits);
            for (lines, (events, commit)) in outcomes {
                let is_asked = |event: &&RecordedEvent| lines.iter().any(|line| stream(line.0) == *event.stream());
                match commit {
                    Some(_) => assert_eq!(events, typed(stored.iter().filter(is_asked))),
                    None => assert_eq!((decided(&lines), events), (vec![], vec![])),
                }
            }
        });
    }
}

/// Positions follow the writes, numbers of events the decision: the last number is not at the last position.
#[test]
fn a_repeat_tells_where_its_events_stand() {
    let world = World::new(1);
    world.host.run(async {
        let ledger = BoundaryHandler::new(&world.open(&Faults::new()).await, Ledger);
        let lines = vec![(0, 1), (1, 2), (0, 3), (2, 4), (1, 5), (0, 6)];
        let first = ledger.execute(&lines, context()).await.unwrap();
        let again = ledger.execute(&lines, context()).await.unwrap();
        assert_eq!(again.events, first.events);
        assert_eq!(again.commit, first.commit.map(|commit| CommitResult { duplicate: true, ..commit }));
    });
}
