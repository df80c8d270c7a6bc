//! What a card shows of a state.

use crate::model::json::Json;

/// Rows that a table lists, and bars.
pub(super) const MOST_ROWS: usize = 10;

/// A text of a card, and what it was before the step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it is.
    pub text: String,
    /// What it was, where the step changed it; empty when it was not there.
    pub before: Option<String>,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), before: None }
    }
}

impl Cell {
    fn mark(&mut self, before: Option<&Self>) {
        let before = before.map_or("", |before| &before.text);
        self.before = (before != self.text).then(|| before.to_owned());
    }
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// What it is about.
    pub name: String,
    /// One text for each column behind the name.
    pub cells: Vec<Cell>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is about.
    pub name: String,
    /// How long it is.
    pub value: i64,
    /// How long it was before the step, where that changed it.
    pub before: Option<i64>,
}

/// What a card shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Rows of texts.
    Table {
        /// The heads of the columns, that of the names first.
        columns: &'static [&'static str],
        /// The rows.
        rows: Vec<TableRow>,
        /// Rows that are not listed.
        left_out: usize,
    },
    /// One number, with a line over the log.
    Number {
        /// The number.
        value: Cell,
        /// What belongs to it.
        about: Cell,
    },
    /// Bars, longest first.
    Bars {
        /// The bars.
        bars: Vec<Bar>,
        /// Bars that are not listed.
        left_out: usize,
    },
    /// Lines over the log, each with its name and where it stands.
    Lines {
        /// One for each line.
        legend: Vec<(&'static str, Cell)>,
    },
}

impl Content {
    /// A state of any projection, where it fits on a card: a number, or an object without others inside of it. `None` where it
    /// does not.
    #[must_use]
    pub fn of_state(state: &Json) -> Option<Self> {
        let text = |value: &Json| match value {
            Json::String(text) => text.clone(),
            value => value.to_string(),
        };
        match state {
            Json::Number(_) => Some(Self::Number { value: text(state).into(), about: Cell::default() }),
            Json::Object(members) if members.iter().all(|(_, value)| !value.is_container()) => {
                let row =
                    |(name, value): &(String, Json)| TableRow { name: name.clone(), cells: vec![text(value).into()] };
                let rows = members.iter().take(MOST_ROWS).map(row).collect();
                let left_out = members.len().saturating_sub(MOST_ROWS);
                Some(Self::Table { columns: &["Member", "Value"], rows, left_out })
            }
            _ => None,
        }
    }

    /// The same, with what a step from `before` has changed. Rows are told apart by their names, never by their places.
    #[must_use]
    pub fn marked(mut self, before: &Self) -> Self {
        match (&mut self, before) {
            (Self::Table { rows, .. }, Self::Table { rows: olds, .. }) => {
                for row in rows {
                    let old = olds.iter().find(|old| old.name == row.name);
                    for (number, cell) in row.cells.iter_mut().enumerate() {
                        cell.mark(old.and_then(|old| old.cells.get(number)));
                    }
                }
            }
            (Self::Number { value, about }, Self::Number { value: old, about: old_about }) => {
                value.mark(Some(old));
                about.mark(Some(old_about));
            }
            (Self::Bars { bars, .. }, Self::Bars { bars: olds, .. }) => {
                for bar in bars {
                    let old = olds.iter().find(|old| old.name == bar.name).map_or(0, |old| old.value);
                    bar.before = (old != bar.value).then_some(old);
                }
            }
            (Self::Lines { legend }, Self::Lines { legend: olds }) => {
                for ((_, cell), (_, old)) in legend.iter_mut().zip(olds) {
                    cell.mark(Some(old));
                }
            }
            _ => {}
        }
        self
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Table { rows, .. } => rows.is_empty(),
            Self::Bars { bars, .. } => bars.is_empty(),
            _ => false,
        }
    }

    /// What changed, in words; `None` when nothing did.
    #[must_use]
    pub fn changes(&self) -> Option<u64> {
        let is_changed = |cell: &Cell| cell.before.is_some();
        let count = match self {
            Self::Table { rows, .. } => rows.iter().flat_map(|row| &row.cells).filter(|cell| is_changed(cell)).count(),
            Self::Number { value, .. } => usize::from(is_changed(value)),
            Self::Bars { bars, .. } => bars.iter().filter(|bar| bar.before.is_some()).count(),
            Self::Lines { legend } => legend.iter().filter(|(_, cell)| is_changed(cell)).count(),
        };
        (count > 0).then_some(count as u64)
    }
}
