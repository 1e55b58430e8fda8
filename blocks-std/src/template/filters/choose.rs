//! Filters that apply another filter or a test to each item.

use super::super::Result;
use super::super::call::Args;
use super::super::exec::Machine;
use super::super::frame::Place;
use super::super::item::Item;
use super::super::tests;
use super::numbers::by_path;

pub(super) fn apply(
    machine: &mut Machine,
    name: &str,
    item: &Item,
    args: &Args,
    place: &Place,
) -> Result<Item> {
    let items = item.items()?;
    machine.step(items.len())?;
    if name == "map" {
        return map(machine, items, args, place);
    }
    let by_attribute = name.ends_with("attr");
    let wanted = name.starts_with("select");
    let attribute = if by_attribute {
        Some(args.need(0, "attribute")?)
    } else {
        None
    };
    let rest = args
        .positional
        .get(usize::from(by_attribute)..)
        .unwrap_or_default();
    let mut chosen = Vec::new();
    for item in items {
        let value = match attribute {
            Some(path) => by_path(&item, path)?,
            None => item.clone(),
        };
        let holds = match rest {
            [] => value.is_truthy(),
            [test, arguments @ ..] => tests::holds(&test.to_text(), &value, arguments)?,
        };
        if holds == wanted {
            chosen.push(item);
        }
    }
    Ok(Item::generator("select_or_reject", chosen))
}

fn map(machine: &mut Machine, items: Vec<Item>, args: &Args, place: &Place) -> Result<Item> {
    let mut mapped = Vec::with_capacity(items.len());
    let named = |name: &str| args.named.iter().find(|(other, _)| other.as_str() == name);
    if args.positional.is_empty()
        && let Some((_, path)) = named("attribute")
    {
        for item in items {
            mapped.push(match (by_path(&item, path)?, named("default")) {
                (Item::Undefined(_), Some((_, default))) => default.clone(),
                (found, _) => found,
            });
        }
        return Ok(Item::generator("sync_do_map", mapped));
    }
    let Some((filter, rest)) = args.positional.split_first() else {
        return Err("map requires a filter argument".to_owned());
    };
    let filter = filter.to_text();
    let args = Args {
        positional: rest.to_vec(),
        named: args.named.clone(),
    };
    for item in items {
        mapped.push(super::apply(machine, &filter, &item, &args, place)?);
    }
    Ok(Item::generator("sync_do_map", mapped))
}
