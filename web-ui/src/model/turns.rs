//! Whose turn it is when several are kept up with something that may change at any moment.

/// Goes round, so that each gets its turn, however often what is wanted changes.
#[derive(Clone, Debug)]
pub struct Turns<K> {
    wanted: Option<K>,
    next: usize,
    done: usize,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self { wanted: None, next: 0, done: 0 }
    }
}

impl<K: Clone + PartialEq> Turns<K> {
    /// The next of `of` that is to be kept up with `wanted`; `None` when each had its turn for it. Another `wanted` begins a
    /// new round where the one before was left.
    pub fn next(&mut self, wanted: &K, of: usize) -> Option<usize> {
        if self.wanted.as_ref() != Some(wanted) {
            self.wanted = Some(wanted.clone());
            self.done = 0;
        }
        if self.done >= of {
            return None;
        }
        let index = self.next % of;
        self.next = index + 1;
        self.done += 1;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_has_its_turn_while_what_is_wanted_changes_all_the_time() {
        let mut turns = Turns::default();
        let had: Vec<_> = (0..6).map(|wanted| turns.next(&wanted, 3)).collect();
        assert_eq!(had, [Some(0), Some(1), Some(2), Some(0), Some(1), Some(2)]);
        assert_eq!([turns.next(&5, 3), turns.next(&5, 3), turns.next(&5, 3)], [Some(0), Some(1), None]);
    }

    proptest! {
        #[test]
        fn a_round_is_whole_and_nobody_waits_longer_than_one(wanted in prop::collection::vec(0_u8..3, 0..60), of in 1_usize..7) {
            let mut turns = Turns::default();
            let mut had = Vec::new();
            let mut of_this = BTreeSet::new();
            let mut before = None;
            for wanted in wanted {
                if before != Some(wanted) {
                    of_this.clear();
                }
                before = Some(wanted);
                match turns.next(&wanted, of) {
                    Some(index) => {
                        prop_assert!(of_this.insert(index), "twice in one round");
                        had.push(index);
                    }
                    None => prop_assert_eq!(of_this.len(), of),
                }
            }
            for window in had.windows(of) {
                prop_assert_eq!(window.iter().collect::<BTreeSet<_>>().len(), of);
            }
        }

        #[test]
        fn none_is_none(wanted in 0_u8..3) {
            prop_assert_eq!(Turns::default().next(&wanted, 0), None);
        }
    }
}
