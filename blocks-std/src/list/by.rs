//! What items are compared by: themselves, or something inside.

use graphloom::Value;
use graphloom::prelude::*;
use graphloom::value::List;

use super::item;

/// Returns what is at a dotted path in each item, `address.city` or `0.name`; without a path the items themselves.
pub(super) fn keys<'l>(list: &'l List, path: Option<&str>) -> Result<Vec<&'l Value>, BlockError> {
    let Some(path) = path else {
        return Ok(list.iter().collect());
    };
    let parts: Vec<&str> = path.split('.').collect();
    let at = |(index, value): (usize, &'l Value)| {
        inside(value, &parts).ok_or_else(|| {
            let shown: String = path.chars().take(80).collect();
            BlockError::input(format!(
                "item {index} has no \"{shown}\": each item needs what the list is ordered by"
            ))
        })
    };
    list.iter().enumerate().map(at).collect()
}

fn inside<'v>(value: &'v Value, parts: &[&str]) -> Option<&'v Value> {
    parts.iter().try_fold(value, |value, part| match value {
        Value::Map(map) => map.get(part),
        Value::List(list) => list.get(item(part.parse().ok()?, list.len())?),
        _ => None,
    })
}
