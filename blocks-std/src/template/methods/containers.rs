//! The methods of lists, tuples and dicts. What is put into one is a copy, so that nothing can hold itself.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::Result;
use super::super::call::Args;
use super::super::dict::Dict;
use super::super::exec::Machine;
use super::super::filters;
use super::super::frame::{Frame, Place};
use super::super::item::{Item, Made, Printed};
use super::super::items::Items;
use super::super::lookup::place;
use super::super::operators::equals;

pub(super) const LIST: [&str; 11] = [
    "append", "extend", "insert", "pop", "remove", "index", "count", "reverse", "sort", "clear",
    "copy",
];

pub(super) const TUPLE: [&str; 2] = ["index", "count"];

pub(super) const DICT: [&str; 10] = [
    "get",
    "items",
    "keys",
    "values",
    "pop",
    "popitem",
    "update",
    "setdefault",
    "copy",
    "clear",
];

fn copied(machine: &mut Machine, item: &Item) -> Result<Item> {
    machine.step(item.size())?;
    item.deep_copy(0)
}

pub(super) fn list(
    machine: &mut Machine,
    items: &Rc<RefCell<Items>>,
    name: &str,
    args: &Args,
) -> Result<Item> {
    match name {
        "append" => {
            let item = copied(machine, args.need(0, "object")?)?;
            items.borrow_mut().push(item);
        }
        "extend" => {
            let more = args.need(0, "iterable")?.items()?;
            let more = more
                .iter()
                .map(|item| copied(machine, item))
                .collect::<Result<Vec<_>>>()?;
            items.borrow_mut().extend(more);
        }
        "insert" => {
            let index = args.int(0, "index")?.unwrap_or(0);
            let item = copied(machine, args.need(1, "object")?)?;
            let n = items.borrow().len();
            let at = place(index, || n).unwrap_or(0).min(n);
            machine.step(n)?;
            items.borrow_mut().insert(at, item);
        }
        "pop" => {
            let n = items.borrow().len();
            let at = place(args.int(0, "index")?.unwrap_or(-1), || n).filter(|at| *at < n);
            return match at {
                Some(at) => {
                    machine.step(n - at)?;
                    Ok(items.borrow_mut().remove(at))
                }
                None if n == 0 => Err("pop from empty list".to_owned()),
                None => Err("pop index out of range".to_owned()),
            };
        }
        "remove" => {
            let item = args.need(0, "value")?;
            let at = items.borrow().iter().position(|other| equals(other, item));
            match at {
                Some(at) => drop(items.borrow_mut().remove(at)),
                None => return Err("list.remove(x): x not in list".to_owned()),
            }
        }
        "reverse" => items.borrow_mut().reverse(),
        "sort" => {
            let mut args = Args {
                positional: Vec::new(),
                named: args.named.clone(),
            };
            // Python's own order tells upper and lower case apart.
            args.named
                .push((graphloom::Text::from("case_sensitive"), Item::Bool(true)));
            let place = Place {
                frame: Rc::new(Frame::default()),
                escape: false,
            };
            let item = Item::List(Rc::clone(items));
            let sorted = filters::apply(machine, "sort", &item, &args, &place)?;
            let sorted = sorted.items()?;
            **items.borrow_mut() = sorted;
        }
        "clear" => drop(std::mem::take(&mut **items.borrow_mut())),
        "copy" => return Ok(Item::list(items.borrow().to_vec())),
        _ => return search(&items.borrow(), name, args),
    }
    Ok(Item::None)
}

pub(super) fn tuple(items: &Items, name: &str, args: &Args) -> Result<Item> {
    search(items, name, args)
}

fn search(items: &[Item], name: &str, args: &Args) -> Result<Item> {
    let item = args.need(0, "value")?;
    let int = |n: usize| Item::Int(i128::try_from(n).unwrap_or(i128::MAX));
    if name == "count" {
        return Ok(int(items
            .iter()
            .filter(|other| equals(other, item))
            .count()));
    }
    match items.iter().position(|other| equals(other, item)) {
        Some(at) => Ok(int(at)),
        None => Err(format!("{} is not in list", item.repr())),
    }
}

pub(super) fn dict(
    machine: &mut Machine,
    dict: &Rc<RefCell<Dict>>,
    name: &str,
    args: &Args,
) -> Result<Item> {
    let view = |name, items| {
        Item::Made(Rc::new(Made {
            printed: Printed::View(name),
            items: Items(items),
        }))
    };
    match name {
        "items" => Ok(view("dict_items", dict.borrow().pairs())),
        "keys" => Ok(view("dict_keys", dict.borrow().keys().cloned().collect())),
        "values" => Ok(view(
            "dict_values",
            dict.borrow()
                .iter()
                .map(|(_, value)| value.clone())
                .collect(),
        )),
        "get" => {
            let found = dict.borrow().get(args.need(0, "key")?).cloned();
            Ok(found
                .or_else(|| args.get(1, "default").cloned())
                .unwrap_or(Item::None))
        }
        "pop" => {
            let key = args.need(0, "key")?;
            machine.step(dict.borrow().len())?;
            let found = dict.borrow_mut().remove(key);
            found
                .or_else(|| args.get(1, "default").cloned())
                .ok_or_else(|| key.repr())
        }
        "popitem" => {
            let last = dict.borrow().pairs().pop();
            let Some(last) = last else {
                return Err("dictionary is empty".to_owned());
            };
            machine.step(dict.borrow().len())?;
            if let Some(key) = last.items()?.first() {
                dict.borrow_mut().remove(key);
            }
            Ok(last)
        }
        "update" => {
            let mut entries = match args.get(0, "other") {
                Some(Item::Dict(other)) => other.borrow().pairs(),
                Some(other) => other.items()?,
                None => Vec::new(),
            };
            let named = args
                .named
                .iter()
                .map(|(key, value)| Item::tuple([Item::Text(key.clone()), value.clone()]));
            entries.extend(named);
            for entry in entries {
                match entry.items()?.as_slice() {
                    [key, value] => {
                        let value = copied(machine, value)?;
                        dict.borrow_mut().insert(key.clone(), value)?;
                    }
                    _ => return Err("needs pairs of a key and a value".to_owned()),
                }
            }
            Ok(Item::None)
        }
        "setdefault" => {
            let key = args.need(0, "key")?;
            let found = dict.borrow().get(key).cloned();
            if let Some(found) = found {
                return Ok(found);
            }
            let value = copied(machine, args.get(1, "default").unwrap_or(&Item::None))?;
            dict.borrow_mut().insert(key.clone(), value.clone())?;
            Ok(value)
        }
        "copy" => {
            let mut copy = Dict::default();
            for (key, value) in dict.borrow().iter() {
                copy.insert(key.clone(), value.clone())?;
            }
            Ok(Item::dict(copy))
        }
        _ => {
            drop(dict.borrow_mut().take_all());
            Ok(Item::None)
        }
    }
}
