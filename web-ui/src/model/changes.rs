//! What changed between two states.

use std::collections::BTreeMap;

use super::json::Json;

/// The way to a value: names of members and indexes of items, from the top.
pub type Path = Vec<String>;

/// What became of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It was not there before.
    Added,
    /// It was another value before.
    Changed {
        /// The value before.
        from: Json,
    },
    /// It is not there any more.
    Removed {
        /// The value before.
        from: Json,
    },
}

/// Every changed path of a state against an earlier one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    by_path: BTreeMap<Path, Change>,
}

/// How many paths were added, changed and removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Paths that were not there before.
    pub added: usize,
    /// Paths with another value than before.
    pub changed: usize,
    /// Paths that are no more.
    pub removed: usize,
}

impl Tally {
    /// All of them.
    #[must_use]
    pub fn total(self) -> usize {
        self.added + self.changed + self.removed
    }
}

impl Changes {
    /// Compares two states. An added object or array counts as one, with what it holds.
    #[must_use]
    pub fn between(before: &Json, after: &Json) -> Self {
        let mut changes = Self::default();
        if before != after {
            changes.walk(&mut Vec::new(), before, after);
        }
        changes
    }

    /// The change at exactly this path.
    #[must_use]
    pub fn at(&self, path: &[String]) -> Option<&Change> {
        self.by_path.get(path)
    }

    /// The changes under a path, without its own.
    pub fn within<'a>(&'a self, path: &'a [String]) -> impl Iterator<Item = (&'a Path, &'a Change)> + 'a {
        let from = self.by_path.range(path.to_vec()..);
        from.take_while(move |(other, _)| other.starts_with(path)).filter(move |(other, _)| other.len() > path.len())
    }

    /// How many there are of each kind.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for change in self.by_path.values() {
            match change {
                Change::Added => tally.added += 1,
                Change::Changed { .. } => tally.changed += 1,
                Change::Removed { .. } => tally.removed += 1,
            }
        }
        tally
    }

    fn walk(&mut self, path: &mut Path, before: &Json, after: &Json) {
        match (before, after) {
            (Json::Object(old), Json::Object(new)) => {
                for (name, value) in new {
                    path.push(name.clone());
                    self.member(path, before.member(name), Some(value));
                    path.pop();
                }
                for (name, value) in old.iter().filter(|(name, _)| after.member(name).is_none()) {
                    path.push(name.clone());
                    self.member(path, Some(value), None);
                    path.pop();
                }
            }
            (Json::Array(old), Json::Array(new)) => {
                for i in 0..old.len().max(new.len()) {
                    path.push(i.to_string());
                    self.member(path, old.get(i), new.get(i));
                    path.pop();
                }
            }
            (Json::Null, Json::Object(members)) if path.is_empty() => {
                for (name, value) in members {
                    path.push(name.clone());
                    self.member(path, None, Some(value));
                    path.pop();
                }
            }
            _ => {
                self.by_path.insert(path.clone(), Change::Changed { from: before.clone() });
            }
        }
    }

    fn member(&mut self, path: &mut Path, before: Option<&Json>, after: Option<&Json>) {
        match (before, after) {
            (Some(before), Some(after)) if before != after => self.walk(path, before, after),
            (Some(before), None) => {
                self.by_path.insert(path.clone(), Change::Removed { from: before.clone() });
            }
            (None, Some(_)) => {
                self.by_path.insert(path.clone(), Change::Added);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str) -> (Vec<String>, Tally) {
        let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
        let changes = Changes::between(&json(before), &json(after));
        let listed = changes.by_path.iter().map(|(path, change)| match change {
            Change::Added => format!("+{}", path.join("/")),
            Change::Changed { from } => format!("~{} {from}", path.join("/")),
            Change::Removed { from } => format!("-{} {from}", path.join("/")),
        });
        (listed.collect(), changes.tally())
    }

    #[test]
    fn equal_states_have_no_changes() {
        assert_eq!(check(r#"{"a":[1]}"#, r#"{"a":[1]}"#), (vec![], Tally::default()));
    }

    #[test]
    fn each_path_is_told_once_with_what_it_was() {
        let (listed, tally) = check(r#"{"a":1,"n":{"x":1},"l":[1,2]}"#, r#"{"a":2,"n":{"x":1,"y":{"z":0}},"l":[1]}"#);
        assert_eq!(listed, ["~a 1", "-l/1 2", "+n/y"]);
        assert_eq!(tally, Tally { added: 1, changed: 1, removed: 1 });
    }

    #[test]
    fn the_first_payload_adds_its_members() {
        assert_eq!(check("null", r#"{"a":1,"b":{"c":2}}"#).0, ["+a", "+b"]);
    }

    #[test]
    fn a_value_of_another_kind_is_a_change() {
        assert_eq!(check(r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#).0, [r#"~a {"b":1}"#]);
        assert_eq!(check("1", "2").0, ["~ 1"]);
    }

    #[test]
    fn what_lies_within_a_path_is_found() {
        let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
        let changes = Changes::between(&json(r#"{"a":{"x":1},"ab":1}"#), &json(r#"{"a":{"x":2,"y":1},"ab":2}"#));
        assert_eq!(changes.within(&["a".to_owned()]).count(), 2);
        assert_eq!(changes.within(&[]).count(), 3);
    }
}
