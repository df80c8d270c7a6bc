//! A map that grows in small steps.

use std::hash::{BuildHasher, Hash};

use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap};

const PARTS: usize = 64;

/// A map of very many keys, in parts by their hash. A hash table that is full moves all it holds at once; here that is a part,
/// so that an insert never holds up a frame. Without values it is a set.
#[derive(Clone, Debug)]
pub(crate) struct WideMap<K, V = ()> {
    parts: Vec<HashMap<K, V>>,
    hasher: DefaultHashBuilder,
}

impl<K, V> Default for WideMap<K, V> {
    fn default() -> Self {
        let parts = (0..PARTS).map(|_| HashMap::default()).collect();
        Self { parts, hasher: DefaultHashBuilder::default() }
    }
}

impl<K: Eq + Hash, V> WideMap<K, V> {
    fn part(&self, key: &K) -> usize {
        // Another hasher than that of the parts, which would else see hashes that agree in these bits.
        self.hasher.hash_one(key) as usize % PARTS
    }

    /// The place of a key, to look into and to fill.
    pub(crate) fn entry(&mut self, key: K) -> Entry<'_, K, V, DefaultHashBuilder> {
        let part = self.part(&key);
        self.parts[part].entry(key)
    }

    /// Puts a value under a key; gives the one that was there.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let part = self.part(&key);
        self.parts[part].insert(key, value)
    }

    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.parts[self.part(key)].contains_key(key)
    }

    pub(crate) fn remove(&mut self, key: &K) {
        let part = self.part(key);
        self.parts[part].remove(key);
    }

    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(HashMap::len).sum()
    }

    pub(crate) fn clear(&mut self) {
        self.parts.iter_mut().for_each(HashMap::clear);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_plain_map_holds(changes in prop::collection::vec((0_u8..3, 0_u16..400, any::<u8>()), 0..600)) {
            let (mut map, mut model) = (WideMap::default(), BTreeMap::new());
            for (change, key, value) in changes {
                match change {
                    0 => prop_assert_eq!(map.insert(key, value), model.insert(key, value)),
                    1 => prop_assert_eq!(*map.entry(key).or_insert(value), *model.entry(key).or_insert(value)),
                    _ => {
                        map.remove(&key);
                        model.remove(&key);
                    }
                }
                prop_assert_eq!(map.contains_key(&key), model.contains_key(&key));
                prop_assert_eq!(map.len(), model.len());
            }
            map.clear();
            prop_assert_eq!(map.len(), 0);
        }
    }
}
