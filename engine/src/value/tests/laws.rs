//! What holds for every value: it comes back from every form, and its hash is its identity.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::json::{Limits, read_value, to_json, to_json_pretty};
use crate::value;

/// Keys and texts with a meaning in wire form among ordinary ones.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "$float",
        "$blob",
        "$sealed",
        "$map",
        "bytes",
        "media_type",
        "key_id",
        "ciphertext",
        "inf",
        "-inf",
        "nan",
        "a",
        "b",
        "",
        "$serde_json::private::Number",
        "5",
        "__proto__",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn float() -> impl Strategy<Value = f64> {
    let special = prop::sample::select(vec![
        0.0,
        -0.0,
        1.0,
        1e15,
        1e16,
        1e-4,
        1e-5,
        1e-7,
        123456.789,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ]);
    prop_oneof![special, any::<f64>()]
}

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-3..3_i64).prop_map(Value::Int),
        any::<u64>().prop_map(Value::from),
        float().prop_map(Value::Float),
        word().prop_map(Value::from),
        (word(), any::<u64>(), prop::option::of(word())).prop_map(|(hash, bytes, media_type)| {
            let blob = BlobRef::new(hash, bytes);
            Value::from(match media_type {
                Some(media_type) => blob.with_media_type(media_type),
                None => blob,
            })
        }),
        (word(), word())
            .prop_map(|(key_id, ciphertext)| Value::from(Sealed::new(key_id, ciphertext))),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..4).prop_map(Value::from_iter),
        ]
    })
}

/// Equal, and printed alike: this tells -0.0 from 0.0 and sees the order of keys.
fn same(a: &Value, b: &Value) -> bool {
    a == b && to_json(a) == to_json(b)
}

/// The same value with the keys of all maps in reverse.
fn reversed(value: &Value) -> Value {
    match value {
        Value::List(list) => list.iter().map(reversed).collect(),
        Value::Map(map) => map
            .iter()
            .rev()
            .map(|(key, value)| (key, reversed(value)))
            .collect(),
        other => other.clone(),
    }
}

/// The floats of a value, and how many there are, replaced by ones that serde_json reads exactly.
fn tamed(value: &Value) -> Value {
    match value {
        Value::Float(n) if n.is_finite() => Value::Float((n % 1024.0 * 8.0).round() / 8.0),
        Value::List(list) => list.iter().map(tamed).collect(),
        Value::Map(map) => map.iter().map(|(key, value)| (key, tamed(value))).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn json_there_and_back(value in any_value()) {
        for json in [to_json(&value), to_json_pretty(&value)] {
            let back = read_value(json.as_bytes(), &Limits::default()).unwrap();
            prop_assert!(same(&back, &value), "{json}");
        }
    }

    #[test]
    fn serde_json_there_and_back(value in any_value()) {
        let value = tamed(&value);
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&json, &to_json(&value));
        prop_assert!(same(&serde_json::from_str(&json).unwrap(), &value), "{json}");
        let tree = serde_json::to_value(&value).unwrap();
        prop_assert_eq!(Value::deserialize(&tree).unwrap(), value.clone());
        prop_assert_eq!(Value::deserialize(tree).unwrap(), value);
    }

    #[test]
    fn typed_there_and_back(value in any_value()) {
        let value = tamed(&value);
        prop_assert!(same(&to_value(&value).unwrap(), &value));
        prop_assert!(same(&from_value(&value).unwrap(), &value));
        // serde_json's own values cannot hold such a key when `arbitrary_precision` is on.
        if !to_json(&value).contains("private::Number") {
            let foreign: serde_json::Value = from_value(&value).unwrap();
            prop_assert_eq!(Value::deserialize(&foreign).unwrap(), value.clone());
        }
        if value.as_map().is_some() {
            let entries: BTreeMap<String, Value> = from_value(&value).unwrap();
            prop_assert_eq!(to_value(&entries).unwrap(), value);
        }
    }

    #[test]
    fn equal_values_have_equal_hashes(a in any_value(), b in any_value()) {
        let reversed = reversed(&a);
        prop_assert_eq!(&reversed, &a);
        prop_assert_eq!(reversed.content_hash(), a.content_hash());
        prop_assert_eq!(a == b, a.content_hash() == b.content_hash());
        prop_assert!(a.loosely_eq(&a) && (a != b || a.loosely_eq(&b)));
    }

    #[test]
    fn values_of_nobody_else_are_never_reread(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _: Result<Value, _> = serde_json::from_slice(&bytes);
    }
}

#[test]
fn hashes_tell_apart_what_differs() {
    let values = [
        value!(null),
        value!(false),
        value!(true),
        value!(1),
        value!(1.0),
        value!("1"),
        value!([1]),
        value!([[1]]),
        value!([1, 1]),
        value!({ "1": 1 }),
        value!({ "1": 1.0 }),
        value!([]),
        value!({}),
        value!(""),
        value!(["a", "b"]),
        value!(["ab"]),
        value!(["ab", ""]),
        value!(u64::MAX),
        value!(-1),
        value!(f64::NAN),
        value!(f64::INFINITY),
        value!({ "a": "b", "c": "d" }),
        value!({ "a": "d", "c": "b" }),
        value!(BlobRef::new("a", 1)),
        value!(BlobRef::new("a", 1).with_media_type("")),
        value!(Sealed::new("a", "b")),
        value!(Sealed::new("ab", "")),
    ];
    for (i, a) in values.iter().enumerate() {
        for (j, b) in values.iter().enumerate() {
            assert_eq!(a.content_hash() == b.content_hash(), i == j, "{a} {b}");
        }
    }
    let same = [
        (value!(1e2), value!(100.0)),
        (value!(-0.0), value!(0.0)),
        (value!(f64::NAN), value!(-f64::NAN)),
    ];
    for (a, b) in same {
        assert_eq!(a.content_hash(), b.content_hash());
    }
}

/// These were written down once; if they change, every journal and hash out there is broken.
#[test]
fn hashes_stay() {
    let check =
        |value: Value, expected: &str| assert_eq!(value.content_hash().to_string(), expected);
    check(
        value!(null),
        "sha256:7f8228fee025d505c8a20581f6cef07fb7801edbbc035a3d4530448c644564bd",
    );
    check(
        value!({ "b": [1, 1.5, "é"], "a": true }),
        "sha256:a84dbf641c9968b89ebb12fbc8d9b00de33b145cb9c9db53ad016a5ccba53051",
    );
    let hash = CanonicalHasher::new("test")
        .text("a")
        .u64(1)
        .value(&value!("a"))
        .finish();
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(
        serde_json::from_str::<ContentHash>(&serde_json::to_string(&hash).unwrap()).unwrap(),
        hash
    );
    for wrong in [
        "",
        "sha256:",
        "sha256:zz",
        &hash.to_string().to_uppercase(),
        &format!("{hash}0"),
    ] {
        assert_eq!(wrong.parse::<ContentHash>(), Err(HashError));
    }
}
