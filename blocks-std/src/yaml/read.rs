//! Reading YAML as values, within bounds.

use std::cell::RefCell;
use std::fmt;

use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Text, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Options, alias_limits, budget, options};

use super::exact::inexact;

/// The largest text that is read, in bytes.
const MAX_BYTES: usize = 10 << 20;

/// Lists and maps may stand in each other so deep.
const MAX_DEPTH: usize = 64;

/// The most values, those that aliases repeat included.
const MAX_VALUES: usize = 500_000;

/// What the texts of all values weigh together at most, those that aliases repeat included, in bytes.
const MAX_TEXTS: usize = 64 << 20;

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Value, BlockError> {
    if text.len() > MAX_BYTES {
        return Err(BlockError::input(format!(
            "the text has {} bytes; at most {MAX_BYTES} are read",
            text.len()
        )));
    }
    let seen = Seen::default();
    let read = serde_saphyr::with_deserializer_from_str_with_options(text, limits(), |yaml| {
        Any(&seen).deserialize(yaml)
    });
    let value = read.map_err(|error| {
        BlockError::input(format!("this is not YAML that can be read: {error}"))
    })?;
    if let Some(number) = inexact(text, &seen.large.borrow()) {
        return Err(BlockError::input(format!(
            "the number {number} does not fit: put it into quotes to have it as a text"
        )));
    }
    Ok(value)
}

fn limits() -> Options {
    options! {
        budget: budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_VALUES,
            max_events: 2 * MAX_VALUES,
            max_aliases: 10_000,
            max_merge_keys: 1_000,
            max_documents: 1,
        },
        alias_limits: alias_limits! {
            max_total_replayed_events: MAX_VALUES,
            max_replay_stack_depth: MAX_DEPTH,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
    }
}

/// What must be looked at again, and what is left of the bounds.
#[derive(Default)]
struct Seen {
    /// Floats that may stand for integers which are none, or for numbers beyond the range.
    large: RefCell<Vec<f64>>,
    n_values: std::cell::Cell<usize>,
    n_bytes: std::cell::Cell<usize>,
}

impl Seen {
    /// Counts a value and the bytes of its text. Aliases may make many out of few.
    fn count<E: Error>(&self, n_bytes: usize) -> Result<(), E> {
        self.n_values.set(self.n_values.get() + 1);
        self.n_bytes.set(self.n_bytes.get() + n_bytes);
        if self.n_values.get() > MAX_VALUES {
            return Err(E::custom(format!(
                "there are more than {MAX_VALUES} values"
            )));
        }
        if self.n_bytes.get() > MAX_TEXTS {
            return Err(E::custom(format!(
                "the texts have more than {MAX_TEXTS} bytes, those that aliases repeat included"
            )));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Any<'s>(&'s Seen);

impl<'de> DeserializeSeed<'de> for Any<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, yaml: D) -> Result<Value, D::Error> {
        yaml.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.0.count(0)?;
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, yaml: D) -> Result<Value, D::Error> {
        yaml.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        self.0.count(0)?;
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Value, E> {
        self.0.count(0)?;
        Ok(Value::from(n))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Value, E> {
        self.0.count(0)?;
        Ok(Value::from(n))
    }

    fn visit_f64<E: Error>(self, n: f64) -> Result<Value, E> {
        self.0.count(0)?;
        if n.abs() >= 9.0e18 {
            self.0.large.borrow_mut().push(n.abs());
        }
        Ok(Value::Float(n))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.0.count(text.len())?;
        Ok(Value::from(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        self.0.count(text.len())?;
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.0.count(0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::List(List::from(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.0.count(0)?;
        let mut map = Map::new();
        // A key that is a number or the like is taken as it is written.
        while let Some(key) = entries.next_key::<String>()? {
            self.0.count::<A::Error>(key.len())?;
            let key = Text::from(key);
            let value = entries.next_value_seed(self)?;
            if map.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!(
                    "the key {:?} stands twice in a map",
                    key.as_str()
                )));
            }
        }
        Ok(Value::Map(map))
    }
}
