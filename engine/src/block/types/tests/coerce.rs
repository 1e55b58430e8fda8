use crate::value;
use crate::value::{BlobRef, Sealed, Value};

use super::super::PinType;
use super::ty;

const EXACT: i64 = 1 << 53;

#[test]
fn strict_changes_the_form_of_numbers_and_nothing_else() {
    for (name, value, expected) in [
        ("integer", value!(3.0), value!(3)),
        ("integer", value!(-0.0), value!(0)),
        ("integer", Value::Float(EXACT as f64), value!(EXACT)),
        ("integer", value!(1e300), value!(1e300)),
        ("number", value!(3), value!(3.0)),
        ("number", value!(EXACT + 1), value!(EXACT + 1)),
        ("number", Value::from(u64::MAX), Value::from(u64::MAX)),
        ("list number", value!([1.5, 2]), value!([1.5, 2.0])),
        (
            "map list integer",
            value!({ "a": [1.0], "b": [2] }),
            value!({ "a": [1], "b": [2] }),
        ),
        ("point", value!({ "x": 1.0 }), value!({ "x": 1 })),
        (
            "open point",
            value!({ "x": 1.0, "z": 1.0 }),
            value!({ "x": 1, "z": 1.0 }),
        ),
        ("integer or number", value!(1.0), value!(1.0)),
        ("integer or null", value!(1.0), value!(1)),
        ("number or text", value!(1), value!(1.0)),
        ("any", value!(1.0), value!(1.0)),
        ("1|2", value!(1.0), value!(1.0)),
        ("text or null", value!(null), value!(null)),
    ] {
        assert_eq!(ty(name).coerce_strict(value).unwrap(), expected, "{name}");
    }
    for (name, value) in [
        ("text", value!(1)),
        ("integer", value!("1")),
        ("integer", value!(1.5)),
        ("number", value!(true)),
        ("bool", value!(1)),
        ("list integer", value!([1.0, "2"])),
        ("text", value!(null)),
    ] {
        let error = ty(name).check(&value).unwrap_err();
        assert_eq!(ty(name).coerce_strict(value), Err(error), "{name}");
    }
}

/// The same in memory, where it is a list, map or text.
fn shared(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => a.ptr_eq(b),
        (Value::Map(a), Value::Map(b)) => a.ptr_eq(b),
        (Value::Text(a), Value::Text(b)) => a.ptr_eq(b),
        _ => false,
    }
}

#[test]
fn what_does_not_change_is_not_copied() {
    for (name, value) in [
        ("any", value!([1])),
        ("list", value!([1])),
        ("list list number", value!([[1.0], [2.5]])),
        ("list integer or text", value!([1, "x"])),
        ("map", value!({ "a": 1 })),
        ("map text or list text", value!({ "a": "x", "b": ["y"] })),
        ("point", value!({ "x": 1 })),
        ("text", value!("x")),
        ("integer or text", value!("x")),
    ] {
        assert!(
            shared(&ty(name).coerce_strict(value.clone()).unwrap(), &value),
            "{name}"
        );
        assert!(
            shared(&ty(name).coerce_lenient(value.clone()), &value),
            "{name}"
        );
    }
    // Around a change, what is inside stays shared.
    let value = value!([[1.0], [2], [3.0]]);
    let item = |value: &Value, i: usize| value.as_list().unwrap()[i].clone();
    for changed in [
        ty("list list number").coerce_strict(value.clone()).unwrap(),
        ty("list list number").coerce_lenient(value.clone()),
    ] {
        assert_eq!(changed, value!([[1.0], [2.0], [3.0]]));
        assert!(shared(&item(&changed, 0), &item(&value, 0)));
        assert!(!shared(&item(&changed, 1), &item(&value, 1)));
        assert!(shared(&item(&changed, 2), &item(&value, 2)));
    }
    let text = value!("x");
    let wrapped = ty("map").coerce_lenient(text.clone());
    assert!(shared(wrapped.get("value").unwrap(), &text));
}

#[test]
fn lenient_converts_by_the_table() {
    for (name, value, expected) in [
        ("text", value!(1.0), value!("1.0")),
        (
            "text",
            value!({ "x": [1, true, null, "é"] }),
            value!(r#"{"x": [1, true, null, "\u00e9"]}"#),
        ),
        ("integer", value!(" 12 "), value!(12)),
        ("integer", value!("-3.9"), value!(-3)),
        ("integer", value!("1_000"), value!(1000)),
        ("integer", value!("1e300"), value!(1e300)),
        (
            "integer",
            value!("18446744073709551615"),
            value!(18446744073709551616.0),
        ),
        (
            "integer",
            value!("9223372036854775808"),
            Value::from(1_u64 << 63),
        ),
        ("integer", value!("inf"), value!(0)),
        ("integer", value!("nan"), value!(0)),
        ("integer", value!("0x10"), value!(0)),
        ("integer", value!(-3.9), value!(-3)),
        ("integer", value!(3.0), value!(3)),
        ("integer", value!(true), value!(true)),
        ("integer", value!([]), value!(0)),
        ("number", value!(true), value!(1.0)),
        ("number", value!("inf"), Value::Float(f64::INFINITY)),
        ("number", value!("١٢"), value!(12.0)),
        ("number", value!(EXACT + 1), value!(EXACT as f64)),
        ("bool", value!("TRUE"), value!(true)),
        ("bool", value!(" true"), value!(false)),
        ("bool", value!(0.0), value!(false)),
        ("bool", value!({ "a": 0 }), value!(true)),
        ("list", value!(" [1, 2]\n"), value!([1, 2])),
        ("list", value!(" 12 "), value!(["12"])),
        ("list", value!("[1, 2"), value!(["[1, 2"])),
        ("list", value!("[1] [2]"), value!(["[1] [2]"])),
        ("list", value!(""), value!([""])),
        (
            "list",
            value!("[NaN, 1e999]"),
            value!([f64::NAN, f64::INFINITY]),
        ),
        ("list", value!({ "a": 1 }), value!([["a", 1]])),
        ("list list text", value!({ "a": 1 }), value!([["a", "1"]])),
        (
            "list integer",
            value!(["1", null, [1, 2], true]),
            value!([1, 0, 2, true]),
        ),
        ("list text", value!([null]), value!(["null"])),
        (
            "map",
            value!("{\"a\": 1, \"b\": 2, \"a\": 3}"),
            value!({ "a": 3, "b": 2 }),
        ),
        ("map", value!("12"), value!({ "value": 12 })),
        (
            "map",
            value!("Infinity"),
            value!({ "value": f64::INFINITY }),
        ),
        ("map", value!("plain"), value!({ "value": "plain" })),
        (
            "map",
            value!([true, null]),
            value!({ "0": true, "1": null }),
        ),
        ("map", value!(false), value!({ "value": false })),
        ("map text", value!({ "a": null }), value!({ "a": "null" })),
        ("integer or text", value!(3.9), value!(3)),
        ("text or integer", value!(3.9), value!("3.9")),
        ("text or integer", value!(true), value!(true)),
        ("text or number", value!([]), value!("[]")),
        ("text or list integer", value!(["1"]), value!([1])),
        ("integer or null", value!("7"), value!(7)),
        ("Add|Subtract or integer", value!("7"), value!(7)),
        ("Add|Subtract", value!(5), value!(5)),
        ("point", value!("{\"x\":1}"), value!("{\"x\":1}")),
        ("point", value!({ "x": "1" }), value!({ "x": "1" })),
        ("any", value!("[1]"), value!("[1]")),
        ("text", value!(null), value!(null)),
        ("list text", value!(null), value!(null)),
    ] {
        let label = format!("{value} to {name}");
        let converted = ty(name).coerce_lenient(value);
        assert_eq!(converted, expected, "{label}");
        assert_eq!(
            ty(name).coerce_lenient(converted.clone()),
            converted,
            "{label}, twice"
        );
    }
}

#[test]
fn blobs_and_secrets_are_not_turned_into_anything() {
    for value in [
        Value::from(BlobRef::new("sha256:00", 1)),
        Value::from(Sealed::new("key", "cipher")),
    ] {
        for name in [
            "text",
            "integer",
            "number",
            "bool",
            "point",
            "Add|Subtract",
            "text or integer",
        ] {
            assert_eq!(ty(name).coerce_lenient(value.clone()), value, "{name}");
        }
        assert_eq!(
            ty("list").coerce_lenient(value.clone()),
            value!([value.clone()])
        );
        assert_eq!(
            ty("map").coerce_lenient(value.clone()),
            value!({ "value": value.clone() })
        );
    }
    // A text that looks like the wire form of a blob stays data.
    let forged = ty("map").coerce_lenient(value!(r#"{"$blob": "sha256:00", "bytes": 1}"#));
    assert_eq!(forged.as_map().unwrap().len(), 2);
    let forged = ty("list").coerce_lenient(value!(r#"[{"$blob": "sha256:00", "bytes": 1}]"#));
    assert!(forged.as_list().unwrap()[0].as_map().is_some());
}

#[test]
fn depth_is_bounded() {
    let deep_type = (0..1000).fold(PinType::Integer, |inner, _| PinType::list(inner));
    let deep = (0..1000).fold(value!("1"), |inner, _| value!([inner]));
    assert_eq!(deep_type.coerce_lenient(deep.clone()), deep);
    let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        ty("list").coerce_lenient(Value::from(text.clone())),
        value!([text])
    );
}
