//! Items handed back as values.

use graphloom::Value;
use graphloom::value::Map;

use super::escape::marked;
use super::eval::NO_ELSE;
use super::exec::Machine;
use super::item::Item;
use super::{MAX_DEPTH, Result};

impl Machine {
    /// Returns the value that an item is. Each item inside is a step: it may stand in many places.
    pub(super) fn give(&mut self, item: &Item) -> Result<Value> {
        self.give_at(item, 0)
    }

    fn give_at(&mut self, item: &Item, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(format!("a value is nested deeper than {MAX_DEPTH}"));
        }
        self.step(1)?;
        Ok(match item {
            Item::None => Value::Null,
            Item::Undefined(message) if message.as_str() == NO_ELSE => Value::Null,
            Item::Undefined(message) => return Err(message.to_string()),
            Item::Bool(truth) => Value::Bool(*truth),
            Item::Int(int) => match (i64::try_from(*int), u64::try_from(*int)) {
                (Ok(int), _) => Value::from(int),
                (_, Ok(int)) => Value::from(int),
                _ => return Err(format!("{int} is too large for a whole number of 64 bits")),
            },
            Item::Float(float) if float.is_finite() => Value::Float(*float),
            Item::Float(float) => return Err(format!("{float} is no finite number")),
            Item::Text(text) | Item::Markup(text) => Value::Text(text.clone()),
            Item::List(items) => self.give_all(&items.borrow(), depth)?,
            Item::Tuple(items) => self.give_all(items, depth)?,
            Item::Made(made) => self.give_all(&made.items, depth)?,
            Item::Dict(dict) => {
                let mut map = Map::new();
                for (key, value) in dict.borrow().iter() {
                    let Some(key) = key.as_text() else {
                        let kind = key.type_name();
                        return Err(format!(
                            "a dictionary has a key of type {kind}: keys are texts"
                        ));
                    };
                    map.insert(key.clone(), self.give_at(value, depth + 1)?);
                }
                Value::from(map)
            }
            other => return Err(format!("a {} is no value", other.type_name())),
        })
    }

    fn give_all(&mut self, items: &[Item], depth: usize) -> Result<Value> {
        let items = items.iter().map(|item| self.give_at(item, depth + 1));
        let items: Vec<Value> = items.collect::<Result<_>>()?;
        Ok(Value::from(items))
    }

    /// Returns a value as JSON; where the text around is HTML, so that it can stand in a script or an attribute.
    pub(super) fn json(&mut self, item: &Item, escape: bool) -> Result<Item> {
        let mut json = self.give(item)?.to_string();
        self.make(json.len())?;
        if escape {
            for (sign, written) in [
                ('<', "\\u003c"),
                ('>', "\\u003e"),
                ('&', "\\u0026"),
                ('\'', "\\u0027"),
            ] {
                json = json.replace(sign, written);
            }
        }
        Ok(marked(json, escape))
    }

    /// Returns a message with the place at which it failed.
    pub(super) fn placed(&self, error: String) -> String {
        match self.failed {
            Some(spot) => format!("{spot}: {error}"),
            None => error,
        }
    }
}
