//! Texts and values that blocks for data formats cannot take, or that ask for too much: a typed error each, soon.

use graphloom::{Engine, Value, value};

use super::soon;
use crate::support::engine;

/// Runs a block and returns the code and the message of its error; nothing if it has none.
async fn error(engine: &Engine, id: &str, inputs: &Value) -> Option<String> {
    let inputs = inputs.as_map().unwrap().clone();
    let ran = soon(engine, id, inputs).await;
    let error = ran.error?;
    Some(format!("{} {}", error.code, error.message))
}

/// Each is refused as an input, with a message of bounded length that says this.
async fn refused(id: &str, cases: impl IntoIterator<Item = (Value, &str)>) {
    let engine = engine();
    let mut wrong = Vec::new();
    for (n, (inputs, part)) in cases.into_iter().enumerate() {
        match error(&engine, id, &inputs).await {
            None => wrong.push(format!("case {n} ({part}) is taken")),
            Some(error) if error.len() > 4_000 => {
                wrong.push(format!(
                    "case {n} ({part}): a message of {} bytes",
                    error.len()
                ));
            }
            Some(error) if error.starts_with("BLOCK_INPUT ") && error.contains(part) => {}
            Some(error) => wrong.push(format!("case {n} ({part}): {error}")),
        }
    }
    assert!(wrong.is_empty(), "{id}:\n{}", wrong.join("\n"));
}

fn text(text: impl Into<Value>) -> Value {
    value!({ "text": text.into() })
}

/// A value that holds two of the one before, and so on: small in memory, large when it is written out.
fn doubled(n: usize) -> Value {
    let mut value = value!("text");
    for _ in 0..n {
        value = value!([value.clone(), value]);
    }
    value
}

#[tokio::test]
async fn json_texts() {
    let deep = |open: &str| text(open.repeat(100_000));
    refused(
        "json.parse",
        [
            (text(""), "JSON_EMPTY"),
            (text("nul"), "JSON_SYNTAX"),
            (text("{\"a\":1,}"), "JSON_SYNTAX"),
            (text("[1] x"), "JSON_TRAILING"),
            (text("\u{feff}\u{feff}1"), "JSON_ENCODING"),
            (text("NaN"), "JSON_NUMBER"),
            (text("1e999"), "JSON_NUMBER"),
            (text("18446744073709551616"), "JSON_NUMBER"),
            (text(format!("[{}]", "9".repeat(1 << 20))), "JSON_NUMBER"),
            (text("{\"a\":1,\"\\u0061\":2}"), "JSON_DUPLICATE_KEY"),
            (text("\"\\ud800\""), "JSON_"),
            (text("\"a\nb\""), "JSON_"),
            (deep("["), "JSON_DEPTH"),
            (deep("{\"a\":"), "JSON_DEPTH"),
            (deep("[{\"a\":"), "JSON_DEPTH"),
            (
                text(format!("[{}]", "1e999,".repeat(10_000) + "1")),
                "and 995 more",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn values_that_grow_when_they_are_written() {
    let of = |value: Value| value!({ "value": value });
    refused("json.write", [(of(doubled(22)), "more than")]).await;
    let long = Value::from("x".repeat(1 << 20));
    let many: Value = std::iter::repeat_n(long, 100).collect();
    refused("json.write", [(of(many.clone()), "67108864 bytes")]).await;
    refused(
        "yaml.write",
        [
            (of(doubled(22)), "more than"),
            (of(many.clone()), "67108864 bytes"),
        ],
    )
    .await;
    let rows = value!({ "rows": [[doubled(22)]] });
    let large = value!({ "rows": [[many]] });
    refused(
        "csv.write",
        [(rows, "more than"), (large, "67108864 bytes")],
    )
    .await;
}

#[tokio::test]
async fn tables() {
    let ragged =
        |text: &str, ragged: &str| value!({ "text": text, "header": false, "ragged": ragged });
    let one_long = format!("{}\n{}", ",".repeat(1_999), "x\n".repeat(10_000));
    refused(
        "csv.parse",
        [
            (text("a,b\n1\n"), "line 2 has 1 cells"),
            (text("a,b\n1,2,3\n"), "line 2 has 3 cells"),
            (text("a,b\n1,\"2\n3"), "line 2 is not closed"),
            (text("a,b\n\"1\"x,2"), "line 2: 'x' follows"),
            (text("a,b\n1\"x,2"), "line 2: a quote"),
            (text("a\rb"), "CR only"),
            (text("a,b,a"), "two columns \"a\""),
            (
                text(format!("\"{}", "x\n".repeat(1 << 20))),
                "line 1 is not closed",
            ),
            (text(",".repeat(3_000_000)), "more than 2000000 cells"),
            (ragged("a\n1,2", "error"), "line 2 has 2 cells"),
            (ragged(&one_long, "fill"), "more than 2000000 cells"),
            (
                value!({ "text": "a", "delimiter": "" }),
                "delimiter must be one character",
            ),
            (value!({ "text": "a", "delimiter": "\n" }), "no line break"),
            (
                value!({ "text": "a", "quote": "," }),
                "different characters",
            ),
        ],
    )
    .await;
    let wide: Vec<Value> = (0..4_000)
        .map(|n| Value::from_iter([(format!("k{n}"), 1)]))
        .collect();
    refused(
        "csv.write",
        [
            (value!({ "rows": wide }), "more than 10000000 cells"),
            (value!({ "rows": [[]] }), "no cells"),
            (value!({ "rows": [[1], { "a": 1 }] }), "row 2 is a map"),
            (value!({ "rows": [1] }), "row 1 is of type integer"),
            (value!({ "rows": [{}] }), "no columns"),
            (value!({ "rows": [], "columns": ["a", "a"] }), "two columns"),
        ],
    )
    .await;
}

#[tokio::test]
async fn yaml_texts() {
    let laughs = |n: usize| {
        let first = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
        (1..n).fold(first, |all, i| {
            let alias = vec![format!("*a{}", i - 1); 10].join(", ");
            all + &format!("a{i}: &a{i} [{alias}]\n")
        })
    };
    let large = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(1 << 20),
        "*a, ".repeat(90)
    );
    let merges = {
        let base: String = (0..1_000).map(|n| format!("  k{n}: {n}\n")).collect();
        let users: String = (0..900).map(|n| format!("u{n}:\n  <<: *b\n")).collect();
        format!("b: &b\n{base}{users}")
    };
    let deep = |open: &str| text(open.repeat(100_000));
    refused(
        "yaml.parse",
        [
            (text(laughs(9)), "not YAML"),
            (text(large), "not YAML"),
            (text(merges), "not YAML"),
            (text("a: &a [*a]"), "not YAML"),
            (text("a: *b"), "not YAML"),
            (deep("["), "not YAML"),
            (deep("{a: "), "not YAML"),
            (deep("- "), "not YAML"),
            (deep("? "), "not YAML"),
            (
                text(
                    (0..2_000)
                        .map(|n| format!("{}a:\n", " ".repeat(n)))
                        .collect::<String>(),
                ),
                "not YAML",
            ),
            (text("a: 1\na: 2"), "duplicate"),
            (text("1: a\n\"1\": b"), "stands twice"),
            (text("? [a]\n: b"), "not YAML"),
            (text("a: [1"), "not YAML"),
            (text("a: \"b"), "not YAML"),
            (text("a: b: c"), "not YAML"),
            (text("a: 1\n---\nb: 2"), "not YAML"),
            (text("a: 18446744073709551616"), "does not fit"),
            (text("a: -9223372036854775809"), "does not fit"),
            (text("a: 1e999"), "does not fit"),
            (text("x".repeat(11 << 20)), "at most"),
            (text("- a\n".repeat(1 << 20)), "not YAML"),
            (text("!!int x"), "not YAML"),
            (text("!!binary '*'"), "not YAML"),
        ],
    )
    .await;
}

#[tokio::test]
async fn paths_that_ask_for_too_much() {
    let wide: Value = (0..3_000).map(|n| value!({ "n": n, "l": [n] })).collect();
    let long: Value = std::iter::repeat_n(Value::from("a".repeat(1 << 20)), 1_000).collect();
    let of = |value: &Value, path: &str| value!({ "value": value.clone(), "path": path });
    let both = |path: &str| of(&doubled(20), path);
    refused(
        "json.query",
        [
            (both("$..*"), "finds more than"),
            (both("$..*..*..*"), "finds more than"),
            (both("$..[?@..none]"), "looks at more than"),
            (both("$[?count($..*) > 1]"), "finds more than"),
            (both("$..[?$[0] == $[1]]"), "looks at more than"),
            (
                both(&format!("${}", "[0,0,0,0]".repeat(30))),
                "finds more than",
            ),
            (
                of(&wide, "$[?count($[?@.n >= 0]) > 1]"),
                "looks at more than",
            ),
            (of(&long, "$[?search(@, '(a|a)*b')]"), "looks at more than"),
            (
                of(
                    &wide,
                    &format!("$[?{}@{}]", "(".repeat(5_000), ")".repeat(5_000)),
                ),
                "32 parts",
            ),
            (of(&wide, &"$[?@".repeat(4_000)), "character"),
            (of(&wide, &"$..*".repeat(5_000)), "longer than"),
            (of(&wide, "$[?length(@.*) == 1]"), "one place at most"),
            (of(&wide, "$[9007199254740992]"), "53 bits"),
            (of(&wide, "$[1e3]"), "`,` or `]`"),
            (of(&wide, "$['a"), "at the end of the text"),
        ],
    )
    .await;
}

#[tokio::test]
async fn patches_that_make_too_much() {
    let op = |op: &str, from: &str, path: &str| value!({ "op": op, "from": from, "path": path });
    let of = |patch: Value| value!({ "document": { "a": { "b": "text" } }, "patch": patch });
    let copies: Value = (0..60).map(|n| op("copy", "", &format!("/k{n}"))).collect();
    let nested: Value = (0..12)
        .map(|n| op("copy", "", &"/a".repeat(1 << n)))
        .collect();
    let many: Value = std::iter::repeat_n(op("copy", "/a", "/b"), 20_000).collect();
    refused(
        "json.patch",
        [
            (of(copies), "LIMIT_DOCUMENT_BYTES"),
            (of(nested), "JSON_DEPTH"),
            (of(many), "at most 10000"),
            (of(value!({ "a": 1 })), "give a list of operations"),
            (of(value!([op("move", "/a", "/a/b")])), "PATCH_SYNTAX"),
            (of(value!([op("copy", "/x", "/y")])), "PATCH_PATH"),
            (
                of(value!([{ "op": "add", "path": "a", "value": 1 }])),
                "patch cannot be read",
            ),
            (
                of(value!([{ "op": "add", "path": "/a/x/y", "value": 1 }])),
                "PATCH_PATH",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn texts_that_are_not_what_they_should_be() {
    refused(
        "text.decode_base64",
        [
            (text("YQ==="), "not base64"),
            (text("Y"), "not base64"),
            (text("-/8="), "not base64"),
            (text("é"), "not base64"),
            (text("/w=="), "no UTF-8"),
        ],
    )
    .await;
    refused(
        "text.decode_url",
        [
            (text("%"), "hexadecimal"),
            (text("%2"), "hexadecimal"),
            (text("%+1"), "hexadecimal"),
            (text("%é0"), "hexadecimal"),
            (text("%c3%28"), "no UTF-8"),
        ],
    )
    .await;
    let hex = value!({ "text": "0g", "form": "hex" });
    refused("hash.digest", [(hex, "not hex")]).await;
    let large = text("ü".repeat(12 << 20));
    refused("text.encode_url", [(large, "more than")]).await;
}

#[cfg(feature = "json-schema")]
#[tokio::test]
async fn schemas_that_ask_for_too_much() {
    let of = |schema: Value, value: Value| value!({ "schema": schema, "value": value });
    // Each refers to the next one twice.
    let chain = |n: usize, key: &str| {
        let one = |i: usize| {
            let next = value!({ "$ref": format!("#/$defs/s{}", i + 1) });
            value!({ key: [next.clone(), next] })
        };
        let mut defs: graphloom::value::Map = (0..n).map(|i| (format!("s{i}"), one(i))).collect();
        defs.insert(format!("s{n}"), value!({ "type": "integer" }));
        Value::Map(defs)
    };
    let with = |defs: Value, rest: Value| {
        let Value::Map(mut schema) = rest else {
            unreachable!()
        };
        schema.insert("$defs", defs);
        Value::Map(schema)
    };
    let bomb = |key: &str| with(chain(40, key), value!({ "$ref": "#/$defs/s0" }));
    let mut list = value!(1);
    for _ in 0..60 {
        list = value!([list]);
    }
    let tree = value!({ "anyOf": [{ "items": { "$ref": "#" } }, { "items": { "$ref": "#" } }] });
    let mut open = value!({ "properties": { "a": true } });
    for _ in 0..60 {
        open = value!({ "allOf": [open], "unevaluatedProperties": false });
    }
    let nested = (0..100).fold(
        value!({ "type": "integer" }),
        |inner, _| value!({ "not": inner }),
    );
    refused(
        "json.schema_check",
        [
            (of(bomb("allOf"), value!(1)), "steps"),
            (of(bomb("anyOf"), value!(1)), "steps"),
            (of(bomb("oneOf"), value!(1)), "steps"),
            (of(tree, list.clone()), "steps"),
            (of(open, value!({ "a": 1 })), "steps"),
            (of(value!({ "$ref": "#" }), value!(1)), "refers to itself"),
            (
                of(value!({ "allOf": [{ "$ref": "#" }] }), value!(1)),
                "refers to itself",
            ),
            (
                of(
                    value!({ "$dynamicRef": "#a", "$dynamicAnchor": "a" }),
                    value!(1),
                ),
                "refers to itself",
            ),
            (
                of(value!({ "$id": "http://x/y", "$ref": "y" }), value!(1)),
                "refers to itself",
            ),
            (
                of(value!({ "$ref": "http://localhost:1/" }), value!(1)),
                "nothing is fetched",
            ),
            (
                of(value!({ "$ref": "file:///etc/passwd" }), value!(1)),
                "nothing is fetched",
            ),
            (
                of(value!({ "$schema": "http://localhost:1/" }), value!(1)),
                "schema cannot be used",
            ),
            (
                of(value!({ "$ref": "#/$defs/none" }), value!(1)),
                "which is not in it",
            ),
            (
                of(value!({ "pattern": "(?=a)" }), value!("a")),
                "schema cannot be used",
            ),
            (
                of(
                    value!({ "pattern": "((a{1000}){1000}){1000}" }),
                    value!("a"),
                ),
                "schema cannot be used",
            ),
            (
                of(value!({ "type": 5 }), value!(1)),
                "schema cannot be used",
            ),
            (of(value!("no schema"), value!(1)), "schema cannot be used"),
            (of(value!({}), value!([f64::NAN])), "the number NaN"),
            (of(value!({}), doubled(22)), "more than"),
        ],
    )
    .await;
    // These are fine, and must stay so: what is not reached is not paid for.
    let engine = engine();
    let unused = with(
        chain(40, "allOf"),
        value!({ "properties": { "x": { "$ref": "#/$defs/s0" } } }),
    );
    let backtracks = value!({ "pattern": "(a+)+$" });
    let many: Value = (0..100_000).collect::<Vec<i64>>().into();
    let recursive = value!({ "anyOf": [{ "type": "integer" }, { "items": { "$ref": "#" } }] });
    for inputs in [
        of(recursive, list.clone()),
        of(unused, value!({ "y": 1 })),
        of(
            backtracks,
            Value::from(format!("{}b", "a".repeat(50 << 10))),
        ),
        of(value!({ "items": { "type": "text" } }), value!([])),
        of(
            value!({ "items": { "type": "string" }, "uniqueItems": true }),
            many,
        ),
        of(nested, value!(1)),
        of(value!({ "type": "integer" }), value!(u64::MAX)),
    ] {
        let found = error(&engine, "json.schema_check", &inputs).await;
        let fine = found
            .as_ref()
            .is_none_or(|found| found.contains("/items/type"));
        assert!(fine, "{found:?}");
    }
}
