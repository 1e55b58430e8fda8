//! Decoding, encoding and handing over.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::*;
use crate::value;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    n: u8,
    list: Vec<f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Outer {
    text: String,
    inner: Inner,
    #[serde(default)]
    more: Option<Value>,
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    map: HashMap<Text, Value>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Output {
    Line(String),
    Whole(Value),
    Pair { a: Text, b: i64 },
    Two(i64, i64),
    Nothing,
}

fn names(names: &[&str]) -> Vec<Text> {
    names.iter().map(|name| Text::from(*name)).collect()
}

#[test]
fn structs_there_and_back() {
    let value = value!({
        "text": "x", "inner": { "n": 1, "list": [1, 2.5] }, "more": { "$float": "inf" }, "map": { "k": [null] },
    });
    let outer: Outer = from_value(&value).unwrap();
    assert_eq!(
        outer.inner,
        Inner {
            n: 1,
            list: vec![1.0, 2.5]
        }
    );
    let back = to_value(&outer).unwrap();
    assert!(back.loosely_eq(&value), "{back}");
}

#[test]
fn errors_say_where() {
    fn check<T: DeserializeOwned>(value: &Value, path: &str, message: &str) {
        let error = from_value::<T>(value).err().unwrap();
        assert_eq!(
            (error.path().to_string().as_str(), error.message()),
            (path, message)
        );
    }
    check::<Outer>(
        &value!({ "text": 5 }),
        ".text",
        "expected a string, found integer `5`",
    );
    check::<Outer>(&value!({ "text": "" }), ".inner", "a value is missing");
    check::<Outer>(
        &value!({ "text": "", "inner": { "n": 1 } }),
        ".inner.list",
        "a value is missing",
    );
    check::<Outer>(
        &value!({ "text": "", "inner": { "n": 1, "list": [1, "two"] } }),
        ".inner.list[1]",
        "expected f64, found the text \"two\"",
    );
    check::<Outer>(
        &value!({ "text": "", "inner": { "n": 300, "list": [] } }),
        ".inner.n",
        "expected u8, found integer `300`",
    );
    check::<Inner>(&value!([1, []]), "", "expected struct Inner, found a list");
    check::<Output>(
        &value!({ "pair": { "a": 1, "b": 2 } }),
        ".pair.a",
        "expected a text, found integer `1`",
    );
    check::<Output>(
        &value!("other"),
        "",
        "expected `line` or `whole` or `pair` or `two` or `nothing`, found the text \"other\"",
    );
    check::<(i64, i64)>(&value!([1, 2, 3]), "", "expected 2 items, found 3 items");
    check::<String>(
        &value!(Sealed::new("key", "cipher")),
        "",
        "expected a string, found a sealed secret",
    );
    check::<Text>(
        &value!(Sealed::new("key", "cipher")),
        "",
        "expected a text, found a sealed secret",
    );
    check::<u8>(
        &Value::from("x".repeat(1000)),
        "",
        &format!("expected u8, found the text \"{}\"…", "x".repeat(40)),
    );
}

#[test]
fn slots() {
    let names = names(&["text", "inner", "more", "map"]);
    let inner = value!({ "n": 1, "list": [] });
    let outer: Outer =
        from_slots(&names, &[Some("x".into()), Some(inner.clone()), None, None]).unwrap();
    assert_eq!((outer.text.as_str(), outer.more), ("x", None));
    let error = from_slots::<Outer>(&names, &[Some("x".into()), None, None, None]).unwrap_err();
    assert_eq!(error.to_string(), ".inner: a value is missing");
    let error = from_slots::<Outer>(
        &names,
        &[Some("x".into()), Some(value!({ "n": [] })), None, None],
    )
    .unwrap_err();
    assert_eq!(error.to_string(), ".inner.n: expected u8, found a list");

    from_slots::<()>(&[], &[]).unwrap();
    let map: Map = from_slots(
        &names,
        &[None, Some(inner.clone()), None, Some(Value::Null)],
    )
    .unwrap();
    assert_eq!(
        Value::Map(map.clone()),
        value!({ "inner": inner.clone(), "map": null })
    );
    let (Some(Value::Map(a)), Value::Map(b)) = (map.get("inner"), &inner) else {
        panic!()
    };
    assert!(a.ptr_eq(b));
    let generic: BTreeMap<String, Value> =
        from_slots(&names, &[None, Some(inner), None, None]).unwrap();
    assert_eq!(generic.len(), 1);
    let output: Output = from_slots(&self::names(&["line"]), &[Some("x".into())]).unwrap();
    assert_eq!(output, Output::Line("x".into()));
}

#[test]
fn variants() {
    let pin = |output: &Output| encode_variant(output).map(|pin| (pin.index, pin.name, pin.value));
    assert_eq!(pin(&Output::Line("x".into())), Ok((0, "line", "x".into())));
    assert_eq!(
        pin(&Output::Whole(value!([1]))),
        Ok((1, "whole", value!([1])))
    );
    assert_eq!(
        pin(&Output::Pair {
            a: "t".into(),
            b: 2
        }),
        Ok((2, "pair", value!({ "a": "t", "b": 2 })))
    );
    assert_eq!(pin(&Output::Two(1, 2)), Ok((3, "two", value!([1, 2]))));
    assert_eq!(
        pin(&Output::Nothing).unwrap_err().to_string(),
        "the output variant `nothing` holds no value"
    );
    assert!(encode_variant(&5).is_err());
    assert!(encode_variant(&Value::Null).is_err());
    assert!(encode_variant(&Inner { n: 0, list: vec![] }).is_err());
    for output in [
        Output::Line("x".into()),
        Output::Two(1, 2),
        Output::Nothing,
        Output::Pair { a: "".into(), b: 1 },
    ] {
        assert_eq!(
            from_value::<Output>(&to_value(&output).unwrap()).unwrap(),
            output
        );
    }
}

/// The fields that are handed over by pointer.
#[derive(Serialize, Deserialize)]
struct Fields {
    any: Value,
    text: Text,
    list: List,
    map: Map,
    shared: Shared<Vec<String>>,
    optional: Option<Text>,
    boxed: Box<Text>,
    by_key: HashMap<Text, Text>,
}

#[derive(Serialize)]
enum Emit {
    Whole(Fields),
    Text(Text),
}

#[test]
fn ten_megabytes_are_copied_nowhere() {
    let text = Text::from("x".repeat(10 << 20));
    let list = List::from(vec![Value::Text(text.clone())]);
    let map = Map::from_iter([(text.clone(), text.clone())]);
    let slots = [
        ("any", Value::Text(text.clone())),
        ("text", Value::Text(text.clone())),
        ("list", Value::List(list.clone())),
        ("map", Value::Map(map.clone())),
        ("shared", Value::List(list.clone())),
        ("optional", Value::Text(text.clone())),
        ("boxed", Value::Text(text.clone())),
        ("by_key", Value::Map(map.clone())),
    ];
    let (names, values): (Vec<Text>, Vec<Option<Value>>) = slots
        .into_iter()
        .map(|(name, value)| (Text::from(name), Some(value)))
        .unzip();
    let fields: Fields = from_slots(&names, &values).unwrap();
    let check = |fields: &Fields| {
        assert!(fields.any.as_text().unwrap().ptr_eq(&text));
        assert!(fields.text.ptr_eq(&text) && fields.boxed.ptr_eq(&text));
        assert!(
            fields.list.ptr_eq(&list) && fields.shared.value().as_list().unwrap().ptr_eq(&list)
        );
        assert!(fields.map.ptr_eq(&map));
        assert!(fields.optional.as_ref().unwrap().ptr_eq(&text));
        let (key, value) = fields.by_key.iter().next().unwrap();
        assert!(key.ptr_eq(&text) && value.ptr_eq(&text));
    };
    check(&fields);
    let whole = encode_variant(&Emit::Whole(fields)).unwrap().value;
    let fields: Fields = from_value(&whole).unwrap();
    check(&fields);
    let pin = encode_variant(&Emit::Text(fields.text)).unwrap();
    assert!(pin.value.as_text().unwrap().ptr_eq(&text));
}

#[test]
fn shared_decodes_on_demand() {
    let shared = Shared::<Vec<u8>>::new(value!([1, 2]));
    assert_eq!(shared.get().unwrap(), [1, 2]);
    assert_eq!(
        Shared::<Vec<u8>>::new(value!([1, "x"]))
            .get()
            .unwrap_err()
            .path()
            .to_string(),
        "[1]"
    );
}

/// A type that serialises values with another serialiser in the midst of ours.
struct Nested(Value);

impl Serialize for Nested {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = serde_json::to_string(&[&self.0, &self.0]).map_err(serde::ser::Error::custom)?;
        (json, &self.0, serde_json::to_string(&self.0).unwrap()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (json, value, again) = <(String, Value, String)>::deserialize(deserializer)?;
        let inner: Vec<Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(inner, [value.clone(), value.clone()]);
        assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), value);
        Ok(Self(value))
    }
}

#[test]
fn serialisers_nest_and_mix() {
    let value = value!({ "a": [null, { "$map": {} }], "b": "text" });
    let encoded = to_value(&Nested(value.clone())).unwrap();
    assert!(
        encoded.as_list().unwrap()[1]
            .as_map()
            .unwrap()
            .ptr_eq(value.as_map().unwrap())
    );
    assert_eq!(from_value::<Nested>(&encoded).unwrap().0, value);

    // Through another value type and back.
    let foreign: serde_json::Value = from_value(&value).unwrap();
    assert_eq!(foreign, serde_json::to_value(&value).unwrap());
    assert_eq!(Value::deserialize(foreign).unwrap(), value);
}

#[test]
fn a_panic_leaves_nothing_behind() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("while a value is wanted")
        }
    }
    struct Pretender;
    impl Serialize for Pretender {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_newtype_struct("$graphloom::Value", &Panics)
        }
    }
    assert!(std::panic::catch_unwind(|| to_value(&Pretender)).is_err());
    assert_eq!(serde_json::to_string(&value!([1])).unwrap(), "[1]");
    assert_eq!(to_value(&()).unwrap(), Value::Null);
}

#[test]
fn flattened_and_untagged() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(f64),
        Text(Text),
        Any(Value),
    }
    let value = value!({ "a": 1, "b": { "$float": "inf" }, "c": f64::INFINITY, "d": [1] });
    let flat: Flat = from_value(&value).unwrap();
    assert_eq!(flat.rest.get("b"), value.get("b"));
    assert_eq!(flat.rest.get("c"), value.get("c"));
    assert_eq!(to_value(&flat).unwrap(), value);
    for value in [
        value!(1.5),
        value!("x"),
        value!({ "$map": { "$blob": 1 } }),
        value!(f64::NAN),
    ] {
        assert_eq!(
            to_value(&from_value::<Either>(&value).unwrap()).unwrap(),
            value
        );
    }
}

#[test]
fn odd_keys() {
    let map: BTreeMap<i64, bool> = [(-1, true), (2, false)].into();
    let value = to_value(&map).unwrap();
    assert_eq!(value, value!({ "-1": true, "2": false }));
    assert_eq!(from_value::<BTreeMap<i64, bool>>(&value).unwrap(), map);
    assert!(to_value(&BTreeMap::from([([1], 1)])).is_err());
}

#[test]
fn integers_out_of_range_are_refused() {
    assert_eq!(to_value(&i128::from(i64::MIN)).unwrap(), value!(i64::MIN));
    assert_eq!(to_value(&u128::from(u64::MAX)).unwrap(), value!(u64::MAX));
    assert!(to_value(&(i128::from(i64::MIN) - 1)).is_err());
    assert!(to_value(&u128::MAX).is_err());
}

/// What serde_json does when some crate in the build turns on `arbitrary_precision`.
#[test]
fn numbers_as_texts() {
    let check = |json: &str, expected: Option<Value>| {
        let found = serde_json::from_str::<Value>(json).ok();
        assert_eq!(found, expected, "{json}");
    };
    check(r#"{"$serde_json::private::Number":"5"}"#, Some(value!(5)));
    check(
        r#"[{"$serde_json::private::Number":"1.0"}]"#,
        Some(value!([1.0])),
    );
    check(
        r#"{"$serde_json::private::Number":"18446744073709551616"}"#,
        None,
    );
    check(
        r#"{"$map":{"$serde_json::private::Number":"5"}}"#,
        Some(value!({ "$serde_json::private::Number": "5" })),
    );
    check(
        r#"{"$map":{"$serde_json::private::Number":"5"},"b":1}"#,
        Some(value!({ "$map": 5, "b": 1 })),
    );
    check(
        r#"{"a":{"$map":{"a":{"$serde_json::private::Number":"5"}}}}"#,
        Some(value!({ "a": { "a": 5 } })),
    );
}

#[test]
fn numbers_as_structs() {
    struct Number(&'static str);
    impl Serialize for Number {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut fields = serializer.serialize_struct("$serde_json::private::Number", 1)?;
            serde::ser::SerializeStruct::serialize_field(
                &mut fields,
                "$serde_json::private::Number",
                self.0,
            )?;
            serde::ser::SerializeStruct::end(fields)
        }
    }
    assert_eq!(
        to_value(&[Number("5"), Number("-1.50")]).unwrap(),
        value!([5, -1.5])
    );
    assert!(to_value(&Number("1e999")).is_err());
    let foreign: serde_json::Value = serde_json::from_str(r#"{"a":[1,2.5,-3]}"#).unwrap();
    assert_eq!(to_value(&foreign).unwrap(), value!({ "a": [1, 2.5, -3] }));
    assert_eq!(
        from_value::<serde_json::Value>(&value!({ "a": [1, 2.5, -3] })).unwrap(),
        foreign
    );
}

#[test]
fn schemas() {
    let json = |schema: schemars::Schema| serde_json::to_string(&schema).unwrap();
    assert_eq!(
        json(schemars::SchemaGenerator::default().subschema_for::<Value>()),
        "true"
    );
    assert_eq!(
        json(schemars::SchemaGenerator::default().subschema_for::<Text>()),
        r#"{"type":"string"}"#
    );
    assert_eq!(
        json(schemars::SchemaGenerator::default().subschema_for::<Shared<Vec<bool>>>()),
        r#"{"type":"array","items":{"type":"boolean"}}"#
    );
}
