//! When two nodes say the same, to the last bit: what was made of the one serves for the other.
//!
//! Equality of values is not enough. It takes -0.0 for 0.0 and does not see the order of keys, and a block may make its pins
//! of that. So only what is simple counts as the same; it is what most nodes say that say the same.

use crate::value::{Map, Value};

/// Says whether these are the same literals under the same names, in the same order.
pub(super) fn same_literals(a: &Map, b: &Map) -> bool {
    let mut both = a.iter().zip(b.iter());
    a.len() == b.len() && both.all(|((a, x), (b, y))| a == b && same(x, y))
}

/// Says whether these are the same values.
pub(super) fn same_slots(a: &[Option<Value>], b: &[Option<Value>]) -> bool {
    let mut both = a.iter().zip(b);
    a.len() == b.len()
        && both.all(|pair| match pair {
            (None, None) => true,
            (Some(a), Some(b)) => same(a, b),
            _ => false,
        })
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn only_what_is_simple_and_equal_is_the_same() {
        let map = |value: &Value| value.as_map().unwrap().clone();
        let check = |a: Value, b: Value, same: bool| {
            assert_eq!(same_literals(&map(&a), &map(&b)), same, "{a} {b}");
            let slots = |value: &Value| map(value).values().cloned().map(Some).collect::<Vec<_>>();
            if a.as_map().unwrap().keys().eq(b.as_map().unwrap().keys()) {
                assert_eq!(same_slots(&slots(&a), &slots(&b)), same, "{a} {b}");
            }
        };
        check(value!({}), value!({}), true);
        check(
            value!({"a": "x", "b": 1, "c": true, "d": null}),
            value!({"a": "x", "b": 1, "c": true, "d": null}),
            true,
        );
        check(value!({"a": "x"}), value!({"a": "y"}), false);
        check(value!({"a": 1}), value!({"a": 1, "b": 1}), false);
        check(value!({"a": 1, "b": 1}), value!({"b": 1, "a": 1}), false);
        // Equal, and not the same.
        check(value!({"a": 0.0}), value!({"a": (-0.0)}), false);
        check(
            value!({"a": {"x": 1, "y": 1}}),
            value!({"a": {"y": 1, "x": 1}}),
            false,
        );
    }
}
