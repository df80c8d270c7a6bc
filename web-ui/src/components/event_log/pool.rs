//! The elements of the rows in view.
//!
//! A frame has room for so much and no more: the rest of a page of other rows is made and written in the next ones. Until then
//! their elements still are the rows that they were.
//!
//! Every element has its place by itself, counted in rows from an origin that moves with leaps. A step writes the rows that
//! come into view, and moves no element in the document: one that is moved there is styled and laid out as if it were new.
//! Once the rows rest, elements are [put in order](Pool::put_in_order) for those who have the page read to them.

use std::collections::HashMap;
use std::ops::Range;

use leftfold_core::Position;
use web_sys::{Element, Node};

use super::element::RowElement;
use super::row::{Frame, Shown};
use crate::model::slots::{Slot, Slots};
use crate::state::browser::now_ms;

/// For how long rows are made and written in one frame, in milliseconds. What was written is then styled, laid out and painted,
/// which takes as long again.
const WRITE_MS: f64 = 1.0;

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
    frame: Option<Frame>,
    /// The number of that frame: the next one has the same, if it is like it.
    number: u64,
    /// What is still to be looked at: which element, its row, and the event that this is.
    rest: Vec<(Slot, u64, Position)>,
}

impl Pool {
    /// The row whose place is the top of the block.
    pub(super) fn origin(&self) -> i64 {
        self.origin
    }

    /// Shows these rows, ascending, inside of `block`. Whether all of them are written; if not, [`go_on`](Self::go_on) does.
    pub(super) fn show(&mut self, block: &Element, frame: Frame, rows: &[(u64, Position)]) -> bool {
        self.move_origin(rows);
        self.slots = self.slots.show(rows.iter().map(|(row, _)| *row));
        let order: Vec<Slot> = self.slots.iter().collect();
        self.elements.retain(|slot, element| {
            let stays = order.contains(slot);
            if !stays {
                element.root().remove();
            }
            stays
        });
        self.standing.retain(|slot| self.elements.contains_key(slot));
        for (slot, (row, _)) in order.iter().zip(rows) {
            if !self.elements.contains_key(slot)
                && let Some(made) = RowElement::new()
            {
                let _ = block.append_child(made.root());
                self.elements.insert(*slot, made);
                self.standing.push(*slot);
            }
            if let Some(element) = self.elements.get_mut(slot) {
                element.stand_at(signed(*row) - self.origin);
            }
        }
        if !self.frame.as_ref().is_some_and(|before| before.is_like(&frame)) {
            self.number += 1;
        }
        // The row of the cursor, and the element that was it, come first and together: there is one such row at any time.
        let wanted = order.into_iter().zip(rows).map(|(slot, (row, position))| (slot, *row, *position));
        let (now, rest) = wanted.partition::<Vec<_>, _>(|(slot, _, position)| {
            *position == frame.cursor || self.elements.get(slot).is_some_and(RowElement::is_now)
        });
        self.frame = Some(frame);
        for (slot, row, position) in now {
            self.write(slot, row, position);
        }
        self.rest = rest;
        self.go_on()
    }

    /// Lets an element show what a row shows now.
    fn write(&mut self, slot: Slot, row: u64, position: Position) {
        let (Some(element), Some(frame)) = (self.elements.get_mut(&slot), &self.frame) else { return };
        let stamp = frame.stamp(self.number, row, position);
        if (stamp.is_none() || element.stamp != stamp)
            && let Some(shown) = Shown::new(frame, row, position)
        {
            element.show(shown);
            element.stamp = stamp;
        }
    }

    /// After a leap the elements have the places that they had: nothing but what they show is another.
    fn move_origin(&mut self, rows: &[(u64, Position)]) {
        let first = rows.first().map_or(0, |(row, _)| signed(*row));
        let end = rows.last().map_or(first, |(row, _)| signed(*row) + 1);
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

    /// Makes and writes more of the rows that were to be shown. Whether all of them are written.
    pub(super) fn go_on(&mut self) -> bool {
        let until = now_ms() + WRITE_MS;
        let mut rest = std::mem::take(&mut self.rest).into_iter();
        for (slot, row, position) in rest.by_ref() {
            self.write(slot, row, position);
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
