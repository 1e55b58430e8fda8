//! A shared map that keeps the order in which keys came.

use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Text, Value};

/// Values by key, in the order in which the keys were added; cloned by pointer. Two maps are equal if they hold equal
/// values under the same keys, in whatever order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Map(Arc<IndexMap<Text, Value>>);

impl Map {
    /// Returns an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns an empty map with room for `n` keys.
    #[must_use]
    pub fn with_capacity(n: usize) -> Self {
        Self(Arc::new(IndexMap::with_capacity(n)))
    }

    /// Returns how many keys there are.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there is no key.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what stands under a key.
    #[must_use]
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Returns what stands under a key, to be changed; copies the map (not what it holds) if someone else holds it too.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        // Looking first keeps a shared map shared when the key is absent.
        if !self.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.0).get_mut(key)
    }

    /// Returns the entry at a position in the order.
    #[must_use]
    #[inline]
    pub fn get_index(&self, index: usize) -> Option<(&Text, &Value)> {
        self.0.get_index(index)
    }

    /// Returns at which position in the order a key stands.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        self.0.get_index_of(key)
    }

    /// Returns true if the key is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Puts a value under a key and returns what stood there. A key that was there keeps its place, a new one comes last.
    pub fn insert(&mut self, key: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        Arc::make_mut(&mut self.0).insert(key.into(), value.into())
    }

    /// Takes a key out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        if !self.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.0).shift_remove(key)
    }

    /// Returns what stands under a key, put there as null if it was absent.
    pub(super) fn slot(&mut self, key: &Text) -> &mut Value {
        Arc::make_mut(&mut self.0).entry(key.clone()).or_default()
    }

    /// Returns the entries in order.
    #[must_use]
    pub fn iter(&self) -> MapIter<'_> {
        MapIter(self.0.iter())
    }

    /// Returns the values in order, to be changed; copies the map (not what it holds) if someone else holds it too.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        Arc::make_mut(&mut self.0).values_mut()
    }

    /// Returns the keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> + DoubleEndedIterator {
        self.0.keys()
    }

    /// Returns the values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.0.values()
    }

    /// Returns true if both are the same map in memory, not only equal ones.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<K: Into<Text>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(Arc::new(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        ))
    }
}

impl<K: Into<Text>, V: Into<Value>> Extend<(K, V)> for Map {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        Arc::make_mut(&mut self.0).extend(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into())),
        );
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Text, &'a Value);
    type IntoIter = MapIter<'a>;

    fn into_iter(self) -> MapIter<'a> {
        self.iter()
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = MapIntoIter;

    fn into_iter(self) -> MapIntoIter {
        MapIntoIter(Arc::unwrap_or_clone(self.0).into_iter())
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

// The iterators are named here so that the type behind them stays private.
macro_rules! iterator {
    ($(#[doc = $doc:literal])+ $name:ident $(<$life:lifetime>)?, $inner:ty, $item:ty) => {
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub struct $name $(<$life>)? ($inner);

        impl $(<$life>)? Iterator for $name $(<$life>)? {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl $(<$life>)? DoubleEndedIterator for $name $(<$life>)? {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.0.next_back()
            }
        }

        impl $(<$life>)? ExactSizeIterator for $name $(<$life>)? {}
        impl $(<$life>)? FusedIterator for $name $(<$life>)? {}
    };
}

iterator! {
    /// The entries of a map in order.
    MapIter<'a>, indexmap::map::Iter<'a, Text, Value>, (&'a Text, &'a Value)
}

iterator! {
    /// The entries of a map in order, taken out of it.
    MapIntoIter, indexmap::map::IntoIter<Text, Value>, (Text, Value)
}
