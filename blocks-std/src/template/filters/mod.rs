//! The filters after a bar.

mod choose;
mod numbers;
mod order;
mod sequences;
mod texts;
mod wrap;

use super::Result;
use super::call::Args;
use super::exec::Machine;
use super::frame::Place;
use super::item::Item;

/// The filters that there are.
const NAMES: [&str; 51] = [
    "abs",
    "attr",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
    "filter",
    "test",
];

/// Whether there is a filter of this name.
pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name) && !["filter", "test"].contains(&name)
}

/// Returns what a filter makes of a value.
pub(super) fn apply(
    machine: &mut Machine,
    name: &str,
    item: &Item,
    args: &Args,
    place: &Place,
) -> Result<Item> {
    if name == "tojson" && machine.strict {
        args.only(&[])?;
        return machine.json(item, place.escape);
    }
    if !is_known(name) {
        return Err(format!("No filter named '{name}'."));
    }
    // Most filters go through the whole value.
    machine.step(1 + item.len().unwrap_or(0) / 16)?;
    let made = machine
        .deeper(|machine| one(machine, name, item, args, place))
        .map_err(|error| {
            if is_missing(item, &error) {
                error
            } else {
                format!("{name}: {error}")
            }
        })?;
    machine.made(made)
}

/// Whether the error is that the value is not defined, which says enough.
fn is_missing(item: &Item, error: &str) -> bool {
    matches!(item, Item::Undefined(message) if message.as_str() == error)
}

fn one(machine: &mut Machine, name: &str, item: &Item, args: &Args, place: &Place) -> Result<Item> {
    match name {
        "map" | "select" | "reject" | "selectattr" | "rejectattr" => {
            choose::apply(machine, name, item, args, place)
        }
        "abs" | "int" | "float" | "round" | "sum" | "filesizeformat" | "format" => {
            numbers::apply(name, item, args)
        }
        "sort" | "unique" | "min" | "max" | "groupby" | "dictsort" => {
            order::apply(machine, name, item, args)
        }
        "center" | "indent" | "truncate" | "wordwrap" | "wordcount" => {
            wrap::apply(name, item, args)
        }
        "join" | "first" | "last" | "length" | "count" | "list" | "reverse" | "batch" | "slice"
        | "items" | "default" | "d" | "attr" => sequences::apply(name, item, args, place),
        _ => texts::apply(name, item, args, place),
    }
}
