//! Sets of values under Python's equality, so that looking for doubles takes time in proportion to what is there.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use graphloom::value::List;
use graphloom::{BlockError, Value};

use crate::python::equals;

/// The most values, counting what is inside of lists and maps, that are compared in one firing. A small list may hold
/// itself many times over, so that its size in memory is no bound.
const MAX_PARTS: usize = 10_000_000;

/// What is deeper than this counts alike in a hash; it bounds the recursion.
const MAX_HASH_DEPTH: u32 = 32;

/// Values seen so far.
#[derive(Default)]
pub(super) struct Seen<'a>(HashSet<Key<'a>>);

impl<'a> Seen<'a> {
    /// Notes a value; false where an equal one was there.
    pub(super) fn insert(&mut self, value: &'a Value) -> bool {
        self.0.insert(Key(value))
    }

    /// Whether an equal value was noted.
    pub(super) fn contains(&self, value: &'a Value) -> bool {
        self.0.contains(&Key(value))
    }
}

impl<'a> FromIterator<&'a Value> for Seen<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Value>>(values: I) -> Self {
        Self(values.into_iter().map(Key).collect())
    }
}

/// Refuses lists that are too large to look for doubles in.
///
/// # Errors
/// [`BlockError::Input`] above [`MAX_PARTS`].
pub(super) fn check_size<'a>(lists: impl IntoIterator<Item = &'a List>) -> Result<(), BlockError> {
    let mut left = MAX_PARTS;
    for list in lists {
        left = left.checked_sub(list.len()).ok_or_else(too_large)?;
        // Scalars are the usual case and need no second look.
        let mut open: Vec<&Value> = list.iter().filter(|value| holds_values(value)).collect();
        while let Some(value) = open.pop() {
            let len = match value {
                Value::List(items) => items.len(),
                Value::Map(entries) => entries.len(),
                _ => 0,
            };
            left = left.checked_sub(len).ok_or_else(too_large)?;
            match value {
                Value::List(items) => open.extend(items.iter().filter(|value| holds_values(value))),
                Value::Map(entries) => {
                    open.extend(entries.values().filter(|value| holds_values(value)))
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn holds_values(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}

fn too_large() -> BlockError {
    BlockError::input(format!(
        "the lists hold more than {MAX_PARTS} values, with what is inside of their items: compare them in parts"
    ))
}

/// A value, equal to others as Python has it. NaN equals nothing, itself included: as in Python, it is never found.
struct Key<'a>(&'a Value);

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        equals(self.0, other.0)
    }
}

impl Eq for Key<'_> {}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(self.0, state, 0);
    }
}

/// Hashes a value so that equal ones have equal hashes: numbers and bools by what they say, maps in any order of keys.
fn hash<H: Hasher>(value: &Value, state: &mut H, depth: u32) {
    if depth > MAX_HASH_DEPTH {
        return;
    }
    match value {
        Value::Bool(truth) => i128::from(*truth).hash(state),
        Value::Int(integer) => i128::from(*integer).hash(state),
        Value::Uint(integer) => i128::from(*integer).hash(state),
        Value::Float(float) => {
            // Saturates beyond i128, where no integer is.
            let whole = *float as i128;
            whole.hash(state);
            if float.fract() != 0.0 {
                float.to_bits().hash(state);
            }
        }
        Value::Text(text) => text.hash(state),
        Value::List(items) => {
            state.write_u8(1);
            state.write_usize(items.len());
            items.iter().for_each(|item| hash(item, state, depth + 1));
        }
        Value::Map(entries) => {
            state.write_u8(2);
            let sum = entries.iter().fold(0_u64, |sum, (key, value)| {
                let mut entry = DefaultHasher::new();
                key.hash(&mut entry);
                hash(value, &mut entry, depth + 1);
                sum.wrapping_add(entry.finish())
            });
            state.write_u64(sum);
        }
        _ => state.write_u8(3),
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn equal_values_are_found() {
        let check = |a: Value, b: Value, same: bool| {
            let mut seen = Seen::default();
            assert!(seen.insert(&a), "{a}");
            assert_eq!(seen.contains(&b), same, "{a} {b}");
        };
        check(value!(1), value!(1.0), true);
        check(value!(1), value!(true), true);
        check(value!(false), value!(-0.0), true);
        check(value!(u64::MAX), value!(u64::MAX as f64), false);
        check(
            value!(9_007_199_254_740_993_i64),
            value!(9_007_199_254_740_992.0),
            false,
        );
        check(value!(0.5), value!(0.5), true);
        check(value!(0.5), value!(0.25), false);
        check(value!(f64::INFINITY), value!(f64::INFINITY), true);
        check(value!("1"), value!(1), false);
        check(value!(null), value!(false), false);
        check(
            value!({"a": 1, "b": [2]}),
            value!({"b": [2.0], "a": true}),
            true,
        );
        check(value!({"a": 1}), value!({"a": 2}), false);
        check(value!([[1], []]), value!([[1], {}]), false);
    }

    #[test]
    fn a_list_that_holds_itself_over_and_over_is_refused() {
        let mut value = value!([1, 2, 3, 4]);
        for _ in 0..40 {
            value = Value::from(vec![value.clone(), value]);
        }
        let list = List::from(vec![value]);
        assert!(check_size([&list]).is_err());
        assert!(check_size([&List::from(vec![value!([1, {"a": [2]}])])]).is_ok());
    }
}
