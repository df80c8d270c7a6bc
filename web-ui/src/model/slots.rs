//! Which element shows which row of a long list.
//!
//! Making and removing the elements of forty rows in one frame costs more than all else in it. So an element that has lost
//! its row takes another one, and only what differs between the two is written.

use std::collections::{HashMap, HashSet};

/// An element that shows rows, by a number of its own.
pub type Slot = u32;

/// The elements in the order of their rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    shown: Vec<(Slot, u64)>,
}

impl Slots {
    /// The slots for other rows, ascending. Rows that were shown keep their elements; the others take those that are free,
    /// in order, so that a jump moves no element.
    #[must_use]
    pub fn show(&self, rows: impl IntoIterator<Item = u64>) -> Self {
        let rows: Vec<u64> = rows.into_iter().collect();
        let mut free = self.shown.iter().filter(|(_, row)| rows.binary_search(row).is_err()).map(|(slot, _)| *slot);
        let mut next = self.shown.iter().map(|(slot, _)| slot + 1).max().unwrap_or(0);
        let mut take = || {
            free.next().unwrap_or_else(|| {
                next += 1;
                next - 1
            })
        };
        let shown = rows.iter().map(|row| (self.slot_of(*row).unwrap_or_else(&mut take), *row)).collect();
        Self { shown }
    }

    /// The slots in the order of their rows.
    pub fn iter(&self) -> impl Iterator<Item = Slot> {
        self.shown.iter().map(|(slot, _)| *slot)
    }

    /// The place of a slot among the rows that are shown.
    #[must_use]
    pub fn index_of(&self, slot: Slot) -> Option<usize> {
        self.shown.iter().position(|(shown, _)| *shown == slot)
    }

    /// The slots that may stay where they stand when elements in the order `before` are to be in this one: as many as can, and
    /// `pinned` among them if it is in both. The others are put before the one that follows them, from the last on.
    #[must_use]
    pub fn staying(&self, before: &[Slot], pinned: Option<Slot>) -> HashSet<Slot> {
        let place_of: HashMap<Slot, usize> = before.iter().zip(0..).map(|(slot, place)| (*slot, place)).collect();
        let mut stood: Vec<(Slot, usize)> =
            self.iter().filter_map(|slot| Some((slot, *place_of.get(&slot)?))).collect();
        if let Some(pin) = stood.iter().position(|(slot, _)| Some(*slot) == pinned) {
            // What may stay beside it: a longest run of these has it, too.
            let pin_place = stood[pin].1;
            let indexed = stood.into_iter().enumerate();
            stood =
                indexed.filter(|(at, (_, place))| at.cmp(&pin) == place.cmp(&pin_place)).map(|(_, one)| one).collect();
        }
        // The longest rising run of places. For every length the one that ends earliest, and what came before each in its run.
        let mut ends: Vec<usize> = Vec::new();
        let mut previous: Vec<Option<usize>> = Vec::with_capacity(stood.len());
        for (index, (_, place)) in stood.iter().enumerate() {
            let length = ends.partition_point(|end| stood[*end].1 < *place);
            previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
            if length < ends.len() {
                ends[length] = index;
            } else {
                ends.push(index);
            }
        }
        let mut run = HashSet::new();
        let mut at = ends.last().copied();
        while let Some(index) = at {
            run.insert(stood[index].0);
            at = previous[index];
        }
        run
    }

    fn slot_of(&self, row: u64) -> Option<Slot> {
        self.shown.binary_search_by_key(&row, |(_, row)| *row).ok().map(|index| self.shown[index].0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_has_an_element_of_its_own_and_keeps_it(stretches in prop::collection::vec((0..200_u64, 0..40_u64), 1..20)) {
            let mut slots = Slots::default();
            for (first, count) in stretches {
                let next = slots.show(first..first + count);
                let mut seen: Vec<Slot> = next.iter().collect();
                seen.sort_unstable();
                seen.dedup();
                prop_assert_eq!(seen.len() as u64, count);
                for (index, row) in (first..first + count).enumerate() {
                    if let Some(before) = slots.slot_of(row) {
                        prop_assert_eq!(next.index_of(before), Some(index));
                    }
                }
                slots = next;
            }
        }
    }

    #[test]
    fn a_step_up_or_down_moves_the_rows_that_come_into_view_alone() {
        let slots = Slots::default().show(100..140);
        for (rows, moved) in
            [(101..141, 1), (99..139, 1), (103..143, 3), (90..130, 10), (100..140, 0), (5_000..5_040, 0)]
        {
            let next = slots.show(rows.clone());
            let staying = next.staying(&slots.iter().collect::<Vec<_>>(), None);
            assert_eq!(next.iter().count() - staying.len(), moved, "{rows:?}");
        }
    }

    proptest! {
        #[test]
        fn elements_that_do_not_stay_are_put_in_order(stretches in prop::collection::vec((0..60_u64, 0..40_u64, 0..60_u64), 1..20)) {
            let (mut slots, mut standing) = (Slots::default(), Vec::<Slot>::new());
            for (first, count, pinned) in stretches {
                let next = slots.show(first..first + count);
                let order: Vec<Slot> = next.iter().collect();
                let pinned = next.slot_of(pinned);
                let staying = next.staying(&standing, pinned);
                prop_assert!(pinned.is_none_or(|pinned| staying.contains(&pinned) || !standing.contains(&pinned)));
                standing.retain(|slot| order.contains(slot));
                for (index, slot) in order.iter().enumerate().rev() {
                    if staying.contains(slot) {
                        continue;
                    }
                    standing.retain(|other| other != slot);
                    let follower = order.get(index + 1);
                    let place = follower.and_then(|follower| standing.iter().position(|other| other == follower));
                    standing.insert(place.unwrap_or(standing.len()), *slot);
                }
                prop_assert_eq!(&standing, &order);
                slots = next;
            }
        }
    }

    #[test]
    fn a_jump_moves_no_element() {
        let slots = Slots::default().show(0..40);
        let jumped = slots.show(5_000..5_040);
        assert_eq!(slots.iter().collect::<Vec<_>>(), jumped.iter().collect::<Vec<_>>());
    }
}
