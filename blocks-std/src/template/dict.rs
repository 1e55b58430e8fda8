//! Python's dict: keys of any hashable type, in the order in which they came.

use std::collections::HashMap;

use graphloom::Text;

use super::Result;
use super::item::{Item, MAX_WALK};

/// Keys and values.
#[derive(Debug, Default)]
pub(super) struct Dict {
    entries: Vec<(Item, Item)>,
    places: HashMap<Key, usize>,
}

/// What two equal keys have in common: 1, 1.0 and true are one key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    None,
    Whole(i128),
    Float(u64),
    Text(Text),
    Bytes(Vec<u8>),
    Tuple(Vec<Key>),
}

impl Key {
    /// Returns the key that a value is, if it can be one.
    pub(super) fn of(item: &Item) -> Result<Self> {
        Self::at(item, 0)
    }

    fn at(item: &Item, depth: usize) -> Result<Self> {
        if depth > MAX_WALK {
            return Err("a tuple is nested too deep for a key".to_owned());
        }
        Ok(match item {
            Item::None => Self::None,
            Item::Bool(truth) => Self::Whole(i128::from(*truth)),
            Item::Int(int) => Self::Whole(*int),
            // Saturates where no integer is equal.
            Item::Float(float) if float.fract() == 0.0 => Self::Whole(*float as i128),
            Item::Float(float) => Self::Float(float.to_bits()),
            Item::Text(text) | Item::Markup(text) => Self::Text(text.clone()),
            Item::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Item::Tuple(items) => {
                let keys = items.iter().map(|item| Self::at(item, depth + 1));
                Self::Tuple(keys.collect::<Result<_>>()?)
            }
            other => return Err(format!("unhashable type: '{}'", other.type_name())),
        })
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        super::items::dismantle(self.take_all());
    }
}

impl Dict {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, key: &Item) -> Option<&Item> {
        let place = self.places.get(&Key::of(key).ok()?)?;
        self.entries.get(*place).map(|(_, value)| value)
    }

    pub(super) fn get_text(&self, key: &Text) -> Option<&Item> {
        let place = self.places.get(&Key::Text(key.clone()))?;
        self.entries.get(*place).map(|(_, value)| value)
    }

    pub(super) fn insert(&mut self, key: Item, value: Item) -> Result<()> {
        let place = *self
            .places
            .entry(Key::of(&key)?)
            .or_insert(self.entries.len());
        match self.entries.get_mut(place) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((key, value)),
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &Item) -> Option<Item> {
        let place = self.places.remove(&Key::of(key).ok()?)?;
        let (_, value) = self.entries.remove(place);
        for other in self.places.values_mut().filter(|other| **other > place) {
            *other -= 1;
        }
        Some(value)
    }

    /// Takes all keys and values out.
    pub(super) fn take_all(&mut self) -> Vec<Item> {
        self.places.clear();
        let entries = std::mem::take(&mut self.entries);
        entries
            .into_iter()
            .flat_map(|(key, value)| [key, value])
            .collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Item, &Item)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Item> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// Returns the entries as pairs.
    pub(super) fn pairs(&self) -> Vec<Item> {
        self.iter()
            .map(|(key, value)| Item::tuple([key.clone(), value.clone()]))
            .collect()
    }
}
