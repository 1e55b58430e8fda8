//! Python's `==` and `<`.

use std::cmp::Ordering;

use graphloom::Value;

use super::type_name;

/// Whether two values are equal to Python: numbers and bools by value (`1 == 1.0 == True`), at any depth; NaN equals
/// nothing. Without recursion, since values built by blocks may be of any depth.
pub(crate) fn equals(a: &Value, b: &Value) -> bool {
    let mut open = vec![(a, b)];
    while let Some((a, b)) = open.pop() {
        if let (Some(a), Some(b)) = (Number::of(a), Number::of(b)) {
            if a.compare(b) != Some(Ordering::Equal) {
                return false;
            }
            continue;
        }
        match (a, b) {
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return false;
                }
                open.extend(a.iter().zip(b.iter()));
            }
            (Value::Map(a), Value::Map(b)) => {
                if a.len() != b.len() {
                    return false;
                }
                for (key, value) in a.iter() {
                    let Some(other) = b.get(key) else {
                        return false;
                    };
                    open.push((value, other));
                }
            }
            _ if a == b => {}
            _ => return false,
        }
    }
    true
}

/// Two values that Python puts in no order, with its names for their types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unordered(pub(crate) &'static str, pub(crate) &'static str);

/// Returns the order of two values: numbers and bools by value, texts by code points, lists by their first items that
/// differ. `None` where one is NaN.
pub(crate) fn compare(a: &Value, b: &Value) -> Result<Option<Ordering>, Unordered> {
    let (mut a, mut b) = (a, b);
    loop {
        if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
            return Ok(x.compare(y));
        }
        match (a, b) {
            (Value::Text(x), Value::Text(y)) => return Ok(Some(x.as_str().cmp(y.as_str()))),
            (Value::List(x), Value::List(y)) => {
                // Only the first pair that differs counts, so that going down is going on.
                match x.iter().zip(y.iter()).find(|(x, y)| !equals(x, y)) {
                    Some(pair) => (a, b) = pair,
                    None => return Ok(Some(x.len().cmp(&y.len()))),
                }
            }
            _ => return Err(Unordered(type_name(a), type_name(b))),
        }
    }
}

#[derive(Clone, Copy)]
enum Number {
    Whole(i128),
    Float(f64),
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(truth) => Self::Whole(i128::from(*truth)),
            Value::Int(integer) => Self::Whole(i128::from(*integer)),
            Value::Uint(integer) => Self::Whole(i128::from(*integer)),
            Value::Float(float) => Self::Float(*float),
            _ => return None,
        })
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Whole(a), Self::Float(b)) => whole_with_float(a, b),
            (Self::Float(a), Self::Whole(b)) => whole_with_float(b, a).map(Ordering::reverse),
        }
    }
}

/// Exact, unlike a comparison as floats, which takes 2^53 + 1 for 2^53.
fn whole_with_float(a: i128, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    // Saturates, and what is beyond i128 is beyond every integer that a value can hold.
    let floor = b.floor() as i128;
    Some(match a.cmp(&floor) {
        Ordering::Equal if b.fract() != 0.0 => Ordering::Less,
        order => order,
    })
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn equality_is_by_value() {
        let same = [
            (value!(1), value!(1.0)),
            (value!(true), value!(1)),
            (value!([true, {"a": 1}]), value!([1.0, {"a": 1.0}])),
            (value!(0), value!(-0.0)),
            (value!({"a": 1, "b": 2}), value!({"b": 2, "a": 1})),
        ];
        for (a, b) in same {
            assert!(equals(&a, &b), "{a} {b}");
        }
        let different = [
            (
                value!(9_007_199_254_740_993_i64),
                value!(9_007_199_254_740_992.0),
            ),
            (value!(f64::NAN), value!(f64::NAN)),
            (value!(null), value!(false)),
            (value!({}), value!([])),
            (value!("1"), value!(1)),
            (value!({"a": 1}), value!({"b": 1})),
        ];
        for (a, b) in different {
            assert!(!equals(&a, &b), "{a} {b}");
        }
    }

    #[test]
    fn order_is_pythons() {
        let check = |a: Value, b: Value, order| assert_eq!(compare(&a, &b), order, "{a} {b}");
        check(value!([1, 2]), value!([1, 3]), Ok(Some(Ordering::Less)));
        check(value!([1]), value!([1, 0]), Ok(Some(Ordering::Less)));
        check(value!("é"), value!("z"), Ok(Some(Ordering::Greater)));
        check(value!(-1), value!(-1.5), Ok(Some(Ordering::Greater)));
        check(value!(1), value!(f64::INFINITY), Ok(Some(Ordering::Less)));
        check(value!(f64::NAN), value!(1), Ok(None));
        check(
            value!({"a": 1}),
            value!({"a": 2}),
            Err(Unordered("dict", "dict")),
        );
        check(
            value!([10.0]),
            value!(["9a"]),
            Err(Unordered("float", "str")),
        );
    }

    #[test]
    fn depth_is_no_matter() {
        let deep = |n: usize| (0..n).fold(value!(1), |inner, _| Value::from([inner]));
        let (a, b) = (deep(2_000), deep(2_000));
        assert!(equals(&a, &b));
        assert_eq!(compare(&a, &b), Ok(Some(Ordering::Equal)));
    }
}
