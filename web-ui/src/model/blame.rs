//! Every field of a state in a table, grouped by what holds it.

use std::sync::Arc;

use super::changes::Path;
use super::tree::{FlatTree, Shown, TreeValue};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldRow {
    /// What holds the fields below; empty for the state itself.
    Group(Path),
    /// A field that holds no others.
    Field {
        /// The way to it.
        path: Path,
        /// Its value on one line.
        value: String,
    },
}

/// The fields of a state that pass a filter, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldTable {
    tree: FlatTree,
    rows: Vec<Place>,
    fields: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Group(Option<usize>),
    Field(usize),
}

impl FieldTable {
    /// The fields whose path, with dots between, has a text in it; upper and lower case are the same.
    #[must_use]
    pub fn new(state: Arc<TreeValue>, text: &str) -> Self {
        let tree = FlatTree::of_state(state);
        let text = text.trim().to_lowercase();
        let is_wanted = |number: usize| {
            text.is_empty() || tree.row(number).is_some_and(|row| dotted(&row.path).to_lowercase().contains(&text))
        };
        let (mut rows, mut group, mut fields) = (Vec::new(), None, 0);
        for number in (0..tree.len()).filter(|number| tree.is_leaf(*number)).filter(|number| is_wanted(*number)) {
            let parent = tree.parent(number);
            // Fields of the state itself that come first need no heading.
            if group.unwrap_or(None) != parent {
                rows.push(Place::Group(parent));
            }
            group = Some(parent);
            rows.push(Place::Field(number));
            fields += 1;
        }
        Self { tree, rows, fields }
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

    /// How many of the rows are fields.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// A row by its number.
    #[must_use]
    pub fn row(&self, number: usize) -> Option<FieldRow> {
        match *self.rows.get(number)? {
            Place::Group(None) => Some(FieldRow::Group(Path::new())),
            Place::Group(Some(number)) => Some(FieldRow::Group(self.tree.row(number)?.path)),
            Place::Field(number) => {
                let row = self.tree.row(number)?;
                let (Shown::String(value) | Shown::Number(value) | Shown::Literal(value)) = row.shown else {
                    return Some(FieldRow::Field { path: row.path, value: "empty".to_owned() });
                };
                Some(FieldRow::Field { path: row.path, value })
            }
        }
    }
}

/// A path as it is read: `skus.ROPE-30`.
#[must_use]
pub fn dotted(path: &[String]) -> String {
    path.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::changes::Changes;
    use crate::model::json::Json;

    fn table(state: &str, text: &str) -> FieldTable {
        let json = Json::parse(state.as_bytes()).expect("JSON");
        let before = Json::parse(br#"{"gone":1}"#).expect("JSON");
        let changes = Changes::between(&before, &json);
        FieldTable::new(Arc::new(TreeValue { json, changes }), text)
    }

    fn check(state: &str, text: &str) -> Vec<String> {
        let table = table(state, text);
        let line = |number| match table.row(number).expect("a row") {
            FieldRow::Group(path) => format!("[{}]", dotted(&path)),
            FieldRow::Field { path, value } => format!("{} {value}", dotted(&path)),
        };
        (0..table.len()).map(line).collect()
    }

    #[test]
    fn every_field_stands_below_what_holds_it() {
        let state = r#"{"a":1,"o":{"x":{"y":"t"},"z":null},"b":[2,{}]}"#;
        let rows = ["a 1", "[o.x]", "o.x.y \"t\"", "[o]", "o.z null", "[b]", "b.0 2", "b.1 empty"];
        assert_eq!(check(state, ""), rows);
        assert_eq!(check(r#"{"o":{"x":1},"b":2}"#, ""), ["[o]", "o.x 1", "[]", "b 2"]);
        assert_eq!(check("7", ""), ["value 7"]);
    }

    #[test]
    fn a_filter_looks_at_the_whole_path() {
        let state = r#"{"skus":{"ROPE-30":{"onHand":1,"sellable":2},"ROPE-40":{"sellable":3}}}"#;
        assert_eq!(check(state, "rope-30.SELL"), ["[skus.ROPE-30]", "skus.ROPE-30.sellable 2"]);
        assert!(check(state, "nothing").is_empty());
        assert_eq!(table(state, "").fields(), 3);
    }
}
