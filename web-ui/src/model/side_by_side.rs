//! Two states side by side: every value of either, or those alone that differ.

use super::changes::Tally;
use super::diff_table::{ABSENT, DiffKind};
use super::json::Json;
use super::tree::brief;

/// The most lines that are made.
const MOST_LINES: usize = 20_000;

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
    /// How many there are of each kind.
    pub tally: Tally,
    /// Whether there are more rows than are made.
    pub is_cut: bool,
}

impl SideBySide {
    /// Compares two states.
    #[must_use]
    pub fn of(left: &Json, right: &Json) -> Self {
        let mut sides = Self::default();
        sides.walk(&mut Vec::new(), Some(left), Some(right));
        sides
    }

    fn walk(&mut self, path: &mut Vec<String>, left: Option<&Json>, right: Option<&Json>) {
        if self.all.len() >= MOST_LINES {
            self.is_cut = true;
            return;
        }
        let names = match (left, right) {
            (Some(Json::Object(a)), Some(Json::Object(b))) if !a.is_empty() && !b.is_empty() => {
                let further = b.iter().filter(|(name, _)| !a.iter().any(|(other, _)| other == name));
                Some(a.iter().chain(further).map(|(name, _)| name.clone()).collect::<Vec<_>>())
            }
            (Some(Json::Array(a)), Some(Json::Array(b))) if !a.is_empty() && !b.is_empty() => {
                Some((0..a.len().max(b.len())).map(|index| index.to_string()).collect())
            }
            _ => None,
        };
        let Some(names) = names else { return self.line(path, left, right) };
        for name in names {
            let of = |side: Option<&Json>| side.and_then(|side| side.at(&[&name]).cloned());
            let (own_left, own_right) = (of(left), of(right));
            path.push(name);
            self.walk(path, own_left.as_ref(), own_right.as_ref());
            path.pop();
        }
    }

    fn line(&mut self, path: &[String], left: Option<&Json>, right: Option<&Json>) {
        let kind = match (left, right) {
            (Some(a), Some(b)) if a == b => None,
            (Some(_), Some(_)) => Some(DiffKind::Changed),
            (Some(_), None) => Some(DiffKind::Removed),
            (None, _) => Some(DiffKind::Added),
        };
        match kind {
            Some(DiffKind::Added) => self.tally.added += 1,
            Some(DiffKind::Changed) => self.tally.changed += 1,
            Some(DiffKind::Removed) => self.tally.removed += 1,
            None => {}
        }
        // As deep as two members are named above the values; the rest is the way below.
        let (group, own) = match path {
            [] => (String::new(), "value".to_owned()),
            [name] => (String::new(), name.clone()),
            [group, name] => (group.clone(), name.clone()),
            [group, below, rest @ ..] => (format!("{group}.{below}"), rest.join(".")),
        };
        let text = |side: Option<&Json>| side.map_or_else(|| ABSENT.to_owned(), brief);
        let line = SideRow::Line { path: own, kind, left: text(left), right: text(right) };
        if kind.is_some() {
            push(&mut self.changed, &group, line.clone());
        }
        push(&mut self.all, &group, line);
    }
}

fn push(rows: &mut Vec<SideRow>, group: &str, line: SideRow) {
    let last = rows.iter().rev().find_map(|row| match row {
        SideRow::Group(name) => Some(name.as_str()),
        SideRow::Line { .. } => None,
    });
    if last.unwrap_or_default() != group {
        rows.push(SideRow::Group(group.to_owned()));
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
}
