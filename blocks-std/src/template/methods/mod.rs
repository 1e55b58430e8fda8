//! The methods of texts, lists and dicts.

mod containers;
mod split;
pub(super) mod texts;

use super::Result;
use super::call::Args;
use super::exec::Machine;
use super::item::Item;

/// Whether a value has a method of this name.
pub(super) fn has(item: &Item, name: &str) -> bool {
    match item {
        Item::Text(_) | Item::Markup(_) => {
            texts::NAMES.contains(&name) || split::NAMES.contains(&name)
        }
        Item::List(_) => containers::LIST.contains(&name),
        Item::Tuple(_) => containers::TUPLE.contains(&name),
        Item::Dict(_) => containers::DICT.contains(&name),
        Item::Float(_) => name == "is_integer",
        Item::Bytes(_) => name == "decode",
        _ => false,
    }
}

/// Calls a method.
pub(super) fn call(machine: &mut Machine, item: &Item, name: &str, args: &Args) -> Result<Item> {
    machine.step(1 + item.len().unwrap_or(0) / 16)?;
    match item {
        Item::Text(text) | Item::Markup(text) => {
            let markup = matches!(item, Item::Markup(_));
            if split::NAMES.contains(&name) {
                split::call(text, name, args, markup)
            } else {
                texts::call(text, name, args, markup)
            }
        }
        Item::List(items) => containers::list(machine, items, name, args),
        Item::Tuple(items) => containers::tuple(items, name, args),
        Item::Dict(dict) => containers::dict(machine, dict, name, args),
        Item::Float(float) => Ok(Item::Bool(float.fract() == 0.0)),
        Item::Bytes(bytes) => Ok(Item::text(String::from_utf8_lossy(bytes).into_owned())),
        other => Err(format!("is no method of '{}'", other.type_name())),
    }
}
