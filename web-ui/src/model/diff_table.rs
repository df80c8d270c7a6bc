//! The differences between two states as rows of a table, grouped by the members of the state.

use super::changes::{Change, Changes, Tally};
use super::json::Json;
use super::tree::brief;

/// What stands where there is no value.
pub const ABSENT: &str = "—";

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffRow {
    /// The member of the state that holds the differences below; empty for those of the state itself.
    Group(String),
    /// A difference.
    Line {
        /// The way to the value, below its group.
        path: String,
        /// What happened to it.
        kind: DiffKind,
        /// The value at A, on one line.
        old: String,
        /// The value at B, on one line.
        new: String,
    },
}

/// What happened to a value between A and B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffKind {
    /// It is there at B alone.
    Added,
    /// It is another one at B.
    Changed,
    /// It is there at A alone.
    Removed,
}

impl DiffKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }

    /// The sign for it.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Changed => "~",
            Self::Removed => "−",
        }
    }
}

/// The differences of two states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffTable {
    /// The rows, top to bottom.
    pub rows: Vec<DiffRow>,
    /// How many differences there are of each kind.
    pub tally: Tally,
}

impl DiffTable {
    /// Compares the state at A with that at B.
    #[must_use]
    pub fn between(at_a: &Json, at_b: &Json) -> Self {
        let changes = Changes::between(at_a, at_b);
        let mut rows = Vec::new();
        let mut group = String::new();
        for (path, change) in changes.listed() {
            let (own_group, rest) = match path.as_slice() {
                [] => ("", "value".to_owned()),
                [name] => ("", name.clone()),
                [first, rest @ ..] => (first.as_str(), rest.join(".")),
            };
            if own_group != group {
                own_group.clone_into(&mut group);
                rows.push(DiffRow::Group(group.clone()));
            }
            let now = || at_b.at(&path).map_or_else(|| ABSENT.to_owned(), brief);
            let (kind, old, new) = match change {
                Change::Added => (DiffKind::Added, ABSENT.to_owned(), now()),
                Change::Changed { from } => (DiffKind::Changed, brief(from), now()),
                Change::Removed { from } => (DiffKind::Removed, brief(from), ABSENT.to_owned()),
            };
            rows.push(DiffRow::Line { path: rest, kind, old, new });
        }
        Self { rows, tally: changes.tally() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str) -> Vec<String> {
        let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
        let line = |row: &DiffRow| match row {
            DiffRow::Group(name) => format!("[{name}]"),
            DiffRow::Line { path, kind, old, new } => format!("{}{path} {old} {new}", kind.mark()),
        };
        DiffTable::between(&json(a), &json(b)).rows.iter().map(line).collect()
    }

    #[test]
    fn differences_are_grouped_by_the_members_of_the_state() {
        let a = r#"{"v":1,"skus":{"A":{"n":60},"P":{"n":1}},"w":1}"#;
        let b = r#"{"v":2,"skus":{"A":{"n":25},"Q":{"n":[1,2]}},"w":2}"#;
        let rows = ["~v 1 2", "[skus]", "~A.n 60 25", "+Q — 1 key", "−P 1 key —", "[]", "~w 1 2"];
        assert_eq!(check(a, b), rows);
        assert!(check(a, a).is_empty());
        assert_eq!(check("1", "\"x\""), ["~value 1 \"x\""]);
        assert_eq!(check("null", r#"{"a":[]}"#), ["+a — 0 items"]);
    }
}
