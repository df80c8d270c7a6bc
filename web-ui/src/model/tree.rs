//! A JSON value as the flat rows of a tree.
//!
//! Only where each row stands is worked out for all rows; what a row shows is made when it is seen, so that a state of many
//! thousand values costs little.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::changes::{Change, ChangeNode, Changes, Path, Tally};
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
        /// By how much a number grew: `+25` or `−25`.
        by: Option<String>,
    },
    /// It was here before and is no more.
    Removed,
    /// So many paths within it changed.
    Within {
        /// How many of each kind.
        tally: Tally,
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

/// Which containers are open: as a person left those that were opened or closed, the others by default. That is open down to a
/// depth, and wherever something has changed within.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Openness {
    /// Containers above this depth are open by default.
    pub open_depth: usize,
    /// Containers that were opened (`true`) or closed.
    pub toggled: BTreeMap<Path, bool>,
}

/// A state and what changed in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TreeValue {
    /// The state.
    pub json: Json,
    /// What changed.
    pub changes: Changes,
}

impl TreeValue {
    /// The value at the end of a way, or the one that stood there and is no more.
    #[must_use]
    pub fn at(&self, path: &[String]) -> Option<&Json> {
        self.json.at(path).or_else(|| self.gone(path))
    }

    fn gone(&self, path: &[String]) -> Option<&Json> {
        let mut node = self.changes.root();
        for (depth, step) in path.iter().enumerate() {
            node = node.members().iter().find(|(name, _)| name == step).map(|(_, member)| member)?;
            if let Some(Change::Removed { from }) = node.own() {
                return from.at(&path[depth + 1..]);
            }
        }
        None
    }
}

/// The rows of a value, top to bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlatTree {
    value: Arc<TreeValue>,
    /// It shows the state alone, not what changed in it.
    is_plain: bool,
    rows: Vec<Flat>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Flat {
    /// The row of the container that holds it.
    parent: Option<u32>,
    source: Source,
    depth: u16,
    is_open: bool,
    /// It holds no other values.
    is_leaf: bool,
    place: (u32, u32),
}

/// Where the value of a row comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    /// The state itself, which holds no other values.
    Root,
    /// A member of the container.
    Member(u32),
    /// A member that is no more: one of the container's changes.
    Gone(u32),
}

/// What is known of a value on the way to it.
#[derive(Clone, Copy)]
struct Here<'a> {
    value: &'a Json,
    node: Option<&'a ChangeNode>,
    /// It is part of something that is new, or gone.
    whole: Option<Whole>,
}

#[derive(Clone, Copy, PartialEq)]
enum Whole {
    Added,
    Removed,
}

/// The way to a value as a JSON Pointer.
#[must_use]
pub fn pointer(path: &[String]) -> String {
    path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

impl<'a> Here<'a> {
    fn is_touched(&self) -> bool {
        self.whole.is_some() || self.node.is_some()
    }

    fn has_changes_within(&self) -> bool {
        self.whole.is_none() && self.node.is_some_and(|node| node.own().is_none())
    }

    fn member(&self, value: &'a Json, node: Option<&'a ChangeNode>) -> Self {
        let whole = self.whole.or(match node.and_then(ChangeNode::own) {
            Some(Change::Added) => Some(Whole::Added),
            Some(Change::Removed { .. }) => Some(Whole::Removed),
            _ => None,
        });
        Here { value, node, whole }
    }

    fn change(&self) -> RowChange {
        match (self.whole, self.node) {
            (Some(Whole::Added), _) => RowChange::Added,
            (Some(Whole::Removed), _) => RowChange::Removed,
            (None, None) => RowChange::None,
            (None, Some(node)) => match node.own() {
                Some(Change::Changed { from }) => RowChange::Changed { from: brief(from), by: delta(from, self.value) },
                _ => RowChange::Within { tally: node.tally() },
            },
        }
    }
}

impl FlatTree {
    /// Every row of a state, without what changed in it.
    #[must_use]
    pub fn of_state(value: Arc<TreeValue>) -> Self {
        let openness = Openness { open_depth: usize::MAX, ..Openness::default() };
        Self::build(value, &openness, false, true)
    }

    /// The rows of a value. With `changes_only`, only rows that changed and the way to them.
    #[must_use]
    pub fn new(value: Arc<TreeValue>, openness: &Openness, changes_only: bool) -> Self {
        Self::build(value, openness, changes_only, false)
    }

    fn build(value: Arc<TreeValue>, openness: &Openness, changes_only: bool, is_plain: bool) -> Self {
        let mut builder = Builder { openness, changes_only, rows: Vec::new(), path: Vec::new() };
        let root = root(&value, is_plain);
        if value.json.is_container() {
            builder.members(root, None);
        } else if root.node.is_some_and(|node| !node.members().is_empty()) {
            // Everything is gone.
            builder.members(Here { value: &Json::Object(Vec::new()), ..root }, None);
        } else if !changes_only || root.is_touched() {
            let flat =
                Flat { parent: None, source: Source::Root, depth: 0, is_open: false, is_leaf: true, place: (1, 1) };
            builder.rows.push(flat);
        }
        let rows = builder.rows;
        Self { value, is_plain, rows }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row by its number.
    #[must_use]
    pub fn row(&self, number: usize) -> Option<TreeRow> {
        let flat = *self.rows.get(number)?;
        let mut path = Path::new();
        let here = self.resolve(number, &mut path)?;
        let key = path.last().cloned().unwrap_or_default();
        let place = (flat.place.0 as usize, flat.place.1 as usize);
        let shown = match here.value {
            Json::Null => Shown::Literal("null".to_owned()),
            Json::Bool(value) => Shown::Literal(value.to_string()),
            Json::Number(number) => Shown::Number(number.to_string()),
            Json::String(_) => Shown::String(here.value.to_string()),
            container => Shown::Container { label: brief(container), is_open: flat.is_open },
        };
        Some(TreeRow { path, key, shown, change: here.change(), place })
    }

    /// The value of a row.
    #[must_use]
    pub fn value(&self, number: usize) -> Option<&Json> {
        self.resolve(number, &mut Path::new()).map(|here| here.value)
    }

    /// Whether a row is an open container; `None` when it is none.
    #[must_use]
    pub fn openness(&self, number: usize) -> Option<bool> {
        self.value(number)?.is_container().then(|| self.rows[number].is_open)
    }

    /// Whether a row stands for a value that holds no others.
    #[must_use]
    pub fn is_leaf(&self, number: usize) -> bool {
        self.rows.get(number).is_some_and(|flat| flat.is_leaf)
    }

    /// The row of the container that holds a row.
    #[must_use]
    pub fn parent(&self, number: usize) -> Option<usize> {
        self.rows.get(number)?.parent.map(|parent| parent as usize)
    }

    /// The row of a path, if it has one.
    #[must_use]
    pub fn find(&self, path: &[String]) -> Option<usize> {
        let (mut here, mut parent, mut from) = (root(&self.value, self.is_plain), None, 0);
        for (depth, name) in path.iter().enumerate() {
            let below = (from..self.rows.len()).take_while(|number| usize::from(self.rows[*number].depth) >= depth);
            let mut siblings = below.filter(|number| self.rows[*number].parent == parent);
            let number = siblings.find(|number| name_of(here, self.rows[*number].source).as_deref() == Some(name))?;
            here = step(here, self.rows[number].source)?;
            parent = Some(number as u32);
            from = number + 1;
        }
        from.checked_sub(1)
    }

    fn resolve(&self, number: usize, path: &mut Path) -> Option<Here<'_>> {
        let flat = self.rows.get(number)?;
        let base = match flat.parent {
            Some(parent) => self.resolve(parent as usize, path)?,
            None => root(&self.value, self.is_plain),
        };
        path.push(name_of(base, flat.source)?.into_owned());
        step(base, flat.source)
    }
}

fn name_of<'a>(base: Here<'a>, source: Source) -> Option<Cow<'a, str>> {
    match (source, base.value) {
        (Source::Root, _) => Some(Cow::Borrowed("value")),
        (Source::Member(index), Json::Object(members)) => {
            members.get(index as usize).map(|(name, _)| Cow::Borrowed(name.as_str()))
        }
        (Source::Member(index), _) => Some(Cow::Owned(index.to_string())),
        (Source::Gone(index), _) => {
            base.node?.members().get(index as usize).map(|(name, _)| Cow::Borrowed(name.as_str()))
        }
    }
}

/// From a container to the value of one of its rows.
fn step(base: Here<'_>, source: Source) -> Option<Here<'_>> {
    let (value, node) = match source {
        Source::Root => return Some(base),
        Source::Member(index) => {
            let value = match base.value {
                Json::Object(members) => &members.get(index as usize)?.1,
                Json::Array(items) => items.get(index as usize)?,
                _ => return None,
            };
            let nodes = base.node.map(ChangeNode::members).unwrap_or_default();
            let node = if nodes.is_empty() {
                None
            } else {
                let name = name_of(base, source)?;
                nodes.iter().find(|(key, _)| *key == *name).map(|(_, node)| node)
            };
            (value, node)
        }
        Source::Gone(index) => {
            let (_, node) = base.node?.members().get(index as usize)?;
            let Some(Change::Removed { from }) = node.own() else { return None };
            (from, Some(node))
        }
    };
    Some(base.member(value, node))
}

fn root(value: &TreeValue, is_plain: bool) -> Here<'_> {
    let node = Some(value.changes.root()).filter(|node| !is_plain && node.tally().total() > 0);
    Here { value: &value.json, node, whole: None }
}

struct Builder<'a> {
    openness: &'a Openness,
    changes_only: bool,
    rows: Vec<Flat>,
    /// The way to the container, kept while any container was toggled.
    path: Path,
}

impl Builder<'_> {
    fn members(&mut self, here: Here<'_>, parent: Option<u32>) {
        let changed = here.node.filter(|_| here.whole.is_none()).map(ChangeNode::members).unwrap_or_default();
        let nodes: HashMap<&str, &ChangeNode> = changed.iter().map(|(name, node)| (name.as_str(), node)).collect();
        let node_of = |name: &str| if nodes.is_empty() { None } else { nodes.get(name).copied() };
        let is_gone = |node: &ChangeNode| matches!(node.own(), Some(Change::Removed { .. }));
        let gone = changed.iter().enumerate().filter(|(_, (_, node))| is_gone(node));
        let held = match here.value {
            Json::Object(members) => members.len(),
            Json::Array(items) => items.len(),
            _ => 0,
        };
        let count = held + gone.clone().count();
        let mut place = 0;
        match here.value {
            Json::Object(members) => {
                for (name, value) in members {
                    let member = here.member(value, node_of(name));
                    self.row(member, name, Source::Member(place), parent, (place + 1, count as u32));
                    place += 1;
                }
            }
            Json::Array(items) => {
                for value in items {
                    let name = if nodes.is_empty() && self.openness.toggled.is_empty() {
                        String::new()
                    } else {
                        place.to_string()
                    };
                    let member = here.member(value, node_of(&name));
                    self.row(member, &name, Source::Member(place), parent, (place + 1, count as u32));
                    place += 1;
                }
            }
            _ => {}
        }
        for (index, (name, node)) in gone {
            if let Some(Change::Removed { from }) = node.own() {
                let member = here.member(from, Some(node));
                self.row(member, name, Source::Gone(index as u32), parent, (place + 1, count as u32));
                place += 1;
            }
        }
    }

    fn row(&mut self, here: Here<'_>, name: &str, source: Source, parent: Option<u32>, place: (u32, u32)) {
        if self.changes_only && !here.is_touched() {
            return;
        }
        let depth = parent.map_or(0, |parent| self.rows[parent as usize].depth + 1);
        let is_leaf = !holds_values(here.value);
        let mut flat = Flat { parent, source, depth, is_open: false, is_leaf, place };
        if !here.value.is_container() {
            self.rows.push(flat);
            return;
        }
        let by_default = usize::from(depth) < self.openness.open_depth || here.has_changes_within();
        let keeps_path = !self.openness.toggled.is_empty();
        if keeps_path {
            self.path.push(name.to_owned());
        }
        let toggled = if keeps_path { self.openness.toggled.get(&self.path) } else { None };
        flat.is_open = toggled.copied().unwrap_or(by_default);
        let number = self.rows.len() as u32;
        self.rows.push(flat);
        if flat.is_open {
            self.members(here, Some(number));
        }
        if keeps_path {
            self.path.pop();
        }
    }
}

fn holds_values(value: &Json) -> bool {
    match value {
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => !members.is_empty(),
        _ => false,
    }
}

/// A value on one line: containers by their size.
#[must_use]
pub fn brief(value: &Json) -> String {
    match value {
        Json::Array(items) => counted(items.len(), "item"),
        Json::Object(members) => counted(members.len(), "key"),
        other => other.to_string(),
    }
}

/// By how much a number grew.
#[must_use]
pub fn delta(from: &Json, to: &Json) -> Option<String> {
    let signed = |is_less: bool, text: String| format!("{}{text}", if is_less { '−' } else { '+' });
    if let (Some(from), Some(to)) = (from.as_i64(), to.as_i64()) {
        return Some(signed(to < from, from.abs_diff(to).to_string()));
    }
    let by = to.as_f64()? - from.as_f64()?;
    let text = format!("{:.6}", by.abs());
    Some(signed(by < 0.0, text.trim_end_matches('0').trim_end_matches('.').to_owned()))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests;
