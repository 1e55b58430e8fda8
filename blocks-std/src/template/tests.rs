//! The tests after `is`.

use graphloom::Text;

use super::ast::Comparison;
use super::item::{Item, Printed};
use super::operators::{Number, compares};
use super::{Result, filters};

/// Whether a test holds for a value.
pub(super) fn holds(name: &str, item: &Item, args: &[Item]) -> Result<bool> {
    if let Some(comparison) = comparison(name) {
        let Some(other) = args.first() else {
            return Err(format!("test '{name}' needs a value"));
        };
        return compares(comparison, item, other);
    }
    Ok(match name {
        "defined" => !matches!(item, Item::Undefined(_)),
        "undefined" => matches!(item, Item::Undefined(_)),
        "none" => matches!(item, Item::None),
        "boolean" => matches!(item, Item::Bool(_)),
        "true" => matches!(item, Item::Bool(true)),
        "false" => matches!(item, Item::Bool(false)),
        "integer" => matches!(item, Item::Int(_)),
        "float" => matches!(item, Item::Float(_)),
        "number" => Number::of(item).is_some(),
        "string" => item.as_text().is_some(),
        "mapping" => matches!(item, Item::Dict(_)),
        "iterable" => item.items().is_ok(),
        "sequence" => match item {
            Item::Text(_) | Item::Markup(_) | Item::List(_) | Item::Tuple(_) | Item::Dict(_) => {
                true
            }
            Item::Made(made) => {
                matches!(&made.printed, Printed::As(text) if text.starts_with("range"))
            }
            _ => false,
        },
        "callable" => {
            matches!(
                item,
                Item::Macro(_) | Item::Method(_) | Item::Range | Item::Loop(_)
            )
        }
        "escaped" => matches!(item, Item::Markup(_)),
        "lower" => cased(item, char::is_lowercase, char::is_uppercase),
        "upper" => cased(item, char::is_uppercase, char::is_lowercase),
        "odd" => rest(item, 2)? == 1.0,
        "even" => rest(item, 2)? == 0.0,
        "divisibleby" => match args.first() {
            Some(Item::Int(0)) => return Err("integer modulo by zero".to_owned()),
            Some(Item::Int(by)) => rest(item, *by)? == 0.0,
            _ => return Err("test 'divisibleby' needs a whole number".to_owned()),
        },
        "sameas" => args.first().is_some_and(|other| same(item, other)),
        "filter" => item.as_text().is_some_and(|name| filters::is_known(name)),
        "test" => item.as_text().is_some_and(|name| is_known(name)),
        _ => return Err(format!("No test named '{name}'.")),
    })
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "eq" | "equalto" | "==" => Comparison::Equal,
        "ne" | "!=" => Comparison::NotEqual,
        "lt" | "lessthan" | "<" => Comparison::Less,
        "le" | "<=" => Comparison::LessOrEqual,
        "gt" | "greaterthan" | ">" => Comparison::Greater,
        "ge" | ">=" => Comparison::GreaterOrEqual,
        "in" => Comparison::In,
        _ => return None,
    })
}

fn is_known(name: &str) -> bool {
    let item = Item::text(Text::from(""));
    comparison(name).is_some()
        || !matches!(holds(name, &item, &[]), Err(error) if error.starts_with("No test"))
}

fn cased(item: &Item, is: fn(char) -> bool, is_not: fn(char) -> bool) -> bool {
    let text = item.to_text();
    text.chars().any(is) && !text.chars().any(is_not)
}

fn rest(item: &Item, by: i128) -> Result<f64> {
    match Number::of(item) {
        Some(Number::Int(int)) => Ok(int.checked_rem_euclid(by).unwrap_or(0) as f64),
        Some(Number::Float(float)) => Ok(float.rem_euclid(by as f64)),
        None => Err(format!("'{}' is not a number", item.type_name())),
    }
}

/// Whether two values are one and the same; small values of equal type are.
fn same(a: &Item, b: &Item) -> bool {
    use std::rc::Rc;
    match (a, b) {
        (Item::None, Item::None) => true,
        (Item::Bool(a), Item::Bool(b)) => a == b,
        (Item::Int(a), Item::Int(b)) => a == b,
        (Item::Text(a), Item::Text(b)) => a == b,
        (Item::List(a), Item::List(b)) => Rc::ptr_eq(a, b),
        (Item::Dict(a), Item::Dict(b)) => Rc::ptr_eq(a, b),
        (Item::Tuple(a), Item::Tuple(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}
