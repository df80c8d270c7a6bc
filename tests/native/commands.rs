//! Repositories beside a naive fold: interleaved writers on several handles, repeated commands, failing and damaged
//! snapshots.

mod checks;
mod repeats;
mod shapes;

use std::{collections::HashMap, rc::Rc};

use futures_util::future::join_all;
use leftfold_core::{
    AppendError, CommandContext, CommandError, Decider, Decisions, Derived, DerivedWrite, DomainEvent, EventStore,
    ExpectedVersion, KeyRange, MemoryDatabase, NewEvent, OpenOptions, ReadOptions, Repository, SnapshotPolicy,
    StorageError, StreamName, StreamReadOptions, StreamVersion, UnknownTypes,
    testing::{Call, Faults, FaultyStorage, Moment, SimHost},
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An account that never goes below zero, and remembers every movement.
struct Account;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum AccountEvent {
    MoneyMoved { by: i64, command: u32 },
}

impl DomainEvent for AccountEvent {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Balance {
    amount: i64,
    movements: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{amount} is not enough")]
struct NotEnough {
    amount: i64,
}

#[derive(Clone, Copy, Debug)]
struct Move {
    by: i64,
    command: u32,
}

impl Decider for Account {
    type State = Balance;
    type Command = Move;
    type Event = AccountEvent;
    type Rejection = NotEnough;

    fn name(&self) -> &str {
        "account"
    }

    fn initial_state(&self) -> Balance {
        Balance::default()
    }

    fn decide(&self, state: &Balance, command: &Move) -> Result<Vec<AccountEvent>, NotEnough> {
        match state.amount + command.by {
            ..0 => Err(NotEnough { amount: state.amount }),
            _ if command.by == 0 => Ok(vec![]),
            _ => Ok(vec![AccountEvent::MoneyMoved { by: command.by, command: command.command }]),
        }
    }

    fn evolve(&self, mut state: Balance, AccountEvent::MoneyMoved { by, command }: AccountEvent) -> Balance {
        state.amount += by;
        state.movements.push(command);
        state
    }
}

struct World {
    host: Rc<SimHost>,
    database: MemoryDatabase,
}

impl World {
    fn new(seed: u64) -> Self {
        let host = SimHost::with_timers(seed);
        Self { database: MemoryDatabase::on_host("commands", host.clone()), host }
    }

    async fn open(&self, faults: &Rc<Faults>) -> EventStore {
        let storage = FaultyStorage::around(self.database.open(), faults);
        EventStore::open(storage, OpenOptions::default().segment_bytes(900).cache_bytes(0)).await.unwrap()
    }

    async fn accounts(&self, faults: &Rc<Faults>) -> Repository<Account> {
        let policy = SnapshotPolicy::default().every(3);
        Repository::new(&self.open(faults).await, Account).with_snapshots(policy)
    }

    /// Does something to every snapshot there is.
    async fn spoil(&self, mut spoil: impl FnMut(Vec<u8>) -> Option<Vec<u8>>) -> usize {
        let storage = self.database.open();
        let range = KeyRange { from: vec![].into(), before: vec![0xff].into() };
        let keys = storage.derived_keys(Derived::Snapshots, range, 100).await.unwrap();
        for key in &keys {
            let record =
                storage.derived(Derived::Snapshots, std::slice::from_ref(key)).await.unwrap().remove(0).unwrap();
            let changes = vec![(key.clone(), spoil(record.to_vec()).map(Into::into))];
            let write = DerivedWrite { table: Derived::Snapshots, guard: None, clear: vec![], changes };
            assert!(storage.write_derived(write).await.unwrap());
        }
        keys.len()
    }
}

fn stream(number: u32) -> StreamName {
    StreamName::new(&format!("account-{number}")).unwrap()
}

/// The state after each event of a stream, folded from what is stored.
async fn naive(store: &EventStore, stream: &StreamName) -> Vec<Balance> {
    let events = store.read_stream(stream, StreamReadOptions::default()).await.unwrap();
    let mut states = vec![Balance::default()];
    for event in events {
        let next = Account.evolve(states.last().unwrap().clone(), AccountEvent::from_recorded(&event).unwrap());
        states.push(next);
    }
    states
}

fn aborted() -> StorageError {
    StorageError::Aborted { reason: "the disk went away".to_owned() }
}

fn interleaved(seed: u64) {
    let world = World::new(seed);
    world.host.run(async {
        let mut rng = fastrand::Rng::with_seed(seed);
        let faults: Vec<_> = (0..3).map(|_| Faults::new()).collect();
        let tabs = join_all(faults.iter().map(|faults| world.accounts(faults))).await;
        let mut acknowledged: HashMap<u32, usize> = HashMap::new();
        for round in 0..15 {
            for (number, faults) in faults.iter().enumerate() {
                faults.delay(seed + number as u64, rng.u32(0..4));
                if rng.u8(..3) == 0 {
                    let moment = if rng.bool() { Moment::Before } else { Moment::After };
                    let call = [Call::WriteDerived, Call::Derived, Call::Append][rng.usize(..3)];
                    faults.fail(call, rng.u32(..3), moment, aborted());
                }
            }
            // Several tabs at once; the same command may be sent by more than one of them.
            let calls = (0..rng.u32(2..7)).map(|call| {
                let command = Move { by: rng.i64(-4..6), command: round * 10 + call / 2 };
                let context = CommandContext::default().command_id(Uuid::from_u128(u128::from(command.command) + 1));
                (rng.usize(..3), stream(rng.u32(..2) * u32::from(call / 2 % 2 == 0)), command, context)
            });
            let calls: Vec<_> = calls.collect();
            let outcomes = join_all(
                calls
                    .iter()
                    .map(|(tab, stream, command, context)| tabs[*tab].execute(stream, command, context.clone())),
            )
            .await;
            let store = world.open(&Faults::new()).await;
            for ((_, stream, command, _), outcome) in calls.iter().zip(outcomes) {
                let states = naive(&store, stream).await;
                match outcome {
                    Ok(executed) => {
                        assert_eq!(executed.state, states[executed.version.get() as usize], "seed {seed}");
                        if !executed.events.is_empty() {
                            let version = executed.commit.unwrap().streams[0].last_version.get() as usize;
                            assert_eq!(states[version].movements.last(), Some(&command.command));
                            *acknowledged.entry(command.command).or_default() += 1;
                        }
                    }
                    Err(CommandError::Rejected(_) | CommandError::Append(_) | CommandError::Load(_)) => {}
                    Err(error) => panic!("seed {seed}: {error}"),
                }
            }
        }
        for faults in &faults {
            faults.heal();
        }
        let store = world.open(&Faults::new()).await;
        for number in 0..2 {
            let states = naive(&store, &stream(number)).await;
            assert!(states.iter().all(|state| state.amount >= 0), "seed {seed}: decided on a state that was not");
            let mut movements = states.last().unwrap().movements.clone();
            let all = movements.len();
            movements.sort_unstable();
            movements.dedup();
            assert_eq!(movements.len(), all, "seed {seed}: a command had its effect twice in {number}");
            for tab in &tabs {
                let loaded = tab.load(&stream(number)).await.unwrap();
                assert_eq!(
                    (&loaded.state, loaded.version.get() as usize),
                    (states.last().unwrap(), all),
                    "seed {seed}"
                );
            }
        }
        for (command, times) in acknowledged {
            let all = store.read_all(ReadOptions::default()).await.unwrap();
            let stored = all.iter().filter(|event| {
                let AccountEvent::MoneyMoved { command: other, .. } = AccountEvent::from_recorded(event).unwrap();
                other == command
            });
            assert!(
                stored.count() >= 1,
                "seed {seed}: command {command} was acknowledged {times} times and is not there"
            );
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    /// Whoever writes at the same time, every decision was made on the state that its events follow.
    #[test]
    fn interleaved_writers_decide_on_what_is_stored(seed in any::<u64>()) {
        interleaved(seed);
    }
}

#[test]
fn a_snapshot_that_does_not_fit_is_as_good_as_none() {
    let world = World::new(1);
    world.host.run(async {
        let accounts = world.accounts(&Faults::new()).await;
        let other = stream(2);
        for command in 0..10 {
            accounts.execute(&stream(1), &Move { by: 1, command }, CommandContext::default()).await.unwrap();
            accounts.execute(&other, &Move { by: 1, command: 100 + command }, CommandContext::default()).await.unwrap();
        }
        let good = accounts.load(&stream(1)).await.unwrap();
        assert!(good.snapshot.is_some() && good.folded < 10, "{good:?}");
        let states = naive(accounts.store(), &stream(1)).await;
        assert_eq!(good.state, states[10]);

        let json = |record: &[u8]| serde_json::from_slice::<serde_json::Value>(&record[9..]).unwrap();
        let wrap = |value: &serde_json::Value| {
            // The envelope is right: only what it holds is not.
            let json = serde_json::to_vec(value).unwrap();
            let checksum = twox_hash::XxHash64::oneshot(0, &json);
            [&[1][..], &checksum.to_le_bytes(), &json].concat()
        };
        let change = |member: &'static str, value: serde_json::Value| {
            move |record: Vec<u8>| {
                let mut changed = json(&record);
                changed[member] = value.clone();
                Some(wrap(&changed))
            }
        };
        let listed = accounts.store().snapshots().await.unwrap();
        assert_eq!(listed.iter().map(|info| info.stream.clone()).collect::<Vec<_>>(), [stream(1), stream(2)]);
        for info in &listed {
            assert_eq!(info.decider, accounts.decider().name());
            let row = accounts.store().with_log(|log| log.row(info.position)).unwrap();
            assert_eq!((row.stream, row.version), (info.stream.clone(), info.version));
        }
        assert_eq!(Some(listed[0].version), good.snapshot);

        type Spoil = Box<dyn Fn(Vec<u8>) -> Option<Vec<u8>>>;
        let spoils: Vec<(&str, Spoil)> = vec![
            (
                "a flipped bit",
                Box::new(|mut record| {
                    *record.last_mut().unwrap() ^= 4;
                    Some(record)
                }),
            ),
            ("cut short", Box::new(|record| Some(record[..record.len() / 2].to_vec()))),
            ("empty", Box::new(|_| Some(vec![]))),
            (
                "of another envelope",
                Box::new(|mut record| {
                    record[0] = 9;
                    Some(record)
                }),
            ),
            ("of another decider", Box::new(change("decider", "someone".into()))),
            ("of another shape", Box::new(change("schemaVersion", 2.into()))),
            ("of another event", Box::new(change("eventId", Uuid::nil().to_string().into()))),
            ("of the future", Box::new(change("streamVersion", 5_000.into()))),
            ("of another state", Box::new(change("state", "seven".into()))),
            ("removed", Box::new(|_| None)),
        ];
        for (what, spoil) in spoils {
            assert_eq!(world.spoil(spoil).await, 2);
            let listed = accounts.store().snapshots().await.unwrap().len();
            let is_whole = ["of another decider", "of another shape", "of another state"].contains(&what);
            assert_eq!(listed, if is_whole { 2 } else { 0 }, "{what}");
            let loaded = accounts.load(&stream(1)).await.unwrap();
            assert_eq!((loaded.snapshot, loaded.folded), (None, 10), "{what}");
            assert_eq!(loaded.state, states[10], "{what}");
            accounts.load(&other).await.unwrap();
            // The load that folded everything wrote good ones in their place.
            world.host.settle();
            assert!(accounts.load(&stream(1)).await.unwrap().snapshot.is_some(), "{what}");
        }
    });
}

#[test]
fn a_caller_who_names_a_version_meets_the_conflict() {
    let world = World::new(2);
    world.host.run(async {
        let accounts = world.accounts(&Faults::new()).await;
        let one = Move { by: 1, command: 1 };
        accounts.execute(&stream(1), &one, CommandContext::default()).await.unwrap();
        for (expected, is_fine) in [
            (ExpectedVersion::NoStream, false),
            (ExpectedVersion::exact(1), true),
            (ExpectedVersion::exact(1), false),
            (ExpectedVersion::Any, true),
        ] {
            let context = CommandContext::default().expected_version(expected);
            let outcome = accounts.execute(&stream(1), &one, context.clone()).await;
            assert_eq!(outcome.is_ok(), is_fine, "{expected}");
            if !is_fine {
                let error = outcome.unwrap_err();
                assert!(matches!(error, CommandError::Append(AppendError::WrongExpectedVersion { .. })), "{error}");
                let nothing = accounts.execute(&stream(1), &Move { by: 0, command: 2 }, context).await;
                assert_eq!(nothing.unwrap_err().code(), "wrong-expected-version", "nothing to do, and yet a conflict");
            }
        }
        let before = accounts.store().head();
        let nothing =
            accounts.execute(&stream(1), &Move { by: 0, command: 2 }, CommandContext::default()).await.unwrap();
        assert_eq!((nothing.events, nothing.commit, accounts.store().head()), (vec![], None, before));
    });
}

#[test]
fn ids_flow_from_the_command_into_its_events() {
    let world = World::new(3);
    world.host.run(async {
        let accounts = world.accounts(&Faults::new()).await;
        let id = Uuid::from_u128(7);
        let context = CommandContext::default().command_id(id).correlation_id("checkout-81");
        let first = accounts.execute(&stream(1), &Move { by: 1, command: 1 }, context.clone()).await.unwrap();
        accounts.execute(&stream(1), &Move { by: 5, command: 2 }, CommandContext::default()).await.unwrap();
        // The command again, though it would be decided otherwise by now.
        let again = accounts.execute(&stream(1), &Move { by: -100, command: 1 }, context).await.unwrap();
        assert_eq!(again.events, first.events);
        assert!(again.commit.unwrap().duplicate && !first.commit.unwrap().duplicate);
        assert_eq!((again.state.amount, again.version.get()), (6, 2));
        let events = accounts.store().read_all(ReadOptions::default()).await.unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(events[0].metadata()).unwrap();
        assert_eq!(metadata, serde_json::json!({ "correlationId": "checkout-81", "causationId": id.to_string() }));
        assert_eq!(events[1].metadata(), b"{}");
        assert_eq!(events[0].id().uuid().get_version_num(), 5);
    });
}

#[test]
fn decisions_together_are_stored_together() {
    for seed in 0..30 {
        let world = World::new(seed);
        world.host.run(async {
            let faults: Vec<_> = (0..3).map(|_| Faults::new()).collect();
            let tabs = join_all(faults.iter().map(|faults| world.accounts(faults))).await;
            for number in 0..3 {
                let context = CommandContext::default();
                tabs[0].execute(&stream(number), &Move { by: 10, command: number }, context).await.unwrap();
            }
            for (number, faults) in faults.iter().enumerate() {
                faults.delay(seed + number as u64, 3);
            }
            let transfers = (0..12_u32).map(|call| {
                let (accounts, from, to) = (&tabs[call as usize % 3], stream(call % 3), stream((call + 1) % 3));
                let id = Uuid::from_u128(u128::from(call / 2) + 100);
                async move {
                    let context = CommandContext::default().command_id(id);
                    let decide = async |work: &mut Decisions| -> Result<(), Box<dyn std::error::Error>> {
                        let command = 100 + call;
                        work.decide(accounts, &from, &Move { by: -3, command }).await?;
                        work.decide(accounts, &to, &Move { by: 2, command }).await?;
                        // A second decision on the same stream sees the first.
                        work.decide(accounts, &to, &Move { by: 1, command }).await?;
                        Ok(())
                    };
                    accounts.store().decide_together(context, decide).await.is_ok()
                }
            });
            let outcomes = join_all(transfers).await;
            assert!(outcomes.iter().any(|is_ok| *is_ok), "seed {seed}");
            let store = world.open(&Faults::new()).await;
            let events = store.read_all(ReadOptions::default()).await.unwrap();
            let mut balances = HashMap::<String, i64>::new();
            for event in &events {
                let AccountEvent::MoneyMoved { by, .. } = AccountEvent::from_recorded(event).unwrap();
                let balance = balances.entry(event.stream().to_string()).or_default();
                *balance += by;
                assert!(*balance >= 0, "seed {seed}");
            }
            assert_eq!(balances.values().sum::<i64>(), 30, "seed {seed}: a half of a transfer was stored");
            assert_eq!((events.len() - 3) % 3, 0, "seed {seed}");
        });
    }
}

#[test]
fn types_that_the_decider_does_not_know() {
    let world = World::new(4);
    world.host.run(async {
        let accounts = world.accounts(&Faults::new()).await;
        accounts.execute(&stream(1), &Move { by: 1, command: 1 }, CommandContext::default()).await.unwrap();
        let foreign = NewEvent::json("AccountAudited", &1).unwrap();
        accounts.store().append(stream(1), ExpectedVersion::Any, vec![foreign]).await.unwrap();
        let error = accounts.load(&stream(1)).await.unwrap_err();
        assert!(error.to_string().contains("AccountAudited is unknown; known are MoneyMoved"), "{error}");
        let lenient = Repository::new(accounts.store(), Account).with_unknown_types(UnknownTypes::Skip);
        assert_eq!(lenient.load(&stream(1)).await.unwrap().state.amount, 1);
    });
}
