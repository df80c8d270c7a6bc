//! The elements of the rows in view, in the order of their rows.
//!
//! A frame has room for so much and no more: the rest of a page of other rows is written in the next ones. Until then their
//! elements still are the rows that they were.

use std::collections::HashMap;

use leftfold_core::Position;
use web_sys::{Element, Node};

use super::element::RowElement;
use super::row::Shown;
use crate::model::slots::{Slot, Slots};
use crate::state::browser::now_ms;

/// For how long rows are written in one frame, in milliseconds. What was written is then styled, laid out and painted, which
/// takes some times as long.
const WRITE_MS: f64 = 0.5;

/// The elements by slot, and the order in which they stand.
#[derive(Default)]
pub(super) struct Pool {
    slots: Slots,
    order: Vec<Slot>,
    elements: HashMap<Slot, RowElement>,
    /// What is still to be written.
    rest: Vec<(Slot, Shown)>,
}

impl Pool {
    /// Shows these rows, ascending, inside of `block`. Whether all of them are written; if not, [`go_on`](Self::go_on) does.
    pub(super) fn show(&mut self, block: &Element, rows: Vec<Shown>) -> bool {
        self.slots = self.slots.show(rows.iter().map(|shown| shown.row));
        let order: Vec<Slot> = self.slots.iter().collect();
        self.elements.retain(|slot, element| {
            let stays = order.contains(slot);
            if !stays {
                element.root().remove();
            }
            stays
        });
        for slot in &order {
            if !self.elements.contains_key(slot)
                && let Some(made) = RowElement::new()
            {
                self.elements.insert(*slot, made);
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
        let is_done = self.go_on();
        if self.order != order {
            self.stand(block, &order);
            self.order = order;
        }
        is_done
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

    /// Brings the elements into an order. One that is moved is styled and laid out as if it were new: as few as can be are moved.
    fn stand(&self, block: &Element, order: &[Slot]) {
        let staying = self.slots.staying(&self.order);
        let mut next: Option<&Node> = None;
        for slot in order.iter().rev() {
            let Some(element) = self.elements.get(slot) else { continue };
            let root: &Node = element.root();
            if !staying.contains(slot) {
                let _ = block.insert_before(root, next);
            }
            next = Some(root);
        }
    }
}
