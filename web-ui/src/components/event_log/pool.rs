//! The elements of the rows in view.
//!
//! A frame has room for so much and no more: the rest of a page of other rows is written in the next ones. Until then their
//! elements still are the rows that they were.
//!
//! Every element has its place by itself, counted in rows from an origin that moves with leaps. A step writes the rows that
//! come into view, and moves no element in the document: one that is moved there is styled and laid out as if it were new.
//! Once the rows rest, elements are [put in order](Pool::put_in_order) for those who have the page read to them.

use std::collections::HashMap;
use std::ops::Range;

use leftfold_core::Position;
use web_sys::{Element, Node};

use super::element::RowElement;
use super::row::Shown;
use crate::model::slots::{Slot, Slots};
use crate::state::browser::now_ms;

/// For how long rows are written in one frame, in milliseconds. What was written is then styled, laid out and painted, which
/// takes some times as long.
const WRITE_MS: f64 = 0.5;

/// Rows that stand further than this from the origin, in rows, begin at a new one.
const FAR: i64 = 512;

/// The elements by slot.
#[derive(Default)]
pub(super) struct Pool {
    slots: Slots,
    /// The slots in the order of the document.
    standing: Vec<Slot>,
    elements: HashMap<Slot, RowElement>,
    /// The rows that were shown last.
    shown: Range<i64>,
    /// The row, be there one or not, whose place is the top of the block.
    origin: i64,
    /// What is still to be written.
    rest: Vec<(Slot, Shown)>,
}

impl Pool {
    /// The row whose place is the top of the block.
    pub(super) fn origin(&self) -> i64 {
        self.origin
    }

    /// Shows these rows, ascending, inside of `block`. Whether all of them are written; if not, [`go_on`](Self::go_on) does.
    pub(super) fn show(&mut self, block: &Element, rows: Vec<Shown>) -> bool {
        self.move_origin(&rows);
        self.slots = self.slots.show(rows.iter().map(|shown| shown.row));
        let order: Vec<Slot> = self.slots.iter().collect();
        self.elements.retain(|slot, element| {
            let stays = order.contains(slot);
            if !stays {
                element.root().remove();
            }
            stays
        });
        self.standing.retain(|slot| self.elements.contains_key(slot));
        for (slot, shown) in order.iter().zip(&rows) {
            if !self.elements.contains_key(slot)
                && let Some(made) = RowElement::new()
            {
                let _ = block.append_child(made.root());
                self.elements.insert(*slot, made);
                self.standing.push(*slot);
            }
            if let Some(element) = self.elements.get_mut(slot) {
                element.stand_at(signed(shown.row) - self.origin);
            }
        }
        // The row of the cursor, and the element that was it, come first and together: there is one such row at any time.
        let (now, rest) = order.iter().copied().zip(rows).partition::<Vec<_>, _>(|(slot, shown)| {
            shown.is_now() || self.elements.get(slot).is_some_and(RowElement::is_now)
        });
        for (slot, shown) in now {
            if let Some(element) = self.elements.get_mut(&slot) {
                element.show(shown);
            }
        }
        self.rest = rest;
        self.go_on()
    }

    /// After a leap the elements have the places that they had: nothing but what they show is another.
    fn move_origin(&mut self, rows: &[Shown]) {
        let first = rows.first().map_or(0, |shown| signed(shown.row));
        let end = rows.last().map_or(first, |shown| signed(shown.row) + 1);
        if first >= self.shown.end || end <= self.shown.start {
            self.origin += first - self.shown.start;
        }
        if (first - self.origin).abs() > FAR {
            self.origin = first;
        }
        self.shown = first..end;
    }

    /// The event that an element shows.
    pub(super) fn position_in(&self, element: &Element) -> Option<Position> {
        let row = self.elements.values().find(|row| row.root().is_same_node(Some(element)))?;
        Some(row.position())
    }

    /// Writes more of the rows that were to be shown. Whether all of them are written.
    pub(super) fn go_on(&mut self) -> bool {
        let until = now_ms() + WRITE_MS;
        let mut rest = std::mem::take(&mut self.rest).into_iter();
        for (slot, shown) in rest.by_ref() {
            if let Some(element) = self.elements.get_mut(&slot) {
                element.show(shown);
            }
            if now_ms() >= until {
                break;
            }
        }
        self.rest = rest.collect();
        self.rest.is_empty()
    }

    /// Brings the elements into the order of their rows in the document. As few as can be are moved, and never the row of the
    /// cursor: it would lose the focus.
    pub(super) fn put_in_order(&mut self, block: &Element) {
        let order: Vec<Slot> = self.slots.iter().collect();
        if self.standing == order {
            return;
        }
        let current = order.iter().copied().find(|slot| self.elements.get(slot).is_some_and(RowElement::is_now));
        let staying = self.slots.staying(&self.standing, current);
        let mut next: Option<&Node> = None;
        for slot in order.iter().rev() {
            let Some(element) = self.elements.get(slot) else { continue };
            let root: &Node = element.root();
            if !staying.contains(slot) {
                let _ = block.insert_before(root, next);
            }
            next = Some(root);
        }
        self.standing = order;
    }
}

#[expect(clippy::cast_possible_wrap, reason = "row numbers stay far below 2^52")]
fn signed(row: u64) -> i64 {
    row as i64
}
