//! Merge patches: the examples of RFC 7386, and what holds of any.

use proptest::prelude::*;

use crate::json::{Limits, merge, read_value, to_json};
use crate::value::{Map, Value};

fn merged(document: &str, patch: &str) -> String {
    let read = |json: &str| read_value(json.as_bytes(), &Limits::default()).unwrap();
    let mut document = read(document);
    merge(&mut document, &read(patch));
    to_json(&document)
}

/// Appendix A of the RFC.
#[test]
fn examples() {
    for (document, patch, expected) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (
            r#"{"a":{"b":"c"}}"#,
            r#"{"a":{"b":"d","c":null}}"#,
            r#"{"a":{"b":"d"}}"#,
        ),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
        (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
        (r#"{"a":"foo"}"#, "null", "null"),
        (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        // Names that mean something to some machines are names.
        ("{}", r#"{"__proto__":{"a":1}}"#, r#"{"__proto__":{"a":1}}"#),
    ] {
        assert_eq!(merged(document, patch), expected, "{document} {patch}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (0_i64..3).prop_map(Value::from),
        "[ab]".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let map = proptest::collection::btree_map("[abc]", inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..3).prop_map(Value::from_iter),
            map.prop_map(|map| Value::from(map.into_iter().collect::<Map>())),
        ]
    })
}

fn has(document: &Value, patch: &Value) -> bool {
    match (document, patch) {
        (Value::Map(document), Value::Map(patch)) => {
            patch.iter().all(|(key, change)| match document.get(key) {
                Some(value) => has(value, change),
                None => change.is_null(),
            })
        }
        _ => document == patch,
    }
}

proptest! {
    #[test]
    fn the_document_is_as_the_patch_says_and_stays_so(document in any_value(), patch in any_value()) {
        let mut once = document.clone();
        merge(&mut once, &patch);
        prop_assert!(has(&once, &patch), "{once}");
        let mut twice = once.clone();
        merge(&mut twice, &patch);
        prop_assert_eq!(&twice, &once);
        if let (Value::Map(before), Value::Map(patch), Value::Map(after)) = (&document, &patch, &once) {
            let untouched = |key: &&crate::Text| !patch.contains_key(key);
            prop_assert!(before.keys().filter(untouched).all(|key| before.get(key) == after.get(key)));
        }
    }
}
