//! When two values are equal.

use std::sync::Arc;

use super::Value;

/// Structural: the integer 1 and the number 1.0 differ, and the order of keys does not matter. NaN equals NaN and -0.0
/// equals 0.0, so that equal values have equal hashes and every value equals itself.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Uint(a), Self::Uint(b)) => a == b,
            (Self::Int(a), Self::Uint(b)) | (Self::Uint(b), Self::Int(a)) => {
                u64::try_from(*a) == Ok(*b)
            }
            (Self::Float(a), Self::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
            (Self::Text(a), Self::Text(b)) => a.ptr_eq(b) || a == b,
            (Self::List(a), Self::List(b)) => a.ptr_eq(b) || a == b,
            (Self::Map(a), Self::Map(b)) => a.ptr_eq(b) || a == b,
            (Self::Blob(a), Self::Blob(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Sealed(a), Self::Sealed(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Value {
    /// Returns true if both are equal when numbers are compared by what they say: 1 equals 1.0, at any depth.
    #[must_use]
    pub fn loosely_eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(float), Self::Int(_) | Self::Uint(_)) => {
                integral(*float).as_ref() == Some(other)
            }
            (Self::Int(_) | Self::Uint(_), Self::Float(float)) => {
                integral(*float).as_ref() == Some(self)
            }
            (Self::List(a), Self::List(b)) => {
                a.ptr_eq(b)
                    || (a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.loosely_eq(b)))
            }
            (Self::Map(a), Self::Map(b)) => {
                let same = |key, a: &Value| b.get(key).is_some_and(|b| a.loosely_eq(b));
                a.ptr_eq(b) || (a.len() == b.len() && a.iter().all(|(key, value)| same(key, value)))
            }
            _ => self == other,
        }
    }
}

/// Returns the integer that a float is exactly. Going to the integer and not to the float keeps 2^53 and 2^53+1 apart.
fn integral(float: f64) -> Option<Value> {
    // Both bounds are powers of two and so exact floats; the upper ones are the first that do not fit.
    const I64_MIN: f64 = -9_223_372_036_854_775_808.0;
    const I64_END: f64 = 9_223_372_036_854_775_808.0;
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    if float.fract() != 0.0 {
        None
    } else if (I64_MIN..I64_END).contains(&float) {
        Some(Value::Int(float as i64))
    } else if (I64_END..U64_END).contains(&float) {
        Some(Value::Uint(float as u64))
    } else {
        None
    }
}
