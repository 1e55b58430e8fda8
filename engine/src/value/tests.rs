use super::*;
use crate::value;

mod laws;
pub(crate) use laws::any_value;
mod paths;
mod typed;

#[test]
fn a_value_is_sixteen_bytes() {
    assert_eq!(size_of::<Value>(), 16);
    assert_eq!(size_of::<Option<Value>>(), 16);
    assert_eq!(size_of::<Text>(), 8);
}

#[test]
fn values_go_between_threads() {
    fn check<T: Send + Sync + Unpin + std::panic::UnwindSafe>() {}
    check::<Value>();
    check::<Shared<std::rc::Rc<()>>>();
    check::<DecodeError>();
}

#[test]
fn conversions() {
    let check = |value: Value, expected: &str| assert_eq!(format!("{value:?}"), expected);
    check(().into(), "Null");
    check(None::<bool>.into(), "Null");
    check(Some(1_u8).into(), "Int(1)");
    check((i64::MAX as u64).into(), "Int(9223372036854775807)");
    check((i64::MAX as u64 + 1).into(), "Uint(9223372036854775808)");
    check(1.0.into(), "Float(1.0)");
    check(vec!["a"].into(), "List([Text(\"a\")])");
    check([("k", 1)].into_iter().collect(), "Map({\"k\": Int(1)})");
    check(Sealed::new("key", "cipher").into(), "Sealed([sealed])");
    assert_eq!(Value::Uint(5), Value::Int(5));
    assert_eq!(
        (Value::Uint(5).as_i64(), Value::Int(-1).as_u64()),
        (Some(5), None)
    );
    assert_eq!(
        value!(u64::MAX).as_f64(),
        Some(18_446_744_073_709_551_615.0)
    );
}

#[test]
fn the_macro_takes_what_json_does_and_expressions() {
    let (key, list) = ("k", vec![1, 2]);
    let value = value!({
        key: list.len() as u64,
        (format!("{key}2")): [null, [], {}, [[-1]], { "a": null, "b": true, },],
        "sum": 1 + 1,
        "list": list.clone(),
        "block": { "x": if list.is_empty() { 1 } else { 2 } },
    });
    let json = r#"{"k":2,"k2":[null,[],{},[[-1]],{"a":null,"b":true}],"sum":2,"list":[1,2],"block":{"x":2}}"#;
    assert_eq!(value.to_string(), json);
    assert_eq!(value!(null), Value::Null);
    assert_eq!(value!("x"), Value::from("x"));
}

#[test]
fn maps_keep_their_order() {
    let mut map = Map::from_iter([("b", 1), ("a", 2), ("c", 3)]);
    let shared = map.clone();
    assert_eq!(map.insert("a", 4), Some(Value::Int(2)));
    assert_eq!(map.remove("b"), Some(Value::Int(1)));
    map.extend([("b", 5)]);
    assert_eq!(
        map.keys().map(Text::as_str).collect::<Vec<_>>(),
        ["a", "c", "b"]
    );
    assert_eq!(shared.get("a"), Some(&Value::Int(2)));
    assert_eq!((map.remove("x"), map.get_mut("x")), (None, None));
    assert_eq!(
        map.into_iter().next_back(),
        Some(("b".into(), Value::Int(5)))
    );
}

#[test]
fn looking_for_what_is_absent_copies_nothing() {
    let mut map = Map::from_iter([("a", 1)]);
    let shared = map.clone();
    map.remove("x");
    map.get_mut("x");
    assert!(map.ptr_eq(&shared));
}

#[test]
fn display_keeps_secrets() {
    let value = value!({ "a": Sealed::new("key", "cipher"), "b": f64::NAN });
    assert_eq!(
        value.to_string(),
        r#"{"a":"[sealed]","b":{"$float":"nan"}}"#
    );
    let json = r#"{"a":{"$sealed":{"key_id":"key","ciphertext":"cipher"}},"b":{"$float":"nan"}}"#;
    assert_eq!(crate::json::to_json(&value), json);
    assert!(!format!("{value:?}").contains("cipher"));
}

#[test]
fn weight_grows_with_what_is_held() {
    assert_eq!(value!(1).weight_bytes(), 16);
    let text = Text::from("x".repeat(1000));
    let one = value!(&text).weight_bytes();
    assert!((1016..1100).contains(&one));
    assert!(value!([&text, &text]).weight_bytes() >= 2 * one);
    assert!(value!({ "k": &text }).weight_bytes() > one);
}

#[test]
fn loose_equality() {
    let check = |a: Value, b: Value, expected| {
        assert_eq!(
            (a.loosely_eq(&b), b.loosely_eq(&a)),
            (expected, expected),
            "{a} {b}"
        );
    };
    check(value!(1), value!(1.0), true);
    check(value!({ "a": [1] }), value!({ "a": [1.0] }), true);
    check(value!(0), value!(-0.0), true);
    check(value!(1), value!(1.5), false);
    check(value!(1), value!("1"), false);
    check(
        value!(9_007_199_254_740_993_i64),
        value!(9_007_199_254_740_992.0),
        false,
    );
    check(
        value!(u64::MAX),
        value!(18_446_744_073_709_551_616.0),
        false,
    );
    check(
        value!(1_u64 << 63),
        value!(9_223_372_036_854_775_808.0),
        true,
    );
    check(value!(i64::MIN), value!(-9_223_372_036_854_775_808.0), true);
    check(value!(1), value!(f64::NAN), false);
    check(value!(f64::NAN), value!(f64::NAN), true);
    check(value!({ "a": 1 }), value!({ "b": 1 }), false);
    check(value!([1]), value!([1, 2]), false);
}

#[test]
fn weighing_stops_at_a_depth() {
    let value = value!([{ "a": [1] }]);
    assert_eq!(
        (value.weigh(3, 1_000), value.weigh(2, 1_000)),
        (Ok(value.weight_bytes()), Err(Excess::Depth))
    );
    assert_eq!(value!(1).weigh(0, 16), Ok(16));
    assert_eq!(value!(1).weigh(0, 15), Err(Excess::Bytes));
    let deep = (0..5_000).fold(Value::Null, |value, _| value!([value]));
    assert_eq!(deep.weigh(512, usize::MAX), Err(Excess::Depth));
}

#[test]
fn weighing_stops_at_a_size() {
    // Of 50 lists, the outermost has two times two times … the innermost: more than any memory holds.
    let vast = (0..50).fold(Value::Null, |value, _| value!([value.clone(), value]));
    assert_eq!(vast.weigh(128, 1 << 20), Err(Excess::Bytes));
    assert_eq!(vast.weight_bytes(), Value::MAX_WEIGHT);
}

#[test]
fn names_are_shared() {
    let mut names = Names::new();
    let long = "x".repeat(100);
    for name in ["a", "ab", "", "é", &long] {
        assert_eq!(names.get(name), name);
    }
    assert!(names.get("a").ptr_eq(&names.get("a")));
    // As many as there are, each comes out as itself.
    for i in 0..1000 {
        assert_eq!(names.get(&i.to_string()), i.to_string().as_str());
    }
}
