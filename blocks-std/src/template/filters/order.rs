//! Filters that put items in order or find them by it.

use std::cmp::Ordering;

use graphloom::Text;

use super::super::Result;
use super::super::call::Args;
use super::super::exec::Machine;
use super::super::item::Item;
use super::super::operators::{equals, order};
use super::numbers::by_path;

pub(super) fn apply(machine: &mut Machine, name: &str, item: &Item, args: &Args) -> Result<Item> {
    match name {
        "sort" => {
            args.only(&["reverse", "case_sensitive", "attribute"])?;
            let by = args.get(2, "attribute");
            let items = item.items()?;
            let sorted = sorted(
                machine,
                items,
                by,
                args.flag(1, "case_sensitive"),
                args.flag(0, "reverse"),
            )?;
            Ok(Item::list(
                sorted.into_iter().map(|(_, item)| item).collect(),
            ))
        }
        "unique" => unique(machine, item, args),
        "min" => extreme(item, args, Ordering::Less),
        "max" => extreme(item, args, Ordering::Greater),
        "groupby" => group(machine, item, args),
        _ => dict_sort(machine, item, args),
    }
}

/// Returns what an item is ordered by: several values for attributes with commas between them.
fn key(item: &Item, by: Option<&Item>, case_sensitive: bool) -> Result<Item> {
    let folded = |item: Item| match item.as_text() {
        Some(text) if !case_sensitive => Item::text(text.to_lowercase()),
        _ => item,
    };
    match by {
        None | Some(Item::None) => Ok(folded(item.clone())),
        Some(Item::Text(paths)) if paths.contains(',') => {
            let keys = paths
                .split(',')
                .map(|path| by_path(item, &Item::Text(Text::from(path.trim()))).map(folded));
            Ok(Item::list(keys.collect::<Result<_>>()?))
        }
        Some(path) => by_path(item, path).map(folded),
    }
}

fn sorted(
    machine: &mut Machine,
    items: Vec<Item>,
    by: Option<&Item>,
    case_sensitive: bool,
    reverse: bool,
) -> Result<Vec<(Item, Item)>> {
    let keyed = items
        .into_iter()
        .map(|item| Ok((key(&item, by, case_sensitive)?, item)));
    let mut keyed: Vec<(Item, Item)> = keyed.collect::<Result<_>>()?;
    sort_pairs(machine, &mut keyed, reverse)?;
    Ok(keyed)
}

fn sort_pairs(machine: &mut Machine, pairs: &mut [(Item, Item)], reverse: bool) -> Result<()> {
    let n_levels = usize::BITS - pairs.len().leading_zeros();
    machine.step(pairs.len().saturating_mul(n_levels as usize))?;
    let mut bad = None;
    pairs.sort_by(|(a, _), (b, _)| {
        let (a, b) = if reverse { (b, a) } else { (a, b) };
        match order(a, b) {
            Ok(order) => order.unwrap_or(Ordering::Equal),
            Err(()) => {
                bad.get_or_insert((a.type_name(), b.type_name()));
                Ordering::Equal
            }
        }
    });
    match bad {
        None => Ok(()),
        Some((a, b)) => Err(format!(
            "'<' not supported between instances of '{a}' and '{b}'"
        )),
    }
}

fn unique(machine: &mut Machine, item: &Item, args: &Args) -> Result<Item> {
    args.only(&["case_sensitive", "attribute"])?;
    let mut seen: Vec<Item> = Vec::new();
    let mut kept = Vec::new();
    for item in item.items()? {
        let key = key(
            &item,
            args.get(1, "attribute"),
            args.flag(0, "case_sensitive"),
        )?;
        machine.step(1 + seen.len() / 4)?;
        if !seen.iter().any(|other| equals(other, &key)) {
            seen.push(key);
            kept.push(item);
        }
    }
    Ok(Item::generator("do_unique", kept))
}

fn extreme(item: &Item, args: &Args, wanted: Ordering) -> Result<Item> {
    args.only(&["case_sensitive", "attribute"])?;
    let mut best: Option<(Item, Item)> = None;
    for item in item.items()? {
        let key = key(
            &item,
            args.get(1, "attribute"),
            args.flag(0, "case_sensitive"),
        )?;
        let better = match &best {
            None => true,
            Some((other, _)) => {
                let order = order(&key, other).map_err(|()| {
                    let (a, b) = (key.type_name(), other.type_name());
                    format!("'<' not supported between instances of '{a}' and '{b}'")
                })?;
                order == Some(wanted)
            }
        };
        if better {
            best = Some((key, item));
        }
    }
    Ok(match best {
        Some((_, item)) => item,
        None => Item::Undefined(Text::from("No aggregated item, sequence was empty.")),
    })
}

fn group(machine: &mut Machine, item: &Item, args: &Args) -> Result<Item> {
    args.only(&["attribute", "default", "case_sensitive"])?;
    let by = args.need(0, "attribute")?;
    let default = args.get(1, "default");
    let case_sensitive = args.flag(2, "case_sensitive");
    let fold = |item: &Item| match item.as_text() {
        Some(text) if !case_sensitive => Item::text(text.to_lowercase()),
        _ => item.clone(),
    };
    let mut keyed = Vec::new();
    for item in item.items()? {
        let key = match by_path(&item, by)? {
            Item::Undefined(message) => default.cloned().unwrap_or(Item::Undefined(message)),
            key => key,
        };
        keyed.push((fold(&key), Item::tuple([key, item])));
    }
    sort_pairs(machine, &mut keyed, false)?;
    let mut groups: Vec<(Item, Item, Vec<Item>)> = Vec::new();
    for (folded, pair) in keyed {
        let mut pair = pair.items()?.into_iter();
        let (Some(key), Some(item)) = (pair.next(), pair.next()) else {
            continue;
        };
        match groups.last_mut() {
            Some((last, _, items)) if equals(last, &folded) => items.push(item),
            _ => groups.push((folded, key, vec![item])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(_, key, items)| Item::tuple([key, Item::list(items)]));
    Ok(Item::list(groups.collect()))
}

fn dict_sort(machine: &mut Machine, item: &Item, args: &Args) -> Result<Item> {
    args.only(&["case_sensitive", "by", "reverse"])?;
    let Item::Dict(dict) = item else {
        return Err("Can only get item pairs from a mapping.".to_owned());
    };
    let place = match args.text(1, "by")?.as_ref().map_or("key", |by| by.as_str()) {
        "key" => 0,
        "value" => 1,
        _ => return Err("You can only sort by either \"key\" or \"value\"".to_owned()),
    };
    let pairs = dict.borrow().pairs();
    let by = Item::Int(place);
    let sorted = sorted(
        machine,
        pairs,
        Some(&by),
        args.flag(0, "case_sensitive"),
        args.flag(2, "reverse"),
    )?;
    Ok(Item::list(
        sorted.into_iter().map(|(_, item)| item).collect(),
    ))
}
