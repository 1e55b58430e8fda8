//! Reads maps whose keys are known, and collects every fault with its place.

use graphloom::json::Pointer;
use graphloom::value::Map;
use graphloom::{Text, Value};

use super::error::PresetError;

/// Everything wrong that was found so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) errors: Vec<PresetError>,
}

/// A map whose keys are known, and its place.
#[derive(Debug, Clone)]
pub(super) struct Table<'v> {
    map: &'v Map,
    pub(super) at: Pointer,
}

impl Reader {
    pub(super) fn invalid(&mut self, at: &Pointer, message: impl Into<String>) {
        self.errors.push(PresetError::Invalid {
            pointer: at.clone(),
            message: message.into(),
        });
    }

    pub(super) fn wrong_type(&mut self, at: &Pointer, expected: &'static str, found: &Value) {
        self.errors.push(PresetError::Type {
            pointer: at.clone(),
            expected,
            found: found.type_name(),
        });
    }

    /// Returns the value as a map of these keys; says what is wrong where it is none, or has others.
    pub(super) fn table<'v>(
        &mut self,
        value: &'v Value,
        at: &Pointer,
        keys: &[&str],
    ) -> Option<Table<'v>> {
        let map = self.map(value, at)?;
        for key in map.keys().filter(|key| !keys.contains(&key.as_str())) {
            self.errors.push(PresetError::UnknownKey {
                pointer: at.clone(),
                key: key.to_string(),
                known: keys.iter().map(|key| (*key).to_owned()).collect(),
            });
        }
        let at = at.clone();
        Some(Table { map, at })
    }

    /// Returns the value as a map of any keys.
    pub(super) fn map<'v>(&mut self, value: &'v Value, at: &Pointer) -> Option<&'v Map> {
        let map = value.as_map();
        if map.is_none() {
            self.wrong_type(at, "a map", value);
        }
        map
    }
}

impl<'v> Table<'v> {
    pub(super) fn place(&self, key: &str) -> Pointer {
        self.at.push(key)
    }

    pub(super) fn get(&self, key: &str) -> Option<(&'v Value, Pointer)> {
        Some((self.map.get(key)?, self.place(key)))
    }

    pub(super) fn need(&self, reader: &mut Reader, key: &str) -> Option<(&'v Value, Pointer)> {
        let found = self.get(key);
        if found.is_none() {
            reader.errors.push(PresetError::MissingKey {
                pointer: self.at.clone(),
                key: key.to_owned(),
            });
        }
        found
    }

    pub(super) fn text(&self, reader: &mut Reader, key: &str) -> Option<Text> {
        let (value, at) = self.get(key)?;
        match value {
            Value::Text(text) if !text.is_empty() => Some(text.clone()),
            Value::Text(_) => {
                reader.invalid(&at, "it is empty");
                None
            }
            other => {
                reader.wrong_type(&at, "a text", other);
                None
            }
        }
    }

    pub(super) fn need_text(&self, reader: &mut Reader, key: &str) -> Option<Text> {
        self.need(reader, key)?;
        self.text(reader, key)
    }

    pub(super) fn flag(&self, reader: &mut Reader, key: &str, default: bool) -> bool {
        match self.get(key) {
            None => default,
            Some((Value::Bool(flag), _)) => *flag,
            Some((other, at)) => {
                reader.wrong_type(&at, "true or false", other);
                default
            }
        }
    }

    /// Returns a whole number between these bounds.
    pub(super) fn count(
        &self,
        reader: &mut Reader,
        key: &str,
        bounds: std::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let (value, at) = self.get(key)?;
        let found = value.as_u64().filter(|number| bounds.contains(number));
        if found.is_none() {
            let (low, high) = bounds.into_inner();
            reader.invalid(&at, format!("expected a whole number, {low} to {high}"));
        }
        found
    }

    /// Returns the word among `words` that stands there.
    pub(super) fn word<T: Copy>(
        &self,
        reader: &mut Reader,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let word = self.text(reader, key)?;
        let found = words.iter().find(|(name, _)| *name == word.as_str());
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
            let message = format!("\"{word}\" is none of {}", names.join(", "));
            reader.invalid(&self.place(key), message);
        }
        found.map(|(_, what)| *what)
    }

    /// Returns the texts of a list.
    pub(super) fn texts(&self, reader: &mut Reader, key: &str) -> Vec<Text> {
        let Some((value, at)) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.as_list() else {
            reader.wrong_type(&at, "a list of texts", value);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (index, item) in list.iter().enumerate() {
            match item {
                Value::Text(text) => texts.push(text.clone()),
                other => reader.wrong_type(&at.push_index(index), "a text", other),
            }
        }
        texts
    }
}
