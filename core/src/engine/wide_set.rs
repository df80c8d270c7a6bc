//! A set that grows in small steps.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashSet};

const PARTS: usize = 64;

/// A set of very many values, in parts by their hash. A hash table that is full moves all it holds at once; here that is a part,
/// so that an insert never holds up a frame.
#[derive(Clone, Debug)]
pub(super) struct WideSet<T> {
    parts: Vec<HashSet<T>>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for WideSet<T> {
    fn default() -> Self {
        let parts = (0..PARTS).map(|_| HashSet::default()).collect();
        Self { parts, hasher: DefaultHashBuilder::default() }
    }
}

impl<T: Eq + Hash> WideSet<T> {
    fn part(&self, value: &T) -> usize {
        // Another hasher than that of the parts, which would else see hashes that agree in these bits.
        self.hasher.hash_one(value) as usize % PARTS
    }

    /// Adds a value; `false` when it was there.
    pub(super) fn insert(&mut self, value: T) -> bool {
        let part = self.part(&value);
        self.parts[part].insert(value)
    }

    pub(super) fn contains(&self, value: &T) -> bool {
        self.parts[self.part(value)].contains(value)
    }

    pub(super) fn remove(&mut self, value: &T) {
        let part = self.part(value);
        self.parts[part].remove(value);
    }

    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(HashSet::len).sum()
    }

    pub(super) fn clear(&mut self) {
        self.parts.iter_mut().for_each(HashSet::clear);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_plain_set_holds(changes in prop::collection::vec((any::<bool>(), 0_u16..400), 0..600)) {
            let (mut set, mut model) = (WideSet::default(), BTreeSet::new());
            for (is_added, value) in changes {
                if is_added {
                    prop_assert_eq!(set.insert(value), model.insert(value));
                } else {
                    set.remove(&value);
                    model.remove(&value);
                }
                prop_assert_eq!(set.contains(&value), is_added);
                prop_assert_eq!(set.len(), model.len());
            }
            set.clear();
            prop_assert_eq!(set.len(), 0);
        }
    }
}
