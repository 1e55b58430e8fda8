//! Python's operators.

use std::cmp::Ordering;

use super::ast::{Binary, Comparison};
use super::dict::Key;
use super::escape::{escaped, marked};
use super::exec::Machine;
use super::item::{Item, MAX_WALK};
use super::{Result, printf};

/// Powers of larger numbers are refused.
const MAX_POWER: f64 = 1_000.0;

/// Texts and lists are repeated at most so often.
const MAX_REPEAT: i128 = 10_000;

/// A number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    pub(super) fn of(item: &Item) -> Option<Self> {
        match item {
            Item::Bool(truth) => Some(Self::Int(i128::from(*truth))),
            Item::Int(int) => Some(Self::Int(*int)),
            Item::Float(float) => Some(Self::Float(*float)),
            _ => None,
        }
    }

    pub(super) const fn float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }
}

fn whole(result: Option<i128>) -> Result<Item> {
    result
        .map(Item::Int)
        .ok_or_else(|| "a whole number is too large".to_owned())
}

pub(super) fn minus(item: &Item) -> Result<Item> {
    match (item, Number::of(item)) {
        (_, Some(Number::Int(int))) => whole(int.checked_neg()),
        (_, Some(Number::Float(float))) => Ok(Item::Float(-float)),
        (Item::Undefined(message), None) => Err(message.to_string()),
        _ => Err(format!(
            "bad operand type for unary -: '{}'",
            item.type_name()
        )),
    }
}

pub(super) fn plus(item: &Item) -> Result<Item> {
    match (item, Number::of(item)) {
        (_, Some(Number::Int(int))) => Ok(Item::Int(int)),
        (_, Some(Number::Float(float))) => Ok(Item::Float(float)),
        (Item::Undefined(message), None) => Err(message.to_string()),
        _ => Err(format!(
            "bad operand type for unary +: '{}'",
            item.type_name()
        )),
    }
}

pub(super) fn binary(machine: &mut Machine, binary: Binary, a: &Item, b: &Item) -> Result<Item> {
    for item in [a, b] {
        if let Item::Undefined(message) = item {
            return Err(message.to_string());
        }
    }
    if let (Some(a), Some(b)) = (Number::of(a), Number::of(b)) {
        return arithmetic(binary, a, b);
    }
    match (binary, a, b) {
        (Binary::Add, Item::Markup(x), y) if y.as_text().is_some() => {
            Ok(marked(format!("{x}{}", escaped(y)), true))
        }
        (Binary::Add, x, Item::Markup(y)) if x.as_text().is_some() => {
            Ok(marked(format!("{}{y}", escaped(x)), true))
        }
        (Binary::Add, Item::Text(x), Item::Text(y)) => Ok(Item::text(format!("{x}{y}"))),
        (Binary::Add, Item::List(x), Item::List(y)) => {
            let mut all = x.borrow().to_vec();
            all.extend(y.borrow().iter().cloned());
            Ok(Item::list(all))
        }
        (Binary::Add, Item::Tuple(x), Item::Tuple(y)) => {
            Ok(Item::tuple(x.iter().chain(y.iter()).cloned()))
        }
        (Binary::Multiply, x, y) => match (Number::of(x), Number::of(y)) {
            (None, Some(Number::Int(n))) => repeated(machine, x, n),
            (Some(Number::Int(n)), None) => repeated(machine, y, n),
            _ => Err(unsupported(binary, a, b)),
        },
        (Binary::Modulo, x, y) => match x.as_text() {
            Some(pattern) => {
                let markup = matches!(x, Item::Markup(_));
                printf::format(pattern, y, markup).map(|text| marked(text, markup))
            }
            None => Err(unsupported(binary, a, b)),
        },
        _ => Err(unsupported(binary, a, b)),
    }
}

fn unsupported(binary: Binary, a: &Item, b: &Item) -> String {
    let operator = match binary {
        Binary::Add => "+",
        Binary::Subtract => "-",
        Binary::Multiply => "*",
        Binary::Divide => "/",
        Binary::FloorDivide => "//",
        Binary::Modulo => "%",
        Binary::Power => "**",
    };
    let (a, b) = (a.type_name(), b.type_name());
    format!("unsupported operand type(s) for {operator}: '{a}' and '{b}'")
}

fn repeated(machine: &mut Machine, item: &Item, n: i128) -> Result<Item> {
    if n > MAX_REPEAT {
        return Err(format!(
            "Sequence repeat too large (max {MAX_REPEAT} items)"
        ));
    }
    let n = usize::try_from(n.max(0)).unwrap_or(0);
    Ok(match item {
        Item::Text(text) | Item::Markup(text) => {
            machine.make(text.len().saturating_mul(n))?;
            marked(text.repeat(n), matches!(item, Item::Markup(_)))
        }
        Item::List(items) => {
            machine.step(items.borrow().len().saturating_mul(n))?;
            Item::list(cycled(&items.borrow(), n))
        }
        Item::Tuple(items) => {
            machine.step(items.len().saturating_mul(n))?;
            Item::tuple(cycled(items, n))
        }
        other => return Err(format!("can't multiply '{}' by 'int'", other.type_name())),
    })
}

fn cycled(items: &[Item], n: usize) -> Vec<Item> {
    (0..n).flat_map(|_| items.iter().cloned()).collect()
}

fn arithmetic(binary: Binary, a: Number, b: Number) -> Result<Item> {
    let by_zero = b.float() == 0.0;
    match binary {
        Binary::Divide | Binary::FloorDivide | Binary::Modulo if by_zero => {
            return Err(match (binary, a, b) {
                (Binary::Divide, Number::Int(_), Number::Int(_)) => "division by zero",
                (Binary::Divide, ..) => "float division by zero",
                (_, Number::Int(_), Number::Int(_)) => "integer modulo by zero",
                _ => "float modulo by zero",
            }
            .to_owned());
        }
        Binary::Power => return power(a, b),
        _ => {}
    }
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        return match binary {
            Binary::Add => whole(a.checked_add(b)),
            Binary::Subtract => whole(a.checked_sub(b)),
            Binary::Multiply => whole(a.checked_mul(b)),
            Binary::FloorDivide => whole(floor_divide(a, b)),
            Binary::Modulo => whole(modulo(a, b)),
            _ => Ok(Item::Float(a as f64 / b as f64)),
        };
    }
    let (a, b) = (a.float(), b.float());
    Ok(Item::Float(match binary {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::FloorDivide => (a / b).floor(),
        Binary::Modulo => {
            let rest = a % b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
                rest + b
            } else {
                rest
            }
        }
        _ => a / b,
    }))
}

fn floor_divide(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let exact = quotient.checked_mul(b)? == a;
    if !exact && (a < 0) != (b < 0) {
        quotient.checked_sub(1)
    } else {
        Some(quotient)
    }
}

fn modulo(a: i128, b: i128) -> Option<i128> {
    let rest = a.checked_rem(b)?;
    if rest != 0 && (rest < 0) != (b < 0) {
        rest.checked_add(b)
    } else {
        Some(rest)
    }
}

fn power(a: Number, b: Number) -> Result<Item> {
    if a.float().abs() > MAX_POWER {
        return Err(format!(
            "Base too large for exponentiation (max {MAX_POWER})"
        ));
    }
    if b.float().abs() > MAX_POWER {
        return Err(format!("Exponent too large (max {MAX_POWER})"));
    }
    if let (Number::Int(a), Number::Int(b)) = (a, b)
        && let Ok(exponent) = u32::try_from(b)
    {
        return whole(a.checked_pow(exponent));
    }
    let (a, b) = (a.float(), b.float());
    if a == 0.0 && b < 0.0 {
        return Err("0.0 cannot be raised to a negative power".to_owned());
    }
    if a < 0.0 && b.fract() != 0.0 {
        return Err("the power of a negative number is no real number".to_owned());
    }
    let result = a.powf(b);
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return Err("(34, 'Numerical result out of range')".to_owned());
    }
    Ok(Item::Float(result))
}

/// Whether a comparison holds.
pub(super) fn compares(comparison: Comparison, a: &Item, b: &Item) -> Result<bool> {
    let order = |sign: &str| {
        order(a, b).map_err(|()| {
            let (a, b) = (a.type_name(), b.type_name());
            format!("'{sign}' not supported between instances of '{a}' and '{b}'")
        })
    };
    Ok(match comparison {
        Comparison::Equal => equals(a, b),
        Comparison::NotEqual => !equals(a, b),
        Comparison::Less => order("<")? == Some(Ordering::Less),
        Comparison::Greater => order(">")? == Some(Ordering::Greater),
        Comparison::LessOrEqual => order("<=")?.is_some_and(Ordering::is_le),
        Comparison::GreaterOrEqual => order(">=")?.is_some_and(Ordering::is_ge),
        Comparison::In => contains(b, a)?,
        Comparison::NotIn => !contains(b, a)?,
    })
}

/// Whether two values are equal. Those that are nested too deep to be compared are not.
pub(super) fn equals(a: &Item, b: &Item) -> bool {
    equal_at(a, b, 0)
}

fn equal_at(a: &Item, b: &Item, depth: usize) -> bool {
    if depth > MAX_WALK {
        return false;
    }
    if let (Some(a), Some(b)) = (Number::of(a), Number::of(b)) {
        return number_order(a, b) == Some(Ordering::Equal);
    }
    let all = |a: &[Item], b: &[Item]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal_at(a, b, depth + 1))
    };
    match (a, b) {
        (Item::None, Item::None) | (Item::Undefined(_), Item::Undefined(_)) => true,
        (Item::Text(a) | Item::Markup(a), Item::Text(b) | Item::Markup(b)) => a == b,
        (Item::Bytes(a), Item::Bytes(b)) => a == b,
        (Item::List(a), Item::List(b)) => all(&a.borrow(), &b.borrow()),
        (Item::Tuple(a), Item::Tuple(b)) => all(a, b),
        (Item::Dict(a), Item::Dict(b)) => {
            let (a, b) = (a.borrow(), b.borrow());
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal_at(a, b, depth + 1)))
        }
        _ => false,
    }
}

/// Returns the order of two values, `None` with NaN; an error where there is none.
pub(super) fn order(a: &Item, b: &Item) -> std::result::Result<Option<Ordering>, ()> {
    let (mut a, mut b) = (a.clone(), b.clone());
    // Only the first pair that differs counts, so that going down is going on.
    loop {
        if let (Some(a), Some(b)) = (Number::of(&a), Number::of(&b)) {
            return Ok(number_order(a, b));
        }
        let (x, y) = match (&a, &b) {
            (Item::Text(a) | Item::Markup(a), Item::Text(b) | Item::Markup(b)) => {
                return Ok(Some(a.cmp(b)));
            }
            (Item::List(a), Item::List(b)) => (a.borrow().to_vec(), b.borrow().to_vec()),
            (Item::Tuple(a), Item::Tuple(b)) => (a.to_vec(), b.to_vec()),
            _ => return Err(()),
        };
        let lengths = x.len().cmp(&y.len());
        match x.into_iter().zip(y).find(|(x, y)| !equals(x, y)) {
            Some(pair) => (a, b) = pair,
            None => return Ok(Some(lengths)),
        }
    }
}

fn number_order(a: Number, b: Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
        (a, b) => a.float().partial_cmp(&b.float()),
    }
}

/// Whether an item is in a container, or a text in a text.
pub(super) fn contains(container: &Item, item: &Item) -> Result<bool> {
    match (container, item) {
        (Item::Text(text) | Item::Markup(text), part) => match part.as_text() {
            Some(part) => Ok(text.contains(part.as_str())),
            None => Err(format!(
                "'in <string>' requires string as left operand, not {}",
                part.type_name()
            )),
        },
        (Item::Dict(dict), key) => {
            Key::of(key)?;
            Ok(dict.borrow().get(key).is_some())
        }
        (container, item) => {
            let items = container.items().map_err(|_| {
                format!(
                    "argument of type '{}' is not iterable",
                    container.type_name()
                )
            })?;
            Ok(items.iter().any(|other| equals(other, item)))
        }
    }
}
