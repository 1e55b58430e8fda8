//! Filters on lists and what else has items.

use std::rc::Rc;

use graphloom::Text;

use super::super::Result;
use super::super::call::Args;
use super::super::escape::{concat, marked};
use super::super::frame::Place;
use super::super::item::{Item, Made, Printed};
use super::super::items::Items;
use super::super::lookup;
use super::numbers::by_path;

pub(super) fn apply(name: &str, item: &Item, args: &Args, place: &Place) -> Result<Item> {
    match name {
        "join" => join(item, args, place),
        "first" => Ok(item
            .items()?
            .into_iter()
            .next()
            .unwrap_or_else(|| nothing("first"))),
        "last" => Ok(item.items()?.pop().unwrap_or_else(|| nothing("last"))),
        "length" | "count" => Ok(Item::Int(i128::try_from(item.len()?).unwrap_or(i128::MAX))),
        "list" => Ok(Item::list(item.items()?)),
        "reverse" => reverse(item),
        "batch" => batch(item, args),
        "slice" => columns(item, args),
        "items" => match item {
            Item::Undefined(_) => Ok(Item::generator("do_items", Vec::new())),
            Item::Dict(dict) => Ok(Item::generator("do_items", dict.borrow().pairs())),
            _ => Err("Can only get item pairs from a mapping.".to_owned()),
        },
        "attr" => {
            let name = args.need(0, "name")?.to_text();
            match item {
                // Only what a dict has by itself, not its entries.
                Item::Dict(_) if !super::super::methods::has(item, &name) => {
                    Ok(nothing("attribute"))
                }
                item => lookup::attribute(item, &name),
            }
        }
        _ => {
            args.only(&["default_value", "boolean"])?;
            let missing = matches!(item, Item::Undefined(_));
            if missing || (args.flag(1, "boolean") && !item.is_truthy()) {
                return Ok(args
                    .get(0, "default_value")
                    .cloned()
                    .unwrap_or_else(|| Item::text("")));
            }
            Ok(item.clone())
        }
    }
}

fn nothing(which: &str) -> Item {
    Item::Undefined(Text::from(format!("No {which} item, sequence was empty.")))
}

fn join(item: &Item, args: &Args, place: &Place) -> Result<Item> {
    args.only(&["d", "attribute"])?;
    let separator = args.get(0, "d").cloned().unwrap_or_else(|| Item::text(""));
    let mut items = item.items()?;
    if let Some(path) = args
        .get(1, "attribute")
        .filter(|path| !matches!(path, Item::None))
    {
        items = items
            .iter()
            .map(|item| by_path(item, path))
            .collect::<Result<_>>()?;
    }
    Ok(concat(&items, &separator, place.escape))
}

fn reverse(item: &Item) -> Result<Item> {
    if let Some(text) = item.as_text() {
        return Ok(marked(
            text.chars().rev().collect(),
            matches!(item, Item::Markup(_)),
        ));
    }
    let mut items = item.items()?;
    items.reverse();
    let kind = match item {
        Item::Dict(_) => "dict_reversekeyiterator",
        Item::List(_) => "list_reverseiterator",
        _ => "reversed",
    };
    let printed = Printed::As(format!("<{kind} object at 0x0>"));
    Ok(Item::Made(Rc::new(Made {
        printed,
        items: Items(items),
    })))
}

fn batch(item: &Item, args: &Args) -> Result<Item> {
    args.only(&["linecount", "fill_with"])?;
    let n = args.size(0, "linecount", 0)?;
    if n == 0 {
        return Err("linecount must be at least 1".to_owned());
    }
    let fill = args
        .get(1, "fill_with")
        .filter(|fill| !matches!(fill, Item::None));
    let items = item.items()?;
    let rows = items.chunks(n).map(|row| {
        let mut row = row.to_vec();
        if let Some(fill) = fill {
            // No wider than what there is, whatever is asked for.
            row.resize(
                n.min(items.len().max(row.len()).saturating_mul(2).max(1_000)),
                fill.clone(),
            );
        }
        Item::list(row)
    });
    Ok(Item::generator("do_batch", rows.collect()))
}

fn columns(item: &Item, args: &Args) -> Result<Item> {
    args.only(&["slices", "fill_with"])?;
    let n = args.size(0, "slices", 0)?;
    if n == 0 || n > 10_000 {
        return Err("slices must be between 1 and 10000".to_owned());
    }
    let fill = args
        .get(1, "fill_with")
        .filter(|fill| !matches!(fill, Item::None));
    let items = item.items()?;
    let (each, extra) = (items.len() / n, items.len() % n);
    let mut items = items.into_iter();
    let columns = (0..n).map(|index| {
        let mut column: Vec<Item> = items
            .by_ref()
            .take(each + usize::from(index < extra))
            .collect();
        if index >= extra && extra > 0 {
            column.extend(fill.cloned());
        }
        Item::list(column)
    });
    Ok(Item::generator("sync_do_slice", columns.collect()))
}
