//! Timelines against a fold that starts from the beginning, every time.

mod branches;
mod failures;
mod growing;
mod lifted;
mod pointers;
mod searches;
mod seeks;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Timeline, TimelineOptions};
use crate::domain::{
    BoxError, ExpectedVersion, NewEvent, Position, Projection, Query, QueryItem, RecordedEvent, StreamName, Timestamp,
};
use crate::engine::{EventStore, OpenOptions, ReadOptions};
use crate::storage::memory::MemoryDatabase;

/// How the projection tells partitions apart.
#[derive(Clone, Copy, Debug)]
enum By {
    Nothing,
    Stream,
    /// The last digit of the amount; amounts that end with 0 are left out.
    Digit,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Account {
    total: i64,
    by_type: BTreeMap<String, i64>,
    last: Option<String>,
    recent: Vec<i64>,
}

#[derive(Clone, Debug)]
struct Accounts {
    by: By,
    query: Query,
    /// Fails at this position, after it has changed the state.
    fails_at: Option<Position>,
}

impl Projection for Accounts {
    type State = Account;

    fn name(&self) -> &str {
        "accounts"
    }

    fn query(&self) -> Query {
        self.query.clone()
    }

    fn initial(&self) -> Account {
        Account::default()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(match self.by {
            By::Nothing => Some(Cow::Borrowed("")),
            By::Stream => Some(Cow::Borrowed(event.stream().as_str())),
            By::Digit => {
                Some(event.json::<i64>()? % 10).filter(|digit| *digit != 0).map(|digit| digit.to_string().into())
            }
        })
    }

    fn apply(&self, state: &mut Account, event: &RecordedEvent) -> Result<(), BoxError> {
        let amount: i64 = event.json()?;
        state.total += amount;
        *state.by_type.entry(event.event_type().as_str().to_owned()).or_default() += amount;
        state.by_type.retain(|_, amount| *amount != 0);
        state.last = Some(event.stream().as_str().to_owned());
        state.recent.push(amount);
        if state.recent.len() > 2 {
            state.recent.remove(0);
        }
        if self.fails_at == Some(event.position()) {
            return Err("out of luck".into());
        }
        Ok(())
    }
}

/// One event: which stream, which type, which amount, how much later than the one before.
type Drawn = (u8, u8, i64, i64);

const STREAMS: [&str; 3] = ["account-a", "account-b", "till-1"];
const TYPES: [&str; 3] = ["Deposited", "Withdrawn", "Corrected"];

fn drawn() -> impl Strategy<Value = Drawn> {
    // Few amounts: values come back to what they were.
    (0..3_u8, 0..3_u8, prop_oneof![-2..=2_i64, Just(10)], -5..20_i64)
}

fn log() -> impl Strategy<Value = Vec<Drawn>> {
    vec(drawn(), 0..70)
}

fn accounts() -> impl Strategy<Value = Accounts> {
    let by = prop_oneof![Just(By::Nothing), Just(By::Stream), Just(By::Digit)];
    let query = prop_oneof![
        3 => Just(Query::everything()),
        1 => Just(QueryItem::of_types(["Deposited", "Corrected"]).unwrap().into()),
        1 => Just(QueryItem::of_categories(["account"]).into()),
        1 => Just(Query { items: Vec::new() }),
    ];
    (by, query).prop_map(|(by, query)| Accounts { by, query, fails_at: None })
}

fn options() -> impl Strategy<Value = TimelineOptions> {
    let memory = prop_oneof![Just(64 << 20), 0..20_000_usize];
    (1..12_usize, memory).prop_map(|(fold_bound, memory_bytes)| {
        TimelineOptions::default().fold_bound(fold_bound).memory_bytes(memory_bytes)
    })
}

fn open(database: &MemoryDatabase, segment_bytes: usize) -> EventStore {
    block_on(EventStore::open(database.open(), OpenOptions::default().segment_bytes(segment_bytes))).unwrap()
}

fn store() -> EventStore {
    open(&MemoryDatabase::new(), 1 << 18)
}

fn append(store: &EventStore, events: &[Drawn]) {
    for (stream, event_type, amount, later) in events {
        let time = Timestamp::from_micros(1_000_000 * (store.head().get() as i64 * 7 + later)).unwrap();
        let event = NewEvent::json(TYPES[usize::from(*event_type)], amount).unwrap().with_time(time);
        let stream = StreamName::new(STREAMS[usize::from(*stream)]).unwrap();
        block_on(store.append(stream, ExpectedVersion::Any, vec![event])).unwrap();
    }
}

fn filled(events: &[Drawn]) -> EventStore {
    let store = store();
    append(&store, events);
    store
}

fn head_of(store: &EventStore) -> u64 {
    block_on(store.refresh()).unwrap().get()
}

/// The history of one partition, folded from the beginning: every event of it with the state after it.
fn history(store: &EventStore, accounts: &Accounts, partition: &str) -> Vec<(RecordedEvent, Account)> {
    let query = Some(accounts.query());
    let events = block_on(store.read_all(ReadOptions { query, ..ReadOptions::default() })).unwrap();
    let mut state = accounts.initial();
    let mut history = Vec::new();
    for event in events {
        if accounts.partition(&event).unwrap().as_deref() == Some(partition) {
            accounts.apply(&mut state, &event).unwrap();
            history.push((event, state.clone()));
        }
    }
    history
}

/// The state after `at` according to a history.
fn state_in(history: &[(RecordedEvent, Account)], partition: &str, at: u64) -> Option<Account> {
    let last = history.iter().rfind(|(event, _)| event.position().get() <= at).map(|(_, state)| state.clone());
    last.or_else(|| partition.is_empty().then(Account::default))
}

fn partitions_of(by: By) -> Vec<&'static str> {
    match by {
        By::Nothing => vec!["", "account-a"],
        By::Stream => vec!["account-a", "till-1", "account-b", "", "nobody"],
        By::Digit => vec!["1", "2", "-1", "-2", "0", ""],
    }
}

/// Asks for every position and partition, in both directions, and compares.
#[track_caller]
fn check_all(timeline: &Timeline<Accounts>) {
    let head = head_of(timeline.store());
    for partition in partitions_of(timeline.projection().by) {
        let history = history(timeline.store(), timeline.projection(), partition);
        for at in (0..=head + 1).chain((0..=head).rev()) {
            let found = block_on(timeline.state_at(Position::new(at).into(), partition)).unwrap();
            assert_eq!(found, state_in(&history, partition, at), "partition {partition:?} at {at}");
            let stats = timeline.stats();
            assert!(timeline.last_seek().folds < stats.spacing, "{:?} {stats:?}", timeline.last_seek());
        }
    }
}
