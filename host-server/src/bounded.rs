//! Memory that holds so many bytes and forgets what was not asked for the longest.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Values by key, within a number of bytes. What is too large by itself is not held at all.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    max: usize,
    held: usize,
    now: u64,
    items: HashMap<K, Item<V>>,
}

#[derive(Debug)]
struct Item<V> {
    value: V,
    bytes: usize,
    asked: u64,
}

impl<K: Eq + Hash + Clone, V: Clone> Bounded<K, V> {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            held: 0,
            now: 0,
            items: HashMap::new(),
        }
    }

    /// Returns what is held under a key.
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.now += 1;
        let item = self.items.get_mut(key)?;
        item.asked = self.now;
        Some(item.value.clone())
    }

    /// Says how many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.held
    }

    /// Holds a value of so many bytes, and forgets others where there is no room.
    pub(crate) fn put(&mut self, key: K, value: V, bytes: usize) {
        self.remove(&key);
        if bytes > self.max {
            return;
        }
        if self.held + bytes > self.max {
            self.make_room(bytes);
        }
        self.now += 1;
        self.held += bytes;
        let asked = self.now;
        self.items.insert(
            key,
            Item {
                value,
                bytes,
                asked,
            },
        );
    }

    /// Forgets what is held under a key.
    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Some(item) = self.items.remove(key) {
            self.held -= item.bytes;
        }
    }

    /// Forgets all but what this says.
    pub(crate) fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.items.retain(|key, _| keep(key));
        self.held = self.items.values().map(|item| item.bytes).sum();
    }

    /// Forgets until a quarter is free, so that this is not done again at once.
    fn make_room(&mut self, bytes: usize) {
        let wanted = (self.max - self.max / 4).min(self.max - bytes);
        let mut by_age: Vec<(u64, K)> = self
            .items
            .iter()
            .map(|(key, item)| (item.asked, key.clone()))
            .collect();
        by_age.sort_unstable_by_key(|(asked, _)| *asked);
        for (_, key) in by_age {
            if self.held <= wanted {
                break;
            }
            self.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_last_stays() {
        let mut held = Bounded::new(100);
        for key in 0..10 {
            held.put(key, key, 10);
        }
        assert_eq!(held.get(&0), Some(0));
        held.put(10, 10, 10);
        assert_eq!((held.get(&0), held.get(&10)), (Some(0), Some(10)));
        assert_eq!((held.get(&1), held.get(&2)), (None, None));
        assert!(held.held <= 100);
        held.put(11, 11, 101);
        assert_eq!(held.get(&11), None);
        held.put(0, 1, 95);
        assert_eq!((held.get(&0), held.get(&10)), (Some(1), None));
        held.retain(|key| *key != 0);
        assert_eq!((held.get(&0), held.held), (None, 0));
    }
}
