//! A map as two sorted lists, for the few thousand things a client holds.
//!
//! `BTreeMap` is the better map and the heavier one: in the web client each pair of types brings its own tree, and each
//! sorted list its own two sorts, 60 KB of machine code together (decision 0005). Finding is a binary search; adding in
//! the middle moves what is behind it, which no list here is long enough to feel.

/// A map sorted by its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedMap<K, V> {
    /// Apart from the values, so that finding is the same code for all maps of one kind of key.
    keys: Vec<K>,
    values: Vec<V>,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self { keys: Vec::new(), values: Vec::new() }
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.find(key).ok().map(|at| &self.values[at])
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|at| &mut self.values[at])
    }

    /// The value of a key; if it has none yet, a new one.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let at = self.find(&key).unwrap_or_else(|at| {
            self.keys.insert(at, key);
            self.values.insert(at, make());
            at
        });
        &mut self.values[at]
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(at) => self.values[at] = value,
            Err(at) => {
                self.keys.insert(at, key);
                self.values.insert(at, value);
            }
        }
    }

    /// Takes a key and its value out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.find(key).ok()?;
        self.keys.remove(at);
        Some(self.values.remove(at))
    }

    /// Whether there is a value for a key.
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> std::slice::Iter<'_, V> {
        self.values.iter()
    }

    /// The values, in the order of their keys, to change them.
    pub fn values_mut(&mut self) -> std::slice::IterMut<'_, V> {
        self.values.iter_mut()
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.keys.iter().zip(&self.values)
    }

    /// Keys and values, in the order of the keys, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.keys.iter().zip(&mut self.values)
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.keys.binary_search_by(|held| held.borrow().cmp(key))
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    /// Of a key that comes twice, one value stays; it is not said which.
    fn from_iter<Pairs: IntoIterator<Item = (K, V)>>(pairs: Pairs) -> Self {
        let mut pairs: Vec<(K, V)> = pairs.into_iter().collect();
        sort(&mut pairs, |one, other| one.0 < other.0);
        pairs.dedup_by(|one, other| one.0 == other.0);
        let mut map = Self::default();
        for (key, value) in pairs {
            map.keys.push(key);
            map.values.push(value);
        }
        map
    }
}

/// Sorts a list in place; equal items may change places.
///
/// D. L. Shell's sort (CACM 2(7), 1959) with M. Ciura's gaps (FCT 2001): for lists of some thousands nearly as quick as
/// the standard library's, with a twentieth of its code.
pub fn sort<T>(list: &mut [T], is_less: impl Fn(&T, &T) -> bool) {
    for gap in [1750, 701, 301, 132, 57, 23, 10, 4, 1] {
        for start in gap..list.len() {
            let mut at = start;
            while at >= gap && is_less(&list[at], &list[at - gap]) {
                list.swap(at, at - gap);
                at -= gap;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_tree_holds(
            begin in proptest::collection::btree_map(0..4_000_u32, 0..9_u8, 0..2_000),
            steps in proptest::collection::vec((0..60_u32, proptest::option::of(0..9_u8)), 0..60),
        ) {
            let mut tree = begin;
            // In an order that is not theirs.
            let mut map: SortedMap<u32, u8> = tree.iter().map(|(key, value)| (key ^ 1_365, *value)).collect();
            tree = tree.into_iter().map(|(key, value)| (key ^ 1_365, value)).collect();
            for (key, value) in steps {
                match value {
                    Some(value) if value < 5 => {
                        tree.insert(key, value);
                        map.insert(key, value);
                    }
                    Some(value) => {
                        *tree.entry(key).or_insert(value) += 1;
                        *map.get_or_insert_with(key, || value) += 1;
                    }
                    None => {
                        tree.remove(&key);
                        map.remove(&key);
                    }
                }
                prop_assert_eq!((map.get(&key), map.contains_key(&key)), (tree.get(&key), tree.contains_key(&key)));
            }
            prop_assert!(map.iter().eq(&tree));
            prop_assert!(map.values().eq(tree.values()));
        }
    }

    #[test]
    fn a_key_that_comes_twice_is_held_once() {
        let map: SortedMap<u8, &str> = [(2, "b"), (1, "a"), (2, "c")].into_iter().collect();
        assert_eq!(map.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [1, 2]);
    }
}
