//! A JSON value as the flat rows of a tree.

use std::collections::BTreeSet;

use super::changes::{Change, Changes, Path};
use super::json::Json;

/// What a row says of its value against the step before.
#[derive(Clone, Debug, PartialEq)]
pub enum RowChange {
    /// Nothing changed here.
    None,
    /// It is new, or part of something new.
    Added,
    /// It was this before.
    Changed {
        /// The value before, on one line.
        from: String,
    },
    /// It was here before and is no more.
    Removed,
    /// So many paths within it changed.
    Within {
        /// How many.
        count: usize,
    },
}

/// What a row shows for its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// A string, in quotes.
    String(String),
    /// A number.
    Number(String),
    /// `true`, `false` or `null`.
    Literal(String),
    /// An object of so many keys, or an array of so many items.
    Container {
        /// `14 keys` or `1 item`.
        label: String,
        /// Whether its members have rows of their own below.
        is_open: bool,
    },
}

/// A row of a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeRow {
    /// The way to the value.
    pub path: Path,
    /// The name of the member, or the index of the item.
    pub key: String,
    /// What is shown for the value.
    pub shown: Shown,
    /// What changed.
    pub change: RowChange,
    /// Its number among its siblings, from 1, and how many they are.
    pub place: (usize, usize),
}

impl TreeRow {
    /// How deep it stands, from 0.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.path.len().saturating_sub(1)
    }
}

/// Which containers are open: those a person toggled away from the default, which is open down to a depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Openness {
    /// Containers above this depth are open by default.
    pub open_depth: usize,
    /// Containers that are the other way round.
    pub toggled: BTreeSet<Path>,
}

impl Openness {
    fn is_open(&self, path: &Path, has_changes: bool) -> bool {
        let by_default = path.len() <= self.open_depth || has_changes;
        by_default != self.toggled.contains(path)
    }
}

/// The rows of a value, top to bottom. With `changes_only`, only rows that changed and the way to them.
#[must_use]
pub fn rows(value: &Json, changes: &Changes, openness: &Openness, changes_only: bool) -> Vec<TreeRow> {
    let mut builder = Builder { changes, openness, changes_only, rows: Vec::new() };
    match value {
        Json::Array(_) | Json::Object(_) => builder.members(value, &mut Vec::new(), &RowChange::None),
        _ => builder.row(&mut vec!["value".to_owned()], "value", value, RowChange::None, (1, 1)),
    }
    builder.rows
}

struct Builder<'a> {
    changes: &'a Changes,
    openness: &'a Openness,
    changes_only: bool,
    rows: Vec<TreeRow>,
}

impl Builder<'_> {
    fn members(&mut self, value: &Json, path: &mut Path, inherited: &RowChange) {
        let mut members: Vec<(String, &Json, Option<RowChange>)> = match value {
            Json::Object(members) => members.iter().map(|(key, value)| (key.clone(), value, None)).collect(),
            Json::Array(items) => items.iter().enumerate().map(|(i, item)| (i.to_string(), item, None)).collect(),
            _ => return,
        };
        let parent = path.clone();
        for (gone, change) in self.changes.within(&parent).filter(|(gone, _)| gone.len() == parent.len() + 1) {
            if let Change::Removed { from } = change {
                members.push((gone[parent.len()].clone(), from, Some(RowChange::Removed)));
            }
        }
        let count = members.len();
        for (i, (key, value, removed)) in members.into_iter().enumerate() {
            path.push(key.clone());
            let change = removed.unwrap_or_else(|| self.change_at(path, inherited));
            self.row(path, &key, value, change, (i + 1, count));
            path.pop();
        }
    }

    fn change_at(&self, path: &Path, inherited: &RowChange) -> RowChange {
        match self.changes.at(path) {
            _ if matches!(inherited, RowChange::Added | RowChange::Removed) => inherited.clone(),
            Some(Change::Added) => RowChange::Added,
            Some(Change::Changed { from }) => RowChange::Changed { from: from.to_string() },
            Some(Change::Removed { .. }) => RowChange::Removed,
            None => match self.changes.within(path).count() {
                0 => RowChange::None,
                count => RowChange::Within { count },
            },
        }
    }

    fn row(&mut self, path: &mut Path, key: &str, value: &Json, change: RowChange, place: (usize, usize)) {
        if self.changes_only && change == RowChange::None {
            return;
        }
        let is_open = value.is_container() && self.openness.is_open(path, matches!(change, RowChange::Within { .. }));
        let shown = match value {
            Json::Null => Shown::Literal("null".to_owned()),
            Json::Bool(value) => Shown::Literal(value.to_string()),
            Json::Number(number) => Shown::Number(number.to_string()),
            Json::String(_) => Shown::String(value.to_string()),
            Json::Array(items) => Shown::Container { label: counted(items.len(), "item"), is_open },
            Json::Object(members) => Shown::Container { label: counted(members.len(), "key"), is_open },
        };
        self.rows.push(TreeRow { path: path.clone(), key: key.to_owned(), shown, change: change.clone(), place });
        if is_open {
            self.members(value, path, &change);
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, openness: &Openness, changes_only: bool) -> Vec<String> {
        let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
        let after = json(after);
        let changes = Changes::between(&json(before), &after);
        let line = |row: &TreeRow| {
            let mark = match &row.change {
                RowChange::None => " ".to_owned(),
                RowChange::Added => "+".to_owned(),
                RowChange::Changed { from } => format!("~({from})"),
                RowChange::Removed => "-".to_owned(),
                RowChange::Within { count } => format!("{count}:"),
            };
            let value = match &row.shown {
                Shown::String(text) | Shown::Number(text) | Shown::Literal(text) => text.clone(),
                Shown::Container { label, is_open } => format!("{label}{}", if *is_open { "" } else { "…" }),
            };
            format!("{}{mark}{} {value}", "  ".repeat(row.depth()), row.key)
        };
        rows(&after, &changes, openness, changes_only).iter().map(line).collect()
    }

    fn open(depth: usize) -> Openness {
        Openness { open_depth: depth, toggled: BTreeSet::new() }
    }

    #[test]
    fn members_stand_below_their_object() {
        let text = r#"{"a":"x","o":{"n":1,"l":[true,null]}}"#;
        let rows = check(text, text, &open(9), false);
        assert_eq!(rows, [" a \"x\"", " o 2 keys", "   n 1", "   l 2 items", "     0 true", "     1 null"]);
        assert_eq!(check(text, text, &open(0), false), [" a \"x\"", " o 2 keys…"]);
        assert_eq!(check("7", "7", &open(1), false), [" value 7"]);
    }

    #[test]
    fn changes_open_the_way_to_them() {
        let rows =
            check(r#"{"k":{"a":1,"b":[1,2]},"u":0}"#, r#"{"k":{"a":2,"b":[1],"n":{"x":1}},"u":0}"#, &open(0), false);
        assert_eq!(rows, ["3:k 3 keys", "  ~(1)a 2", "  1:b 1 item", "     0 1", "    -1 2", "  +n 1 key…", " u 0"],);
    }

    #[test]
    fn changes_only_leaves_out_the_rest() {
        let rows = check(r#"{"k":{"a":1,"b":1},"u":0}"#, r#"{"k":{"a":2,"b":1},"u":0}"#, &open(0), true);
        assert_eq!(rows, ["1:k 2 keys", "  ~(1)a 2"]);
    }

    #[test]
    fn a_toggled_container_is_the_other_way_round() {
        let toggled = Openness { open_depth: 9, toggled: [vec!["o".to_owned()]].into() };
        assert_eq!(check("{}", r#"{"o":{"n":1}}"#, &toggled, false), ["+o 1 key…"]);
    }
}
