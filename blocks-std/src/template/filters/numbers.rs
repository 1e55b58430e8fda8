//! Filters that make numbers, or write them.

use graphloom::block::types::number_from_text;

use super::super::Result;
use super::super::ast::Binary;
use super::super::call::Args;
use super::super::item::Item;
use super::super::operators::{Number, plus};
use super::super::{lookup, printf};
use crate::python::{integer_from_text, is_space};

pub(super) fn apply(name: &str, item: &Item, args: &Args) -> Result<Item> {
    match name {
        "abs" => abs(item),
        "int" => int(item, args),
        "float" => float(item, args),
        "round" => round(item, args),
        "sum" => sum(item, args),
        "filesizeformat" => size(item, args),
        _ => format(item, args),
    }
}

fn abs(item: &Item) -> Result<Item> {
    match Number::of(item) {
        Some(Number::Int(int)) => Ok(Item::Int(int.saturating_abs())),
        Some(Number::Float(float)) => Ok(Item::Float(float.abs())),
        None => Err(format!(
            "bad operand type for abs(): '{}'",
            item.type_name()
        )),
    }
}

fn int(item: &Item, args: &Args) -> Result<Item> {
    args.only(&["default", "base"])?;
    let default = || args.get(0, "default").cloned().unwrap_or(Item::Int(0));
    let base = args.int(1, "base")?.unwrap_or(10);
    if let Item::Undefined(message) = item {
        return Err(message.to_string());
    }
    if let Some(text) = item.as_text() {
        let whole = if base == 10 {
            integer_from_text(text).map(i128::from)
        } else {
            in_base(text, base)
        };
        return Ok(match (whole, number_from_text(text)) {
            (Some(int), _) => Item::Int(int),
            (None, Some(float)) => {
                printf::truncated(Number::Float(float)).map_or_else(|_| default(), Item::Int)
            }
            (None, None) => default(),
        });
    }
    Ok(match Number::of(item) {
        Some(number) => printf::truncated(number).map_or_else(|_| default(), Item::Int),
        None => default(),
    })
}

fn in_base(text: &str, base: i128) -> Option<i128> {
    let text = text.trim_matches(is_space).to_ascii_lowercase();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let prefixed = |prefix: &str, of: i128| {
        digits
            .strip_prefix(prefix)
            .filter(|_| base == of || base == 0)
            .map(|digits| (digits, of))
    };
    let (digits, base) = prefixed("0x", 16)
        .or_else(|| prefixed("0o", 8))
        .or_else(|| prefixed("0b", 2))
        .unwrap_or((digits, if base == 0 { 10 } else { base }));
    let base = u32::try_from(base)
        .ok()
        .filter(|base| (2..=36).contains(base))?;
    i128::from_str_radix(digits, base)
        .ok()
        .map(|int| sign * int)
}

fn float(item: &Item, args: &Args) -> Result<Item> {
    args.only(&["default"])?;
    let default = || args.get(0, "default").cloned().unwrap_or(Item::Float(0.0));
    if let Item::Undefined(message) = item {
        return Err(message.to_string());
    }
    if let Some(text) = item.as_text() {
        return Ok(number_from_text(text).map_or_else(default, Item::Float));
    }
    Ok(Number::of(item).map_or_else(default, |number| Item::Float(number.float())))
}

fn round(item: &Item, args: &Args) -> Result<Item> {
    args.only(&["precision", "method"])?;
    let precision = args.int(0, "precision")?.unwrap_or(0).clamp(-400, 400);
    let precision = i32::try_from(precision).unwrap_or(0);
    let method = args.text(1, "method")?;
    let Some(number) = Number::of(item) else {
        return Err(match item {
            Item::Undefined(message) => message.to_string(),
            _ => format!("type {} doesn't define __round__ method", item.type_name()),
        });
    };
    let scale = 10_f64.powi(precision);
    let scaled = number.float() * scale;
    match method.as_ref().map_or("common", |method| method.as_str()) {
        "common" => Ok(match number {
            Number::Int(int) if precision >= 0 => Item::Int(int),
            Number::Int(int) => Item::Int(printf::truncated(Number::Float(
                ((int as f64) * scale).round_ties_even() / scale,
            ))?),
            Number::Float(float) => Item::Float(rounded(float, precision)),
        }),
        "ceil" => Ok(Item::Float(scaled.ceil() / scale)),
        "floor" => Ok(Item::Float(scaled.floor() / scale)),
        _ => Err("method must be common, ceil or floor".to_owned()),
    }
}

/// Rounds to so many decimal digits of the exact value, halves to even.
fn rounded(float: f64, precision: i32) -> f64 {
    match usize::try_from(precision) {
        Ok(digits) => format!("{float:.digits$}").parse().unwrap_or(float),
        Err(_) => {
            let scale = 10_f64.powi(-precision);
            (float / scale).round_ties_even() * scale
        }
    }
}

fn sum(item: &Item, args: &Args) -> Result<Item> {
    args.only(&["attribute", "start"])?;
    let path = args.get(0, "attribute");
    let mut total = args.get(1, "start").cloned().unwrap_or(Item::Int(0));
    for item in item.items()? {
        let item = match path {
            Some(path) if !matches!(path, Item::None) => by_path(&item, path)?,
            _ => item,
        };
        total = match (Number::of(&total), Number::of(&item)) {
            (Some(Number::Int(a)), Some(Number::Int(b))) => {
                Item::Int(a.checked_add(b).ok_or("a whole number is too large")?)
            }
            (Some(a), Some(b)) => Item::Float(a.float() + b.float()),
            _ => {
                plus(&item)?;
                let (a, b) = (total.type_name(), item.type_name());
                return Err(format!(
                    "unsupported operand type(s) for {:?}: '{a}' and '{b}'",
                    Binary::Add
                ));
            }
        };
    }
    Ok(total)
}

/// Returns what a dotted path leads to, `user.name` or `0.name`; an index for a number.
pub(super) fn by_path(item: &Item, path: &Item) -> Result<Item> {
    let Some(text) = path.as_text() else {
        return lookup::subscript(item, path);
    };
    let mut item = item.clone();
    for part in text.split('.') {
        let key = part.parse().map_or_else(|_| Item::text(part), Item::Int);
        item = lookup::subscript(&item, &key)?;
    }
    Ok(item)
}

/// AutoGPT's: the value is a number, the argument the pattern.
fn format(item: &Item, args: &Args) -> Result<Item> {
    let pattern = args.need(0, "format_str")?.to_text();
    let number = match (item, item.as_text(), Number::of(item)) {
        (Item::Undefined(message), ..) => return Err(message.to_string()),
        (_, Some(text), _) => number_from_text(text)
            .ok_or_else(|| format!("could not convert string to float: {}", item.repr()))?,
        (_, _, Some(number)) => number.float(),
        _ => {
            return Err(format!(
                "float() argument must be a string or a real number, not '{}'",
                item.type_name()
            ));
        }
    };
    printf::format(&pattern, &Item::Float(number), false).map(Item::text)
}

fn size(item: &Item, args: &Args) -> Result<Item> {
    args.only(&["binary"])?;
    let Item::Float(bytes) = float(item, &Args::default())? else {
        return Err("no size".to_owned());
    };
    let (base, units) = if args.flag(0, "binary") {
        (
            1024.0,
            ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"],
        )
    } else {
        (1000.0, ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"])
    };
    if bytes == 1.0 {
        return Ok(Item::text("1 Byte"));
    }
    if bytes < base {
        return Ok(Item::text(format!("{} Bytes", bytes.trunc())));
    }
    let mut scaled = bytes / base;
    let mut units = units.into_iter().peekable();
    while let Some(unit) = units.next() {
        if scaled < base || units.peek().is_none() {
            return Ok(Item::text(format!("{scaled:.1} {unit}")));
        }
        scaled /= base;
    }
    Ok(Item::text(""))
}
