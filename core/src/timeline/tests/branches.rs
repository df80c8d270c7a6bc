//! Branches against a list that is folded from the beginning.

use std::fmt::Debug;

use futures_executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Accounts, By, Drawn, STREAMS, TYPES, accounts, append, drawn, filled, log, options, partitions_of, store};
use crate::domain::{
    BoxError, NewEvent, Position, Projection, Query, QueryItem, RecordedEvent, StreamName, StreamVersion,
};
use crate::engine::ReadOptions;
use crate::timeline::{Branch, BranchError, Cursor, Divergence, Timeline, TimelineError, TimelineOptions};

/// A change: which kind, of which event, behind which, and the event to insert, whose amount is an edit's data too.
type Change = (u8, u8, u8, Drawn);

/// One element of the plain list: the place of a position, or an event.
#[derive(Clone, Debug)]
enum Item {
    Place(u64),
    Event { event: Box<RecordedEvent>, is_skipped: bool, is_put: bool },
}

impl Item {
    fn is_event(&self, position: u64) -> bool {
        matches!(self, Self::Event { event, .. } if event.position().get() == position)
    }
}

/// The history as a list, in which everything is looked for from the beginning.
#[derive(Clone, Debug)]
struct Plain {
    items: Vec<Item>,
    last: u64,
}

impl Plain {
    fn new(events: &[RecordedEvent], at: u64) -> Self {
        let mut items = vec![Item::Place(0)];
        for event in events.iter().filter(|event| event.position().get() <= at) {
            items.push(Item::Place(event.position().get()));
            items.push(Item::Event { event: Box::new(event.clone()), is_skipped: false, is_put: false });
        }
        Self { items, last: at }
    }

    fn has(&self, position: u64) -> bool {
        (1..=self.last).contains(&position)
    }

    fn index(&self, position: u64) -> usize {
        let is_here = |item: &Item| item.is_event(position) || (position == 0 && matches!(item, Item::Place(0)));
        self.items.iter().position(is_here).unwrap()
    }

    /// Takes an event from the list, to put it elsewhere.
    fn take(&mut self, position: u64) -> Item {
        match self.items.remove(self.index(position)) {
            Item::Event { event, is_skipped, .. } => Item::Event { event, is_skipped, is_put: true },
            Item::Place(_) => unreachable!("positions of events are asked for"),
        }
    }

    fn event(&mut self, position: u64) -> (&mut RecordedEvent, &mut bool) {
        let index = self.index(position);
        match &mut self.items[index] {
            Item::Event { event, is_skipped, .. } => (event, is_skipped),
            Item::Place(_) => unreachable!("positions of events are asked for"),
        }
    }

    /// The states behind every place, from 0 on.
    fn states<P: Projection>(&self, projection: &P, partition: &str) -> Vec<Option<P::State>> {
        let query = projection.query();
        let mut state = partition.is_empty().then(|| projection.initial());
        let mut states = Vec::new();
        for item in &self.items {
            match item {
                Item::Place(0) => {}
                Item::Place(_) => states.push(state.clone()),
                Item::Event { event, is_skipped, .. } => {
                    let is_of = projection.partition(event).unwrap().as_deref() == Some(partition);
                    if is_of && !is_skipped && query.matches(event) {
                        projection.apply(state.get_or_insert_with(|| projection.initial()), event).unwrap();
                    }
                }
            }
        }
        states.push(state);
        states
    }

    /// A new event as an append behind all others would record it, with the id and the times that it was given.
    fn recorded(&self, inserted: &RecordedEvent, (stream, event_type, amount, _): &Drawn) -> RecordedEvent {
        let stream = StreamName::new(STREAMS[usize::from(*stream)]).unwrap();
        let of_stream = |item: &&Item| matches!(item, Item::Event { event, .. } if *event.stream() == stream);
        RecordedEvent {
            position: Position::new(self.last + 1),
            version: StreamVersion::new(self.items.iter().filter(of_stream).count() as u64 + 1),
            event_type: NewEvent::json(TYPES[usize::from(*event_type)], amount).unwrap().event_type().clone(),
            data: amount.to_string().into_bytes().into(),
            stream,
            ..inserted.clone()
        }
    }
}

fn new_event((_, event_type, amount, _): &Drawn) -> NewEvent {
    NewEvent::json(TYPES[usize::from(*event_type)], amount).unwrap()
}

/// Makes a change in both, which must agree on whether it can be made.
fn change<P: Projection>(branch: &mut Branch<P>, plain: &mut Plain, (kind, a, b, drawn): &Change) {
    // Now and then one position too far.
    let (a, b) = (u64::from(*a) % (plain.last + 2), u64::from(*b) % (plain.last + 2));
    let (position, after) = (Position::new(a), Position::new(b));
    let is_place = b == 0 || plain.has(b);
    match kind {
        0 => {
            assert_eq!(branch.skip(position).is_ok(), plain.has(a));
            if plain.has(a) {
                *plain.event(a).1 = true;
            }
        }
        1 => {
            assert_eq!(branch.edit(position, &drawn.2).is_ok(), plain.has(a));
            if plain.has(a) {
                plain.event(a).0.data = new_event(drawn).data().clone();
            }
        }
        2 => {
            let stream = StreamName::new(STREAMS[usize::from(drawn.0)]).unwrap();
            let inserted = branch.insert(after, stream, new_event(drawn));
            assert_eq!(inserted.is_ok(), is_place);
            if let Ok(inserted) = inserted {
                let event = Box::new(plain.recorded(branch.inserted().last().unwrap(), drawn));
                plain.last += 1;
                assert_eq!(inserted.get(), plain.last);
                plain.items.insert(plain.index(b) + 1, Item::Event { event, is_skipped: false, is_put: true });
            }
        }
        3 => {
            let can_be = plain.has(a) && is_place && a != b;
            assert_eq!(branch.move_behind(position, after).is_ok(), can_be);
            if can_be {
                let item = plain.take(a);
                plain.items.insert(plain.index(b) + 1, item);
            }
        }
        _ => {
            let can_be = plain.has(a) && b <= branch.at().get();
            assert_eq!(branch.move_to(position, after).is_ok(), can_be);
            if can_be {
                let mut item = plain.take(a);
                let place =
                    plain.items.iter().position(|item| matches!(item, Item::Place(place) if *place == b)).unwrap();
                if let Item::Event { is_put, .. } = &mut item {
                    *is_put = a != b;
                }
                let own = plain.items.get(place + 1);
                let has_own = matches!(own, Some(own @ Item::Event { is_put: false, .. }) if own.is_event(b));
                plain.items.insert(place + 1 + usize::from(has_own), item);
            }
        }
    }
}

fn json<S: Serialize>(state: Option<&S>) -> Value {
    serde_json::to_value(state).unwrap()
}

#[track_caller]
fn check<P: Projection>(branch: &Branch<P>, plain: &Plain, before: &Plain, partitions: &[&str])
where
    P::State: PartialEq + Debug,
{
    for partition in partitions {
        let projection = branch.projection();
        let (there, here) = (before.states(projection, partition), plain.states(projection, partition));
        let found = block_on(branch.state(partition)).unwrap();
        assert_eq!(&found, here.last().unwrap(), "partition {partition:?} of {plain:?}");
        for (place, state) in here.iter().chain(here.last()).enumerate() {
            let found = block_on(branch.state_at(Position::new(place as u64), partition)).unwrap();
            assert_eq!(&found, state, "partition {partition:?} at {place} of {plain:?}");
        }
        let divergence = block_on(branch.divergence(partition)).unwrap();
        let first = there.iter().zip(&here).position(|(there, here)| json(there.as_ref()) != json(here.as_ref()));
        assert_eq!(
            divergence.first_position,
            first.map(|first| Position::new(first as u64)),
            "{partition:?} {plain:?}"
        );
        let mut patched = json(there.last().unwrap().as_ref());
        json_patch::patch(&mut patched, &divergence.diff).unwrap();
        assert_eq!(patched, json(here.last().unwrap().as_ref()));
    }
}

/// Everything that is recorded of every event, in the order in which it comes.
#[derive(Clone)]
struct Told;

impl Projection for Told {
    type State = Vec<String>;

    fn name(&self) -> &str {
        "told"
    }

    fn initial(&self) -> Self::State {
        Vec::new()
    }

    fn apply(&self, told: &mut Self::State, event: &RecordedEvent) -> Result<(), BoxError> {
        told.push(format!("{event:?}"));
        Ok(())
    }
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec((0..6_u8, any::<u8>(), any::<u8>(), drawn()), 0..12)
}

proptest! {
    #[test]
    fn a_branch_is_the_list_that_was_changed(
        events in log(), accounts in accounts(), options in options(), at in 0..80_u64,
        changes in changes(), later in vec(drawn(), 0..3),
    ) {
        let store = filled(&events);
        let timeline = Timeline::new(store.clone(), accounts.clone(), options);
        let mut branch = block_on(timeline.branch(Position::new(at).into())).unwrap();
        let all = block_on(store.read_all(ReadOptions::default())).unwrap();
        let before = Plain::new(&all, at.min(all.len() as u64));
        prop_assert_eq!(branch.at().get(), before.last);
        // What is stored later is no part of it.
        append(&store, &later);
        let mut plain = before.clone();
        for (done, one) in changes.iter().enumerate() {
            change(&mut branch, &mut plain, one);
            if done % 5 == 4 {
                check(&branch, &plain, &before, &partitions_of(accounts.by));
            }
        }
        check(&branch, &plain, &before, &partitions_of(accounts.by));
        branch.reset();
        check(&branch, &before, &before, &partitions_of(accounts.by));
        // The log was never touched.
        let now = block_on(store.read_all(ReadOptions::default())).unwrap();
        prop_assert_eq!(&now[..all.len()], &all[..]);
    }

    #[test]
    fn an_event_is_itself_wherever_it_stands(
        events in vec(drawn(), 0..12), at in 0..14_u64, changes in changes(), undone in vec(any::<bool>(), 12),
    ) {
        let store = filled(&events);
        let timeline = Timeline::new(store.clone(), Told, TimelineOptions::default().fold_bound(3));
        let mut branch = block_on(timeline.branch(Position::new(at).into())).unwrap();
        let all = block_on(store.read_all(ReadOptions::default())).unwrap();
        let before = Plain::new(&all, at.min(all.len() as u64));
        let mut plain = before.clone();
        for (one, is_undone) in changes.iter().zip(undone) {
            let then = (branch.clone(), plain.clone());
            change(&mut branch, &mut plain, one);
            check(&branch, &plain, &before, &[""]);
            // A clone is what it was, whatever became of the other.
            if is_undone {
                (branch, plain) = then;
                check(&branch, &plain, &before, &[""]);
            }
        }
    }
}

fn sum(query: Query, fails_at: Option<u64>) -> Accounts {
    Accounts { by: By::Nothing, query, fails_at: fails_at.map(Position::new) }
}

fn deposits(amounts: &[i64]) -> Vec<Drawn> {
    amounts.iter().map(|amount| (0, 0, *amount, 1)).collect()
}

#[test]
fn a_branch_can_leave_out_the_event_at_which_the_projection_fails() {
    let accounts = sum(Query::everything(), Some(3));
    let timeline = Timeline::new(filled(&deposits(&[1, 2, 4, 8, 16])), accounts, TimelineOptions::default());
    let mut branch = block_on(timeline.branch(Cursor::Head)).unwrap();
    assert!(matches!(block_on(branch.state("")), Err(TimelineError::Fold { .. })));
    branch.edit(Position::new(4), &7).unwrap();
    assert!(matches!(block_on(branch.state("")), Err(TimelineError::Fold { .. })));
    branch.skip(Position::new(3)).unwrap();
    assert_eq!(block_on(branch.state("")).unwrap().map(|account| account.total), Some(26));
    // There is nothing in the log to compare it with.
    assert!(matches!(block_on(branch.divergence("")), Err(TimelineError::Fold { .. })));
    assert_eq!(block_on(branch.first_difference("")), Ok(Some(Position::new(3))));
}

#[test]
fn a_state_is_folded_from_the_last_one_that_the_branch_shares() {
    let timeline = Timeline::new(
        filled(&deposits(&(0..60).collect::<Vec<_>>())),
        sum(Query::everything(), None),
        TimelineOptions::default().fold_bound(4),
    );
    block_on(timeline.state_at(Cursor::Head, "")).unwrap();
    let mut branch = block_on(timeline.branch(Position::new(58).into())).unwrap();
    branch.edit(Position::new(57), &1_000).unwrap();
    assert_eq!(
        block_on(branch.state("")).unwrap().map(|account| account.total),
        Some((0..58).sum::<i64>() - 56 + 1_000)
    );
    let divergence = block_on(branch.divergence("")).unwrap();
    assert_eq!(divergence.first_position, Some(Position::new(57)));
    let paths: Vec<_> = divergence.diff.iter().map(|operation| operation.path().to_string()).collect();
    assert!(paths.contains(&"/total".to_owned()), "{paths:?}");
}

/// Why places are there: what stands behind an event follows it, so that no order of moves behind events swaps two.
#[test]
fn two_events_take_each_others_place() {
    let timeline = Timeline::new(filled(&deposits(&[1, 2, 4])), Told, TimelineOptions::default());
    let mut branch = block_on(timeline.branch(Cursor::Head)).unwrap();
    let told = block_on(branch.state("")).unwrap().unwrap();
    branch.move_to(Position::new(1), Position::new(3)).unwrap();
    branch.move_to(Position::new(3), Position::new(1)).unwrap();
    let order = |told: &[String], order: [usize; 3]| Some(order.map(|at| told[at].clone()).to_vec());
    assert_eq!(block_on(branch.state("")).unwrap(), order(&told, [2, 1, 0]));
    assert_eq!(block_on(branch.state_at(Position::new(1), "")).unwrap(), Some(vec![told[2].clone()]));
    assert_eq!(block_on(branch.divergence("")).unwrap().first_position, Some(Position::new(1)));
    // Of two behind one place the later one stands in front; at its own place an event is not moved any more.
    branch.move_to(Position::new(2), Position::new(3)).unwrap();
    assert_eq!(block_on(branch.state("")).unwrap(), order(&told, [2, 1, 0]));
    for at in 1..=3 {
        branch.move_to(Position::new(at), Position::new(at)).unwrap();
    }
    assert_eq!(block_on(branch.divergence("")).unwrap(), Divergence::default());
}

#[test]
fn an_inserted_event_is_one_that_an_append_would_have_recorded() {
    let store = filled(&[(0, 0, 1, 1), (1, 0, 2, 1), (0, 0, 4, 1)]);
    let query = QueryItem::of_types(["Withdrawn"]).unwrap().into();
    let timeline = Timeline::new(store, sum(query, None), TimelineOptions::default());
    let mut branch = block_on(timeline.branch(Position::new(2).into())).unwrap();
    let stream = || StreamName::new("account-a").unwrap();
    let first = branch.insert(Position::ZERO, stream(), NewEvent::json("Withdrawn", &5).unwrap()).unwrap();
    let second = branch.insert(first, stream(), NewEvent::json("Deposited", &9).unwrap()).unwrap();
    assert_eq!((first.get(), second.get()), (3, 4));
    // The second is not what the projection asks for.
    assert_eq!(block_on(branch.state("")).unwrap().map(|account| account.total), Some(5));
    assert_eq!(branch.inserted().iter().map(|event| event.version().get()).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(block_on(branch.divergence("")).unwrap().first_position, Some(Position::ZERO));
}

#[test]
fn what_cannot_be_changed_is_refused_and_changes_nothing() {
    let timeline = Timeline::new(store(), sum(Query::everything(), None), TimelineOptions::default());
    let mut branch = block_on(timeline.branch(Position::new(9).into())).unwrap();
    let no_event =
        |position, last| BranchError::NoEvent { position: Position::new(position), last: Position::new(last) };
    assert_eq!(branch.skip(Position::new(1)), Err(no_event(1, 0)));
    let stream = StreamName::new("account-a").unwrap();
    let event = NewEvent::json("Deposited", &5).unwrap();
    assert_eq!(branch.insert(Position::new(1), stream.clone(), event.clone()), Err(no_event(1, 0)));
    let inserted = branch.insert(Position::ZERO, stream, event).unwrap();
    assert_eq!(branch.skip(Position::ZERO), Err(no_event(0, 1)));
    assert_eq!(branch.move_behind(inserted, inserted), Err(BranchError::BehindItself { position: inserted }));
    let keys = std::collections::HashMap::from([((1, 2), 3)]);
    assert!(matches!(branch.edit(inserted, &keys), Err(BranchError::NotJson { .. })));
    assert_eq!(branch.edit(Position::new(2), &json!(1)), Err(no_event(2, 1)));
    // An event that is new stands somewhere, but its position is no place.
    let no_place = BranchError::NoPlace { place: inserted, last: Position::ZERO };
    assert_eq!(branch.move_to(inserted, inserted), Err(no_place));
    assert_eq!(branch.move_to(Position::new(2), Position::ZERO), Err(no_event(2, 1)));
    assert_eq!(block_on(branch.state("")).unwrap().map(|account| account.total), Some(5));
}
