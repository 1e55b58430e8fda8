use crate::value;
use crate::value::{BlobRef, Sealed, Value};

use super::super::PinType;
use super::ty;

#[test]
fn values_fit_their_types() {
    for (name, value) in [
        ("any", value!({ "a": [1] })),
        ("any", Value::from(Sealed::new("k", "c"))),
        ("null", value!(null)),
        ("bool", value!(true)),
        ("integer", value!(1)),
        ("integer", Value::from(u64::MAX)),
        ("integer", value!(3.0)),
        ("integer", value!(1e300)),
        ("number", value!(1)),
        ("number", Value::Float(f64::NAN)),
        ("text", value!("")),
        ("list text", value!([])),
        ("list text", value!(["a"])),
        ("map integer", value!({})),
        ("map integer", value!({ "a": 1.0 })),
        ("point", value!({ "x": 1 })),
        ("point", value!({ "y": 2, "x": 1 })),
        ("open point", value!({ "x": 1, "z": null })),
        ("Add|Subtract", value!("Add")),
        ("1|2", value!(2.0)),
        ("text or null", value!(null)),
        ("blob", Value::from(BlobRef::new("sha256:00", 1))),
    ] {
        assert!(ty(name).fits(&value), "{value} in {name}");
        assert_eq!(ty(name).check(&value), Ok(()));
    }
}

#[test]
fn a_mismatch_says_where_and_what() {
    for (name, value, expected) in [
        ("integer", value!(true), "expected integer, found true"),
        ("number", value!(false), "expected number, found false"),
        ("integer", value!(1.5), "expected integer, found number 1.5"),
        (
            "integer",
            Value::Float(f64::INFINITY),
            "expected integer, found number Infinity",
        ),
        ("text", value!(null), "expected text, found null"),
        (
            "text",
            value!({ "a": [1, "é"] }),
            r#"expected text, found map {"a": [1, "é"]}"#,
        ),
        (
            "list text",
            value!(["a", 3]),
            "at [1]: expected text, found integer 3",
        ),
        (
            "map list text",
            value!({ "a b": [null] }),
            r#"at ["a b"][0]: expected text, found null"#,
        ),
        (
            "point",
            value!({}),
            "at .x: expected integer, found nothing",
        ),
        (
            "point",
            value!({ "x": 1, "z": 0 }),
            r#"expected object with "x", "y", found key "z""#,
        ),
        (
            "point",
            value!([1]),
            r#"expected object with "x", "y", found list [1]"#,
        ),
        (
            "point or null",
            value!({ "x": "1" }),
            r#"at .x: expected integer, found text "1""#,
        ),
        (
            "list text or text",
            value!([1]),
            "at [0]: expected text, found integer 1",
        ),
        (
            "list text or null",
            value!([1]),
            "at [0]: expected text or null, found integer 1",
        ),
        (
            "integer or text",
            value!([1]),
            "expected integer or text, found list [1]",
        ),
        (
            "Add|Subtract",
            value!("Multiply"),
            r#"expected one of "Add", "Subtract", found text "Multiply""#,
        ),
        (
            "text",
            Value::from(Sealed::new("key", "cipher")),
            "expected text, found secret",
        ),
        (
            "text",
            value!([Value::from(Sealed::new("key", "cipher"))]),
            r#"expected text, found list ["[sealed]"]"#,
        ),
    ] {
        let mismatch = ty(name).check(&value).unwrap_err();
        assert_eq!(mismatch.to_string(), expected);
        assert!(!ty(name).fits(&value));
    }
}

#[test]
fn what_was_found_is_clipped() {
    let deep = (0..100_000).fold(value!(1), |inner, _| value!([inner]));
    let long = "é\n".repeat(1_000_000);
    for value in [
        Value::from(long),
        deep.clone(),
        (0..1_000_000).map(Value::from).collect(),
    ] {
        let found = PinType::Bool.check(&value).unwrap_err().found;
        assert_eq!(found.chars().count(), 60, "{found}");
        assert!(found.ends_with('…'), "{found}");
    }
    // Dropping nested shared lists is the value's own business; the test is not about it.
    std::mem::forget(deep);
    let exact = PinType::Bool
        .check(&Value::from("x".repeat(52)))
        .unwrap_err()
        .found;
    assert_eq!(exact, format!("text \"{}\"", "x".repeat(52)));
}
