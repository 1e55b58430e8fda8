//! Patches: the examples of RFC 6902 and what it forbids.

use crate::json::{Limits, PatchOp, Pointer, apply, read_patch, read_value, to_json};
use crate::value;

/// The document after the patch, or code, place and message of the fault.
fn patched(document: &str, patch: &str) -> Result<String, String> {
    let limits = Limits::default();
    let mut value = read_value(document.as_bytes(), &limits).unwrap();
    let before = value.clone();
    let ops = read_patch(patch.as_bytes(), &limits).map_err(|faults| faults.to_string())?;
    assert_eq!(serde_json::from_str::<Vec<PatchOp>>(patch).unwrap(), ops);
    let written = serde_json::to_string(&ops).unwrap();
    assert_eq!(read_patch(written.as_bytes(), &limits).unwrap(), ops);
    match apply(&mut value, &ops) {
        Ok(()) => Ok(to_json(&value)),
        Err(fault) => {
            assert_eq!(value, before);
            Err(format!("{} {}", fault.pointer, fault))
        }
    }
}

#[test]
fn operations() {
    let check = |document, patch, expected: &str| {
        assert_eq!(patched(document, patch), Ok(expected.to_owned()))
    };
    check(
        r#"{"a":1}"#,
        r#"[{"op":"add","path":"/b","value":null}]"#,
        r#"{"a":1,"b":null}"#,
    );
    check(
        r#"{"a":1,"b":2}"#,
        r#"[{"op":"add","path":"/a","value":{"x":0}}]"#,
        r#"{"a":{"x":0},"b":2}"#,
    );
    check(
        "[1,3]",
        r#"[{"op":"add","path":"/1","value":2}]"#,
        "[1,2,3]",
    );
    check(
        "[1]",
        r#"[{"op":"add","path":"/1","value":2},{"op":"add","path":"/-","value":3}]"#,
        "[1,2,3]",
    );
    check(
        r#"{"a":1,"b":2,"c":3}"#,
        r#"[{"op":"remove","path":"/a"}]"#,
        r#"{"b":2,"c":3}"#,
    );
    check("[1,2,3]", r#"[{"op":"remove","path":"/1"}]"#, "[1,3]");
    check(
        r#"{"a":[1]}"#,
        r#"[{"op":"replace","path":"/a/0","value":"x"}]"#,
        r#"{"a":["x"]}"#,
    );
    check("1", r#"[{"op":"replace","path":"","value":2}]"#, "2");
    check("1", r#"[{"op":"add","path":"","value":[]}]"#, "[]");
    check(
        r#"{"a":{"b":1},"c":{}}"#,
        r#"[{"op":"move","from":"/a/b","path":"/c/d"}]"#,
        r#"{"a":{},"c":{"d":1}}"#,
    );
    check(
        "[1,2,3]",
        r#"[{"op":"move","from":"/0","path":"/2"}]"#,
        "[2,3,1]",
    );
    check(
        r#"{"a":1}"#,
        r#"[{"op":"move","from":"/a","path":"/a"}]"#,
        r#"{"a":1}"#,
    );
    check(
        r#"{"a":[1]}"#,
        r#"[{"op":"copy","from":"/a","path":"/b"}]"#,
        r#"{"a":[1],"b":[1]}"#,
    );
    check(
        r#"{"a":[1,{"b":2}]}"#,
        r#"[{"op":"test","path":"/a","value":[1.0,{"b":2}]}]"#,
        r#"{"a":[1,{"b":2}]}"#,
    );
    check(
        r#"{"a/b":{"~1":1}}"#,
        r#"[{"op":"remove","path":"/a~1b/~01"}]"#,
        r#"{"a/b":{}}"#,
    );
    check(
        r#"{"":1}"#,
        r#"[{"op":"replace","path":"/","value":2}]"#,
        r#"{"":2}"#,
    );
    check(
        "{}",
        r#"[{"op":"add","path":"/a","value":1,"why":"unknown members are passed over"}]"#,
        r#"{"a":1}"#,
    );
}

#[test]
fn a_patch_that_fails_changes_nothing() {
    let check = |document, patch, expected: &str| {
        assert_eq!(patched(document, patch), Err(expected.to_owned()))
    };
    check(
        r#"{"nodes":{"fetch":1}}"#,
        r#"[{"op":"add","path":"/x","value":1},{"op":"remove","path":"/nodes/fecth"}]"#,
        "/1/path PATCH_PATH: the place `/nodes/fecth` does not exist; expected one of `fetch`, found `/nodes` has no key `fecth`; did you mean fetch?",
    );
    check(
        "[1]",
        r#"[{"op":"add","path":"/2","value":1}]"#,
        "/0/path PATCH_PATH: the place `/2` does not exist; expected a position in the list, found the document is a list of 1 items",
    );
    check(
        "[1]",
        r#"[{"op":"replace","path":"/00","value":1}]"#,
        "/0/path PATCH_PATH: the place `/00` does not exist; expected a position in the list, found the document is a list of 1 items",
    );
    check(
        r#"{"a":"text"}"#,
        r#"[{"op":"copy","from":"/a/b","path":"/c"}]"#,
        "/0/from PATCH_PATH: the place `/a/b` does not exist; expected a list or a map on the way, found `/a` is of type text",
    );
    check(
        "{}",
        r#"[{"op":"remove","path":""}]"#,
        "/0/path PATCH_PATH: the whole document cannot be taken out; expected a place inside the document",
    );
    check(
        r#"{"a":{}}"#,
        r#"[{"op":"move","from":"/a","path":"/a/b"}]"#,
        "/0/path PATCH_SYNTAX: a place cannot be moved into itself; expected a place outside `from`",
    );
    check(
        r#"{"a":1}"#,
        r#"[{"op":"test","path":"/a","value":"1"}]"#,
        "/0/value PATCH_TEST: the test does not hold; expected \"1\", found 1",
    );
}

#[test]
fn what_is_no_patch() {
    let check = |patch: &str, expected: &str| {
        assert_eq!(
            read_patch(patch.as_bytes(), &Limits::default())
                .unwrap_err()
                .to_string(),
            expected
        );
    };
    check(
        "{}",
        "1:1: PATCH_SYNTAX: the patch is not a list; expected a list of operations, found map",
    );
    check(
        r#"[{"op":"ad","path":"/a"},5,{"op":"add","path":"a"}]"#,
        "1:8: PATCH_SYNTAX: no such operation; expected add, remove, replace, move, copy, test, found ad; did you mean add?\n\
         1:26: PATCH_SYNTAX: the operation has no `op`; expected a map with `op`, found integer\n\
         1:47: PATCH_SYNTAX: `path` is not a JSON pointer; expected an empty text or one like `/nodes/a`, found a\n\
         1:28: PATCH_SYNTAX: the operation has no `value`; expected a map with `value`, found map",
    );
}

#[test]
fn what_is_not_touched_is_shared() {
    let mut document = value!({ "a": { "big": [1, 2] }, "b": 1 });
    let big = document.get("a").and_then(|a| a.as_map()).cloned().unwrap();
    let path = Pointer::root().push("b");
    apply(
        &mut document,
        &[PatchOp::Replace {
            path,
            value: value!(2),
        }],
    )
    .unwrap();
    assert!(
        document
            .get("a")
            .and_then(|a| a.as_map())
            .unwrap()
            .ptr_eq(&big)
    );
}

#[test]
fn copies_and_moves_make_no_document_without_measure() {
    let copy = |n: usize| {
        let ops: Vec<String> = (0..n)
            .map(|i| format!(r#"{{"op":"copy","from":"","path":"/{i}"}}"#))
            .collect();
        format!("[{}]", ops.join(","))
    };
    assert!(patched(r#"{"x":"text"}"#, &copy(8)).is_ok());
    let refused = patched(r#"{"x":"text"}"#, &copy(60)).unwrap_err();
    assert!(refused.contains("LIMIT_DOCUMENT_BYTES"), "{refused}");
    // Each copy doubles the depth.
    let nest = |n: usize| {
        let path = |i: u32| "/a".repeat(1 << i);
        let ops: Vec<String> = (0..n as u32)
            .map(|i| format!(r#"{{"op":"copy","from":"","path":"{}"}}"#, path(i)))
            .collect();
        format!("[{}]", ops.join(","))
    };
    assert!(patched(r#"{"a":1}"#, &nest(9)).is_ok());
    let refused = patched(r#"{"a":1}"#, &nest(10)).unwrap_err();
    assert!(refused.contains("JSON_DEPTH"), "{refused}");
}
