//! Two states side by side: every value of either, or those alone that differ.

use std::borrow::Cow;
use std::collections::HashMap;

use super::changes::Tally;
use super::diff_table::{ABSENT, DiffKind};
use super::json::Json;
use super::tree::brief;

/// The most lines that are made of all values, and of those that differ.
const MOST_LINES: usize = 20_000;
/// Members of an object of which more are found by a table than by looking through them.
const FEW: usize = 16;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SideRow {
    /// What the values below are part of; empty for the state itself.
    Group(String),
    /// A value.
    Line {
        /// The way to the value, below its group.
        path: String,
        /// How it differs, if it does.
        kind: Option<DiffKind>,
        /// The value on the left, on one line.
        left: String,
        /// The value on the right, on one line.
        right: String,
    },
}

/// Two states side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SideBySide {
    /// All rows.
    pub all: Vec<SideRow>,
    /// Those that differ.
    pub changed: Vec<SideRow>,
    /// How many there are of each kind, whether they have a row or not.
    pub tally: Tally,
    /// Whether there are more values than have a row in `all`.
    pub is_cut: bool,
    /// Whether there are more values that differ than have a row in `changed`.
    pub changed_is_cut: bool,
}

impl SideBySide {
    /// Compares two states. O(values).
    #[must_use]
    pub fn of(left: &Json, right: &Json) -> Self {
        let mut comparing = Comparing::new(Some(left), Some(right));
        while comparing.step(usize::MAX) {}
        comparing.into_sides()
    }
}

/// A comparison under way: states may have many values.
pub struct Comparing<'a> {
    /// What is still to be compared, at each step of the path.
    open: Vec<std::vec::IntoIter<Pair<'a>>>,
    path: Vec<Cow<'a, str>>,
    sides: SideBySide,
    group_of_all: String,
    group_of_changed: String,
}

/// A value of each side under one name.
struct Pair<'a> {
    name: Cow<'a, str>,
    left: Option<&'a Json>,
    right: Option<&'a Json>,
}

impl<'a> Comparing<'a> {
    /// Two states; where there is none on a side, every member of the other one is on its own.
    #[must_use]
    pub fn new(left: Option<&'a Json>, right: Option<&'a Json>) -> Self {
        let mut comparing = Self {
            open: Vec::new(),
            path: Vec::new(),
            sides: SideBySide::default(),
            group_of_all: String::new(),
            group_of_changed: String::new(),
        };
        let members = match (left, right) {
            (Some(Json::Object(members)), None) | (None, Some(Json::Object(members))) if !members.is_empty() => {
                let alone = |(name, value): &'a (String, Json)| Pair {
                    name: Cow::Borrowed(name),
                    left: left.and(Some(value)),
                    right: right.and(Some(value)),
                };
                Some(members.iter().map(alone).collect())
            }
            _ => within(left, right),
        };
        match members {
            Some(members) => comparing.open.push(members.into_iter()),
            None => comparing.line(left, right),
        }
        comparing
    }

    /// Compares so many values more; whether there are any left.
    pub fn step(&mut self, values: usize) -> bool {
        for _ in 0..values {
            let Some(members) = self.open.last_mut() else { return false };
            let Some(pair) = members.next() else {
                self.open.pop();
                self.path.pop();
                continue;
            };
            self.path.push(pair.name);
            match within(pair.left, pair.right) {
                Some(members) => self.open.push(members.into_iter()),
                None => {
                    self.line(pair.left, pair.right);
                    self.path.pop();
                }
            }
        }
        !self.open.is_empty()
    }

    /// What was found.
    #[must_use]
    pub fn into_sides(self) -> SideBySide {
        self.sides
    }

    fn line(&mut self, left: Option<&Json>, right: Option<&Json>) {
        let sides = &mut self.sides;
        let kind = match (left, right) {
            (Some(a), Some(b)) if a == b => None,
            (Some(_), Some(_)) => Some(DiffKind::Changed),
            (Some(_), None) => Some(DiffKind::Removed),
            (None, _) => Some(DiffKind::Added),
        };
        match kind {
            Some(DiffKind::Added) => sides.tally.added += 1,
            Some(DiffKind::Changed) => sides.tally.changed += 1,
            Some(DiffKind::Removed) => sides.tally.removed += 1,
            None => {}
        }
        let has_room = sides.all.len() < MOST_LINES;
        let has_room_as_changed = kind.is_some() && sides.changed.len() < MOST_LINES;
        sides.is_cut |= !has_room;
        sides.changed_is_cut |= kind.is_some() && !has_room_as_changed;
        if !has_room && !has_room_as_changed {
            return;
        }
        // As deep as two members are named above the values; the rest is the way below.
        let (group, own) = match self.path.as_slice() {
            [] => (String::new(), "value".to_owned()),
            [name] => (String::new(), name.clone().into_owned()),
            [group, name] => (group.clone().into_owned(), name.clone().into_owned()),
            [group, below, rest @ ..] => (format!("{group}.{below}"), rest.join(".")),
        };
        let text = |side: Option<&Json>| side.map_or_else(|| ABSENT.to_owned(), brief);
        let line = SideRow::Line { path: own, kind, left: text(left), right: text(right) };
        if has_room_as_changed {
            push(&mut sides.changed, &mut self.group_of_changed, &group, line.clone());
        }
        if has_room {
            push(&mut sides.all, &mut self.group_of_all, &group, line);
        }
    }
}

/// What both sides have within, where both have something: the members of the left one, then those that only the right has.
fn within<'a>(left: Option<&'a Json>, right: Option<&'a Json>) -> Option<Vec<Pair<'a>>> {
    match (left?, right?) {
        (Json::Object(a), Json::Object(b)) if !a.is_empty() && !b.is_empty() => {
            let table: HashMap<&str, usize> = match b.len() {
                0..=FEW => HashMap::new(),
                _ => b.iter().enumerate().map(|(index, (name, _))| (name.as_str(), index)).collect(),
            };
            let place = |index: usize, name: &str| match b.get(index) {
                // Mostly both have the same members.
                Some((same, _)) if same == name => Some(index),
                _ if table.is_empty() => b.iter().position(|(other, _)| other == name),
                _ => table.get(name).copied(),
            };
            let mut is_known = vec![false; b.len()];
            let mut pairs = Vec::with_capacity(a.len());
            for (index, (name, value)) in a.iter().enumerate() {
                let place = place(index, name);
                if let Some(place) = place {
                    is_known[place] = true;
                }
                let right = place.map(|place| &b[place].1);
                pairs.push(Pair { name: Cow::Borrowed(name), left: Some(value), right });
            }
            let further = b.iter().zip(is_known).filter(|(_, is_known)| !is_known).map(|(member, _)| member);
            pairs.extend(further.map(|(name, value)| Pair {
                name: Cow::Borrowed(name),
                left: None,
                right: Some(value),
            }));
            Some(pairs)
        }
        (Json::Array(a), Json::Array(b)) if !a.is_empty() && !b.is_empty() => {
            let pair = |index: usize| Pair { name: index.to_string().into(), left: a.get(index), right: b.get(index) };
            Some((0..a.len().max(b.len())).map(pair).collect())
        }
        _ => None,
    }
}

fn push(rows: &mut Vec<SideRow>, last: &mut String, group: &str, line: SideRow) {
    if last != group {
        rows.push(SideRow::Group(group.to_owned()));
        group.clone_into(last);
    }
    rows.push(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[SideRow]) -> Vec<String> {
        let text = |row: &SideRow| match row {
            SideRow::Group(name) => format!("[{name}]"),
            SideRow::Line { path, kind, left, right } => {
                format!("{}{path} {left} {right}", kind.map_or("", DiffKind::mark))
            }
        };
        rows.iter().map(text).collect()
    }

    #[test]
    fn all_values_stand_side_by_side_and_what_differs_is_marked() {
        let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
        let left = json(r#"{"v":1,"skus":{"A":{"n":60,"m":1},"P":{"n":1}},"w":[1,2],"e":{}}"#);
        let right = json(r#"{"v":1,"skus":{"A":{"n":25,"m":1},"Q":{"n":1}},"w":[1],"e":{"x":1}}"#);
        let sides = SideBySide::of(&left, &right);
        let all = [
            "v 1 1",
            "[skus.A]",
            "~n 60 25",
            "m 1 1",
            "[skus]",
            "−P 1 key —",
            "+Q — 1 key",
            "[w]",
            "0 1 1",
            "−1 2 —",
            "[]",
            "~e 0 keys 1 key",
        ];
        assert_eq!(rows(&sides.all), all);
        let changed =
            ["[skus.A]", "~n 60 25", "[skus]", "−P 1 key —", "+Q — 1 key", "[w]", "−1 2 —", "[]", "~e 0 keys 1 key"];
        assert_eq!(rows(&sides.changed), changed);
        assert_eq!((sides.tally.added, sides.tally.changed, sides.tally.removed), (1, 2, 2));
        assert_eq!(rows(&SideBySide::of(&json("null"), &json("1")).all), ["~value null 1"]);
    }

    #[test]
    fn a_difference_behind_more_values_than_are_shown_is_found() {
        let state = |last: u32| {
            let orders = (0..30_000).map(|order| (format!("order-{order}"), Json::Number(order.into())));
            Json::Object(orders.chain([("total".to_owned(), Json::Number(last.into()))]).collect())
        };
        let sides = SideBySide::of(&state(1), &state(2));
        assert_eq!((sides.all.len(), sides.is_cut), (MOST_LINES, true));
        assert_eq!((sides.tally.total(), sides.changed_is_cut), (1, false));
        assert_eq!(rows(&sides.changed), ["~total 1 2"]);
        let Json::Object(mut members) = state(1) else { panic!("an object") };
        members.reverse();
        assert_eq!(SideBySide::of(&state(1), &Json::Object(members)).tally.total(), 0);
    }

    #[test]
    fn where_one_side_has_no_state_every_member_of_the_other_stands_alone() {
        let state = Json::parse(br#"{"a":1,"b":{"c":2}}"#).expect("JSON");
        let mut comparing = Comparing::new(None, Some(&state));
        let mut steps = 0;
        while comparing.step(1) {
            steps += 1;
        }
        assert!(steps > 0, "it goes on step by step");
        assert_eq!(rows(&comparing.into_sides().changed), ["+a — 1", "+b — 1 key"]);
    }
}
