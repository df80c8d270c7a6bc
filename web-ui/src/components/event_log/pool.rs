//! The elements of the rows in view, in the order of their rows.

use std::collections::HashMap;

use web_sys::{Element, Node};

use super::element::RowElement;
use super::row::Shown;
use crate::model::slots::{Slot, Slots};

/// The elements by slot, and the order in which they stand.
#[derive(Default)]
pub(super) struct Pool {
    slots: Slots,
    order: Vec<Slot>,
    elements: HashMap<Slot, RowElement>,
}

impl Pool {
    /// Shows these rows, ascending, inside of `block`.
    pub(super) fn show(&mut self, block: &Element, rows: Vec<Shown>) {
        self.slots = self.slots.show(rows.iter().map(|shown| shown.row));
        let order: Vec<Slot> = self.slots.iter().collect();
        self.elements.retain(|slot, element| {
            let stays = order.contains(slot);
            if !stays {
                element.root().remove();
            }
            stays
        });
        for (slot, shown) in order.iter().zip(rows) {
            if !self.elements.contains_key(slot) {
                let Some(made) = RowElement::new() else { continue };
                self.elements.insert(*slot, made);
            }
            if let Some(element) = self.elements.get_mut(slot) {
                element.show(shown);
            }
        }
        if self.order != order {
            self.stand(block, &order);
            self.order = order;
        }
    }

    /// Brings the elements into an order: from the last one on, each before the one that follows it, unless it is there already.
    fn stand(&self, block: &Element, order: &[Slot]) {
        let mut next: Option<Node> = None;
        for element in order.iter().rev().filter_map(|slot| self.elements.get(slot)) {
            let root: &Node = element.root();
            let is_there = root.parent_node().is_some() && root.next_sibling() == next;
            if !is_there {
                let _ = block.insert_before(root, next.as_ref());
            }
            next = Some(root.clone());
        }
    }
}
