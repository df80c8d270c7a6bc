//! What changed between two states.

use std::collections::HashMap;

use super::json::Json;

/// The way from the root of a state to a value: names of members and indexes of items.
pub type Path = Vec<String>;

/// What happened to a value.
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

    fn add(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.removed += other.removed;
    }
}

/// What changed at a path and below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeNode {
    own: Option<Change>,
    /// Members that changed or hold something that did: those of the later state in its order, then those that are gone.
    members: Vec<(String, ChangeNode)>,
    tally: Tally,
}

impl ChangeNode {
    fn new(own: Change) -> Self {
        let mut tally = Tally::default();
        match own {
            Change::Added => tally.added = 1,
            Change::Changed { .. } => tally.changed = 1,
            Change::Removed { .. } => tally.removed = 1,
        }
        Self { own: Some(own), members: Vec::new(), tally }
    }

    /// What happened to the value itself.
    #[must_use]
    pub fn own(&self) -> Option<&Change> {
        self.own.as_ref()
    }

    /// The members that changed or hold something that did.
    #[must_use]
    pub fn members(&self) -> &[(String, ChangeNode)] {
        &self.members
    }

    /// How many paths changed, this one and those below.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn push(&mut self, name: &str, node: Option<Self>) {
        if let Some(node) = node {
            self.tally.add(node.tally);
            self.members.push((name.to_owned(), node));
        }
    }
}

/// Every changed path of a state against an earlier one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    root: ChangeNode,
}

impl Changes {
    /// Compares two states. An added object or array counts as one, with what it holds.
    #[must_use]
    pub fn between(before: &Json, after: &Json) -> Self {
        let root = match (before, after) {
            (Json::Null, Json::Object(_)) => compare(&Json::Object(Vec::new()), after),
            (Json::Object(_), Json::Null) => compare(before, &Json::Object(Vec::new())),
            _ => compare(before, after),
        };
        Self { root: root.unwrap_or_default() }
    }

    /// What changed at the root and below.
    #[must_use]
    pub fn root(&self) -> &ChangeNode {
        &self.root
    }

    /// How many there are of each kind.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.root.tally
    }

    /// Every change with its path, those of the later state in its order.
    #[must_use]
    pub fn listed(&self) -> Vec<(Path, &Change)> {
        fn walk<'a>(node: &'a ChangeNode, path: &mut Path, listed: &mut Vec<(Path, &'a Change)>) {
            if let Some(own) = &node.own {
                listed.push((path.clone(), own));
            }
            for (name, member) in &node.members {
                path.push(name.clone());
                walk(member, path, listed);
                path.pop();
            }
        }
        let mut listed = Vec::new();
        walk(&self.root, &mut Vec::new(), &mut listed);
        listed
    }
}

/// What makes `after` of `before`; `None` when they are equal.
fn compare(before: &Json, after: &Json) -> Option<ChangeNode> {
    let node = match (before, after) {
        (Json::Object(old), Json::Object(new)) => objects(old, new),
        (Json::Array(old), Json::Array(new)) => arrays(old, new),
        _ if before == after => return None,
        _ => ChangeNode::new(Change::Changed { from: before.clone() }),
    };
    (node.tally.total() > 0).then_some(node)
}

fn objects(old: &[(String, Json)], new: &[(String, Json)]) -> ChangeNode {
    let mut node = ChangeNode::default();
    let mut found = 0;
    let mut places: Option<HashMap<&str, usize>> = None;
    // Nearly always a member stands where it stood, or one further on.
    let mut next = 0;
    for (name, value) in new {
        let near = (next..old.len()).take(2).find(|place| old[*place].0 == *name);
        let place = near.or_else(|| {
            let places = places.get_or_insert_with(|| {
                old.iter().enumerate().map(|(place, (name, _))| (name.as_str(), place)).collect()
            });
            places.get(name.as_str()).copied()
        });
        match place {
            Some(place) => {
                found += 1;
                next = place + 1;
                node.push(name, compare(&old[place].1, value));
            }
            None => node.push(name, Some(ChangeNode::new(Change::Added))),
        }
    }
    if found < old.len() {
        let names: std::collections::HashSet<&str> = new.iter().map(|(name, _)| name.as_str()).collect();
        for (name, from) in old.iter().filter(|(name, _)| !names.contains(name.as_str())) {
            node.push(name, Some(ChangeNode::new(Change::Removed { from: from.clone() })));
        }
    }
    node
}

fn arrays(old: &[Json], new: &[Json]) -> ChangeNode {
    let mut node = ChangeNode::default();
    for (i, value) in new.iter().enumerate() {
        match old.get(i) {
            Some(before) if before == value => {}
            Some(before) => node.push(&i.to_string(), compare(before, value)),
            None => node.push(&i.to_string(), Some(ChangeNode::new(Change::Added))),
        }
    }
    for (i, from) in old.iter().enumerate().skip(new.len()) {
        node.push(&i.to_string(), Some(ChangeNode::new(Change::Removed { from: from.clone() })));
    }
    node
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).expect("JSON")
    }

    fn check(before: &str, after: &str) -> (Vec<String>, Tally) {
        let changes = Changes::between(&json(before), &json(after));
        let line = |(path, change): (Path, &Change)| match change {
            Change::Added => format!("+{}", path.join("/")),
            Change::Changed { from } => format!("~{} {from}", path.join("/")),
            Change::Removed { from } => format!("-{} {from}", path.join("/")),
        };
        (changes.listed().into_iter().map(line).collect(), changes.tally())
    }

    #[test]
    fn equal_states_have_no_changes() {
        assert_eq!(check(r#"{"a":[1]}"#, r#"{"a":[1]}"#), (vec![], Tally::default()));
        assert_eq!(check(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#), (vec![], Tally::default()));
    }

    #[test]
    fn each_path_is_told_once_with_what_it_was() {
        let (listed, tally) = check(r#"{"a":1,"n":{"x":1},"l":[1,2]}"#, r#"{"a":2,"n":{"x":1,"y":{"z":0}},"l":[1]}"#);
        assert_eq!(listed, ["~a 1", "+n/y", "-l/1 2"]);
        assert_eq!(tally, Tally { added: 1, changed: 1, removed: 1 });
    }

    #[test]
    fn the_first_payload_adds_its_members_and_the_last_goes_with_them() {
        assert_eq!(check("null", r#"{"a":1,"b":{"c":2}}"#).0, ["+a", "+b"]);
        assert_eq!(check(r#"{"a":1}"#, "null").0, ["-a 1"]);
    }

    #[test]
    fn a_value_of_another_kind_is_a_change() {
        assert_eq!(check(r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#).0, [r#"~a {"b":1}"#]);
        assert_eq!(check("1", "2").0, ["~ 1"]);
    }

    fn state() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![(0_u64..3).prop_map(Json::count), Just(Json::Null), Just(Json::Bool(true))];
        leaf.prop_recursive(3, 40, 5, |inner| {
            let members = proptest::collection::hash_map("[a-e]", inner.clone(), 0..5);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Json::Array),
                members.prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Makes the earlier state of the later one and the changes.
    fn undo(after: &Json, changes: &Changes) -> Json {
        fn set(value: &mut Json, path: &[String], change: &Change) {
            let Some((first, rest)) = path.split_first() else {
                if let Change::Changed { from } = change {
                    value.clone_from(from);
                }
                return;
            };
            let is_here = rest.is_empty();
            match (value, change) {
                (Json::Object(members), Change::Removed { from }) if is_here => {
                    members.push((first.clone(), from.clone()));
                }
                (Json::Object(members), Change::Added) if is_here => members.retain(|(name, _)| name != first),
                (Json::Array(items), Change::Removed { from }) if is_here => items.push(from.clone()),
                (Json::Array(items), Change::Added) if is_here => {
                    items.pop();
                }
                (Json::Object(members), _) => {
                    let member = members.iter_mut().find(|(name, _)| name == first).expect("a member");
                    set(&mut member.1, rest, change);
                }
                (Json::Array(items), _) => set(&mut items[first.parse::<usize>().expect("an index")], rest, change),
                (other, _) => panic!("{other} has no members"),
            }
        }
        let mut value = after.clone();
        for (path, change) in changes.listed() {
            set(&mut value, &path, change);
        }
        value
    }

    proptest! {
        #[test]
        fn the_changes_lead_back_to_the_state_before(before in state(), after in state()) {
            // An empty state that comes or goes with nothing in it is no change.
            prop_assume!(!matches!((&before, &after), (Json::Null, _) | (_, Json::Null)));
            let changes = Changes::between(&before, &after);
            prop_assert_eq!(Changes::between(&before, &undo(&after, &changes)).tally().total(), 0);
            prop_assert_eq!(changes.tally().total(), changes.listed().len());
        }
    }
}
