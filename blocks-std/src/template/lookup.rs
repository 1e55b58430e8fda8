//! Attributes and items of values.

use graphloom::Text;

use super::frame::Loop;
use super::item::Item;
use super::{Result, methods};

/// Returns `item.name`: a method or what the item has, else an entry of that key.
pub(super) fn attribute(item: &Item, name: &Text) -> Result<Item> {
    if let Item::Undefined(message) = item {
        return Err(message.to_string());
    }
    if let Some(found) = own(item, name) {
        return Ok(found);
    }
    if let Item::Dict(dict) = item
        && let Some(found) = dict.borrow().get_text(name)
    {
        return Ok(found.clone());
    }
    Ok(missing(item, name))
}

/// Returns `item[key]`: an entry, else a method or what the item has.
pub(super) fn subscript(item: &Item, key: &Item) -> Result<Item> {
    if let Item::Undefined(message) = item {
        return Err(message.to_string());
    }
    let index = match key {
        Item::Int(int) => Some(*int),
        Item::Bool(truth) => Some(i128::from(*truth)),
        _ => None,
    };
    let found = match (item, index) {
        (Item::Dict(dict), _) => dict.borrow().get(key).cloned(),
        (Item::Text(text) | Item::Markup(text), Some(index)) => {
            place(index, || text.chars().count())
                .and_then(|at| text.chars().nth(at))
                .map(|c| Item::text(c.to_string()))
        }
        (Item::List(items), Some(index)) => {
            let items = items.borrow();
            place(index, || items.len()).and_then(|at| items.get(at).cloned())
        }
        (Item::Tuple(items), Some(index)) => {
            place(index, || items.len()).and_then(|at| items.get(at).cloned())
        }
        (Item::Made(made), Some(index)) => {
            place(index, || made.items.len()).and_then(|at| made.items.get(at).cloned())
        }
        _ => None,
    };
    if let Some(found) = found {
        return Ok(found);
    }
    if let Some(name) = key.as_text() {
        return Ok(own(item, name).unwrap_or_else(|| missing(item, name)));
    }
    let message = format!("{} object has no element {}", item.type_name(), key.repr());
    Ok(Item::Undefined(Text::from(message)))
}

/// Returns the place that an index means; a negative one counts from the end.
pub(super) fn place(index: i128, len: impl FnOnce() -> usize) -> Option<usize> {
    if index >= 0 {
        return usize::try_from(index).ok();
    }
    let back = usize::try_from(index.unsigned_abs()).ok()?;
    len().checked_sub(back)
}

fn missing(item: &Item, name: &str) -> Item {
    let message = if name.starts_with('_') {
        format!(
            "access to attribute '{name}' of '{}' object is unsafe.",
            item.type_name()
        )
    } else {
        format!("'{} object' has no attribute '{name}'", item.type_name())
    };
    Item::Undefined(Text::from(message))
}

/// Returns what a value has by itself.
fn own(item: &Item, name: &Text) -> Option<Item> {
    match (item, name.as_str()) {
        (Item::Loop(state), name) => loop_attribute(state, name, item),
        (Item::Macro(value), "name") => Some(Item::Text(value.body.name.clone())),
        // What groupby gives.
        (Item::Tuple(items), "grouper") if items.len() == 2 => items.first().cloned(),
        (Item::Tuple(items), "list") if items.len() == 2 => items.get(1).cloned(),
        (_, known) if methods::has(item, known) => {
            Some(Item::Method(std::rc::Rc::new((item.clone(), name.clone()))))
        }
        _ => None,
    }
}

fn loop_attribute(state: &Loop, name: &str, item: &Item) -> Option<Item> {
    let (n, index) = (state.items.len(), state.index);
    let int = |int: usize| Item::Int(i128::try_from(int).unwrap_or(i128::MAX));
    let neighbour = |at: Option<usize>, which: &str| {
        let found = at.and_then(|at| state.items.get(at).cloned());
        found.unwrap_or_else(|| Item::Undefined(Text::from(format!("there is no {which} item"))))
    };
    Some(match name {
        "index" => int(index + 1),
        "index0" => int(index),
        "revindex" => int(n - index),
        "revindex0" => int(n - index - 1),
        "first" => Item::Bool(index == 0),
        "last" => Item::Bool(index + 1 == n),
        "length" => int(n),
        "depth" => int(state.depth + 1),
        "depth0" => int(state.depth),
        "previtem" => neighbour(index.checked_sub(1), "previous"),
        "nextitem" => neighbour(Some(index + 1), "next"),
        "cycle" | "changed" => Item::Method(std::rc::Rc::new((item.clone(), Text::from(name)))),
        _ => return None,
    })
}

/// Returns `item[start:stop:step]`.
pub(super) fn slice(item: &Item, bounds: [Option<i128>; 3]) -> Result<Item> {
    match item {
        Item::Undefined(message) => Err(message.to_string()),
        Item::Text(text) | Item::Markup(text) => {
            let chars: Vec<char> = text.chars().collect();
            let text: String = sliced(&chars, bounds)?.into_iter().collect();
            Ok(super::escape::marked(text, matches!(item, Item::Markup(_))))
        }
        Item::List(items) => Ok(Item::list(sliced(&items.borrow(), bounds)?)),
        Item::Tuple(items) => Ok(Item::tuple(sliced(items, bounds)?)),
        Item::Made(made) => Ok(Item::list(sliced(&made.items, bounds)?)),
        other => {
            let message = format!("{} object has no slices", other.type_name());
            Ok(Item::Undefined(Text::from(message)))
        }
    }
}

fn sliced<T: Clone>(all: &[T], [start, stop, step]: [Option<i128>; 3]) -> Result<Vec<T>> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err("slice step cannot be zero".to_owned());
    }
    let n = i128::try_from(all.len()).unwrap_or(i128::MAX);
    // The bounds between which an index means something, as Python has them.
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let clip = |bound: Option<i128>, default: i128| match bound {
        None => default,
        Some(bound) if bound < 0 => bound.saturating_add(n).max(low),
        Some(bound) => bound.min(high),
    };
    let (start, stop) = if step > 0 {
        (clip(start, low), clip(stop, high))
    } else {
        (clip(start, high), clip(stop, low))
    };
    let mut taken = Vec::new();
    let mut at = start;
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        taken.extend(usize::try_from(at).ok().and_then(|at| all.get(at)).cloned());
        at = at.saturating_add(step);
    }
    Ok(taken)
}
