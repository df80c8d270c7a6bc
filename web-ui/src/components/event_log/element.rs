//! The element of a row. It is written by hand: a frame that shows forty other rows must write what differs and do nothing else.

use leftfold_core::Position;
use leptos::prelude::document;
use web_sys::{Element, Node, Text};

use super::cells::Cell;
use super::part::{Look, Part};
use super::row::{Line, Shown, Stamp};
use crate::components::dom::{make, set, set_or_remove};

/// The class of the line of a row that has none.
const NO_LINE: &str = "lf-log__corr lf-log__corr--none";

/// An element that shows a row, and what it shows.
pub(super) struct RowElement {
    root: Element,
    place: Option<i64>,
    /// The stamp of what it shows.
    pub(super) stamp: Option<Stamp>,
    shown: Shown,
    line: Option<Element>,
    cells: Vec<CellElement>,
}

impl RowElement {
    /// An element that shows nothing yet. `None` where the browser refuses to make elements.
    pub(super) fn new() -> Option<Self> {
        let root = make("div", "lf-log__row")?;
        set(&root, "role", "row");
        Some(Self { root, place: None, stamp: None, shown: Shown::default(), line: None, cells: Vec::new() })
    }

    pub(super) fn root(&self) -> &Element {
        &self.root
    }

    /// Places it so many rows below the top of the block.
    pub(super) fn stand_at(&mut self, place: i64) {
        if self.place.replace(place) != Some(place) {
            set(&self.root, "style", &format!("top:calc({place}*var(--lf-row-h))"));
        }
    }

    /// The event that it shows.
    pub(super) fn position(&self) -> Position {
        self.shown.position
    }

    /// Whether it shows the row of the cursor.
    pub(super) fn is_now(&self) -> bool {
        self.shown.is_now()
    }

    /// Writes what differs from what is shown.
    pub(super) fn show(&mut self, next: Shown) {
        let is_first = self.cells.is_empty();
        if !is_first && self.shown == next {
            return;
        }
        if is_first || self.shown.row != next.row {
            set(&self.root, "aria-rowindex", &(next.row + 2).to_string());
            set(&self.root, "data-row", &next.row.to_string());
        }
        if self.shown.when != next.when {
            let is_now = next.when == "now";
            if is_first || is_now || self.shown.when == "now" {
                let said = if is_now { "true" } else { "false" };
                set(&self.root, "aria-selected", said);
                set(&self.root, "aria-current", said);
                set(&self.root, "tabindex", if is_now { "0" } else { "-1" });
            }
            set(&self.root, "data-when", next.when);
        }
        if self.shown.is_hit != next.is_hit {
            set_or_remove(&self.root, "data-hit", next.is_hit.then_some(""));
        }
        if self.shown.line != next.line {
            self.draw_line(next.line.as_ref());
        }
        self.write_cells(&next.cells);
        self.shown = next;
    }

    fn draw_line(&mut self, line: Option<&Line>) {
        // A row without one keeps the element: to take it away and make it anew would lay out the row each time.
        if self.line.is_none() && line.is_some() {
            self.line = make("span", "").inspect(|element| {
                set(element, "aria-hidden", "true");
                let _ = self.root.insert_before(element, self.root.first_child().as_ref());
            });
        }
        if let Some(element) = &self.line {
            element.set_class_name(line.map_or(NO_LINE, |line| &line.class));
            set_or_remove(element, "title", line.and_then(|line| line.title.as_deref()));
        }
    }

    fn write_cells(&mut self, cells: &[Cell]) {
        let is_same = self.cells.len() == cells.len()
            && self.shown.cells.iter().zip(cells).all(|(shown, next)| shown.column == next.column);
        if !is_same {
            self.cells.drain(..).for_each(|cell| cell.root.remove());
            self.shown.cells.clear();
            for (cell, number) in cells.iter().zip(1..) {
                self.cells.extend(CellElement::new(cell, number).inspect(|made| {
                    let _ = self.root.append_child(&made.root);
                }));
            }
            return;
        }
        for ((element, shown), next) in self.cells.iter_mut().zip(&self.shown.cells).zip(cells) {
            if shown != next {
                element.show(shown, next);
            }
        }
    }
}

struct CellElement {
    root: Element,
    parts: Vec<PartNode>,
}

impl CellElement {
    fn new(cell: &Cell, number: usize) -> Option<Self> {
        let root = make("span", cell.column.class())?;
        set(&root, "role", "gridcell");
        set(&root, "aria-colindex", &number.to_string());
        let mut made = Self { root, parts: Vec::new() };
        let none = Cell { column: cell.column, parts: Vec::new(), waits: false, title: None };
        made.show(&none, cell);
        Some(made)
    }

    fn show(&mut self, shown: &Cell, next: &Cell) {
        if shown.waits != next.waits {
            set_or_remove(&self.root, "data-waits", next.waits.then_some(""));
        }
        if shown.title != next.title {
            set_or_remove(&self.root, "title", next.title.as_deref());
        }
        if has_more(shown) != has_more(next) {
            set_or_remove(&self.root, "data-more", has_more(next).then_some(""));
        }
        let alike = shown.parts.iter().zip(&next.parts).zip(&self.parts).take_while(|((a, b), _)| a.is_like(b)).count();
        for ((node, shown), next) in self.parts.iter().zip(&shown.parts).zip(&next.parts).take(alike) {
            if shown != next {
                node.write(next);
            }
        }
        for node in self.parts.drain(alike..) {
            let _ = self.root.remove_child(&node.outer);
        }
        for part in &next.parts[alike..] {
            self.parts.extend(PartNode::new(part).inspect(|node| {
                let _ = self.root.append_child(&node.outer);
            }));
        }
    }
}

struct PartNode {
    outer: Node,
    text: Option<Text>,
    element: Option<Element>,
}

impl PartNode {
    fn new(part: &Part) -> Option<Self> {
        let made = match part {
            Part::Text(look, _) => {
                let text = document().create_text_node("");
                match look.element() {
                    Some((tag, class)) => {
                        let element = make(tag, class)?;
                        element.append_child(&text).ok()?;
                        Self { outer: element.clone().into(), text: Some(text), element: Some(element) }
                    }
                    None => Self { outer: text.clone().into(), text: Some(text), element: None },
                }
            }
            Part::Swatch { .. } => {
                let element = make("i", "")?;
                Self { outer: element.clone().into(), text: None, element: Some(element) }
            }
        };
        made.write(part);
        Some(made)
    }

    fn write(&self, part: &Part) {
        match part {
            Part::Text(_, text) => {
                if let Some(node) = &self.text {
                    node.set_data(text);
                }
            }
            Part::Swatch { colour, shape } => {
                if let Some(element) = &self.element {
                    element.set_class_name(&format!("lf-sw {colour}"));
                    set(element, "data-shape", shape);
                }
            }
        }
    }
}

/// Whether something stands at the right end of the cell, which its text must go round.
fn has_more(cell: &Cell) -> bool {
    matches!(cell.parts.first(), Some(Part::Text(Look::Ahead | Look::Note, _)))
}
