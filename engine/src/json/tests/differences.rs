//! Differences: few operations, and applied they give the other document.

use proptest::prelude::*;

use crate::json::{apply, diff};
use crate::value::{Map, Value};
use crate::{value, value::to_value};

fn check(from: &Value, to: &Value, expected: &str) {
    let ops = diff(from, to);
    assert_eq!(to_value(&ops).unwrap().to_string(), expected);
    let mut changed = from.clone();
    apply(&mut changed, &ops).unwrap();
    assert_eq!(changed, *to);
}

#[test]
fn little_is_said_of_little_changes() {
    check(&value!({"a": 1}), &value!({"a": 1}), "[]");
    check(
        &value!({"a": 1, "b": {"c": 1}}),
        &value!({"b": {"c": 2, "d/~": 3}}),
        r#"[{"op":"remove","path":"/a"},{"op":"replace","path":"/b/c","value":2},{"op":"add","path":"/b/d~1~0","value":3}]"#,
    );
    check(
        &value!([1, 2, 3, 4, 5]),
        &value!([1, 3, 4, 6, 5]),
        r#"[{"op":"remove","path":"/1"},{"op":"add","path":"/3","value":6}]"#,
    );
    check(
        &value!([{"x": 1}, {"y": 1}]),
        &value!([{"x": 2}, {"y": 1}]),
        r#"[{"op":"replace","path":"/0/x","value":2}]"#,
    );
    check(
        &value!([]),
        &value!({}),
        r#"[{"op":"replace","path":"","value":{}}]"#,
    );
    check(
        &value!(1),
        &value!(1.0),
        r#"[{"op":"replace","path":"","value":1.0}]"#,
    );
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), (0..3_i64).prop_map(Value::from)];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[ab/~]{0,2}", inner), 0..4)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map>())),
        ]
    })
}

proptest! {
    #[test]
    fn a_difference_applied_gives_the_other(from in document(), to in document()) {
        let mut changed = from.clone();
        apply(&mut changed, &diff(&from, &to)).unwrap();
        prop_assert_eq!(changed, to);
    }
}
