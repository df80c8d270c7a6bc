//! Branches beside a plain list of events.

use crate::model::kept::{Kept, store_of};
use leftfold_core::Position;
use proptest::prelude::*;

use super::*;

const HEAD: u64 = 12;

fn json(text: &str) -> JsonText {
    JsonText::new(text).expect("JSON")
}

fn inserted(number: u32, after: EventRef) -> Inserted {
    Inserted {
        number,
        after,
        stream: "order-1".to_owned(),
        event_type: "OrderPlaced".to_owned(),
        schema_version: 2,
        data: json(r#"{ "é": [1, 2.50] }"#),
        command: None,
    }
}

/// A step of a person: a kind, and two numbers that choose events.
type Step = (u8, usize, usize);

fn steps() -> impl Strategy<Value = (u64, Vec<Step>)> {
    (1..=HEAD, proptest::collection::vec((0_u8..5, any::<usize>(), any::<usize>()), 0..24))
}

/// The same steps on a branch and on a plain list.
fn made(fork: u64, steps: &[Step]) -> (NamedBranch, Vec<EventRef>) {
    let head = Position::new(HEAD);
    let mut branch = NamedBranch::new("what if", Position::new(fork)).expect("a branch");
    let mut list: Vec<EventRef> = (fork..=HEAD).map(EventRef::at).collect();
    for (kind, a, b) in steps {
        let event = list[a % list.len()];
        let after = match b % (list.len() + 1) {
            0 => EventRef::at(fork - 1),
            index => list[index - 1],
        };
        let put = |list: &mut Vec<EventRef>, event| {
            let at = list.iter().position(|other| *other == after).map_or(0, |index| index + 1);
            list.insert(at, event);
        };
        match kind {
            0 if matches!(event, EventRef::Stored(_)) => branch.make(Change::Skip(event), head).expect("skipped"),
            1 => branch.make(Change::Edit { event, data: json("[7]") }, head).expect("edited"),
            2 => {
                let number = branch.next_number();
                branch.make(Change::Insert(inserted(number, after)), head).expect("inserted");
                put(&mut list, EventRef::New(number));
            }
            3 | 4 if event != after => {
                branch.make(Change::Move { event, after }, head).expect("moved");
                list.retain(|other| *other != event);
                put(&mut list, event);
            }
            _ => {}
        }
    }
    (branch, list)
}

proptest! {
    #[test]
    fn rows_are_those_of_a_plain_list((fork, steps) in steps()) {
        let (branch, list) = made(fork, &steps);
        let (arrangement, head) = (Arrangement::of(&branch), Position::new(HEAD));
        prop_assert_eq!(arrangement.count(head), list.len() as u64);
        let rows: Vec<_> = (0..list.len() as u64 + 2).filter_map(|row| arrangement.event(row, head)).collect();
        prop_assert_eq!(&rows, &list);
        for (row, event) in list.iter().enumerate() {
            prop_assert_eq!(arrangement.row_of(*event), Some(row as u64), "{}", event);
        }
        let slots = arrangement.slots(Position::new(fork - 1), head);
        let in_order = slots.into_iter().filter_map(|slot| match slot {
            Slot::Event(event) if event != EventRef::at(fork - 1) => Some(event),
            _ => None,
        });
        prop_assert_eq!(in_order.collect::<Vec<_>>(), list.clone());
        // The cursor is at the event of its place or, where nothing stands there, at the last one before.
        for place in (0..=HEAD).map(Position::new) {
            let before = |event: &&EventRef| arrangement.place_of(**event).is_some_and(|at| at <= place);
            let own = list.iter().find(|event| **event == EventRef::Stored(place) && arrangement.place_of(**event) == Some(place));
            let is_own = own.is_some_and(|own| !arrangement.standing(*own).is_moved);
            let wanted = own.filter(|_| is_own).or_else(|| list.iter().rfind(before));
            prop_assert_eq!(arrangement.event_at(place), wanted.copied(), "{}", place);
        }
    }

    #[test]
    fn what_has_changed_is_found_at_its_row((fork, steps) in steps(), refuses in any::<usize>()) {
        let (branch, list) = made(fork, &steps);
        let arrangement = Arrangement::of(&branch);
        let refused = list[refuses % list.len()];
        let mut outcome = Rerun::default();
        outcome.refused.insert(refused, Refused { command: "ShipOrder".to_owned(), reason: "nothing paid".to_owned() });
        let wanted = list.iter().enumerate().map(|(row, event)| (row as u64, *event, Became::of(&arrangement, &outcome, *event)));
        let wanted: Vec<_> = wanted.filter(|(.., became)| *became != Became::AsInLog).collect();
        prop_assert!(wanted.iter().any(|(_, event, _)| *event == refused));
        prop_assert_eq!(changed(&arrangement, &outcome), wanted);
    }

    #[test]
    fn a_branch_comes_back_from_json((fork, steps) in steps(), reruns in any::<bool>()) {
        let (mut branch, _) = made(fork, &steps);
        branch.reruns = reruns;
        prop_assert_eq!(NamedBranch::from_json(&branch.to_json(), Position::new(HEAD)), Ok(branch.clone()));
        let mut all = Branches::default();
        all.add(branch).expect("the first");
        let text = all.to_text("orders").expect("a text");
        prop_assert_eq!(Branches::from_text(&text), all);
        prop_assert_eq!(store_of(&text), Some("orders".to_owned()));
    }

    #[test]
    fn what_is_undone_and_redone_is_as_it_was((fork, steps) in steps()) {
        let head = Position::new(HEAD);
        let mut branch = NamedBranch::new("what if", Position::new(fork)).expect("a branch");
        let mut drafts = Drafts::default();
        let mut states = vec![branch.clone()];
        for change in made(fork, &steps).0.changes() {
            let before = branch.clone();
            branch.make(change.clone(), head).expect("made before");
            drafts.note(before, &branch);
            states.push(branch.clone());
        }
        for state in states.iter().rev().skip(1) {
            branch = drafts.undo(&branch).expect("something to undo");
            prop_assert_eq!(&branch, state);
        }
        prop_assert!(!drafts.can_undo());
        for state in states.iter().skip(1) {
            branch = drafts.redo(&branch).expect("something to redo");
            prop_assert_eq!(&branch, state);
        }
        prop_assert!(!drafts.can_redo());
    }

    #[test]
    fn what_somebody_else_has_changed_is_not_undone((fork, steps) in steps()) {
        let head = Position::new(HEAD);
        let mut branch = NamedBranch::new("what if", Position::new(fork)).expect("a branch");
        let mut drafts = Drafts::default();
        for change in made(fork, &steps).0.changes() {
            let before = branch.clone();
            branch.make(change.clone(), head).expect("made before");
            drafts.note(before, &branch);
        }
        branch.rename("what then").expect("a name");
        prop_assert!(drafts.left(&branch), "a name is no change");
        let mut by_another = branch.clone();
        by_another.reruns = !by_another.reruns;
        prop_assert!(!drafts.can_undo() || !drafts.left(&by_another));
        let mut own = by_another.clone();
        own.make(Change::Skip(EventRef::Stored(head)), head).expect("a change");
        drafts.note(by_another.clone(), &own);
        prop_assert_eq!(drafts.undo(&own), Some(by_another));
        prop_assert!(!drafts.can_undo(), "what came before the other's change is out of reach");
    }

    #[test]
    fn moving_an_event_on_and_on_is_one_change_and_one_step((fork, steps) in steps()) {
        let head = Position::new(HEAD);
        let (mut branch, _) = made(fork, &steps);
        let mut at_once = branch.clone();
        let mut drafts = Drafts::default();
        let event = EventRef::Stored(Position::new(fork));
        let changes = branch.changes().len();
        let start = branch.clone();
        for after in fork + 1..=HEAD {
            let before = branch.clone();
            let change = Change::Move { event, after: EventRef::Stored(Position::new(after)) };
            branch.make(change, head).expect("a change");
            drafts.note(before, &branch);
        }
        if fork < HEAD {
            prop_assert!(branch.changes().len() <= changes + 1);
            at_once.make(Change::Move { event, after: EventRef::Stored(head) }, head).expect("a change");
            prop_assert_eq!(Arrangement::of(&branch), Arrangement::of(&at_once));
            prop_assert_eq!(drafts.undo(&branch), Some(start));
            prop_assert!(!drafts.can_undo());
        }
    }

    #[test]
    fn nothing_is_left_of_an_event_that_is_restored((fork, steps) in steps(), which in any::<usize>()) {
        let (mut branch, list) = made(fork, &steps);
        let event = list[which % list.len()];
        branch.restore(event);
        let arrangement = Arrangement::of(&branch);
        prop_assert_eq!(NamedBranch::from_json(&branch.to_json(), Position::new(HEAD)), Ok(branch.clone()));
        match event {
            EventRef::Stored(_) => prop_assert!(arrangement.standing(event).is_as_in_log()),
            EventRef::New(_) => prop_assert_eq!(arrangement.row_of(event), None),
        }
        let rows = (0..arrangement.count(Position::new(HEAD))).filter_map(|row| arrangement.event(row, Position::new(HEAD)));
        let mut left: Vec<_> = rows.collect();
        let mut wanted: Vec<_> = list.into_iter().filter(|other| *other != event || matches!(event, EventRef::Stored(_))).collect();
        left.sort_unstable();
        wanted.sort_unstable();
        prop_assert_eq!(left, wanted);
    }
}

#[test]
fn what_became_of_events_is_counted_by_kind() {
    let all = [Became::Skipped, Became::AsInLog, Became::Edited, Became::Skipped];
    assert_eq!(tally(all.iter()), "2 skipped, 1 edited");
    assert_eq!(tally([Became::AsInLog].iter()), "");
}

#[test]
fn what_cannot_be_changed_says_why() {
    let head = Position::new(HEAD);
    let mut branch = NamedBranch::new(" late ", Position::new(5)).expect("a branch");
    assert_eq!(branch.name(), "late");
    let mut refused = |change| branch.make(change, head).expect_err("refused").to_string();
    assert_eq!(refused(Change::Skip(EventRef::at(4))), "event 4 lies before the fork at 5: that history is shared");
    assert_eq!(refused(Change::Skip(EventRef::at(13))), "the branch has no event 13");
    assert_eq!(refused(Change::Skip(EventRef::New(1))), "the branch has no event new-1");
    let event = EventRef::at(6);
    assert_eq!(refused(Change::Move { event, after: event }), "event 6 cannot stand after itself");
    let nameless = Inserted { stream: String::new(), ..inserted(1, event) };
    assert!(refused(Change::Insert(nameless)).contains("stream"));
    let between_shared = Change::Insert(inserted(1, EventRef::at(3)));
    assert!(refused(between_shared).contains("before the fork"));
    assert!(branch.changes().is_empty());
    branch.make(Change::Insert(inserted(1, EventRef::at(4))), head).expect("directly at the fork");
}

/// As it was written before events were moved by places.
#[test]
fn branches_that_were_kept_before_are_there() {
    let text = r#"{"store":"orders","branches":[{"name":"late","fork":5,"changes":[{"skip":"6"},{"edit":{"event":"7","data":"{\"a\":1}"}},{"insert":{"number":1,"after":"5","stream":"order-1","type":"OrderPlaced","schemaVersion":2,"data":"[]"}},{"move":{"event":"8","after":"new-1"}}],"reruns":true}]}"#;
    let all = Branches::from_text(text);
    assert_eq!(all.to_text("orders").as_deref(), Some(text));
    let arrangement = Arrangement::of(all.named("late").expect("the branch"));
    let rows: Vec<_> = (0..5).filter_map(|row| arrangement.event(row, Position::new(HEAD))).collect();
    let wanted = [EventRef::at(5), EventRef::New(1), EventRef::at(8), EventRef::at(6), EventRef::at(7)];
    assert_eq!(rows, wanted);
}

#[test]
fn what_is_no_branch_says_why() {
    let read = |text: &str| NamedBranch::from_json(text, Position::new(HEAD)).expect_err("refused").to_string();
    assert!(read("{").starts_with("this is no branch: "));
    assert!(read(r#"{"name":"a","fork":20}"#).contains("whose last event is 12"));
    assert_eq!(read(r#"{"name":" ","fork":2}"#), "a branch needs a name");
    let text = r#"{"name":"a","fork":2,"changes":[{"skip":"3"},{"skip":"1"}]}"#;
    assert!(read(text).starts_with("change 2 cannot be made: event 1 lies before"), "{}", read(text));
    assert!(read(r#"{"name":"a","fork":2,"changes":[{"skip":"x"}]}"#).contains("names no event"));
    assert_eq!(NamedBranch::new(&"x".repeat(61), Position::new(1)), Err(InvalidBranch::LongName { length: 61 }));
}

#[test]
fn a_fault_in_json_is_told_at_its_place() {
    let fault = |text: &str| JsonText::new(text).expect_err("a fault");
    let found = fault("{\n  \"é\": 1,\n  \"b\": nope\n}");
    assert_eq!((found.line, found.column, found.offset), (3, 9, 20));
    assert_eq!(found.to_string(), "line 3, column 9: expected ident");
    assert_eq!(fault("").line, 1);
    assert_eq!(fault("{\"a\":1").offset, 5);
    assert_eq!(JsonText::new("  {\"a\": 1.50}\n").expect("JSON").as_str(), "{\"a\": 1.50}");
}

#[test]
fn names_are_given_once() {
    let branch = |name| NamedBranch::new(name, Position::new(1)).expect("a branch");
    let mut all = Branches::default();
    all.add(branch("a")).expect("free");
    assert_eq!(all.add(branch("a")), Err(InvalidBranch::Taken { name: "a".to_owned() }));
    all.add(branch("b")).expect("free");
    assert!(all.replace("b", branch("a")).is_err());
    all.replace("b", branch("c")).expect("free");
    assert_eq!(all.free_name("a"), "a-2");
    let (index, removed) = all.remove("a").expect("there");
    assert!(all.put_back(index, removed.clone()));
    assert!(!all.put_back(index, removed));
    assert_eq!(all.all().iter().map(NamedBranch::name).collect::<Vec<_>>(), ["a", "c"]);
}

#[test]
fn what_a_test_says_of_its_events_never_becomes_code() {
    let note = "a\u{2028}process.exit(0)//\u{2029}b\u{202e}c";
    let given = Given {
        stream: note.to_owned(),
        event_type: "OrderPlaced".to_owned(),
        schema_version: 1,
        micros: 0,
        data: "{}".to_owned(),
        metadata: String::new(),
        note: note.to_owned(),
    };
    let side = |test: &str| Side {
        test: test.to_owned(),
        about: note.to_owned(),
        events: vec![given.clone()],
        state: format!("\"{note}\""),
    };
    let scenario = Scenario {
        about: note.to_owned(),
        folded: Folded::Merged { stream: note.to_owned() },
        partition: String::new(),
        before: None,
        sides: vec![side("main"), side("branch")],
    };
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    let (rust, script) = (scenario.to_rust(), scenario.to_javascript());
    for comment in rust.lines().chain(script.lines()).filter(|line| is_comment(line)) {
        assert!(!comment.contains(['\u{2028}', '\u{2029}', '\u{202e}']), "{comment:?}");
    }
    assert!(!rust.contains('\u{202e}'), "Rust refuses it everywhere");
}

#[test]
fn what_is_moved_and_moved_back_is_no_change() {
    let head = Position::new(HEAD);
    let mut branch = NamedBranch::new("what if", Position::new(3)).expect("a branch");
    let mut after = |change: Change| {
        branch.make(change, head).expect("a change");
        Arrangement::of(&branch).change_count()
    };
    let (five, move_to) = (EventRef::at(5), |at| Change::Move { event: EventRef::at(5), after: EventRef::at(at) });
    assert_eq!(after(move_to(6)), 1);
    assert_eq!(after(Change::Skip(five)), 2);
    assert_eq!(after(Change::Skip(EventRef::at(8))), 3);
    assert_eq!(after(move_to(4)), 2);
}
