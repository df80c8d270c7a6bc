//! The tables of what can be made anew, and who leads.

use bytes::Bytes;
use futures_util::future::join_all;

use super::given::*;
use crate::domain::Position;
use crate::storage::{
    AppendPlan, Appended, Derived, DerivedWrite, Durability, EVENTS_ENTRY, KeyRange, Learned, LogEntry, Storage,
    StorageError,
};
use crate::testing::Fixture;

fn bytes(text: &[u8]) -> Bytes {
    Bytes::copy_from_slice(text)
}

fn put(table: Derived, records: &[(&[u8], &[u8])]) -> DerivedWrite {
    let changes = records.iter().map(|(key, value)| (bytes(key), Some(bytes(value)))).collect();
    DerivedWrite { table, guard: None, clear: Vec::new(), changes }
}

fn guarded(key: &[u8], expected: Option<&[u8]>, value: &[u8]) -> DerivedWrite {
    let guard = Some((bytes(key), expected.map(bytes)));
    DerivedWrite { guard, ..put(Derived::Projections, &[(key, value)]) }
}

async fn value(storage: &dyn Storage, table: Derived, key: &[u8]) -> Option<Bytes> {
    done(storage.derived(table, &[bytes(key)]).await).pop().flatten()
}

async fn keys(storage: &dyn Storage, from: &[u8], before: &[u8], limit: u32) -> Vec<Bytes> {
    let range = KeyRange { from: bytes(from), before: bytes(before) };
    done(storage.derived_keys(Derived::Projections, range, limit).await)
}

/// What is written to a derived table comes back byte for byte, on every handle; a table knows nothing of the other.
pub async fn derived_records_come_back(fixture: &dyn Fixture) {
    let (one, other) = (done(fixture.open().await), done(fixture.open().await));
    let long: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    for table in Derived::ALL {
        assert!(done(one.write_derived(put(table, &[(b"a", b"1"), (b"b\0\xff", &long), (b"c", b"")])).await));
    }
    for table in Derived::ALL {
        let asked = [bytes(b"c"), bytes(b"b"), bytes(b"b\0\xff"), bytes(b"a")];
        let found = done(other.derived(table, &asked).await);
        assert_eq!(found, [Some(bytes(b"")), None, Some(bytes(&long)), Some(bytes(b"1"))]);
    }
    let removed = DerivedWrite { changes: vec![(bytes(b"a"), None)], ..put(Derived::Snapshots, &[]) };
    assert!(done(other.write_derived(removed).await));
    assert_eq!(value(&*one, Derived::Snapshots, b"a").await, None);
    assert_eq!(value(&*one, Derived::Projections, b"a").await, Some(bytes(b"1")));
    assert!(done(one.derived(Derived::Snapshots, &[]).await).is_empty());
}

/// Keys are ordered bytewise; ranges hold what lies from one key on and before another.
pub async fn derived_keys_are_ordered(fixture: &dyn Fixture) {
    let storage = done(fixture.open().await);
    let all: [&[u8]; 7] = [b"", b"\0", b"a", b"a\0", b"a\xff", b"b", b"\xff\xff"];
    let records: Vec<(&[u8], &[u8])> = all.iter().rev().map(|key| (*key, &b"x"[..])).collect();
    assert!(done(storage.write_derived(put(Derived::Projections, &records)).await));
    assert_eq!(keys(&*storage, b"", b"\xff\xff\xff", 100).await, all.map(bytes));
    assert_eq!(keys(&*storage, b"a", b"b", 100).await, all[2..5].iter().map(|key| bytes(key)).collect::<Vec<_>>());
    assert_eq!(keys(&*storage, b"a", b"b", 2).await, [bytes(b"a"), bytes(b"a\0")]);
    assert_eq!(keys(&*storage, b"b", b"a", 2).await, Vec::<Bytes>::new(), "an empty range");
    assert_eq!(keys(&*storage, b"a", b"a", 2).await, Vec::<Bytes>::new(), "an empty range");
    let range = KeyRange { from: bytes(b"a"), before: bytes(b"a\xff") };
    let cleared = DerivedWrite { clear: vec![range], ..put(Derived::Projections, &[(b"a\0", b"anew")]) };
    assert!(done(storage.write_derived(cleared).await));
    assert_eq!(keys(&*storage, b"a", b"b", 100).await, [bytes(b"a\0"), bytes(b"a\xff")]);
    assert_eq!(
        value(&*storage, Derived::Projections, b"a\0").await,
        Some(bytes(b"anew")),
        "cleared before, not behind"
    );
}

/// A write whose guard does not hold writes nothing; of several with the same guard, one wins.
pub async fn a_guard_has_one_winner(fixture: &dyn Fixture) {
    let storage = done(fixture.open().await);
    assert!(!done(storage.write_derived(guarded(b"k", Some(b"0"), b"1")).await), "there is none");
    assert!(done(storage.write_derived(guarded(b"k", None, b"1")).await));
    assert!(!done(storage.write_derived(guarded(b"k", None, b"2")).await), "there is one");
    assert!(!done(storage.write_derived(guarded(b"k", Some(b"0"), b"2")).await), "it is another");
    assert_eq!(value(&*storage, Derived::Projections, b"k").await, Some(bytes(b"1")));
    assert!(done(storage.write_derived(guarded(b"k", Some(b"1"), b"2")).await));

    let handles = join_all((0..4).map(|_| fixture.open())).await.into_iter().map(done).collect::<Vec<_>>();
    for round in 2..20_u8 {
        let (before, after) = (round.to_string(), (round + 1).to_string());
        let races =
            handles.iter().map(|handle| handle.write_derived(guarded(b"k", Some(before.as_bytes()), after.as_bytes())));
        let won = join_all(races).await.into_iter().map(done).filter(|is_won| *is_won).count();
        assert_eq!(won, 1, "round {round}");
    }
}

/// An entry with a derived write beside it.
struct Plan {
    position: u64,
    write: DerivedWrite,
}

impl AppendPlan for Plan {
    fn next_position(&self) -> Position {
        Position::new(self.position)
    }

    fn entries(&mut self) -> Vec<LogEntry> {
        vec![LogEntry { position: self.next_position(), bytes: vec![EVENTS_ENTRY, 7].into() }]
    }

    fn may_write_derived(&self) -> bool {
        true
    }

    fn derived(&mut self) -> Vec<DerivedWrite> {
        vec![self.write.clone()]
    }

    fn learn(&mut self, news: &[LogEntry]) -> Result<Learned, StorageError> {
        self.position += news.len() as u64;
        Ok(Learned::All)
    }
}

/// An append and the derived writes beside it are one: both are stored, or neither.
pub async fn a_derived_write_belongs_to_its_append(fixture: &dyn Fixture) {
    let storage = done(fixture.open().await);
    let mut log_len = 0;
    // Each round with a plan that knows the log, and with one that lags behind and must learn first.
    for (round, lag) in [0, 0, 1, 2].into_iter().enumerate() {
        let (before, after) = (round.checked_sub(1).map(|n| n.to_string()), round.to_string());
        let expected = before.as_ref().map(String::as_bytes);
        let position = log_len + 1 - lag.min(log_len);
        let mut refused = Plan { position, write: guarded(b"k", Some(b"something else"), b"refused") };
        assert_eq!(done(storage.append(&mut refused, Durability::Relaxed).await), Appended::Behind);
        assert_eq!(done(storage.entries(Position::new(1), 100).await).len() as u64, log_len, "nothing was appended");
        assert_eq!(value(&*storage, Derived::Projections, b"k").await.as_deref(), expected);

        let mut plan = Plan { position, write: guarded(b"k", expected, after.as_bytes()) };
        assert_eq!(done(storage.append(&mut plan, Durability::Relaxed).await), Appended::Written);
        log_len += 1;
        assert_eq!(done(storage.entries(Position::new(1), 100).await).len() as u64, log_len);
        assert_eq!(value(&*storage, Derived::Projections, b"k").await.as_deref(), Some(after.as_bytes()));
    }
}

/// Waits until a lead can be had. The place of one that was dropped may become free a little later.
async fn lead(storage: &dyn Storage, name: &str) -> Box<dyn crate::storage::Lead> {
    for _ in 0..10_000 {
        if let Some(lead) = storage.lead(name, false).await {
            return lead;
        }
        storage.host().breathe().await;
    }
    panic!("nobody leads, and yet the lead cannot be had");
}

/// One handle leads at a time; a lead that is dropped is free, one taken by force is lost, and a name is not another.
pub async fn one_handle_leads(fixture: &dyn Fixture) {
    let (one, other) = (done(fixture.open().await), done(fixture.open().await));
    let first = lead(&*one, "a").await;
    assert!(other.lead("a", false).await.is_none(), "another handle has it");
    assert!(one.lead("a", false).await.is_none(), "this very handle has it");
    let beside = lead(&*other, "b").await;
    assert!(!first.is_lost() && !beside.is_lost());
    drop(first);
    let second = lead(&*other, "a").await;
    let Some(third) = one.lead("a", true).await else { panic!("force is not refused") };
    for _ in 0..10_000 {
        if second.is_lost() {
            break;
        }
        one.host().breathe().await;
    }
    assert!(second.is_lost() && !third.is_lost() && !beside.is_lost());
    drop(second);
    assert!(other.lead("a", false).await.is_none(), "what was lost is not given back");
    drop(third);
    drop(lead(&*other, "a").await);
}
