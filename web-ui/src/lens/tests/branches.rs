//! Branches of the page, folded, beside the plain list of their events.

use std::cell::RefCell;

use leftfold_core::{Timeline, TimelineOptions};
use proptest::prelude::*;

use super::*;
use crate::lens::{Lens, Plan};
use crate::model::branch::{Arrangement, Change, EventRef, Inserted, JsonText, NamedBranch, Rerun};

const EVENTS: u64 = 9;

/// Everything that is recorded of every event, in the order in which it comes.
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
        told.push(self::told(event, None));
        Ok(())
    }
}

/// All that is recorded of an event, with other data where it has some.
fn told(event: &RecordedEvent, data: Option<&str>) -> String {
    let own = String::from_utf8_lossy(event.data());
    let (named, of_type) =
        ((event.position(), event.version(), event.id()), (event.event_type(), event.schema_version()));
    let times = (event.time(), event.recorded_at());
    format!("{named:?} {} {of_type:?} {times:?} {:?} {}", event.stream(), event.metadata(), data.unwrap_or(&own))
}

async fn nine() -> EventStore {
    let store = store_named("nine").await;
    for number in 1..=EVENTS {
        let stream = StreamName::new(&format!("list-{}", number % 2)).expect("a name");
        let data = format!("\"of {number}\"");
        let event = NewEvent::json_text("Noted", data).expect("an event");
        store.append(stream, ExpectedVersion::Any, vec![event]).await.expect("appended");
    }
    store
}

/// A branch, and beside it the list of its events with the place behind which each stands.
struct Both {
    branch: NamedBranch,
    list: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Item {
    /// The place of a position, which stays.
    Place(u64),
    Event(EventRef),
}

impl Both {
    fn new(fork: u64) -> Self {
        let mut list = vec![Item::Place(0)];
        list.extend((1..=EVENTS).flat_map(|at| [Item::Place(at), Item::Event(EventRef::at(at))]));
        Self { branch: NamedBranch::new("what if", Position::new(fork)).expect("a branch"), list }
    }

    fn events(&self) -> Vec<EventRef> {
        let event = |item: &Item| match item {
            Item::Event(event) => Some(*event),
            Item::Place(_) => None,
        };
        self.list.iter().filter_map(event).collect()
    }

    fn index(&self, item: Item) -> usize {
        self.list.iter().position(|other| *other == item).expect("it is in the list")
    }

    /// The later events first: where nothing but places lies between the place of an event and the event behind it, or in front of
    /// it but what follows that, the event has its place again.
    fn settle(&mut self) {
        while let Some((place, event)) = (1..=EVENTS).rev().find_map(|at| self.back(at)) {
            if event < place {
                let behind = (event..place).find(|index| matches!(self.list[*index], Item::Place(_))).unwrap_or(place);
                self.list[event..=place].rotate_left(behind - event);
            } else {
                self.list[place + 1..=event].rotate_right(1);
            }
        }
    }

    /// Where the place of an event lies and the event, if it is back there.
    fn back(&self, at: u64) -> Option<(usize, usize)> {
        let (place, event) = (self.index(Item::Place(at)), self.index(Item::Event(EventRef::at(at))));
        let is_place = |item: &&Item| matches!(item, Item::Place(_));
        let is_back = if event < place {
            self.list[event..place].iter().skip_while(|item| !is_place(item)).all(|item| is_place(&item))
        } else {
            event > place + 1 && self.list[place + 1..event].iter().all(|item| is_place(&item))
        };
        is_back.then_some((place, event))
    }

    /// The last place in front of an event.
    fn place_of(&self, event: EventRef) -> u64 {
        let place = |item: &Item| match item {
            Item::Place(place) => Some(*place),
            Item::Event(_) => None,
        };
        self.list[..self.index(Item::Event(event))].iter().rev().find_map(place).expect("the first item is a place")
    }

    fn put(&mut self, event: EventRef, after: EventRef) {
        self.list.retain(|item| *item != Item::Event(event));
        let is_there =
            |item: &Item| *item == Item::Event(after) || (after == EventRef::at(0) && *item == Item::Place(0));
        let index = self.list.iter().position(is_there).expect("what something stands behind");
        self.list.insert(index + 1, Item::Event(event));
    }

    fn step(&mut self, (kind, a, b): (u8, usize, usize)) {
        let head = Position::new(EVENTS);
        let fork = self.branch.fork().get();
        let free: Vec<_> = self.events().into_iter().filter(|event| *event >= EventRef::at(fork)).collect();
        let event = free[a % free.len()];
        let after = if b % (free.len() + 1) == 0 { EventRef::at(fork - 1) } else { free[b % free.len()] };
        match kind {
            0 if matches!(event, EventRef::Stored(_)) => self.branch.make(Change::Skip(event), head).expect("skipped"),
            1 => {
                let data = JsonText::new("\"other\"").expect("JSON");
                self.branch.make(Change::Edit { event, data }, head).expect("edited");
            }
            2 => {
                let number = self.branch.next_number();
                let (stream, event_type) = ("list-1".to_owned(), "Noted".to_owned());
                let data = JsonText::new(&format!("\"new {number}\"")).expect("JSON");
                let inserted = Inserted { number, after, stream, event_type, schema_version: 1, data, command: None };
                self.branch.make(Change::Insert(inserted), head).expect("inserted");
                self.put(EventRef::New(number), after);
            }
            3.. if event != after => {
                self.branch.make(Change::Move { event, after }, head).expect("moved");
                self.put(event, after);
            }
            _ => {}
        }
    }
}

thread_local! {
    /// The log, which no branch touches.
    static LOG: RefCell<Option<(EventStore, Vec<RecordedEvent>)>> = const { RefCell::new(None) };
}

fn log() -> (EventStore, Vec<RecordedEvent>) {
    LOG.with_borrow_mut(|log| {
        let made = log.get_or_insert_with(|| {
            let store = block_on(nine());
            let events = block_on(store.read_all(ReadOptions::default())).expect("events");
            (store, events)
        });
        made.clone()
    })
}

proptest! {
    #[test]
    fn a_branch_folds_each_event_as_it_is_where_it_stands(
        fork in 1..=EVENTS, steps in proptest::collection::vec((0_u8..7, any::<usize>(), any::<usize>()), 0..14),
    ) {
        let (store, events) = log();
        let mut both = Both::new(fork);
        for step in steps {
            both.step(step);
        }
        let arrangement = Arrangement::of(&both.branch);
        let plan = Plan::of(&store, &arrangement, &Rerun::default()).expect("a plan");
        let timeline = Timeline::new(store, Told, TimelineOptions::default());
        let branch = block_on(Lens::branch(&timeline, &plan).expect("branches")).expect("a branch");
        let state = |at: u64| block_on(branch.state_at(Position::new(at), "")).expect("a state").expect("a list");
        let of = |event: EventRef| match event {
            EventRef::Stored(at) => {
                told(&events[usize::try_from(at.get()).expect("small") - 1], arrangement.edit_of(event).map(JsonText::as_str))
            }
            EventRef::New(number) => {
                let index = plan.news.iter().position(|new| new.number == number).expect("planned");
                let recorded = &branch.inserted()[index];
                assert_eq!(recorded.position().get(), EVENTS + 1 + index as u64, "in the order of their numbers");
                assert_eq!(plan.new_at(recorded.position()), Some(number));
                told(recorded, None)
            }
        };
        let is_seen = |event: &EventRef| !arrangement.standing(*event).is_skipped;
        let wanted: Vec<_> = both.events().into_iter().filter(is_seen).map(of).collect();
        prop_assert_eq!(state(EVENTS), Json::of(&wanted).expect("JSON"));
        // In between, what stands at a place or before it: an event that is back where it was stands at its own.
        for place in 0..=EVENTS {
            let at_place = |event: &EventRef| arrangement.place_of(*event).is_some_and(|at| at.get() <= place);
            let wanted: Vec<_> = both.events().into_iter().filter(is_seen).filter(at_place).map(of).collect();
            prop_assert_eq!(state(place), Json::of(&wanted).expect("JSON"));
        }
        both.settle();
        for event in both.events() {
            prop_assert_eq!(arrangement.place_of(event), Some(Position::new(both.place_of(event))), "{} {:?}", event, both.list);
        }
        // What is in the order of the log, and has no other data, never differs.
        let is_as_log = both.events().len() as u64 == EVENTS && both.events().is_sorted();
        if is_as_log && plan.edits.is_empty() && plan.skips.is_empty() {
            prop_assert_eq!(block_on(branch.first_difference("")).expect("an answer"), None);
            prop_assert!(both.events().iter().all(|event| arrangement.standing(*event).is_as_in_log()));
        }
    }
}

/// A row that is taken down and up again is where it was: there is no difference to show, and nothing that was moved.
#[test]
fn an_event_that_is_back_was_not_moved() {
    block_on(async {
        let store = nine().await;
        let head = store.head();
        let mut branch = NamedBranch::new("back", Position::new(3)).expect("a branch");
        for after in [5, 3] {
            branch.make(Change::Move { event: EventRef::at(4), after: EventRef::at(after) }, head).expect("moved");
        }
        let arrangement = Arrangement::of(&branch);
        assert!(arrangement.standing(EventRef::at(4)).is_as_in_log());
        let mut more = branch.clone();
        let (stream, event_type, data) = ("list-1".to_owned(), "Noted".to_owned(), JsonText::new("1").expect("JSON"));
        let after = EventRef::at(4);
        let behind = Inserted { number: 1, after, stream, event_type, schema_version: 1, data, command: None };
        more.make(Change::Insert(behind), head).expect("inserted");
        let more = Arrangement::of(&more);
        assert!(more.standing(EventRef::at(4)).is_as_in_log(), "also with something behind it");
        assert_eq!(more.place_of(EventRef::New(1)), Some(Position::new(4)));
        let plan = Plan::of(&store, &arrangement, &Rerun::default()).expect("a plan");
        let timeline = Timeline::new(store.clone(), Told, TimelineOptions::default());
        let folded = Lens::branch(&timeline, &plan).expect("branches").await.expect("a branch");
        assert_eq!(folded.first_difference("").await, Ok(None));
    });
}

/// The end of a log may be lost, as where it was told not to wait for the disk: what was done to it waits.
#[test]
fn a_branch_outlives_the_end_of_its_log() {
    block_on(async {
        let store = nine().await;
        let mut branch = NamedBranch::new("longer", Position::new(3)).expect("a branch");
        let longer = Position::new(EVENTS + 9);
        let data = JsonText::new("1").expect("JSON");
        let inserted = Inserted {
            number: 1,
            after: EventRef::at(EVENTS + 3),
            stream: "list-1".to_owned(),
            event_type: "Noted".to_owned(),
            schema_version: 1,
            data: data.clone(),
            command: None,
        };
        for change in [
            Change::Insert(inserted),
            Change::Skip(EventRef::at(EVENTS + 1)),
            Change::Edit { event: EventRef::at(EVENTS + 2), data },
            Change::Move { event: EventRef::at(EVENTS + 4), after: EventRef::at(3) },
            Change::Move { event: EventRef::at(4), after: EventRef::at(EVENTS + 5) },
            Change::Skip(EventRef::at(5)),
        ] {
            branch.make(change, longer).expect("made");
        }
        let plan = Plan::of(&store, &Arrangement::of(&branch), &Rerun::default()).expect("a plan");
        let timeline = Timeline::new(store.clone(), Told, TimelineOptions::default());
        let folded = Lens::branch(&timeline, &plan).expect("branches").await.expect("a branch");
        let state = folded.state_at(store.head(), "").await.expect("a state").expect("a list");
        let all = Lens::state_at(&timeline, store.head().into(), "").await.expect("a state").expect("a list");
        let (Json::Array(all), Json::Array(left)) = (all, state) else { panic!("lists") };
        assert_eq!((all.len(), left.len()), (9, 7), "5 is left out, and 4 stands where nothing is yet");
    });
}
