//! Comparing values as RFC 9535 has it: numbers by what they say, texts by their characters, the rest for equality only.

use std::cmp::Ordering;

use graphloom::Value;

use super::Relation;
use super::eval::{Eval, Stop};

impl Eval<'_, '_> {
    /// Compares two sides, either of which may be nothing.
    pub(super) fn holds(
        &mut self,
        left: Option<&Value>,
        relation: Relation,
        right: Option<&Value>,
    ) -> Result<bool, Stop> {
        Ok(match relation {
            Relation::Equal => self.same(left, right)?,
            Relation::Differs => !self.same(left, right)?,
            Relation::Less => less(left, right),
            Relation::Greater => less(right, left),
            Relation::LessOrEqual => less(left, right) || self.same(left, right)?,
            Relation::GreaterOrEqual => less(right, left) || self.same(left, right)?,
        })
    }

    fn same(&mut self, left: Option<&Value>, right: Option<&Value>) -> Result<bool, Stop> {
        match (left, right) {
            (Some(left), Some(right)) => self.equal(left, right),
            (left, right) => Ok(left.is_none() && right.is_none()),
        }
    }

    fn equal(&mut self, left: &Value, right: &Value) -> Result<bool, Stop> {
        self.step(1)?;
        match (left, right) {
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.iter().zip(b.iter()) {
                    if !self.equal(a, b)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Map(a), Value::Map(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (key, a) in a.iter() {
                    match b.get(key) {
                        Some(b) if self.equal(a, b)? => {}
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }
            (Value::Text(a), Value::Text(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                self.step(a.len() / 256)?;
                Ok(a == b)
            }
            _ if left.as_f64().is_some() && right.as_f64().is_some() => {
                Ok(order(left, right) == Some(Ordering::Equal))
            }
            _ => Ok(left == right),
        }
    }
}

fn less(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        // The order of UTF-8 is that of the characters.
        (Some(Value::Text(a)), Some(Value::Text(b))) => a.as_str() < b.as_str(),
        (Some(a), Some(b)) => order(a, b) == Some(Ordering::Less),
        _ => false,
    }
}

/// Compares two numbers exactly; NaN is not comparable.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        // At least one is a float with a fraction or beyond all integers: rounding the other one does not matter.
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Int(n) => Some(i128::from(*n)),
        Value::Uint(n) => Some(i128::from(*n)),
        Value::Float(float) if float.fract() == 0.0 && float.abs() < 1e20 => Some(*float as i128),
        _ => None,
    }
}
