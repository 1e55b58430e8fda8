//! Values: through JSON and back, into types and back, along paths. What goes round comes back equal.
#![no_main]

use std::collections::BTreeMap;

use graphloom::json::{self, Limits, Pointer};
use graphloom::value::{List, Map, Path, Shared, from_slots, from_value, to_value};
use graphloom::{Text, Value};
use graphloom_fuzz::{Bytes, value};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = serde_json::from_slice::<Value>(bytes) {
        check(&read);
        // What both parsers take is the same to both, but that `-0` is a whole number to ours only, and that a map with
        // serde_json's private key is a number to serde.
        let private = bytes.windows(12).any(|part| part == b"$serde_json:");
        match json::read_value(bytes, &Limits::default()) {
            Ok(ours) if !private => assert!(ours.loosely_eq(&read), "{ours} and {read}"),
            _ => {}
        }
    }
    let mut bytes = Bytes::new(bytes);
    let drawn = value(&mut bytes, 4);
    check(&drawn);
    along(&mut bytes, drawn);
});

fn check(value: &Value) {
    assert!(!value.to_string().is_empty());
    let text = json::to_json(value);
    let theirs = serde_json::to_string(value).expect("values can be written");
    for text in [&text, &theirs] {
        let back: Value = serde_json::from_str(text).expect(text);
        assert_eq!(&back, value, "{text}");
    }
    let back: Value = serde_json::from_str(&text).expect(&text);
    assert_eq!(back.content_hash(), value.content_hash(), "{text}");
    let limits = Limits::default().with_max_depth(400);
    let ours = json::read_value(text.as_bytes(), &limits);
    assert_eq!(ours.as_ref().ok(), Some(value), "{text}: {ours:?}");
    assert!(value.loosely_eq(value));
    assert!(value.weight_bytes() > 0);
    assert_eq!(to_value(value).as_ref(), Ok(value));
    assert_eq!(from_value::<Value>(value).as_ref(), Ok(value));
    types(value);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    value: Option<Value>,
    #[serde(default)]
    a: Vec<f64>,
    bytes: Option<u64>,
    media_type: Option<Text>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tagged {
    Value(Shared<Vec<i64>>),
    A { a: i8, bytes: Box<Tagged> },
    Bytes,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Whole(i64),
    Number(f64),
    Flag(bool),
    Text(char),
    Pair(u8, Option<String>),
    Values(List),
    Map(Map),
    Null(()),
}

fn types(value: &Value) {
    round::<bool>(value);
    round::<i8>(value);
    round::<u64>(value);
    round::<i128>(value);
    round::<f64>(value);
    round::<f32>(value);
    round::<char>(value);
    round::<String>(value);
    round::<Text>(value);
    round::<List>(value);
    round::<Map>(value);
    round::<()>(value);
    round::<Option<Vec<Value>>>(value);
    round::<(u8, Text)>(value);
    round::<BTreeMap<String, Value>>(value);
    round::<BTreeMap<i64, Value>>(value);
    round::<Named>(value);
    round::<Tagged>(value);
    round::<Either>(value);
    let names = ["value", "a", "bytes", "media_type"].map(Text::from);
    let slots = [None, Some(value.clone()), None, Some(value.clone())];
    let _ = from_slots::<Named>(&names, &slots).map_err(|error| error.path().to_string());
}

/// What fits a type becomes a value that is the same in that type.
fn round<T: DeserializeOwned + Serialize + std::fmt::Debug>(value: &Value) {
    match from_value::<T>(value) {
        Ok(typed) => {
            let encoded = to_value(&typed).expect("what was decoded can be encoded");
            let again: T = from_value(&encoded).expect("what was encoded can be decoded");
            // By their values, since not every type here says what equal is for NaN.
            assert_eq!(to_value(&again).ok(), Some(encoded), "{typed:?}");
        }
        Err(error) => {
            let _ = (error.to_string(), error.path().to_string());
        }
    }
}

/// Selects and writes at places that the bytes name.
fn along(bytes: &mut Bytes<'_>, mut base: Value) {
    while !bytes.is_empty() {
        let text = bytes.text();
        if let Ok(path) = Path::parse(&text) {
            let shown = path.to_string();
            assert_eq!(Path::parse(&shown).as_ref(), Ok(&path), "{shown}");
            let _ = path.select(&base);
            let new = value(bytes, 1);
            let big = path
                .steps()
                .iter()
                .any(|step| matches!(step, graphloom::value::Step::Index(index) if *index > 1_000));
            if !big && path.write_into(&mut base, new.clone()).is_ok() && !new.is_null() {
                assert_eq!(path.select(&base).as_ref(), Some(&new), "{shown}");
            }
        }
        if let Ok(pointer) = Pointer::parse(&text) {
            assert_eq!(pointer.as_str(), text);
            let rebuilt = pointer
                .segments()
                .fold(Pointer::default(), |p, s| p.push(&s));
            assert_eq!(rebuilt.as_str(), text);
        }
    }
}
